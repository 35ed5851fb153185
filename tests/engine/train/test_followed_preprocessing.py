"""Pictures of a run that begins from weights are brought to the input as theirs were, to the last bit, ever after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from resnet_gui.data.model_card import ModelInfo
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import evolve
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.engine.evaluate.measuring import measure_evaluation
from resnet_gui.engine.predict.models import open_network
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.evaluation.folder import read_evaluation
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import save_model, weights_sha256
from resnet_gui.protocol.evaluation_messages import MeasureEvaluation
from resnet_gui.protocol.jobs import ModelRequest, Resume, Train
from resnet_gui.runs.events import RunEvent, RunStarted, StepDone
from resnet_gui.runs.folder import BEST_FILE, read_run_info
from resnet_gui.runs.history import replay
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from tests.engine.train.tiny_run import SPEC


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Pictures of odd sizes, with a validation part."""
    generator = np.random.default_rng(0)
    for part, count in (("train", 8), ("val", 4)):
        for name, lift in (("dark", 0), ("light", 127)):
            folder = tmp_path / "pictures" / part / name
            folder.mkdir(parents=True)
            for number in range(count):
                grey = generator.integers(0, 128, (11 + number, 17), dtype=np.uint8) + np.uint8(lift)
                Image.fromarray(grey).save(folder / f"{number:02}.png")
    return tmp_path / "pictures"


@pytest.fixture
def weights(tmp_path: Path) -> Callable[..., StartRequest]:
    def make(**changes: object) -> StartRequest:
        torch.manual_seed(0)
        state = ResNet(plan(SPEC)).state_dict()
        card = ModelInfo(
            name="x", spec=SPEC, classes=("dark", "light"), mean=(0.25,), std=(0.5,), data="x", top1=0.5,
            sha256=weights_sha256(state),
        )  # fmt: skip
        save_model(tmp_path / "w.safetensors", state, msgspec.structs.replace(card, **changes))
        return StartRequest(model=str(tmp_path / "w.safetensors"))

    return make


def job(folder: Path, pictures: Path, start: StartRequest) -> Train:
    recipe = Recipe(data=str(pictures), epochs=2, batch_size=8, lr=0.01, augment="none")
    return Train(1, str(folder), "x", SPEC, recipe, "cpu", start)


@pytest.mark.parametrize("changes", [{"resize": 10}, {"resize": 10, "interpolation": "bicubic"}, {"fit": "pad"}, {}])
def test_training_tests_answers_and_evaluation_see_the_same_pixels(
    tmp_path: Path, pictures: Path, weights: Callable[..., StartRequest], changes: dict[str, object]
) -> None:
    told: list[RunEvent] = []
    run = tmp_path / "run"
    assert train(job(run, pictures, weights(**changes)), told.append, Control()).status == "finished"
    info = read_run_info(run)
    expected = {"resize": 0, "interpolation": "bilinear", "fit": "crop"} | changes
    answering = open_network(run / BEST_FILE).preprocess
    for how in (info.preprocess, answering):
        assert {name: getattr(how, name) for name in expected} == expected
        assert (how.mean, how.std) == ((0.25,), (0.5,))
    data = load(str(pictures), SPEC.input, known=info.data, recipe=info.recipe)
    for number, path in enumerate(data.test.files):
        assert (data.test.images[number].numpy() == read_pixels(path, SPEC.input, answering)).all()
    order = MeasureEvaluation(job=1, model_request=ModelRequest(model=str(run)), data=str(pictures / "val"))
    answers = read_evaluation(measure_evaluation(order, lambda _event: None, lambda: True)).answers
    assert answers.top1.value == 1 - replay(run).best_error  # type: ignore[operator]
    started = next(event for event in told if isinstance(event, RunStarted))
    assert ("brought to the input as for these weights" in started.start[-1]) == bool(changes)


def test_a_fit_that_is_asked_for_is_taken_whatever_the_weights_want(
    tmp_path: Path, pictures: Path, weights: Callable[..., StartRequest]
) -> None:
    asked = job(tmp_path / "run", pictures, weights(fit="pad"))
    asked = msgspec.structs.replace(asked, recipe=msgspec.structs.replace(asked.recipe, fit="crop", epochs=1))
    assert train(asked, lambda _event: None, Control()).status == "finished"
    assert read_run_info(tmp_path / "run").preprocess.fit == "crop"
    assert open_network(tmp_path / "run" / BEST_FILE).preprocess.fit == "crop"


def test_a_run_with_a_margin_goes_on_to_the_same_end(
    tmp_path: Path, pictures: Path, weights: Callable[..., StartRequest]
) -> None:
    start = weights(resize=10)
    whole = train(job(tmp_path / "whole", pictures, start), lambda _event: None, Control())
    control = Control()

    def stop(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step == 3:
            control.stop()

    assert train(job(tmp_path / "cut", pictures, start), stop, control).status == "stopped"
    ended = train(Resume(1, str(tmp_path / "cut")), lambda _event: None, Control())
    assert ended.result is not None
    assert whole.result is not None
    assert ended.result.weights_sha256 == whole.result.weights_sha256


def test_the_margin_is_in_proportion_to_the_input(
    tmp_path: Path, pictures: Path, weights: Callable[..., StartRequest]
) -> None:
    small = job(tmp_path / "run", pictures, weights(resize=10))
    larger = msgspec.structs.replace(small, spec=evolve(SPEC, input=(1, 16, 16)))
    assert train(larger, lambda _event: None, Control()).status == "finished"
    assert read_run_info(tmp_path / "run").data.resize == 20


def test_pictures_that_come_as_arrays_have_the_margin_too() -> None:
    plain = load("digits", (1, 8, 8))
    known = load("digits", (1, 8, 8), known=Scaling(resize=12))
    assert (known.identity.resize, known.scaling.resize) == (12, 12)
    assert known.identity.sha256 != plain.identity.sha256
    image = Image.fromarray(plain.test.images[0][0].numpy()).resize((12, 12), Image.Resampling.BILINEAR)
    assert (known.test.images[0][0].numpy() == np.asarray(image.crop((2, 2, 10, 10)))).all()

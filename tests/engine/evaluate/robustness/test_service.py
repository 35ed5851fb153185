"""Robustness of a real evaluation: the network inside on the program's own samples, as window and command line ask."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets
from resnet_gui.engine.evaluate.measuring import measure_evaluation
from resnet_gui.engine.evaluate.robustness import service
from resnet_gui.engine.evaluate.robustness.evaluated_model import evaluated_model
from resnet_gui.engine.evaluate.robustness.pixels import corrupted
from resnet_gui.evaluation.corruptions import CORRUPTIONS
from resnet_gui.evaluation.folder import read_evaluation
from resnet_gui.evaluation.robustness import read_robustness
from resnet_gui.protocol.evaluation_events import AttackCounted, RobustnessCounted
from resnet_gui.protocol.evaluation_messages import (
    AttackPicture,
    CorruptPicture,
    MeasureAttacks,
    MeasureEvaluation,
    MeasureRobustness,
    MeasureSettings,
)
from resnet_gui.protocol.events import Event, Progressed
from resnet_gui.protocol.model_request import ModelRequest

FROG = "frog"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESNET_GUI_HOME", str(home))
        for path in sorted((assets() / "samples").glob("*.jpg")):
            (home / "data" / path.stem).mkdir(parents=True)
            shutil.copy(path, home / "data" / path.stem)
        request = ModelRequest(model="cifar10-resnet20", device="cpu")
        job = MeasureEvaluation(job=1, model_request=request, data=str(home / "data"))
        yield str(measure_evaluation(job, lambda _event: None, lambda: True))


@pytest.fixture
def sent() -> list[Event]:
    return []


def frog(folder: str) -> int:
    files = read_evaluation(Path(folder)).answers.files
    return next(number for number, file in enumerate(files) if FROG in file)


def png(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image).transpose(2, 0, 1)


def test_curves_begin_with_the_evaluations_own_answers_and_are_kept_in_its_folder(
    folder: str, sent: list[Event]
) -> None:
    keys = ("gaussian_blur", "jpeg_compression")
    job = MeasureRobustness(job=2, folder=folder, corruptions=keys)
    assert service.measure_robustness(job, sent.append, lambda: True).folder == folder
    record, answers = read_robustness(Path(folder)), read_evaluation(Path(folder)).answers
    assert record is not None
    assert record.sample.words == f"all {len(answers)} pictures"
    assert record.chance == 0.1
    assert [curve.correct[0] for curve in record.curves] == [int(answers.correct.sum())] * 2
    points = [event for event in sent if isinstance(event, RobustnessCounted)]
    assert [(one.corruption, one.severity) for one in points] == [(key, level) for key in keys for level in range(6)]
    assert [one.correct for one in points] == [count for curve in record.curves for count in curve.correct]
    assert [(one.done, one.total) for one in points] == [(done, 12) for done in range(1, 13)]
    whole = [event for event in sent if isinstance(event, Progressed)]
    assert (whole[-1].done, whole[-1].total) == (12 * len(answers), 12 * len(answers))
    sent.clear()  # all of it is known now, and said again
    service.measure_robustness(job, sent.append, lambda: False)
    assert [event for event in sent if isinstance(event, RobustnessCounted)] == points


def test_a_picture_is_shown_before_and_after_with_both_answers(folder: str, sent: list[Event]) -> None:
    settings = {"gaussian_blur": 1.0, "gaussian_noise": 0.1, "jpeg_compression": 40.0, "rotation": 0.0}
    number, model = frog(folder), evaluated_model(folder)
    job = CorruptPicture(job=3, folder=folder, number=number, settings=settings, seed=5)
    shown = service.corrupt_picture(job, sent.append, lambda: True)
    plain = model.read([number])
    assert np.array_equal(png(shown.before_png), plain[0])
    assert np.array_equal(png(shown.after_png), corrupted(plain, [number], settings, seed=5)[0])
    answers = read_evaluation(Path(folder)).answers
    assert (shown.before[0].index, shown.truth) == (answers.answer[number], answers.truth[number])
    assert shown.before[0].probability == pytest.approx(float(answers.confidence[number]), abs=1e-5)
    assert shown.after[0].probability != shown.before[0].probability
    assert len(shown.after) == 5
    same = service.corrupt_picture(
        CorruptPicture(job=3, folder=folder, number=number, settings={}), sent.append, lambda: True
    )
    assert same.after_png == same.before_png
    assert same.after == same.before


def test_an_attack_is_shown_with_its_difference_amplified(folder: str, sent: list[Event]) -> None:
    number = frog(folder)
    job = AttackPicture(job=4, folder=folder, number=number, epsilon=2.0)
    shown = service.attack_picture(job, sent.append, lambda: True)
    assert (shown.steps, shown.step_size, shown.largest, shown.factor) == (1, 2.0, 2.0, 63)
    shots = (shown.before_png, shown.after_png, shown.difference_png)
    before, after, difference = (png(data).astype(int) for data in shots)
    assert np.array_equal(difference, 128 + 63 * (after - before))
    assert set(np.unique(after - before)) <= {-2, -1, 0, 1, 2}
    of_truth = [{score.index: score.probability for score in each} for each in (shown.before, shown.after)]
    assert of_truth[1].get(shown.truth, 0) < of_truth[0][shown.truth]
    stronger = service.attack_picture(
        AttackPicture(job=4, folder=folder, number=number, epsilon=2.0, steps=10), sent.append, lambda: True
    )
    assert stronger.step_size == 0.5
    assert stronger.largest <= 2 + 1e-4
    assert stronger.after[0].index != shown.truth


def test_accuracy_falls_with_epsilon_and_settings_together_are_one_share(folder: str, sent: list[Event]) -> None:
    service.measure_attacks(MeasureAttacks(job=5, folder=folder, epsilons=(8.0, 1.0)), sent.append, lambda: True)
    points = [event for event in sent if isinstance(event, AttackCounted)]
    assert [one.epsilon for one in points] == [0.0, 1.0, 8.0]
    assert points[0].correct >= points[1].correct >= points[2].correct
    assert points[2].correct < points[0].correct
    record = read_robustness(Path(folder))
    assert record is not None
    assert [each.correct for each in record.attack_curve(1)] == [one.correct for one in points]
    settings = {key: it.small[-1] for key, it in CORRUPTIONS.items()}
    job = MeasureSettings(job=6, folder=folder, settings=settings)
    found = service.measure_settings(job, sent.append, lambda: True)
    record = read_robustness(Path(folder))
    assert record is not None
    assert record.combination(settings) is not None
    assert (found.pictures, found.correct) == (record.sample.pictures, record.combined[-1].correct)
    assert record.attacks  # one file for all of it


def test_a_measurement_asks_between_batches_whether_to_go_on(folder: str, sent: list[Event]) -> None:
    shown = []

    def go_on() -> bool:
        job = CorruptPicture(job=8, folder=folder, number=0, settings={"shift": 1.0})
        shown.append(service.corrupt_picture(job, sent.append, lambda: True))
        return len(shown) < 2

    with pytest.raises(InputError, match="what it has measured is kept"):
        service.measure_robustness(
            MeasureRobustness(job=7, folder=folder, corruptions=("brightness",), pictures=6, seed=1), sent.append, go_on
        )
    assert [one.job for one in shown] == [8, 8]


@pytest.mark.parametrize(
    ("job", "sentence"),
    [
        (CorruptPicture(job=9, folder="", number=99, settings={}), "There is no picture 99"),
        (CorruptPicture(job=9, folder="", number=0, settings={"fog": 1.0}), "There is no corruption 'fog'"),
        (CorruptPicture(job=9, folder="", number=0, settings={"shift": 7.0}), "Shift is set to 7"),
        (AttackPicture(job=9, folder="", number=0, epsilon=300.0), "ε is 300/255"),
        (AttackPicture(job=9, folder="", number=-1, epsilon=1.0), "There is no picture -1"),
    ],
)
def test_what_cannot_be_shown_is_a_sentence(
    folder: str, sent: list[Event], job: CorruptPicture | AttackPicture, sentence: str
) -> None:
    asked = msgspec.structs.replace(job, folder=folder)
    show = service.corrupt_picture if isinstance(job, CorruptPicture) else service.attack_picture
    with pytest.raises(InputError, match=sentence):
        show(asked, sent.append, lambda: True)  # type: ignore[arg-type]

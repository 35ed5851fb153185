"""Fast answers in 8 bits: compared with exact ones first, refused where they differ, and remembered."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import nn

from resnet_gui.base.files import assets
from resnet_gui.engine.predict import quantising
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.engine.predict.models import LoadedModel, ModelCache
from resnet_gui.engine.predict.quantising import Calibrating, Quantising, QuantisingStopped
from resnet_gui.network.activation_ranges import activation_ranges
from resnet_gui.network.fusion import folded
from resnet_gui.network.quantised import quantisation
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.jobs import ModelRequest

SHIPPED = "cifar10-resnet20"
PHOTOS = tuple(sorted((assets() / "samples").glob("*.jpg")))


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    return ModelCache().get(SHIPPED)[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESNET_GUI_HOME", str(tmp_path))
    return tmp_path / "int8"


@torch.inference_mode()
def asked(
    loaded: LoadedModel,
    calibrating: Calibrating = Calibrating(PHOTOS),  # noqa: B008 (a value that nobody changes)
    clock: Callable[[nn.Module], float] = lambda _network: 0.0,
) -> tuple[nn.Module | None, str]:
    def base() -> ResNet:
        return folded(loaded.model).to(memory_format=torch.channels_last)

    example = torch.rand(1, *loaded.spec.input).contiguous(memory_format=torch.channels_last)
    return Quantising(loaded, "digest", calibrating, clock).network(base, example, 1.0)


def test_a_trained_network_agrees_with_its_exact_answers_and_the_share_is_said(loaded: LoadedModel, home: Path) -> None:
    network, words = asked(loaded)
    assert network is not None
    share = float(words.removeprefix("int8, folded and fused: ").partition("%")[0])
    assert share >= 97
    assert words.endswith(f"of 200 views of {len(PHOTOS)} pictures and {len(PHOTOS)} samples answered as exact")
    assert len(list(home.iterdir())) == 1


def test_what_was_measured_once_is_not_measured_again(loaded: LoadedModel, home: Path) -> None:
    told: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> bool:
        told.append((done, total))
        return True

    first = asked(loaded, Calibrating(PHOTOS, watch))[1]
    assert told[-1][0] == told[-1][1] > 0
    told.clear()
    assert asked(loaded, Calibrating((), watch))[1] == first
    assert not told
    (kept,) = home.iterdir()
    kept.write_bytes(b"{")
    assert asked(loaded)[1] == first
    assert kept.stat().st_size > 100


def test_a_network_that_disagrees_is_refused_with_its_figure(
    loaded: LoadedModel, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ranges that are far too small cut nearly everything off.
    real = activation_ranges

    def small(model: ResNet, batches: object) -> object:
        found = real(model, batches)  # type: ignore[arg-type]
        return type(found)(found.inputs, {path: (0.0, high / 50) for path, (_, high) in found.outputs.items()})

    monkeypatch.setattr(quantising, "activation_ranges", small)
    network, words = asked(loaded)
    assert network is None
    assert words.startswith("int8 refused: ")
    assert words.endswith("answered as exact, 97% are asked")
    assert list(home.iterdir())


def test_what_is_slower_is_not_measured(loaded: LoadedModel, home: Path) -> None:
    assert asked(loaded, clock=lambda _network: 2.0) == (None, "int8 is slower here")
    assert not home.exists()


def test_whoever_asks_for_something_else_waits_for_no_comparison(loaded: LoadedModel, home: Path) -> None:
    with pytest.raises(QuantisingStopped):
        asked(loaded, Calibrating(PHOTOS, lambda done, _total: done < 32))
    assert not home.exists()


def test_pictures_that_cannot_be_read_are_passed_over_and_samples_join_a_few(
    loaded: LoadedModel, home: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    words = asked(loaded, Calibrating((broken, PHOTOS[0])))[1]
    assert f"views of 1 picture and {len(PHOTOS)} samples answered" in words


def test_many_pictures_need_no_samples_and_none_that_can_be_read_is_said(
    loaded: LoadedModel, home: Path, tmp_path: Path
) -> None:
    none = Calibrating(tuple(tmp_path / f"{number}.jpg" for number in range(quantising.FEW)))
    assert asked(loaded, none) == (None, "int8 is not compared: no picture for that can be read")
    assert not home.exists()
    enough = PHOTOS * quantising.FEW
    assert f"views of {len(enough)} pictures answered" in asked(loaded, Calibrating(enough))[1]


@pytest.mark.parametrize(
    ("files", "samples", "words"),
    [
        (1, 0, "99.5% of 200 views of 1 picture answered as exact"),
        (3, 8, "99.5% of 200 views of 3 pictures and 8 samples answered as exact"),
        (200, 0, "99.5% of 200 pictures answered as exact"),
        (264, 0, "99.5% of 200 of 264 pictures answered as exact"),
    ],
)
def test_what_was_compared_is_counted_in_words(files: int, samples: int, words: str) -> None:
    ranges = activation_ranges(folded(ModelCache().get(SHIPPED)[1].model), [torch.rand(1, 3, 32, 32)])
    assert quantising.Int8Calibration(ranges, 0.995, 200, files, samples).words == words


@torch.inference_mode()
def test_a_network_whose_maps_overflow_has_no_answers_in_bytes(loaded: LoadedModel, home: Path) -> None:
    wild = copy.deepcopy(loaded.model)
    for module in wild.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.fill_(1e30)
    assert asked(msgspec.structs.replace(loaded, model=wild)) == (None, "int8 is not to be had here")
    with pytest.raises(RuntimeError, match="no steps cover"):
        quantisation((0.0, float("inf")))


def test_a_disk_that_keeps_nothing_costs_no_answer(
    loaded: LoadedModel, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(quantising, "write_atomic", full)
    assert asked(loaded)[0] is not None


def test_the_pictures_to_compare_on_change_no_warm_network(home: Path) -> None:
    warm = ClassifierCache(quantises=True)
    plain = ModelRequest(model=SHIPPED, device="cpu", mode="fast")
    first = warm.get(plain)
    assert warm.get(ModelRequest(model=SHIPPED, device="cpu", mode="fast", calibrate_on=(str(PHOTOS[0]),))) is first
    pixels = first.prepare(PHOTOS[0]).pixels[None]
    exact = warm.get(ModelRequest(model=SHIPPED, device="cpu"))
    assert np.argmax(first.scores(pixels)) == np.argmax(exact.scores(pixels))

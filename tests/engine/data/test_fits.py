"""A picture of another shape becomes the input in three ways, the same wherever it is read."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import InterpolationMode, v2

from resnet_gui.data.model_card import ModelInfo
from resnet_gui.data.preprocessing import Interpolation, PictureFit, Scaling, padded
from resnet_gui.design.bounds import Shape
from resnet_gui.design.presets import PRESETS
from resnet_gui.engine.data import datasets
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.loaders import resized
from resnet_gui.engine.data.pictures import pixels, prepare
from resnet_gui.training.recipe import Recipe
from tests.conftest import examples

FITS: tuple[PictureFit, ...] = get_args(PictureFit)
SHAPE = (3, 12, 16)
CPU = torch.device("cpu")


def random_picture(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(width + 99 * height).integers(0, 256, (height, width, 3), np.uint8))


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of pictures of many shapes."""
    folder = tmp_path_factory.mktemp("shapes")
    for number, size in enumerate([(40, 9), (9, 40), (16, 12), (33, 21), (21, 33), (8, 6)] * 2):
        path = folder / ("flat", "high")[number % 2] / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        random_picture(*size).save(path)
    return folder


@pytest.mark.parametrize("fit", FITS)
def test_training_validation_predict_and_evaluate_read_the_same_pixels(
    shapes: Path, fit: PictureFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(data=str(shapes), fit=fit)
    held = load(str(shapes), SHAPE, recipe=recipe)
    monkeypatch.setattr(datasets, "MAX_BYTES", 0)
    streamed = load(str(shapes), SHAPE, recipe=recipe)
    assert streamed.train.streamed
    card = ModelInfo(
        name="x", spec=PRESETS["resnet20"].spec, classes=(), mean=(0.5,) * 3, std=(0.5,) * 3, data="", top1=0.0,
        sha256="", fit=fit,
    )  # fmt: skip
    for there, here in ((held.train, streamed.train), (held.test, streamed.test)):
        source = streamed.source(here, SHAPE, CPU)
        ((images, labels),) = source.batches([torch.arange(len(here.labels))])
        assert torch.equal(images, there.images)
        assert torch.equal(labels, there.labels)
        for path, image in zip(there.files, there.images, strict=True):
            for quick in (False, True):
                assert np.array_equal(prepare(path, SHAPE, card.preprocess, quick=quick).pixels[0], image.numpy())
            array = torch.from_numpy(np.asarray(Image.open(path)).transpose(2, 0, 1).copy())[None]
            assert torch.equal(resized(array, SHAPE, held.scaling)[0], image)


@given(
    width=st.integers(1, 60), height=st.integers(1, 60), side=st.integers(1, 40),
    method=st.sampled_from(["bilinear", "bicubic"]),
)  # fmt: skip
@examples(60)
def test_a_squeezed_and_a_padded_picture_are_torchvisions(
    width: int, height: int, side: int, method: Interpolation
) -> None:
    picture = random_picture(width, height)
    mode = InterpolationMode(method)
    wide = (3, side, side + 3)
    theirs = v2.Resize((side, side + 3), mode)(picture)
    ours = pixels(picture, wide, Scaling(fit="squeeze", interpolation=method))
    assert np.array_equal(ours.transpose(1, 2, 0), np.asarray(theirs))
    if min(int(side * width / height), int(side * height / width)) < 1:
        return  # torchvision refuses a picture without a pixel
    theirs = v2.Compose([v2.Resize(None, mode, max_size=side), v2.CenterCrop(side)])(picture)
    ours = pixels(picture, (3, side, side), Scaling(fit="pad", interpolation=method))
    assert np.array_equal(ours.transpose(1, 2, 0), np.asarray(theirs))


@pytest.mark.parametrize("shape", [(3, 20, 50), (3, 50, 20), (1, 9, 9)])
def test_the_bars_are_black_and_the_whole_picture_is_between_them(shape: Shape) -> None:
    white = Image.new("RGB", (31, 17), "white")
    found = pixels(white, shape, Scaling(fit="pad"))
    rows, columns = (np.flatnonzero(found.max((0, axis))) for axis in (2, 1))
    inside = found[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert set(found.ravel().tolist()) == {0, 255}
    assert inside.min() == 255
    assert inside.shape[:0:-1] == padded((31, 17), (shape[2], shape[1]))
    for places, whole in ((rows, shape[1]), (columns, shape[2])):
        assert whole - 1 - places[-1] - places[0] in {0, 1}, "bars of one width, the last one a pixel more"


def test_a_large_jpeg_that_is_squeezed_or_padded_is_decoded_smaller_and_looks_the_same(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 900, dtype=np.uint8)
    Image.fromarray(np.stack([np.tile(ramp, (400, 1))] * 3, 2)).save(tmp_path / "a.jpg")
    for fit in FITS:
        exact, quick = (prepare(tmp_path / "a.jpg", (3, 24, 24), Scaling(fit=fit), quick=way) for way in (False, True))
        assert exact.size == quick.size == (900, 400)
        assert np.abs(exact.pixels.astype(int) - quick.pixels).max() <= 3

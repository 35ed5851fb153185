"""Large pictures scaled in strips have the bytes of a resize of the whole, whatever part of it is decoded already."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Preprocess, Scaling
from resnet_gui.engine.data.pictures import prepare
from resnet_gui.engine.data.scaling import strips
from resnet_gui.engine.data.scaling.crops import crops
from resnet_gui.engine.data.scaling.flat import flat_image
from resnet_gui.engine.data.scaling.strips import StripScaling, rows_come_first
from resnet_gui.engine.data.scaling.turns import SIDEWAYS, TURNS, upright_rows

SHAPE = (3, 24, 20)
HOW = Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3, resize=28)


@pytest.fixture(autouse=True, scope="module")
def small_strips() -> Iterator[None]:
    """Pictures of some hundred pixels count as large, and have several strips."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strips, "LARGE", 200)
        patch.setattr(strips, "STRIP", 300)
        yield


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    pixels = np.random.default_rng(size).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    return Image.fromarray(pixels).convert("RGB").convert(mode) if mode != "RGBA" else Image.fromarray(pixels)


def saved(path: Path, image: Image.Image, orientation: int = 1, **options: Any) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(path, exif=exif, **options)
    return path


def whole(image: Image.Image, shape: tuple[int, int, int], how: Scaling, views: int) -> NDArray[np.uint8]:
    """As torchvision goes: the whole picture turned, then in the wanted colours, then scaled."""
    return crops(flat_image(ImageOps.exif_transpose(image), shape[0]), shape, how, views)


@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)).filter(lambda size: size[0] * size[1] >= 200),
    mode=st.sampled_from(["RGB", "L", "1", "P", "RGBA", "CMYK", "LA"]),
    orientation=st.integers(1, 8),
    how=st.builds(
        Scaling, resize=st.integers(1, 60), interpolation=st.sampled_from(["bilinear", "bicubic"]),
        fit=st.sampled_from(["crop", "squeeze", "pad"]),
    ),
    shape=st.tuples(st.sampled_from([1, 3]), st.integers(1, 40), st.integers(1, 40)),
    views=st.sampled_from([1, 10]),
    alone=st.booleans(),
)  # fmt: skip
def test_a_picture_in_strips_has_the_bytes_of_one_that_is_turned_and_scaled_as_a_whole(
    size: tuple[int, int], mode: str, orientation: int, how: Scaling, shape: tuple[int, int, int], views: int,
    alone: bool,
) -> None:  # fmt: skip
    image = noise(size, mode)
    image.getexif()[0x0112] = orientation
    expected = whole(image, shape, how, views)
    with StripScaling(shape, how, views, alone=alone) as scaling:
        assert np.array_equal(scaling.crops(image), expected)


@pytest.mark.parametrize("options", [{}, {"subsampling": 0, "quality": 95}, {"progressive": True}], ids=str)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("orientation", [1, 2, 6])
def test_a_jpeg_has_the_same_bytes_where_a_second_thread_helps(
    tmp_path: Path, mode: str, orientation: int, options: dict[str, Any]
) -> None:
    path = saved(tmp_path / "a.jpg", noise((90, 61), mode), orientation, **options)
    with Image.open(path) as image:
        expected = whole(image, SHAPE, HOW, 1)
    for alone in (False, True):
        assert np.array_equal(prepare(path, SHAPE, HOW, alone=alone).pixels, expected)


def test_a_black_jpeg_and_one_of_the_colour_of_the_mark_are_scaled_too(tmp_path: Path) -> None:
    mark = strips.MARK["L"]
    assert isinstance(mark, int)
    for colour in (0, mark):
        path = saved(tmp_path / "a.jpg", Image.new("L", (90, 61), colour), quality=100)
        assert set(prepare(path, SHAPE, HOW, alone=True).pixels.flat) == {colour}


def test_strips_are_scaled_while_the_rest_of_a_jpeg_is_not_decoded_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a.jpg", noise((160, 200)), quality=95)
    monkeypatch.setattr(ImageFile, "MAXBLOCK", 4000)
    scaled = threading.Event()
    begin = strips._Strips._begin

    def began(self: Any, count: int) -> None:
        begin(self, count)
        if 0 < count < len(self._rows):
            # The decoder waits until the second thread has scaled one.
            self._begun[0].result()
            scaled.set()

    monkeypatch.setattr(strips._Strips, "_begin", began)
    with Image.open(path) as image:
        expected = whole(image, SHAPE, HOW, 1)
    assert np.array_equal(prepare(path, SHAPE, HOW, alone=True).pixels, expected)
    assert scaled.is_set()


def test_a_jpeg_that_ends_early_is_refused_whatever_of_it_is_scaled_already(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", noise((160, 200)), quality=95)
    data, before = path.read_bytes(), threading.active_count()
    for part in (0.3, 0.6, 0.9):
        path.write_bytes(data[: int(len(data) * part)])
        with pytest.raises(InputError, match=r"a\.jpg cannot be read: image file is truncated"):
            prepare(path, SHAPE, HOW, alone=True)
    assert threading.active_count() == before


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_rows_are_rows_of_the_upright_picture(orientation: int) -> None:
    image = noise((7, 5))
    turn = TURNS.get(orientation)
    upright = np.asarray(image if turn is None else image.transpose(turn))
    assert (upright.shape[0] == 7) is (turn in SIDEWAYS)
    for top in range(len(upright)):
        for bottom in range(top + 1, len(upright) + 1):
            assert np.array_equal(np.asarray(upright_rows(image, turn, top, bottom)), upright[top:bottom])


@pytest.mark.parametrize("size", [(200, 300), (100, 240), (50, 400), (61, 300), (40, 30), (10, 60)])
def test_rows_come_first_only_where_pillow_resizes_them_first(size: tuple[int, int]) -> None:
    image, (width, height) = noise(size), (20, 30)
    rows = image.resize((width, size[1]), Image.Resampling.BILINEAR).resize((width, height), Image.Resampling.BILINEAR)
    if rows_come_first(size, (width, height)):
        assert rows.tobytes() == image.resize((width, height), Image.Resampling.BILINEAR).tobytes()
    else:
        assert size[1] / height > size[0] / width


def test_rows_that_no_crop_shows_are_not_scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    image, how = noise((20, 100)), Scaling(resize=20)
    seen: list[int] = []

    def rows(image: Image.Image, turn: Any, top: int, bottom: int) -> Image.Image:
        seen.extend(range(top, bottom))
        return upright_rows(image, turn, top, bottom)

    monkeypatch.setattr(strips, "upright_rows", rows)
    with StripScaling((3, 10, 10), how, 1, alone=False) as scaling:
        scaling.crops(image)
    # Rows 45 to 54 are in the crop, and each looks one further.
    assert sorted(seen) == list(range(min(seen), max(seen) + 1))
    assert 40 < min(seen) < 45
    assert 54 < max(seen) < 59

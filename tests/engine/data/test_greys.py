"""Greys of more than 8 bits keep what they hold: by their file's word, their set's values, or their own."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from resnet_gui.data.grey_range import EACH_ITS_OWN, FULL_RANGE, GreyRange
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.data.preprocessing import Preprocess, Scaling, describe_steps
from resnet_gui.engine.data import picture_survey
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.greys import as_bytes, enclosing, values_used
from resnet_gui.engine.data.picture_survey import evenly, not_finite_notice, survey_depth
from resnet_gui.engine.data.pictures import open_picture, prepare, read_pixels
from resnet_gui.engine.train.estimate import fit_of
from resnet_gui.runs.folder import DataIdentity
from tests.conftest import examples
from tests.engine.data.picture_files import chunk, encoded, packed, png

ROW = (1, 1, 4)


def written(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def deep(values: list[int] | list[float], kind: str = "<u2") -> Image.Image:
    return Image.fromarray(np.array([values], dtype=kind))


def read(path: Path, greys: GreyRange = EACH_ITS_OWN) -> list[int]:
    found: list[int] = read_pixels(path, ROW, Scaling(greys=greys)).ravel().tolist()
    return found


def scaled(values: list[int], black: float, white: float) -> list[int]:
    exact: NDArray[np.float64] = (np.array(values) - black) / (white - black) * 255
    found: list[int] = np.round(np.clip(exact, 0, 255)).astype(int).tolist()
    return found


# ---- one picture


@given(bits=st.integers(8, 16), drawn=st.lists(st.integers(0, 2**16 - 1), min_size=1, max_size=6))
def test_values_of_so_many_bits_reach_the_network_from_black_to_white(bits: int, drawn: list[int]) -> None:
    values = [0, 2**bits - 1, *(value % 2**bits for value in drawn)]
    for kind in ("<u2", ">u2", "<i4"):
        found = np.asarray(as_bytes(deep(values, kind), EACH_ITS_OWN))[0].tolist()
        assert found == scaled(values, 0, 2**bits - 1)


FORMS: dict[str, dict[str, Any]] = {"PNG": {}, "TIFF": {}, "PPM": {}, "JPEG2000": {"irreversible": False}}


@pytest.mark.parametrize("form", FORMS)
def test_twelve_bits_in_a_file_of_sixteen_keep_all_greys_in_every_form(tmp_path: Path, form: str) -> None:
    values = np.tile(np.linspace(0, 4095, 256).astype("<u2"), (16, 1))
    path = written(tmp_path / "a.bin", encoded(Image.fromarray(values), form, **FORMS[form]))
    assert len(np.unique(read_pixels(path, (1, 16, 256)))) == 256


def test_a_big_endian_tiff_and_one_of_many_pages_keep_their_range(tmp_path: Path) -> None:
    big = struct.pack(">2sHI", b"MM", 42, 16) + np.array([0, 1000, 2000, 4095], ">u2").tobytes()
    tags = {256: 4, 257: 1, 258: 16, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: 8}
    entries = b"".join(
        struct.pack(">HHI", tag, 3, 1) + struct.pack(">H", value) + b"\0\0" for tag, value in sorted(tags.items())
    )
    path = written(tmp_path / "big.tif", big + struct.pack(">H", len(tags)) + entries + bytes(4))
    assert read(path) == scaled([0, 1000, 2000, 4095], 0, 4095)
    pages = [deep([0, 100, 500, 1023]), deep([0, 1, 2, 60_000])]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert read(written(tmp_path / "pages.tif", data)) == scaled([0, 100, 500, 1023], 0, 1023)


@pytest.mark.parametrize(
    ("bits", "values", "white"),
    [
        (12, [0, 10, 20, 30], 4095),
        (10, [0, 10, 20, 1023], 1023),
        (12, [0, 10, 20, 4096], 65535),
        (16, [1, 2, 3, 4], 65535),
    ],
)
def test_a_png_that_says_its_significant_bits_is_scaled_by_them(
    tmp_path: Path, bits: int, values: list[int], white: int
) -> None:
    rows = packed(np.array([values]), 16)
    before = chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"sBIT", bytes([bits]))
    assert read(written(tmp_path / "a.png", png((4, 1), 16, 0, rows, before=before))) == scaled(values, 0, white)
    assert read(tmp_path / "a.png", GreyRange(whole=(0, 255))) == scaled(
        values, 0, white if max(values) < 2**bits else 65535
    )


def test_a_tiff_of_twelve_bits_and_one_that_names_its_largest_value_are_scaled_by_what_they_say(tmp_path: Path) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[281] = 4000
    named = written(tmp_path / "named.tif", encoded(deep([0, 10, 20, 900]), "TIFF", tiffinfo=tags))
    assert read(named) == scaled([0, 10, 20, 900], 0, 4095)
    fields = {256: 4, 257: 1, 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: 6}
    # Two values in three bytes: 0x000 0x010, 0x020 0x100.
    head = struct.pack("<2sHI", b"II", 42, 16) + bytes([0x00, 0x00, 0x10, 0x02, 0x01, 0x00, 0, 0])
    entries = b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in sorted(fields.items()))
    path = written(tmp_path / "twelve.tif", head + struct.pack("<H", len(fields)) + entries + bytes(4))
    assert read(path) == scaled([0, 0x10, 0x20, 0x100], 0, 4095)


def test_a_picture_in_which_zero_is_white_is_not_read_as_its_negative(tmp_path: Path) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    data = bytearray(encoded(deep([0, 1000, 2000, 4095]), "TIFF", tiffinfo=tags))
    place = data.find(struct.pack("<HHI", 262, 3, 1))
    data[place + 8 : place + 10] = b"\0\0"
    assert read(written(tmp_path / "a.tif", bytes(data))) == [
        255 - grey for grey in scaled([0, 1000, 2000, 4095], 0, 4095)
    ]


def test_whole_numbers_below_zero_are_darker_than_zero(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[-1000, 0, 1000, 3000]], dtype=np.int32))
    path = written(tmp_path / "tomogram.tif", encoded(image, "TIFF"))
    assert read(path) == scaled([-1000, 0, 1000, 3000], -1024, 4095)
    real = written(tmp_path / "real.tif", encoded(deep([-1.0, -0.5, 0.0, 1.0], "<f4"), "TIFF"))
    assert read(real) == [0, 64, 128, 255]


def test_a_map_that_names_its_largest_value_is_scaled_by_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pgm", b"P5 4 1 1023\n" + np.array([0, 100, 500, 1023], ">u2").tobytes())
    assert read(path) == scaled([0, 100, 500, 1023], 0, 1023)
    dark = written(tmp_path / "dark.pgm", b"P5 4 1 1023\n" + np.array([0, 1, 2, 3], ">u2").tobytes())
    assert read(dark) == scaled([0, 1, 2, 3], 0, 1023)


# ---- a set


def fill(folder: Path, tops: list[int], kind: str = "<u2") -> Path:
    for number, top in enumerate(tops):
        path = folder / "ab"[number % 2] / f"{number:03}.{'png' if kind == '<u2' else 'tif'}"
        written(path, encoded(deep([0, top // 4, top // 2, top], kind), path.suffix[1:].upper().replace("TIF", "TIFF")))
    return folder


def test_one_range_is_decided_for_all_pictures_of_a_set_and_is_said_and_kept(tmp_path: Path) -> None:
    folder = fill(tmp_path / "set", [300, 4000, *[700] * 10])
    data = load(str(folder), ROW)
    assert data.identity.greys == GreyRange(whole=(0, 4095))
    assert data.notes == ("Greys of more than 8 bits: 0 … 4,095 becomes black … white, by what the pictures use.",)
    first = data.train.images[0].ravel().tolist()
    assert first == scaled([0, 75, 150, 300], 0, 4095), "a dark picture stays dark beside the others"
    again = load(str(folder), ROW, known=data.identity)
    assert again.identity == data.identity
    # What the run stores is what its pictures are answered with.
    path = data.train.files[0]
    how = Preprocess(mean=(0.5,), std=(0.5,), greys=data.identity.greys)
    assert prepare(path, ROW, how).pixels.ravel().tolist() == first
    assert ("Deep greys", "0 … 4,095 to 0…255") in describe_steps(ROW, how)


def test_a_set_of_eight_bits_has_no_range_and_says_nothing(tmp_path: Path) -> None:
    for number in range(12):
        written(tmp_path / "ab"[number % 2] / f"{number}.png", encoded(Image.new("L", (4, 1), number), "PNG"))
    data = load(str(tmp_path), ROW)
    assert (data.identity.greys, data.notes) == (EACH_ITS_OWN, ())


def test_a_set_of_both_depths_scales_the_deep_ones_alone(tmp_path: Path) -> None:
    fill(tmp_path, [1000, *range(999, 990, -1)])
    written(tmp_path / "a" / "000a.png", encoded(Image.fromarray(np.array([[1, 2, 3, 4]], np.uint8)), "PNG"))
    data = load(str(tmp_path), ROW)
    assert data.train.images[0].ravel().tolist() == scaled([0, 250, 500, 1000], 0, 1023)
    assert data.train.images[1].ravel().tolist() == [1, 2, 3, 4]


def test_floats_of_a_set_share_their_smallest_and_largest_value(tmp_path: Path) -> None:
    fill(tmp_path, [2, 8, *[4] * 8], "<f4")
    data = load(str(tmp_path), ROW)
    assert data.identity.greys == GreyRange(real=(0, 8))
    assert data.train.images[0].ravel().tolist() == scaled([0, 0, 1, 2], 0, 8)


def test_values_that_are_no_finite_numbers_are_said_of_a_set_and_of_pictures(tmp_path: Path) -> None:
    fill(tmp_path / "set", [2, 8, *range(11, 19)], "<f4")
    good = sorted((tmp_path / "set" / "a").iterdir())
    assert not_finite_notice(good) == ""
    for name, value in (("nan", np.nan), ("infinite", np.inf)):
        written(tmp_path / "set" / "a" / f"{name}.tif", encoded(deep([0.0, 1.0, value, 2.0], "<f4"), "TIFF"))
    words = "hold values that are no finite numbers: NaN and −∞ are read as black, ∞ as white."
    assert load(str(tmp_path / "set"), ROW).notes[-1] == f"2 of 12 deep pictures that were looked at {words}"
    bad = tmp_path / "set" / "a" / "nan.tif"
    assert not_finite_notice([*good, bad]) == f"{bad} {words.replace('hold', 'holds', 1)}"
    both = not_finite_notice(sorted((tmp_path / "set" / "a").iterdir()))
    assert both == f"2 of 7 pictures of real numbers, the first {bad.with_name('infinite.tif')}, {words}"


@pytest.mark.parametrize("limit", ["HEADERS", "DECODED"])
def test_of_a_sample_it_is_said_how_many_were_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    paths = [
        written(
            tmp_path / f"{number}.tif", encoded(deep([0.0, 1.0, np.nan if number < 2 else 3.0, 2.0], "<f4"), "TIFF")
        )
        for number in range(4)
    ]
    monkeypatch.setattr(picture_survey, limit, 2)
    one = not_finite_notice(paths)
    assert one.startswith(f"1 of 2 pictures of real numbers that were looked at, {paths[0]}, holds values")
    two = not_finite_notice([*paths[:2], paths[0]])
    assert two.startswith(f"2 of 2 pictures of real numbers that were looked at, the first {paths[0]}, hold values")


def test_a_run_that_does_not_say_how_it_reads_greys_goes_on_as_it_began(tmp_path: Path) -> None:
    values = [0, 1000, 4095, 65535]
    path = written(tmp_path / "a.png", encoded(deep(values), "PNG"))
    assert read(path, FULL_RANGE) == scaled(values, 0, 65535)
    dark = written(
        tmp_path / "b.png", png((4, 1), 16, 0, packed(np.array([[0, 1, 2, 4095]]), 16), before=chunk(b"sBIT", b"\x0c"))
    )
    assert read(dark, FULL_RANGE) == [0, 0, 0, 16]
    real = written(tmp_path / "c.tif", encoded(deep([-50.0, 0.0, 50.0, 100.0], "<f4"), "TIFF"))
    assert read(real, FULL_RANGE) == [0, 0, 128, 255]
    old = b'{"name":"x","classes":[],"train_images":1,"test_images":1,"sha256":"","mean":[0],"std":[1]}'
    assert msgspec.json.decode(old, type=DataIdentity).greys == FULL_RANGE
    assert next(field for field in msgspec.structs.fields(ModelInfo) if field.name == "greys").default == FULL_RANGE


@given(
    tops=st.lists(st.integers(1, 2**16 - 1), min_size=1, max_size=5),
    low=st.integers(-5000, 0),
)
@examples(30)
def test_the_range_of_a_set_holds_all_values_and_at_most_twice_as_many(tops: list[int], low: int) -> None:
    images = [Image.fromarray(np.array([[low, top]], dtype=np.int32)) for top in tops]
    whole = enclosing(map(values_used, images)).whole
    assert whole is not None
    black, white = whole
    assert black <= low <= 0 < max(tops) <= white
    assert white <= max(255, 2 * max(tops))
    assert black >= min(-256, 2 * low) or black == 0


def test_a_picture_that_cannot_be_read_decides_nothing(tmp_path: Path) -> None:
    good = written(tmp_path / "a.png", encoded(deep([0, 1, 2, 500]), "PNG"))
    cut = written(tmp_path / "b.png", encoded(deep([0, 1, 2, 60_000]), "PNG")[:-30])
    bad = written(tmp_path / "c.png", b"no picture")
    assert survey_depth([good, cut, bad]).greys == GreyRange(whole=(0, 511))
    assert open_picture(good).mode == "I;16"


def deep_colours(path: Path, darkest: int, channels: int) -> Path:
    """A PNG of 16 bits a channel, which Pillow cannot write."""
    rows = packed(np.linspace(darkest, 65_535, 8 * 8 * channels).reshape(8, -1), 16)
    return written(path, png((8, 8), 16, 2 if channels == 3 else 6, rows))


@pytest.mark.parametrize("channels", [3, 4])
def test_colours_of_sixteen_bits_are_said_to_be_cut(tmp_path: Path, channels: int) -> None:
    for number in range(10):
        deep_colours(tmp_path / "ab"[number % 2] / f"{number}.png", 999 * number, channels)
    data = load(str(tmp_path), (3, 8, 8))
    assert data.notes == ("All pictures that were looked at have 16 bits a channel: the upper 8 are read.",)
    written(tmp_path / "a" / "x.png", encoded(Image.new("RGB", (8, 8)), "PNG"))
    assert load(str(tmp_path), (3, 8, 8)).notes[0].startswith("10 of 11 pictures that were looked at have 16 bits")


def test_the_form_and_an_answer_say_that_colours_are_cut_to_eight_bits(tmp_path: Path) -> None:
    for number in range(10):
        deep_colours(tmp_path / "set" / "ab"[number % 2] / f"{number}.png", 999 * number, 3)
    described: list[str | DataDescription] = []
    fit_of(str(tmp_path / "set"), tell=described.append)
    first, last = (each for each in described if isinstance(each, DataDescription))
    assert first.notes == (), "by the names alone nobody knows"
    assert last.notes == ("All pictures that were looked at have 16 bits a channel: the upper 8 are read.",)
    how = Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3)
    assert prepare(tmp_path / "set" / "a" / "0.png", (3, 8, 8), how).cut
    plain = written(tmp_path / "x.png", encoded(Image.new("RGB", (8, 8)), "PNG"))
    assert not prepare(plain, (3, 8, 8), how).cut


# ---- other kinds


@pytest.mark.parametrize(
    ("suffix", "form"),
    [
        (".jfif", "JPEG"), (".jpe", "JPEG"), (".JPE", "JPEG"), (".avif", "AVIF"), (".jp2", "JPEG2000"), (".pnm", "PPM"),
        (".apng", "PNG"), (".mpo", "MPO"),
    ],
)  # fmt: skip
def test_pictures_of_less_usual_endings_are_pictures(tmp_path: Path, suffix: str, form: str) -> None:
    for number in range(10):
        colour = Image.new("RGB", (16, 16), (200, 100, 20 * number))
        written(tmp_path / "ab"[number % 2] / f"{number}{suffix}", encoded(colour, form))
    data = load(str(tmp_path), (3, 16, 16))
    assert len(data.train.labels) == 8
    assert data.train.images[0, :, 8, 8].tolist() == pytest.approx([200, 100, 0], abs=4)


def test_the_size_of_a_set_is_that_of_its_middle_picture_and_not_of_its_first(tmp_path: Path) -> None:
    sides = [8, *[100] * 60, *[300] * 39]
    for number, side in enumerate(sides):
        kind = "RGB" if number == 90 else "L"
        written(tmp_path / "ab"[number % 2] / f"{number:03}.png", encoded(Image.new(kind, (side, side + 5)), "PNG"))
    fit = fit_of(str(tmp_path))
    assert fit.shape == (3, 96, 96)
    (tmp_path / "a" / "090.png").unlink()
    assert fit_of(str(tmp_path)).shape == (1, 96, 96)


@given(st.integers(1, 400), st.integers(1, 100))
def test_pictures_that_are_looked_at_are_spread_over_all(length: int, count: int) -> None:
    found = evenly(range(length), count)
    assert len(found) == min(length, count) == len(set(found))
    gaps = [later - sooner for sooner, later in itertools.pairwise([*found, length + found[0]])]
    assert max(gaps) - min(gaps) <= 1

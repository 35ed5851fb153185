"""From a picture file to pixels: every mode that people have, and every file that is no picture."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.data.file_kinds import TOO_MANY_PIXELS
from resnet_gui.engine.data import pictures
from resnet_gui.engine.data.picture_paths import find_pictures, is_picture
from resnet_gui.engine.data.pictures import PLAIN, open_picture, pixels, prepare, read_pixels

GREY = np.arange(0, 240, 15, dtype=np.uint8).reshape(4, 4)


def save(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def grey(path: Path) -> NDArray[np.uint8]:
    return read_pixels(path, (1, 4, 4)).reshape(4, 4)


def colour(path: Path) -> NDArray[np.uint8]:
    return read_pixels(path, (3, 4, 4))


# ---- modes


def test_a_grey_picture_comes_back_as_it_is_and_fills_three_channels(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", Image.fromarray(GREY))
    assert np.array_equal(grey(path), GREY)
    assert np.array_equal(colour(path), np.stack([GREY] * 3))


def test_a_colour_picture_has_its_channels_first(tmp_path: Path) -> None:
    picture = np.stack([GREY, 255 - GREY, GREY // 2], axis=-1)
    found = colour(save(tmp_path / "a.png", Image.fromarray(picture)))
    assert found.dtype == np.uint8
    assert found.flags.c_contiguous
    assert np.array_equal(found, picture.transpose(2, 0, 1))


def test_a_colour_picture_becomes_grey_by_its_luminance(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", Image.new("RGB", (4, 4), (255, 0, 0)))
    assert set(grey(path).flat) == {76}  # 0.299 · 255, ITU-R 601


def test_transparent_grey_stands_on_white(tmp_path: Path) -> None:
    image = Image.merge("LA", (Image.new("L", (4, 4), 0), Image.fromarray(GREY)))
    assert np.array_equal(grey(save(tmp_path / "a.png", image)), 255 - GREY)


def test_transparent_colour_stands_on_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (4, 4), (200, 100, 0, 0))
    image.paste((200, 100, 0, 255), (0, 0, 2, 4))
    image.paste((200, 100, 0, 128), (2, 0, 3, 4))
    found = colour(save(tmp_path / "a.png", image))
    assert [tuple(found[:, 0, x]) for x in (0, 1)] == [(200, 100, 0)] * 2
    assert found[:, 0, 2] == pytest.approx([227, 177, 127], abs=1)
    assert tuple(found[:, 0, 3]) == (255, 255, 255)


def test_a_palette_with_a_transparent_colour_stands_on_white(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.paste(1, (2, 0, 4, 4))
    found = colour(save(tmp_path / "a.png", image, transparency=1))
    assert tuple(found[:, 0, 0]) == (10, 20, 30)
    assert tuple(found[:, 0, 3]) == (255, 255, 255)


def test_a_grey_picture_with_a_transparent_value_stands_on_white(tmp_path: Path) -> None:
    found = grey(save(tmp_path / "a.png", Image.fromarray(GREY), transparency=15))
    assert found[0, 1] == 255
    assert found[0, 2] == 30


def test_print_colours_become_screen_colours(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jpg", Image.new("CMYK", (4, 4), (0, 255, 255, 0)), quality=100)
    red, green, blue = colour(path)[:, 0, 0].tolist()
    assert red > 240
    assert green < 15
    assert blue < 15


@pytest.mark.parametrize(("order", "suffix"), [("<u2", "png"), ("<u2", "tif"), (">u2", "tif")])
def test_sixteen_bits_are_scaled_not_cut(tmp_path: Path, order: str, suffix: str) -> None:
    values = np.array([[0, 257, 32768, 65535]] * 4)
    path = save(tmp_path / f"a.{suffix}", Image.fromarray(values.astype(order)))
    assert grey(path)[0].tolist() == [0, 1, 128, 255]
    assert colour(path)[2, 0].tolist() == [0, 1, 128, 255]


def test_a_picture_of_one_bit_is_black_and_white(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", Image.fromarray(GREY > 100))
    assert np.array_equal(grey(path), np.where(GREY > 100, 255, 0))


def test_floats_are_scaled_to_their_largest_value(tmp_path: Path) -> None:
    values = np.array([[0.0, 5.0, 10.0, np.nan]] * 4, dtype=np.float32)
    values[:, 3] = 2.5
    path = save(tmp_path / "a.tif", Image.fromarray(values))
    assert grey(path)[0].tolist() == [0, 128, 255, 64]


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("L", (4, 4), value) for value in (50, 150, 250)]
    path = save(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:], duration=100)
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) == 3
    assert set(grey(path).flat) == {50}


TURNED: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.T,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).T,
    8: np.rot90,
}


LOSSLESS: dict[str, dict[str, Any]] = {"png": {}, "webp": {"lossless": True}, "tif": {"compression": "tiff_lzw"}}


@pytest.mark.parametrize("suffix", LOSSLESS)
@pytest.mark.parametrize("orientation", TURNED)
def test_a_picture_stands_upright_whatever_way_the_camera_was_held(
    tmp_path: Path, orientation: int, suffix: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = GREY[:3].copy()
    options = LOSSLESS[suffix]
    path = save(tmp_path / f"a.{suffix}", Image.fromarray(stored), exif=exif, **options)
    upright = np.asarray(open_picture(path).convert("L"))
    assert np.array_equal(upright, TURNED[orientation](stored))


def test_a_photo_of_a_phone_held_sideways_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("L", (16, 8), 0)
    image.paste(255, (0, 0, 8, 8))
    upright = open_picture(save(tmp_path / "a.jpg", image, exif=exif))
    assert upright.size == (8, 16)
    assert np.asarray(upright)[:4].min() > 240
    assert np.asarray(upright)[12:].max() < 15


# ---- size


def test_a_wide_picture_is_cut_round_its_centre_not_squeezed() -> None:
    wide = np.zeros((4, 12), dtype=np.uint8)
    wide[:, 4:8] = GREY
    assert np.array_equal(pixels(Image.fromarray(wide), (1, 4, 4))[0], GREY)
    assert np.array_equal(pixels(Image.fromarray(wide.T.copy()), (1, 4, 4))[0], GREY.T)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (2, 3), (333, 77)])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 33, 9)])
def test_a_picture_of_any_size_gets_the_networks_size(size: tuple[int, int], shape: tuple[int, int, int]) -> None:
    found = pixels(Image.new("RGB", size, (77, 77, 77)), shape)
    assert found.shape == shape
    assert set(found.flat) == {77}


def test_a_checkerboard_shrinks_to_grey_not_to_one_of_its_colours() -> None:
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    assert abs(pixels(Image.fromarray(board), (1, 8, 8)).astype(int) - 127).max() <= 2


@pytest.mark.parametrize("channels", [2, 4])
def test_a_network_of_a_number_of_channels_that_no_picture_has_is_told_so(channels: int) -> None:
    with pytest.raises(InputError, match=f"reads {channels} channels, but pictures have 1 .* or 3"):
        pixels(Image.new("L", (4, 4)), (channels, 4, 4))


# ---- files that are no pictures


def png(width: int, height: int) -> bytes:
    """A PNG of that size whose header is right and whose pixels are missing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(10_001, 10_000), (20_000, 20_000), (60_000, 60_000)])
def test_a_header_of_more_than_a_hundred_megapixels_is_refused_before_decoding(
    tmp_path: Path, width: int, height: int
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(width, height))
    # There are no pixels behind the header, so decoding would have complained of those.
    with pytest.raises(InputError, match=r"bomb\.png has .*pixels; more than 100 megapixels are not decoded"):
        open_picture(path)


def test_exactly_a_hundred_megapixels_are_not_too_many(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(png(10_000, 10_000))
    with pytest.raises(InputError, match=r"large\.png cannot be read"):
        open_picture(path)


@pytest.mark.parametrize(("size", "quick"), [((1200, 900), False), ((1600, 1248), True)])
def test_the_largest_photo_of_a_phone_is_decoded_at_a_fraction_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], quick: bool
) -> None:
    # Of 108 and 200 megapixels, in a hundredth of them.
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1_000_000)
    monkeypatch.setattr(pictures, "MAX_PHOTO_PIXELS", 2_000_000)
    Image.new("RGB", size, (200, 30, 30)).save(tmp_path / "photo.jpg")
    assert open_picture(tmp_path / "photo.jpg").size == (size[0] // 2, size[1] // 2)
    made = prepare(tmp_path / "photo.jpg", (3, 8, 8), PLAIN, quick=quick)
    assert made.size == size
    # A progressive one takes as much memory at any size.
    for name, larger, late in (("large.jpg", (1600, 1251), False), ("late.jpg", size, True)):
        Image.new("RGB", larger).save(tmp_path / name, progressive=late)
        with pytest.raises(InputError, match=f"{TOO_MANY_PIXELS}$"):
            open_picture(tmp_path / name)


NO_PICTURES: dict[str, bytes] = {
    "nothing.png": b"",
    "text.png": b"Dear Sir,\n",
    "page.jpg": b"<html></html>",
    "zeros.bmp": b"\0" * 500,
    "signature.gif": b"GIF89a",
    "ones.tif": b"\xff" * 500,
    "script.png": b"%!PS-Adobe-3.0\nshowpage\n",
    "drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
}


@pytest.mark.parametrize("name", NO_PICTURES)
def test_a_file_that_is_no_picture_is_refused_by_its_path(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(NO_PICTURES[name])
    with pytest.raises(InputError, match=name) as caught:
        open_picture(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_format_that_starts_another_program_is_not_opened(tmp_path: Path) -> None:
    image = Image.new("L", (4, 4))
    with pytest.raises(InputError, match="is not a picture that can be read"):
        open_picture(save(tmp_path / "a.png", image, format="EPS"))


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp", "tif"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_truncated_picture_is_refused_by_its_path(tmp_path: Path, suffix: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    path = save(tmp_path / f"cut.{suffix}", Image.fromarray(noise))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(InputError, match=rf"cut\.{suffix}"):
        open_picture(path)


@given(data=st.data())
@settings(max_examples=150)
def test_a_damaged_picture_gives_pixels_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    suffix = data.draw(st.sampled_from(["png", "jpg", "gif", "bmp", "webp", "tif", "ppm"]))
    path = tmp_path_factory.getbasetemp() / f"damaged.{suffix}"
    save(path, Image.fromarray(np.tile(GREY, (3, 3))))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    said = "damaged"
    try:
        found = read_pixels(path, (3, 5, 5))
    except InputError as error:
        said = str(error)
    else:
        assert found.shape == (3, 5, 5)
    assert "damaged" in said


def test_a_missing_picture_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no picture .*gone\.png"):
        open_picture(tmp_path / "gone.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match=r"folder\.png is a folder, not a picture"):
        open_picture(tmp_path / "folder.png")


# ---- folders


@pytest.mark.parametrize("name", ["a.png", "A.JPG", "x.jpeg", "b.webp", "c.TIFF", "d.pgm"])
def test_a_picture_is_known_by_its_name(name: str) -> None:
    assert is_picture(Path(name))


@pytest.mark.parametrize("name", ["a.txt", "png", ".png", "._a.png", ".hidden.jpg", "a.png.part", "Thumbs.db"])
def test_other_and_hidden_files_are_no_pictures(name: str) -> None:
    assert not is_picture(Path(name))


def test_a_folder_gives_its_pictures_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "sub/c.gif", "notes.txt", "._a.png"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"")
    (tmp_path / "in" / "d.png").mkdir()
    given_alone = tmp_path / "alone.txt"
    found = find_pictures([given_alone, tmp_path / "in"])
    assert found == [given_alone, *(tmp_path / "in" / name for name in ("a.jpg", "b.png", "sub/c.gif"))]


def test_a_folder_without_pictures_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"The folder {tmp_path} holds no pictures"):
        find_pictures([tmp_path])

"""Every kind of picture gets its pixels: modes in forms, bit depths, transparency, orientation, first frames, sizes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.engine.data.pictures import FORMATS, MAX_SCANS, open_picture, prepare, read_pixels
from resnet_gui.engine.data.plain_jpegs import count_scans
from resnet_gui.engine.data.scaling.flat import flat_image
from tests.engine.data.picture_files import adam7, chunk, encoded, good_files, jpeg_scans, packed, photo, png
from tests.engine.data.test_pictures import TURNED

# As in the program, where Pillow's warnings are nobody's business.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")
FIT = Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3)
CROP = Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3, resize=12)
SHAPE = (3, 8, 8)


def rgb(path: Path) -> NDArray[np.uint8]:
    return np.asarray(flat_image(open_picture(path), 3))


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# ---- modes and forms

MODES = ["1", "L", "LA", "P", "P+", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I;16", "I;16B", "I", "F"]


def in_mode(mode: str) -> Image.Image:
    colour = photo()
    wide = np.asarray(colour.convert("L")).astype(np.int32) * 257
    match mode:
        case "I;16" | "I;16B":
            return Image.fromarray(wide.astype("<u2" if mode == "I;16" else ">u2"))
        case "I":
            return Image.fromarray(wide)
        case "F":
            return Image.fromarray(wide.astype(np.float32))
        case "P" | "P+" | "PA":
            return colour.quantize(16).convert(mode[0] if mode != "PA" else mode)
        case "LAB":
            return Image.merge("LAB", colour.split())
        case "LA":
            return Image.merge("LA", (colour.convert("L"), colour.convert("L")))
        case _:
            return colour.convert(mode)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_in_every_form_that_holds_it_gives_pixels_however_it_is_read(tmp_path: Path, mode: str) -> None:
    image, held = in_mode(mode), []
    assert image.mode == mode.rstrip("+")
    for form in FORMATS:
        options = {"transparency": 2} if mode == "P+" else {}
        try:
            data = encoded(image, form, **options)
        except (OSError, ValueError, KeyError):
            continue  # the form has no such mode
        held.append(form)
        path = written(tmp_path / f"a.{form.lower()}", data)
        for quick in (False, True):
            for views in (1, 10):
                found = prepare(path, SHAPE, CROP, views=views, quick=quick)
                assert (found.pixels.shape, found.size) == ((views, *SHAPE), image.size), form
        assert np.array_equal(prepare(path, SHAPE, FIT).pixels[0], read_pixels(path, SHAPE)), form
        assert prepare(path, (1, 8, 8), CROP).pixels.std() > 3 or form in {"GIF", "WEBP", "AVIF"}, f"{form} is one grey"
    assert "TIFF" in held or mode == "HSV"
    assert {"PNG", "BMP", "GIF"} <= set(held) or mode not in {"1", "L", "P", "RGB"}


LOSSLESS: dict[str, dict[str, Any]] = {
    "PNG": {}, "BMP": {}, "PPM": {}, "TIFF": {}, "TIFF lzw": {"compression": "tiff_lzw"},
    "TIFF deflate": {"compression": "tiff_deflate"}, "TIFF packbits": {"compression": "packbits"},
    "WEBP": {"lossless": True}, "GIF": {},
}  # fmt: skip


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "RGBA"])
def test_the_same_picture_in_different_forms_gives_the_same_pixels(tmp_path: Path, mode: str) -> None:
    image = photo().quantize(40).convert("RGB") if mode == "RGB" else photo().convert(mode)
    if mode == "RGBA":
        image.putalpha(photo(seed=5).convert("L"))
    expected = None
    for name, options in LOSSLESS.items():
        form = name.split()[0]
        if (form in {"GIF", "BMP", "PPM"} and mode == "RGBA") or (form == "PPM" and mode == "P"):
            continue
        if form == "WEBP" and mode == "RGBA":
            options = {**options, "exact": True}  # noqa: PLW2901
        found = rgb(written(tmp_path / "a.bin", encoded(image, form, **options)))
        expected = found if expected is None else expected
        assert np.array_equal(found, expected), name


def test_a_name_that_belongs_to_another_form_changes_nothing(tmp_path: Path) -> None:
    for name, data in good_files().items():
        right = rgb(written(tmp_path / name, data))
        for suffix in (".png", ".jpg", ".tif", ".gif", ""):
            assert np.array_equal(rgb(written(tmp_path / f"misnamed{suffix}", data)), right), name


# ---- PNG by hand


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_of_every_bit_depth_is_scaled_to_its_full_range(tmp_path: Path, depth: int) -> None:
    top = 2**depth - 1
    values = np.linspace(0, top, 16).round().astype(np.int64).reshape(2, 8)
    path = written(tmp_path / "a.png", png((8, 2), depth, 0, packed(values, depth)))
    assert np.array_equal(read_pixels(path, (1, 2, 8))[0], np.round(values * 255 / top))


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_palette_of_every_bit_depth_gives_its_colours(tmp_path: Path, depth: int) -> None:
    colours = np.random.default_rng(depth).integers(0, 256, (2**depth, 3), dtype=np.uint8)
    places = np.arange(8).reshape(1, 8) % 2**depth
    data = png((8, 1), depth, 3, packed(places, depth), before=chunk(b"PLTE", colours.tobytes()))
    assert np.array_equal(rgb(written(tmp_path / "a.png", data))[0], colours[places[0]])


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_grey_value_that_is_transparent_stands_on_white_at_every_bit_depth(tmp_path: Path, depth: int) -> None:
    top = 2**depth - 1
    values = np.array([[0, 1, top, 0]])
    clear = chunk(b"tRNS", (1).to_bytes(2, "big") if depth > 1 else b"\0\0")
    path = written(tmp_path / "a.png", png((4, 1), depth, 0, packed(values, depth), before=clear))
    expected = [255] * 4 if depth == 1 else [0, 255, 255, 0]
    assert read_pixels(path, (1, 1, 4)).ravel().tolist() == expected
    assert rgb(path)[0, :, 2].tolist() == expected


@pytest.mark.parametrize("depth", [8, 16])
def test_a_colour_that_is_transparent_stands_on_white_at_every_bit_depth(tmp_path: Path, depth: int) -> None:
    values = np.array([[10, 20, 30, 40, 50, 60]]) * (1 if depth == 8 else 257)
    clear = chunk(b"tRNS", values[0, :3].astype(">u2").tobytes())
    path = written(tmp_path / "a.png", png((2, 1), depth, 2, packed(values, depth), before=clear))
    assert rgb(path).tolist() == [[[255, 255, 255], [40, 50, 60]]]


@pytest.mark.parametrize("colour", [2, 4, 6])
def test_sixteen_bits_a_channel_are_scaled_and_their_transparency_is_on_white(tmp_path: Path, colour: int) -> None:
    channels = {2: 3, 4: 2, 6: 4}[colour]
    values = np.full((1, channels), 100 * 257)
    if colour != 2:
        values[0, -1] = 0x8080
    path = written(tmp_path / "a.png", png((1, 1), 16, colour, packed(values, 16)))
    expected = 100 if colour == 2 else 100 * 128 / 255 + 127
    assert rgb(path)[0, 0].tolist() == pytest.approx([expected] * 3, abs=1)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (7, 9), (8, 8), (33, 5)])
def test_an_interlaced_png_is_the_same_as_a_plain_one(tmp_path: Path, size: tuple[int, int]) -> None:
    values = np.random.default_rng(0).integers(0, 256, size[::-1])
    woven = written(tmp_path / "a.png", png(size, 8, 0, adam7(values), interlaced=1))
    plain = written(tmp_path / "b.png", png(size, 8, 0, packed(values, 8)))
    assert np.array_equal(rgb(woven), rgb(plain))
    assert np.array_equal(rgb(woven)[:, :, 0], values)


ODD_CHUNKS = {
    "unknown": chunk(b"prVt", b"\0" * 100),
    "unknown and empty": chunk(b"quIt", b""),
    "text": chunk(b"tEXt", b"Title\0\xff\xfe") + chunk(b"zTXt", b"k\0\0broken") + chunk(b"iTXt", b"k\0\7\0\0"),
    "colour": chunk(b"gAMA", b"\0\0\0\0") + chunk(b"sRGB", b"\x09") + chunk(b"cHRM", b"\0" * 32),
    "profile": chunk(b"iCCP", b"p\0\0no profile"),
    "size": chunk(b"pHYs", b"\0\0\0\0\0\0\0\0\2") + chunk(b"tIME", b"\xff" * 7),
    "exif": chunk(b"eXIf", b"II*\0\xff\xff\xff\xff"),
    "exif that is none": chunk(b"eXIf", b"camera"),
    "animation": chunk(b"acTL", b"\0" * 8),
    "wrong sum of what does not matter": chunk(b"tEXt", b"a\0b", 5),
}


@pytest.mark.parametrize("name", ODD_CHUNKS)
def test_an_odd_chunk_before_the_pixels_changes_no_pixel(tmp_path: Path, name: str) -> None:
    values = np.arange(8).reshape(2, 4) * 30
    path = written(tmp_path / "a.png", png((4, 2), 8, 0, packed(values, 8), before=ODD_CHUNKS[name]))
    if name.startswith("wrong sum"):
        with pytest.raises(InputError, match=r"a\.png"):
            rgb(path)
        return
    assert np.array_equal(rgb(path)[:, :, 0], values)


# ---- numbers beyond eight bits


@pytest.mark.parametrize("order", ["<u2", ">u2", "<i4"])
def test_sixteen_bits_are_rounded_to_the_nearest_of_eight(tmp_path: Path, order: str) -> None:
    values = np.random.default_rng(1).integers(0, 65536, (40, 30))
    data = encoded(Image.fromarray(values.astype(order)), "TIFF")
    found = read_pixels(written(tmp_path / "a.tif", data), (1, 40, 30))[0]
    assert np.array_equal(found, np.round(values * 255 / 65535))


def test_a_large_deep_picture_is_converted_in_strips_as_it_would_be_at_once() -> None:
    values = np.random.default_rng(1).integers(0, 65536, (1100, 1030)).astype("<u2")
    assert np.array_equal(np.asarray(flat_image(Image.fromarray(values), 1)), np.round(values / 65535.0 * 255.0))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0, 0.25], [0, 128, 255, 64]),
        ([0.0, 50.0, 100.0, 25.0], [0, 128, 255, 64]),
        ([0.0, 50.0, 100.0, float("nan")], [0, 128, 255, 0]),
        ([-5.0, 50.0, 100.0, float("inf")], [0, 128, 255, 255]),
        ([float("-inf"), 3e38, 1.5e38, 0.0], [0, 255, 128, 0]),
        ([float("nan")] * 4, [0, 0, 0, 0]),
        ([float("inf")] * 4, [255] * 4),
    ],
)
def test_floats_are_scaled_to_their_largest_finite_value(
    tmp_path: Path, values: list[float], expected: list[int]
) -> None:
    data = encoded(Image.fromarray(np.array([values], dtype=np.float32)), "TIFF")
    assert read_pixels(written(tmp_path / "a.tif", data), (1, 1, 4)).ravel().tolist() == expected


def test_a_number_that_signals_that_it_is_none_is_black_and_warns_nobody(tmp_path: Path) -> None:
    signalling = np.array([[0x7F800001, 0x42C80000]], dtype="<u4").view("<f4")
    data = encoded(Image.fromarray(signalling), "TIFF")
    assert read_pixels(written(tmp_path / "a.tif", data), (1, 1, 2)).ravel().tolist() == [0, 255]


# ---- upright


@pytest.mark.parametrize("size", [(300, 200), (37, 90), (64, 64)])
@pytest.mark.parametrize("orientation", TURNED)
def test_a_photo_is_turned_pixel_for_pixel_when_it_is_decoded_smaller_too(
    tmp_path: Path, orientation: int, size: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(photo(*size), "JPEG", exif=exif, quality=95)
    path = written(tmp_path / "a.jpg", data)
    upright = size[::-1] if orientation >= 5 else size
    for quick, least in ((False, size), (True, (24, 24))):
        with Image.open(io.BytesIO(data)) as stored:
            stored.draft(None, least)
            decoded = np.asarray(stored)
        assert (decoded.shape[1::-1] != size) is (quick and min(size) >= 48)
        turned = np.stack([TURNED[orientation](decoded[:, :, channel]) for channel in range(3)], axis=-1)
        plain = written(tmp_path / "b.png", encoded(Image.fromarray(np.ascontiguousarray(turned)), "PNG"))
        for views in (1, 10):
            found = prepare(path, SHAPE, CROP, views=views, quick=quick)
            assert np.array_equal(found.pixels, prepare(plain, SHAPE, CROP, views=views).pixels)
            assert found.size == upright


@pytest.mark.parametrize("name", ["turned.png", "turned.jpg", "turned.webp", "turned.tif"])
def test_the_size_that_is_told_is_that_of_the_upright_picture(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, good_files()[name])
    for quick in (False, True):
        assert prepare(path, SHAPE, FIT, quick=quick).size == open_picture(path).size == (18, 24)


def broken_exifs() -> dict[str, bytes]:
    whole = Image.Exif()
    whole[0x0112] = 6
    whole[0x010F] = "maker"
    data = whole.tobytes()
    cuts = {f"cut at {end}": data[:end] for end in range(6, len(data) - 1, 5)}
    values = {f"orientation {value}": data.replace(b"\6\0", bytes([value, 0])) for value in (0, 9, 255)}
    endless = b"Exif\0\0II*\0\x08\0\0\0\1\0\x69\x87\4\0\1\0\0\0\x08\0\0\0\x08\0\0\0"
    return cuts | values | {"none": b"Exif\0\0", "text": b"Exif\0\0camera", "directory of itself": endless}


def test_broken_exif_data_costs_the_orientation_at_most(tmp_path: Path) -> None:
    for name, data in broken_exifs().items():
        for form in ("JPEG", "PNG", "WEBP"):
            path = written(tmp_path / "a.bin", encoded(photo(), form, exif=data))
            for quick in (False, True):
                assert prepare(path, SHAPE, FIT, quick=quick).size in {(24, 18), (18, 24)}, (name, form)


def sideways(image: Image.Image, form: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(image, form, exif=exif)


def test_a_picture_with_a_palette_is_turned_in_its_colours(tmp_path: Path) -> None:
    paletted = photo().convert("P", palette=Image.Palette.ADAPTIVE, colors=40)
    turned = open_picture(written(tmp_path / "a.png", sideways(paletted, "PNG"))).convert("RGB")
    assert np.array_equal(np.asarray(turned), np.rot90(np.asarray(paletted.convert("RGB")), -1))


def test_exif_data_that_cannot_be_written_anew_do_not_cost_the_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise ValueError("an entry of no known type")

    path = written(tmp_path / "a.jpg", sideways(photo(), "JPEG"))
    monkeypatch.setattr(Image.Exif, "tobytes", fails)
    assert prepare(path, SHAPE, FIT).size == open_picture(path).size == photo().size[::-1]


def test_too_little_memory_to_turn_a_picture_is_told_and_not_taken_for_broken_exif_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise MemoryError

    path = written(tmp_path / "a.jpg", sideways(photo(), "JPEG"))
    monkeypatch.setattr(ImageOps, "exif_transpose", fails)
    with pytest.raises(InputError, match="MemoryError"):
        open_picture(path)


# ---- JPEG of cameras and of print


def test_print_colours_are_read_as_adobe_writes_them_inverted_with_its_marker_and_without(tmp_path: Path) -> None:
    ink = photo().convert("CMYK")
    data = encoded(ink, "JPEG", quality=100, subsampling=0)
    place = data.find(b"\xff\xee")
    assert data[place + 4 : place + 9] == b"Adobe"
    screen = np.asarray(ink.convert("RGB")).astype(int)
    for stored in (data, data[:place] + data[place + 16 :]):
        assert abs(rgb(written(tmp_path / "a.jpg", stored)).astype(int) - screen).max() < 12


def test_scans_are_counted_without_those_of_pictures_inside_headers_and_after_the_end(tmp_path: Path) -> None:
    for times in (0, 1, MAX_SCANS - 6):
        data = jpeg_scans(times)
        assert count_scans(data, 0) == 6 + times
        assert open_picture(written(tmp_path / "a.jpg", data)).size == (16, 16)
    plain = jpeg_scans(0)
    thumbnails = b"\xff\xe5" + (2 + 2 * 200).to_bytes(2, "big") + b"\xff\xda" * 200
    film = b"\xff\xda\xff\xd9" * 500
    full = plain[:2] + thumbnails + plain[2:] + film
    assert count_scans(full, 0) == 6
    assert open_picture(written(tmp_path / "b.jpg", full)).size == (16, 16)
    with pytest.raises(InputError, match=r"c\.jpg paints its pixels more than 100 times over"):
        open_picture(written(tmp_path / "c.jpg", jpeg_scans(MAX_SCANS)))


# ---- first frames, and sizes


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF", "MPO"])
def test_of_many_frames_the_first_is_read(tmp_path: Path, form: str) -> None:
    frames = [Image.new("RGB", (9, 7), (value, 40, 90)) for value in (200, 20, 120)]
    options: dict[str, Any] = {"lossless": True} if form == "WEBP" else {}
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:], **options)
    with Image.open(io.BytesIO(data)) as image:
        assert getattr(image, "n_frames", 1) == 3
    found = rgb(written(tmp_path / "a.bin", data))
    assert abs(found.astype(int) - [200, 40, 90]).max() <= 2


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "GIF"])
@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2, 3)])
def test_a_picture_of_any_shape_is_fitted_or_scaled_or_said_to_be_too_narrow(
    tmp_path: Path, form: str, size: tuple[int, int]
) -> None:
    path = written(tmp_path / "a.bin", encoded(Image.new("L", size, 99), form))
    for quick in (False, True):
        assert abs(prepare(path, SHAPE, FIT, quick=quick).pixels.astype(int) - 99).max() <= 2
        for views in (1, 10):
            found = prepare(path, SHAPE, CROP, views=views, quick=quick)
            assert found.pixels.shape == (views, *SHAPE)
        wide = Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3, resize=256)
        if max(size) == 5000:
            with pytest.raises(InputError, match=r"a\.bin cannot be used: it would have .*1,280,000.* pixels"):
                prepare(path, (3, 224, 224), wide, quick=quick)
        else:
            assert prepare(path, (3, 224, 224), wide, quick=quick).pixels.shape == (1, 3, 224, 224)

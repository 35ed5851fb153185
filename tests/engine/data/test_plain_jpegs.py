"""JPEGs that are decoded without Pillow's reading of headers: the same pixels, or left to Pillow."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.engine.data.pictures import open_picture
from resnet_gui.engine.data.plain_jpegs import decode_plain, read_batch


def picture(mode: str, size: tuple[int, int]) -> Image.Image:
    noise = np.random.default_rng(4).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(size).convert(mode)


def jpeg(mode: str = "RGB", size: tuple[int, int] = (33, 21), **how: Any) -> bytes:
    buffer = io.BytesIO()
    picture(mode, size).save(buffer, "JPEG", **how)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize(
    "how",
    [
        {"quality": 75},
        {"quality": 95, "subsampling": 0},
        {"quality": 50, "subsampling": 1},
        {"quality": 20, "restart_marker_blocks": 2},
        {"comment": b"a comment", "optimize": True},
    ],
)
def test_a_plain_jpeg_has_the_pixels_that_pillow_reads(mode: str, how: dict[str, Any], tmp_path: Path) -> None:
    data = jpeg(mode, **how)
    found = decode_plain(data)
    assert found is not None
    expected = Image.open(io.BytesIO(data))
    assert (found.mode, found.size) == (expected.mode, expected.size)
    assert found.tobytes() == expected.tobytes()
    (tmp_path / "a.jpg").write_bytes(data)
    assert open_picture(tmp_path / "a.jpg").tobytes() == expected.tobytes()


def exif() -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = 6
    return made


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(jpeg(exif=exif()), id="turned by Exif"),
        pytest.param(jpeg("CMYK"), id="four channels"),
        pytest.param(jpeg(progressive=True), id="progressive"),
        pytest.param(jpeg(icc_profile=b"profile"), id="a profile"),
        pytest.param(jpeg(size=(1025, 2)), id="large"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="another kind"),
        pytest.param(jpeg()[:200], id="its header cut"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_whatever_else_it_is_is_left_to_pillow(data: bytes) -> None:
    assert decode_plain(data) is None


def test_a_jpeg_that_is_cut_off_is_a_sentence_wherever_it_is_cut(tmp_path: Path) -> None:
    data = jpeg(size=(64, 64))
    path = tmp_path / "cut.jpg"
    for length in range(200, len(data) - 40, 97):
        path.write_bytes(data[:length])
        with pytest.raises(InputError, match=r"cut\.jpg (cannot be read|is not a picture)"):
            open_picture(path)


def test_a_batch_has_the_pixels_that_pillow_reads_whatever_stands_beside_them_and_leaves_the_rest(
    tmp_path: Path,
) -> None:
    hows: list[dict[str, Any]] = [
        {"quality": quality, "subsampling": sampling} for quality in (20, 75, 95) for sampling in (0, 1, 2)
    ]
    whole = [jpeg(**how) for how in (*hows, *hows[:2], {"optimize": True}, {"restart_marker_blocks": 1})]
    left = [
        jpeg("L"), jpeg(size=(21, 33)), jpeg(progressive=True), jpeg(exif=exif()), whole[-1][:-60], whole[0][:200], b"",
    ]  # fmt: skip
    paths = [tmp_path / f"{number}.jpg" for number in range(len(whole) + len(left))]
    # Whole and odd ones in turns, so that a header is like the one before, or not, behind either.
    contents = [data for pair in itertools.zip_longest(whole, left) for data in pair if data is not None]
    for path, data in zip(paths, contents, strict=True):
        path.write_bytes(data)
    names = [*map(str, paths), str(tmp_path / "none.jpg"), str(tmp_path)]
    pixels, read = read_batch(names, "RGB", (33, 21))
    assert read.tolist() == [data in whole for data in contents] + [False, False]
    for number, path in enumerate(paths):
        if read[number]:
            assert np.array_equal(pixels[number], np.asarray(Image.open(path)))


def test_a_batch_of_greys_is_read_as_greys(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg("L"))
    (tmp_path / "b.jpg").write_bytes(jpeg("RGB"))
    pixels, read = read_batch([str(tmp_path / "a.jpg"), str(tmp_path / "b.jpg")], "L", (33, 21))
    assert read.tolist() == [True, False]
    assert np.array_equal(pixels[0, :, :, 0], np.asarray(Image.open(tmp_path / "a.jpg")))

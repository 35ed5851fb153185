"""Picture files, good ones and bombs, built by hand where no encoder would write them; and a small network for them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SPEC_INPUT: Final = (3, 16, 16)


# ---- PNG


def chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    """A chunk of a PNG; its checksum is right unless it is given."""
    right = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", right if crc is None else crc)


def png(
    size: tuple[int, int], depth: int, colour: int, rows: bytes, *, before: bytes = b"", interlaced: int = 0
) -> bytes:
    """A PNG of rows that are filtered already; ``before`` are the chunks before the pixels."""
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, interlaced)
    parts = [chunk(b"IHDR", header), before, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def packed(values: NDArray[Any], depth: int) -> bytes:
    """Rows of samples (height, width · channels) as a PNG stores them, unfiltered."""
    rows = []
    for row in values:
        if depth == 16:
            data = row.astype(">u2").tobytes()
        else:
            bits = (row[:, None].astype(np.uint8) >> np.arange(depth - 1, -1, -1, dtype=np.uint8)) & 1
            data = np.packbits(bits.reshape(-1)).tobytes()
        rows.append(b"\0" + data)
    return b"".join(rows)


def adam7(values: NDArray[Any]) -> bytes:
    """Rows of the seven passes of an interlaced 8-bit grey PNG."""
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    parts = (values[top::down, left::right] for top, left, down, right in passes)
    return b"".join(packed(part, 8) for part in parts if part.size)


def solid(width: int, height: int, sample: int = 1) -> bytes:
    """Rows of zeros, compressed a row at a time: a thousandth of the size of the pixels."""
    squeeze = zlib.compressobj(9)
    row = b"\0" * (1 + width * sample)
    return b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()


def solid_png(width: int, height: int) -> bytes:
    """A black grey PNG with all of its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", solid(width, height)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


# ---- the others


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """A picture as Pillow writes it."""
    buffer = io.BytesIO()
    # Copies, as Pillow leaves the settings of one form on a picture.
    if "append_images" in options:
        options["append_images"] = [frame.copy() for frame in options["append_images"]]
    image.copy().save(buffer, form, **options)
    return buffer.getvalue()


def tiff(tags: Mapping[int, int], tail: bytes = b"\0" * 64) -> bytes:
    """A little-endian TIFF with one directory of 32-bit values."""
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + struct.pack("<I", 0) + tail


def grey_tiff(width: int, height: int, compression: int = 1, **more: int) -> bytes:
    """A grey TIFF in one strip that is nearly empty; ``more`` as ``_278=5``."""
    tags = {256: width, 257: height, 258: 8, 259: compression, 262: 1, 273: 8, 277: 1, 278: height, 279: 64}
    return tiff(tags | {int(name[1:]): value for name, value in more.items()})


def gif(screen: tuple[int, int], frame: tuple[int, int]) -> bytes:
    """A GIF whose screen and frame claim their sizes."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0, 0, 0)
    return head + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x08\x01\x00\x00;"


def bmp(width: int, height: int, bits: int = 24, compression: int = 0, data: bytes = b"") -> bytes:
    """A BMP; of 8 bits with a grey palette."""
    palette = b"".join(bytes([grey, grey, grey, 0]) for grey in range(256)) if bits == 8 else b""
    start = 54 + len(palette)
    head = b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(data), 0, 0, len(palette) // 4, 0)
    return head + info + palette + data


def webp_claiming(width: int, height: int) -> bytes:
    """An animated WebP of 8×8 pixels whose canvas claims another size."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("black", "red")]
    data = bytearray(encoded(frames[0], "WEBP", lossless=True, save_all=True, append_images=frames[1:]))
    place = data.find(b"VP8X") + 12
    data[place : place + 6] = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return bytes(data)


def jpeg_claiming(width: int, height: int, *, progressive: bool = False) -> bytes:
    """A JPEG of 16×16 pixels whose header claims another size."""
    data = bytearray(encoded(Image.new("L", (16, 16), 99), "JPEG", progressive=progressive))
    place = data.find(b"\xff\xc2" if progressive else b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_scans(times: int, side: int = 16) -> bytes:
    """A progressive JPEG whose last scan comes so many times more."""
    data = jpeg_claiming(side, side, progressive=True)
    last = data.rfind(b"\xff\xda")
    return data[:-2] + data[last:-2] * times + b"\xff\xd9"


BOMBS: Final[dict[str, bytes]] = {
    "rows.png": solid_png(10_001, 10_000),
    "header.png": png((60_000, 60_000), 8, 0, b""),
    "header.bmp": bmp(60_000, 60_000),
    "screen.gif": gif((65_535, 65_535), (65_535, 65_535)),
    "frame.gif": gif((1, 1), (65_535, 65_535)),
    "frame-of-150-megapixels.gif": gif((1, 1), (15_000, 10_000)),
    "binary.ppm": b"P6\n60000 60000\n255\n",
    "plain.ppm": b"P3\n15000 10000\n255\n1 2 3",
    "float.ppm": b"Pf\n60000 60000\n-1.0\n",
    "raw.tif": grey_tiff(60_000, 60_000),
    "lzw.tif": grey_tiff(15_000, 10_000, 5),
    "tile.tif": grey_tiff(10, 10, 5, _322=40_000, _323=40_000, _324=8, _325=64),
    "tile-of-4-gigapixels.tif": grey_tiff(10, 10, 8, _322=65_536, _323=65_536, _324=8, _325=64),
    "canvas.webp": webp_claiming(16_383, 16_383),
    "canvas-of-120-megapixels.webp": webp_claiming(12_000, 10_000),
    "baseline.jpg": jpeg_claiming(65_500, 65_500),
    "progressive.jpg": jpeg_claiming(65_500, 1_600, progressive=True),
    "scans.jpg": jpeg_scans(8_000, 10_000),
}
"""Small files that claim more than is decoded."""


# ---- good ones


def photo(width: int = 24, height: int = 18, seed: int = 0) -> Image.Image:
    """A colour picture with slopes, edges and some noise."""
    y, x = np.mgrid[0:height, 0:width]
    drawn = np.random.default_rng(seed)
    colours = drawn.integers(0, 120, (3, 3))
    wave = np.stack([a + b * x / width + c * y / height for a, b, c in colours.tolist()], axis=-1)
    wave[height // 3 : height // 2, width // 4 : width // 2] = drawn.integers(0, 256, 3)
    noise = drawn.integers(-8, 9, wave.shape)
    return Image.fromarray(np.clip(wave + noise, 0, 255).astype(np.uint8))


def good_files(seed: int = 0) -> dict[str, bytes]:
    """A small picture in every form that people have, by file name."""
    colour = photo(seed=seed)
    grey, palette = colour.convert("L"), colour.quantize(32)
    alpha = colour.copy()
    alpha.putalpha(grey)
    deep = Image.fromarray(np.asarray(grey).astype("<u2") * 257)
    real = Image.fromarray(np.asarray(grey, dtype=np.float32))
    frames: dict[str, Any] = {"save_all": True, "append_images": [photo(seed=seed + 1), photo(seed=seed + 2)]}
    exif = Image.Exif()
    exif[0x0112] = 6
    values = np.asarray(grey)
    return {
        "colour.png": encoded(colour, "PNG"),
        "alpha.png": encoded(alpha, "PNG"),
        "palette.png": encoded(palette, "PNG", transparency=3),
        "deep.png": encoded(deep, "PNG"),
        "bit.png": encoded(colour.convert("1"), "PNG"),
        "woven.png": png(grey.size, 8, 0, adam7(values), interlaced=1),
        "moving.png": encoded(colour, "PNG", **frames),
        "turned.png": encoded(colour, "PNG", exif=exif),
        "colour.jpg": encoded(colour, "JPEG"),
        "grey.jpg": encoded(grey, "JPEG"),
        "progressive.jpg": encoded(colour, "JPEG", progressive=True),
        "print.jpg": encoded(colour.convert("CMYK"), "JPEG"),
        "turned.jpg": encoded(colour, "JPEG", exif=exif),
        "double.jpg": encoded(colour, "MPO", **frames),
        "moving.gif": encoded(palette, "GIF", **frames),
        "lossy.webp": encoded(alpha, "WEBP"),
        "lossless.webp": encoded(colour, "WEBP", lossless=True),
        "moving.webp": encoded(colour, "WEBP", **frames),
        "turned.webp": encoded(colour, "WEBP", exif=exif),
        "colour.bmp": encoded(colour, "BMP"),
        "palette.bmp": encoded(palette, "BMP"),
        "runs.bmp": bmp(4, 2, 8, 1, b"\x04\x20\0\0\x02\x80\x02\xff\0\1"),
        "raw.tif": encoded(colour, "TIFF"),
        "lzw.tif": encoded(alpha, "TIFF", compression="tiff_lzw"),
        "deflate.tif": encoded(deep, "TIFF", compression="tiff_deflate"),
        "jpeg.tif": encoded(colour, "TIFF", compression="jpeg"),
        "fax.tif": encoded(colour.convert("1"), "TIFF", compression="group4"),
        "real.tif": encoded(real, "TIFF"),
        "turned.tif": encoded(colour, "TIFF", exif=exif),
        "pages.tif": encoded(colour, "TIFF", **frames),
        "colour.ppm": encoded(colour, "PPM"),
        "grey.pgm": encoded(grey, "PPM"),
        "deep.pgm": encoded(deep, "PPM"),
        "plain.ppm": b"P3 2 2 255\n1 2 3 40 50 60 70 80 90 250 251 252\n",
        "bit.pbm": encoded(colour.convert("1"), "PPM"),
    }


def save_drawn_model(path: Path, resize: int = 0) -> Path:
    """A weights file of a small colour network whose weights are drawn, not trained."""
    import torch

    from resnet_gui.data.model_card import ModelInfo
    from resnet_gui.design.plan import plan
    from resnet_gui.design.spec import ResNetSpec
    from resnet_gui.network.resnet import ResNet
    from resnet_gui.network.weights import save_model, weights_sha256

    spec = ResNetSpec(
        block="basic", blocks=(1, 1), widths=(8, 16), shortcut="B", stem="cifar", classes=6, input=SPEC_INPUT
    )
    with torch.random.fork_rng():
        torch.manual_seed(7)
        state = ResNet(plan(spec)).state_dict()
    info = ModelInfo(
        name="drawn", spec=spec, classes=("one", "two", "three", "four", "five", "six"), mean=(0.5,) * 3,
        std=(0.25,) * 3, data="nothing", top1=0.0, sha256=weights_sha256(state), resize=resize,
    )  # fmt: skip
    save_model(path, state, info)
    return path

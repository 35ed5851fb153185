"""Pictures of attributions: a map over the network's input, and the maps of the sanity check in a row."""

from __future__ import annotations

import io
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from resnet_gui.base.map_colours import diverging_colours, heat_colours
from resnet_gui.protocol.explain_events import Attribution, PixelMap

Shown = Literal["signed", "absolute"]

SMALLEST: Final = 224
"""Pixels of the shorter side of a picture that is written: smaller inputs are enlarged in whole pixels."""

CAPTION: Final = 34
GAP: Final = 8
STRENGTH: Final = 0.9
GREY: Final = 0.55
"""How much of the picture's colours and contrast goes, so that those of the map are seen."""

PAPER: Final = (255, 255, 255)
PEN: Final = (29, 31, 35)


def _enlarged(size: tuple[int, int]) -> tuple[int, int]:
    times = max(1, -(-SMALLEST // min(size)))
    return size[0] * times, size[1] * times


def _faded(picture: Image.Image) -> Image.Image:
    """The picture, half grey and lighter."""
    colours = picture.convert("RGB")
    grey = colours.convert("L").convert("RGB")
    return Image.blend(Image.blend(colours, grey, GREY), Image.new("RGB", colours.size, PAPER), GREY / 2)


def _coloured(found: PixelMap, shown: Shown, size: tuple[int, int]) -> Image.Image:
    """A map in its colours, as large as the picture: its pixels as squares, a coarse one smoothly."""
    values = found.signed if shown == "signed" else found.absolute
    grey = Image.frombytes("L", (found.width, found.height), values)
    whole = size[0] % found.width == 0 and size[1] % found.height == 0 and found.width * 16 >= size[0]
    grey = grey.resize(size, Image.Resampling.NEAREST if whole else Image.Resampling.BICUBIC)
    table = np.array(diverging_colours() if shown == "signed" else heat_colours(), dtype=np.uint8)
    made: NDArray[np.uint8] = table[np.asarray(grey)]
    made[..., 3] = np.round(made[..., 3] * STRENGTH).astype(np.uint8)
    return Image.fromarray(made)


def _laid(found: PixelMap, input_png: bytes, shown: Shown) -> Image.Image:
    """A map over the network's input."""
    picture = Image.open(io.BytesIO(input_png))
    size = _enlarged(picture.size)
    under = _faded(picture.resize(size, Image.Resampling.NEAREST))
    return Image.alpha_composite(under.convert("RGBA"), _coloured(found, shown, size)).convert("RGB")


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def overlay_png(attribution: Attribution, shown: Shown) -> bytes:
    """An attribution over the network's input, as PNG."""
    return _png(_laid(attribution.map, attribution.input_png, shown))


def sanity_png(attribution: Attribution, shown: Shown) -> bytes:
    """The map, and those of networks that are random down to a section, with their rank correlations, as PNG."""
    cells: list[tuple[str, str, PixelMap | None]] = [("trained weights", "", attribution.map)]
    for step in attribution.randomised:
        found = step.correlation if shown == "signed" else step.absolute_correlation
        words = "no finite number" if step.map is None else "no rank" if found is None else f"rank corr. {found:.2f}"
        cells.append((f"random to {step.section}", words, step.map))
    pictures = [None if found is None else _laid(found, attribution.input_png, shown) for _, _, found in cells]
    first = pictures[0]
    if first is None:
        raise TypeError("The map of the network itself is there.")
    width, height = first.size
    made = Image.new("RGB", (len(cells) * (width + GAP) + GAP, height + CAPTION + GAP), PAPER)
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(13)
    for number, ((title, words, _), picture) in enumerate(zip(cells, pictures, strict=True)):
        left = GAP + number * (width + GAP)
        draw.text((left, 3), title, PEN, font)
        draw.text((left, 18), words, PEN, font)
        if picture is not None:
            made.paste(picture, (left, CAPTION))
    return _png(made)

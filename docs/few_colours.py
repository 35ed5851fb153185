"""Pictures of the window in few colours, which make small files."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

COLOURS: Final = 256
KEPT: Final = 192
"""So many of them are those that cover the most; the rest stand for all others, whatever they cover: dots of runs."""


def with_few_colours(picture: Image.Image) -> Image.Image:
    """A picture in 256 colours: large areas keep theirs, and small things are not merged with them."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or (), reverse=True)
    colours = np.array([colour for _, colour in counted], np.uint8)
    palette = list(map(int, colours[:KEPT].ravel()))
    if len(colours) > KEPT:
        others = Image.fromarray(colours[KEPT:][None])
        palette += others.quantize(COLOURS - KEPT, Image.Quantize.MAXCOVERAGE).getpalette() or []
    model = Image.new("P", (1, 1))
    model.putpalette(palette[: 3 * COLOURS])
    return picture.quantize(palette=model, dither=Image.Dither.NONE)

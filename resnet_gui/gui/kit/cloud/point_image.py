"""Thousands of round points as one picture, within a frame of the screen.

``QPainter`` strokes every point for itself, 30 ms for 10,000 of them, and PySide hands a list of fragments over only
through pointers. Here a pixel asks which point lies on top of it: one look for each pixel of a point's shape, with all
points at once, 3 ms for 10,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

FINE: Final = 8
"""Parts of a pixel, along each side, in which the cover of an edge is counted."""

Places = NDArray[np.float64]
Numbers = NDArray[np.int64]
Share = NDArray[np.float32]
Pixels = NDArray[np.uint32]


class Shape(NamedTuple):
    """The pixels of a point around its middle.

    Attributes:
        across, down: where each of K pixels lies.
        cover: how much of it the point covers, 0 to 1.
        rim: how much of what is covered belongs to its rim, 0 to 1.
    """

    across: Numbers
    down: Numbers
    cover: Share
    rim: Share


@lru_cache(maxsize=64)
def disc(radius: float, rim: float, hole: float = 0.0) -> Shape:
    """A disc about the middle of a pixel.

    Args:
        radius: pixels.
        rim: width of its rim in pixels.
        hole: radius within which it covers nothing.
    """
    reach = int(np.ceil(radius))
    fine = (np.arange((2 * reach + 1) * FINE) + 0.5) / FINE - reach - 0.5
    far = np.hypot(fine[None, :], fine[:, None])
    side = 2 * reach + 1

    def shares(inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        made: NDArray[np.float64] = inside.reshape(side, FINE, side, FINE).mean(axis=(1, 3))
        return made

    whole, edge = shares((far <= radius) & (far >= hole)), shares((far <= radius) & (far > radius - rim))
    down, across = np.nonzero(whole > 0)
    cover = whole[down, across]
    share = edge[down, across] / cover
    return Shape(across - reach, down - reach, cover.astype(np.float32), np.minimum(1.0, share).astype(np.float32))


class PointPicture:
    """A picture that points are laid upon, those that come later over those before.

    Args:
        width, height: pixels of the screen.
        ground: colour behind all points.
    """

    def __init__(self, width: int, height: int, ground: QColor) -> None:
        self.width, self.height = width, height
        self._ground = ground
        self._pixels = np.full(height * width, ground.rgba(), dtype=np.uint32)

    def lay(self, places: Places, kinds: Numbers, colours: Sequence[tuple[QColor, bool]], shape: Shape) -> None:
        """Lay points of one shape upon what is there.

        Args:
            places: (N, 2), x and y of each in pixels from the upper left corner; those outside are left out.
            kinds: (N,), which colour each has.
            colours: a colour, and whether only the rim has it and the rest is ground.
            shape: of all of them.
        """
        bits = _bits(shape)
        mask = (1 << bits) - 1
        solid = shape.cover >= 0.999
        # What lies under the soft edge of a point is the uppermost point that covers the pixel wholly.
        below = self._topmost(places, shape, np.flatnonzero(solid), None)
        above = self._topmost(places, shape, np.flatnonzero(~solid), below)
        inks = self._inks(colours, shape)

        def ink_of(keys: NDArray[np.int32]) -> Pixels:
            found: Pixels = inks[kinds[keys >> bits], keys & mask]
            return found

        under, over = self._seen(below, shape), self._seen(above, shape)
        whole = np.flatnonzero(under >= 0)
        self._pixels[whole] = ink_of(under[whole])
        edges = np.flatnonzero(over > under)
        cover = np.round(256 * shape.cover).astype(np.uint32)[over[edges] & mask]
        self._pixels[edges] = _blended(self._pixels[edges], ink_of(over[edges]), cover)

    def _inks(self, colours: Sequence[tuple[QColor, bool]], shape: Shape) -> Pixels:
        """The colour (kinds, K) of every pixel of a shape."""
        made = np.empty((len(colours), len(shape.cover)), dtype=np.uint32)
        rim = np.round(256 * shape.rim).astype(np.uint32)
        ground = np.full(len(rim), self._ground.rgba(), dtype=np.uint32)
        for number, (colour, hollow) in enumerate(colours):
            ink = np.full(len(rim), colour.rgba(), dtype=np.uint32)
            made[number] = _blended(ground, ink, rim) if hollow else ink
        return made

    def _topmost(
        self, places: Places, shape: Shape, pixels: Numbers, start: NDArray[np.int32] | None
    ) -> NDArray[np.int32]:
        """The uppermost point at each pixel of a picture with a margin, its last bits the pixel of the shape; or −1."""
        reach = _reach(shape)
        # The margin on every side takes what reaches beyond the picture.
        wide, high = self.width + 2 * reach, self.height + 2 * reach
        x, y = places[:, 0], places[:, 1]
        # What is no number is not inside.
        number = np.flatnonzero((x >= 0) & (x < self.width) & (y >= 0) & (y < self.height))
        across, down = x[number].astype(np.int64), y[number].astype(np.int64)
        first = (down + reach) * wide + across + reach
        topmost = np.full(wide * high, -1, dtype=np.int32) if start is None else start.copy()
        keys = (number << _bits(shape)).astype(np.int32)
        for pixel in pixels.tolist():
            at = first + (int(shape.down[pixel]) * wide + int(shape.across[pixel]))
            # Of several at one place numpy keeps the last, which is the largest.
            topmost[at] = np.maximum(topmost[at], keys + np.int32(pixel))
        return topmost

    def _seen(self, topmost: NDArray[np.int32], shape: Shape) -> NDArray[np.int32]:
        """What of a picture with a margin lies within the picture."""
        reach = _reach(shape)
        rows = topmost.reshape(self.height + 2 * reach, self.width + 2 * reach)
        return rows[reach : reach + self.height, reach : reach + self.width].ravel()

    def image(self, ratio: float = 1.0) -> QImage:
        """The picture; ``ratio`` is pixels of the screen for one of the window."""
        form = QImage.Format.Format_RGB32
        made = QImage(self._pixels.tobytes(), self.width, self.height, 4 * self.width, form).copy()
        made.setDevicePixelRatio(ratio)
        return made


def _reach(shape: Shape) -> int:
    return int(max(np.abs(shape.across).max(initial=0), np.abs(shape.down).max(initial=0)))


def _bits(shape: Shape) -> int:
    """Bits that tell the pixels of a shape from each other."""
    return max(1, (len(shape.cover) - 1).bit_length())


def _blended(below: Pixels, above: Pixels, cover: Pixels) -> Pixels:
    """Opaque 0xAARRGGBB over another; ``cover`` is 0 to 256. Red and blue are reckoned in one, green for itself."""
    pair, green, rest = np.uint32(0x00FF00FF), np.uint32(0x0000FF00), np.uint32(256) - cover
    mixed = ((below & pair) * rest + (above & pair) * cover) >> np.uint32(8) & pair
    middle = ((below & green) * rest + (above & green) * cover) >> np.uint32(8) & green
    made: Pixels = np.uint32(0xFF000000) | mixed | middle
    return made

"""viridis for measured values and magma for heat (Smith & van der Walt 2015, CC0), as colours of Qt."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage

_ANCHORS: Final = (
    "#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962", "#ADDC30", "#FDE725",
)  # fmt: skip
_MAGMA: Final = (
    "#000004", "#1C1046", "#50127B", "#822581", "#B63679", "#E55063", "#FB8761", "#FEC287", "#FCFDBF",
)  # fmt: skip
_STEPS: Final = 64
HEAT_FROM: Final = 0.3
"""Where in magma heat begins: the darkest part would only darken the picture."""

Bytes = NDArray[np.uint8]
Ramp = NDArray[np.uint32]


def viridis(fraction: float) -> QColor:
    """The colour of a value between 0 and 1; a shared object, copy it before changing it."""
    return _colour(round(min(1.0, max(0.0, fraction)) * _STEPS))


@cache
def _colour(step: int) -> QColor:
    place = step / _STEPS * (len(_ANCHORS) - 1)
    low = min(int(place), len(_ANCHORS) - 2)
    share = place - low
    one, other = QColor(_ANCHORS[low]), QColor(_ANCHORS[low + 1])
    mixed = (
        round(a + (b - a) * share)
        for a, b in ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    )
    return QColor(*mixed)


def is_bright(colour: QColor) -> bool:
    """Whether black text reads better on a colour than white (relative luminance of WCAG 2.2)."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18


def _mixed(anchors: tuple[str, ...]) -> NDArray[np.float64]:
    """256 colours (256, 3) between anchors."""
    colours = np.array(
        [(QColor(one).red(), QColor(one).green(), QColor(one).blue()) for one in anchors], dtype=np.float64
    )
    places = np.linspace(0, len(anchors) - 1, 256)
    return np.stack([np.interp(places, np.arange(len(anchors)), colours[:, part]) for part in range(3)], axis=1)


@cache
def viridis_ramp() -> Ramp:
    """Viridis for the bytes 0 to 255 as opaque 0xAARRGGBB."""
    red, green, blue = np.round(_mixed(_ANCHORS)).astype(np.uint32).T
    made: Ramp = (np.uint32(0xFF000000) | red << 16 | green << 8 | blue).astype(np.uint32)
    return made


def _transparent(colours: NDArray[np.float64]) -> Ramp:
    """Colours (256, 3), premultiplied, transparent at 0."""
    alpha = np.minimum(1.0, 1.15 * np.linspace(0, 1, 256) ** 1.3)
    red, green, blue = np.round(colours * alpha[:, None]).astype(np.uint32).T
    made: Ramp = np.round(255 * alpha).astype(np.uint32) << 24 | red << 16 | green << 8 | blue
    return made.astype(np.uint32)


@cache
def heat_ramp() -> Ramp:
    """The upper part of magma for the bytes 0 to 255, premultiplied, transparent at 0."""
    return _transparent(_mixed(_MAGMA)[np.round(255 * np.linspace(HEAT_FROM, 1, 256)).astype(int)])


@cache
def measured_ramp() -> Ramp:
    """Viridis for the bytes 0 to 255, premultiplied, transparent at 0."""
    return _transparent(_mixed(_ANCHORS))


def grey_image(values: bytes, width: int, height: int) -> QImage:
    """Bytes, row by row, as a grey picture that owns them."""
    return QImage(values, width, height, width, QImage.Format.Format_Grayscale8).copy()


def coloured(values: bytes, size: tuple[int, int], ramp: Ramp, room: QSize | None = None) -> QImage:
    """A map of bytes in the colours of a ramp.

    Args:
        values: row by row.
        size: width and height of the map.
        ramp: 256 colours.
        room: size to scale to, smoothly and before the colours are looked up; None keeps the map's pixels.
    """
    grey = grey_image(values, *size)
    if room is not None and not room.isEmpty():
        grey = grey.scaled(room, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    rows = np.frombuffer(grey.constBits(), dtype=np.uint8).reshape(grey.height(), grey.bytesPerLine())
    made = np.ascontiguousarray(ramp[rows[:, : grey.width()]])
    form = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(made.tobytes(), grey.width(), grey.height(), 4 * grey.width(), form).copy()

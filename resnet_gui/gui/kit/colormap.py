"""viridis for measured values and magma for heat (Smith & van der Walt 2015, CC0), as colours of Qt.

The tables are those that pyqtgraph ships, which are matplotlib's. They are read from its files, because neither it nor
numpy may be imported before the first paint.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage

from resnet_gui.base.map_colours import diverging_colours

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ramp = NDArray[np.uint32]

HEAT_FROM: Final = 0.3
"""Where in magma heat begins: the darkest part would only darken the picture."""


def viridis(fraction: float) -> QColor:
    """The colour of a value between 0 and 1; a shared object, copy it before changing it."""
    return _viridis_colours()[round(min(1.0, max(0.0, fraction)) * 255)]


@cache
def table(name: str) -> NDArray[np.float64]:
    """The 256 colours (256, 3) of a map of pyqtgraph, "viridis" or "magma", from 0 to 255.

    Raises:
        OSError: its file is not where pyqtgraph has it.
    """
    import numpy as np

    return np.array(_colours(name), dtype=np.float64)


@cache
def _colours(name: str) -> tuple[tuple[int, int, int], ...]:
    """The same as whole numbers."""
    package = importlib.util.find_spec("pyqtgraph")
    if package is None or package.origin is None:
        raise FileNotFoundError("pyqtgraph is not installed")
    text = (Path(package.origin).parent / "colors" / "maps" / f"{name}.csv").read_text(encoding="utf-8")
    lines = [line.split(",") for line in text.splitlines() if line and not line.startswith(";")]
    return tuple(
        (round(255 * float(red)), round(255 * float(green)), round(255 * float(blue))) for red, green, blue in lines
    )


@cache
def _viridis_colours() -> tuple[QColor, ...]:
    return tuple(QColor(*colour) for colour in _colours("viridis"))


def luminance(colour: QColor) -> float:
    """The relative luminance of a colour, 0 to 1 (WCAG 2.2)."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def is_bright(colour: QColor) -> bool:
    """Whether black text reads better on a colour than white."""
    return luminance(colour) > 0.18


def contrast(one: QColor, other: QColor) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@cache
def viridis_ramp() -> Ramp:
    """Viridis for the bytes 0 to 255 as opaque 0xAARRGGBB."""
    import numpy as np

    red, green, blue = table("viridis").astype(np.uint32).T
    made: Ramp = (np.uint32(0xFF000000) | red << 16 | green << 8 | blue).astype(np.uint32)
    return made


def _transparent(colours: NDArray[np.float64]) -> Ramp:
    """Colours (256, 3), premultiplied, transparent at 0."""
    import numpy as np

    alpha = np.minimum(1.0, 1.15 * np.linspace(0, 1, 256) ** 1.3)
    red, green, blue = np.round(colours * alpha[:, None]).astype(np.uint32).T
    made: Ramp = np.round(255 * alpha).astype(np.uint32) << 24 | red << 16 | green << 8 | blue
    return made.astype(np.uint32)


@cache
def heat_ramp() -> Ramp:
    """The upper part of magma for the bytes 0 to 255, premultiplied, transparent at 0."""
    import numpy as np

    return _transparent(table("magma")[np.round(255 * np.linspace(HEAT_FROM, 1, 256)).astype(int)])


@cache
def measured_ramp() -> Ramp:
    """Viridis for the bytes 0 to 255, premultiplied, transparent at 0."""
    return _transparent(table("viridis"))


@cache
def diverging_ramp() -> Ramp:
    """Blue below and orange above the byte 128, which is transparent, premultiplied."""
    import numpy as np

    table = np.array(diverging_colours(), dtype=np.float64)
    alpha = table[:, 3:] / 255
    red, green, blue = np.round(table[:, :3] * alpha).astype(np.uint32).T
    made: Ramp = table[:, 3].astype(np.uint32) << 24 | red << 16 | green << 8 | blue
    return made.astype(np.uint32)


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
    import numpy as np

    grey = grey_image(values, *size)
    if room is not None and not room.isEmpty():
        grey = grey.scaled(room, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    rows = np.frombuffer(grey.constBits(), dtype=np.uint8).reshape(grey.height(), grey.bytesPerLine())
    made = np.ascontiguousarray(ramp[rows[:, : grey.width()]])
    form = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(made.tobytes(), grey.width(), grey.height(), 4 * grey.width(), form).copy()

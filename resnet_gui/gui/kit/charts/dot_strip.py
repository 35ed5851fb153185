"""Repeated measurements on a track: every one a dot, with their mean, their interval and what they are held against."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.gui.kit.charts.strip_scale import StripScale
from resnet_gui.gui.kit.theme import Theme

RADIUS: Final = 2.8
STEP: Final = 4.0
"""Pixels from one stacked dot to the next, where there is room."""

MARGIN: Final = 6.0
HIT: Final = 7.0
"""Pixels about a dot in which the mouse means it."""


@dataclass(frozen=True)
class StripDot:
    """One measurement on a strip.

    Attributes:
        value: where it lies.
        words: what it is, for the tooltip: ``seed 3: 1.7 %``.
        key: what a click on it hands over; None for nothing.
    """

    value: float
    words: str
    key: object = None


@dataclass(frozen=True)
class DotStripData:
    """Measurements on a strip, and what they are held against.

    Attributes:
        dots: in the order in which they are stacked from the top.
        mean: the bar; None for none.
        box: ends of the soft box about the mean, such as mean ± sd or an interval; None for none.
        thresholds: dashed lines.
        holds: the part of the track that is shaded, where a claim holds; its ends may be infinite; None for none.
        diamond: a value from elsewhere, such as a paper's; None for none.
    """

    dots: tuple[StripDot, ...]
    mean: float | None = None
    box: tuple[float, float] | None = None
    thresholds: tuple[float, ...] = ()
    holds: tuple[float, float] | None = None
    diamond: float | None = None


def dot_places(data: DotStripData, scale: StripScale, area: QRectF) -> list[QPointF]:
    """The middles of the dots; stacked one below the other, so that they can be counted where values are equal."""
    count = len(data.dots)
    step = min(STEP, (area.height() - 2 * RADIUS - 1) / max(1, count - 1))
    top = area.center().y() - step * (count - 1) / 2
    return [QPointF(_x(scale, area, dot.value), top + step * number) for number, dot in enumerate(data.dots)]


def dot_at(data: DotStripData, scale: StripScale, area: QRectF, place: QPointF) -> StripDot | None:
    """The dot under a point, the nearest where several are; None for none."""
    distances = [
        (math.hypot(middle.x() - place.x(), middle.y() - place.y()), number)
        for number, middle in enumerate(dot_places(data, scale, area))
    ]
    distance, number = min(distances, default=(math.inf, 0))
    return data.dots[number] if distance <= HIT else None


def draw_dot_strip(
    painter: QPainter, color: Callable[[str], QColor], data: DotStripData, scale: StripScale, area: QRectF
) -> None:
    """Draw a strip into an area; ``color`` gives the colour of a token."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = area.center().y()
    if data.holds is not None:
        left, right = (_x(scale, area, end) for end in data.holds)
        painter.fillRect(QRectF(left, area.top(), right - left, area.height()), color("oksoft"))
    painter.setPen(QPen(color("line"), 1))
    painter.drawLine(QPointF(area.left() + MARGIN, middle), QPointF(area.right() - MARGIN, middle))
    for threshold in data.thresholds:
        dashes = QPen(color("t2"), 1)
        dashes.setDashPattern([2, 2])
        painter.setPen(dashes)
        x = round(_x(scale, area, threshold)) + 0.5
        painter.drawLine(QPointF(x, area.top() + 1), QPointF(x, area.bottom() - 1))
    _draw_summary(painter, color, data, scale, area)
    painter.setPen(QPen(color("panel"), 1))
    painter.setBrush(color("t1"))
    for place in dot_places(data, scale, area):
        painter.drawEllipse(place, RADIUS, RADIUS)
    painter.restore()


def _draw_summary(
    painter: QPainter, color: Callable[[str], QColor], data: DotStripData, scale: StripScale, area: QRectF
) -> None:
    """The soft box, the bar of the mean, and the diamond."""
    middle = area.center().y()
    if data.box is not None:
        left, right = (_x(scale, area, end) for end in data.box)
        soft = QColor(color("t1"))
        soft.setAlphaF(0.17)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(soft)
        painter.drawRoundedRect(QRectF(left, middle - 6, max(right - left, 2.0), 12), 2, 2)
    if data.mean is not None:
        painter.setPen(QPen(color("t1"), 1.5))
        x = _x(scale, area, data.mean)
        painter.drawLine(QPointF(x, middle - 7.5), QPointF(x, middle + 7.5))
    if data.diamond is not None:
        x = _x(scale, area, data.diamond)
        painter.setPen(QPen(color("t1"), 1.3))
        painter.setBrush(color("panel"))
        corners = ((x, middle - 5), (x + 5, middle), (x, middle + 5), (x - 5, middle))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))


def _x(scale: StripScale, area: QRectF, value: float) -> float:
    return area.left() + MARGIN + scale.fraction(value) * (area.width() - 2 * MARGIN)


class DotStrip(QWidget):
    """A strip as a widget of its own; tables draw theirs with ``draw_dot_strip``.

    Signals:
        dot_clicked: key of the dot that was clicked.
    """

    dot_clicked = Signal(object)

    def __init__(self, theme: Theme, *, height: int = 26) -> None:
        super().__init__()
        self._theme = theme
        self._data, self._scale = DotStripData(()), StripScale(0.0, 1.0)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_data(self, data: DotStripData, scale: StripScale) -> None:
        """Show other measurements."""
        if (data, scale) != (self._data, self._scale):
            self._data, self._scale = data, scale
            self.setAccessibleDescription("; ".join(dot.words for dot in data.dots))
            self.update()

    @property
    def data(self) -> DotStripData:
        """What is shown."""
        return self._data

    def place_of(self, number: int) -> QPointF:
        """The middle of a dot."""
        return dot_places(self._data, self._scale, QRectF(self.rect()))[number]

    def _dot_at(self, place: QPointF) -> StripDot | None:
        return dot_at(self._data, self._scale, QRectF(self.rect()), place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the dot under the mouse is."""
        dot = self._dot_at(event.position())
        shape = Qt.CursorShape.PointingHandCursor if dot and dot.key is not None else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        QToolTip.showText(event.globalPosition().toPoint(), dot.words if dot else "", self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a dot names it."""
        dot = self._dot_at(event.position())
        if dot is not None and dot.key is not None and event.button() == Qt.MouseButton.LeftButton:
            self.dot_clicked.emit(dot.key)
        else:
            super().mousePressEvent(event)

    def sizeHint(self) -> QSize:
        """As long as in a table."""
        return QSize(120, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the strip."""
        draw_dot_strip(QPainter(self), self._theme.color, self._data, self._scale, QRectF(self.rect()))


def strip_words(event: QHelpEvent, data: DotStripData, scale: StripScale, area: QRectF) -> str:
    """What a table's tooltip says about the dot under the mouse; empty for none."""
    dot = dot_at(data, scale, area, QPointF(event.pos()))
    return dot.words if dot is not None else ""

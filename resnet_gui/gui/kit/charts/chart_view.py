"""A widget that shows a chart, painted once and copied from then on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QMouseEvent, QPaintEngine, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.gui.kit.charts.chart import PlotData, paint_chart
from resnet_gui.gui.kit.charts.kept_picture import KeptPicture
from resnet_gui.gui.kit.theme import Theme

NEAR = 12
"""Pixels within which the pointer is on a line."""


class ChartView(QWidget):
    """A view of a chart, which names the value under the pointer.

    Signals:
        clicked: x under the pointer.
    """

    clicked = Signal(float)

    def __init__(self, theme: Theme, name: str = "", *, ground: str = "panel") -> None:
        super().__init__()
        self._theme, self._ground = theme, ground
        self._chart: PlotData | None = None
        self._kept = KeptPicture(self)
        self.setAccessibleName(name)
        self.setMinimumSize(120, 80)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._kept.forget)

    @property
    def chart(self) -> PlotData | None:
        """What is shown."""
        return self._chart

    def show_chart(self, chart: PlotData) -> None:
        """Show another chart."""
        self._chart = chart
        self._kept.forget()

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(360, 240)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Copy the picture, which is painted when data, size or theme have changed."""
        chart = self._chart
        if chart is None:
            return

        def paint(painter: QPainter) -> None:
            paint_chart(painter, chart, QRectF(self.rect()), self._theme.color)

        painter = QPainter(self)
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            paint(painter)
        else:
            painter.drawPixmap(0, 0, self._kept.get(painter, self._theme.color(self._ground), paint))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the nearest line and its value."""
        QToolTip.showText(
            event.globalPosition().toPoint(), self.reading(event.position().x(), event.position().y()), self
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell where the user has clicked."""
        if self._chart is not None:
            inside = self._chart.plot_box(QRectF(self.rect()))
            axis = self._chart.x
            share = (event.position().x() - inside.left()) / max(1.0, inside.width())
            self.clicked.emit(axis.low + share * (axis.high - axis.low))

    def reading(self, x: float, y: float) -> str:
        """The words about what lies under a point; empty for nothing."""
        if self._chart is None:
            return ""
        chart, inside = self._chart, self._chart.plot_box(QRectF(self.rect()))
        best, words = float(NEAR), ""
        for line in chart.lines:
            if not line.name or not len(line.points.x):
                continue
            across = inside.left() + chart.x.fraction(line.points.x) * inside.width()
            number = int(np.argmin(np.abs(across - x)))
            value = float(line.points.y[number])
            far = abs(chart.place(float(line.points.x[number]), value, inside).y() - y)
            if abs(across[number] - x) <= NEAR and far < best:
                best, words = far, f"{line.name}: {_number(value)} at {_number(float(line.points.x[number]))}"
        for bar in chart.bars:
            place = chart.place(bar.x, bar.top, inside)
            half = inside.width() * bar.width / 2 / max(1e-12, chart.x.high - chart.x.low)
            if bar.name and abs(place.x() - x) <= half:
                words = f"{bar.name}: {_number(bar.top)}"
        return words


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")

"""Gradient norms by depth as strips of colour, one a run, on one scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.axes import ROUND_STEPS, TIME_STEPS, axis_time, round_ticks
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.dashes import set_dashes
from resnet_gui.gui.kit.colormap import viridis_ramp
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.runs.history import Heat

LEFT, RIGHT, BOTTOM, TITLE = 50, 14, 26, 18
SHADES = 256
STAGES = 6
"""Pixels of the hues of the stages beside a strip, with a gap."""


@dataclass(frozen=True)
class Strip:
    """The strip of one run.

    Attributes:
        token: of its colour.
        dash: number of the pattern of its lines, see ``kit.charts.dashes``.
        name: of the run.
        heat: its probes.
        places: of the probes on the x axis.
        hues: tokens of the layers by the stage that each stands in.
        steps_per_epoch: 0 where that is not known.
    """

    token: str
    dash: int
    name: str
    heat: Heat
    places: NDArray[np.float64]
    hues: tuple[str, ...] = ()
    steps_per_epoch: int = 0


def matrix(heat: Heat) -> NDArray[np.float64]:
    """Probes as (depth, time)."""
    if not heat.width:
        return np.empty((0, 0))
    count = len(heat.steps)
    return np.array(heat.values[: count * heat.width], dtype=np.float64).reshape(count, heat.width).T


def span(matrices: list[NDArray[np.float64]]) -> tuple[float, float]:
    """Smallest and largest positive value of all, as the ends of a logarithmic scale."""
    values = [part[(part > 0) & np.isfinite(part)] for part in matrices]
    values = [part for part in values if part.size]
    if not values:
        return 0.001, 1.0
    low = min(float(np.quantile(part, 0.005)) for part in values)
    high = max(float(np.quantile(part, 0.995)) for part in values)
    return low, max(high, low * 1.01)


class GradientHeatmap(QWidget):
    """A heat map of gradient norms by depth, a strip for each run.

    Painted by hand: pyqtgraph's ``ImageItem`` in a ``PlotItem`` a strip draws 2,000 probes of 54 layers no faster (11
    ms against 10 ms), and takes 54 ms to make where this takes 0.2 ms: a quarter of what the whole Train page takes.

    Signals:
        hovered: x under the mouse, None when it has left.
        scale_changed: the ends of the colour scale.
    """

    hovered = Signal(object)
    scale_changed = Signal(float, float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._strips: list[Strip] = []
        self._images: list[QImage] = []
        self._limit, self._times = 1.0, False
        self._cross: float | None = None
        self._hint = ""
        self._words = "Gradient norms appear here with the first step."
        self.setMouseTracking(True)
        self.setAccessibleName("Gradient norm by depth")
        theme.changed.connect(self.update)

    def set_strips(self, strips: list[Strip], limit: float, *, times: bool = False) -> None:
        """Show these runs, the x axis ending at ``limit``; ``times`` for seconds."""
        self._times = times
        self._strips, self._limit = [strip for strip in strips if strip.heat.width], max(limit, 1e-9)
        matrices = [matrix(strip.heat) for strip in self._strips]
        low, high = span(matrices)
        self._images = [self._image(part, low, high) for part in matrices]
        self.scale_changed.emit(low, high)
        self.update()

    def _image(self, values: NDArray[np.float64], low: float, high: float) -> QImage:
        with np.errstate(divide="ignore"):
            place = np.log(np.maximum(values, 1e-30) / low) / math.log(high / low)
        shades = np.clip(place * (SHADES - 1), 0, SHADES - 1).astype(np.int64)
        pixels = np.ascontiguousarray(viridis_ramp()[shades])
        height, width = pixels.shape
        return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()

    def show_cross(self, x: float | None) -> None:
        """The crosshair at ``x``."""
        if x != self._cross:
            self._cross = x
            self.update()

    def value_at(self, x: float, y: float) -> str:
        """What lies under a point of the widget, in words; empty for nothing."""
        for number, strip in enumerate(self._strips):
            box = self._box(number)
            if not box.contains(x, y):
                continue
            at = int(np.searchsorted(strip.places, self._from_pixel(x), side="right")) - 1
            layer = min(strip.heat.width - 1, int((y - box.top()) / box.height() * strip.heat.width))
            if at < 0:
                return ""
            value, step = strip.heat.values[at * strip.heat.width + layer], strip.heat.steps[at]
            epoch = f"epoch {int(step - 1) // strip.steps_per_epoch + 1:,}, " if strip.steps_per_epoch else ""
            return f"{strip.name}: layer {layer + 1} of {strip.heat.width}, {epoch}step {step:,.0f}: {value:.3g}"
        return ""

    @property
    def hint(self) -> str:
        """What is written of the place under the mouse."""
        return self._hint

    # ---- places

    def _box(self, number: int) -> QRectF:
        each = (self.height() - BOTTOM) / max(1, len(self._strips))
        return QRectF(LEFT, number * each + TITLE, max(1, self.width() - LEFT - RIGHT), max(1.0, each - TITLE - 4))

    def _to_pixel(self, x: float) -> float:
        return LEFT + x / self._limit * (self.width() - LEFT - RIGHT)

    def _from_pixel(self, x: float) -> float:
        return (x - LEFT) / max(1, self.width() - LEFT - RIGHT) * self._limit

    # ---- Qt

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the crosshair, and tell the value."""
        place = event.position()
        inside = LEFT <= place.x() <= self.width() - RIGHT
        self.hovered.emit(self._from_pixel(place.x()) if inside and self._strips else None)
        self._show_hint(self.value_at(place.x(), place.y()))

    def leaveEvent(self, _event: object) -> None:
        """Take the crosshair and its words away."""
        self._show_hint("")
        self.hovered.emit(None)

    def _show_hint(self, words: str) -> None:
        """Write what lies under the mouse above its strip."""
        if words != self._hint:
            self._hint = words
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the strips."""
        painter = QPainter(self)
        color = self._theme.color
        if not self._strips:
            painter.setPen(color("t3"))
            ink(self._words, 12).draw_in(painter, QRectF(self.rect()), "centre")
            return
        for number, (strip, image) in enumerate(zip(self._strips, self._images, strict=True)):
            box = self._box(number)
            pen = QPen(color(strip.token), 2)
            set_dashes(pen, strip.dash, 0.75)
            painter.setPen(pen)
            painter.drawLine(QPointF(LEFT, box.top() - 9), QPointF(LEFT + 14, box.top() - 9))
            painter.setPen(color("t1"))
            name, _, value = self._hint.partition(": ")
            here = bool(value) and name == strip.name
            words = ink(elided(value if here else "", max(40, self.width() - LEFT - RIGHT - 120), 11), 11)
            shown = ink(elided(strip.name, max(40, round(box.width() - 30 - words.width)), 11, middle=True), 11)
            shown.draw(painter, LEFT + 20, box.top() - 16)
            words.draw(painter, box.right() - words.width, box.top() - 16)
            self._draw_stages(painter, strip, box)
            painter.setPen(color("t3"))
            depths = (1, (strip.heat.width + 1) // 2, strip.heat.width)
            for depth, share in zip(depths, (0.0, 0.5, 1.0), strict=True):
                y = box.top() + share * box.height()
                ink(str(depth), 11).draw_in(painter, QRectF(0, y - 8, LEFT - STAGES - 4, 16), "right")
            # Each probe stands until the next one; a run that goes on ends where it is.
            first, last = self._to_pixel(0.0), self._to_pixel(_reach(strip.places))
            target = QRectF(first, box.top(), min(box.right(), last) - first, box.height())
            painter.drawImage(target, image, QRectF(image.rect()))
        self._draw_axis(painter)

    def _draw_stages(self, painter: QPainter, strip: Strip, box: QRectF) -> None:
        """The hues of the stages along the axis of the layers."""
        if len(strip.hues) != strip.heat.width:
            return
        each = box.height() / strip.heat.width
        for number, hue in enumerate(strip.hues):
            painter.fillRect(QRectF(LEFT - STAGES, box.top() + number * each, STAGES - 2, each), self._theme.color(hue))

    def _draw_axis(self, painter: QPainter) -> None:
        color = self._theme.color
        if self._cross is not None and 0 <= self._cross <= self._limit:
            x = self._to_pixel(self._cross)
            for shade, width, style in (
                ("#8CFFFFFF", 2.4, Qt.PenStyle.SolidLine),
                ("#111111", 1.0, Qt.PenStyle.DashLine),
            ):
                painter.setPen(QPen(QColor(shade), width, style))
                for number in range(len(self._strips)):
                    box = self._box(number)
                    painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        painter.setPen(color("t3"))
        room = self.width() - LEFT - RIGHT
        ((_, ticks),) = round_ticks(0.0, self._limit, room, TIME_STEPS if self._times else ROUND_STEPS)
        for value in ticks:
            text = axis_time(value) if self._times else f"{value:,.0f}" if value == round(value) else f"{value:.3g}"
            box = QRectF(self._to_pixel(value) - 30, self.height() - BOTTOM + 6, 60, 16)
            ink(text, 11).draw_in(painter, box, "centre")


def _reach(places: NDArray[np.float64]) -> float:
    """Where the last probe's column ends."""
    if len(places) < 2:
        return float(places[-1]) if len(places) else 0.0
    return float(places[-1] + np.median(np.diff(places)))

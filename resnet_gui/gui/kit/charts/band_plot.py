"""A plot of bands, with the name of each at the end of its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.basic import label
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.bands import BandData
from resnet_gui.gui.kit.curve_plot import CurveData, CurvePlot
from resnet_gui.gui.kit.curves import Points, Values, value_at
from resnet_gui.gui.kit.readout import ReadoutRow
from resnet_gui.gui.kit.theme import Theme

TAG_ROOM: Final = 72
"""Pixels at the right for the names of the lines."""

TAG_STEP: Final = 16
MEAN_WIDTH: Final = 2.0
MEMBER_WIDTH: Final = 0.8
MEMBER_ALPHA: Final = 0.55
BAND_ALPHA: Final = 0.2


class LineTags(QWidget):
    """The names of lines beside their ends, moved apart where they would lie on each other."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tags: tuple[tuple[float, str, str], ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_tags(self, tags: Sequence[tuple[float, str, str]]) -> None:
        """Show names: y in pixels, name, colour token."""
        if tuple(tags) != self._tags:
            self._tags = tuple(tags)
            self.setAccessibleName(", ".join(name for _, name, _ in tags))
            self.update()

    def texts(self) -> list[str]:
        """What is shown, from top to bottom."""
        return [name for _, name, _ in sorted(self._tags)]

    def heights(self) -> list[float]:
        """The middles of the names, from top to bottom."""
        return spread([y for y, _, _ in sorted(self._tags)], TAG_STEP, TAG_STEP / 2, self.height() - TAG_STEP / 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a dot in the line's colour and the name."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for y, (_, name, token) in zip(self.heights(), sorted(self._tags), strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(token))
            painter.drawEllipse(QPointF(6, y), 4, 4)
            painter.setPen(self._theme.color("t1"))
            shown = elided(name, self.width() - 16, 12, 600, middle=True)
            ink(shown, 12, 600).draw_in(painter, QRectF(14, y - TAG_STEP / 2, self.width() - 14, TAG_STEP))


def spread(wanted: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Rising places as near to the wanted ones as they can be, ``step`` apart, between two ends as long as they fit."""
    placed: list[float] = []
    for place in wanted:
        placed.append(max(place, low, placed[-1] + step if placed else low))
    limit = high
    for number in range(len(placed) - 1, -1, -1):
        placed[number] = min(placed[number], limit)
        limit = placed[number] - step
    return placed


class BandPlot(CurvePlot):
    """A plot of bands: the mean a strong line, the band about it soft, what it is made of thin.

    Attributes:
        tags: the names at the line ends.
        along: what the x axis counts, below the names.
    """

    def __init__(
        self, theme: Theme, title: str, unit: str = "", *, titled: bool = True, tag_room: int = TAG_ROOM
    ) -> None:
        """Make a plot; ``tag_room`` is how many pixels there are for the names at the right."""
        super().__init__(theme, title, unit, titled=titled)
        self._bands: dict[str, BandData] = {}
        self._fills: dict[str, tuple[Any, Any, Any]] = {}
        self._tag_room = tag_room
        self._item.layout.setContentsMargins(0, 2, tag_room, 0)
        self._most_room = 2 * tag_room
        self.tags = LineTags(theme, self._widget)
        self.along = label("", "small")
        self.along.setParent(self._widget)
        self.along.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._item.getViewBox().sigRangeChanged.connect(lambda *_: self._place_tags())
        self._item.getViewBox().sigResized.connect(lambda *_: self._place_tags())
        self.hovered.connect(self._show_values)

    def set_bands(self, bands: Sequence[BandData], *, limit: float | None = None) -> None:
        """Draw these bands and no others; ``limit`` is the right end of the x axis."""
        self._bands = {band.key: band for band in bands}
        self._make_room()
        curves: list[CurveData] = []
        for order, band in enumerate(bands):
            if len(band.members) > 1:
                curves += [
                    CurveData(f"{band.key}/{number}", each, band.token, MEMBER_WIDTH, MEMBER_ALPHA, order=order)
                    for number, each in enumerate(band.members)
                ]
            curves.append(
                CurveData(band.key, band.mean, band.token, MEAN_WIDTH, 1.0, band.live, band.dash, order=500 + order)
            )
        # The fills first: the range that suits them is chosen when the lines are set.
        self._draw_fills()
        self.set_curves(curves, limit=limit)
        self._place_tags()

    @property
    def bands(self) -> list[BandData]:
        """What is drawn."""
        return list(self._bands.values())

    def set_log(self, *, log: bool) -> None:
        """Logarithmic y axis or not."""
        super().set_log(log=log)
        self._draw_fills()

    def _draw_fills(self) -> None:
        for key in set(self._fills) - set(self._bands):
            self._item.removeItem(self._fills.pop(key)[2])
        for number, (key, band) in enumerate(self._bands.items()):
            if key not in self._fills:
                low, high = pg.PlotCurveItem(), pg.PlotCurveItem()
                fill = pg.FillBetweenItem(low, high)
                self._item.addItem(fill)
                self._fills[key] = low, high, fill
            low, high, fill = self._fills[key]
            edges = band.low, band.high
            if self._log:
                floor = _floor(band)
                edges = np.log10(np.maximum(band.low, floor)), np.log10(np.maximum(band.high, floor))
            low.setData(band.mean.x, edges[0])
            high.setData(band.mean.x, edges[1])
            soft = QColor(self._color(band.token))
            soft.setAlphaF(BAND_ALPHA)
            fill.setBrush(soft)
            fill.setZValue(-100 + number)

    def _recolour(self) -> None:
        super()._recolour()
        if hasattr(self, "_fills"):
            self._draw_fills()
            self.tags.update()

    # ---- names

    def _make_room(self) -> None:
        """Leave as much at the right as the longest name takes, within bounds."""
        longest = max((ink(band.name, 12, 600).width for band in self._bands.values()), default=0.0)
        room = min(self._most_room, max(40, round(longest) + 22))
        if room != self._tag_room:
            self._tag_room = room
            self._item.layout.setContentsMargins(0, 2, room, 0)

    def show_along(self, word: str) -> None:
        """Say what the x axis counts."""
        self.along.setText(word)
        self._place_tags()

    def _place_tags(self) -> None:
        view = self._item.getViewBox()
        area = view.sceneBoundingRect()
        self.along.setGeometry(int(area.right()) + 16, int(area.bottom()) + 2, self._tag_room - 16, TAG_STEP)
        self.tags.setGeometry(int(area.right()) + 2, int(area.top()), self._tag_room - 2, max(1, int(area.height())))
        tags = []
        for band in self._bands.values():
            value = _last(band.mean)
            if value is None or (self._log and value <= 0):
                continue
            y = view.mapViewToScene(QPointF(0, float(np.log10(value) if self._log else value))).y() - area.top()
            tags.append((min(max(y, 0.0), area.height()), band.name, band.token))
        self.tags.show_tags(tags)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the names with the lines."""
        super().resizeEvent(event)
        self._place_tags()

    # ---- values

    def _show_values(self, x: float | None) -> None:
        """Tell mean and deviation of every band at the crosshair."""
        self.show_cross(None if x is None else round(x), lambda: self._readings(round(x or 0)))

    def _readings(self, x: float) -> tuple[str, Sequence[str], list[ReadoutRow]]:
        rows: list[tuple[float, ReadoutRow]] = []
        for band in self._bands.values():
            value, high = value_at(band.mean, x), value_at(Points(band.mean.x, band.high), x)
            if value is not None and high is not None:
                texts = (f"{value:.3g}", f"{high - value:.2g}")
                rows.append((value, ReadoutRow(band.token, band.dash, band.name, texts, chosen=False)))
        return f"{x:,.0f}", ("mean", "± sd"), [row for _, row in sorted(rows, key=lambda each: -each[0])]


def _last(points: Points) -> float | None:
    sound = points.y[np.isfinite(points.y)]
    return float(sound[-1]) if len(sound) else None


def _floor(band: BandData) -> float:
    """The lowest value that a logarithmic scale draws of a band, whose mean minus deviation may be negative."""
    values: Values = np.concatenate([band.mean.y, *(each.y for each in band.members)])
    positive = values[np.isfinite(values) & (values > 0)]
    return float(positive.min()) / 2 if len(positive) else 1e-30

"""What is written over curves: their names at their ends, values of peaks that are cut off, and that there are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.dashes import set_dashes
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.format import shortened_names
from resnet_gui.gui.kit.theme import Theme

LINE: Final = 13
DASH: Final = 8
MOST, MARGIN = 112, 14
"""Pixels of a name at most, and of the plot's margin without names."""

WIDE: Final = 380
"""Pixels of a plot in which the name of a lone curve stands too, and long names have their room."""

SHARE, LEAST = 0.24, 34
"""Of a smaller plot, that the names of several curves take, and pixels of a name in it; they are shortened to it."""


class NotedCurve(Protocol):
    """A curve about which something is written."""

    @property
    def name(self) -> str:
        """At its end; empty for nothing."""

    @property
    def points(self) -> Points:
        """As they are drawn, on a linear scale."""

    @property
    def token(self) -> str:
        """Of its colour."""

    @property
    def width(self) -> float:
        """Of its pen: the widest is the chosen one."""

    @property
    def dash(self) -> int:
        """Number of its pattern of dashes, 0 for a solid line."""


class CurveNotes(QWidget):
    """The notes over a plot, which let the mouse through to it.

    Attributes:
        sentence: stands in a plot without points, which then has no numbers; empty for the axes alone.
        empty: whether that is so now.
    """

    def __init__(self, theme: Theme, parent: QWidget, item: Any) -> None:
        """Lay them over the viewport of a plot; ``item`` is pyqtgraph's plot."""
        super().__init__(parent)
        self._theme, self._item, self._viewport = theme, item, parent
        self._curves: tuple[NotedCurve, ...] = ()
        self._log, self._margin, self._longest = False, MARGIN, MOST
        self._most = 0.0
        self._short: dict[str, str] = {}
        self.sentence, self.empty = "", False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        item.getViewBox().sigRangeChanged.connect(lambda *_: self.update())
        theme.changed.connect(self.update)

    def show_curves(self, curves: Sequence[NotedCurve], *, log: bool) -> None:
        """Write about these curves; where none has a point yet, the plot has no numbers at its axes."""
        self._show_axes(empty=bool(self.sentence) and not any(len(curve.points.x) for curve in curves))
        self._curves = tuple(curve for curve in curves if curve.name and len(curve.points.x))
        self._log, self._most = log, max((curve.width for curve in self._curves), default=0.0)
        self.fit()
        self.update()

    def _show_axes(self, *, empty: bool) -> None:
        if empty != self.empty:
            self.empty = empty
            for side in ("left", "bottom"):
                self._item.getAxis(side).setStyle(showValues=not empty)
            self._item.showGrid(x=not empty, y=not empty, alpha=0.15)

    def name_of(self, curve: NotedCurve) -> str:
        """What is written at a curve's end."""
        return self._short.get(curve.name, curve.name)

    def fit(self) -> None:
        """Give the names room beside the curves: several always, a lone one where the plot is wide enough."""
        area = self._viewport.rect()
        self.setGeometry(area)
        names = [each.name for each in self._curves]
        widest = max((ink(name, 11, 600).width for name in names), default=0.0)
        small = area.width() < WIDE
        self._longest = max(LEAST, round(SHARE * area.width())) if small else MOST
        # Names that have no room are cut where they are alike, so that what tells them apart is read.
        self._short = dict(zip(names, shortened_names(names) if widest > self._longest else names, strict=True))
        longest = max((ink(short, 11, 600).width for short in self._short.values()), default=0.0)
        hidden = not longest or (small and len(self._curves) < 2)
        room = MARGIN if hidden else round(min(longest, self._longest)) + DASH + (12 if small else 18)
        if room != self._margin:
            self._margin = room
            self._item.layout.setContentsMargins(0, 2, room, 0)

    @property
    def named(self) -> bool:
        """Whether there is room for the names."""
        return self._margin > MARGIN

    @property
    def taken(self) -> int:
        """Pixels that the names take from the plot."""
        return self._margin - MARGIN

    # ---- places

    def _place(self, value: float) -> float | None:
        """Where a value stands in pixels from the top; None outside of what is shown."""
        view = self._item.getViewBox()
        area, (low, high) = view.sceneBoundingRect(), view.viewRange()[1]
        if self._log:
            value = float(np.log10(value)) if value > 0 else low - 1
        if not low <= value <= high or high == low:
            return None
        return float(area.bottom() - (value - low) / (high - low) * area.height())

    def ends(self) -> list[tuple[NotedCurve, float]]:
        """The names at the ends, and where each stands: none lies on another."""
        view = self._item.getViewBox().sceneBoundingRect()
        found = []
        for each in self._curves:
            values = each.points.y[np.isfinite(each.points.y)]
            place = self._place(float(values[-1])) if len(values) else None
            if place is not None:
                found.append((each, place))
        found.sort(key=lambda pair: pair[1])
        return list(zip([each for each, _ in found], spread([at for _, at in found], view.bottom()), strict=True))

    def peaks(self) -> list[tuple[NotedCurve, float, float]]:
        """The curve whose peak is highest above the plot, where it stands in pixels, and its value; none without."""
        view = self._item.getViewBox()
        area, ((left, right), (_, top)) = view.sceneBoundingRect(), view.viewRange()
        found = []
        for each in self._curves:
            x, y = each.points
            y = np.where(np.isfinite(y), y, -np.inf)
            if not len(y) or right == left:
                continue
            at = int(np.argmax(y))
            value = float(y[at])
            shown = float(np.log10(value)) if self._log and value > 0 else value
            if shown > top and left <= x[at] <= right:
                found.append((each, float(area.left() + (x[at] - left) / (right - left) * area.width()), value))
        # Of peaks at one place the largest stands for all: more would lie on the curves.
        found.sort(key=lambda peak: peak[2], reverse=True)
        return found[:1]

    def _is_strong(self, curve: NotedCurve) -> bool:
        return len(self._curves) > 1 and curve.width == self._most

    # ---- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw names, peaks, or the sentence of an empty plot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self._item.getViewBox().sceneBoundingRect()
        if self.empty:
            self._draw_blank(painter, area)
            return
        if self.named:
            for each, at in self.ends():
                self._draw_end(painter, each, area.right() + 6, at)
        for each, x, value in self.peaks():
            self._draw_peak(painter, each, QPointF(x, area.top()), value)

    def _draw_end(self, painter: QPainter, each: NotedCurve, left: float, at: float) -> None:
        pen = QPen(self._theme.color(each.token), 2)
        set_dashes(pen, each.dash, 0.75)
        painter.setPen(pen)
        painter.drawLine(QPointF(left, at), QPointF(left + DASH, at))
        weight = 600 if self._is_strong(each) else 400
        name = ink(elided(self.name_of(each), self._longest, 11, weight, middle=True), 11, weight)
        painter.setPen(self._theme.color("t1" if self._is_strong(each) else "t2"))
        name.draw(painter, left + DASH + 4, at - name.height / 2)

    def _draw_peak(self, painter: QPainter, each: NotedCurve, place: QPointF, value: float) -> None:
        x, top = place.x() + 10, place.y() + 3
        words = ink(f"{value:.3g}", 11)
        painter.fillRect(QRectF(x - 2, top - 2, words.width + 16, LINE), self._theme.color("panel"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(each.token))
        painter.drawPolygon(QPolygonF([QPointF(x, top + 7), QPointF(x + 8, top + 7), QPointF(x + 4, top)]))
        painter.setPen(self._theme.color("t2"))
        words.draw(painter, x + 12, top - 3)

    def _draw_blank(self, painter: QPainter, area: QRectF) -> None:
        """Where curves will be: a few faint lines and a sentence, and no numbers that nobody has measured."""
        painter.setPen(QPen(self._theme.color("line"), 1))
        for part in (0.25, 0.5, 0.75):
            y = area.top() + part * area.height()
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(self._theme.color("t3"))
        words = ink(elided(self.sentence, max(40, int(area.width()) - 16), 12), 12)
        box = QRectF(area.center().x() - words.width / 2 - 8, area.center().y() - 12, words.width + 16, 24)
        painter.fillRect(box, self._theme.color("panel"))
        words.draw_in(painter, box, "centre")


def spread(places: Sequence[float], bottom: float) -> list[float]:
    """Rising places moved apart by a line, and up again where the last ones would stand below the bottom."""
    moved: list[float] = []
    for at in places:
        moved.append(max(at, moved[-1] + LINE) if moved else at)
    limit = bottom
    for number in range(len(moved) - 1, -1, -1):
        moved[number] = min(moved[number], limit)
        limit = moved[number] - LINE
    return moved

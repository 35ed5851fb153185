"""What a linear probe reads behind each block, over the strip of the blocks, and the slider below that picks one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.evaluation.intervals import Share
from resnet_gui.gui.evaluate.depth.block_strip import HEIGHT, BlockCell, paint_marker, paint_strip
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBand, PlotData, PlotLine, paint_chart
from resnet_gui.gui.kit.charts.kept_picture import KeptPicture
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.format import count, percent
from resnet_gui.gui.kit.theme import Theme

CAPTION: Final = "linear probe accuracy %, after each block"
TOP: Final = 18.0
"""Pixels of the caption."""

SLIDER: Final = 24
LEFT, RIGHT = 30.0, 3.0
UNDER: Final = 22.0
"""Pixels that a chart keeps for the words of its x axis, which here are the blocks."""

NO_PROBE: Final = "There was no probe to make"
HANDLE: Final = 14
MOST_GRID: Final = 24
"""Up to so many blocks have a line of the grid each."""


@dataclass(frozen=True)
class ProbeCurve:
    """The probes of a network.

    Attributes:
        name: of the network.
        token: of its colour.
        places: of its features, as their names, such as "stem" or "4_1".
        shares: of test pictures that a probe answers rightly behind each; None where there was none to make.
        dash: number of its line's pattern, 0 for a solid one.
    """

    name: str
    token: str
    places: tuple[str, ...]
    shares: tuple[Share | None, ...]
    dash: int = 0

    def points(self, cells: int) -> tuple[Points, Points]:
        """Accuracy in per cent over the places of a strip of so many cells, and the ends of the interval as x and y.

        A network with another number of blocks is stretched: its first and its last place lie over those of the strip.
        """
        stretch = (cells - 1) / max(1, len(self.shares) - 1)
        x = np.arange(len(self.shares), dtype=np.float64) * (stretch if len(self.shares) != cells else 1.0)
        y = np.array([100 * share.value if share else np.nan for share in self.shares])
        low = np.array([100 * share.low if share else np.nan for share in self.shares])
        high = np.array([100 * share.high if share else np.nan for share in self.shares])
        return Points(x, y), Points(low, high)

    def reading(self, cells: int, place: int) -> str:
        """What a probe reads at a place of a strip of so many cells, in words."""
        own = place if len(self.shares) == cells else round(place * (len(self.shares) - 1) / max(1, cells - 1))
        share = self.shares[own]
        if share is None:
            return f"{self.name} after {self.places[own]}: no probe"
        return (
            f"{self.name} after {self.places[own]}: {percent(share.value)} of {count(share.of)} pictures"
            f" ({percent(share.low)} to {percent(share.high)})"
        )


def probe_chart(curves: Sequence[ProbeCurve], cells: int, nothing: str = NO_PROBE) -> PlotData:
    """The curves with their intervals, over cells whose middles lie at whole numbers; ``nothing`` without a curve."""
    lines, soft, ends = list[PlotLine](), list[ChartBand](), list[float]()
    for number, curve in enumerate(curves):
        points, interval = curve.points(cells)
        sound = np.isfinite(points.y)
        if not sound.any():
            continue
        soft.append(ChartBand(points.x[sound], interval.x[sound], interval.y[sound], curve.token))
        lines.append(PlotLine(points, curve.token, 2.0 if number == 0 else 1.6, name=curve.name, dash=curve.dash))
        ends += [float(interval.x[sound].min()), float(interval.y[sound].max())]
    low, high = (min(ends), max(ends)) if ends else (0.0, 100.0)
    bottom, top = max(0, 10 * int(np.floor(low / 10))), min(100, 10 * int(np.ceil(high / 10)))
    pitch = 10 if top - bottom <= 40 else 20
    ticks = tuple((float(value), str(value)) for value in range(-(-bottom // pitch) * pitch, top + 1, pitch))
    y = ChartAxis(bottom, max(top, bottom + 10), ticks)
    step = -(-cells // MOST_GRID)
    grid = tuple((float(place), "") for place in range(0, cells, step))
    # The curve of the first network lies above that of the one beside.
    return PlotData(ChartAxis(-0.5, cells - 0.5, grid), y, tuple(lines[::-1]), tuple(soft[::-1]), left=int(LEFT),
                    tag_room=int(RIGHT), message="" if lines else nothing)  # fmt: skip


class ProbeStrip(QWidget):
    """Curves, blocks and a slider on one x axis.

    Attributes:
        slider: picks a block.
        caption: what the curves are, and of how many pictures.
        nothing: stands where there is no curve.

    Signals:
        moved: place of the block that is read now.
    """

    moved = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._cells: tuple[BlockCell, ...] = ()
        self._curves: tuple[ProbeCurve, ...] = ()
        self._chart: PlotData | None = None
        self._kept = KeptPicture(self)
        self.caption, self.nothing = CAPTION, NO_PROBE
        self._words = ""
        self.slider = AbsoluteSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName("Block whose features are shown")
        self.slider.setPageStep(1)
        self.slider.valueChanged.connect(self._tell)
        self.setMouseTracking(True)
        self.setMinimumSize(220, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._kept.forget)

    # ---- what is shown

    def show_blocks(self, cells: Sequence[BlockCell], curves: Sequence[ProbeCurve], chosen: int) -> None:
        """Show other blocks and curves, and read one of the blocks, without telling anybody."""
        self._cells, self._curves = tuple(cells), tuple(curves)
        self._chart = probe_chart(curves, len(cells), self.nothing) if cells else None
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(cells) - 1))
        self.slider.setValue(chosen)
        self.slider.blockSignals(False)
        self._name_block()
        self._place_slider()
        self._kept.forget()

    def show_words(self, words: str) -> None:
        """Say below the names of the curves what there is no curve of, and why; empty for nothing."""
        if words != self._words:
            self._words = words
            self._kept.forget()

    @property
    def curves(self) -> tuple[ProbeCurve, ...]:
        """What is drawn."""
        return self._curves

    @property
    def place(self) -> int:
        """The place of the block that is read."""
        return self.slider.value()

    def choose(self, place: int) -> None:
        """Read another block."""
        self.slider.setValue(place)

    def _tell(self, place: int) -> None:
        self._name_block()
        self.update()
        self.moved.emit(place)

    def _name_block(self) -> None:
        if self._cells:
            self.slider.setAccessibleDescription(f"after {self._cells[self.place].name}")

    # ---- where things are

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(420, 208)

    def _strip_box(self) -> QRectF:
        top = self.height() - SLIDER - HEIGHT - 4
        return QRectF(LEFT, top, max(1.0, self.width() - LEFT - RIGHT), HEIGHT)

    def _chart_box(self) -> QRectF:
        return QRectF(0, TOP - 2, self.width(), self._strip_box().top() - TOP - 6 + UNDER)

    def middle_of(self, place: int) -> float:
        """The x of the middle of a cell."""
        box = self._strip_box()
        return box.left() + (place + 0.5) * box.width() / max(1, len(self._cells))

    def place_at(self, x: float) -> int:
        """The place of the cell at an x."""
        box = self._strip_box()
        return min(len(self._cells) - 1, max(0, int((x - box.left()) * len(self._cells) / box.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the knob of the slider under its block."""
        super().resizeEvent(event)
        self._place_slider()
        self._kept.forget()

    def _place_slider(self) -> None:
        first, last = self.middle_of(0), self.middle_of(max(0, len(self._cells) - 1))
        left = round(first - HANDLE / 2)
        self.slider.setGeometry(left, self.height() - SLIDER, max(HANDLE, round(last + HANDLE / 2) - left), SLIDER)
        self.slider.setVisible(len(self._cells) > 1)

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Copy curves and blocks, which are painted when they change; over them where the slider stands."""
        chart = self._chart
        if chart is None:
            return
        painter = QPainter(self)
        ground = self._theme.color("panel")
        painter.drawPixmap(0, 0, self._kept.get(painter, ground, lambda inner: self._paint_still(inner, chart)))
        self._paint_reading(painter, chart)

    def _paint_still(self, painter: QPainter, chart: PlotData) -> None:
        color = self._theme.color
        paint_chart(painter, chart, self._chart_box(), color)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_dots(painter, chart)
        painter.setPen(color("t2"))
        words = elided(self.caption, self.width(), 11)
        ink(words, 11).draw(painter, 2, 0)
        paint_strip(painter, self._cells, self._strip_box(), color)
        self._paint_legend(painter)

    def _paint_dots(self, painter: QPainter, chart: PlotData) -> None:
        if len(self._cells) > 2 * MOST_GRID:
            return
        inside = chart.plot_box(self._chart_box())
        painter.setPen(Qt.PenStyle.NoPen)
        for line in chart.lines:
            painter.setBrush(self._theme.color(line.token))
            for x, y in zip(*line.points, strict=True):
                if np.isfinite(y):
                    painter.drawEllipse(chart.place(x, y, inside), 2.4, 2.4)

    def _paint_legend(self, painter: QPainter) -> None:
        """The names at the upper left, where curves that rise leave room."""
        y = TOP + 6
        for curve in self._curves:
            # A ring, as the sign of a run whose lines are dashed.
            colour = self._theme.color(curve.token)
            painter.setPen(QPen(colour, 2) if curve.dash else Qt.PenStyle.NoPen)
            painter.setBrush(Qt.BrushStyle.NoBrush if curve.dash else colour)
            radius = 3.5 if curve.dash else 4
            painter.drawEllipse(QPointF(LEFT + 14, y + 8), radius, radius)
            painter.setPen(self._theme.color("t1"))
            name = elided(curve.name, max(40, round(self.width() * 0.45)), 12, 600)
            ink(name, 12, 600).draw_in(painter, QRectF(LEFT + 23, y, 10, 16))
            y += 18
        if self._words:
            painter.setPen(self._theme.color("t2"))
            words = elided(self._words, round(self.width() - LEFT - 23 - RIGHT), 12)
            ink(words, 12).draw_in(painter, QRectF(LEFT + 23, y, 10, 16))

    def _paint_reading(self, painter: QPainter, chart: PlotData) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, inside, strip = self._theme.color, chart.plot_box(self._chart_box()), self._strip_box()
        x = self.middle_of(self.place)
        painter.setPen(QPen(color("acc"), 1.2))
        painter.drawLine(QLineF(x, inside.top(), x, strip.top()))
        painter.drawLine(QLineF(x, strip.bottom(), x, self.height() - SLIDER / 2))
        paint_marker(painter, self._cells, self.place, strip, color)
        for curve in self._curves[:1]:
            share = curve.shares[self.place]
            if share is not None:
                middle = chart.place(self.place, 100 * share.value, inside)
                painter.setPen(QPen(color(curve.token), 1.6))
                painter.setBrush(color("panel"))
                painter.drawEllipse(middle, 5, 5)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color(curve.token))
                painter.drawEllipse(middle, 2, 2)

    # ---- the user

    def reading(self, place: int) -> str:
        """What the probes say at a place."""
        words = [curve.reading(len(self._cells), place) for curve in self._curves]
        return "\n".join([*words, self._words] if self._words else words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Read the block that is clicked."""
        if self._cells and event.button() == Qt.MouseButton.LeftButton:
            self.choose(self.place_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """With the button held, the slider follows."""
        if self._cells and event.buttons() & Qt.MouseButton.LeftButton:
            self.choose(self.place_at(event.position().x()))

    def event(self, event: QEvent) -> bool:
        """Say what the probes read under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = self.reading(self.place_at(event.pos().x())) if self._cells else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

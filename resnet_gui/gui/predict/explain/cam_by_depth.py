"""Grad-CAM as a ladder: the evidence at the end of every stage, and inside a block at branch, shortcut and sum."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.analysis.locations import MapPoint, block_points, blocks_of, stage_points
from resnet_gui.design.location import Location
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import ElidingCombo, column, label, row
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.colormap import coloured, heat_ramp
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.explain_events import HeatMap

TEXT = 34
MOST = 150
WIDE = 640
"""Pixels from which on a note stands beside the choice."""


class _Rungs(QWidget):
    """The maps over the network's input, one beside the other, in order of depth."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._points: list[MapPoint] = []
        self._groups = 0
        self._heats: dict[str, HeatMap] = {}
        self._seen = QImage()
        self._current = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(90)
        self.setAccessibleName("Grad-CAM by depth")
        theme.changed.connect(self.update)

    def show_rungs(self, stages: list[MapPoint], inside: list[MapPoint]) -> None:
        self._points, self._groups = [*stages, *inside], len(stages)
        self.update()

    def show_heats(self, heats: dict[str, HeatMap], seen: QImage) -> None:
        self._heats, self._seen = heats, seen
        words = [f"{point.title}: {'nothing' if not self._peak(point) else 'evidence'}" for point in self._points]
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def _peak(self, point: MapPoint) -> float:
        heat = self._heats.get(point.name)
        return heat.peak if heat is not None else 0.0

    def show_current(self, name: str) -> None:
        self._current = name
        self.update()

    def _cell(self, number: int) -> QRectF:
        count = max(1, len(self._points))
        gap = 10 if self._groups < count else 0
        step = (self.width() - gap) / count
        side = min(step - 8, self.height() - TEXT, MOST)
        return QRectF(number * step + (gap if number >= self._groups else 0), 0, max(8.0, side), max(8.0, side))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the place of a rung."""
        for number, point in enumerate(self._points):
            if self._cell(number).adjusted(0, 0, 0, TEXT).contains(event.position()):
                self.chosen.emit(point.name)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the rungs."""
        painter = QPainter(self)
        color = self._theme.color
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for number, point in enumerate(self._points):
            cell = self._cell(number)
            if self._seen.isNull():
                painter.fillRect(cell, color("hover"))
            else:
                painter.drawImage(cell, self._seen)
            heat = self._heats.get(point.name)
            if heat is not None and heat.peak > 0:
                size = QSize(round(cell.width()), round(cell.height()))
                painter.setOpacity(0.85)
                painter.drawImage(cell, coloured(heat.values, (heat.width, heat.height), heat_ramp(), size))
                painter.setOpacity(1.0)
            if point.name == self._current:
                painter.setPen(QPen(color("acc"), 2))
                painter.drawRect(cell.adjusted(1, 1, -1, -1))
            painter.setPen(color("t1"))
            room = int(self.width() / max(1, len(self._points))) - 6
            ink(elided(point.title, room, 11, 500), 11, 500).draw(painter, cell.left(), cell.bottom() + 3)
            painter.setPen(color("t2"))
            if self._seen.isNull():
                words = ""
            elif heat is not None and heat.peak > 0:
                words = f"{point.shape[2]}×{point.shape[1]}, {heat.peak:.2g}"
            elif heat is None:
                words = "…"
            else:
                words = "nothing speaks for it"
            ink(elided(words, room, 11), 11).draw(painter, cell.left(), cell.bottom() + 17)


class CamByDepthView(QWidget):
    """The ladder with the choice of a block.

    Signals:
        point_chosen: show the heat of this place on the picture.
        asked: another block was chosen; its maps are wanted.
    """

    point_chosen = Signal(str)
    requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._plan: Plan | None = None
        layout = column(self, (16, 6, 16, 8), 8)
        line = row(gap=8)
        line.addWidget(label("Ends of the stages, and inside of block", "muted12"))
        self.block = ElidingCombo()
        self.block.setProperty("small", "true")
        self.block.setSizeAdjustPolicy(ElidingCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.block.setMinimumContentsLength(9)
        self.block.setAccessibleName("Block")
        self.block.activated.connect(self._block_chosen)
        line.addWidget(self.block)
        line.addStretch()
        self.note = label("click one to lay it over the picture", "caption")
        line.addWidget(self.note)
        layout.addLayout(line)
        self.rungs = _Rungs(theme)
        self.rungs.chosen.connect(self.point_chosen)
        layout.addWidget(self.rungs, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow panel the choice comes first."""
        self.note.setVisible(self.width() >= WIDE)
        super().resizeEvent(event)

    def show_network(self, planned: Plan) -> None:
        """Take the places of a network."""
        self._plan = planned
        before = self.block.currentData()
        with QSignalBlocker(self.block):
            self.block.clear()
            for name, block in blocks_of(planned):
                if block.shortcut != "none":
                    self.block.addItem(name, name)
            place = self.block.findData(before)
            self.block.setCurrentIndex(place if place >= 0 else self.block.count() - 1)
        self.block.setEnabled(self.block.count() > 0)
        self._show_rungs()

    def inside(self) -> tuple[MapPoint, ...]:
        """The places inside of the chosen block."""
        name = self.block.currentData()
        block = Location.parse(name) if name else None
        found = self._plan.find_section(block) if self._plan is not None and block is not None else None
        return block_points(block, found) if block is not None and found is not None else ()

    def show_heats(self, heats: dict[str, HeatMap], seen: QImage, current: str) -> None:
        """Show what the engine has computed; ``current`` is the place that lies over the picture."""
        self.rungs.show_heats(heats, seen)
        self.rungs.show_current(current)

    def _block_chosen(self) -> None:
        self._show_rungs()
        self.requested.emit()

    def _show_rungs(self) -> None:
        if self._plan is not None:
            self.rungs.show_rungs(list(stage_points(self._plan)), list(self.inside()))

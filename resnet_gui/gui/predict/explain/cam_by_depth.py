"""Grad-CAM by depth: the evidence at the end of every stage, and inside a block at branch, shortcut and sum."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.analysis.locations import MapLocation, short_title, stage_maps
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import ElidedLabel, column, label, row
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.colormap import coloured, heat_ramp
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.explain_events import HeatMap
from resnet_gui.protocol.jobs import Explain

INSIDE: Final = "Ends of the stages, and inside of block"
NOTHING_INSIDE: Final = "Ends of the stages. No block of this network has a shortcut, so none has a sum inside."

TEXT = 34
MOST = 150
WIDE = 640
"""Pixels from which on a note stands beside the choice."""


class CamRow(QWidget):
    """The row of Grad-CAM's maps over the network's input, in order of depth.

    Signals:
        chosen: name of the place whose map was clicked.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._locations: list[MapLocation] = []
        self._groups = 0
        self._heats: dict[str, HeatMap] = {}
        self._input = QImage()
        self._current = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(90)
        self.setAccessibleName("Grad-CAM by depth")
        theme.changed.connect(self.update)

    def show_locations(self, stages: list[MapLocation], inside: list[MapLocation]) -> None:
        """Take the places: ends of the stages, and inside of a block."""
        self._locations, self._groups = [*stages, *inside], len(stages)
        self.update()

    def show_heats(self, heats: dict[str, HeatMap], image: QImage) -> None:
        """Show maps by the names of their places, over the network's input; a null image for none."""
        self._heats, self._input = heats, image
        words = [
            f"{location.title}: {'nothing' if not self._peak(location) else 'evidence'}" for location in self._locations
        ]
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def _peak(self, location: MapLocation) -> float:
        heat = self._heats.get(location.name)
        return heat.peak if heat is not None else 0.0

    def show_current(self, name: str) -> None:
        """Frame the place that lies over the picture."""
        self._current = name
        self.update()

    def _cell(self, number: int) -> QRectF:
        count = max(1, len(self._locations))
        gap = 10 if self._groups < count else 0
        step = (self.width() - gap) / count
        side = min(step - 8, self.height() - TEXT, MOST)
        return QRectF(number * step + (gap if number >= self._groups else 0), 0, max(8.0, side), max(8.0, side))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the place of a map."""
        for number, location in enumerate(self._locations):
            if self._cell(number).adjusted(0, 0, 0, TEXT).contains(event.position()):
                self.chosen.emit(location.name)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the maps."""
        painter = QPainter(self)
        color = self._theme.color
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for number, location in enumerate(self._locations):
            cell = self._cell(number)
            if self._input.isNull():
                painter.fillRect(cell, color("hover"))
            else:
                painter.drawImage(cell, self._input)
            heat = self._heats.get(location.name)
            if heat is not None and heat.peak > 0:
                size = QSize(round(cell.width()), round(cell.height()))
                painter.setOpacity(0.85)
                painter.drawImage(cell, coloured(heat.values, (heat.width, heat.height), heat_ramp(), size))
                painter.setOpacity(1.0)
            if location.name == self._current:
                painter.setPen(QPen(color("acc"), 2))
                painter.drawRect(cell.adjusted(1, 1, -1, -1))
            painter.setPen(color("t1"))
            room = int(self.width() / max(1, len(self._locations))) - 6
            title = location.title
            if ink(title, 11, 500).width > room:
                # Of "Stage 3, conv4_x" the part that tells it from the others.
                title = title.rpartition(", ")[2]
            ink(elided(title, room, 11, 500), 11, 500).draw(painter, cell.left(), cell.bottom() + 3)
            painter.setPen(color("t2"))
            if self._input.isNull():
                words = ""
            elif heat is not None and heat.peak > 0:
                words = f"{location.shape[2]}×{location.shape[1]}, {heat.peak:.2g}"
            elif heat is None:
                words = "…"
            else:
                words = "nothing speaks for it"
            ink(elided(words, room, 11), 11).draw(painter, cell.left(), cell.bottom() + 17)


def request_explanation(state: PredictState) -> Explain | None:
    """The question about Grad-CAM at the ends of the stages, inside the chosen block and at the chosen place."""
    request, planned = state.explained_request, state.plan
    if request is None or planned is None or not state.image:
        return None
    names = [location.name for location in (*stage_maps(planned), *state.inside_block())]
    return Explain(0, request, state.image, state.target, tuple(dict.fromkeys([*names, state.location])))


class CamByDepthView(ExplainWidget):
    """The view of Grad-CAM by depth: the maps with the choice of a block."""

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__(theme, state)
        self._input = QImage()
        layout = column(self, (16, 6, 16, 8), 8)
        line = row(gap=8)
        self.words = ElidedLabel(INSIDE, "muted12")
        line.addWidget(self.words)
        self.block = SmallCombo("Block", 9)
        self.block.activated.connect(lambda _: state.set_block(self.block.currentData()))
        line.addWidget(self.block)
        line.addStretch()
        self.note = label("click one to lay it over the picture", "caption")
        line.addWidget(self.note)
        layout.addLayout(line)
        self.cams = CamRow(theme)
        self.cams.chosen.connect(state.set_location)
        layout.addWidget(self.cams, 1)
        state.block_changed.connect(self._show_block)
        state.naming_changed.connect(self.list_anew)
        state.location_changed.connect(self._show_location)
        state.explanation_changed.connect(self._show_explanation)
        state.picture_changed.connect(self._forget_input)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow panel the choice comes first."""
        self.note.setVisible(self.width() >= WIDE)
        super().resizeEvent(event)

    def show_network(self, planned: Plan) -> None:
        """Take the places of a network."""
        naming = self.state.naming
        adding = [location for location, block in planned.blocks() if block.adds]
        self.block.show_keyed((short_title(location, naming), location.path) for location in adding)
        adds = self.block.count() > 0
        self.block.setVisible(adds)
        self.words.setText(INSIDE if adds else NOTHING_INSIDE)
        self.words.setToolTip("" if adds else NOTHING_INSIDE)
        self._show_block()
        self._show_location()

    def _show_block(self) -> None:
        self.block.show_key(self.state.block)
        if self.state.plan is not None:
            stages = stage_maps(self.state.plan, self.state.naming)
            self.cams.show_locations(list(stages), list(self.state.inside_block()))

    def _show_location(self) -> None:
        self.cams.show_current(self.state.location)

    def _show_explanation(self) -> None:
        """Show what is known; until an answer comes, the input of the last one stays."""
        explanation = self.state.explanation
        if explanation is not None:
            self._input = QImage.fromData(explanation.input_png)
        heats = explanation.heats if explanation is not None else ()
        self.cams.show_heats({heat.location: heat for heat in heats}, self._input)

    def _forget_input(self) -> None:
        self._input = QImage()
        self._show_explanation()

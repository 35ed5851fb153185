"""The map of the network beside those of networks whose weights are random, from the head down."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.colormap import coloured
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.pictures.canvas import Overlay, ramp_of

TEXT = 34
MOST = 150
GAP = 8
FADED = 0.45
"""Opacity of the picture below the maps: their colours are what is compared."""


class StripCell(NamedTuple):
    """A cell of the strip.

    Attributes:
        title: below the map; ``short`` where there is less room.
        words: in the line after it.
        overlay: the map; None where no number of it is finite.
    """

    title: str
    short: str
    words: str
    overlay: Overlay | None


class AttributionStrip(QWidget):
    """The strip of maps over the faded input of the network, one of them chosen.

    Signals:
        chosen: number of the cell that was chosen.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._cells: list[StripCell] = []
        self._input = QImage()
        self._current, self._words, self._room = 0, "", 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(TEXT + 20)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Attributions: trained and random weights")
        theme.changed.connect(self.update)

    def cells(self) -> list[StripCell]:
        """What is shown."""
        return list(self._cells)

    def show_cells(self, cells: list[StripCell], image: QImage, *, current: int, room: int) -> None:
        """Show maps over the network's input.

        Args:
            cells: the maps.
            image: the network's input.
            current: number of the one that lies over the picture.
            room: how many there will be.
        """
        self._cells, self._input, self._current, self._room = cells, image, current, max(1, room)
        self._words = ""
        self.setAccessibleDescription("; ".join(f"{cell.title}: {cell.words}" for cell in cells))
        self.update()

    def show_words(self, words: str) -> None:
        """Show no maps, but why."""
        self._cells, self._words = [], words
        self.setAccessibleDescription(words)
        self.update()

    def cell(self, place: int) -> QRectF:
        """Where a map stands."""
        step = self.width() / max(self._room, len(self._cells))
        side = max(8.0, min(step - GAP, self.height() - TEXT, MOST))
        return QRectF(place * step, 0, side, side)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the map under the mouse."""
        for place in range(len(self._cells)):
            if self.cell(place).adjusted(0, 0, 0, TEXT).contains(event.position()):
                self.chosen.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys choose a neighbour."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not 0 <= self._current + step < len(self._cells):
            super().keyPressEvent(event)
        else:
            self.chosen.emit(self._current + step)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the maps, or the words."""
        painter, color = QPainter(self), self._theme.color
        if not self._cells:
            painter.setPen(color("t3"))
            where = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), where, self._words)
            return
        room = int(self.width() / max(self._room, len(self._cells))) - 6
        for place, found in enumerate(self._cells):
            cell = self.cell(place)
            self._draw_map(painter, cell, found.overlay)
            if place == self._current:
                painter.setPen(QPen(color("acc"), 2))
                painter.drawRect(cell.adjusted(1, 1, -1, -1))
            painter.setPen(color("t1"))
            title = found.title if ink(found.title, 11, 500).width <= room else found.short
            ink(elided(title, room, 11, 500), 11, 500).draw(painter, cell.left(), cell.bottom() + 3)
            painter.setPen(color("t2"))
            ink(elided(found.words, room, 11), 11).draw(painter, cell.left(), cell.bottom() + 17)

    def _draw_map(self, painter: QPainter, cell: QRectF, overlay: Overlay | None) -> None:
        painter.fillRect(cell, self._theme.color("hover"))
        if overlay is None:
            return
        small = self._input.width() < cell.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not small)
        painter.setOpacity(FADED)
        painter.drawImage(cell, self._input)
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = QSize(round(cell.width()), round(cell.height()))
        painter.drawImage(cell, coloured(overlay.values, (overlay.width, overlay.height), ramp_of(overlay), size))

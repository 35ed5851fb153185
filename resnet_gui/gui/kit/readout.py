"""The box that tells what curves are worth at the crosshair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.dashes import set_dashes
from resnet_gui.gui.kit.theme import Theme

LINE, PAD, NAME = 15, 8, 118


class ReadoutRow(NamedTuple):
    """A curve at the crosshair: its colour, name, values as text, and whether it is the chosen one."""

    token: str
    dash: int
    name: str
    values: tuple[str, ...]
    chosen: bool


class Readout(QWidget):
    """The box of values at a crosshair; it lets the mouse through to the plot under it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._place = ""
        self._columns: tuple[str, ...] = ()
        self._rows: tuple[ReadoutRow, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_rows(self, place: str, columns: Sequence[str], rows: Sequence[ReadoutRow], most: int) -> None:
        """Show readings under their columns; ``most`` rows fit."""
        shown = tuple(rows[:most])
        if (place, tuple(columns), shown) != (self._place, self._columns, self._rows):
            self._place, self._columns, self._rows = place, tuple(columns), shown
            self.resize(2 * PAD + 18 + NAME + 50 * len(columns), 2 * PAD - 4 + LINE * (1 + len(shown)))
            self.update()
        self.setVisible(bool(shown))

    def texts(self) -> list[tuple[str, ...]]:
        """What is shown, row by row: name and values."""
        return [(row.name, *row.values) for row in self._rows] if not self.isHidden() else []

    @property
    def place(self) -> str:
        """Where on the x axis that is."""
        return self._place

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the box."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        painter.setPen(QPen(color("line2"), 1))
        painter.setBrush(color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        top = PAD - 3
        painter.setPen(color("t2"))
        ink(self._place, 11).draw_in(painter, QRectF(PAD, top, 18 + NAME, LINE))
        for number, title in enumerate(self._columns):
            ink(title, 11).draw_in(painter, self._cell(number, top), "right")
        for row in self._rows:
            top += LINE
            pen = QPen(color(row.token), 2)
            set_dashes(pen, row.dash, 0.75)
            painter.setPen(pen)
            middle = top + LINE / 2
            painter.drawLine(QPointF(PAD, middle), QPointF(PAD + 12, middle))
            weight = 600 if row.chosen else 400
            painter.setPen(color("t1"))
            name = ink(elided(row.name, NAME, 11, weight, middle=True), 11, weight)
            name.draw_in(painter, QRectF(PAD + 18, top, NAME, LINE))
            for number, value in enumerate(row.values):
                painter.setPen(color("t1" if number + 1 == len(row.values) else "t2"))
                ink(value, 11, weight).draw_in(painter, self._cell(number, top), "right")

    def _cell(self, number: int, top: float) -> QRectF:
        return QRectF(PAD + 18 + NAME + 50 * number, top, 50 - 2, LINE)

"""How the cells of the results are drawn: dots in front, strips, tracks of differences, badges."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.badge import draw_badge
from resnet_gui.gui.kit.charts.dot_strip import DotStripData, draw_dot_strip
from resnet_gui.gui.kit.charts.strip_scale import StripScale
from resnet_gui.gui.kit.theme import Theme, paint_row
from resnet_gui.gui.train.sweeps.results_columns import ResultColumn
from resnet_gui.gui.train.sweeps.results_model import COLUMN, ROW, ResultsModel
from resnet_gui.sweeps.state import RunCell
from resnet_gui.sweeps.table import SweepRow

PAD: Final = 8
FIRST_PAD: Final = 16
STRIP_HEIGHT: Final = 26
FIRST_SHIFT: Final = 24.0
"""Pixels of the dot in front of a row."""


class TextStyle(NamedTuple):
    """The look of a text in a cell: pixel size, weight, colour token, and whether it is cut in the middle."""

    size: int
    weight: int
    colour: str
    middle: bool = False


PLAIN, NAME, BOLD = TextStyle(13, 400, "t1"), TextStyle(13, 500, "t1", middle=True), TextStyle(13, 600, "t1")
FAINT, QUIET, FAILED = TextStyle(13, 400, "t3"), TextStyle(11, 400, "t2"), TextStyle(11, 500, "err")
STATE_TOKENS: Final = {"finished": "ok", "failed": "err", "running": "acc", "paused": "warn", "interrupted": "warn"}


class ResultsDelegate(QStyledItemDelegate):
    """The delegate of the results."""

    def __init__(self, theme: Theme, model: ResultsModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model

    def strip_at(self, row: SweepRow, column: ResultColumn, box: QRect) -> tuple[DotStripData, StripScale, QRectF]:
        """What a strip's cell shows, and where."""
        area = QRectF(box.left() + 2, box.center().y() - STRIP_HEIGHT / 2, box.width() - 12, STRIP_HEIGHT)
        if column.kind == "strip":
            return self._model.strip(row), self._model.scale, area
        return self._model.difference_strip(row), self._model.difference_scale, area

    def text_width(self, row: SweepRow | RunCell, column: ResultColumn, *, whole: bool = False) -> int:
        """Pixels that the numbers of a cell need; with ``whole`` the ends of an interval too."""
        if column.kind == "interval" and isinstance(row, SweepRow):
            wide = ink(self._model.difference_text(row), BOLD.size, BOLD.weight).width
            if whole:
                wide += 8 + ink(self._model.interval_text(row), QUIET.size, QUIET.weight).width
        elif column.kind == "mean":
            mean, sign, sd = self._model.text(row, column).partition(" ±")
            wide = ink(mean, BOLD.size, BOLD.weight).width + 1 + ink(f"{sign}{sd}", PLAIN.size, PLAIN.weight).width
        else:
            wide = ink(self._model.text(row, column), PLAIN.size, PLAIN.weight).width
        return math.ceil(wide) + 2 * PAD

    def retry_box(self, row: SweepRow, box: QRect) -> QRectF | None:
        """Where the cell of the verdict offers to train failed runs again; None where none failed."""
        if not row.failed:
            return None
        words = ink(f"{row.failed} failed, Retry", 11, 500)
        return QRectF(self._notes_left(row, box), box.top(), words.width, box.height())

    def _notes_left(self, row: SweepRow, box: QRect) -> float:
        badge, hint = self._model.badge(row), self._model.hint(row)
        left = box.left() + PAD + (badge.width + 8 if badge.word else 0)
        return left + (ink(hint, 11).width + 8 if hint else 0)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        row, column = index.data(ROW), index.data(COLUMN)
        box = QRect(option.rect)
        painter.save()
        paint_row(painter, self._theme, option, frame=False)
        painter.setClipRect(box)
        if isinstance(row, RunCell):
            self._paint_run(painter, box, row, column, first=index.column() == 0)
        else:
            self._paint_row(painter, box, row, column, first=index.column() == 0)
        painter.restore()

    def _paint_run(self, painter: QPainter, box: QRect, cell: RunCell, column: ResultColumn, *, first: bool) -> None:
        if first:
            self._dot(painter, box, cell)
        style = PLAIN
        if column.kind == "status":
            style = PLAIN._replace(colour=STATE_TOKENS.get(cell.status, "t2"))
        self._text(painter, box, self._model.text(cell, column), style, FIRST_SHIFT if first else 0.0)

    def _paint_row(self, painter: QPainter, box: QRect, row: SweepRow, column: ResultColumn, *, first: bool) -> None:
        match column.kind:
            case "axis":
                if first:
                    self._dot(painter, box, row)
                self._text(painter, box, self._model.text(row, column), NAME, FIRST_SHIFT if first else 0.0)
            case "difference" if row.comparison in {"baseline", "not compared"} or not row.compared_with:
                self._text(painter, box, self._model.text(row, column), FAINT)
            case "strip" | "difference":
                data, scale, area = self.strip_at(row, column, box)
                draw_dot_strip(painter, self._theme.color, data, scale, area)
            case "mean":
                mean, sign, sd = self._model.text(row, column).partition(" ±")
                wide = self._text(painter, box, mean, BOLD)
                self._text(painter, box, f"{sign}{sd}", PLAIN, wide + 1)
            case "interval":
                wide = self._text(painter, box, self._model.difference_text(row), BOLD)
                # Numbers are not cut: what has no room is left to the tooltip.
                if box.width() >= self.text_width(row, column, whole=True):
                    self._text(painter, box, self._model.interval_text(row), QUIET, wide + 8)
            case "verdict":
                self._verdict(painter, box, row)
            case _:
                self._text(painter, box, self._model.text(row, column))

    def _verdict(self, painter: QPainter, box: QRect, row: SweepRow) -> None:
        badge, hint = self._model.badge(row), self._model.hint(row)
        if badge.word:
            draw_badge(painter, self._theme, badge, box.left() + PAD, box.center().y())
        if hint and self._notes_left(row, box) - 8 <= box.right():
            self._text(painter, box, hint, QUIET, badge.width + 8)
        if row.failed:
            left = self._notes_left(row, box) - box.left() - PAD
            self._text(painter, box, f"{row.failed} failed, Retry", FAILED, left)

    def _dot(self, painter: QPainter, box: QRect, row: SweepRow | RunCell) -> None:
        token, ring = self._model.token(row)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color(token), 2) if ring else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if ring else self._theme.color(token))
        painter.drawEllipse(QPointF(box.left() + FIRST_PAD + 4, box.center().y() + 0.5), 3.5 if ring else 4, 4)

    def _text(self, painter: QPainter, box: QRect, text: str, style: TextStyle = PLAIN, shift: float = 0.0) -> float:
        """Write a text into a cell; returns how wide it is."""
        left = box.left() + PAD + shift
        room = max(8, round(box.right() - left))
        shown = ink(elided(text, room, style.size, style.weight, middle=style.middle), style.size, style.weight)
        painter.setPen(self._theme.color(style.colour))
        shown.draw(painter, left, box.center().y() - shown.height / 2 + 1)
        return shown.width

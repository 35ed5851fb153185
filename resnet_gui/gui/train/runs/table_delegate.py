"""How the table of runs is drawn: a row of the narrow list, cells of the wide table, headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.theme import Theme, paint_row
from resnet_gui.gui.runs.row import RunRow, progress_text, state_word
from resnet_gui.gui.train.runs.arrangement import GroupHeading
from resnet_gui.gui.train.runs.columns import COLUMNS, CURVE, NAME, RunColumn
from resnet_gui.gui.train.runs.sparklines import Sparklines
from resnet_gui.gui.train.runs.table_model import ENTRY

NARROW_HEIGHT, WIDE_HEIGHT, HEADING_HEIGHT = 42, 30, 26
"""Of a run in the narrow list and in the wide table, and of a heading, in pixels."""

EYE: Final = 34
"""Pixels at the left in which a click shows or hides curves."""

STATE_TOKENS: Final = {
    "queued": "t2", "starting": "acc", "running": "acc", "paused": "warn", "finished": "ok", "stopped": "t2",
    "failed": "err", "interrupted": "warn",
}  # fmt: skip


class RunTableDelegate(QStyledItemDelegate):
    """The delegate that draws the runs.

    Attributes:
        narrow: whether there is one column, which says name, state and error.
    """

    def __init__(self, theme: Theme, sparklines: Sparklines) -> None:
        super().__init__()
        self._theme, self._sparklines = theme, sparklines
        self.narrow = True

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all runs, and one for headings."""
        if isinstance(index.data(ENTRY), GroupHeading):
            return QSize(60, HEADING_HEIGHT)
        return QSize(60, NARROW_HEIGHT if self.narrow else WIDE_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a heading, or one cell of a run."""
        entry, box = index.data(ENTRY), QRect(option.rect)
        painter.save()
        painter.setClipRect(box)
        if isinstance(entry, GroupHeading):
            self._heading(painter, box, entry)
        elif isinstance(entry, RunRow):
            paint_row(painter, self._theme, option, frame=self.narrow)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            column = COLUMNS[index.column()]
            if self.narrow:
                self._row(painter, box, entry)
            elif column.key == NAME:
                self._name(painter, box, entry)
            elif column.key == CURVE:
                self._curve(painter, box, entry)
            else:
                self._cell(painter, box, entry, column)
        painter.restore()

    def _heading(self, painter: QPainter, box: QRect, heading: GroupHeading) -> None:
        painter.fillRect(box, self._theme.color("raise"))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), self._theme.color("line"))
        painter.setPen(self._theme.color("t2"))
        count = ink(str(heading.count), 11)
        room = box.width() - 36 - round(count.width)
        title = ink(elided(heading.title, room, 11, 600), 11, 600)
        title.draw(painter, box.left() + 12, box.center().y() - title.height / 2 + 1)
        painter.setPen(self._theme.color("t3"))
        count.draw(painter, box.left() + 12 + title.width + 8, box.center().y() - count.height / 2 + 1)

    def _sign(self, painter: QPainter, box: QRect, run: RunRow) -> int:
        """The eye and the dot; returns where the name begins."""
        color = self._theme.color
        eye = self._theme.pixmap("eye" if run.shown else "eye-off", "t2" if run.shown else "dis", 16)
        painter.drawPixmap(box.left() + 12, box.center().y() - 7, eye)
        left = box.left() + 36
        if run.dashed:
            painter.setPen(QPen(color(run.token), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(left + 5, box.center().y() + 0.5), 4, 4)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(run.token))
            painter.drawEllipse(QPointF(left + 5, box.center().y() + 0.5), 5, 5)
        return left + 18

    # ---- the wide table

    def _name(self, painter: QPainter, box: QRect, run: RunRow) -> None:
        left = self._sign(painter, box, run)
        painter.setPen(self._theme.color("t1" if run.shown else "t2"))
        name = ink(elided(run.name, max(8, box.right() - left - 8), 13, 500, middle=True), 13, 500)
        name.draw(painter, left, box.center().y() - name.height / 2 + 1)

    def _cell(self, painter: QPainter, box: QRect, run: RunRow, column: RunColumn) -> None:
        strong = column.key == "error"
        size, weight = (13, 600) if strong else (12, 500 if column.key == "state" else 400)
        token = STATE_TOKENS[run.status] if column.key == "state" else "t1" if strong else "t2"
        text = column.text(run)
        painter.setPen(self._theme.color("t3" if text == "–" else token))
        shown = ink(elided(text, max(8, box.width() - 16), size, weight), size, weight)
        left = box.right() - 8 - shown.width if column.right else box.left() + 8
        shown.draw(painter, left, box.center().y() - shown.height / 2 + 1)

    def _curve(self, painter: QPainter, box: QRect, run: RunRow) -> None:
        """The errors by epoch, from nought to the largest, over the whole training."""
        errors = self._sparklines.errors(run)
        area = QRectF(box).adjusted(8, 6, -10, -7)
        painter.setPen(QPen(self._theme.color("line2"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if not errors:
            return
        color = self._theme.color(run.token)
        places = curve_places(errors, area, run.epoch / max(1, run.epochs))
        painter.setPen(QPen(color, 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(places)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(places.last(), 1.8, 1.8)

    # ---- the narrow list

    def _row(self, painter: QPainter, box: QRect, run: RunRow) -> None:
        color, left = self._theme.color, self._sign(painter, box, run)
        figure = ink("–" if run.error is None else percent(run.error, 2), 13, 600)
        painter.setPen(color("t3" if run.error is None else "t1"))
        right = box.right() - 12 - figure.width
        figure.draw(painter, right, box.center().y() - figure.height / 2)
        room = max(8, int(right) - left - 8)
        painter.setPen(color("t1" if run.shown else "t2"))
        ink(elided(run.name, room, 13, 500, middle=True), 13, 500).draw(painter, left, box.top() + 4)
        state = ink(state_word(run), 11, 500)
        token = STATE_TOKENS["running" if run.replaying else run.status]
        painter.setPen(color("err" if run.gone else token))
        state.draw(painter, left, box.top() + 22)
        painter.setPen(color("t2"))
        words = " · ".join(filter(None, (progress_text(run), ", ".join(run.tags))))
        if (rest := room - round(state.width) - 6) > 20:
            ink(elided(words, rest, 11), 11).draw(painter, left + state.width + 6, box.top() + 22)


def curve_places(errors: Sequence[float], area: QRectF, share: float) -> QPolygonF:
    """Where a small curve of errors runs: ``share`` of the area is as far as the run has come."""
    top = max(errors) or 1.0
    wide = area.width() * min(1.0, max(share, 0.02))
    step = wide / max(1, len(errors) - 1)
    height = area.height()
    return QPolygonF(
        [
            QPointF(area.left() + number * step, area.bottom() - error / top * height)
            for number, error in enumerate(errors)
        ]
    )

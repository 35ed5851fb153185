"""The list of runs: eye, colour, name, state, best error."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.theme import Theme, font, paint_row
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow, progress_text
from resnet_gui.gui.train.state import TrainState

HEIGHT = 42
STATE_TOKENS = {
    "queued": "t2", "starting": "acc", "running": "acc", "paused": "warn", "finished": "ok", "stopped": "t2",
    "failed": "err", "interrupted": "warn",
}  # fmt: skip


class RunDelegate(QStyledItemDelegate):
    """The delegate that draws a run; ``eyes`` off leaves the visibility sign out and shows accuracy, not error."""

    def __init__(self, theme: Theme, *, eyes: bool = True) -> None:
        super().__init__()
        self._theme, self._eyes = theme, eyes

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all."""
        return QSize(200, HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one run."""
        row: RunRow = index.data(Qt.ItemDataRole.UserRole)
        color, box = self._theme.color, QRect(option.rect)
        painter.save()
        paint_row(painter, self._theme, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = box.left() + 12
        if self._eyes:
            eye = self._theme.pixmap("eye" if row.shown else "eye-off", "t2" if row.shown else "dis", 16)
            painter.drawPixmap(left, box.top() + 13, eye)
            left += 24
        if row.dashed:
            painter.setPen(QPen(color(row.token), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(left + 5, box.center().y() + 0.5), 4, 4)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(row.token))
            painter.drawEllipse(QPointF(left + 5, box.center().y() + 0.5), 5, 5)
        left += 18
        self._write(painter, row, box, left, dim=self._eyes and not row.shown)
        painter.restore()

    def _write(self, painter: QPainter, row: RunRow, box: QRect, left: int, *, dim: bool) -> None:
        color = self._theme.color
        figure = "–" if row.error is None else percent(row.error if self._eyes else 1 - row.error, 2)
        painter.setFont(font(13, 600))
        wide = painter.fontMetrics().horizontalAdvance(figure)
        painter.setPen(color("t3" if row.error is None else "t1"))
        right = QRectF(box.right() - 12 - wide, box.top(), wide + 1, box.height())
        painter.drawText(right, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figure)
        room = int(right.left()) - left - 8
        painter.setFont(font(13, 500))
        painter.setPen(color("t2" if dim else "t1"))
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, box.top() + 4, room, 18), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(font(11, 500))
        state = row.status.capitalize()
        painter.setPen(color(STATE_TOKENS[row.status]))
        painter.drawText(QRect(left, box.top() + 22, room, 15), Qt.AlignmentFlag.AlignVCenter, state)
        taken = painter.fontMetrics().horizontalAdvance(state) + 6
        painter.setFont(font(11))
        painter.setPen(color("t2"))
        text = painter.fontMetrics().elidedText(progress_text(row), Qt.TextElideMode.ElideRight, room - taken)
        painter.drawText(QRect(left + taken, box.top() + 22, room - taken, 15), Qt.AlignmentFlag.AlignVCenter, text)


class RunList(QListView):
    """The list of runs; its selection is the page's chosen run.

    Signals:
        menu_requested: a row and where on the screen its menu is wanted.
        trash_requested, rename_requested: the row, by Delete and F2.
    """

    menu_requested = Signal(object, object)
    trash_requested = Signal(object)
    rename_requested = Signal(object)

    def __init__(self, theme: Theme, model: RunModel, state: TrainState) -> None:
        super().__init__()
        self._runs, self._state = model, state
        self.setModel(model)
        self._delegate = RunDelegate(theme)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAccessibleName("Runs")
        self.setToolTip("Click the eye to hide or show a run's curves")
        self.selectionModel().currentChanged.connect(lambda index: state.choose(self._row(index)))
        state.run_changed.connect(self._show_chosen)
        theme.changed.connect(self.viewport().update)

    def _show_chosen(self) -> None:
        chosen = self._state.run
        if chosen is not None and chosen is not self._row(self.currentIndex()):
            self.setCurrentIndex(self._runs.index(self._runs.rows().index(chosen)))

    @staticmethod
    def _row(index: QModelIndex) -> RunRow | None:
        row = index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None
        return row if isinstance(row, RunRow) else None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the run under the mouse, or the chosen one."""
        index = self.indexAt(event.pos())
        row = self._row(index) if index.isValid() else self._state.run
        if row is not None:
            self.menu_requested.emit(row, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, F2, and Space for the eye."""
        row = self._state.run
        wanted = {Qt.Key.Key_Delete: self.trash_requested, Qt.Key.Key_F2: self.rename_requested}.get(
            Qt.Key(event.key())
        )
        if row is not None and wanted is not None:
            wanted.emit(row)
        elif row is not None and event.key() == Qt.Key.Key_Space:
            self._runs.set_shown(row, shown=not row.shown)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the eye shows or hides the curves, elsewhere it selects."""
        row = self._row(self.indexAt(event.position().toPoint()))
        if row is not None and event.position().x() < 34 and event.type() == QEvent.Type.MouseButtonPress:
            self._runs.set_shown(row, shown=not row.shown)
            return
        super().mousePressEvent(event)

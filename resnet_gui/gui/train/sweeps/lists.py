"""The lists at the left: the sweeps, and the runs of the chosen one that go on or wait."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme, paint_row
from resnet_gui.gui.train.sweeps.model import SweepItem, SweepModel
from resnet_gui.sweeps.state import LIVE, OVER, RunCell, SweepState

Index = QModelIndex | QPersistentModelIndex
SWEEP_HEIGHT: Final = 42
RUN_HEIGHT: Final = 28
STATE_TOKENS: Final = {
    "queued": "t2", "running": "acc", "paused": "warn", "stopped": "t2", "finished": "ok", "failed": "err",
}  # fmt: skip


class SweepDelegate(QStyledItemDelegate):
    """The delegate that draws a sweep: name, state, and how many of its runs are over."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """One height for all."""
        return QSize(200, SWEEP_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one sweep."""
        item: SweepItem = index.data(Qt.ItemDataRole.UserRole)
        color, box = self._theme.color, QRect(option.rect)
        painter.save()
        paint_row(painter, self._theme, option)
        left, right = box.left() + 16, box.right() - 16
        painter.drawPixmap(left, box.top() + 13, self._theme.pixmap("sweep", "t2", 16))
        done, total = item.counts
        count = ink(f"{done} / {total}", 13, 600)
        painter.setPen(color("t1"))
        count.draw(painter, right - count.width, box.center().y() - count.height / 2 + 1)
        left, room = left + 26, right - left - 26 - round(count.width) - 8
        ink(elided(item.name, room, 13, 500, middle=True), 13, 500).draw(painter, left, box.top() + 4)
        state = ink(item.status.capitalize(), 11, 500)
        painter.setPen(color(STATE_TOKENS[item.status]))
        state.draw(painter, left, box.top() + 23)
        painter.setPen(color("t2"))
        about = elided(item.about, max(10, room - round(state.width) - 6), 11)
        ink(about, 11).draw(painter, left + state.width + 6, box.top() + 23)
        painter.restore()


class SweepList(QListView):
    """The list of sweeps; its selection is the chosen one.

    Signals:
        menu_requested: a sweep and where on the screen its menu is wanted.
        trash_requested: a sweep, by Delete.
    """

    menu_requested = Signal(object, object)
    trash_requested = Signal(object)

    def __init__(self, theme: Theme, model: SweepModel) -> None:
        super().__init__()
        self._sweeps = model
        self.setModel(model)
        self._delegate = SweepDelegate(theme)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAccessibleName("Sweeps")
        self.selectionModel().currentChanged.connect(lambda index: model.choose(self._item(index)))
        model.chosen_changed.connect(self._show_chosen)
        theme.changed.connect(self.viewport().update)

    @staticmethod
    def _item(index: QModelIndex) -> SweepItem | None:
        item = index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None
        return item if isinstance(item, SweepItem) else None

    def _show_chosen(self) -> None:
        chosen = self._sweeps.chosen
        if chosen is not None and chosen is not self._item(self.currentIndex()):
            self.setCurrentIndex(self._sweeps.index(self._sweeps.items().index(chosen)))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the sweep under the mouse, or the chosen one."""
        item = self._item(self.indexAt(event.pos())) or self._sweeps.chosen
        if item is not None:
            self.menu_requested.emit(item, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete moves to the trash."""
        if event.key() == Qt.Key.Key_Delete and self._sweeps.chosen is not None:
            self.trash_requested.emit(self._sweeps.chosen)
        else:
            super().keyPressEvent(event)


class WaitingRuns(QAbstractListModel):
    """The model of the runs of a sweep that are not over, in the order of running."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: tuple[RunCell, ...] = ()

    def show_state(self, state: SweepState | None) -> None:
        """Show those of another state."""
        cells = tuple(cell for cell in state.cells if cell.status not in OVER) if state is not None else ()
        # The running ones first: several go on at once.
        cells = tuple(sorted(cells, key=lambda cell: cell.status not in LIVE))
        if cells == self._cells:
            return
        if len(cells) == len(self._cells):
            self._cells = cells
            self.dataChanged.emit(self.index(0), self.index(len(cells) - 1))
            return
        self.beginResetModel()
        self._cells = cells
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of runs."""
        return 0 if parent.isValid() else len(self._cells)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The run itself under UserRole; in words for readers."""
        if not index.isValid() or not 0 <= index.row() < len(self._cells):
            return None
        cell = self._cells[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return cell
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return run_words(cell)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{run_words(cell)}, {waiting_words(cell)}"
            case _:
                return None


def run_words(cell: RunCell) -> str:
    """A run in words: ``depth 56, B, seed 3``."""
    return f"{cell.configuration.name}, seed {cell.seed}"


def waiting_words(cell: RunCell) -> str:
    """How far a run is: ``62 %``, ``starts``, ``waits``."""
    if cell.status == "starting":
        return "starts"
    return f"{cell.fraction * 100:.0f} %" if cell.status in LIVE or cell.fraction else "waits"


class WaitingDelegate(QStyledItemDelegate):
    """The delegate that draws a run that goes on or waits."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """One height for all."""
        return QSize(200, RUN_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one run."""
        cell: RunCell = index.data(Qt.ItemDataRole.UserRole)
        color, box = self._theme.color, QRect(option.rect)
        live = cell.status in LIVE
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, color("hover"))
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(box.topLeft(), box.topRight())
        painter.setPen(Qt.PenStyle.NoPen if live else QPen(color("ctl"), 1))
        painter.setBrush(color("acc") if live else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(box.left() + 20, box.center().y() + 0.5), 3.5, 3.5)
        word = ink(waiting_words(cell), 11)
        right = box.right() - 16
        painter.setPen(color("t2" if live else "t3"))
        word.draw(painter, right - word.width, box.center().y() - word.height / 2 + 1)
        right -= max(30, round(word.width)) + 8
        if live:
            bar = QRectF(right - 56, box.center().y() - 2.5, 56, 6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("line2"))
            painter.drawRoundedRect(bar, 3, 3)
            bar.setWidth(max(6.0, 56 * min(1.0, cell.fraction)))
            painter.setBrush(color("acc"))
            painter.drawRoundedRect(bar, 3, 3)
            right -= 64
        left = box.left() + 32
        painter.setPen(color("t1"))
        text = ink(elided(run_words(cell), right - left, 12), 12)
        text.draw(painter, left, box.center().y() - text.height / 2 + 1)
        painter.restore()

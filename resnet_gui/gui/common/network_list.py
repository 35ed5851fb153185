"""The list of networks: headings, colour or sign, name, accuracy or size."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from resnet_gui.data.weights_catalogue import WEIGHTS
from resnet_gui.gui.common.network_model import FETCH, TRAIN, NetworkEntry, NetworkModel
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme, paint_row

ROW, HEADING, NONE = 40, 28, 36


class _Delegate(QStyledItemDelegate):
    """The delegate that draws a network of the list."""

    def __init__(self, theme: Theme, model: NetworkModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Headings are lower."""
        entry: NetworkEntry = index.data(Qt.ItemDataRole.UserRole)
        if entry.kind != "heading":
            return QSize(200, ROW)
        return QSize(200, NONE if self._model.link(index) else HEADING)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        entry: NetworkEntry = index.data(Qt.ItemDataRole.UserRole)
        color, box = self._theme.color, QRect(option.rect)
        painter.save()
        if entry.kind == "heading":
            if self._model.link(index):
                focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
                self._draw_link(painter, entry, box, focused=focused)
            else:
                self._draw_heading(painter, entry, box)
            painter.restore()
            return
        chosen = paint_row(painter, self._theme, option, line=False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_sign(painter, entry, box)
        progress = self._model.progress(entry.key)
        figure = f"{progress:.0%}" if progress is not None else entry.figure
        right = ink(figure, 12 if not entry.here else 13, 600 if chosen else 400)
        painter.setPen(color("t1" if entry.here else "t2"))
        area = QRectF(box.right() - 16 - right.width, box.top(), right.width, box.height())
        right.draw_in(painter, area)
        if not entry.here and progress is None:
            painter.drawPixmap(int(area.left()) - 18, box.center().y() - 6, self._theme.pixmap("download", "t2", 13))
        left, room = box.left() + 42, int(area.left()) - box.left() - 42 - (22 if not entry.here else 6)
        painter.setPen(color("t1"))
        weight = 600 if chosen else 500
        ink(elided(entry.title, room, 13, weight, middle=True), 13, weight).draw(painter, left, box.top() + 3)
        painter.setPen(color("t2"))
        detail = entry.detail
        if ink(detail, 11).width > room:
            detail = detail.removeprefix("IMAGENET1K_")
        ink(elided(detail, room, 11), 11).draw(painter, left, box.top() + 21)
        if progress is not None:
            painter.fillRect(QRectF(box.left(), box.bottom() - 2, box.width() * progress, 3), color("acc"))
        painter.restore()

    def _draw_heading(self, painter: QPainter, entry: NetworkEntry, box: QRect) -> None:
        color = self._theme.color
        painter.fillRect(box, color("raise"))
        painter.setPen(color("t2"))
        title = ink(entry.title, 11, 500)
        title.draw_in(painter, box.adjusted(16, 0, 0, 0))
        for words in (entry.key, entry.key.rpartition(" ")[2]):
            right = ink(words, 11, 500)
            if title.width + right.width + 40 <= box.width():
                right.draw_in(painter, box.adjusted(0, 0, -16, 0), "right")
                break

    def _draw_link(self, painter: QPainter, entry: NetworkEntry, box: QRect, *, focused: bool) -> None:
        """A sentence, and what a click on it does."""
        color, words = self._theme.color, "Train a network"
        if entry.key == FETCH:
            words = "Hide" if self._model.unfolded else "Show"
        painter.fillRect(box, color("panel"))
        painter.setPen(color("t2"))
        link = ink(words, 12, 600)
        text = ink(elided(entry.title, box.width() - 40 - int(link.width), 12), 12)
        text.draw_in(painter, box.adjusted(16, 0, 0, 0))
        painter.setPen(color("acc"))
        link.draw_in(painter, box.adjusted(16 + int(text.width) + 6, 0, 0, 0))
        if focused:
            painter.setPen(QPen(color("acc"), 2))
            painter.drawRect(box.adjusted(1, 1, -2, -2))

    def _draw_sign(self, painter: QPainter, entry: NetworkEntry, box: QRect) -> None:
        color, middle = self._theme.color, box.center().y() + 0.5
        if entry.kind == "run" and entry.dashed:
            painter.setPen(QPen(color(entry.token), 2))
            painter.drawEllipse(QPointF(box.left() + 24, middle), 4, 4)
        elif entry.kind == "run":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(entry.token))
            painter.drawEllipse(QPointF(box.left() + 24, middle), 5, 5)
        else:
            sign = "chip" if entry.kind == "shipped" else "layers"
            painter.drawPixmap(box.left() + 16, box.center().y() - 8, self._theme.pixmap(sign, "t2", 16))


class NetworkList(QListView):
    """The list of networks that can answer.

    Signals:
        network_chosen: the row that is selected now.
        train_requested: there is no run yet and the user wants one.
    """

    network_chosen = Signal(object)
    train_requested = Signal()

    def __init__(self, theme: Theme, model: NetworkModel) -> None:
        super().__init__()
        self._networks = model
        self._last: NetworkEntry | None = None
        self.setModel(model)
        self._delegate = _Delegate(theme, model)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setAccessibleName("Networks")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._tell)
        theme.changed.connect(self.viewport().update)

    def chosen(self) -> NetworkEntry | None:
        """The network that is selected."""
        index = self.currentIndex()
        # Keys that walk over a link choose nothing else, nor does folding it away.
        walked = self._networks.link(index) or not index.isValid()
        return self._last if walked else self._networks.entry(index)

    def choose(self, key: str) -> bool:
        """Select a network; whether it is there."""
        index = self._networks.index_of(key)
        if not index.isValid() and key in WEIGHTS:
            self._networks.unfold(on=True)
            index = self._networks.index_of(key)
        if index.isValid():
            self.setCurrentIndex(index)
        return index.isValid()

    def clear_choice(self) -> None:
        """Select nothing, without telling anybody."""
        self._last = None
        self.selectionModel().blockSignals(True)
        self.setCurrentIndex(QModelIndex())
        self.selectionModel().blockSignals(False)
        self.selectionModel().clear()
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Some headings are links."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self._networks.entry(index) is None:
            self._follow(index)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and space follow a link."""
        index = self.currentIndex()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._networks.link(index):
            self._follow(index)
            return
        super().keyPressEvent(event)

    def _follow(self, index: QModelIndex) -> None:
        match self._networks.link(index):
            case key if key == TRAIN:
                self.train_requested.emit()
            case key if key == FETCH:
                chosen, place = self.chosen(), index.row()
                with QSignalBlocker(self):
                    self._networks.unfold(on=not self._networks.unfolded)
                    if chosen is not None:
                        self.setCurrentIndex(self._networks.index_of(chosen.key))
                self.scrollTo(self._networks.index(place), QListView.ScrollHint.PositionAtTop)

    def _tell(self, index: QModelIndex) -> None:
        entry = self._networks.entry(index)
        if entry is not None:
            self._last = entry
            self.network_chosen.emit(entry)

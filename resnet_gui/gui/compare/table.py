"""The table of the Compare page: designs as columns, rows that differ marked, bars in the cells."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from resnet_gui.gui.compare.model import ComparedDesign, ComparisonCell, ComparisonModel, ComparisonRow
from resnet_gui.gui.kit.basic import label, vertical_line
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.format import count
from resnet_gui.gui.kit.theme import Theme

TITLE_WIDTH, LEAST_WIDTH, MOST_WIDTH, HEAD_HEIGHT = 168, 148, 230, 56
HEIGHTS = {"heading": 26, "choice": 33, "figure": 42, "accuracy": 42}


class _ComparisonDelegate(QStyledItemDelegate):
    """The delegate of the cells."""

    def __init__(self, theme: Theme, model: ComparisonModel, heads: QHeaderView) -> None:
        super().__init__()
        self._theme, self._model, self._heads = theme, model, heads

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        color, box = self._theme.color, option.rect
        line, entry = self._model.line(index.row()), self._model.entry(index.column())
        painter.fillRect(box, color("raise" if entry.is_baseline or not line.cells else "panel"))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), color("line"))
        if not line.cells:
            self._paint_heading(painter, box, index, line)
            return
        painter.fillRect(QRect(box.left(), box.top(), 1, box.height()), color("line"))
        cell = line.cells[index.column()]
        if line.kind == "choice":
            self._paint_choice(painter, box, cell, first=index.column() == 0)
        else:
            self._paint_figure(painter, box, line, cell, entry)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(color("acc"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0, 0, -1, -1))

    def _paint_heading(
        self, painter: QPainter, box: QRect, index: QModelIndex | QPersistentModelIndex, line: ComparisonRow
    ) -> None:
        """The rest of a heading that begins among the titles, and at the first one's end what the colour means."""
        color = self._theme.color
        painter.save()
        painter.setClipRect(box)
        painter.setPen(color("t2"))
        ink(line.title, 11, 500).draw_in(painter, QRect(16 - TITLE_WIDTH, box.top(), 10, box.height() - 1))
        columns = self._model.columnCount()
        right = self._right_end(painter) - 12
        if index.row() == 0 and columns > 1:
            baseline = self._model.entry(0).is_baseline
            words = ink("differs from the baseline" if baseline else "differs from the first", 11, 500)
            words.draw_in(painter, QRect(0, box.top(), right, box.height() - 1), "right")
            square = QRectF(right - words.width - 19, box.center().y() - 6, 12, 12)
            painter.setPen(color("acc"))
            painter.setBrush(color("accsoft"))
            painter.drawRoundedRect(square, 3, 3)
        painter.restore()

    def _right_end(self, painter: QPainter) -> int:
        """Where the last column ends, or the view does: beside the columns nothing is painted."""
        return min(painter.viewport().width(), self._heads.length() - self._heads.offset())

    def _paint_choice(self, painter: QPainter, box: QRect, cell: ComparisonCell, *, first: bool) -> None:
        color = self._theme.color
        if cell.differs:
            painter.fillRect(box.adjusted(0, 0, 0, -1), color("accsoft"))
            painter.fillRect(QRect(box.left(), box.top(), 2, box.height() - 1), color("acc"))
        painter.setPen(color("t1" if cell.differs or first else "t3"))
        weight = 600 if cell.differs else 400
        ink(elided(cell.text, box.width() - 20, 13, weight), 13, weight).draw_in(painter, box.adjusted(11, 0, 0, -1))

    def _paint_figure(
        self, painter: QPainter, box: QRect, line: ComparisonRow, cell: ComparisonCell, entry: ComparedDesign
    ) -> None:
        color = self._theme.color
        place = box.adjusted(11, 0, -11, -8)
        painter.setPen(color("t3" if cell.text == "–" else "t1"))
        ink(cell.text, 13, 600 if entry.is_baseline else 500).draw_in(painter, place)
        painter.setPen(color("t2"))
        ink(cell.note, 11).draw_in(painter, place, "right")
        if cell.share is None:
            return
        track = QRectF(place.left(), box.bottom() - 8, place.width(), 3)
        hue = color(entry.token)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if line.kind == "figure":
            painter.setBrush(hue)
            painter.drawRoundedRect(QRectF(track.x(), track.y(), max(3.0, track.width() * cell.share), 3), 1.5, 1.5)
        else:
            painter.fillRect(QRectF(track.x(), track.y() + 1, track.width(), 1), color("line2"))
            painter.setBrush(hue)
            middle = track.x() + 4 + (track.width() - 8) * cell.share
            painter.drawEllipse(QRectF(middle - 4, track.y() - 2.5, 8, 8))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class _Titles(QHeaderView):
    """The vertical header: titles of the rows, which stay in view."""

    def __init__(self, theme: Theme, model: ComparisonModel) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._theme, self._model = theme, model
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFixedWidth(TITLE_WIDTH)
        self.setMinimumSectionSize(20)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw one title; headings are small."""
        color, line = self._theme.color, self._model.line(section)
        heading = line.kind == "heading"
        painter.fillRect(rect, color("raise" if heading else "panel"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), color("line"))
        painter.setPen(color("t2"))
        size, weight = (11, 500) if heading else (13, 400)
        # A heading goes on over the cells.
        made = ink(line.title if heading else elided(line.title, rect.width() - 18, size, weight), size, weight)
        made.draw_in(painter, rect.adjusted(16, 0, 0, -1))


class _Heads(QHeaderView):
    """The horizontal header: names of the designs with their colours.

    Signals:
        asked: column and place of a menu that is wanted.
    """

    requested = Signal(int, QPoint)

    def __init__(self, theme: Theme, model: ComparisonModel) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme, self._model = theme, model
        self.setFixedHeight(HEAD_HEIGHT)
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.sectionClicked.connect(self._ask)
        self.setToolTip("Click for what can be done with this design; drag to another place")

    def _ask(self, column: int) -> None:
        left = self.sectionViewportPosition(column)
        self.requested.emit(column, self.viewport().mapToGlobal(QPoint(left + 8, HEAD_HEIGHT - 4)))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw dot, name, and what the design is here."""
        color, entry = self._theme.color, self._model.entry(section)
        painter.fillRect(rect, color("raise" if entry.is_baseline else "panel"))
        painter.fillRect(QRect(rect.left(), rect.top(), 1, rect.height()), color("line"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), color("line2"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color(entry.token), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush if entry.hollow else color(entry.token))
        painter.drawEllipse(QRectF(rect.left() + 12, rect.top() + 14, 8, 8))
        painter.setPen(color("t1"))
        room = rect.width() - 34
        ink(elided(entry.name, room, 12, 600), 12, 600).draw_in(
            painter, QRect(rect.left() + 28, rect.top() + 8, room, 20)
        )
        painter.drawPixmap(rect.right() - 20, rect.top() + 33, self._theme.pixmap("more", "t2", 14))
        below = QRect(rect.left() + 11, rect.top() + 31, rect.width() - 22, 18)
        badge = "baseline" if entry.is_baseline else "now" if entry.is_present else ""
        if badge:
            word = ink(badge, 11, 500)
            soft = QRectF(below.left(), below.top(), word.width + 12, 18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("hover"))
            painter.drawRoundedRect(soft, 4, 4)
            painter.setPen(color("t2"))
            word.draw_in(painter, soft, "centre")
        else:
            painter.setPen(color("t2"))
            ink(count(entry.totals.cost.params), 11).draw_in(painter, below)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class ComparisonTable(QTableView):
    """The table of pinned designs, one a column.

    Signals:
        menu_requested: column and place (global) of a menu that is wanted.
        column_moved: a column was dragged by so many places.
        copy_requested: the whole table is wanted on the clipboard.
    """

    menu_requested = Signal(int, QPoint)
    column_moved = Signal(int, int)
    copy_requested = Signal()

    def __init__(self, theme: Theme, model: ComparisonModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        heads = _Heads(theme, model)
        self._cells = _ComparisonDelegate(theme, model, heads)
        self.setItemDelegate(self._cells)
        self.setShowGrid(False)
        self.setAccessibleName("Comparison of the pinned designs")
        self.setVerticalHeader(_Titles(theme, model))
        self.setHorizontalHeader(heads)
        for head in (self.verticalHeader(), heads):
            head.setVisible(True)
        heads.requested.connect(self.menu_requested)
        heads.sectionMoved.connect(self._moved)
        self.setCornerButtonEnabled(False)
        self._count = label("", "label")
        self._count.setParent(self)
        self._count.setGeometry(16, 10, TITLE_WIDTH - 20, 18)
        self._edge = vertical_line()
        self._edge.setParent(self)
        self._edge.setFixedSize(TITLE_WIDTH, 1)
        self._edge.move(0, HEAD_HEIGHT - 1)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        model.modelReset.connect(self._fit)
        theme.changed.connect(self._repaint)

    def _moved(self, column: int, before: int, after: int) -> None:
        """The order is the session's: the header goes back, and whoever has the designs moves them."""
        heads = self.horizontalHeader()
        with QSignalBlocker(heads):
            heads.moveSection(after, before)
        # When Qt has done with the drag, for the model is reset by it.
        QTimer.singleShot(0, self, lambda: self.column_moved.emit(column, after - before))

    def _repaint(self) -> None:
        for part in (self, self.verticalHeader(), self.horizontalHeader()):
            part.viewport().update()

    def show_count(self, count: int) -> None:
        """Say how many designs there are, above the titles."""
        self._count.setText("1 design" if count == 1 else f"{count} designs")

    def _fit(self) -> None:
        """Heights by kind; the columns share the width, but none gets narrower than its texts."""
        model = self._model
        for row in range(model.rowCount()):
            self.setRowHeight(row, HEIGHTS[model.line(row).kind])
        columns = model.columnCount()
        if columns:
            wide = min(MOST_WIDTH, max(LEAST_WIDTH, self.viewport().width() // columns))
            for column in range(columns):
                self.setColumnWidth(column, wide)

    @property
    def wanted_width(self) -> int:
        """Pixels in which every column has all the width that is of use to it."""
        return TITLE_WIDTH + MOST_WIDTH * self._model.columnCount() + 2 * self.frameWidth()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Room for five designs."""
        return QSize(TITLE_WIDTH + 5 * LEAST_WIDTH, 700)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the whole table; the menu key opens the menu of the current design."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
        elif event.key() in {Qt.Key.Key_Menu, Qt.Key.Key_Return} and self.currentIndex().isValid():
            place = self.visualRect(self.currentIndex()).bottomLeft()
            self.menu_requested.emit(self.currentIndex().column(), self.viewport().mapToGlobal(place))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the design under the pointer."""
        column = self.columnAt(self.viewport().mapFromGlobal(event.globalPos()).x())
        if column >= 0:
            self.menu_requested.emit(column, event.globalPos())

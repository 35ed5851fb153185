"""The rows of the layer table: a tree that draws its rows as a whole, with bars in the cells."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from resnet_gui.gui.design.table.model import Index, LayerModel
from resnet_gui.gui.design.table.node import Node
from resnet_gui.gui.design.table.row_painter import OVERLAP, ROW_HEIGHT, SUMMED, RowPainter, explains
from resnet_gui.gui.design.table.row_texts import text_of_rows
from resnet_gui.gui.design.table.rows import (
    BARS,
    OPTIONAL,
    TITLES,
    Column,
    layer_row,
)
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme

WIDTHS = {
    Column.KIND: 70, Column.INPUT: 90, Column.OUTPUT: 90, Column.WINDOW: 46, Column.GROUPS: 52, Column.PARAMS: 78,
    Column.MACS: 62, Column.ACTIVATIONS: 62, Column.MEMORY: 56, Column.FIELD: 42, Column.JUMP: 64,
}  # fmt: skip
NAME_WIDTH, NAME_MOST = 108, 220
"""Least width of the names, and the width from which on what is left goes to the columns with bars."""


class _RowHeight(QStyledItemDelegate):
    """The delegate that gives the rows their height; they are drawn as a whole by the tree."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all rows; the columns have widths of their own."""
        return QSize(WIDTHS.get(Column(index.column()), NAME_WIDTH), ROW_HEIGHT)


class _Header(QHeaderView):
    """The header with titles over the figures' right edge; the style sheet would pad both sides and clip them."""

    def __init__(self, theme: Theme, model: LayerModel) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme, self._layers = theme, model

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw ground, title, the sign of the sorting and the line below."""
        color = self._theme.color
        painter.fillRect(rect, color("raise"))
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        sorting = self._layers.sorting
        sorted_here = sorting is not None and sorting[0] == section
        painter.setPen(color("t1" if sorted_here else "t2"))
        right = section >= Column.GROUPS
        left = 12 if section == Column.NAME else 8
        box = rect.adjusted(0 if right else left, 0, -8 if right else 0, -1)
        title = ink(TITLES[section], 11, 600 if sorted_here else 500)
        title.draw_in(painter, box, "right" if right else "left")
        if sorting is not None and sorted_here:
            x = box.right() - title.width - 8 if right else box.left() + title.width + 8
            self._draw_sign(painter, QPoint(round(x), box.center().y()), down=sorting[1])

    @staticmethod
    def _draw_sign(painter: QPainter, at: QPoint, *, down: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = 2 if down else -2
        painter.drawPolyline([at + QPoint(-3, -step), at + QPoint(0, step), at + QPoint(3, -step)])


class LayerTree(QTreeView):
    """The tree of the rows; fixed widths and heights, because measuring thousands of cells takes seconds.

    Signals:
        shape_clicked: path of PyTorch, column and cell (in the viewport) of a shape or field that was clicked.
    """

    shape_clicked = Signal(str, int, QRect)

    def __init__(self, theme: Theme, model: LayerModel) -> None:
        super().__init__()
        self.setViewport(QWidget())  # for one of Qt's own PySide would make all its classes of widgets
        self._theme = theme
        self._layers = model
        self._looks: dict[Node, dict[int, object]] = {}
        self._widths = dict(WIDTHS)
        self._fitting = False
        self._lit = ""
        self.setModel(model)
        self._delegate = _RowHeight()
        self.setItemDelegate(self._delegate)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Layers")
        # The rows cover it, so that Qt need not paint the window behind it first.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._make_header()
        self.clicked.connect(self._tell_shape)
        model.rows_replaced.connect(self._update_changed)
        self._rows = RowPainter(theme, model, self.header())
        theme.changed.connect(self.viewport().update)

    def _make_header(self) -> None:
        head = _Header(self._theme, self._layers)
        self.setHeader(head)
        # A header that is set later than the model has to be told to be seen.
        head.setVisible(True)
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setFixedHeight(24)
        head.setSectionsMovable(False)
        head.setSectionsClickable(True)
        head.setMinimumSectionSize(28)
        for section, width in WIDTHS.items():
            head.resizeSection(section, width)
            head.setSectionHidden(section, section in OPTIONAL)
        head.sectionClicked.connect(self._sort_by)
        head.sectionResized.connect(self._resized_by_hand)

    # ---- columns

    def fit_columns(self) -> None:
        """Share the width out: to the names up to what they need, then to the bars.

        Where the columns have too little, the table scrolls sideways.
        """
        head = self.header()
        shown = [section for section in WIDTHS if not head.isSectionHidden(section)]
        spare = max(0, self.viewport().width() - NAME_WIDTH - sum(self._widths[section] for section in shown))
        bars = [section for section in shown if section in BARS]
        for_name = min(spare, NAME_MOST - NAME_WIDTH) if bars else spare
        share, left = divmod(spare - for_name, max(1, len(bars)))
        wanted = {section: self._widths[section] + share * (section in bars) for section in shown}
        wanted[Column.NAME] = NAME_WIDTH + for_name + (left if bars else 0)
        self._fitting = True
        for section, width in wanted.items():
            if head.sectionSize(section) != width:
                head.resizeSection(section, width)
        self._fitting = False

    def _resized_by_hand(self, section: int, before: int, now: int) -> None:
        """A column that was dragged keeps its width, but for what the bars are given beyond it."""
        if self._fitting or now == 0 or before == 0:
            return
        if section != Column.NAME:
            column = Column(section)
            self._widths[column] = max(28, self._widths[column] + now - before)
        self.fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns."""
        super().resizeEvent(event)
        self.fit_columns()

    def shown_columns(self) -> list[Column]:
        """The columns on show, in their order."""
        return [column for column in Column if not self.header().isSectionHidden(column)]

    def show_columns(self, columns: set[Column]) -> None:
        """Show these columns and the name."""
        for column in WIDTHS:
            self.header().setSectionHidden(column, column not in columns)
        self.fit_columns()
        self.viewport().update()

    def _sort_by(self, section: int) -> None:
        """Figures begin with the largest, texts with the first; a third click restores the network's order."""
        column, present = Column(section), self._layers.sorting
        first = column >= Column.GROUPS
        if present is None or present[0] != column:
            self._layers.set_sorting((column, first))
        else:
            self._layers.set_sorting((column, not first) if present[1] == first else None)
        self.header().viewport().update()

    # ---- painting

    def dataChanged(self, _first: Index, _last: Index, _roles: object = ()) -> None:  # noqa: N802
        """Wait for the end of the edit; Qt's own way asks Python for the place of every changed cell."""

    def _update_changed(self) -> None:
        """Paint those cells anew that show something else than before; most edits change a column or two."""
        before, self._looks = self._looks, {}
        if not self.isVisible():
            return  # all of it is painted when it comes into view
        columns = self._visible_columns()
        head, update = self.header(), self.viewport().update
        name_left, name_wide = head.sectionViewportPosition(Column.NAME), head.sectionSize(Column.NAME)
        index, foot = self.indexAt(QPoint(0, 0)), self.viewport().height()
        top = self.visualRect(index).top()
        while index.isValid() and top < foot:
            node = self._layers.node(index)
            if node is not None:
                look = self._looks[node] = self._rows.look(node, columns)
                old = before.get(node, {})
                if look[Column.NAME] != old.get(Column.NAME):
                    update(name_left, top, name_wide, ROW_HEIGHT)
                for section, left, width in columns:
                    if section not in old or look[section] != old[section]:
                        update(left, top, width + OVERLAP, ROW_HEIGHT)
            index, top = self.indexBelow(index), top + ROW_HEIGHT

    def _visible_columns(self) -> list[tuple[int, int, int]]:
        """The columns behind the name that are on show: number, left edge and width."""
        head = self.header()
        return [
            (int(column), head.sectionViewportPosition(column), head.sectionSize(column))
            for column in WIDTHS
            if not head.isSectionHidden(column)
        ]

    def drawRow(
        self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a row as a whole: ground, arrow, texts, bars, line.

        Cell by cell through a delegate, Qt asks Python dozens of questions a row; in one go a page of rows is drawn
        within a frame.
        """
        node = self._layers.node(index)
        if node is None:
            return
        color, box = self._theme.color, options.rect
        here = index if isinstance(index, QModelIndex) else self._layers.index_of(node)
        chosen = self.selectionModel().isSelected(here)
        hovered = bool(options.state & QStyle.StateFlag.State_MouseOver)
        lit = bool(self._lit) and node.path == self._lit
        ground = "accsoft" if chosen or lit else "hover" if hovered else "raise" if node.level == 0 else "panel"
        left, top, width, height = box.x(), box.y(), box.width(), box.height()
        painter.fillRect(left, top, width, height - 1, color(ground))
        painter.fillRect(left, top + height - 1, width, 1, color("line"))
        if chosen:
            painter.setPen(
                QPen(color("acc"), 2 if self.hasFocus() and node is self._layers.node(self.currentIndex()) else 1)
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        if node.level < 2 and self._layers.hasChildren(here):
            left = self.header().sectionViewportPosition(Column.NAME) + 14 * node.level + 12
            self._rows.draw_arrow(painter, left, box.center().y(), opened=self.isExpanded(here))
        self._rows.draw(painter, node, box)
        if hovered:
            self._rows.underline(painter, node, box)

    def light(self, path: str) -> None:
        """Light the row of a block, or of its stage where that is folded; none for an empty path."""
        index = self._layers.find(path) if path else QModelIndex()
        while index.parent().isValid() and not self.isExpanded(index.parent()):
            index = index.parent()
        node = self._layers.node(index)
        lit = node.path if node is not None else ""
        if lit != self._lit:
            self._lit = lit
            self.viewport().update()

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        """Nothing: the row draws its own arrow."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Look up once where the columns are, then draw those that are to be painted."""
        self._rows.begin(self._visible_columns(), event.rect())
        # Nothing is painted behind the viewport, so what has no rows gets its ground here.
        ground = QPainter(self.viewport())
        ground.fillRect(event.rect(), self._theme.color("panel"))
        ground.end()
        super().paintEvent(event)

    # ---- clicks and keys

    def _tell_shape(self, index: QModelIndex) -> None:
        node = self._layers.node(index)
        if node is not None and explains(node, index.column()):
            last = index.column() != Column.INPUT
            path = node.path if index.column() in SUMMED and node.level < 2 else self.path_behind(node, last=last)
            self.shape_clicked.emit(path, index.column(), self.visualRect(index))

    def path_behind(self, node: Node, *, last: bool) -> str:
        """A layer itself, else the last one of a block or stage, or the first."""
        place = -1 if last else 0
        row = node.children[place].data if node.children else node.data
        return row.path if row.group is None else layer_row(row, place).path

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where a click explains something."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        node = self._layers.node(index)
        clickable = node is not None and explains(node, index.column())
        shape = Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected rows; ``=`` shows the arithmetic of the current one."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.selected_text())
        elif event.key() == Qt.Key.Key_Equal and self.currentIndex().isValid():
            self._tell_shape(self.currentIndex().siblingAtColumn(Column.OUTPUT))
        else:
            super().keyPressEvent(event)

    def selected_text(self, *, markdown: bool = False) -> str:
        """The selected rows with a header, in the order on screen.

        Tab-separated with numbers in full, for a spreadsheet, or as a Markdown table with numbers as they are shown.
        """
        rows = sorted(self.selectionModel().selectedRows(), key=lambda index: self.visualRect(index).top())
        return self.text_of(rows, markdown=markdown)

    def text_of(self, rows: Sequence[QModelIndex], *, markdown: bool = False) -> str:
        """Some rows with a header, in the columns on show."""
        return text_of_rows(self._layers, rows, self.shown_columns(), markdown=markdown)

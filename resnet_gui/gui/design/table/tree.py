"""The rows of the layer table: a tree that draws its rows as a whole, with bars in the cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
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

from resnet_gui.gui.design.table.columns import NAME_WIDTH, WIDTHS, ColumnShares, LayerHeader
from resnet_gui.gui.design.table.model import Index, LayerModel, Node
from resnet_gui.gui.design.table.rows import BARS, TITLES, Column, column_amount, exact_heads, exact_text
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme, font

ROW_HEIGHT = 24
CLICKABLE = Column.INPUT, Column.OUTPUT, Column.PARAMS, Column.MACS, Column.FIELD
"""Columns whose cells open the arithmetic behind them."""

SUMMED: Final = Column.PARAMS, Column.MACS
"""Columns of which a block or a stage is the sum of its layers."""

WEIGHTS = (600, 500, 400)
"""Of the names of each level; figures stay comparable."""


class _RowHeight(QStyledItemDelegate):
    """The delegate that gives the rows their height; they are drawn as a whole by the tree."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all rows; the columns have widths of their own."""
        return QSize(WIDTHS.get(Column(index.column()), NAME_WIDTH), ROW_HEIGHT)


class LayerTree(QTreeView):
    """The tree of the rows; fixed widths and heights, because measuring thousands of cells takes seconds.

    Attributes:
        shares: the widths of the columns.

    Signals:
        shape_clicked: path of PyTorch, column and cell (in the viewport) of a shape or field that was clicked.
        kinds_folded: whether the column of the types gives way to the others has changed.
    """

    shape_clicked = Signal(str, int, QRect)
    kinds_folded = Signal(bool)

    def __init__(self, theme: Theme, model: LayerModel) -> None:
        super().__init__()
        self.setViewport(QWidget())  # for one of Qt's own PySide would make all its classes of widgets
        self._theme = theme
        self._layers = model
        self._columns: list[tuple[int, int, int]] = []
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
        theme.changed.connect(self.viewport().update)

    def _make_header(self) -> None:
        head = LayerHeader(self._theme, self._layers)
        self.setHeader(head)
        # A header that is set later than the model has to be told to be seen.
        head.setVisible(True)
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setFixedHeight(24)
        head.setSectionsMovable(False)
        head.setSectionsClickable(True)
        head.setMinimumSectionSize(28)
        self.shares = ColumnShares(head, self.fit_columns)
        self.shares.kinds_folded.connect(self.kinds_folded)
        head.sectionClicked.connect(self._sort_by)

    # ---- columns

    def fit_columns(self) -> None:
        """Share the width out."""
        self.shares.give(self.viewport().width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns."""
        super().resizeEvent(event)
        self.fit_columns()

    def shown_columns(self) -> list[Column]:
        """The columns that are wanted, in their order; the types also where they give way."""
        return [column for column in Column if column == Column.NAME or column in self.shares.wanted]

    def show_columns(self, columns: set[Column]) -> None:
        """Show these columns and the name."""
        self.shares.want(columns)
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
        """Paint anew; Qt's own way asks Python for the place of every changed cell first."""
        self.viewport().update()

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
        painter.fillRect(box, color(ground))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), color("line"))
        if chosen:
            painter.setPen(
                QPen(color("acc"), 2 if self.hasFocus() and node is self._layers.node(self.currentIndex()) else 1)
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        if node.level < 2 and self._layers.hasChildren(here):
            left = self.header().sectionViewportPosition(Column.NAME) + 14 * node.level + 12
            self._draw_arrow(painter, left, box.center().y(), opened=self.isExpanded(here))
        self._draw_cells(painter, node, box)
        if hovered:
            self._underline(painter, node, box)

    def _underline(self, painter: QPainter, node: Node, box: QRect) -> None:
        """Dots under the cells of the row under the pointer that open the arithmetic behind them."""
        pen = QPen(self._theme.color("t3"), 1, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([1, 2])
        painter.setPen(pen)
        inks = node.inks()
        for section, left, width in self._columns:
            made = inks[section - 1]
            if made is None or not self.explains(node, section):
                continue
            long = min(round(made.width), width - 12)
            begin = left + 8 if section < Column.GROUPS else left + width - 8 - long
            painter.drawLine(begin, box.top() + 18, begin + long, box.top() + 18)

    def explains(self, node: Node, section: int) -> bool:
        """Whether a click on a cell opens the arithmetic behind it: not of the picture, nor of a cost of nothing."""
        if section not in CLICKABLE or node.data.kind == "Tensor":
            return False
        return section not in SUMMED or column_amount(node.data.cost, section) > 0

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

    def _draw_arrow(self, painter: QPainter, x: int, y: int, *, opened: bool) -> None:
        painter.drawPixmap(x - 6, y - 6, self._theme.pixmap("chevron-down" if opened else "chevron-right", "t2", 12))

    def _draw_cells(self, painter: QPainter, node: Node, box: QRect) -> None:
        color, head, level = self._theme.color, self.header(), node.level
        top, text_height = box.top(), ROW_HEIGHT - 1
        hue = color(node.data.hue)
        begin = head.sectionViewportPosition(Column.NAME)
        # A layer has no arrow, so its name may begin where one would stand.
        name_left = begin + (32 if level == 2 else 14 * level + 20)
        if level == 0 and node.data.hue != "t3":
            self._draw_swatch(painter, QRectF(name_left, box.center().y() - 3.5, 8, 8), hue)
            name_left += 13
        painter.setPen(color("t2" if level == 2 else "t1"))
        room = begin + head.sectionSize(Column.NAME) - name_left
        # PyTorch's names differ at their end.
        name = elided(node.name(self._layers.naming), room, 12, WEIGHTS[level], middle=True)
        ink(name, 12, WEIGHTS[level]).draw_in(painter, QRect(name_left, top, room, text_height))
        bright, quiet, faint = color("t1"), color("t2"), color("t3")
        inks, bar_of, groups = node.inks(), self._layers.bar, int(Column.GROUPS)
        painter.setFont(font(12))
        y, foot = top + 4, box.bottom() - 4
        for section, left, width in self._columns:
            made = inks[section - 1]
            if made is None:
                continue
            # Texts may reach into the space before the next column's, figures into their own.
            room = width - (4 if section < groups else 8)
            if made.width > room:
                made = ink(elided(node.texts()[section - 1], room))
            if section < groups:
                painter.setPen(bright if section in CLICKABLE else quiet)
                made.draw_bare(painter, left + 8, y)
                continue
            bar = bar_of(node, section)
            if bar is not None:
                painter.fillRect(QRectF(left + 8, foot, max(1.5, (width - 16) * bar), 3), hue)
            painter.setPen(bright if bar is not None or section not in BARS else faint)
            made.draw_bare(painter, left + width - 8 - round(made.width), y - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Look up once where the columns are, then draw."""
        head = self.header()
        self._columns = [
            (int(column), head.sectionViewportPosition(column), head.sectionSize(column))
            for column in WIDTHS
            if not head.isSectionHidden(column)
        ]
        # Nothing is painted behind the viewport, so what has no rows gets its ground here.
        ground = QPainter(self.viewport())
        ground.fillRect(event.rect(), self._theme.color("panel"))
        ground.end()
        super().paintEvent(event)

    @staticmethod
    def _draw_swatch(painter: QPainter, rect: QRectF, hue: QColor) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hue)
        painter.drawRoundedRect(rect, 2, 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # ---- clicks and keys

    def _tell_shape(self, index: QModelIndex) -> None:
        node = self._layers.node(index)
        if node is not None and self.explains(node, index.column()):
            last = index.column() != Column.INPUT
            path = node.path if index.column() in SUMMED and node.level < 2 else self.path_behind(node, last=last)
            self.shape_clicked.emit(path, index.column(), self.visualRect(index))

    def path_behind(self, node: Node, *, last: bool) -> str:
        """A layer itself, else the last one of a block or stage, or the first."""
        while node.level < 2:
            node = (node.children or self._layers.children_of(node))[-1 if last else 0]
        return node.path

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where a click explains something."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        node = self._layers.node(index)
        clickable = node is not None and self.explains(node, index.column())
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
        columns = self.shown_columns()
        shown = [[str(index.siblingAtColumn(column).data()) for column in columns] for index in rows]
        if not markdown:
            heads = exact_heads()
            nodes = [self._layers.node(index) for index in rows]
            exact = [
                [exact_text(node.data, Column(column), text) for column, text in zip(columns, texts, strict=True)]
                for node, texts in zip(nodes, shown, strict=True)
                if node is not None
            ]
            return "\n".join(map("\t".join, [[heads[column] for column in columns], *exact]))
        lines = [[TITLES[column] for column in columns], *shown]
        sides = ["---:" if column >= Column.GROUPS else "---" for column in columns]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in (lines[0], sides, *lines[1:]))

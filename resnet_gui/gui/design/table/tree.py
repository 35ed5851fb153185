"""The rows of the layer table: a tree that draws its rows as a whole, with bars in the cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

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
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
)

from resnet_gui.gui.design.table.columns import NAME_WIDTH, WIDTHS, ColumnShares, LayerHeader
from resnet_gui.gui.design.table.model import Index, LayerModel
from resnet_gui.gui.design.table.node import Node
from resnet_gui.gui.design.table.row_hover import RowHover
from resnet_gui.gui.design.table.row_painter import OVERLAP, ROW_HEIGHT, SUMMED, Columns, RowLook, RowPainter, explains
from resnet_gui.gui.design.table.row_texts import text_of_rows
from resnet_gui.gui.design.table.rows import Column, layer_row
from resnet_gui.gui.kit.theme import Theme


class RowState(NamedTuple):
    """The part of a row that the view keeps: whether it is chosen, with the keyboard's ring, hovered, lit or open."""

    chosen: bool
    ring: bool
    hovered: bool
    lit: bool
    opened: bool


class PaintedRow(NamedTuple):
    """A row as it stands on screen."""

    look: RowLook
    state: RowState


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
        columns_fitted: the width was shared out otherwise.
        kinds_folded: whether the column of the types gives way to the others has changed.
    """

    shape_clicked = Signal(str, int, QRect)
    columns_fitted = Signal()
    kinds_folded = Signal(bool)

    def __init__(self, theme: Theme, model: LayerModel) -> None:
        super().__init__()
        self._hover = RowHover(self, model, lambda: [top for top, row in self._painted.items() if row.state.hovered])
        self._theme = theme
        self._layers = model
        self._painted: dict[int, PaintedRow] = {}
        self._painted_layout: tuple[object, ...] = ()
        self._lit, self._chooses = "", False
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
        model.modelAboutToBeReset.connect(self._hold)
        self._rows = RowPainter(theme, model, self.header())
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
        head = self.header()
        # Qt would paint all of it once more behind the next picture, for every column that it hears of.
        blocked = head.blockSignals(True)
        changed = self.shares.give(self.viewport().width())
        head.blockSignals(blocked)
        if changed:
            self.updateGeometries()
            self.viewport().update()
            self.columns_fitted.emit()

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
        """Wait for the end of the edit; Qt's own way asks Python for the place of every changed cell."""

    def _hold(self) -> None:
        """Let nothing be painted for a reset, after which Qt would paint every row."""
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, self.isVisible())

    def show_reset(self) -> None:
        """Paint what a reset has changed; to be called when all that is open is open again."""
        if self.viewport().testAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled):
            self.executeDelayedItemsLayout()
            self._settle_bar()
            self.viewport().setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, False)
        self._update_changed()

    @contextmanager
    def updates_held(self) -> Iterator[None]:
        """Paint at the end of many changes what looks different then."""
        self._hold()
        try:
            yield
        finally:
            self.show_reset()

    def _settle_bar(self) -> None:
        """Show or hide the scroll bar now; Qt would do so behind the next picture and paint all rows once more."""
        bar, policy = self.verticalScrollBar(), Qt.ScrollBarPolicy
        wanted = bar.maximum() > bar.minimum()
        if wanted != bar.isVisible():
            self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOn if wanted else policy.ScrollBarAlwaysOff)
            self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded)

    def _update_changed(self) -> None:
        """Paint those cells anew that show something else than before; most edits change a column or two."""
        painted, update = self._painted, self.viewport().update
        if not self.isVisible():
            return  # all of it is painted when it comes into view
        columns = self.shares.places()
        if self._layout_of(columns) != self._painted_layout:
            self.viewport().update()
            return
        head = self.header()
        places = [(int(Column.NAME), head.sectionViewportPosition(Column.NAME), head.sectionSize(Column.NAME))]
        places += [(section, left, width + OVERLAP) for section, left, width in columns]
        wide, foot = self.viewport().width(), self.viewport().height()
        self._chooses = self.selectionModel().hasSelection()
        index = self.indexAt(QPoint(0, 0))
        top = self.visualRect(index).top()
        shown: dict[int, PaintedRow] = {}
        while index.isValid() and top < foot:
            node = self._layers.node(index)
            before = painted.get(top)
            if node is not None:
                look, state = self._rows.look(node), self._state(node, index)
                # A stage has a ground of its own.
                if before is None or state != before.state or look.level != before.look.level:
                    update(0, top, wide, ROW_HEIGHT)
                elif look != before.look:
                    for section, left, width in places:
                        if look.cell(section) != before.look.cell(section):
                            update(left, top, width, ROW_HEIGHT)
                if before is not None:
                    shown[top] = before
            index, top = self.indexBelow(index), top + ROW_HEIGHT
        for place in painted.keys() - shown.keys():
            update(0, place, wide, ROW_HEIGHT)
        # What is painted meanwhile writes itself down.
        self._painted = shown

    def _layout_of(self, columns: Columns) -> tuple[object, ...]:
        """Where cells stand: what was painted elsewhere is to be painted anew."""
        return self.viewport().size(), self.header().sectionViewportPosition(Column.NAME), tuple(columns)

    def _state(self, node: Node, index: QModelIndex) -> RowState:
        """What the view knows of a row that can be seen."""
        chosen = self._chooses and self.selectionModel().isSelected(index)
        ring = chosen and self.hasFocus() and node is self._layers.node(self.currentIndex())
        opened = node.level < 2 and self.isExpanded(index)
        return RowState(chosen, ring, node is self._hover.node, bool(self._lit) and node.path == self._lit, opened)

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
        state = self._state(node, here)
        look = self._rows.look(node)
        self._painted[box.y()] = PaintedRow(look, state)
        level = look.level
        ground = (
            "accsoft" if state.chosen or state.lit else "hover" if state.hovered else "raise" if level == 0 else "panel"
        )
        left, top, width, height = box.x(), box.y(), box.width(), box.height()
        if ground != "panel":
            painter.fillRect(left, top, width, height - 1, color(ground))
        painter.fillRect(left, top + height - 1, width, 1, color("line"))
        if state.chosen:
            thick = 2 if state.ring else 1
            painter.setPen(QPen(color("acc"), thick))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            # Nothing outside the row, where it would not be painted over when another one is chosen.
            painter.drawRect(box.adjusted(thick - 1, thick - 1, -1, -1))
        if level < 2 and look.folds:
            left = self.header().sectionViewportPosition(Column.NAME) + 14 * level + 12
            self._rows.draw_arrow(painter, left, box.center().y(), opened=state.opened)
        self._rows.draw(painter, node, box, look)
        if state.hovered:
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
        if event.rect().contains(self.viewport().rect()):
            self._painted.clear()
        self._chooses = self.selectionModel().hasSelection()
        columns = self.shares.places()
        self._painted_layout = self._layout_of(columns)
        self._rows.begin(columns, event.region())
        # Nothing is painted behind the viewport, so what has no rows gets its ground here, and with it most rows.
        ground = QPainter(self.viewport())
        ground.fillRect(event.rect(), self._theme.color("panel"))
        ground.end()
        super().paintEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Move what is painted along; while a reset is held nothing moves."""
        super().scrollContentsBy(dx, dy)
        if dx:
            self._painted.clear()
        elif not self.viewport().testAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled):
            self._painted = {top + dy: row for top, row in self._painted.items()}

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
        index = self._hover.move(event.position().toPoint())
        node = self._hover.node
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

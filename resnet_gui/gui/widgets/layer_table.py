"""The layer table: a tree with in-cell bars, a filter and a total that stays in view."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from resnet_gui.gui.format import count, short
from resnet_gui.gui.models.layers import BAR_ROLE, LEVEL_ROLE, MIB, TITLES, TOKEN_ROLE, Column, LayerModel
from resnet_gui.gui.theme import Theme, font
from resnet_gui.gui.widgets.basic import column, header, label
from resnet_gui.spec.costs import Totals
from resnet_gui.spec.plan import Plan

WIDTHS = {
    Column.KIND: 72, Column.OUTPUT: 84, Column.WINDOW: 46, Column.PARAMS: 80, Column.MACS: 62, Column.MEMORY: 58,
    Column.FIELD: 44,
}  # fmt: skip
NAME_WIDTH = 138
ROW_HEIGHT = 24


def _plain(index: QModelIndex | QPersistentModelIndex) -> QModelIndex:
    """Qt's paint methods are typed for both kinds of index, its view methods for one."""
    return index if isinstance(index, QModelIndex) else index.model().index(index.row(), index.column(), index.parent())


class _Delegate(QStyledItemDelegate):
    """Draws a cell: text, and for figures a bar in the stage's hue."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._fonts = {level: font(12, weight) for level, weight in ((0, 600), (1, 500), (2, 400))}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all rows; the columns have widths of their own."""
        return QSize(WIDTHS.get(Column(index.column()), NAME_WIDTH), ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        color, cell = self._theme.color, QRect(option.rect)
        level, column = index.data(LEVEL_ROLE), Column(index.column())
        painter.save()
        token = index.data(TOKEN_ROLE)
        text = index.data(Qt.ItemDataRole.DisplayRole)
        if column == Column.NAME:
            left = cell.left() + 3
            if level == 0 and token.startswith("s"):
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color(token))
                painter.drawRoundedRect(QRectF(left, cell.center().y() - 3.5, 8, 8), 2, 2)
                left += 13
            box = cell.adjusted(left - cell.left(), 0, -2, -1)
            side = Qt.AlignmentFlag.AlignLeft
        elif column >= Column.PARAMS:
            box, side = cell.adjusted(0, 0, -12 if column == Column.FIELD else -8, -2), Qt.AlignmentFlag.AlignRight
        else:
            box, side = cell.adjusted(8, 0, 0, -1), Qt.AlignmentFlag.AlignLeft
        bar = index.data(BAR_ROLE)
        if bar is not None:
            width = max(1.5, (cell.width() - 16) * bar)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(token))
            painter.drawRoundedRect(QRectF(cell.left() + 8, cell.bottom() - 4, width, 3), 1.5, 1.5)
        quiet = column in {Column.KIND, Column.WINDOW} or (column == Column.NAME and level == 2)
        painter.setPen(color("t3" if text == "–" else "t2" if quiet else "t1"))
        # Only the name carries the weight of its level; figures stay comparable.
        painter.setFont(self._fonts[level] if column == Column.NAME else self._fonts[2])
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


class _Header(QHeaderView):
    """Titles over the figures' right edge; the style sheet would pad both sides and clip them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw ground, title and the line below."""
        color = self._theme.color
        painter.fillRect(rect, color("raise"))
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(color("t2"))
        painter.setFont(font(11, 500))
        right = section >= Column.PARAMS
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        left = 12 if section == Column.NAME else 8
        box = rect.adjusted(0 if right else left, 0, -12 if section == Column.FIELD else -8 if right else 0, -1)
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, TITLES[section])


class LayerTree(QTreeView):
    """The rows; fixed widths and heights, because measuring thousands of cells takes seconds."""

    def __init__(self, theme: Theme, model: LayerModel) -> None:
        super().__init__()
        self._theme = theme
        self._layers = model
        self.setModel(model)
        self._delegate = _Delegate(theme)
        self.setItemDelegate(self._delegate)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Layers")
        head = _Header(theme)
        self.setHeader(head)
        # A header that is set later than the model has to be told to be seen.
        head.setVisible(True)
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setFixedHeight(24)
        head.setSectionsMovable(False)
        for section, width in WIDTHS.items():
            head.resizeSection(section, width)
        head.setMinimumSectionSize(20)
        head.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        theme.changed.connect(self.viewport().update)

    def drawRow(
        self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the row's ground, its cells and the line below it."""
        color, box = self._theme.color, QRect(options.rect)
        chosen = self.selectionModel().isSelected(_plain(index))
        hovered = bool(options.state & QStyle.StateFlag.State_MouseOver)
        ground = "accsoft" if chosen else "hover" if hovered else "raise" if index.data(LEVEL_ROLE) == 0 else "panel"
        painter.fillRect(box, color(ground))
        super().drawRow(painter, options, index)
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if chosen:
            painter.setPen(QPen(color("acc"), 1))
            painter.drawRect(box.adjusted(0, 0, -1, -1))

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw the arrow of a row that can be opened."""
        if not self._layers.hasChildren(index):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._theme.color("t2"), 1.4)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        middle = QPoint(rect.right() - 5, rect.center().y())
        if self.isExpanded(_plain(index)):
            points = [QPoint(-3, -1), QPoint(0, 2), QPoint(3, -1)]
        else:
            points = [QPoint(-1, -3), QPoint(2, 0), QPoint(-1, 3)]
        painter.drawPolyline([middle + point for point in points])
        painter.restore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected rows as tab-separated text with a header."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.selected_text())
            return
        super().keyPressEvent(event)

    def selected_text(self) -> str:
        """The selected rows as tab-separated text with a header, in the order on screen."""
        rows = sorted(self.selectionModel().selectedRows(), key=lambda index: self.visualRect(index).top())
        lines = ["\t".join(TITLES)]
        lines += ["\t".join(str(index.siblingAtColumn(section).data()) for section in Column) for index in rows]
        return "\n".join(lines)


class LayerTable(QFrame):
    """Title bar, tree and total row.

    Signals:
        block_chosen: stage and block that the user chose, both counted from 0.
    """

    block_chosen = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._model = LayerModel(self)
        layout = column(self)
        bar, line, self.title = header("Layers")
        line.addStretch()
        self._convention = label("batch 1, fp32", "small")
        self._convention.setToolTip(
            "MACs: convolutions and linear layers only. Mem: outputs of conv, BN, pool and linear."
        )
        line.addWidget(self._convention)
        layout.addWidget(bar)
        self.tree = LayerTree(theme, self._model)
        layout.addWidget(self.tree)
        self._total = _TotalRow(theme, self.tree)
        layout.addWidget(self._total)
        self.tree.selectionModel().currentRowChanged.connect(self._tell_block)

    @property
    def model(self) -> LayerModel:
        """The rows."""
        return self._model

    def show_plan(self, plan: Plan, totals: Totals) -> None:
        """Show another plan; what was open stays open where the new plan has it."""
        tree = self.tree
        opened = {node.path for node in self._model.top_nodes() if tree.isExpanded(self._model.index_of(node))}
        first = not self._model.top_nodes()
        current = self._model.node(tree.currentIndex())
        tree.setUpdatesEnabled(False)
        self._model.set_plan(plan)
        for node in self._model.top_nodes():
            if node.path in opened or (first and node.kind == "Stage"):
                tree.setExpanded(self._model.index_of(node), True)
        if current is not None:
            self._restore_current(current.path)
        tree.setUpdatesEnabled(True)
        picture = self._model.top_nodes()[0].cost.memory
        self._total.show_totals(totals, picture)

    def choose_block(self, stage: int, block: int) -> None:
        """Select a block's row and bring it into view, without telling anybody."""
        index = self._model.find_block(stage, block)
        if not index.isValid() or index == self.tree.currentIndex():
            return
        selection = self.tree.selectionModel()
        blocked = selection.blockSignals(True)
        self.tree.setExpanded(index.parent(), True)
        self.tree.setCurrentIndex(index)
        selection.blockSignals(blocked)
        self.tree.scrollTo(index)
        self.tree.viewport().update()

    def _restore_current(self, path: str) -> None:
        stage, _, block = path.partition(".")
        number = block.split(".")[0]
        if stage.startswith("layer") and number.isdigit():
            self.choose_block(int(stage[5:]) - 1, int(number))

    def _tell_block(self, current: QModelIndex) -> None:
        node = self._model.node(current)
        while node is not None and node.level > 1:
            node = node.parent
        if node is not None and node.level == 1:
            stage, _, block = node.path.partition(".")
            self.block_chosen.emit(int(stage[5:]) - 1, int(block))


class _TotalRow(QWidget):
    """The sums, in the columns of the tree."""

    def __init__(self, theme: Theme, tree: LayerTree) -> None:
        super().__init__()
        self._theme, self._tree = theme, tree
        self._texts: dict[int, str] = {}
        self._rows = ""
        self.setFixedHeight(24)
        theme.changed.connect(self.update)
        tree.header().sectionResized.connect(self.update)

    def show_totals(self, totals: Totals, picture: int) -> None:
        """Show the sums; the stored input counts into the memory."""
        cost = totals.cost
        self._rows = f"{totals.rows:,} layers"
        self._texts = {
            Column.PARAMS: count(cost.params),
            Column.MACS: short(cost.macs),
            Column.MEMORY: f"{(cost.memory + picture) / MIB:.1f}",
            Column.FIELD: str(totals.receptive_field),
        }
        self.setAccessibleName(f"Total: {count(cost.params)} parameters, {count(cost.macs)} MACs")
        self.setToolTip(
            f"{count(cost.params)} parameters\n{count(cost.macs)} MACs\n{count(cost.memory + picture)} bytes"
        )
        self.update()

    def texts(self) -> dict[int, str]:
        """What stands in the columns."""
        return dict(self._texts)

    def paintEvent(self, _event: object) -> None:
        """Draw the sums under their columns."""
        painter = QPainter(self)
        color = self._theme.color
        painter.fillRect(self.rect(), color("raise"))
        painter.setPen(QPen(color("line2"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        painter.setFont(font(12, 600))
        painter.setPen(color("t1"))
        head = self._tree.header()
        painter.drawText(QRect(12, 0, 120, 24), Qt.AlignmentFlag.AlignVCenter, "Total")
        for section, text in self._texts.items():
            left, width = head.sectionViewportPosition(section), head.sectionSize(section)
            inset = 12 if section == Column.FIELD else 8
            # A sum may be wider than its column's cells; it grows to the left, where nothing stands.
            box = QRect(left - 40, 0, width + 40 - inset, 24)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        painter.setFont(font(12))
        painter.setPen(color("t2"))
        left = head.sectionViewportPosition(Column.KIND) + 8
        painter.drawText(QRect(left, 0, 160, 24), Qt.AlignmentFlag.AlignVCenter, self._rows)

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
from resnet_gui.gui.models.layers import MIB, TITLES, Column, LayerModel, Node, cell_texts, mebibytes
from resnet_gui.gui.theme import Theme, font
from resnet_gui.gui.widgets.basic import column, header, label
from resnet_gui.spec.costs import Totals
from resnet_gui.spec.structure import Plan

WIDTHS = {
    Column.KIND: 70, Column.OUTPUT: 90, Column.WINDOW: 46, Column.PARAMS: 78, Column.MACS: 62, Column.MEMORY: 56,
    Column.FIELD: 40,
}  # fmt: skip
NAME_WIDTH = 138
ROW_HEIGHT = 24
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ARROW_DOWN = (QPoint(-3, -1), QPoint(0, 2), QPoint(3, -1))
ARROW_RIGHT = (QPoint(-1, -3), QPoint(2, 0), QPoint(-1, 3))
# Only the name carries the weight of its level; figures stay comparable.
FONTS = (lambda: font(12, 600), lambda: font(12, 500), lambda: font(12))


class _RowHeight(QStyledItemDelegate):
    """Gives the rows their height; they are drawn as a whole by the tree."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all rows; the columns have widths of their own."""
        return QSize(WIDTHS.get(Column(index.column()), NAME_WIDTH), ROW_HEIGHT)


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
        self._delegate = _RowHeight()
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
        ground = "accsoft" if chosen else "hover" if hovered else "raise" if node.level == 0 else "panel"
        painter.fillRect(box, color(ground))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(color("line"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if chosen:
            painter.setPen(color("acc"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if node.block is not None or node.children:
            self._draw_arrow(painter, box.left() + 14 * node.level + 12, box.center().y(), opened=self.isExpanded(here))
        self._draw_cells(painter, node, box)

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        """Nothing: the row draws its own arrow."""

    def _draw_arrow(self, painter: QPainter, x: int, y: int, *, opened: bool) -> None:
        pen = QPen(self._theme.color("t2"), 1.4)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        points = ARROW_DOWN if opened else ARROW_RIGHT
        painter.drawPolyline([QPoint(x, y) + point for point in points])

    def _draw_cells(self, painter: QPainter, node: Node, box: QRect) -> None:
        color, head = self._theme.color, self.header()
        hue = color(node.token)
        # A layer has no arrow, so its name may begin where one would stand.
        name_left = box.left() + (32 if node.level == 2 else 14 * node.level + 20)
        if node.level == 0 and node.token != "t3":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(hue)
            painter.drawRoundedRect(QRectF(name_left, box.center().y() - 3.5, 8, 8), 2, 2)
            name_left += 13
        painter.setFont(FONTS[node.level]())
        painter.setPen(color("t2" if node.level == 2 else "t1"))
        room = head.sectionSize(Column.NAME) - name_left
        name = painter.fontMetrics().elidedText(node.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(name_left, box.top(), room, ROW_HEIGHT - 1), LEFT, name)
        painter.setFont(FONTS[2]())
        for section, text in enumerate(cell_texts(node)[1:], start=1):
            if not text:
                continue
            left, width = head.sectionViewportPosition(section), head.sectionSize(section)
            if section < Column.PARAMS:
                painter.setPen(color("t1" if section == Column.OUTPUT else "t2"))
                painter.drawText(QRect(left + 8, box.top(), width - 8, ROW_HEIGHT - 1), LEFT, text)
                continue
            bar = self._layers.bar(node, Column(section))
            if bar is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(hue)
                long = max(1.5, (width - 16) * bar)
                painter.drawRoundedRect(QRectF(left + 8, box.bottom() - 4, long, 3), 1.5, 1.5)
            painter.setPen(color("t3" if text == "–" else "t1"))
            inset = 12 if section == Column.FIELD else 8
            painter.drawText(QRect(left, box.top(), width - inset, ROW_HEIGHT - 2), RIGHT, text)

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


def _tenth(size: int) -> str:
    """The total memory in MiB."""
    return f"{size / MIB:.1f}" if size < 1000 * MIB else mebibytes(size)


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
            Column.PARAMS: count(cost.params) if cost.params < 1e9 else short(cost.params),
            Column.MACS: short(cost.macs),
            Column.MEMORY: _tenth(cost.memory + picture),
            Column.FIELD: str(totals.receptive_field)
            if totals.receptive_field < 1e5
            else short(totals.receptive_field),
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

"""Two designs block by block: which blocks were added, which changed, what each costs."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from resnet_gui.analysis.layer_names import Naming
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design
from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.compare.aligned_blocks import LINE, AlignedBlocks
from resnet_gui.gui.compare.difference_model import STATES, DifferenceModel, DifferenceRow
from resnet_gui.gui.kit.basic import ElidedLabel, ElidingCombo, column, label, panel, row, scrolled
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.format import signed
from resnet_gui.gui.kit.theme import Theme, font
from resnet_gui.gui.kit.window.dragged_columns import DraggedColumns

ROW = 34
MOST_DRAWN, SCROLL_BAR = 240, 9
"""Pixels of height that the two rows of blocks take at most, and of width that a scroll bar takes."""

LEAST = 190
"""Pixels that the words about what is different need at least."""

WRAPPED = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignVCenter)
WIDTHS = {
    DifferenceRow.BLOCKS: 150,
    DifferenceRow.STATE: 84,
    DifferenceRow.EACH: 92,
    DifferenceRow.PARAMS: 104,
    DifferenceRow.MACS: 84,
    DifferenceRow.MEMORY: 84,
}
LEFT_OUT = (DifferenceRow.EACH, DifferenceRow.MEMORY)
"""Columns that give way to the words about what is different, the first one first."""

BADGES = {
    "same": ("hover", "t2"),
    "changed": ("accsoft", "acc"),
    "added": ("oksoft", "ok"),
    "removed": ("warnsoft", "warn"),
}


class _DifferenceDelegate(QStyledItemDelegate):
    """The delegate of the cells: a swatch in the stage's hue, the state as a badge, figures at the right."""

    def __init__(self, theme: Theme, model: DifferenceModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height."""
        return QSize(80, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        color, box = self._theme.color, option.rect
        run, part = self._model.run(index.row()), DifferenceRow(index.column())
        text = self._model.cell(run, part, self._model.naming)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(box, color("accsoft" if selected else "panel"))
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        quiet = run.state == "same"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if part == DifferenceRow.BLOCKS:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(section_token(run.first.stage)))
            painter.drawRoundedRect(QRectF(box.left() + 16, box.center().y() - 4, 8, 8), 2, 2)
            painter.setPen(color("t3" if quiet else "t1"))
            ink(elided(text, box.width() - 36, 12, 600), 12, 600).draw_in(painter, box.adjusted(32, 0, 0, 0))
        elif part == DifferenceRow.STATE:
            ground, letters = BADGES[run.state]
            word = ink(STATES[run.state], 11, 500)
            soft = QRectF(box.left() + 4, box.center().y() - 9, word.width + 12, 18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(ground))
            painter.drawRoundedRect(soft, 4, 4)
            painter.setPen(color(letters))
            word.draw_in(painter, soft, "centre")
        elif part == DifferenceRow.CHANGES:
            painter.setPen(color("t3" if quiet else "t2"))
            painter.setFont(font(12))
            painter.drawText(box.adjusted(8, 4, -8, -4), WRAPPED, text)
        else:
            painter.setPen(color("t3" if quiet else "t2" if part == DifferenceRow.EACH else "t1"))
            ink(text).draw_in(painter, box.adjusted(0, 0, -12, 0), "right")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _kept_name(part: int) -> str:
    """The name of a column in the settings; the words take what the others leave."""
    return "" if part == DifferenceRow.CHANGES else DifferenceRow(part).name.lower()


class DifferenceTable(QTableView):
    """The table of blocks that differ.

    Attributes:
        dragged: columns that the user has given another width.

    Signals:
        copy_requested: the whole table is wanted on the clipboard.
    """

    copy_requested = Signal()

    def __init__(self, theme: Theme, model: DifferenceModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self._cells = _DifferenceDelegate(theme, model)
        self.setItemDelegate(self._cells)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Difference, block by block")
        self.setTabKeyNavigation(False)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setFixedHeight(26)
        # Not Stretch for the words: with hidden columns beside it Qt gives columns the widths of their neighbours.
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.dragged = DraggedColumns(head, self.fit, _kept_name, table="difference")
        theme.changed.connect(self.viewport().update)
        model.modelReset.connect(self.fit)

    def fit(self) -> None:
        """Give the columns their widths; where the words have too little room, some are left out: see ``LEFT_OUT``."""
        head, widths = self.horizontalHeader(), {part: self.dragged.width(part, WIDTHS[part]) for part in WIDTHS}
        room = self.viewport().width() - sum(widths.values())
        with self.dragged.fitting():
            for part in LEFT_OUT:
                self.setColumnHidden(part, room < LEAST)
                room += widths[part] * (room < LEAST)
            widths[DifferenceRow.CHANGES] = max(LEAST, room)
            for part, width in widths.items():
                if not self.isColumnHidden(part):
                    head.resizeSection(part, width)
        self._fit_rows(max(LEAST, room) - 16)

    def _fit_rows(self, wide: int) -> None:
        """Give each row the height that its words need in a width."""
        # Not the column's own width, which the header works out later: rows came out ten times too high.
        metrics = QFontMetrics(font(12))
        for number in range(self._model.rowCount()):
            text = self._model.cell(self._model.run(number), DifferenceRow.CHANGES)
            needed = metrics.boundingRect(QRect(0, 0, wide, 1000), WRAPPED, text).height()
            self.setRowHeight(number, max(ROW, needed + 12))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self.fit()

    def choose(self, location: Location) -> None:
        """Select the row in which a block stands."""
        row = self._model.row_of(location)
        if row >= 0:
            self.selectRow(row)
            self.scrollTo(self._model.index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the whole table."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
        else:
            super().keyPressEvent(event)


class DifferenceView(QFrame):
    """A panel: which two designs, their difference, and its sum."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.model = DifferenceModel(self)
        self._designs: list[Design] = []
        self._names: list[str] = []
        self._picked: list[Design | None] = [None, None]
        self._present: Design | None = None
        self._naming: Naming = "paper"
        layout = column(self)
        bar = panel("panelHeader")
        bar.setFixedHeight(44)
        line = row(bar, (16, 0, 16, 0), 8)
        self.one, self.other = self._combo("From this design"), self._combo("to this one")
        line.addWidget(label("From", "label"))
        line.addWidget(self.one, 1)
        line.addWidget(label("to", "label"))
        line.addWidget(self.other, 1)
        line.addStretch()
        layout.addWidget(bar)
        self.table = DifferenceTable(theme, self.model)
        self.drawn = AlignedBlocks(theme)
        self.drawn.chosen.connect(self.table.choose)
        self._area = scrolled(self.drawn)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.addWidget(self._area)
        layout.addWidget(self.table, 1)
        foot = panel("topLine")
        foot.setFixedHeight(34)
        below = row(foot, (16, 1, 16, 0), 8)
        self.sum = ElidedLabel("", "title")
        below.addWidget(self.sum, 1)
        layout.addWidget(foot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The rows of blocks break elsewhere."""
        super().resizeEvent(event)
        self._fit_drawn()

    def _fit_drawn(self) -> None:
        """Give the rows of blocks what they need, but leave the most to the table."""
        most = min(MOST_DRAWN, max(LINE, self.height() // 2))
        wanted = self.drawn.heightForWidth(self.width())
        if wanted > most:
            wanted = self.drawn.heightForWidth(self.width() - SCROLL_BAR)
        self._area.setFixedHeight(min(wanted, most))

    def _combo(self, name: str) -> QComboBox:
        combo: QComboBox = ElidingCombo()
        combo.setAccessibleName(name)
        combo.setMinimumWidth(150)
        combo.setMaximumWidth(300)
        combo.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        combo.activated.connect(self._pick)
        return combo

    def set_naming(self, naming: Naming) -> None:
        """Call blocks and layers as the layer table does."""
        if naming != self._naming:
            self._naming = naming
            self._compare()

    def show_designs(self, designs: list[tuple[str, Design]], present: Design) -> None:
        """Offer these designs; a pair that the user picked stays, else it is the first and the last.

        Where the present design was picked, it is picked again after it was edited.
        """
        self._names = [name for name, _ in designs]
        self._designs = [design for _, design in designs]
        for side, (combo, usual) in enumerate(((self.one, 0), (self.other, len(designs) - 1))):
            picked = self._picked[side]
            if picked is not None and picked not in self._designs:
                picked = self._picked[side] = present if picked == self._present else None
            combo.clear()
            combo.addItems(self._names)
            combo.setCurrentIndex(self._designs.index(picked) if picked is not None else usual)
        self._present = present
        self._compare()

    def _pick(self) -> None:
        self._picked = [self._designs[max(combo.currentIndex(), 0)] for combo in (self.one, self.other)]
        self._compare()

    def _compare(self) -> None:
        if not self._designs:
            return
        first, second = (max(combo.currentIndex(), 0) for combo in (self.one, self.other))
        one, other = self._designs[first], self._designs[second]
        self.model.set_plans(plan(one.spec), plan(other.spec), self._naming)
        names = self._names[first], self._names[second]
        self.drawn.show_plans(plan(one.spec), plan(other.spec), names, self._naming)
        self._fit_drawn()
        total = self.model.total
        if one.spec == other.spec:
            self.sum.setText("The same design")
        else:
            params, macs = signed(total.params), signed(total.macs)
            words = f"{self._names[second]} against {self._names[first]}"
            self.sum.setText(f"{params} parameters, {macs} MACs: {words}")

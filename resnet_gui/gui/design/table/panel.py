"""The layer table: filter, names and columns above the tree, and a total that stays in view."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QPainter, QPen
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QSizePolicy, QWidget

from resnet_gui.analysis.costs import Totals
from resnet_gui.analysis.layer_names import Naming
from resnet_gui.design.location import Location
from resnet_gui.design.structure import Plan
from resnet_gui.gui.design.table.columns import WIDTHS
from resnet_gui.gui.design.table.filter import FilterMatches
from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.rows import MIB, TIPS, TITLES, Column, mebibytes
from resnet_gui.gui.design.table.tree import LayerTree
from resnet_gui.gui.design.table.unfolding import BlockUnfolder
from resnet_gui.gui.kit.basic import column, fill_menu, header, icon_button
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.format import count, short
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Debounce

FILTER_DELAY_MS = 120
"""While somebody types, the tree of a thousand rows is not sifted at every letter."""


class LayerTable(QFrame):
    """The panel of the layers: title bar, tree and total row.

    Signals:
        path_chosen: path of PyTorch of the stage, block or layer that the user chose.
        shape_clicked: path, column and cell of a shape that was clicked, the cell in the tree's viewport.
        naming_changed: the layers are called otherwise.
    """

    path_chosen = Signal(str)
    shape_clicked = Signal(str, int, QRect)
    naming_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._theme = theme
        self._model = LayerModel(self)
        self._opened: set[Location] = set()
        self._restoring = False
        self._current = ""
        self.column = layout = column(self)
        self.tree = LayerTree(theme, self._model)
        layout.addWidget(self._make_bar())
        layout.addWidget(self.tree)
        self.unfolding = BlockUnfolder(self.tree, self._model)
        self._total = _TotalRow(theme, self.tree)
        layout.addWidget(self._total)
        self._connect()

    def _make_bar(self) -> QFrame:
        bar, line, self.title = header("Layers")
        line.addStretch()
        self.filter = QLineEdit()
        self.filter.setProperty("small", "true")
        self.filter.setPlaceholderText("Filter, e.g. 3×3 or bn")
        self.filter.setToolTip("Rows whose name, type, shape or kernel holds every word: 3x3, bn, 28x28 (Ctrl+F)")
        self.filter.setAccessibleName("Filter of the layers")
        self.filter.setClearButtonEnabled(True)
        glass = QAction(self.filter)
        self._theme.follow(glass, lambda: glass.setIcon(self._theme.icon("search", "t3", 14)))
        self.filter.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self.filter.setMinimumWidth(90)
        self.filter.setMaximumWidth(176)
        self.filter.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line.addWidget(self.filter, 3)
        self.naming = SegmentedControl(self._theme, [("paper", "Paper", ""), ("torch", "PyTorch", "")], height=24)
        self.naming.setToolTip("Names as in the paper, or as PyTorch and torchinfo print them")
        self.naming.setAccessibleName("Names of the layers")
        self.naming.setFixedWidth(118)
        line.addWidget(self.naming)
        self.columns = icon_button(self._theme, "columns", "Choose the columns", size=24)
        self.columns.setMenu(self._make_column_menu())
        line.addWidget(self.columns)
        return bar

    def _make_column_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self.column_actions: dict[Column, QAction] = {}
        for section in WIDTHS:
            action = menu.addAction(TITLES[section])
            action.setCheckable(True)
            action.setChecked(not self.tree.header().isSectionHidden(section))
            action.setToolTip(TIPS[section])
            action.toggled.connect(self._choose_columns)
            self.column_actions[section] = action
        return menu

    def _connect(self) -> None:
        model, tree = self._model, self.tree
        self._filtering = Debounce(self, FILTER_DELAY_MS, self._sift)
        self.filter.textChanged.connect(self._filtering.request)
        self.filter.returnPressed.connect(self._filtering.call_now)
        self.naming.chosen.connect(self._rename)
        model.modelAboutToBeReset.connect(self._before_reset)
        model.modelReset.connect(self._after_reset)
        tree.expanded.connect(lambda index: self._note(index, opened=True))
        tree.collapsed.connect(lambda index: self._note(index, opened=False))
        tree.selectionModel().currentRowChanged.connect(self._tell_path)
        tree.shape_clicked.connect(self.shape_clicked)
        tree.kinds_folded.connect(self._show_folded)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._ask)

    @property
    def model(self) -> LayerModel:
        """The rows."""
        return self._model

    @property
    def path(self) -> str:
        """PyTorch's path of what is selected, or would be without the filter."""
        return self._current

    @property
    def total(self) -> _TotalRow:
        """The row of the sums."""
        return self._total

    # ---- showing

    def show_plan(self, plan: Plan, totals: Totals) -> None:
        """Show another plan; what was open and chosen stays so where the new plan has it."""
        if not self._model.top_nodes():
            self._opened = {stage.location for stage in plan.stages}
        self._model.set_plan(plan)
        picture = 4 * plan.spec.input[0] * plan.spec.input[1] * plan.spec.input[2]
        self._total.show_totals(totals, picture)
        self._total.show_found(self._model.found)

    def choose_path(self, path: str) -> None:
        """Select the row of a stage, block or layer and bring it into view, without telling anybody.

        A row that the filter hides is selected when it comes back; an empty path selects none.
        """
        self._current = path
        index = self._model.find(path) if path else QModelIndex()
        if index == self.tree.currentIndex():
            return
        selection = self.tree.selectionModel()
        blocked = selection.blockSignals(True)
        above = index.parent()
        while above.isValid():
            self.tree.setExpanded(above, True)
            above = above.parent()
        self.tree.setCurrentIndex(index)
        if not index.isValid():
            selection.clearSelection()
        selection.blockSignals(blocked)
        self.tree.scrollTo(index)
        if not self._restoring:
            self.tree.viewport().update()

    def open_path(self, path: str, *, opened: bool) -> None:
        """Unfold or fold a row."""
        index = self._model.find(path)
        if index.isValid():
            self.tree.setExpanded(index, opened)

    def _rename(self, naming: str) -> None:
        self._model.set_naming("torch" if naming == "torch" else "paper")
        self.naming_changed.emit()

    def _choose_columns(self) -> None:
        self.tree.show_columns({section for section, action in self.column_actions.items() if action.isChecked()})
        self._total.update()

    def _show_folded(self, on: bool) -> None:
        title = TITLES[Column.KIND]
        self.column_actions[Column.KIND].setText(f"{title} (in a wider table)" if on else title)

    def shown_columns(self) -> list[str]:
        """Names of the columns on show, for the settings."""
        return [column.name.lower() for column in self.tree.shown_columns()]

    def show_columns(self, names: list[str]) -> None:
        """Show the columns of these names; unknown ones are left out."""
        for section, action in self.column_actions.items():
            action.setChecked(section.name.lower() in names)

    def set_naming(self, naming: Naming) -> None:
        """Name the layers as in the paper or as PyTorch does."""
        self.naming.set_key(naming)
        self._rename(naming)

    # ---- filter

    def focus_filter(self) -> None:
        """Let the filter be typed into; what stands there is typed over."""
        self.filter.setFocus()
        self.filter.selectAll()

    def _sift(self) -> None:
        self._model.set_filter(self.filter.text())
        self._total.show_found(self._model.found)

    def _before_reset(self) -> None:
        self._restoring = True

    def _after_reset(self) -> None:
        tree = self.tree
        # What was open without the filter is kept.
        self.unfolding.start(None if self._model.filtered else self._opened)
        if self._current:
            self.choose_path(self._current)
        self._restoring = False
        tree.show_reset()

    def _note(self, index: QModelIndex, *, opened: bool) -> None:
        node = self._model.node(index)
        location = node.data.location if node is not None else None
        if location is None or self._restoring:
            return
        (self._opened.add if opened else self._opened.discard)(location)

    # ---- the user

    def _tell_path(self, current: QModelIndex) -> None:
        node = self._model.node(current)
        if node is not None and not self._restoring:
            self._current = node.path
            self.path_chosen.emit(node.path)

    def _ask(self, place: QPoint) -> None:
        """The menu of the rows."""
        menu = self.make_menu()
        menu.exec(self.tree.viewport().mapToGlobal(place))
        menu.deleteLater()

    def make_menu(self) -> QMenu:
        """What can be done with the selected rows."""
        menu, tree = QMenu(self), self.tree
        copy = QGuiApplication.clipboard().setText
        chosen = tree.selectionModel().hasSelection()
        entries = (
            ("Copy rows\tCtrl+C", lambda: copy(tree.selected_text()), chosen),
            ("Copy rows as Markdown", lambda: copy(tree.selected_text(markdown=True)), chosen),
            ("Copy the whole table", self._copy_all, True),
            None,
            ("Unfold everything", self._unfold_all, True),
            ("Fold everything", self._fold_all, True),
        )
        fill_menu(menu, entries)
        return menu

    def _unfold_all(self) -> None:
        """With a filter what it leaves, as typing it has done already."""
        if not self._model.filtered:
            for node in self._model.top_nodes():
                section = node.data.location
                if section is not None:
                    self._opened |= {section, *(Location(section.stage, number) for number in range(len(node.rows)))}
        self.unfolding.start()

    def _fold_all(self) -> None:
        self.unfolding.stop()
        if not self._model.filtered:
            self._opened.clear()
        self.tree.collapseAll()

    def _copy_all(self) -> None:
        """Every row that the filter leaves, folded ones too."""
        model = self._model
        rows: list[QModelIndex] = []

        def walk(parent: QModelIndex) -> None:
            for number in range(model.rowCount(parent)):
                index = model.index(number, 0, parent)
                rows.append(index)
                walk(index)

        walk(QModelIndex())
        QGuiApplication.clipboard().setText(self.tree.text_of(rows))


def _tenth(size: int) -> str:
    """The total memory in MiB."""
    return f"{size / MIB:.1f}" if size < 1000 * MIB else mebibytes(size)


class _TotalRow(QWidget):
    """The sums, in the columns of the tree; with a filter those of the layers that it leaves."""

    def __init__(self, theme: Theme, tree: LayerTree) -> None:
        super().__init__()
        self._theme, self._tree = theme, tree
        self._title = "Total"
        self._rows, self._all_rows = "", ""
        self._texts: dict[int, str] = {}
        self._all: dict[int, str] = {}
        self.setFixedHeight(24)
        theme.changed.connect(self.update)
        tree.header().sectionResized.connect(self.update)
        tree.columns_fitted.connect(self.update)
        tree.horizontalScrollBar().valueChanged.connect(self.update)

    def show_totals(self, totals: Totals, picture: int) -> None:
        """Show the sums; the stored input counts into the memory."""
        cost, field = totals.cost, totals.receptive_field
        self._all_rows = f"{totals.rows:,} layers"
        self._all = {
            Column.PARAMS: count(cost.params) if cost.params < 1e9 else short(cost.params),
            Column.MACS: short(cost.macs),
            Column.ACTIVATIONS: short(cost.activations),
            Column.MEMORY: _tenth(cost.memory + picture),
            Column.FIELD: str(field) if field < 1e5 else short(field),
        }
        self.setAccessibleName(f"Total: {count(cost.params)} parameters, {count(cost.macs)} MACs")
        self.setToolTip(
            f"{count(cost.params)} parameters\n{count(cost.macs)} MACs\n{count(cost.memory + picture)} bytes"
        )

    def show_found(self, found: FilterMatches | None) -> None:
        """Show the sums of what a filter leaves; None for all."""
        if found is not None:
            cost = found.cost
            self._title, self._rows = "Found", f"{found.layers:,} of {self._all_rows}"
            self._texts = {
                Column.PARAMS: count(cost.params), Column.MACS: short(cost.macs),
                Column.ACTIVATIONS: short(cost.activations), Column.MEMORY: _tenth(cost.memory),
            }  # fmt: skip
        else:
            self._title, self._rows, self._texts = "Total", self._all_rows, dict(self._all)
        self.update()

    def texts(self) -> dict[int, str]:
        """What stands in the columns."""
        return dict(self._texts)

    def rows_text(self) -> str:
        """How many layers are summed."""
        return self._rows

    def paintEvent(self, _event: object) -> None:
        """Draw the sums under their columns."""
        painter = QPainter(self)
        color, head = self._theme.color, self._tree.header()
        painter.fillRect(self.rect(), color("raise"))
        painter.setPen(QPen(color("line2"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        painter.setPen(color("t1"))
        start = head.sectionViewportPosition(Column.NAME)
        ink(self._title, 12, 600).draw_in(painter, QRect(start + 12, 0, 120, 24))
        for section, text in self._texts.items():
            if head.isSectionHidden(section):
                continue
            right = head.sectionViewportPosition(section) + head.sectionSize(section)
            # A sum may be wider than its column's cells; it grows to the left, where nothing stands.
            ink(text, 12, 600).draw_in(painter, QRect(right - 128, 0, 120, 24), "right")
        painter.setPen(color("t2"))
        left = max(start + 64, head.sectionViewportPosition(Column.KIND) + 8)
        if head.isSectionHidden(Column.KIND):
            left = start + 64
        ink(self._rows).draw_in(painter, QRect(left, 0, 160, 24))

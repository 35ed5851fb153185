"""The classes of the data beside those of the network, where names do not say which is which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from resnet_gui.gui.kit.basic import ElidingCombo, button, column, label, row
from resnet_gui.gui.kit.window.screen_room import resize_within_screen
from resnet_gui.protocol.evaluation_events import ClassesUnmatched

NOT_COUNTED: Final = "not counted"
FEW: Final = 40
"""Up to so many classes every row shows its box."""


class ClassChoiceDelegate(QStyledItemDelegate):
    """The delegate that edits the network's class of a row: a box that can be typed into."""

    def __init__(self, classes: Sequence[str]) -> None:
        super().__init__()
        self._classes = tuple(classes)

    def createEditor(  # noqa: N802
        self, parent: QWidget, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """A box of the network's classes."""
        combo = ElidingCombo(parent)
        combo.setProperty("small", "true")
        combo.addItem(NOT_COUNTED)
        combo.addItems(list(self._classes))
        combo.setEditable(True)
        combo.setInsertPolicy(ElidingCombo.InsertPolicy.NoInsert)
        completer = combo.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        name = index.sibling(index.row(), 0).data()
        combo.setAccessibleName(f"Class of the network for {name}")
        combo.activated.connect(lambda _row: self.commitData.emit(combo))
        return combo

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:  # noqa: N802
        """Show the row's class."""
        if isinstance(editor, ElidingCombo):
            editor.setCurrentIndex(max(0, editor.findText(str(index.data()), Qt.MatchFlag.MatchExactly)))

    def setModelData(  # noqa: N802
        self, editor: QWidget, model: object, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Take what was chosen; a text that is no class changes nothing."""
        if isinstance(editor, ElidingCombo) and isinstance(model, QStandardItemModel):
            place = editor.findText(editor.currentText(), Qt.MatchFlag.MatchExactly)
            if place >= 0:
                model.setData(index, editor.itemText(place))


class MappingDialog(QDialog):
    """The dialog in which each class of the data gets a class of the network, or is not counted.

    Attributes:
        rows: data class, its pictures, class of the network.
        ok: measures with these; able when at least one class is counted.
    """

    def __init__(self, parent: QWidget | None, event: ClassesUnmatched) -> None:
        super().__init__(parent)
        self.setWindowTitle("Choose classes")
        resize_within_screen(self, 560, 520)
        self._event = event
        layout = column(self, (16, 14, 16, 14), 10)
        layout.addWidget(label(event.sentence, wrap=True))
        words = "Say which class of the network each class of the data is; what is not counted is left out and listed."
        layout.addWidget(label(words, "muted12", wrap=True))
        self.rows = QStandardItemModel(0, 3, self)
        self.rows.setHorizontalHeaderLabels(["Class of the data", "Pictures", "Class of the network"])
        for number, name in enumerate(event.data_classes):
            self._add(name, event.pictures[number], event.suggested.get(name, ""))
        self.table = self._make_table(event.network_classes)
        layout.addWidget(self.table, 1)
        tools = row(gap=8)
        self.by_place: QPushButton = button("By place", "small", "The first class is the network's first, and so on")
        self.by_place.setVisible(len(event.data_classes) == len(event.network_classes))
        self.by_place.clicked.connect(lambda: self.set_all(event.network_classes))
        self.none: QPushButton = button("None", "small", "Count no class; then choose those that are")
        self.none.clicked.connect(lambda: self.set_all([""] * len(event.data_classes)))
        tools.addWidget(self.by_place)
        tools.addWidget(self.none)
        self.count = label("", "muted12")
        tools.addStretch()
        tools.addWidget(self.count)
        layout.addLayout(tools)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.ok = buttons.addButton("Measure with these", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.rows.itemChanged.connect(self._show_count)
        self._show_count()

    def _add(self, name: str, pictures: int, suggested: str) -> None:
        first, second = QStandardItem(name), QStandardItem(f"{pictures:,}")
        first.setEditable(False)
        second.setEditable(False)
        second.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.rows.appendRow([first, second, QStandardItem(suggested or NOT_COUNTED)])

    def _make_table(self, classes: Sequence[str]) -> QTableView:
        table = QTableView()
        table.setModel(self.rows)
        self._delegate = ClassChoiceDelegate(classes)
        table.setItemDelegateForColumn(2, self._delegate)
        table.setShowGrid(False)
        table.setAccessibleName("Classes of the data and of the network")
        table.verticalHeader().setVisible(False)
        table.verticalHeader().setDefaultSectionSize(30)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        table.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        for number in range(self.rows.rowCount() if self.rows.rowCount() <= FEW else 0):
            table.openPersistentEditor(self.rows.index(number, 2))
        return table

    def set_all(self, classes: Sequence[str]) -> None:
        """Give every class of the data one of the network, by their order; empty for none."""
        for number, name in enumerate(classes):
            self.rows.setData(self.rows.index(number, 2), name or NOT_COUNTED)

    def set_class(self, data_class: str, network_class: str) -> None:
        """Give one class of the data a class of the network; empty for none."""
        place = self._event.data_classes.index(data_class)
        self.rows.setData(self.rows.index(place, 2), network_class or NOT_COUNTED)

    def mapping(self) -> dict[str, str]:
        """Data class -> network class, or "" where it is not counted."""
        known = set(self._event.network_classes)
        chosen = [str(self.rows.index(number, 2).data()) for number in range(self.rows.rowCount())]
        return {name: one if one in known else "" for name, one in zip(self._event.data_classes, chosen, strict=True)}

    def _show_count(self) -> None:
        mapping = self.mapping()
        counted = [number for number, name in enumerate(self._event.data_classes) if mapping[name]]
        pictures = sum(self._event.pictures[number] for number in counted)
        self.count.setText(f"{len(counted):,} of {len(mapping):,} classes, {pictures:,} pictures are counted")
        self.ok.setEnabled(bool(counted))

"""What the table of runs is searched by, sorted by and grouped by."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu

from resnet_gui.gui.kit.basic import icon_button, label, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.runs.arrangement import GROUPS
from resnet_gui.gui.train.runs.columns import COLUMNS, CURVE
from resnet_gui.gui.train.runs.table import RunTable


class RunFinder(QFrame):
    """The bar above the table of runs: a search field, and a menu of orders and groups.

    What is searched for is not kept for the next start: runs that a forgotten word hides look lost. Order and groups,
    which hide nothing, are.

    Attributes:
        field: the words that a run must have.
        found: how many runs have them.
    """

    def __init__(self, theme: Theme, table: RunTable) -> None:
        super().__init__()
        self._table = table
        self.setFixedHeight(36)
        line = row(self, (12, 0, 8, 0), 4)
        self.field = QLineEdit(placeholderText="Find: name, tag, data, design")
        self.field.setProperty("small", "true")
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("Find runs")
        self.field.setToolTip("Shows the runs that have all of these words in name, tags, data, design, state or note")
        self.field.textChanged.connect(self._search)
        self.found = label("", "caption")
        self.order = icon_button(theme, "sort", "Sort and group the runs", size=24)
        self._menu = QMenu(self.order)
        self._keys = self._choices("Sort by", [(c.key, c.title) for c in COLUMNS if c.key != CURVE], self._sort)
        self._menu.addSeparator()
        self._groups = self._choices("Group by", [(key, title) for key, (title, _) in GROUPS.items()], self._group)
        self._menu.aboutToShow.connect(self._show)
        self.order.setMenu(self._menu)
        line.addWidget(self.field, 1)
        line.addWidget(self.found)
        line.addWidget(self.order)
        table.table.arranged.connect(self._count)

    def _choices(self, title: str, choices: list[tuple[str, str]], work: object) -> dict[str, QAction]:
        """A heading in the menu, and a row of actions of which one is chosen."""
        self._menu.addAction(title).setEnabled(False)
        group, made = QActionGroup(self._menu), {}
        for key, text in choices:
            action = made[key] = self._menu.addAction(text)
            action.setCheckable(True)
            action.setActionGroup(group)
            action.triggered.connect(lambda _=False, key=key: work(key))  # type: ignore[operator]
        return made

    def _show(self) -> None:
        arrangement = self._table.table.arrangement
        self._keys[arrangement.key].setChecked(True)
        self._groups[arrangement.group].setChecked(True)

    def _sort(self, key: str) -> None:
        self._table.sort_by(key)

    def _group(self, key: str) -> None:
        self._table.arrange(replace(self._table.table.arrangement, group=key))
        self._table.arrangement_changed.emit()

    def _search(self, text: str) -> None:
        self._table.arrange(replace(self._table.table.arrangement, search=text))

    def _count(self) -> None:
        """Say how many are found, while somebody looks for some."""
        searched = bool(self.field.text().strip())
        shown, every = len(self._table.table.shown_runs()), self._table.table.runs.rowCount()
        self.found.setText(f"{shown:,} of {every:,}" if searched else "")
        self.found.setVisible(searched)

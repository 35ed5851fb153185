"""The list of experiments, in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QPushButton, QWidget

from resnet_gui.gui.kit.basic import button, column, header, icon_button, label, panel, row, scrolled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.list.card import CardData, ExperimentButton

WIDE, NARROW = 304, 240


class ExperimentList(QWidget):
    """The column of cards, a heading a group, with a field to find one by its words.

    Signals:
        chosen: experiment and scale of the card that was clicked.
        run_all_requested: heading of the group whose experiments are all to run.
    """

    chosen = Signal(str, str)
    run_all_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        outer = row(self, gap=0)
        body = panel()
        body.setObjectName("rightLine")
        outer.addWidget(body)
        layout = column(body)
        bar, line, _title = header("Experiments")
        self.count = label("", "muted12")
        line.addWidget(self.count)
        line.addStretch()
        self.search = icon_button(theme, "search", "Find an experiment")
        self.search.setCheckable(True)
        self.search.toggled.connect(self._show_field)
        line.addWidget(self.search)
        layout.addWidget(bar)
        self.field = QLineEdit(placeholderText="Title or question")
        self.field.setAccessibleName("Find an experiment")
        self.field.textChanged.connect(self._filter)
        self.field.hide()
        around = QWidget()
        column(around, (12, 8, 12, 0)).addWidget(self.field)
        layout.addWidget(around)
        inner = QWidget()
        self._cards = column(inner, (10, 0, 3, 8), 4)
        self.none = label("No experiment has these words in its title or question.", "muted12", wrap=True)
        self.none.hide()
        self._cards.addWidget(self.none)
        self._cards.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._area = scrolled(inner)
        layout.addWidget(self._area, 1)
        # When the cards have their places, which they have not before the page is first shown.
        self._scrolling = QTimer(self, singleShot=True, interval=0)
        self._scrolling.timeout.connect(self._scroll_to_chosen)
        self._group = QButtonGroup(self, exclusive=True)
        self.cards: dict[tuple[str, str], ExperimentButton] = {}
        self.all: dict[str, QPushButton] = {}
        self._headings: list[tuple[QWidget, list[ExperimentButton]]] = []
        self.setFixedWidth(WIDE)

    def show_groups(self, groups: Mapping[str, Sequence[CardData]], together: Mapping[str, str]) -> None:
        """Make the cards; ``together`` has the words of "run all" for groups that have one."""
        for heading, cards in groups.items():
            bar = QWidget()
            bar.setFixedHeight(26)
            line = row(bar, (4, 4, 4, 0))
            title = label(heading, "groupHeading")
            line.addWidget(title)
            line.addStretch()
            if heading in together:
                made = button(together[heading], "link", f"Run every experiment of this group: {heading}")
                made.setObjectName("smallLink")
                made.clicked.connect(lambda _=False, heading=heading: self.run_all_requested.emit(heading))
                self.all[heading] = made
                line.addWidget(made)
            self._cards.addWidget(bar)
            self._headings.append((bar, [self._add(data) for data in cards]))
        self.count.setText(str(len({key for key, _ in self.cards})))

    def _add(self, data: CardData) -> ExperimentButton:
        card = ExperimentButton(self._theme, data)
        card.clicked.connect(lambda: self.chosen.emit(data.experiment, data.scale))
        self._group.addButton(card)
        self._cards.addWidget(card)
        self.cards[data.experiment, data.scale] = card
        return card

    def show_chosen(self, experiment: str, scale: str) -> None:
        """Mark the card of an experiment, that of its scale or else its first, and scroll to it."""
        card = self.cards.get((experiment, scale))
        if card is None:
            card = next((made for (key, _), made in self.cards.items() if key == experiment), None)
        if card is not None:
            card.setChecked(True)
            self._scrolling.start()

    def showEvent(self, event: QShowEvent) -> None:
        """The chosen card is in sight."""
        super().showEvent(event)
        self._scrolling.start()

    def _scroll_to_chosen(self) -> None:
        card = self._group.checkedButton()
        if card is not None:
            self._area.ensureWidgetVisible(card, 0, card.height() // 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose the neighbour."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        shown = [card for card in self.cards.values() if card.isVisible()]
        chosen = next((number for number, card in enumerate(shown) if card.isChecked()), None)
        if step is None or chosen is None or not 0 <= chosen + step < len(shown):
            super().keyPressEvent(event)
            return
        shown[chosen + step].setFocus()
        shown[chosen + step].click()

    def _show_field(self, on: bool) -> None:
        self.field.setVisible(on)
        if on:
            self.field.setFocus()
        else:
            self.field.clear()

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for bar, cards in self._headings:
            for card in cards:
                said = f"{card.data.title} {card.data.question}".casefold()
                card.setVisible(all(word in said for word in words))
            bar.setVisible(any(not card.isHidden() for card in cards))
        self.none.setVisible(all(card.isHidden() for card in self.cards.values()))

"""The row of cards at the top of the page; three by two in a narrow window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame

from resnet_gui.gui.evaluate.cards.card import HEIGHT, CardContent, EvaluationCard
from resnet_gui.gui.kit.theme import Theme

GAP: Final = 8
SIDE: Final = 12
AROUND: Final = 7
"""Pixels between cards, at their sides, above and below them."""

TITLES: Final = (
    "Top-1 accuracy", "Top-5 accuracy", "Calibration error, ECE", "Speed", "Hardest class", "Against a second model",
)  # fmt: skip
NARROW, PRESENTED = 3, 2
"""Cards in a row of a narrow window, and of a presentation."""

HARDEST: Final = 4
AGAINST: Final = 5


class CardRow(QFrame):
    """The row of cards, or their two rows.

    Attributes:
        cards: in their order.

    Signals:
        changed: other figures are shown, or other cards can be pressed.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._other: CardRow | None = None
        self._columns = len(TITLES)
        self.cards = tuple(EvaluationCard(theme, CardContent(title)) for title in TITLES)
        for card in self.cards:
            card.setParent(self)
        theme.changed.connect(self.update)
        self.set_narrow(narrow=False)

    def show_contents(self, contents: Sequence[CardContent]) -> None:
        """Show other figures, one for each card."""
        for card, content in zip(self.cards, contents, strict=True):
            if card.content != content:
                card.show_content(content)
        self.changed.emit()

    def set_clickable(self, place: int, *, on: bool) -> None:
        """Whether a press of a card does something."""
        self.cards[place].set_clickable(on=on)
        self.changed.emit()

    def copy(self) -> CardRow:
        """Cards that show the same and do the same, now and later, two in a row; for a presentation."""
        made = CardRow(self._theme)
        made._set_columns(PRESENTED)
        made._mirror(self)
        return made

    def _mirror(self, other: CardRow) -> None:
        self._other = other
        other.changed.connect(self._show_other)
        for own, card in zip(self.cards, other.cards, strict=True):
            own.clicked.connect(card.clicked)
        self._show_other()

    def _show_other(self) -> None:
        if self._other is not None:
            for own, card in zip(self.cards, self._other.cards, strict=True):
                own.set_clickable(on=card.clickable)
            self.show_contents([card.content for card in self._other.cards])

    def set_narrow(self, *, narrow: bool) -> None:
        """Stand in one row, or three by two."""
        self._set_columns(NARROW if narrow else len(self.cards))

    def _set_columns(self, columns: int) -> None:
        self._columns = columns
        rows = -(-len(self.cards) // columns)
        self.setFixedHeight(rows * HEIGHT + (rows - 1) * GAP + 2 * AROUND)
        self._arrange()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Every card gets its share."""
        self._arrange()

    def _arrange(self) -> None:
        columns = self._columns
        share = (self.width() - 2 * SIDE + GAP) / columns
        for number, card in enumerate(self.cards):
            down, right = divmod(number, columns)
            left = round(SIDE + right * share)
            width = round(SIDE + (right + 1) * share) - GAP - left
            card.setGeometry(QRect(left, AROUND + down * (HEIGHT + GAP), width, HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground and the line below it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("canvas"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("line"))

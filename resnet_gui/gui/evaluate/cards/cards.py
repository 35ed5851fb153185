"""The row of cards at the top of the page; three by two in a narrow window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect
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
HARDEST: Final = 4
AGAINST: Final = 5


class CardRow(QFrame):
    """The row of cards, or their two rows.

    Attributes:
        cards: in their order.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.narrow = False
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

    def set_narrow(self, *, narrow: bool) -> None:
        """Stand in one row, or three by two."""
        self.narrow = narrow
        rows = 2 if narrow else 1
        self.setFixedHeight(rows * HEIGHT + (rows - 1) * GAP + 2 * AROUND)
        self._arrange()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Every card gets its share."""
        self._arrange()

    def _arrange(self) -> None:
        columns = 3 if self.narrow else len(self.cards)
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

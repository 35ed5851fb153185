"""A row of a list of recent things: painted by hand, pressed as a button."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from resnet_gui.gui.kit.basic import column, label, row
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme

ROW_HIGH, HEAD_HIGH = 36, 34
MARGIN = 16


class RowButton(QAbstractButton):
    """A row that leads to what it names."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setText(name)
        self.setFixedHeight(ROW_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as its card."""
        return QSize(320, ROW_HIGH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line above, the ground, the contents and the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        if self.underMouse() or self.isDown():
            painter.fillRect(self.rect().adjusted(1, 1, -1, -1), color("hover"))
        painter.fillRect(QRect(0, 0, self.width(), 1), color("line"))
        self.paint_contents(painter, QRectF(MARGIN, 1, self.width() - 2 * MARGIN, ROW_HIGH - 1))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color("acc"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 5, 5)

    @abstractmethod
    def paint_contents(self, painter: QPainter, box: QRectF) -> None:
        """Draw what the row says into a box."""

    def write(self, painter: QPainter, text: str, box: QRectF, token: str, *, weight: int = 400) -> None:
        """Write 13 pixels of text at the left of a box, cut where it has too little room."""
        painter.setPen(self._theme.color(token))
        ink(elided(text, int(box.width()), 13, weight, middle=True), 13, weight).draw_in(painter, box)

    def write_right(self, painter: QPainter, text: str, box: QRectF, token: str, *, weight: int = 400) -> None:
        """Write 12 pixels of text at the right of a box."""
        painter.setPen(self._theme.color(token))
        ink(text, 12, weight).draw_in(painter, box, "right")


class RecentCard(QFrame):
    """A card with a title, a caption at its right, and rows."""

    def __init__(self, title: str, caption: str, nothing: str, *, behind: int = 0) -> None:
        """Make it empty.

        Args:
            title: of the card.
            caption: over a column of figures in the rows.
            nothing: what is said where there are no rows.
            behind: pixels of the columns right of that one.
        """
        super().__init__()
        self.setObjectName("card")
        layout = column(self, (1, 1, 1, 1))
        head = QWidget()
        head.setFixedHeight(HEAD_HIGH)
        line = row(head, (MARGIN - 1, 0, MARGIN - 1, 0))
        line.addWidget(label(title, "title"))
        line.addStretch()
        self._caption = label(caption, "muted12")
        line.addWidget(self._caption)
        line.addSpacing(behind)
        layout.addWidget(head)
        body = QWidget()
        self._rows: QVBoxLayout = column(body)
        layout.addWidget(body)
        self._nothing = label(nothing, "muted12")
        self._nothing.setContentsMargins(MARGIN - 1, 0, MARGIN - 1, 12)
        layout.addWidget(self._nothing)
        layout.addStretch()
        self.rows: list[RowButton] = []

    def show_rows(self, rows: Sequence[RowButton]) -> None:
        """Show these rows and no others."""
        for old in self.rows:
            self._rows.removeWidget(old)
            old.deleteLater()
        self.rows = list(rows)
        for made in rows:
            self._rows.addWidget(made)
        self._nothing.setVisible(not rows)
        self._caption.setVisible(bool(rows))

"""The values of a field as chips, with a plus for more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QPushButton, QSizePolicy, QWidget

from resnet_gui.gui.kit.basic import button, icon_button, literal
from resnet_gui.gui.kit.theme import Theme

GAP: Final = 4
CHIP: Final = 24
TYPED: Final = 76
"""Pixels of the line that a value is typed into."""


class ValueLine(QLineEdit):
    """A small line that values are typed into.

    Signals:
        given_up: Escape was pressed.
    """

    given_up = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("small", "true")
        self.setPlaceholderText("value")
        self.setAccessibleName(f"{title}: another value")
        self.setToolTip("A value, or several with commas between; Enter adds, Escape leaves it")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives up."""
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class ValueChips(QFrame):
    """Chips that wrap into as many lines as they need; a click on one leaves its value out.

    Attributes:
        add: the plus: opens the values that are left, or a line to type one.
        line: what is typed into; hidden until somebody wants to.

    Signals:
        removed: number of the chip that was clicked.
        chosen: a value that was chosen from the menu.
        typed: what was typed.
        given_up: the line was closed, and nothing was typed.
    """

    removed = Signal(int)
    chosen = Signal(object)
    typed = Signal(str)
    given_up = Signal()

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._title = title
        self._chips: list[QPushButton] = []
        self._texts: list[str] = []
        self._left: tuple[tuple[object, str], ...] | None = None
        self.add = icon_button(theme, "plus", f"{title}: another value", size=CHIP)
        self.add.setParent(self)
        self.add.clicked.connect(self.open)
        self.line = ValueLine(title)
        self.line.setParent(self)
        self.line.setFixedWidth(TYPED)
        self.line.hide()
        self.line.returnPressed.connect(self._take)
        self.line.given_up.connect(self._give_up)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(CHIP)

    def show_values(
        self, labels: Sequence[str], left: tuple[tuple[object, str], ...] | None, many: Collection[int] = ()
    ) -> None:
        """Show values.

        Args:
            labels: of the values.
            left: those that can be chosen beside them, None where values are typed.
            many: places of chips that stand for several values; a click is to edit them.
        """
        self._left = left
        focused = self.focusWidget() in self._chips
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips, self._texts = [], list(labels)
        for number, text in enumerate(labels):
            does = "Click: leave this value out" if len(labels) > 1 else "The only value"
            does = "Click: type others in their place" if number in many else does
            chip = button(literal(text), "value", does)
            chip.setAccessibleName(f"{self._title} {text}")
            chip.setParent(self)
            chip.setEnabled(len(labels) > 1 or number in many)
            chip.clicked.connect(lambda _=False, number=number: self.removed.emit(number))
            chip.show()
            self._chips.append(chip)
        self.add.setVisible(left is None or bool(left))
        if focused:
            self.add.setFocus()
        self._place()

    def texts(self) -> list[str]:
        """The values as shown."""
        return list(self._texts)

    def chip(self, number: int) -> QPushButton:
        """A chip by its place."""
        return self._chips[number]

    def menu(self) -> QMenu:
        """The values that are left to choose."""
        menu = QMenu(self)
        for value, text in self._left or ():
            menu.addAction(literal(text)).triggered.connect(lambda _=False, value=value: self.chosen.emit(value))
        return menu

    def open(self) -> None:
        """Offer values, or a line to type one."""
        if self._left is None:
            self.line.show()
            self._place()
            self.line.setFocus()
            return
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.add.mapToGlobal(QPoint(0, self.add.height())))

    def edit(self, text: str) -> None:
        """Offer a text to be changed."""
        self.line.setText(text)
        self.line.show()
        self._place()
        self.line.setFocus()
        self.line.selectAll()

    def _give_up(self) -> None:
        self.close_line()
        self.given_up.emit()

    def close_line(self) -> None:
        """Type nothing any more."""
        self.line.clear()
        self.line.hide()
        self._place()
        self.add.setFocus()

    def _take(self) -> None:
        if text := self.line.text().strip():
            self.typed.emit(text)
        else:
            self._give_up()

    def _place(self) -> None:
        """Put everything one after the other, into as many lines as it takes."""
        x = y = 0
        shown: list[QWidget] = [*self._chips]
        if self.line.isVisibleTo(self):
            shown.append(self.line)
        if self.add.isVisibleTo(self):
            shown.append(self.add)
        for number, widget in enumerate(shown):
            wide = widget.width() if widget in {self.line, self.add} else 0
            if not wide:
                wide = self._elide(number)
            if x and x + wide > max(self.width(), CHIP):
                x, y = 0, y + CHIP + GAP
            widget.setGeometry(x, y, wide, CHIP)
            x += wide + GAP
        if self.height() != y + CHIP:
            self.setFixedHeight(y + CHIP)

    def _elide(self, number: int) -> int:
        """Cut the text of a chip that is wider than the row, and name all of it in the tip; returns its width."""
        chip, text = self._chips[number], self._texts[number]
        chip.setText(text)
        chip.ensurePolished()
        wide, room = chip.sizeHint().width(), max(self.width(), 2 * CHIP)
        if wide > room:
            metrics = chip.fontMetrics()
            left = room - (wide - metrics.horizontalAdvance(text))
            chip.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, left))
            does = chip.toolTip().rpartition("\n")[2]
            chip.setToolTip(f"{text}\n{does}")
        return min(wide, room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._place()

    def minimumSizeHint(self) -> QSize:
        """One chip."""
        return QSize(2 * CHIP, self.height())

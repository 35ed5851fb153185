"""One phase of a plan: its epochs, the learning rate of each part, and the handle that sets what is frozen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from resnet_gui.gui.kit.basic import icon_button, label
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.form import prepare
from resnet_gui.gui.kit.format import figures
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.thawing.parts import paint_part, part_titles, part_tokens

WORDS: Final = 96
"""Pixels at the left for a phase's name and epochs."""

HEIGHT, CELL, GAP = 38, 28, 2
HANDLE: Final = (8, 36)
MOST_EPOCHS: Final = 100_000


class FreezeHandle(QWidget):
    """The handle between what is frozen and what learns: it is dragged, or moved with the arrow keys.

    Signals:
        moved: number of frozen parts that the user wants.
    """

    moved = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget, at: Callable[[float], int]) -> None:
        """Make a handle; ``at`` says how many parts are left of a place of the parent."""
        super().__init__(parent)
        self._theme, self._at, self._parts = theme, at, 0
        self.setFixedSize(*HANDLE)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)

    def show_parts(self, parts: int) -> None:
        """Stand behind so many parts."""
        self._parts = parts

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse from one boundary to the next."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._want(self._at(self.mapToParent(event.position()).x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Freeze one part more or less, all but the head, or nothing."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -99, Qt.Key.Key_End: 99}
        change = step.get(Qt.Key(event.key()))
        if change is None:
            super().keyPressEvent(event)
            return
        self._want(self._parts + change)

    def _want(self, parts: int) -> None:
        if parts != self._parts:
            self.moved.emit(parts)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar and its grip."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        painter.setPen(QPen(color("acc"), 2) if self.hasFocus() else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(color("t1"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)
        painter.setPen(QPen(color("panel"), 1))
        for x in (3.0, 5.0):
            painter.drawLine(QPointF(x, 14), QPointF(x, 22))


class RateCell(QWidget):
    """The learning rate of one part in one phase; a double click, Return or F2 opens a line to type another.

    Signals:
        edited: the text that was typed.
    """

    edited = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._text, self._frozen = theme, "", True
        self._tokens = part_tokens(0, 1)
        self._line: QLineEdit | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self.update)

    def show_part(self, part: int, stages: int, rate: float) -> None:
        """Show a part and its rate; 0 for one that is frozen."""
        self._tokens, self._frozen = part_tokens(part, stages), rate == 0
        self._text = "" if self._frozen else figures(rate)
        title = part_titles(stages)[part]
        self.setAccessibleName(f"{title}: frozen" if self._frozen else f"{title}: learning rate {self._text}")
        self.setToolTip(
            f"The {title} is frozen" if self._frozen else f"Learning rate of the {title}; double click to change it"
        )
        self.update()

    @property
    def text(self) -> str:
        """The rate that is shown; empty for a part that is frozen."""
        return self._text

    def edit(self) -> None:
        """Open the line."""
        if self._frozen or self._line is not None:
            return
        line = self._line = QLineEdit(self._text, self)
        line.setProperty("small", "true")
        line.setStyleSheet("padding: 0 2px;")
        line.setAccessibleName("Learning rate")
        line.setGeometry(self.rect())
        line.selectAll()
        line.show()
        line.setFocus()
        line.editingFinished.connect(self._finish)

    def _finish(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        text = line.text().strip()
        line.deleteLater()
        line.hide()
        if text and text != self._text:
            self.edited.emit(text)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Open the line."""
        self.edit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and F2 open the line, Escape closes it."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2} and self._line is None:
            self.edit()
        elif event.key() == Qt.Key.Key_Escape and self._line is not None:
            line, self._line = self._line, None
            line.deleteLater()
            self.setFocus()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the cell."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        paint_part(painter, self._theme, box, self._tokens, frozen=self._frozen)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
        if self._text:
            painter.setPen(self._theme.color("t1"))
            shown = elided(self._text, self.width() - 2, 11, 600)
            ink(shown, 11, 600).draw_in(painter, box, "centre")


class EpochsLine(QLineEdit):
    """The epochs of a phase, as words without a frame until they are edited.

    Signals:
        edited: how many the user wants.
    """

    edited = Signal(int)

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self._epochs = 1
        prepare(self, title, "How many epochs this phase has; click to change it")
        self.setStyleSheet(
            "QLineEdit { border: none; background: transparent; padding: 0; min-height: 0; font-size: 11px; }"
        )
        self.editingFinished.connect(self._finish)

    @property
    def epochs(self) -> int:
        """How many are shown."""
        return self._epochs

    def show_epochs(self, epochs: int) -> None:
        """Show so many without telling anybody."""
        self._epochs = epochs
        text = "1 epoch" if epochs == 1 else f"{epochs:,} epochs"
        if self.text() != text:
            self.setText(text)
        self.setModified(False)

    def _finish(self) -> None:
        if not self.isModified():
            return
        found = re.match(r"\s*([\d,]{1,7})", self.text())
        wanted = int(found[1].replace(",", "") or 0) if found is not None else 0
        before = self._epochs
        self.show_epochs(before)
        if 1 <= wanted <= MOST_EPOCHS and wanted != before:
            self.edited.emit(wanted)


class PhaseRow(QWidget):
    """A row of the plan: one phase.

    Attributes:
        epochs: how many.
        handle: sets what is frozen.
        cells: one a part.

    Signals:
        frozen_moved: number of frozen parts that the user wants.
        epochs_edited: how many the user wants.
        rate_edited: number of the part, the text that was typed.
        remove_requested: the phase is to go.
        chosen: the user looks at this phase.
    """

    frozen_moved = Signal(int)
    epochs_edited = Signal(int)
    rate_edited = Signal(int, str)
    remove_requested = Signal()
    chosen = Signal()

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__()
        self._theme, self._number, self._stages, self._parts = theme, number, 0, 0
        self._chosen = False
        self.setFixedHeight(HEIGHT)
        self._title = label("", "label")
        self._title.setParent(self)
        self._title.setStyleSheet("font-weight: 600;")
        self.epochs = EpochsLine(self, f"Epochs of phase {number + 1}")
        self.epochs.edited.connect(self.epochs_edited)
        self._remove = icon_button(theme, "close", f"Remove phase {number + 1}", size=18)
        self._remove.setParent(self)
        self._remove.clicked.connect(self.remove_requested)
        self.cells: list[RateCell] = []
        self.handle = FreezeHandle(theme, self, self.parts_at)
        self.handle.moved.connect(self.frozen_moved)
        theme.changed.connect(self.update)

    def show_phase(self, title: str, epochs: int, rates: tuple[float, ...], parts: int) -> None:
        """Show a phase.

        Args:
            title: in a word.
            epochs: how many.
            rates: of stem, stages and head; 0 where frozen.
            parts: how many are frozen.
        """
        self._title.setText(title)
        self.epochs.show_epochs(epochs)
        stages = len(rates) - 2
        while len(self.cells) < len(rates):
            cell = RateCell(self._theme, self)
            place = len(self.cells)
            cell.edited.connect(lambda text, place=place: self.rate_edited.emit(place, text))
            cell.show()
            self.cells.append(cell)
        while len(self.cells) > len(rates):
            self.cells.pop().deleteLater()
        for part, (cell, rate) in enumerate(zip(self.cells, rates, strict=True)):
            cell.show_part(part, stages, rate)
        self._stages, self._parts = stages, parts
        self.handle.show_parts(parts)
        self.handle.setAccessibleName(f"Frozen parts in phase {self._number + 1}: {parts} of {len(rates)}")
        self.handle.setToolTip("Drag, or use the arrow keys: what is left of it is frozen in this phase")
        self._place()

    def set_chosen(self, *, on: bool) -> None:
        """Whether the line below the plan is about this phase, which can be removed then."""
        self._remove.setVisible(on)
        if on != self._chosen:
            self._chosen = on
            self.update()

    def _width(self) -> float:
        return (self.width() - WORDS) / max(1, len(self.cells))

    def parts_at(self, x: float) -> int:
        """How many parts are left of a place, to the nearest boundary; the head always learns."""
        return max(0, min(len(self.cells) - 1, round((x - WORDS) / self._width())))

    def _place(self) -> None:
        wide, top = self._width(), (HEIGHT - CELL) // 2
        self._title.setGeometry(8, 3, WORDS - 32, 16)
        self.epochs.setGeometry(6, 19, WORDS - 14, 15)
        self._remove.move(WORDS - 24, 2)
        for number, cell in enumerate(self.cells):
            left = round(WORDS + number * wide)
            cell.setGeometry(left + 1, top, round(WORDS + (number + 1) * wide) - left - GAP, CELL)
        self.handle.move(round(WORDS + self._parts * wide) - HANDLE[0] // 2, (HEIGHT - HANDLE[1]) // 2)
        self.handle.raise_()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Share the room among the parts."""
        self._place()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Look at this phase."""
        self.chosen.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground of the chosen phase."""
        if self._chosen:
            painter = QPainter(self)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accsoft"))
            painter.drawRoundedRect(QRectF(self.rect()), 4, 4)

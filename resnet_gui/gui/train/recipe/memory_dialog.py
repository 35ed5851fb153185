"""A run that did not fit into memory: what it needs, what there is, and what would fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QPlainTextEdit, QRadioButton, QVBoxLayout, QWidget

from resnet_gui.analysis.memory import Memory
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.gui.kit.basic import (
    button,
    column,
    label,
    panel,
    restyle,
    row,
    scrolled,
    set_icon,
)
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.screen_room import resize_within_screen
from resnet_gui.training.memory_fit import MemoryFix


@dataclass(frozen=True)
class Shortage:
    """A shortage of memory: what a run needs, what there is, and what would fit.

    Attributes:
        title: of the dialog.
        safe: what happened, and what is not lost.
        memory: that the run needs.
        batch: pictures of a part.
        capacity: bytes of the device.
        device: its name.
        fixes: what would fit, the mildest first.
        details: the trace.
    """

    title: str
    safe: str
    memory: Memory
    batch: int
    capacity: int
    device: str
    fixes: Sequence[MemoryFix]
    details: str


def gigabytes(size: int) -> str:
    """Bytes as people name memory: ``12.4 GB`` (10^9)."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"


class MemoryBar(QWidget):
    """A bar of the memory that is needed against what there is."""

    def __init__(self, theme: Theme, shortage: Shortage) -> None:
        super().__init__()
        self._theme, self._shortage = theme, shortage
        self.setFixedHeight(64)
        needed = gigabytes(shortage.memory.total)
        self.setAccessibleName(f"needs {needed}, there are {gigabytes(shortage.capacity)} on {shortage.device}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bar, mark and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, memory, shortage = self._theme.color, self._shortage.memory, self._shortage
        largest = max(memory.total, shortage.capacity) * 1.08
        scale = self.width() / largest
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("hover"))
        painter.drawRoundedRect(QRectF(0, 22, self.width(), 14), 4, 4)
        maps = memory.activations * scale
        painter.setBrush(color("acc"))
        painter.drawRoundedRect(QRectF(0, 22, maps, 14), 4, 4)
        painter.setBrush(color("t3"))
        rest = (memory.total - memory.activations) * scale
        painter.drawRoundedRect(QRectF(maps, 22, max(rest, 2), 14), 4, 4)
        mark = shortage.capacity * scale
        painter.setBrush(color("err"))
        painter.drawRect(QRectF(mark - 1, 14, 2, 30))
        painter.setPen(color("err"))
        there = ink(f"{gigabytes(shortage.capacity)} on {shortage.device.upper()}", 11, 600)
        left = min(max(0.0, mark - there.width / 2), self.width() - there.width)
        there.draw(painter, left, -1)
        painter.setPen(color("t1"))
        need = ink(f"needs {gigabytes(memory.total)}", 11, 600)
        place = min(memory.total * scale - need.width, self.width() - need.width)
        if place < left + there.width + 8:
            place = min(left + there.width + 8, self.width() - need.width)
        need.draw(painter, place, 3)
        self._legend(painter)

    def _legend(self, painter: QPainter) -> None:
        memory, x = self._shortage.memory, 0.0
        rest = memory.total - memory.activations
        for token, text in (
            ("acc", f"activations, batch {self._shortage.batch}: {gigabytes(memory.activations)}"),
            ("t3", f"weights, gradients, optimiser: {gigabytes(rest)}"),
        ):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(token))
            painter.drawRoundedRect(QRectF(x, 50, 8, 8), 2, 2)
            painter.setPen(self._theme.color("t2"))
            words = ink(text, 11)
            words.draw(painter, x + 13, 46)
            x += words.width + 28


class MemoryFixCard(QFrame):
    """The card of one memory fix, chosen by a click anywhere on it."""

    def __init__(self, fix: MemoryFix, *, first: bool, chosen: Callable[[], None]) -> None:
        super().__init__()
        self.fix = fix
        self.setObjectName("memoryFix")
        self.setFixedHeight(52)
        line = row(self, (12, 0, 12, 0), 12)
        self.radio = QRadioButton()
        self.radio.setAccessibleName(fix.title)
        self.radio.setAutoExclusive(False)
        self.radio.toggled.connect(lambda on: chosen() if on else None)
        line.addWidget(self.radio)
        words = QFrame()
        inside = column(words, (0, 7, 0, 7), 0)
        top = row(gap=8)
        title = label(fix.title)
        title.setStyleSheet("font-weight: 500;")
        top.addWidget(title)
        if first:
            badge = label("suggested")
            badge.setProperty("badge", "running")
            top.addWidget(badge)
        top.addStretch()
        inside.addLayout(top)
        inside.addWidget(label(fix.consequence, "muted12"))
        line.addWidget(words, 1)
        line.addWidget(label("needs", "muted12"))
        size = label(gigabytes(fix.needed) + (" of RAM" if fix.device == "cpu" else ""))
        size.setStyleSheet("font-size: 12px; font-weight: 600;")
        line.addWidget(size)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        super().mousePressEvent(event)
        self.radio.setChecked(True)

    def show_chosen(self, *, on: bool) -> None:
        """Show whether it is the chosen one."""
        self.radio.blockSignals(True)
        self.radio.setChecked(on)
        self.radio.blockSignals(False)
        restyle(self, chosen="true" if on else "false")


class MemoryDialog(QDialog):
    """The dialog of a run that did not fit into memory.

    Attributes:
        cards: the fixes.
        chosen: the fix that is chosen; None where there is none.

    Signals:
        written: the path of the log that was saved.
    """

    written = Signal(object)

    def __init__(self, parent: QWidget, theme: Theme, shortage: Shortage) -> None:
        super().__init__(parent)
        self._shortage = shortage
        self.setWindowTitle(shortage.title)
        self.setFixedWidth(600)
        outer = column(self)
        body = QFrame()
        layout = column(body, (24, 16, 24, 12), 8)
        heading = row(gap=10)
        sign = label()
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap("alert", "err", 20)))
        heading.addWidget(sign)
        heading.addWidget(label(shortage.title, "run"))
        heading.addStretch()
        layout.addLayout(heading)
        layout.addWidget(label(shortage.safe, wrap=True))
        layout.addWidget(MemoryBar(theme, shortage))
        self.chosen: MemoryFix | None = None
        self.cards: list[MemoryFixCard] = []
        if shortage.fixes:
            layout.addWidget(label("Try again with", "title"))
        else:
            layout.addWidget(label("No smaller batch and no recomputation would fit; choose a smaller design."))
        for number, fix in enumerate(shortage.fixes):
            card = MemoryFixCard(fix, first=number == 0, chosen=partial(self._choose, fix))
            self.cards.append(card)
            layout.addWidget(card)
        self._add_details(layout, theme)
        outer.addWidget(scrolled(body), 1)
        outer.addWidget(self._footer(theme))
        resize_within_screen(self, 600, body.sizeHint().height() + 60)
        if shortage.fixes:
            self._choose(shortage.fixes[0])

    def _add_details(self, layout: QVBoxLayout, theme: Theme) -> None:
        line = row(gap=6)
        line.addWidget(label("Technical details", "title"))
        line.addStretch()
        copy, save = button("Copy", "ghost"), button("Save log …", "ghost")
        set_icon(theme, copy, "copy", "t2")
        set_icon(theme, save, "download", "t2")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._shortage.details))
        save.clicked.connect(self._save)
        line.addWidget(copy)
        line.addWidget(save)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setProperty("mono", "true")
        self.details.setPlainText(self._shortage.details.strip() or "no trace")
        self.details.setFixedHeight(104)
        self.details.setAccessibleName("Technical details")
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        layout.addLayout(line)
        layout.addWidget(self.details)

    def _footer(self, theme: Theme) -> QFrame:
        bar = panel("dialogFooter")
        bar.setFixedHeight(56)
        line = row(bar, (24, 0, 24, 0))
        line.addStretch()
        close = button("Close")
        close.clicked.connect(self.reject)
        self.retry = button("Retry", "primary")
        set_icon(theme, self.retry, "refresh", "onacc")
        self.retry.setEnabled(False)
        self.retry.setDefault(True)
        self.retry.clicked.connect(self.accept)
        line.addWidget(close)
        line.addWidget(self.retry)
        return bar

    def _choose(self, fix: MemoryFix) -> None:
        self.chosen = fix
        for card in self.cards:
            card.show_chosen(on=card.fix is fix)
        self.retry.setText(f"Retry with {fix.short}")
        self.retry.setEnabled(True)

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save log", "resnet-gui-log.txt", "Text (*.txt)")
        if path:
            try:
                write_out(Path(path), self._shortage.details.encode())
            except InputError as error:
                self.details.setPlainText(str(error))
            else:
                self.written.emit(Path(path))

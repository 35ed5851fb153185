"""The shape calculator: a popover with the arithmetic behind a shape, step by step."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from resnet_gui.analysis.arithmetic import (
    FIELD_RULE,
    LocatedLayer,
    Step,
    chain_steps,
    cost_steps,
    field_steps,
    find_layer,
    size_rule,
    size_steps,
)
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import SegmentedControl, column, icon_button, label, row, scrolled
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.format import shape
from resnet_gui.gui.kit.theme import Theme

WIDE, LINE, MARGIN = 372, 20, 12
MOST_LINES = 14
"""Lines on show before the list scrolls."""

NAME_ROOM = 112


class Calculator(QFrame):
    """The popover of the arithmetic; opens beside what was clicked, never over it, and closes with Escape."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plan: Plan | None = None
        self._place: LocatedLayer | None = None
        self.path = ""
        self.setObjectName("popover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Shape calculator")
        layout = column(self, (MARGIN, 8, 8, 10), 6)
        top = row(gap=4)
        self.title = label("", "title")
        self.close_button = icon_button(theme, "close", "Close (Esc)", size=24)
        self.close_button.clicked.connect(self.dismiss)
        top.addWidget(self.title)
        top.addStretch()
        top.addWidget(self.close_button)
        layout.addLayout(top)
        self.tabs = SegmentedControl(
            theme, [("shape", "This layer", ""), ("chain", "From the input", ""), ("field", "Receptive field", "")],
            height=24,
        )  # fmt: skip
        self.tabs.setAccessibleName("What is calculated")
        self.tabs.chosen.connect(self._show)
        layout.addWidget(self.tabs)
        self.rule = label("", "muted12")
        layout.addWidget(self.rule)
        self.steps = _Steps(theme)
        self._scroll = scrolled(self.steps)
        layout.addWidget(self._scroll)
        self._page = parent
        self._leader = _Leader(theme, parent)
        self._anchor = QRect()
        self.hide()

    def open_for(self, plan: Plan, path: str, anchor: QRect, part: str = "") -> bool:
        """Explain a layer beside a rectangle in the parent's coordinates; False if the plan has no such layer."""
        self._anchor = anchor
        if not self._take(plan, path):
            return False
        layer = self._place.layer if self._place is not None else None
        changes = layer is not None and (layer.input != layer.output or layer.kernel > 0)
        self.tabs.set_key(part or ("shape" if changes else "chain"))
        self._show()
        self.show()
        self.raise_()
        self._leader.raise_()
        self.setFocus()
        return True

    def _take(self, plan: Plan, path: str) -> bool:
        place = find_layer(plan, path)
        if place is None:
            return False
        self._plan, self._place, self.path = plan, place, path
        self.title.setText(elided(f"Output of {path}: {shape(place.layer.output, wide=True)}", WIDE - 60, 13, 600))
        self.title.setToolTip(path)
        return True

    def refresh(self, plan: Plan) -> None:
        """Another plan: the figures change, or the layer is gone and so is the popover; the keyboard stays elsewhere.

        What it stood beside may have moved, so the line to it goes.
        """
        if not self.isVisible():
            return
        if self._take(plan, self.path):
            self._show()
            self._leader.hide()
        else:
            self.dismiss()

    def dismiss(self) -> None:
        """Close."""
        self.hide()
        self._leader.hide()

    def text(self) -> str:
        """Everything that stands here, for the clipboard."""
        lines = [self.title.text(), self.rule.text()]
        lines += [f"{step.name}\t{step.working}\t{step.result}\t{step.note}".rstrip() for step in self.steps.shown()]
        return "\n".join(line for line in lines if line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes, Ctrl+C copies."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.text())
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        plan, place = self._plan, self._place
        if plan is None or place is None:
            return
        match self.tabs.key:
            case "chain":
                rule, steps = "height and width, layer by layer", chain_steps(plan, self.path)
            case "field":
                rule, steps = FIELD_RULE, field_steps(plan, self.path)
            case _:
                rule, steps = size_rule(place.layer), [*size_steps(place.layer), *cost_steps(place.layer)]
        self.rule.setText(rule)
        self.steps.show_steps(steps)
        self._scroll.setFixedHeight(LINE * min(self.steps.lines(), MOST_LINES) + 4)
        self.setFixedWidth(WIDE)
        self.adjustSize()
        self._settle()
        # What was asked for is the last line; the bar knows its range after the layout.
        bar = self._scroll.verticalScrollBar()
        QTimer.singleShot(0, bar, lambda: bar.setValue(bar.maximum()))

    def _settle(self) -> None:
        """Stand below the anchor, or above it, inside the parent."""
        page, anchor = self._page.rect(), self._anchor
        x = min(max(page.left() + 8, anchor.center().x() - 40), page.right() - self.width() - 8)
        below = anchor.bottom() + 18
        fits_below = below + self.height() <= page.bottom() - 4
        fits_above = anchor.top() - 18 - self.height() >= page.top() + 4
        y = below if fits_below or not fits_above else anchor.top() - 18 - self.height()
        if not fits_below and not fits_above:
            # Beside it, where there is more room.
            y = min(max(page.top() + 4, anchor.center().y() - self.height() // 2), page.bottom() - self.height() - 4)
            left = anchor.left() - 18 - self.width()
            x = left if left >= page.left() else min(anchor.right() + 18, page.right() - self.width())
            self._leader.hide()
        self.move(x, y)
        if fits_below or fits_above:
            begin, end = (anchor.bottom(), y) if y > anchor.top() else (y + self.height(), anchor.top())
            at = min(max(anchor.center().x(), x + 12), x + self.width() - 12)
            self._leader.place(QPoint(at, begin), max(1, end - begin + 1))


class _Leader(QWidget):
    """The line from the popover to what it explains."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def place(self, at: QPoint, length: int) -> None:
        """Stand from a point downwards."""
        self.setGeometry(at.x() - 1, at.y(), 2, length)
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line."""
        QPainter(self).fillRect(self.rect(), self._theme.color("acc"))


class _Steps(QWidget):
    """The lines of a calculation: name, sum, result."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._steps: list[Step] = []
        self._under: list[bool] = []
        theme.changed.connect(self.update)

    def show_steps(self, steps: list[Step]) -> None:
        """Show other lines."""
        self._steps = steps
        self._under = [step.note != "" and not self._fits(step) for step in steps]
        self.setFixedHeight(LINE * self.lines() + 2)
        self.setAccessibleName("; ".join(f"{step.name}: {step.working} = {step.result}" for step in steps[-6:]))
        self.setToolTip("")
        self.update()

    def lines(self) -> int:
        """How many lines they take; a note that has no room beside its sum stands under it."""
        return len(self._steps) + sum(self._under)

    @staticmethod
    def _fits(step: Step) -> bool:
        room = WIDE - 2 * MARGIN - 8 - NAME_ROOM - ink(step.result, 13, 600).width - 8
        return ink(step.working).width + ink(" =").width + ink(step.note, 11).width + 12 <= room

    def shown(self) -> list[Step]:
        """The lines."""
        return list(self._steps)

    def sizeHint(self) -> QSize:
        """As wide as its place."""
        return QSize(WIDE - 2 * MARGIN, LINE * self.lines() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines in view."""
        painter = QPainter(self)
        color = self._theme.color
        area = event.rect()
        wide = self.width() - 8
        y = -LINE
        high = LINE
        for number, step in enumerate(self._steps):
            y, high = y + high, LINE * (1 + self._under[number])
            if y + high < area.top() or y > area.bottom():
                continue
            last = number == len(self._steps) - 1
            painter.setPen(color("t3"))
            ink(elided(step.name, NAME_ROOM - 8)).draw_in(painter, QRectF(0, y, NAME_ROOM, LINE))
            result = ink(step.result, 13 if last else 12, 600)
            painter.setPen(color("acc" if last else "t1"))
            result.draw_in(painter, QRectF(0, y, wide, LINE), "right")
            room = int(wide - NAME_ROOM - result.width - 8)
            working = ink(elided(step.working, room - 12) + " =" * step.is_sum)
            painter.setPen(color("t1"))
            working.draw_in(painter, QRectF(NAME_ROOM, y, room, LINE))
            note = ink(step.note, 11)
            painter.setPen(color("t3"))
            if self._under[number]:
                whole = wide - NAME_ROOM
                ink(elided(step.note, int(whole), 11), 11).draw_in(
                    painter, QRectF(NAME_ROOM, y + LINE - 3, whole, LINE), "left"
                )
            elif step.note:
                note.draw_in(painter, QRectF(NAME_ROOM, y, room - 4, LINE), "right")
            if not last:
                painter.setPen(QPen(color("line"), 1))
                painter.drawLine(0, y + high - 1, wide, y + high - 1)

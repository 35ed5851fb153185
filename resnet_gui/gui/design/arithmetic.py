"""The calculator: the arithmetic behind a shape, a receptive field or a cost, step by step, docked under a panel."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QFrame, QSizePolicy

from resnet_gui.analysis.arithmetic import (
    FIELD_RULE,
    LocatedLayer,
    Step,
    chain_steps,
    cost_steps,
    field_steps,
    find_layer,
    group_steps,
    size_rule,
    size_steps,
)
from resnet_gui.analysis.layer_names import Naming, path_title
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import column, icon_button, label, row, scrolled
from resnet_gui.gui.kit.cached_text import ink, wrapped
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.format import shape
from resnet_gui.gui.kit.theme import Theme

LINE, MARGIN = 20, 12
MOST_LINES: Final = 12
"""Lines on show before the list scrolls."""

SHARE: Final = 0.55
"""Of the panel that it is docked in, the most that it takes."""

LayerFigure = Literal["output", "parameters", "MACs"]
"""Of a layer, what is explained; the last two are names of lines of ``cost_steps``."""

_OF_LAYER: Final = [("shape", "This layer", ""), ("chain", "From the input", ""), ("field", "Receptive field", "")]
_OF_GROUP: Final = [("params", "Parameters", ""), ("macs", "MACs", "")]


class Calculator(QFrame):
    """The calculator, docked at the foot of a panel, which makes room for it: nothing is covered. Escape closes it.

    Attributes:
        path: PyTorch's path of what is explained: a layer, a block or a stage, or "stem" or "head".
        title, tabs, rule, steps, close_button: what it consists of, from when it is first opened.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._is_put_together = False
        self._plan: Plan | None = None
        self._place: LocatedLayer | None = None
        self._naming: Naming = "paper"
        self._figure: LayerFigure = "output"
        self.path = ""
        self.setObjectName("popover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Calculator")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def _put_together(self) -> None:
        """Make what it consists of, when it is first opened: the first page is painted without it."""
        self._is_put_together = True
        theme = self._theme
        layout = column(self, (MARGIN, 8, 8, 8), 6)
        top = row(gap=4)
        self.title = label("", "title", wrap=True)
        self.close_button = icon_button(theme, "close", "Close (Esc)", size=24)
        self.close_button.clicked.connect(self.dismiss)
        top.addWidget(self.title, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        self.tabs = SegmentedControl(theme, _OF_LAYER, height=24)
        self.tabs.setAccessibleName("What is calculated")
        self.tabs.setMaximumWidth(420)
        self.tabs.chosen.connect(self._show)
        layout.addWidget(self.tabs)
        self.rule = label("", "muted12", wrap=True)
        layout.addWidget(self.rule)
        self.steps = StepList(theme)
        self._scroll = scrolled(self.steps)
        layout.addWidget(self._scroll)
        self.steps.fitted.connect(self._settle)

    def dock(self, panel: QBoxLayout, place: int) -> None:
        """Stand at a place of a panel's column from now on."""
        if panel.indexOf(self) < 0:
            panel.insertWidget(place, self)

    def open_for(
        self, plan: Plan, path: str, part: str = "", naming: Naming = "paper", figure: LayerFigure = "output"
    ) -> bool:
        """Explain a layer, block or stage; False if the plan has none of that path.

        Args:
            plan: of the network.
            path: PyTorch's, or "stem" or "head".
            part: key of the tab; empty for the one that says most about a layer's output.
            naming: how the layers are called.
            figure: of the layer that was asked for; its lines stand out.
        """
        if not self._is_put_together:
            self._put_together()
        self._naming, self._figure = naming, figure
        if not self._take(plan, path):
            return False
        layer = self._place.layer if self._place is not None else None
        changes = layer is not None and (layer.input != layer.output or layer.kernel > 0 or layer.branch == "join")
        self.tabs.set_key(part or ("shape" if changes else "chain"))
        self._show()
        self.show()
        self.setFocus()
        return True

    def _take(self, plan: Plan, path: str) -> bool:
        place = find_layer(plan, path)
        if place is None and not group_steps(plan, path, lambda cost: cost.params, ""):
            return False
        self._plan, self._place, self.path = plan, place, path
        wanted = _OF_LAYER if place is not None else _OF_GROUP
        if self.tabs.key not in {key for key, *_ in wanted}:
            self.tabs.set_key(wanted[0][0])
        self.tabs.set_options(wanted, set())
        self._name()
        return True

    def _name(self) -> None:
        if self._plan is None:
            return
        name = path_title(self._plan, self.path, self._naming)
        output = f": output {shape(self._place.layer.output, wide=True)}" if self._place is not None else ""
        self.title.setText(f"{name}{output}")
        self.title.setToolTip(self.path)

    def set_naming(self, naming: Naming) -> None:
        """Call the layers as the table does."""
        if naming != self._naming:
            self._naming = naming
            if self.isVisible():
                self._name()
                self._show()

    def refresh(self, plan: Plan) -> None:
        """Another plan: the figures change, or the layer is gone and so is what explains it."""
        if not self.isVisible():
            return
        if self._take(plan, self.path):
            self._show()
        else:
            self.dismiss()

    def dismiss(self) -> None:
        """Close, and give the keyboard back to what stands above."""
        focus = QApplication.focusWidget()
        if focus is not None and (focus is self or self.isAncestorOf(focus)):
            self.focusPreviousChild()
        self.hide()

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
        if plan is None:
            return
        match self.tabs.key:
            case "params":
                rule, steps = (
                    "the sum of its parts",
                    group_steps(plan, self.path, lambda cost: cost.params, "parameters"),
                )
            case "macs":
                rule, steps = "the sum of its parts", group_steps(plan, self.path, lambda cost: cost.macs, "MACs")
            case "chain":
                rule, steps = "height and width, layer by layer", chain_steps(plan, self.path)
            case "field":
                rule, steps = FIELD_RULE, field_steps(plan, self.path)
            case _ if place is not None:
                rule, steps = size_rule(place.layer), [*size_steps(place.layer, place.block), *cost_steps(place.layer)]
            case _:
                rule, steps = "", []
        self.rule.setText(rule)
        named = [replace_name(step, path_title(plan, step.name, self._naming)) for step in steps]
        self.steps.show_steps(named, self._asked(steps))
        # What was asked for is in view; the area knows its range after the layout.
        QTimer.singleShot(0, self.steps, lambda: self._scroll.ensureVisible(0, self.steps.end_of_answer(), 0, 2))

    def _asked(self, steps: list[Step]) -> range:
        """Numbers of the lines that answer what was asked: of a sum or a chain the last one."""
        if self.tabs.key == "shape" and self._place is not None:
            shapes = len(size_steps(self._place.layer))
            names = [step.name for step in steps]
            if self._figure == "output":
                return range(shapes)
            if self._figure in names[shapes:]:
                place = names.index(self._figure, shapes)
                return range(place, place + 1)
        return range(max(0, len(steps) - 1), len(steps))

    def _settle(self) -> None:
        """Be as high as the lines, up to a share of the panel."""
        room = LINE * MOST_LINES
        host = self.parentWidget()
        if host is not None:
            room = min(room, round(host.height() * SHARE) - 96)
        wanted = min(self.steps.height(), max(2 * LINE, room)) + 4
        if wanted != self._scroll.height():
            self._scroll.setFixedHeight(wanted)


def replace_name(step: Step, name: str) -> Step:
    """The same line about something called otherwise."""
    return Step(name, step.working, step.result, step.note, step.is_sum)


class StepList(QFrame):
    """The lines of a calculation: name, sum, result; what has no room beside stands below, and nothing is cut.

    Attributes:
        answer: numbers of the lines that stand out.

    Signals:
        fitted: the lines have another height.
    """

    fitted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._steps: list[Step] = []
        self._laid: list[LaidStep] = []
        self.answer = range(0)
        theme.changed.connect(self.update)

    def show_steps(self, steps: list[Step], answer: range) -> None:
        """Show other lines; those of ``answer`` stand out."""
        self._steps, self.answer = steps, answer
        self.setAccessibleName("; ".join(f"{step.name}: {step.working} = {step.result}" for step in steps[-6:]))
        self._lay()

    def shown(self) -> list[Step]:
        """The lines."""
        return list(self._steps)

    def end_of_answer(self) -> int:
        """Where the last line that stands out ends (pixels from the top)."""
        return sum(laid.height for laid in self._laid[: self.answer.stop])

    def texts(self) -> list[str]:
        """Every text that is drawn, as it is drawn."""
        return [text for laid in self._laid for text in (laid.name, *laid.lines, *laid.notes)]

    def _lay(self) -> None:
        self._laid = lay_steps(self._steps, self.width() - 8)
        height = sum(laid.height for laid in self._laid) + 2
        self.setFixedHeight(height)
        self.fitted.emit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other lines stand beside each other in another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay()

    def sizeHint(self) -> QSize:
        """As wide as its place."""
        return QSize(200, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines in view."""
        painter = QPainter(self)
        color, area, wide = self._theme.color, event.rect(), self.width() - 8
        y = 0
        for number, laid in enumerate(self._laid):
            last, answer = number == len(self._laid) - 1, number in self.answer
            if y + laid.height >= area.top() and y <= area.bottom():
                painter.setPen(color("t3"))
                ink(laid.name).draw_in(painter, QRectF(0, y, laid.left, LINE))
                painter.setPen(color("acc" if answer else "t1"))
                ink(laid.result, 13 if answer else 12, 600).draw_in(painter, QRectF(0, y, wide, LINE), "right")
                painter.setPen(color("t1"))
                top = y + laid.first * LINE
                for place, text in enumerate(laid.lines):
                    ink(text).draw_in(painter, QRectF(laid.left, top + LINE * place, wide, LINE))
                painter.setPen(color("t3"))
                top += LINE * len(laid.lines)
                for place, text in enumerate(laid.notes):
                    ink(text, 11).draw_in(painter, QRectF(laid.left, top + LINE * place - 3, wide, LINE))
                if not last:
                    painter.setPen(QPen(color("line"), 1))
                    painter.drawLine(0, y + laid.height - 1, wide, y + laid.height - 1)
            y += laid.height


class LaidStep(msgspec.Struct, frozen=True):
    """A line of a calculation with its places.

    Attributes:
        name, result: what stands left and right in the first line.
        lines: the sum, in as many lines as it needs.
        notes: what else the line changes.
        left: where the sum begins (pixels).
        first: the line in which it begins, 0 beside the name, 1 below it.
    """

    name: str
    result: str
    lines: tuple[str, ...]
    notes: tuple[str, ...]
    left: int
    first: int

    @property
    def height(self) -> int:
        """In pixels."""
        return LINE * max(1, self.first + len(self.lines) + len(self.notes))


def lay_steps(steps: list[Step], wide: int) -> list[LaidStep]:
    """Place the lines of a calculation in a width (pixels): sums in a column behind the names where they fit there."""
    if not steps:
        return []
    named = min(wide * 2 // 5, max(round(ink(step.name).width) for step in steps) + 14)
    return [_lay_step(step, wide, named) for step in steps]


def _lay_step(step: Step, wide: int, named: int) -> LaidStep:
    working = step.working + " =" * (step.is_sum and bool(step.working))
    result = round(ink(step.result, 13, 600).width) + 12
    beside = ink(working).width <= wide - named - result and ink(step.name).width < named
    left = named if beside else min(16, named)
    lines = (working,) if beside and working else wrapped(working, wide - left - (0 if working else result))
    notes = wrapped(step.note, wide - left, 11) if step.note else ()
    return LaidStep(step.name, step.result, lines, notes, left, 0 if beside else 1)

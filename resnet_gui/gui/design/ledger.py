"""The cost ledger: one network counted in several ways, and what a device must hold to use or to train it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QDialog, QFrame, QGridLayout, QLayout, QSpinBox, QWidget

from resnet_gui.analysis.ledger import LedgerEntry, ledger
from resnet_gui.analysis.memory import Memory, inference_memory, training_memory, with_optimizer
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import button, column, label, row, scrolled
from resnet_gui.gui.kit.form import indent
from resnet_gui.gui.kit.format import binary, count, shape
from resnet_gui.gui.kit.window.screen_room import resize_within_screen

DEFAULT_BATCH = 128


class LedgerDialog(QDialog):
    """The dialog of the cost ledger: who counts what, and why it differs; below it the memory for a batch."""

    def __init__(self, parent: QWidget, name: str, plan: Plan) -> None:
        super().__init__(parent)
        self._plan = plan
        self.setWindowTitle(f"Cost ledger of {name}")
        self.setMinimumWidth(760)
        outer = column(self, (24, 18, 12, 16), 8)
        body = QWidget()
        layout = column(body, (0, 0, 12, 0), 8)
        layout.addWidget(
            label(f"{name}, counted in other ways, for one picture of {shape(plan.spec.input, wide=True)}", "run")
        )
        self._entries = ledger(plan)
        layout.addLayout(self._ledger_table())
        layout.addSpacing(10)
        layout.addLayout(self._memory_head())
        self._memory = QGridLayout()
        self._memory.setHorizontalSpacing(20)
        self._memory.setVerticalSpacing(4)
        layout.addLayout(self._memory)
        layout.addWidget(
            label("Exact sums of tensors; the libraries' workspaces and the device's own share come on top.", "caption")
        )
        outer.addWidget(scrolled(body), 1)
        line = row(margins=(0, 0, 12, 0))
        copy = button("Copy as table", "", "Tab-separated, for a spreadsheet")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        close = button("Close", "primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        line.addWidget(copy)
        line.addStretch()
        line.addWidget(close)
        outer.addLayout(line)
        self._show_memory()
        resize_within_screen(self, 800, body.sizeHint().height() + 90)

    def _ledger_table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(2)
        for place, title in enumerate(("Who counts", "Parameters", "Operations", "")):
            grid.addWidget(_cell(title, "label", right=place in {1, 2}), 0, place)
        for number, entry in enumerate(self._entries):
            line = 1 + 2 * number
            grid.addWidget(_cell(entry.source, "title"), line, 0)
            grid.addWidget(_cell(_figure(entry.params), right=True), line, 1)
            grid.addWidget(_cell(_figure(entry.operations), right=True), line, 2)
            grid.addWidget(_cell(entry.unit, "muted12"), line, 3)
            why = label(entry.why, "caption", wrap=True)
            why.setContentsMargins(0, 0, 0, 8)
            grid.addWidget(why, line + 1, 0, 1, 4)
        grid.setColumnStretch(3, 1)
        return grid

    def _memory_head(self) -> QLayout:
        line = row()
        line.addWidget(label("Memory", "title"))
        line.addStretch()
        self.batch = QSpinBox()
        self.batch.setRange(1, 65_536)
        self.batch.setValue(DEFAULT_BATCH)
        self.batch.setAccessibleName("Batch size")
        self.batch.setToolTip("Pictures at once")
        self.batch.setFixedWidth(90)
        indent(self.batch)
        self.precision = QComboBox()
        self.precision.addItems(["fp32", "bf16", "fp16"])
        self.precision.setAccessibleName("Precision")
        self.precision.setToolTip("Number format of the maps; with 16 bits the weights stay in fp32 for the optimiser")
        self.batch.valueChanged.connect(self._show_memory)
        self.precision.currentIndexChanged.connect(self._show_memory)
        line.addWidget(label("Batch", "label"))
        line.addWidget(self.batch)
        line.addWidget(self.precision)
        return line

    def _cases(self) -> list[tuple[str, Memory]]:
        batch, precision = self.batch.value(), self.precision.currentText()
        training = training_memory(self._plan, batch, precision)  # type: ignore[arg-type]
        return [
            ("Inference", inference_memory(self._plan, batch, precision)),  # type: ignore[arg-type]
            ("Training, SGD momentum", training),
            ("Training, AdamW", with_optimizer(training, "adamw")),
        ]

    def _show_memory(self) -> None:
        while (item := self._memory.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        titles = ("", "Weights", "Maps", "Gradients", "Optimiser", "Total")
        for place, title in enumerate(titles):
            self._memory.addWidget(_cell(title, "label", right=place > 0), 0, place)
        for number, (name, memory) in enumerate(self._cases(), start=1):
            parts = (memory.weights, memory.activations, memory.gradients, memory.optimizer, memory.total)
            self._memory.addWidget(_cell(name), number, 0)
            for place, size in enumerate(parts, start=1):
                cell = _cell(binary(size), "title" if place == len(parts) else "", right=True)
                cell.setToolTip(f"{count(size)} bytes")
                self._memory.addWidget(cell, number, place)
        self._memory.setColumnStretch(0, 1)

    def entries(self) -> list[LedgerEntry]:
        """What stands in the ledger."""
        return list(self._entries)

    def text(self) -> str:
        """Both tables, tab-separated."""
        lines = [("source", "parameters", "operations", "unit", "why")]
        lines += [(e.source, _figure(e.params), _figure(e.operations), e.unit, e.why) for e in self._entries]
        lines.append(("memory", "weights", "maps", "gradients", "optimiser, total (bytes)"))
        for name, memory in self._cases():
            rest = f"{memory.optimizer}\t{memory.total}"
            lines.append((name, str(memory.weights), str(memory.activations), str(memory.gradients), rest))
        return "\n".join(map("\t".join, lines))


def _figure(value: int | str | None) -> str:
    return "–" if value is None else value if isinstance(value, str) else f"{value:,}"


def _cell(text: str, role: str = "", *, right: bool = False) -> QFrame:
    made = label(text, role)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    made.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made

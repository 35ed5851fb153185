"""A run as a line for torchrun and as a script for Slurm, to be copied or saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QSpinBox, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, save_design
from resnet_gui.gui.kit.basic import button, column, label, row, set_icon
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.form import indent
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.training.launch import slurm_script, torchrun_line, train_words
from resnet_gui.training.recipe import Recipe


def design_word(design: Design) -> str:
    """How the command line names a design: its preset, or empty where only a file can hold it."""
    return next((preset.name for preset in PRESETS.values() if preset.spec == design.spec), "")


class LaunchDialog(QDialog):
    """The dialog with the text that trains a run elsewhere: a line for torchrun, a script for Slurm.

    Attributes:
        text: what is to be run elsewhere.

    Signals:
        written: the path of a file that was saved.
    """

    written = Signal(object)

    def __init__(self, parent: QWidget, theme: Theme, design: Design, recipe: Recipe, run: str) -> None:
        super().__init__(parent)
        self._design, self._recipe = design, recipe
        self.setWindowTitle("Train elsewhere")
        self.setMinimumSize(680, 460)
        layout = column(self, (24, 18, 24, 16), 8)
        layout.addWidget(label(f"{design.name} with torchrun", "run"))
        layout.addWidget(
            label(
                "Run it where the data and the folders are under the same paths. Every process takes its part of each "
                "batch; the window follows the run folder on a shared disk live.",
                "muted",
                wrap=True,
            )
        )
        self.kind = SegmentedControl(theme, [("line", "torchrun line", ""), ("slurm", "Slurm script", "")])
        self.kind.setFixedWidth(260)
        layout.addWidget(self.kind)
        self.processes, self.nodes = QSpinBox(), QSpinBox()
        self.processes.setRange(1, 64)
        self.processes.setValue(2)
        self.nodes.setRange(1, 1024)
        for spin in (self.processes, self.nodes):
            indent(spin)
        self.folder = QLineEdit(run)
        self.design_path = QLineEdit(design_word(design) or f"{design.name}.json")
        layout.addLayout(self._counts())
        for name, edit in (("Run folder", self.folder), ("Design", self.design_path)):
            line = row(gap=8)
            title = label(name, "label")
            title.setFixedWidth(80)
            line.addWidget(title)
            line.addWidget(edit, 1)
            edit.setAccessibleName(name)
            layout.addLayout(line)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setProperty("mono", "true")
        self.text.setAccessibleName("Command")
        layout.addWidget(self.text, 1)
        layout.addLayout(self._buttons(theme))
        for signal in (self.processes.valueChanged, self.nodes.valueChanged):
            signal.connect(lambda _value: self._write())
        for edit in (self.folder, self.design_path):
            edit.textChanged.connect(lambda _text: self._write())
        self.kind.chosen.connect(lambda _key: self._write())
        self._write()

    def _counts(self) -> QHBoxLayout:
        fields = row(gap=8)
        for name, widget in (("Processes a node", self.processes), ("Nodes", self.nodes)):
            fields.addWidget(label(name, "label"))
            fields.addWidget(widget)
            widget.setAccessibleName(name)
        fields.addStretch()
        return fields

    def _buttons(self, theme: Theme) -> QHBoxLayout:
        line = row(gap=8)
        self.sentence = label("", "muted12")
        line.addWidget(self.sentence, 1, Qt.AlignmentFlag.AlignVCenter)
        save_design_button = button("Save design …")
        save_design_button.setToolTip("The design as a file that the command names")
        save_design_button.setVisible(not design_word(self._design))
        save, copy, close = button("Save …"), button("Copy", "primary"), button("Close")
        set_icon(theme, copy, "copy", "onacc")
        save_design_button.clicked.connect(self._save_design)
        save.clicked.connect(self._save)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        close.clicked.connect(self.reject)
        for widget in (save_design_button, save, close, copy):
            line.addWidget(widget)
        return line

    def _write(self) -> None:
        words = train_words(self.design_path.text().strip(), self._recipe, self.folder.text().strip())
        slurm = self.kind.key == "slurm"
        self.nodes.setEnabled(slurm)
        if slurm:
            nodes, processes = self.nodes.value(), self.processes.value()
            text = slurm_script(words, nodes=nodes, processes=processes, name=self._design.name)
        else:
            text = torchrun_line(words, self.processes.value()) + "\n"
        self.text.setPlainText(text)

    def _save(self) -> None:
        name = "train.sbatch" if self.kind.key == "slurm" else "train.sh"
        path, _ = QFileDialog.getSaveFileName(self, "Save", name)
        if path:
            self._tell(lambda: write_out(Path(path), self.text.toPlainText().encode()), path)

    def _save_design(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save design", self.design_path.text(), "Design (*.json)")
        if path:
            self._tell(lambda: save_design(self._design, Path(path)), path)
            self.design_path.setText(path)

    def _tell(self, work: Callable[[], object], path: str) -> None:
        try:
            work()
        except InputError as error:
            self.sentence.setText(str(error))
            return
        self.sentence.setText(f"Wrote {path}.")
        self.written.emit(Path(path))

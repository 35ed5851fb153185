"""Help: the words, the keys, the versions."""

from __future__ import annotations

import platform

import PySide6
from PySide6.QtCore import Qt, Signal, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from resnet_gui import __version__
from resnet_gui.base.files import data_folder
from resnet_gui.base.log import log_path
from resnet_gui.design.choices import SHORTCUTS
from resnet_gui.gui.kit.basic import button, column, label, row, scrolled
from resnet_gui.gui.kit.format import native_keys
from resnet_gui.gui.kit.window.screen_room import resize_within_screen
from resnet_gui.gui.shell.errors import open_log
from resnet_gui.protocol.events import Ready

KEYS = (
    ("Ctrl+1, 2, 3, 4, 5, 6", "Design, Train, Predict, Lab, Evaluate, Compare"),
    ("Ctrl+Z, Ctrl+Shift+Z, Ctrl+Y", "Undo, redo, redo an edit of the design"),
    ("Ctrl+O, Ctrl+S, Ctrl+E", "Open a design, weights or a run; save the design; export it"),
    ("Ctrl+P, Alt+A", "List of presets; the advanced part of the form"),
    ("Ctrl+K", "Find a page, an action, a preset, a run, an experiment by a few letters"),
    ("Ctrl+B", "Pin the design as the baseline"),
    ("Ctrl+F", "Filter the layers; on Train, search the runs"),
    ("Ctrl+C", "In a table: copy the selected rows, in Compare the whole table"),
    ("Arrows", "In the diagram: choose the next block or stage; it unfolds, as by a click"),
    ("Enter, Esc", "In the diagram: fold the chosen block or unfold it again; fold it"),
    ("=", "In the diagram and the layer table: the arithmetic of what is chosen"),
    ("Ctrl+wheel, +, −, 0, 1", "In the diagram: larger, smaller, the whole network, 100 %"),
    ("Ctrl+V", "On Predict: classify the picture on the clipboard"),
    ("Ctrl++ or Ctrl+=, Ctrl+-, Ctrl+0", "Text larger, smaller, of the usual size; the window opens anew"),
    ("F1, ?", "This list"),
    ("Shift+F1", "The guide"),
    ("F5", "Present the page: one pane alone, large; its keys stand below it, Esc leaves"),
    ("F10 or Ctrl+,", "The menu"),
    ("F11, Ctrl+Q", "Full screen, close"),
)
WORDS = (
    (
        "Shortcut",
        f"How a block's input reaches its addition: {'; '.join(kind.compared_text for kind in SHORTCUTS.values())}.",
    ),
    ("MACs", "Multiply-accumulates of convolutions and linear layers for one picture."),
    ("Receptive field", "The square of input pixels that one unit of a layer can see."),
    ("Verified", "The real network was built and torchinfo found the same shape, parameters and MACs in every row."),
    ("Baseline", "The pinned design that the figures of every other one are compared with."),
)


class HelpDialog(QDialog):
    """The dialog of the keys, the words and the versions.

    Signals:
        guide_requested: the guide is to be shown; this dialog is closed.
    """

    guide_requested = Signal()

    def __init__(self, parent: QWidget, engine: Ready | None) -> None:
        """Show them; ``engine`` is what the engine told of itself, None while it has not."""
        super().__init__(parent)
        self.setWindowTitle("Help")
        outer = column(self, (24, 20, 12, 16), 8)
        body = QWidget()
        layout = column(body, (0, 0, 12, 0), 8)
        layout.addWidget(label("Keys", "title"))
        layout.addLayout(self._table(KEYS))
        layout.addSpacing(8)
        layout.addWidget(label("Words", "title"))
        layout.addLayout(self._table(WORDS))
        layout.addSpacing(8)
        layout.addWidget(label("Versions", "title"))
        self._versions = versions(engine)
        layout.addLayout(self._table(tuple(self._versions.items())))
        line = row()
        self.copy_button = button("Copy versions", "", "For a report")
        self.copy_button.clicked.connect(self._copy)
        close = button("Close", "primary")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        close.setFocus()
        self.log_button = button("Open log", "", "What went wrong inside the program, with its details")
        self.log_button.clicked.connect(self._open_log)
        guide = button("Open guide", "", "One page a job, with pictures (Shift+F1)")
        guide.clicked.connect(self.accept)
        guide.clicked.connect(self.guide_requested)
        line.addWidget(guide)
        line.addWidget(self.copy_button)
        line.addWidget(self.log_button)
        self.note = label("", "muted12")
        line.addWidget(self.note)
        line.addStretch()
        line.addWidget(close)
        outer.addWidget(scrolled(body), 1)
        outer.addSpacing(8)
        line.setContentsMargins(0, 0, 12, 0)
        outer.addLayout(line)
        resize_within_screen(self, 860, body.sizeHint().height() + 100)

    @staticmethod
    def _table(lines: tuple[tuple[str, str], ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for number, (name, text) in enumerate(lines):
            grid.addWidget(label(native_keys(name), "muted12", wrap=True), number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label(text, wrap=True), number, 1)
        grid.setColumnMinimumWidth(0, 150)
        grid.setColumnStretch(1, 1)
        return grid

    def _open_log(self) -> None:
        if not open_log():
            self.note.setText("Nothing here opens it.")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{name}: {text}" for name, text in self._versions.items()))


def versions(engine: Ready | None) -> dict[str, str]:
    """Versions of everything; torch's and the GPU as the engine told them, None while it has not."""
    waiting = "the engine is not ready"
    return {
        "ResNet Explorer": __version__,
        "Python": platform.python_version(),
        "PySide6, Qt": f"{PySide6.__version__}, {qVersion()}",
        "torch": engine.versions["torch"] if engine is not None else waiting,
        "GPU": _gpu_words(engine) if engine is not None else waiting,
        "System": platform.platform(),
        "Runs and settings": str(data_folder()),
        "Log": str(log_path()),
    }


def _gpu_words(engine: Ready) -> str:
    """The GPUs that torch computes on and the CUDA it was built with, or why there are none."""
    titles = ", ".join(device.title for device in engine.devices if device.name != "cpu")
    if engine.no_cuda or not titles:
        return engine.no_cuda or "none"
    cuda = engine.versions.get("cuda", "")
    return f"{titles} (CUDA {cuda})" if cuda else titles

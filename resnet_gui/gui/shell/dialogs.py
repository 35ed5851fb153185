"""Questions that a person has to answer."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QMessageBox, QPlainTextEdit, QWidget

from resnet_gui.design.presets import PRESETS
from resnet_gui.design.words import describe
from resnet_gui.gui.kit.basic import column, label, restyle
from resnet_gui.protocol.events import Identified


def ask_about_runs(parent: QWidget, count: int, waiting: int = 0) -> Literal["keep", "stop", "cancel"]:
    """What becomes of the trainings when the window closes."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Close ResNet Explorer")
    box.setText("A training is running." if count == 1 else f"{count} trainings are running.")
    box.setInformativeText(
        "Keep it running without the window, or stop it after this step? "
        "A stopped run keeps its checkpoint and can go on."
        + (
            f" {waiting} more in the queue {'waits' if waiting == 1 else 'wait'} until the window is opened again."
            if waiting
            else ""
        )
    )
    keep = box.addButton("Keep running", QMessageBox.ButtonRole.AcceptRole)
    stop = box.addButton("Stop and close", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(cancel)
    box.exec()
    if box.clickedButton() is keep:
        return "keep"
    return "stop" if box.clickedButton() is stop else "cancel"


def ask_to_close_unkept(parent: QWidget, problem: str) -> bool:
    """Whether the window is to close although what was done in it cannot be kept.

    Args:
        parent: the window.
        problem: a sentence that says why.
    """
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Close ResNet Explorer")
    box.setText(problem)
    box.setInformativeText(
        "If the window closes now, the next one begins with what was kept before: later changes of the design, the "
        "pins, the queue and the forms are gone. Trainings and their runs are not concerned."
    )
    close = box.addButton("Close anyway", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    chosen = box.clickedButton() is close
    box.deleteLater()
    return chosen


class IdentifiedDialog(QDialog):
    """The dialog of a weights file that was read: what matched, what did not, and what cannot be told."""

    def __init__(self, parent: QWidget, found: Identified, *, classify_first: bool = False) -> None:
        """Show what was found; ``classify_first`` makes that the button that Enter presses."""
        super().__init__(parent)
        self.wanted: Literal["open", "classify", ""] = ""
        self.setWindowTitle("Weights identified")
        self.setMinimumSize(560, 420)
        layout = column(self, (24, 18, 24, 16), 6)
        known = PRESETS[found.preset].title if found.preset else "no published design"
        heading = label(f"{Path(found.path).name}: {known}", "run", wrap=True)
        layout.addWidget(heading)
        facts = f"{found.design.spec.depth} layers, {found.params:,} parameters; {found.matched:,} tensors matched"
        layout.addWidget(label(facts, "muted"))
        for notice in found.notices:
            layout.addWidget(label(notice, "warn", wrap=True))
        layout.addSpacing(4)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName("Details")
        self.details.setPlainText(self.text(found))
        layout.addWidget(self.details, 1)
        buttons = QDialogButtonBox()
        self.open_button = buttons.addButton("Open design", QDialogButtonBox.ButtonRole.AcceptRole)
        self.classify_button = buttons.addButton("Classify with it", QDialogButtonBox.ButtonRole.AcceptRole)
        first = self.classify_button if classify_first else self.open_button
        first.setDefault(True)
        restyle(first, kind="primary")
        buttons.addButton("Leave", QDialogButtonBox.ButtonRole.RejectRole)
        self.open_button.clicked.connect(lambda: self._accept("open"))
        self.classify_button.clicked.connect(lambda: self._accept("classify"))
        buttons.rejected.connect(self.reject)
        layout.addSpacing(6)
        layout.addWidget(buttons)

    def _accept(self, wanted: Literal["open", "classify"]) -> None:
        self.wanted = wanted
        self.accept()

    @staticmethod
    def text(found: Identified) -> str:
        """Everything that is known, line by line."""
        lines = ["The design"] + [f"  {line}" for line in describe(found.design.spec)]
        for title, sentences in (
            ("What the file has beside it, or lacks", found.unmatched),
            ("What no file can tell, and what was taken", found.undetermined),
        ):
            if sentences:
                lines += ["", title, *(f"  {sentence}" for sentence in sentences)]
        return "\n".join(lines)


def show_identified(
    parent: QWidget, found: Identified, *, classify_first: bool = False
) -> Literal["open", "classify", ""]:
    """Show what was found; what the user wants of it: its design, answers about pictures, or nothing."""
    dialog = IdentifiedDialog(parent, found, classify_first=classify_first)
    dialog.exec()
    wanted = dialog.wanted
    dialog.deleteLater()
    return wanted

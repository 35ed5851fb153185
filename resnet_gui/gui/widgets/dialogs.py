"""Questions that a person has to answer."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QMessageBox, QWidget


def ask_about_runs(parent: QWidget, count: int) -> Literal["keep", "stop", "cancel"]:
    """What becomes of the trainings when the window closes."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Close ResNet Explorer")
    box.setText("A training is running." if count == 1 else f"{count} trainings are running.")
    box.setInformativeText(
        "Keep it running without the window, or stop it after this step? "
        "A stopped run keeps its checkpoint and can go on."
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

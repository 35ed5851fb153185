"""Opening and saving designs from the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.spec.arch import load_design, save_design
from resnet_gui.spec.errors import InputError


class DesignFiles:
    """Design files of a session; what goes wrong is said in the status bar."""

    def __init__(self, parent: QWidget, session: Session, settings: Settings) -> None:
        self._parent, self._session, self._settings = parent, session, settings

    def ask_open(self) -> None:
        """Let the user choose a file and open it."""
        chosen = "Design (*.json);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self._parent, "Open design", self._settings.folder, chosen)
        if path:
            self.open(Path(path))

    def ask_save(self) -> None:
        """Let the user choose a place and save there."""
        start = Path(self._settings.folder) / f"{self._session.design.name}.json"
        path, _ = QFileDialog.getSaveFileName(self._parent, "Save design", str(start), "Design (*.json)")
        if path:
            self.save(Path(path))

    def open(self, path: Path) -> None:
        """Show the design of a file, or say why it cannot be."""
        try:
            design = load_design(path)
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self._settings.folder = str(path.parent)
        self._session.open_design(design)
        self._session.say(f"Opened {path.name}.", "ok")

    def save(self, path: Path) -> None:
        """Write the design to a file, or say why that cannot be."""
        try:
            save_design(self._session.design, path)
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self._settings.folder = str(path.parent)
        self._session.say(f"Saved {path}.", "ok")

"""The question where a file is to be written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from resnet_gui.base.files import is_there
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings


def ask_where_to_save(
    parent: QWidget, session: Session, settings: Settings, title: str, name: str, kind: str
) -> Path | None:
    """Ask for a place; the file has the ending of its kind, and replaces none without the user's consent.

    Args:
        parent: the dialog stands before it.
        session: says that a place is none.
        settings: the folder that was chosen last, which this changes.
        title: of the dialog.
        name: that is suggested, without its ending.
        kind: as file dialogs have it, such as "CSV (*.csv)".

    Returns:
        The place; None where the user wants none.
    """
    ending = kind.rpartition("*")[2].rstrip(")")
    # A comma parts words on a command line's lists, and in tables of files.
    start = Path(settings.folder or Path.home()) / f"{name.replace(',', '')}{ending}"
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(start), kind)
    if not chosen:
        return None
    path = Path(chosen)
    if not path.name:
        session.say(f"{chosen} cannot be written: it is a folder; name the file.", "error")
        return None
    if not path.name.casefold().endswith(ending):
        # The dialog has asked about the name without its ending only.
        path = path.parent / f"{path.name}{ending}"
        if is_there(path) and not _may_replace(parent, path):
            return None
    settings.folder = str(path.parent)
    return path


def _may_replace(parent: QWidget, path: Path) -> bool:
    asked = QMessageBox.question(parent, "Replace file", f"{path.name} is there already. Replace it?")
    return asked == QMessageBox.StandardButton.Yes

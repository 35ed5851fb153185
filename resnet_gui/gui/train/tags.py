"""Tags of runs: given and taken for one run or many, and kept with their notes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.runs.notes import MAX_TAG, change_tags


class RunTags(QObject):
    """The tags of all runs, and the menu that changes them."""

    def __init__(self, parent: QWidget, session: Session, runs: RunModel) -> None:
        super().__init__(parent)
        self._parent, self._session, self._runs = parent, session, runs

    def known(self) -> list[str]:
        """The tags that any run has, in the order of the alphabet."""
        return sorted({tag for run in self._runs.rows() for tag in run.tags}, key=str.casefold)

    def add_menu(self, menu: QMenu, runs: Sequence[RunRow]) -> None:
        """Add a menu of all tags to another one; those that all of these runs have are checked."""
        able = [run for run in runs if run.info is not None and not run.recorded]
        tags = menu.addMenu("Tags")
        tags.setEnabled(bool(able))
        for tag in self.known():
            action = tags.addAction(tag.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(all(tag in run.tags for run in able))
            action.toggled.connect(lambda on, tag=tag: self.change(able, tag, on=on))
        if self.known():
            tags.addSeparator()
        tags.addAction("New tag …").triggered.connect(lambda _=False: self.ask(able))

    def ask(self, runs: Sequence[RunRow]) -> None:
        """Ask for a tag and give it to runs."""
        words = f"A word, at most {MAX_TAG} characters"
        tag, agreed = QInputDialog.getText(self._parent, "New tag", words)
        if agreed and tag.strip():
            self.change(runs, tag.strip(), on=True)

    def change(self, runs: Sequence[RunRow], tag: str, *, on: bool) -> None:
        """Give a tag to runs, or take it from them."""
        for run in runs:
            try:
                change_tags(run.folder, add=(tag,) if on else (), remove=() if on else (tag,))
            except InputError as error:
                self._session.say(str(error), "error")
                return
            self._runs.renamed(run)

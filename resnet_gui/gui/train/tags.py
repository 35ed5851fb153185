"""Tags of runs: given and taken for one run or many, and kept with their notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.kit.basic import literal
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.runs.notes import MAX_TAG, change_tags_of, tag_problem


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
            action = tags.addAction(literal(tag))
            action.setCheckable(True)
            action.setChecked(all(tag in run.tags for run in able))
            action.toggled.connect(lambda on, tag=tag: self.change(able, tag, on=on))
        if self.known():
            tags.addSeparator()
        tags.addAction("New tag …").triggered.connect(lambda _=False: self.ask(able))

    def ask(self, runs: Sequence[RunRow]) -> None:
        """Ask for a tag, again with the words that were typed while they can be none, and give it to runs."""
        tag, words = "", f"A word, at most {MAX_TAG} characters"
        while True:
            tag, agreed = QInputDialog.getText(self._parent, "New tag", words, text=tag)
            if not agreed or not (problem := tag_problem(tag)):
                break
            words = problem
        if agreed and tag.strip():
            self.change(runs, tag.strip(), on=True)

    def change(self, runs: Sequence[RunRow], tag: str, *, on: bool) -> None:
        """Give a tag to runs, or take it from them, as a step that can be undone."""
        step = _ChangeTags(self, [run.folder for run in runs], tag, on=on)
        self._session.undo.push(step)
        if step.changed:
            name = next(run.name for run in runs if run.folder == step.changed[0])
            words = name if len(step.changed) == 1 else f"{len(step.changed):,} runs"
            has = "has" if len(step.changed) == 1 else "have"
            self._session.say(
                f"{words} {has} the tag “{tag}”." if on else f"{words} {has} the tag “{tag}” no more.", "ok"
            )

    def apply(self, folders: Sequence[Path], tag: str, *, on: bool) -> list[Path]:
        """Give a tag to runs, or take it from them; returns those that have other tags now."""
        try:
            changed, errors = change_tags_of(folders, *(((tag,), ()) if on else ((), (tag,))))
        except InputError as error:
            self._session.say(str(error), "error")
            return []
        rows = {row.folder: row for row in self._runs.rows()}
        self._runs.retag([rows[folder] for folder in changed if folder in rows])
        if errors:
            more = f" {len(errors) - 1} more runs keep their tags too." if len(errors) > 1 else ""
            self._session.say(f"{errors[0]}{more}", "error")
        return changed


class _ChangeTags(QUndoCommand):
    """The undo step that gives a tag to runs or takes it, and back.

    Attributes:
        changed: folders of the runs that have other tags by it.
    """

    def __init__(self, tags: RunTags, folders: Sequence[Path], tag: str, *, on: bool) -> None:
        super().__init__(f"{'give' if on else 'take off'} the tag {tag}")
        self._tags, self._folders, self._tag, self._on = tags, folders, tag, on
        self.changed: list[Path] = []

    def redo(self) -> None:
        self.changed = self._tags.apply(self._folders, self._tag, on=self._on)
        if not self.changed:
            self.setObsolete(True)

    def undo(self) -> None:
        self._tags.apply(self.changed, self._tag, on=not self._on)

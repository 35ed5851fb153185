"""Runs that are thrown away, one or many, and come back."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QMessageBox, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import lab_folder, runs_folder, sweeps_folder
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import MessageAction, Session
from resnet_gui.gui.train.runs.trash_dialog import TrashDialog
from resnet_gui.runs.folder import RUN_FILE
from resnet_gui.runs.notes import empty_trash, origin_of, restore, take_back, throw_away_all, trashed_runs


class _MoveToTrash(QUndoCommand):
    """The undo step that moves runs to the trash, and back.

    Attributes:
        moved: where in the trash each folder lies now; empty once they are back.
        offer: the sentence that offers to undo it, which goes with that.
    """

    def __init__(self, trash: RunTrash, folders: Sequence[Path], words: str) -> None:
        super().__init__(f"move {words} to the trash")
        self._trash, self._folders = trash, folders
        self.moved: dict[Path, Path] = {}
        self.offer = ""
        self._drawn: frozenset[Path] = frozenset()

    def redo(self) -> None:
        self._trash.leaving.emit(self._folders)
        self._drawn = self._trash.drawn(self._folders)
        self.moved = self._trash.move_out(self._folders)
        if not self.moved:
            self.setObsolete(True)

    def undo(self) -> None:
        # The oldest first, so that they stand in their order again.
        moved = [(trashed, folder) for folder, trashed in reversed(self.moved.items())]
        self._trash.move_in(moved, self._drawn)
        self.moved = {}
        self._trash.withdraw(self.offer)


class _Unfollow(QUndoCommand):
    """The undo step that takes runs that lie elsewhere off the list; their folders stay where they are."""

    def __init__(self, session: Session, runs: RunModel, folders: Sequence[Path], words: str) -> None:
        super().__init__(f"stop following {words}")
        self._session, self._runs, self._folders = session, runs, folders

    def redo(self) -> None:
        self._runs.remove_all([row for row in map(self._runs.row, self._folders) if row is not None])

    def undo(self) -> None:
        for folder in reversed(self._folders):
            try:
                self._runs.follow(folder)
            except InputError as error:
                self._session.say(str(error), "error")


class RunTrash(QObject):
    """The trash of runs: it lies in the program's own folder, and only runs from there get into it.

    Signals:
        leaving: the folders of runs that are about to go.
        folder_restored: a folder of something else than a run is back, such as a sweep's.
    """

    leaving = Signal(object)
    folder_restored = Signal(object)

    def __init__(self, parent: QWidget, session: Session, runs: RunModel) -> None:
        super().__init__(parent)
        self._parent, self._session, self._runs = parent, session, runs

    def throw_away(self, chosen: Sequence[RunRow]) -> None:
        """Move runs to the trash, as a step that can be undone; those that lie elsewhere are taken off the list."""
        if any(run.recorded for run in chosen):
            self._runs.hide_recorded()
        own: list[RunRow] = []
        elsewhere: list[RunRow] = []
        for run in chosen:
            if run.recorded:
                continue
            if run.gone:
                self._runs.remove(run)
                self._session.say(f"{run.name} is off the list; its folder was not there any more.")
            elif run.going or run.status == "queued":
                self._session.say(f"{run.name} is being trained or waits; stop it first.", "warn")
            elif owner := owner_of(run):
                self._session.say(f"{run.name} belongs to {owner}; it goes when that is deleted.", "warn")
            else:
                (own if run.folder.parent == runs_folder() else elsewhere).append(run)
        self._unfollow(elsewhere)
        self._move(own)

    def show_recorded(self, on: bool) -> None:
        """List the runs that ship with the program, or take them off the list."""
        if not on:
            self._runs.hide_recorded()
        elif not self._runs.show_recorded():
            self._session.say("No recorded runs came with this program.", "warn")

    def _unfollow(self, runs: list[RunRow]) -> None:
        if not runs:
            return
        # They may be somebody else's.
        words = runs[0].name if len(runs) == 1 else run_count(len(runs))
        folders = [run.folder for run in runs]
        self._session.undo.push(_Unfollow(self._session, self._runs, folders, words))
        where = f"its folder {folders[0]} stays" if len(runs) == 1 else "their folders stay"
        follows = "is" if len(runs) == 1 else "are"
        self._session.say(f"{words} {follows} not followed any more; {where}.")

    def _move(self, runs: list[RunRow]) -> None:
        if not runs:
            return
        words = runs[0].name if len(runs) == 1 else run_count(len(runs))
        step = _MoveToTrash(self, [run.folder for run in runs], words)
        self._session.undo.push(step)
        if step.moved:
            moved = words if len(step.moved) == len(runs) else run_count(len(step.moved))
            lies = "is" if len(step.moved) == 1 else "are"
            action = MessageAction("Undo", lambda: self._undo(step))
            step.offer = f"{moved} {lies} in the trash."
            self._session.offer(step.offer, "warn", (action,))

    def withdraw(self, offer: str) -> None:
        """Runs are back: to bring them back is not offered any more."""
        self._session.withdraw(offer)

    def _undo(self, step: _MoveToTrash) -> None:
        """Take a step back, as the last one or by itself if others have been made since."""
        undo = self._session.undo
        if undo.canUndo() and undo.command(undo.index() - 1) is step:
            undo.undo()
        else:
            step.undo()

    def drawn(self, folders: Sequence[Path]) -> frozenset[Path]:
        """Those of some runs whose curves are drawn."""
        wanted = set(folders)
        return frozenset(row.folder for row in self._runs.rows() if row.shown and row.folder in wanted)

    def move_out(self, folders: Sequence[Path]) -> dict[Path, Path]:
        """Move runs' folders to the trash; returns where those lie that could be moved."""
        rows = {row.folder: row for row in self._runs.rows()}
        moved, errors = throw_away_all(folders)
        self._runs.remove_all([rows[folder] for folder in moved if folder in rows])
        if errors:
            more = f" {len(errors) - 1} more cannot be moved either." if len(errors) > 1 else ""
            self._session.say(f"{errors[0]}{more}", "error")
        return moved

    def move_in(self, moved: Sequence[tuple[Path, Path]], drawn: Container[Path]) -> None:
        """Move folders of runs back: from where in the trash, and where to; ``drawn`` are those whose curves were."""
        back = []
        for trashed, folder in moved:
            try:
                take_back(trashed, folder)
            except InputError as error:
                self._session.say(str(error), "error")
            else:
                back.append(folder)
        self._runs.put_back(*back, drawn=drawn)

    def show_restore(self) -> None:
        """List what lies in the trash, and give back what is chosen."""
        if not trashed_runs():
            self._session.say("The trash is empty.")
            return
        dialog = TrashDialog(self._parent, self.restore)
        dialog.exec()
        dialog.deleteLater()

    def restore(self, trashed: Sequence[Path]) -> str:
        """Move folders out of the trash to where they were, also those of an earlier session.

        Returns:
            What became of it, in sentences, which the status bar says too.
        """
        back: list[Path] = []
        sentences: list[str] = []
        for folder in trashed:
            wanted = origin_of(folder)
            try:
                place = restore(folder)
            except InputError as error:
                sentences.append(str(error))
                continue
            back.append(place)
            if place != wanted:
                sentences.append(f"There is another {wanted.name} at its place by now, so it is {place.name} now.")
        self._runs.put_back(*(place for place in back if (place / RUN_FILE).is_file()))
        for place in back:
            if not (place / RUN_FILE).is_file():
                self.folder_restored.emit(place)
        if back:
            count = f"{len(back)} are" if len(back) > 1 else f"{back[0].name} is"
            sentences.insert(0, f"{count} back.")
        said = " ".join(sentences)
        self._session.say(said, "ok" if len(sentences) == 1 and back else "warn")
        return said

    def empty(self) -> None:
        """Ask, then delete what is in the trash for good."""
        runs = trashed_runs()
        if not runs:
            self._session.say("The trash is empty.")
            return
        answer = QMessageBox.question(
            self._parent, "Empty trash", f"Delete {run_count(len(runs))} for good? This cannot be undone."
        )
        if answer == QMessageBox.StandardButton.Yes:
            try:
                self._session.say(f"Deleted: {run_count(empty_trash())}.")
            except InputError as error:
                self._session.say(str(error), "error")


def owner_of(run: RunRow) -> str:
    """The sweep or the experiment that a run is a part of, in words; empty for a run by itself."""
    for folder, kind in ((sweeps_folder(), "the sweep"), (lab_folder(), "the experiment")):
        if folder in run.folder.parents:
            return f"{kind} {run.folder.relative_to(folder).parts[0]}"
    return ""


def removal_words(runs: Sequence[RunRow]) -> str:
    """What removing runs is called: it depends on where they lie."""
    count = f"{len(runs)} runs " if len(runs) > 1 else ""
    if all(run.gone for run in runs):
        return f"Take {count}off the list"
    if all(run.recorded for run in runs):
        return "Hide the recorded runs"
    if all(run.folder.parent == runs_folder() for run in runs):
        return f"Move {count}to trash"
    return f"Stop following {count}".rstrip() if len(runs) == 1 else f"Take {count}off the list"


def is_removable(run: RunRow) -> bool:
    """Whether a run can be taken off the list."""
    return run.gone or (not run.going and run.status != "queued" and not owner_of(run))


def run_count(count: int) -> str:
    """``1 run``, ``1,200 runs``."""
    return "1 run" if count == 1 else f"{count:,} runs"

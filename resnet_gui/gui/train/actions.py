"""What can be done with a run beside training it: name, note, copy, trash, files, launch lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication, QUndoCommand
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QMessageBox, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import runs_folder, write_out
from resnet_gui.design.spec import Design
from resnet_gui.export.curves_csv import curves_csv
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.kit.basic import fill_menu
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.plots.panels import RunPlots
from resnet_gui.gui.train.runs.continuation import is_extendable, is_moved
from resnet_gui.protocol.events import Event, Failed, JobDone
from resnet_gui.protocol.jobs import ExportEvents
from resnet_gui.runs.history import RunState
from resnet_gui.runs.notes import (
    MAX_NAME,
    change_notes,
    empty_trash,
    take_back,
    throw_away,
    trashed_runs,
)
from resnet_gui.training.recipe import Recipe

FILTERS = {"csv": "CSV (*.csv)", "png": "PNG (*.png)", "svg": "SVG (*.svg)"}


class _Trash(QUndoCommand):
    """The undo step that moves a run to the trash, and back."""

    def __init__(self, actions: RunActions, folder: Path, name: str) -> None:
        super().__init__(f"move {name} to the trash")
        self._actions, self._folder = actions, folder
        self._trashed: Path | None = None

    def redo(self) -> None:
        self._trashed = self._actions.move_out(self._folder)
        if self._trashed is None:
            self.setObsolete(True)

    def undo(self) -> None:
        if self._trashed is not None:
            self._actions.move_in(self._trashed, self._folder)


class _Unfollow(QUndoCommand):
    """The undo step that takes a run that lies elsewhere off the list; its folder stays where it is."""

    def __init__(self, session: Session, runs: RunModel, folder: Path, name: str) -> None:
        super().__init__(f"stop following {name}")
        self._session, self._runs, self._folder = session, runs, folder

    def redo(self) -> None:
        row = self._runs.row(self._folder)
        if row is not None:
            self._runs.remove(row)

    def undo(self) -> None:
        try:
            self._runs.follow(self._folder)
        except InputError as error:
            self._session.say(str(error), "error")


class RunActions(QObject):
    """The actions on a run beside training it, and the menu that offers them.

    Signals:
        duplicated: a run whose design and recipe are to be taken for a new one.
        begin_requested: a run from whose weights a new one is to begin.
        evaluate_requested: a run whose weights are to be measured on the Evaluate page.
        continue_requested: "extend", "locate_folder" or "locate_file", and a run that is to go on.
        launch_requested: a run, or None for the form, to be written as a line for torchrun or a script for Slurm.
        trashed: name of a run that is in the trash now.
    """

    duplicated = Signal(object)
    begin_requested = Signal(object)
    evaluate_requested = Signal(object)
    continue_requested = Signal(str, object)
    launch_requested = Signal(object)
    trashed = Signal(str)

    def __init__(
        self,
        parent: QWidget,
        session: Session,
        engines: Engines,
        runs: RunModel,
        plots: RunPlots,
        settings: Settings,
    ) -> None:
        super().__init__(parent)
        self._parent, self._session, self._engines, self._settings = parent, session, engines, settings
        self._runs, self._plots = runs, plots
        engines.answered.connect(self._take)

    # ---- the menu

    def menu(self, run: RunRow) -> QMenu:
        """What can be done with a run."""
        menu = QMenu(self._parent)
        moved = run.resumable and is_moved(run)
        entries = (
            ("Rename …", lambda: self.rename(run), run.info is not None),
            ("Note …", lambda: self.note(run), run.info is not None),
            ("Use its design and recipe", lambda: self.duplicated.emit(run), True),
            ("Train from its weights", lambda: self.begin_requested.emit(run), run.usable),
            ("Evaluate this", lambda: self.evaluate_requested.emit(run), run.usable),
            ("Extend …", lambda: self.continue_requested.emit("extend", run), is_extendable(run)),
            ("Locate its folder of pictures …", lambda: self.continue_requested.emit("locate_folder", run), moved),
            ("Locate its archive or array file …", lambda: self.continue_requested.emit("locate_file", run), moved),
            ("Open its design", lambda: self._session.open_design(Design(name=run.design, spec=run.spec)), True),
            None,
            ("Curves as CSV …", lambda: self.export("csv", [run]), True),
            ("TensorBoard event files …", lambda: self.export("tensorboard", [run]), True),
            ("As torchrun line or Slurm script …", lambda: self.launch_requested.emit(run), True),
            ("Skipped pictures …", lambda: self.show_skipped(run), bool(skipped_of(run))),
            ("Open folder", lambda: self.open_folder(run), run.folder.is_dir()),
            None,
            (
                "Move to trash" if run.folder.parent == runs_folder() else "Stop following",
                lambda: self.trash(run),
                not run.going and run.status != "queued",
            ),
        )
        fill_menu(menu, entries)
        return menu

    def show_menu(self, run: RunRow, place: QPoint) -> None:
        """Open the menu at a place of the screen."""
        menu = self.menu(run)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    # ---- words

    def rename(self, run: RunRow) -> None:
        """Ask for another name; an empty one is the design's."""
        if not self._has_folder(run):
            return
        text, words = run.name, "Name"
        while True:
            name, agreed = QInputDialog.getText(self._parent, "Rename run", words, text=text)
            text, words = name.strip(), f"Name, at most {MAX_NAME} characters"
            if not agreed or len(text) <= MAX_NAME:
                break
        if agreed:
            self._change(run, name="" if text == run.design else text)

    def note(self, run: RunRow) -> None:
        """Ask for a note."""
        if not self._has_folder(run):
            return
        text, agreed = QInputDialog.getMultiLineText(self._parent, "Note", f"On {run.name}", run.note)
        if agreed:
            self._change(run, note=text.strip())

    def _has_folder(self, run: RunRow) -> bool:
        """Whether a run has begun: before that its folder must stay empty."""
        if run.info is None:
            self._session.say(f"{run.name} has not begun; it can be named when it has.", "warn")
        return run.info is not None

    def _change(self, run: RunRow, *, name: str | None = None, note: str | None = None) -> None:
        try:
            change_notes(run.folder, name=name, note=note)
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self._runs.renamed(run)

    # ---- the trash

    def trash(self, run: RunRow) -> None:
        """Move a run to the trash, as a step that can be undone."""
        if run.going or run.status == "queued":
            self._session.say(f"{run.name} is being trained or waits; stop it first.", "warn")
            return
        name = run.name
        if run.folder.parent != runs_folder():
            # It may be somebody else's.
            self._session.undo.push(_Unfollow(self._session, self._runs, run.folder, name))
            self._session.say(f"{name} is not followed any more; its folder {run.folder} stays.")
            return
        self._session.undo.push(_Trash(self, run.folder, name))
        if self._runs.row(run.folder) is None:
            self.trashed.emit(name)

    def move_out(self, folder: Path) -> Path | None:
        """Move a run's folder to the trash; None if that failed."""
        row = self._runs.row(folder)
        try:
            trashed = throw_away(folder)
        except InputError as error:
            self._session.say(str(error), "error")
            return None
        if row is not None:
            self._runs.remove(row)
        return trashed

    def move_in(self, trashed: Path, folder: Path) -> None:
        """Move a run's folder back."""
        try:
            take_back(trashed, folder)
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self._runs.put_back(folder)

    def empty_trash(self) -> None:
        """Ask, then delete what is in the trash for good."""
        runs = trashed_runs()
        if not runs:
            self._session.say("The trash is empty.")
            return
        answer = QMessageBox.question(
            self._parent, "Empty trash", f"Delete {_runs(len(runs))} for good? This cannot be undone."
        )
        if answer == QMessageBox.StandardButton.Yes:
            try:
                self._session.say(f"Deleted: {_runs(empty_trash())}.")
            except InputError as error:
                self._session.say(str(error), "error")

    # ---- files

    def open_folder(self, run: RunRow) -> None:
        """Show a run's folder in the system's own program."""
        self._session.open_folder(run.folder)

    def save(self, kind: str, chosen: RunRow | None) -> None:
        """Ask for a place and write the curves of a run, or of all that are shown."""
        shown = [run for run in self._runs.rows() if run.shown]
        self.export(kind, shown if chosen is None else [chosen])

    def show_skipped(self, run: RunRow) -> None:
        """List the pictures that could not be read."""
        sentences = skipped_of(run)
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("Skipped pictures")
        started = run.state.started if run.state is not None else None
        count = max(len(sentences), started.skipped_count if started is not None else 0)
        box.setText(f"{count:,} pictures of {run.data_name} could not be read; the run goes on without them.")
        box.setDetailedText("\n".join(sentences))
        box.exec()
        box.deleteLater()

    def export(self, kind: str, runs: Sequence[RunRow]) -> None:
        """Ask for a place and write curves: "csv", "png", "svg" or "tensorboard"."""
        runs = [run for run in runs if run.status != "queued"]
        if not runs:
            self._session.say("There is no run to save.", "warn")
            return
        start = Path(self._settings.folder or Path.home())
        if kind == "tensorboard":
            chosen = QFileDialog.getExistingDirectory(self._parent, "Folder for the event files", str(start))
        else:
            name = runs[0].folder.name if len(runs) == 1 else "curves"
            chosen, _ = QFileDialog.getSaveFileName(self._parent, "Save", str(start / f"{name}.{kind}"), FILTERS[kind])
        if not chosen:
            return
        self._settings.folder = chosen if kind == "tensorboard" else str(Path(chosen).parent)
        self.write(kind, runs, Path(chosen))

    def save_recipe(self, recipe: Recipe) -> None:
        """Ask for a place and write a recipe, as the command line reads it."""
        kind = "Recipes (*.json)"
        path = ask_where_to_save(self._parent, self._session, self._settings, "Save recipe", "recipe", kind)
        if path is None:
            return
        try:
            write_out(path, msgspec.json.format(msgspec.json.encode(recipe), indent=2))
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self._session.say_written(path)

    def write(self, kind: str, runs: Sequence[RunRow], path: Path) -> None:
        """Write curves to a place."""
        if kind == "tensorboard":
            self._engines.ask(lambda job: ExportEvents(job, tuple(str(run.folder) for run in runs), str(path)))
            self._session.say("The engine writes the event files …")
            return
        if path.suffix.casefold() != f".{kind}" and (kind in {"png", "svg"} or not path.suffix):
            path = path.with_name(f"{path.name}.{kind}")
        try:
            if kind == "csv":
                write_out(path, curves_csv((run.name, _whole(run)) for run in runs).encode())
            elif not self._plots.picture(str(path), kind):
                raise InputError(f"{path} cannot be written; choose another place.")
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self._session.say_written(path)

    def _take(self, job: object, event: Event) -> None:
        if not isinstance(job, ExportEvents):
            return
        if isinstance(event, JobDone):
            self._session.say_written(Path(job.path), f"look with: tensorboard --logdir {job.path}")
        elif isinstance(event, Failed):
            self._session.say(event.message, "error")

    @staticmethod
    def copy(text: str) -> None:
        """Put a text on the clipboard."""
        QGuiApplication.clipboard().setText(text)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


def skipped_of(run: RunRow) -> list[str]:
    """A sentence for each picture that could not be read, before the start or while training."""
    state = run.state
    if state is None:
        return []
    return [*(state.started.skipped if state.started is not None else ()), *state.skipped]


def _whole(run: RunRow) -> RunState:
    """The state of a run with all that its file holds."""
    state = run.look()
    while run.behind:
        state = run.look()
    return state

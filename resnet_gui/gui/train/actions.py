"""What can be done with a run beside training it: name, note, copy, trash, files, launch lines."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QMessageBox, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.design.spec import Design
from resnet_gui.export.curves_csv import curves_csv
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.figure_dialog import offer_figures
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.kit.basic import fill_menu
from resnet_gui.gui.kit.window.thread_work import done_in_thread
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.plots.figures import run_figures
from resnet_gui.gui.train.plots.panels import RunPlots
from resnet_gui.gui.train.runs.columns import exact_table
from resnet_gui.gui.train.runs.continuation import is_extendable, is_moved
from resnet_gui.gui.train.tags import RunTags
from resnet_gui.gui.train.trash import RunTrash, is_removable, removal_words
from resnet_gui.protocol.events import Event, Failed, JobDone
from resnet_gui.protocol.jobs import ExportEvents
from resnet_gui.runs.history import RunState
from resnet_gui.runs.notes import MAX_NAME, MAX_NOTE, change_notes
from resnet_gui.training.recipe import Recipe


class RunActions(QObject):
    """The actions on runs beside training them, and the menu that offers them.

    Attributes:
        trash: where runs go that are thrown away.
        tags: of the runs.

    Signals:
        duplicated: a run whose design and recipe are to be taken for a new one.
        begin_requested: a run from whose weights a new one is to begin.
        evaluate_requested: a run whose weights are to be measured on the Evaluate page.
        continue_requested: "extend", "locate_folder" or "locate_file", and a run that is to go on.
        launch_requested: a run, or None for the form, to be written as a line for torchrun or a script for Slurm.
    """

    duplicated = Signal(object)
    begin_requested = Signal(object)
    evaluate_requested = Signal(object)
    continue_requested = Signal(str, object)
    launch_requested = Signal(object)

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
        self.trash = RunTrash(parent, session, runs)
        self.tags = RunTags(parent, session, runs)
        engines.answered.connect(self._take)

    # ---- the menu

    def menu(self, run: RunRow) -> QMenu:
        """What can be done with a run."""
        menu = QMenu(self._parent)
        kept = run.info is not None and not run.recorded
        moved = run.resumable and is_moved(run)
        entries = (
            ("Rename …", lambda: self.rename(run), kept),
            ("Note …", lambda: self.note(run), kept),
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
            ("Copy as table", lambda: self.copy(exact_table([run])), True),
            None,
            (removal_words([run]), lambda: self.trash.throw_away([run]), is_removable(run)),
        )
        self.tags.add_menu(menu, [run])
        fill_menu(menu, entries)
        return menu

    def menu_of_many(self, runs: Sequence[RunRow]) -> QMenu:
        """What can be done with several runs at once."""
        menu = QMenu(self._parent)
        folders = [str(run.folder) for run in runs]
        self.tags.add_menu(menu, runs)
        fill_menu(
            menu,
            (
                ("Show their curves", lambda: self._show(runs, shown=True), True),
                ("Hide their curves", lambda: self._show(runs, shown=False), True),
                ("Show only their curves", lambda: self._runs.show_only(folders), True),
                None,
                ("Copy as table", lambda: self.copy(exact_table(runs)), True),
                ("Curves as CSV …", lambda: self.export("csv", runs), True),
                ("TensorBoard event files …", lambda: self.export("tensorboard", runs), True),
                None,
                (removal_words(runs), lambda: self.trash.throw_away(runs), any(map(is_removable, runs))),
            ),
        )
        return menu

    def _show(self, runs: Sequence[RunRow], *, shown: bool) -> None:
        for run in runs:
            self._runs.set_shown(run, shown=shown)

    def show_menu(self, runs: Sequence[RunRow], place: QPoint) -> None:
        """Open the menu of one run, or of several, at a place of the screen."""
        menu = self.menu(runs[0]) if len(runs) == 1 else self.menu_of_many(runs)
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
        text, words = run.note, f"On {run.name}"
        while True:
            text, agreed = QInputDialog.getMultiLineText(self._parent, "Note", words, text)
            if not agreed or len(text.strip()) <= MAX_NOTE:
                break
            words = f"On {run.name}: at most {MAX_NOTE:,} characters, these are {len(text.strip()):,}"
        if agreed:
            self._change(run, note=text.strip())

    def _has_folder(self, run: RunRow) -> bool:
        """Whether a run has begun, before which its folder must stay empty, and may be written into."""
        if run.recorded:
            self._session.say(f"{run.name} ships with the program and keeps its name.", "warn")
            return False
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
        """Offer the figures of all runs that are shown, or ask for a place and write curves, "csv" or "tensorboard"."""
        runs = [run for run in runs if run.status != "queued"]
        if not runs:
            self._session.say("There is no run to save.", "warn")
            return
        if kind == "figure":
            offer_figures(
                self._parent, self._session, self._settings, run_figures(self._plots.shown(), self._plots.internals)
            )
            return
        if kind == "csv":
            name = runs[0].folder.name if len(runs) == 1 else "curves"
            path = ask_where_to_save(self._parent, self._session, self._settings, "Save curves", name, "CSV (*.csv)")
        else:
            start = self._settings.folder or str(Path.home())
            chosen = QFileDialog.getExistingDirectory(self._parent, "Folder for the event files", start)
            path = Path(chosen) if chosen else None
            self._settings.folder = chosen or self._settings.folder
        if path is not None:
            self.write(kind, runs, path)

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
        try:
            # A run that goes on would grow under the thread.
            curves = [(run.name, deepcopy(_whole(run)) if run.going else _whole(run)) for run in runs]
            done_in_thread(lambda: write_out(path, curves_csv(curves).encode()))
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

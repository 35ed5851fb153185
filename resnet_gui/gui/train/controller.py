"""Pause, step, stop, resume: what is done to runs, going here or elsewhere, and what is told of those that fail."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from resnet_gui.base.errors import RecipeError
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.plots.internals import labels_and_answers
from resnet_gui.gui.train.plots.pictures_dialog import PicturesDialog
from resnet_gui.gui.train.queue import RunQueue
from resnet_gui.gui.train.recipe.launch_dialog import LaunchDialog
from resnet_gui.gui.train.recipe.memory_dialog import MemoryDialog, Shortage
from resnet_gui.gui.train.runs.continuation import RunContinuation
from resnet_gui.protocol.events import Event, Failed, ThumbnailsLoaded
from resnet_gui.protocol.jobs import ShowPictures
from resnet_gui.runs.events import RunEnded
from resnet_gui.runs.folder import PAUSE_FILE, STOP_FILE, new_run_folder
from resnet_gui.training.memory_fit import memory_fixes, run_memory
from resnet_gui.training.recipe import Recipe

MOST_PICTURES = 64


class RunController(QObject):
    """The controller of runs that are training: pause, step, stop, resume, and what to do when one fails.

    Attributes:
        continuation: how runs go on that have ended.

    Signals:
        changed: the header has to look again.
        retried: a run that did not fit, the recipe that will, and the device, empty for the run's.
    """

    changed = Signal()
    retried = Signal(object, object, str)

    def __init__(
        self,
        parent: QWidget,
        runs: RunModel,
        queue: RunQueue,
        session: Session,
        engines: Engines,
        theme: Theme,
    ) -> None:
        super().__init__(parent)
        self._parent, self._runs, self._queue = parent, runs, queue
        self._session, self._engines, self._theme = session, engines, theme
        self._asking: dict[str, QMessageBox] = {}
        self.continuation = RunContinuation(parent, runs, session, engines, theme)
        self._pictures: dict[int, PicturesDialog] = {}
        engines.answered.connect(self._take)

    # ---- going runs

    def forget(self, folder: str) -> None:
        """A run has ended: nobody need be asked about it."""
        box = self._asking.pop(folder, None)
        if box is not None:
            box.close()

    def act(self, what: str, run: RunRow | None) -> None:
        """Do what a button of the header says."""
        if run is None:
            return
        folder = str(run.folder)
        match what:
            case _ if what in self.continuation.ways:
                self.continuation.ways[what](run)
            case "start":
                self._queue.start_now(folder)
            case "error":
                self.show_error(run)
            case "stop" if run.status == "queued":
                self._queue.take(folder)
                self._runs.remove(run)
            case "stop" if run.stopping:
                self._press_again(run)
            case _ if self._engines.owns(folder):
                self._tell_engine(what, run)
            case _:
                self._tell_folder(what, run)
        self.changed.emit()

    def toggle(self, run: RunRow | None) -> None:
        """Pause, or go on."""
        if run is not None and run.status in {"running", "paused"}:
            self.act("pause" if run.status == "running" else "go_on", run)

    def _press_again(self, run: RunRow) -> None:
        """A run that saves already is stopped once more: ask whether it is to end at once, and lose what it learned."""
        folder = str(run.folder)
        if not self._engines.owns(folder):
            self._session.say(f"{run.name} is stopping: the process that trains it saves, then it ends.")
            return
        if folder in self._asking:
            return
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(f"{run.name} is stopping")
        box.setText("It finishes its step and saves a checkpoint; that can take a while on a busy computer.")
        box.setInformativeText("End it at once? What it has learned since its last checkpoint is lost then.")
        box.addButton("Wait", QMessageBox.ButtonRole.RejectRole)
        end = box.addButton("End at once", QMessageBox.ButtonRole.DestructiveRole)
        end.clicked.connect(lambda: self._engines.kill(folder))
        box.finished.connect(lambda _result: self._close_question(folder, box))
        self._asking[folder] = box
        # It closes by itself when the run has ended meanwhile.
        box.open()

    def _close_question(self, folder: str, box: QMessageBox) -> None:
        if self._asking.get(folder) is box:
            del self._asking[folder]
        box.deleteLater()

    def _tell_engine(self, what: str, run: RunRow) -> None:
        engines, folder = self._engines, str(run.folder)
        if what == "go_on":
            # Another window may have held it by a file.
            with contextlib.suppress(OSError):
                (Path(folder) / PAUSE_FILE).unlink(missing_ok=True)
        if what == "stop":
            self._runs.set_stopping(run)
        does = {
            "pause": engines.pause,
            "step": engines.step_once,
            "go_on": engines.unpause,
            "stop": engines.stop,
        }
        does[what](folder)

    def _tell_folder(self, what: str, run: RunRow) -> None:
        """Another process trains it, a kept run of an earlier window or one of another computer; it looks for files."""
        try:
            match what:
                case "stop":
                    (run.folder / STOP_FILE).touch()
                    self._runs.set_stopping(run)
                case "pause":
                    (run.folder / PAUSE_FILE).touch()
                case "go_on":
                    (run.folder / PAUSE_FILE).unlink(missing_ok=True)
                case _:
                    self._session.say(
                        "Another process trains this run; it can be paused and stopped from here.", "warn"
                    )
        except OSError as error:
            self._session.say(f"The run cannot be told from here: {error.strerror or error}.", "error")

    # ---- failures

    def show_error(self, run: RunRow) -> None:
        """Say what happened to a failed run, and what would help."""
        ended = run.state.ended if run.state is not None else None
        if ended is None:
            return
        if ended.cause == "memory":
            self._show_shortage(run, ended)
            return
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(f"{run.name} stopped")
        box.setText(ended.message)
        kept = "Its last checkpoint is kept." if run.checkpoint else "It has no checkpoint yet."
        box.setInformativeText(f"It made {ended.step:,} steps. {kept}")
        box.setDetailedText(ended.details)
        box.exec()
        box.deleteLater()

    def tell_shortage(self, run: RunRow) -> None:
        """Open the dialog of a run that has just run out of memory."""
        ended = run.state.ended if run.state is not None else None
        if ended is not None and ended.cause == "memory":
            self._show_shortage(run, ended)

    def shortage(self, run: RunRow, ended: RunEnded) -> Shortage:
        """What the dialog says of a run that ran out of memory."""
        device = run.info.device if run.info is not None else "cpu"
        precision = run.info.precision if run.info is not None else "fp32"
        planned, on_gpu = plan(run.spec), device.startswith("cuda")
        what = "GPU memory" if on_gpu else "memory"
        first = ended.step == 0
        safe = (
            "The first training step did not fit, so no checkpoint was written."
            if first
            else f"Step {ended.step + 1:,} did not fit; the last checkpoint is kept."
        )
        processes = run.info.processes if run.info is not None else 1
        return Shortage(
            title=f"{run.name} ran out of {what}",
            safe=f"{safe} Your design, recipe and other runs are unchanged.",
            memory=run_memory(planned, run.recipe, precision, processes),
            batch=-(-run.recipe.batch_size // (run.recipe.accumulate * processes)),
            capacity=ended.capacity,
            device=device,
            fixes=memory_fixes(planned, run.recipe, precision, ended.capacity, ram=_main_memory() if on_gpu else 0),
            details=ended.details,
        )

    def _show_shortage(self, run: RunRow, ended: RunEnded) -> None:
        dialog = MemoryDialog(self._parent, self._theme, self.shortage(run, ended))
        dialog.written.connect(self._session.say_written)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        fix = dialog.chosen
        dialog.deleteLater()
        if accepted and fix is not None:
            self.retried.emit(run, fix.recipe, fix.device)

    # ---- pictures of a cell

    def show_cell(self, run: RunRow | None, epoch: int, true: int, given: int) -> None:
        """Open the test pictures of a cell of a run's confusion matrix."""
        if run is None or run.data is None:
            return
        labels, answers = labels_and_answers(run, epoch)
        numbers = ((labels == true) & (answers == given)).nonzero()[0]
        classes = run.data.classes
        title = f"'{classes[true]}' taken for '{classes[given]}', epoch {epoch}"
        if true == given:
            title = f"'{classes[true]}' recognised, epoch {epoch}"
        dialog = PicturesDialog(self._parent, title, len(numbers))
        if len(numbers):
            wanted = tuple(int(number) for number in numbers[:MOST_PICTURES])
            job = self._engines.ask(lambda job: ShowPictures(job, str(run.folder), wanted))
            self._pictures[job] = dialog
        dialog.finished.connect(lambda _result, dialog=dialog: self._close_pictures(dialog))
        dialog.open()

    def _close_pictures(self, dialog: PicturesDialog) -> None:
        self._pictures = {job: kept for job, kept in self._pictures.items() if kept is not dialog}
        dialog.deleteLater()

    def _take(self, job: object, event: Event) -> None:
        if not isinstance(job, ShowPictures):
            return
        dialog = self._pictures.pop(job.job, None)
        if dialog is None:
            return
        if isinstance(event, ThumbnailsLoaded):
            dialog.show_pictures(event.pictures)
        elif isinstance(event, Failed):
            dialog.show_problem(event.message)

    # ---- elsewhere

    def show_launch(self, run: RunRow | None, recipe_of: Callable[[], Recipe]) -> None:
        """Hand a run, or the present design, over as a line for torchrun or a script for Slurm."""
        try:
            recipe = recipe_of()
        except RecipeError:
            return
        design = self._session.design if run is None else Design(name=run.design, spec=run.spec)
        dialog = LaunchDialog(self._parent, self._theme, design, recipe, str(new_run_folder(design.name)))
        dialog.written.connect(self._session.say_written)
        dialog.exec()
        dialog.deleteLater()


def _main_memory() -> int:
    """Bytes of main memory, where the system tells; 0 elsewhere."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0

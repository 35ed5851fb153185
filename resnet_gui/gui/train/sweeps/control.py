"""Queue, pause, stop, resume: what is done to sweeps, going here or elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QInputDialog, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import KNOWN, is_here
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.sweeps.model import SweepItem, SweepModel
from resnet_gui.protocol.events import Event, Failed
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.folder import PAUSE_FILE, STOP_FILE
from resnet_gui.runs.notes import take_back, throw_away
from resnet_gui.sweeps.folder import add_seeds, new_sweep_folder, next_seeds
from resnet_gui.sweeps.sweep import Sweep

MOST_MORE_SEEDS: Final = 100


class _SweepTrash(QUndoCommand):
    """The undo step that moves a sweep to the trash, and back."""

    def __init__(self, control: SweepController, item: SweepItem) -> None:
        super().__init__(f"move {item.name} to the trash")
        self._control, self._folder = control, item.folder
        self._trashed: Path | None = None

    def redo(self) -> None:
        self._trashed = self._control.move_out(self._folder)
        if self._trashed is None:
            self.setObsolete(True)

    def undo(self) -> None:
        self._control.move_in(self._trashed, self._folder)


class SweepController(QObject):
    """The controller of sweeps; they are trained one after the other, and not beside a run.

    Signals:
        problem_found: a sentence about a sweep, and what would go on with it: its item, or None.
        data_missing: the data set of a sweep is not on this computer.
        over: the engine of a sweep is gone; others may begin.
    """

    problem_found = Signal(str, object)
    data_missing = Signal()
    over = Signal()

    def __init__(
        self, parent: QWidget, model: SweepModel, session: Session, engines: Engines, busy: Callable[[], bool]
    ) -> None:
        super().__init__(parent)
        self._parent, self._model, self._session = parent, model, session
        self._engines, self._busy = engines, busy
        self._retry: set[str] = set()
        engines.sweep_answered.connect(self._take)
        engines.sweep_engine_ended.connect(self._ended)
        engines.run_engine_ended.connect(self.proceed)

    # ---- beginning

    def queue(self, sweep: Sweep) -> SweepItem | None:
        """Write a sweep down and train it, at once or when its turn comes; None where it cannot be."""
        data = sweep.recipe.data
        if data in KNOWN and not is_here(data):
            self._session.say(
                f"{KNOWN[data].title} is not on this computer yet; download it or choose its folder.", "warn"
            )
            self.data_missing.emit()
            return None
        try:
            item = self._model.add(new_sweep_folder(sweep))
        except InputError as error:
            self.problem_found.emit(str(error), None)
            return None
        self.start(item)
        self._model.choose(item)
        return item

    def start(self, item: SweepItem, *, retry: bool = False) -> None:
        """Train what is not over, now or when nothing else trains; with ``retry`` also what failed."""
        if item.owned:
            return
        if retry:
            self._retry.add(str(item.folder))
        item.stopping = False
        item.waiting = True
        self._model.changed(item)
        self.proceed()

    def proceed(self) -> None:
        """Begin the sweep that has waited longest, if nothing trains."""
        waiting = [item for item in self._model.items() if item.waiting]
        if not waiting or self._busy():
            return
        item = waiting[-1]
        folder = str(item.folder)
        item.waiting, item.owned, item.held = False, True, False
        self._engines.run_sweep(RunSweep(self._engines.next_job(), folder, retry=folder in self._retry))
        self._retry.discard(folder)
        self._model.changed(item)

    # ---- going sweeps

    def act(self, what: str, item: SweepItem | None) -> None:
        """Do what a button of the head says."""
        if item is None:
            return
        match what:
            case "resume" | "retry":
                self.start(item, retry=what == "retry")
            case "seeds":
                self.ask_seeds(item)
            case "stop" if item.waiting:
                item.waiting = False
            case _ if item.owned:
                self._tell_engine(what, item)
            case _:
                self._tell_folder(what, item)
        self._model.changed(item)

    def toggle(self, item: SweepItem | None) -> None:
        """Pause, or go on."""
        if item is not None and item.going and item.status in {"running", "paused"}:
            self.act("pause" if item.status == "running" else "go_on", item)

    def _tell_engine(self, what: str, item: SweepItem) -> None:
        engines, folder = self._engines, str(item.folder)
        if what == "go_on":
            # Another window may have held it by a file.
            with contextlib.suppress(OSError):
                (item.folder / PAUSE_FILE).unlink(missing_ok=True)
        if what == "stop":
            item.stopping = True
        item.held = what == "pause"
        does = {"pause": engines.pause, "go_on": engines.unpause, "stop": engines.stop, "kill": engines.kill}
        does[what](folder)

    def _tell_folder(self, what: str, item: SweepItem) -> None:
        """Another process trains it; it looks for files."""
        try:
            match what:
                case "stop":
                    (item.folder / STOP_FILE).touch()
                    item.stopping = True
                case "pause":
                    (item.folder / PAUSE_FILE).touch()
                case _:
                    (item.folder / PAUSE_FILE).unlink(missing_ok=True)
        except OSError as error:
            self._session.say(f"The sweep cannot be told from here: {error.strerror or error}.", "error")

    # ---- more seeds

    def ask_seeds(self, item: SweepItem) -> None:
        """Ask how many more seeds, and train every configuration with them."""
        words = "Further seeds; each trains every configuration once more"
        count, agreed = QInputDialog.getInt(
            self._parent, f"More seeds of {item.name}", words, len(item.sweep.seeds), 1, MOST_MORE_SEEDS
        )
        if agreed:
            self.add_seeds(item, count)

    def add_seeds(self, item: SweepItem, count: int) -> None:
        """Train every configuration with so many further seeds."""
        try:
            item.sweep = add_seeds(item.folder, next_seeds(item.sweep, count))
        except InputError as error:
            self.problem_found.emit(str(error), None)
            return
        self._model.read(str(item.folder))
        self.start(item)

    # ---- the trash

    def trash(self, item: SweepItem) -> None:
        """Move a sweep with all its runs to the trash, as a step that can be undone."""
        if item.going or item.waiting:
            self._session.say(f"{item.name} is being trained or waits; stop it first.", "warn")
            return
        self._session.undo.push(_SweepTrash(self, item))

    def move_out(self, folder: Path) -> Path | None:
        """Move a sweep's folder to the trash; where it lies now, None if that failed."""
        item = self._model.item(folder)
        if item is None:
            return None
        try:
            trashed = throw_away(item.folder)
        except InputError as error:
            self._session.say(str(error), "error")
            return None
        self._model.remove(item)
        self._session.runs.drop_below(item.folder)
        return trashed

    def move_in(self, trashed: Path | None, folder: Path) -> None:
        """Move a sweep's folder back."""
        if trashed is None:
            return
        try:
            take_back(trashed, folder)
            self._model.add(folder)
        except InputError as error:
            self._session.say(str(error), "error")

    # ---- from the engine

    def _take(self, folder: str, event: Event) -> None:
        self._model.read(folder)
        if isinstance(event, Failed):
            item = self._model.item(folder)
            name = item.name if item is not None else "The sweep"
            self.problem_found.emit(f"{name} could not go on: {event.message}", None)
            self._session.say(event.message, "error")

    def _ended(self, folder: str, sentence: str) -> None:
        item = self._model.item(folder)
        if item is not None:
            item.owned = item.stopping = item.held = False
            self._model.read(folder)
            self._model.changed(item)
            if sentence:
                kept = "What its runs have reached is kept; Resume goes on from there."
                self.problem_found.emit(f"{item.name}: {sentence} {kept}", item)
        self.over.emit()
        self.proceed()

"""The engines that train, one for each run or sweep that the window started."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from resnet_gui.protocol.events import Appended, Event, Failed, JobDone
from resnet_gui.protocol.jobs import Pause, StepOnce, Stop, Training, Unpause
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.events import RunEnded, RunStarted

if TYPE_CHECKING:
    from resnet_gui.gui.client.process import EngineProcess


class TrainingEngines(QObject):
    """The owner of the engines that train; a run or a sweep is named by its folder.

    Signals:
        run_answered: run folder, what its engine says of it: that it begins or ends, progress, or a failure.
        run_appended: run folder that holds new events.
        run_engine_ended: run folder, a sentence if its engine died, else empty.
        sweep_answered: sweep folder, what its engine says of it: progress, the end, or a failure.
        sweep_engine_ended: sweep folder, a sentence if its engine died, else empty.
        message: a sentence for the status bar and its level.
    """

    run_answered = Signal(str, object)
    run_appended = Signal(str)
    run_engine_ended = Signal(str, str)
    sweep_answered = Signal(str, object)
    sweep_engine_ended = Signal(str, str)
    message = Signal(str, str)

    def __init__(self, parent: QObject | None = None, *, patience: float | None = None) -> None:
        super().__init__(parent)
        self._patience = patience
        self._numbers = itertools.count(1)
        self._runs: dict[str, EngineProcess] = {}

    def _make_way(self) -> None:
        """Told before an engine begins to train."""

    def train(self, job: Training) -> None:
        """Start an engine of its own for a run; one that is being trained here already is left alone."""
        if job.run in self._runs:
            return
        engine = self._begin(job.run, f"The training {Path(job.run).name}")
        engine.answered.connect(lambda event, run=job.run: self._take_run(run, event))
        engine.ended.connect(lambda how, wanted, run=job.run: self._run_ended(run, how, wanted))
        engine.send(job)

    def run_sweep(self, job: RunSweep) -> None:
        """Start an engine of its own for a sweep, which is paused, stopped and owned by its folder as a run is."""
        if job.folder in self._runs:
            return
        engine = self._begin(job.folder, f"The sweep {Path(job.folder).name}")
        engine.answered.connect(lambda event, folder=job.folder: self._take_sweep(folder, event))
        engine.ended.connect(lambda how, wanted, folder=job.folder: self._sweep_ended(folder, how, wanted))
        engine.send(job)

    def _begin(self, folder: str, what: str) -> EngineProcess:
        """An engine that trains into a folder; measuring would disturb it."""
        from resnet_gui.gui.client.process import EngineProcess

        self._make_way()
        engine = self._runs[folder] = EngineProcess(self, patience=self._patience)
        silence = f"{what} does not answer; stop it if this goes on."
        engine.silent.connect(lambda: self.message.emit(silence, "warn"))
        return engine

    def next_job(self) -> int:
        """A number for a job."""
        return next(self._numbers)

    def owns(self, run: str) -> bool:
        """Whether an engine of this window trains the run."""
        return run in self._runs

    def pause(self, run: str) -> None:
        """Hold a run after its step."""
        self._runs[run].send(Pause())

    def step_once(self, run: str) -> None:
        """Let a held run make one step."""
        self._runs[run].send(StepOnce())

    def unpause(self, run: str) -> None:
        """Go on with a held run."""
        self._runs[run].send(Unpause())

    def stop(self, run: str) -> None:
        """End a run after its step, with a checkpoint."""
        self._runs[run].send(Stop())

    def kill(self, run: str) -> None:
        """End a run at once; its last checkpoint stays."""
        self._runs[run].kill()

    def running(self) -> list[str]:
        """Run folders that engines of this window train."""
        return list(self._runs)

    def _take_run(self, run: str, event: Event) -> None:
        if isinstance(event, Appended | RunStarted | RunEnded):
            self.run_appended.emit(run)
        if isinstance(event, Failed) and not event.job:
            self.message.emit(event.message, "error")  # a message that it did not know: its training goes on
        elif not isinstance(event, Appended):
            self.run_answered.emit(run, event)
            if isinstance(event, JobDone | Failed) and run in self._runs:
                self._runs[run].close()
            elif isinstance(event, RunEnded) and event.status == "failed":
                self.message.emit(f"The run failed: {event.message}", "error")

    def _run_ended(self, run: str, how: str, wanted: bool) -> None:
        self._release(run)
        self.run_engine_ended.emit(run, "" if wanted else f"The engine of this run {how}.")

    def _take_sweep(self, folder: str, event: Event) -> None:
        if isinstance(event, Failed) and not event.job:
            self.message.emit(event.message, "error")
            return
        self.sweep_answered.emit(folder, event)
        if isinstance(event, JobDone | Failed) and folder in self._runs:
            self._runs[folder].close()

    def _sweep_ended(self, folder: str, how: str, wanted: bool) -> None:
        self._release(folder)
        self.sweep_engine_ended.emit(folder, "" if wanted else f"The engine of this sweep {how}.")

    def _release(self, folder: str) -> None:
        engine = self._runs.pop(folder, None)
        if engine is not None:
            engine.deleteLater()

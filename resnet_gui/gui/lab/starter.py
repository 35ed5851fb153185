"""Starts, holds and ends the experiment that is shown."""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from resnet_gui.gui.lab.runner import ExperimentRunner
from resnet_gui.gui.lab.state import LabState
from resnet_gui.lab.experiment import GROUPS, Experiment
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import begun, experiment_folder, locked, with_seeds, write_record

MORE: Final = 2
"""Seeds that are added at a time."""


class ExperimentStarter(QObject):
    """The work behind the buttons of the head.

    Signals:
        changed: something was begun, held or ended.
        engine_needed: the engine that stays has to be there.
    """

    changed = Signal()
    engine_needed = Signal()

    def __init__(self, parent: QWidget, state: LabState, runner: ExperimentRunner) -> None:
        super().__init__(parent)
        self._parent, self._state, self._runner = parent, state, runner
        self._again: set[tuple[str, str]] = set()
        self._waiting: deque[Experiment] = deque()
        runner.ended.connect(lambda *_: self._next())

    def run(self) -> None:
        """Lock what was answered, and run."""
        if self._state.lock():
            self._begin()

    def resume(self) -> None:
        """Go on where it was ended."""
        self._begin()

    def add_seeds(self) -> None:
        """Two more seeds, which add to what there is."""
        record = self._state.record
        first = max(record.seeds) + 1
        more = tuple(range(first, first + MORE))
        if self._state.keep(with_seeds(record, more)):
            self._begin()

    def begin_anew(self) -> bool:
        """Ask for a prediction again, after which all is done anew; whether the user agreed and that was possible."""
        state = self._state
        sweep = state.sweep
        trained = sum(cell.status != "queued" for cell in sweep.cells) if sweep is not None else 0
        if trained and not self._agreed(trained):
            return False
        if not state.keep(msgspec.structs.replace(state.record, answers={}, locked="")):
            return False
        self._again.add((state.experiment.key, state.scale.key))
        state.load()
        return True

    def _agreed(self, runs: int) -> bool:
        words = f"All {runs} runs are trained anew, and the present ones are removed when you press Run. Go on?"
        answer = QMessageBox.question(self._parent, "Run again", words)
        return bool(answer == QMessageBox.StandardButton.Yes)

    def measure_otherwise(self) -> None:
        """Measure anew with other options, where something was measured already; the prediction stays."""
        state = self._state
        if state.record.locked and self._runner.going(state.experiment.key, state.scale.key) is None:
            self._begin()

    def pause(self) -> None:
        """Hold what is going."""
        going = self._runner.going(self._state.experiment.key, self._state.scale.key)
        if going is not None:
            self._runner.pause(going)
            self.changed.emit()

    def unpause(self) -> None:
        """Go on with what is held."""
        going = self._runner.going(self._state.experiment.key, self._state.scale.key)
        if going is not None:
            self._runner.unpause(going)
            self.changed.emit()

    def stop(self) -> None:
        """End what is going; what is measured stays."""
        going = self._runner.going(self._state.experiment.key, self._state.scale.key)
        if going is not None:
            self._runner.stop(going)
            self.changed.emit()

    def run_all(self, heading: str) -> None:
        """Run every experiment of a group that has not run, one after the other, without a prediction."""
        for experiment in EXPERIMENTS.values():
            if GROUPS[experiment.group] == heading:
                record = begun(experiment, experiment.scales[0].key)
                if not record.locked:
                    self._waiting.append(experiment)
        self._next()

    def _next(self) -> None:
        while self._waiting:
            experiment = self._waiting.popleft()
            scale = experiment.scales[0]
            record = locked(begun(experiment, scale.key))
            write_record(experiment_folder(experiment, scale.key), record)
            self._runner.begin(experiment, scale, record)
            if (experiment.key, scale.key) == (self._state.experiment.key, self._state.scale.key):
                self._state.load()
            self.changed.emit()
            return

    def _begin(self) -> None:
        self.engine_needed.emit()
        state = self._state
        key = (state.experiment.key, state.scale.key)
        self._runner.begin(state.experiment, state.scale, state.record, again=key in self._again)
        self._again.discard(key)
        state.refresh()
        self.changed.emit()

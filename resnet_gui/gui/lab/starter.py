"""Starts, holds and ends the experiment that is shown."""

from __future__ import annotations

from collections import deque
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.lab.missing_data import ExperimentData
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

    def __init__(self, parent: QWidget, state: LabState, runner: ExperimentRunner, data: ExperimentData) -> None:
        super().__init__(parent)
        self._parent, self._state, self._runner, self._data = parent, state, runner, data
        self._waiting: deque[Experiment] = deque()
        runner.ended.connect(lambda *_: self._next())

    def run(self) -> None:
        """Lock what was answered, and run; runs that were trained before are removed only if the user agrees."""
        state = self._state
        again = state.anew
        if self._is_blocked():
            return
        own = state.sweep if again and not state.scale.shared else None
        trained = sum(cell.status != "queued" for cell in own.cells) if own is not None else 0
        if trained and not self._agreed(trained):
            return
        if state.lock():
            self._begin(again=again)

    def resume(self) -> None:
        """Go on where it was ended."""
        if not self._is_blocked():
            self._begin()

    def _is_blocked(self, *, adds: bool = False) -> bool:
        """Say what is in the way: data that are not here, or what is trained already where this would train too.

        Args:
            adds: whether networks are added to those of a sweep that may be finished.
        """
        state = self._state
        if lacking := self._data.sentence_of_more() if adds else self._data.sentence():
            state.problem_found.emit(lacking)
            return True
        over = state.sweep is not None and state.sweep.status == "finished" and not adds
        there = state.scale.setup is not None and over
        trains = state.scale.sweep is not None and not state.record.runs and not there
        sentence = self._runner.in_the_way() if trains else ""
        if sentence:
            state.problem_found.emit(f"{state.experiment.title} trains networks. {sentence}")
        return bool(sentence)

    def add_seeds(self) -> None:
        """Two more seeds, which add to what there is."""
        if self._is_blocked(adds=True):
            return
        record = self._state.record
        first = max(record.seeds) + 1
        more = tuple(range(first, first + MORE))
        if self._state.keep(with_seeds(record, more)):
            self._begin()

    def _agreed(self, runs: int) -> bool:
        words = f"All {runs} runs are trained anew, and the present ones are removed. Go on?"
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
        """Run every experiment of a group that has not run, one after the other, with the answers that are given."""
        for experiment in EXPERIMENTS.values():
            if GROUPS[experiment.group] == heading and experiment not in self._waiting:
                self._waiting.append(experiment)
        self._next()

    @property
    def running_all(self) -> bool:
        """Whether experiments wait for their turn."""
        return bool(self._waiting)

    def _next(self) -> None:
        """Begin the next that has not run by now, when nothing else is measured."""
        while self._waiting and not any(not going.apart for going in self._runner.all_going()):
            experiment = self._waiting.popleft()
            try:
                self._begin_unrun(experiment)
            except InputError as error:
                self._state.problem_found.emit(f"{experiment.title}: {error}")
        self.changed.emit()

    def _begin_unrun(self, experiment: Experiment) -> None:
        """Begin an experiment that has not run.

        Raises:
            InputError: its record cannot be read or written.
        """
        state, scale = self._state, experiment.scales[0]
        shown = (experiment.key, scale.key) == (state.experiment.key, state.scale.key)
        record = begun(experiment, scale.key)
        if record.locked or self._runner.going(experiment.key, scale.key) is not None:
            return
        # What is answered but not locked is only on the page.
        record = locked(state.record if shown else record)
        write_record(experiment_folder(experiment, scale.key), record)
        self._runner.begin(experiment, scale, record)
        if shown:
            state.load()

    def _begin(self, *, again: bool = False) -> None:
        self.engine_needed.emit()
        state = self._state
        self._runner.begin(state.experiment, state.scale, state.record, again=again)
        state.refresh()
        self.changed.emit()

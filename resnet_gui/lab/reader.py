"""What an experiment's folder holds, read as results; again and again while it is being run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.folder import (
    ExperimentRecord,
    SeedFile,
    begun,
    experiment_folder,
    read_seed,
    seed_path,
    sweep_folder,
)
from resnet_gui.lab.measured_networks import measured_networks
from resnet_gui.lab.results import ALL, Results, ScaleKey, TrainedRun
from resnet_gui.lab.roles import has_network
from resnet_gui.runs.events import StepDone
from resnet_gui.runs.history import RunReader
from resnet_gui.sweeps.folder import SWEEP_FILE
from resnet_gui.sweeps.state import RunCell, SweepReader, SweepState

EARLY: Final = (51, 100)
"""Optimiser steps over which the error says how fast a network starts (He et al. 2016, Fig. 6 shows the beginning).

The loss does not: a network that overshoots loses tens of nats for some steps, and soon does better than one that
never moved.
"""

_EARLY_BYTES: Final = 64 * 1024
"""Far more than the lines of a hundred steps."""


def early_error(folder: Path) -> float | None:
    """Mean training error of the batches of a run's steps 51 to 100; None of a run that has not made them."""
    first, last = EARLY
    events = RunReader(folder).read(_EARLY_BYTES)
    # A run that went on from a checkpoint has told some steps twice; the later line is right.
    steps = (event for event in events if isinstance(event, StepDone) and first <= event.step <= last)
    errors = {step.step: step.error for step in steps}
    return sum(errors.values()) / len(errors) if len(errors) == last - first + 1 else None


def trained_run(cell: RunCell) -> TrainedRun | None:
    """A run of a sweep as claims read it; None while it is not finished."""
    if cell.status != "finished" or cell.figures is None:
        return None
    it = cell.figures
    return TrainedRun(
        train_error=it.train_error, test_error=it.test_error, train_loss=it.train_loss, test_loss=it.test_loss,
        early_error=early_error(cell.folder), seconds=it.seconds, train_images=it.train_images,
        test_images=it.test_images, early_images=(EARLY[1] - EARLY[0] + 1) * cell.configuration.recipe.batch_size,
    )  # fmt: skip


class ResultsReader:
    """A reader of an experiment's folder, to be asked again and again: what is finished is read once.

    Attributes:
        folder: of the experiment at its scale.
        record: what was asked for, as of the last ``read``.
        sweep: the runs that it trains, as of the last ``read``; None before there are any.
        partial: role -> seed -> what is there of a measurement that goes on, as of the last ``read``.

    Args:
        experiment: of the registry.
        scale: key of its scale.

    Raises:
        InputError: there is no such scale, or its record cannot be read.
    """

    def __init__(self, experiment: Experiment, scale: ScaleKey) -> None:
        self._experiment, self._scale = experiment, scale
        self.record: ExperimentRecord = begun(experiment, scale)  # refuses a scale that it has not
        self._of_scale = next(one for one in experiment.scales if one.key == scale)
        self.folder = experiment_folder(experiment, scale)
        self.sweep: SweepState | None = None
        self.partial: dict[str, dict[int, Any]] = {}
        self._sweep_reader: SweepReader | None = None
        self._sweep_folder = Path()
        self._runs: dict[Path, TrainedRun] = {}
        self._files: dict[Path, tuple[tuple[int, int], SeedFile, dict[str, Any]]] = {}

    def read(self) -> Results:
        """The results as they are now.

        Raises:
            InputError: a file of the folder cannot be read.
        """
        self.record = begun(self._experiment, self._scale)
        self.sweep = self._read_sweep()
        trained: dict[str, dict[int, TrainedRun]] = {}
        failed: dict[str, dict[int, str]] = {}
        for cell in self.sweep.cells if self.sweep else ():
            found = trained.setdefault(cell.configuration.labels[0], {})
            if cell.seed not in self.record.seeds:
                continue
            run = self._runs.get(cell.folder) if cell.status == "finished" else None
            run = run or trained_run(cell)
            if run is not None:
                self._runs[cell.folder] = found[cell.seed] = run
            elif cell.status == "failed":
                failed.setdefault(cell.configuration.labels[0], {})[cell.seed] = cell.message
        absent: dict[str, dict[int, str]] = {}
        measured = self._read_measured(failed, absent)
        if self._experiment.measures is not None:
            trained = {}  # what is asked of these networks is what was measured of them
        networks = measured_networks(self._experiment, self.record, self.sweep)
        return Results(
            scale=self._scale, seeds=self.record.seeds, trained=trained, measured=measured, networks=networks,
            failed=failed, absent=absent,
        )  # fmt: skip

    def _read_sweep(self) -> SweepState | None:
        folder = sweep_folder(self._experiment, self.record)
        if not (folder / SWEEP_FILE).is_file():
            self._sweep_reader = None
            return None
        if self._sweep_reader is None or self._sweep_folder != folder:
            self._sweep_reader, self._sweep_folder = SweepReader(folder), folder
        return self._sweep_reader.read()

    def _read_measured(
        self, failed: dict[str, dict[int, str]], absent: dict[str, dict[int, str]]
    ) -> dict[str, dict[int, Any]]:
        """What was measured, by role; why roles were not is added to ``failed``, or to ``absent`` without a run."""
        kind = self._experiment.measures
        if kind is None:
            return {}
        measured: dict[str, dict[int, Any]] = {name: {} for name in measured_names(self._experiment)}
        self.partial = {name: {} for name in measured}
        for seed in self.record.seeds:
            found = self._read_seed(seed, kind, whole=True)
            if found is None:
                _, values = self._read_seed(seed, kind, whole=False) or (None, {})
                for name, value in values.items():
                    self.partial.setdefault(name, {})[seed] = value
                continue
            file, values = found
            for name, seeds in measured.items():
                if name in values:
                    seeds[seed] = values[name]
                else:
                    there = has_network(self.record, self._of_scale, name, seed)
                    (failed if there else absent).setdefault(name, {})[seed] = file.failed.get(name, "not measured")
        return measured

    def _read_seed(
        self, seed: int, kind: type[msgspec.Struct], *, whole: bool
    ) -> tuple[SeedFile, dict[str, Any]] | None:
        path = seed_path(self.folder, seed, whole=whole)
        try:
            found = path.stat()
        except OSError:
            return None
        stamp = (found.st_mtime_ns, found.st_size)
        known = self._files.get(path)
        if known is None or known[0] != stamp:
            file = read_seed(self.folder, seed, whole=whole)
            values = decoded(file, kind) if file is not None else None
            if file is None or values is None:
                return None
            known = self._files[path] = (stamp, file, values)
        return known[1], known[2]


def decoded(file: SeedFile, kind: type[msgspec.Struct]) -> dict[str, Any] | None:
    """What a file of a seed holds, by name; None of a file of another build, which is measured again."""
    try:
        return {name: msgspec.json.decode(raw, type=kind) for name, raw in file.measured.items()}
    except msgspec.MsgspecError:
        return None


def measured_names(experiment: Experiment) -> tuple[str, ...]:
    """Names under which an experiment's measurements of a seed are kept: its roles, or ``ALL``."""
    return tuple(role.key for role in experiment.roles) or (ALL,)

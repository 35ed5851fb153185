"""An experiment of the Lab, run as far as its folder lacks results: networks are trained, then seeds measured."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.data.archives import is_archive
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.finder import find_layout
from resnet_gui.engine.data.opened import open_data
from resnet_gui.engine.devices import resolve_device
from resnet_gui.engine.lab.finished_run import FinishedRun, open_run
from resnet_gui.engine.lab.measuring import Request, measure_designs, measure_run
from resnet_gui.engine.sweep.scheduler import run_sweep
from resnet_gui.engine.train.control import Control
from resnet_gui.lab.experiment import Experiment, Role, Scale
from resnet_gui.lab.experiments import find_experiment
from resnet_gui.lab.folder import (
    ExperimentRecord,
    SeedFile,
    begun,
    experiment_folder,
    read_seed,
    sweep_folder,
    write_record,
    write_seed,
)
from resnet_gui.lab.reader import decoded
from resnet_gui.lab.requests import configured_setup, prepared, wanted_record
from resnet_gui.lab.results import ALL
from resnet_gui.lab.roles import has_network, run_of_role
from resnet_gui.protocol.events import SweepProgressed
from resnet_gui.protocol.lab_events import MeasureProgressed, SeedMeasured
from resnet_gui.protocol.lab_messages import MeasureExperiment
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.lock import writing
from resnet_gui.sweeps.folder import SWEEP_FILE, add_seeds, new_sweep_folder, run_folder
from resnet_gui.sweeps.state import SweepState
from resnet_gui.sweeps.sweep import Sweep

Emit = Callable[[SweepProgressed | MeasureProgressed | SeedMeasured], None]
PROGRESS_SECONDS: Final = 0.1
LOOK_SECONDS: Final = 0.2

TRAINED_SHARE: Final = 0.8
"""Share of the progress that training takes in an experiment that trains its networks and then measures them."""


class StoppedMeasurementError(Exception):
    """The end of a measurement that somebody has given up; what is finished is kept."""


def measure_experiment(job: MeasureExperiment, emit: Emit, control: Control, given_up: Callable[[], bool]) -> None:
    """Run an experiment as far as its folder lacks results; returns when all is there, or it was stopped.

    Args:
        job: what is asked for; the prediction is locked with it.
        emit: takes how far it is, and each seed that is measured.
        control: pauses and stops it.
        given_up: asked between two steps whether somebody has given it up.

    Raises:
        InputError: it cannot begin, or cannot go on; what is finished is kept.
    """
    experiment = find_experiment(job.experiment)
    folder = experiment_folder(experiment, job.scale)
    device = resolve_device(job.device)
    # What is refused leaves nothing behind; what is removed, is removed by who holds the lock.
    _check_data(experiment, wanted_record(experiment, begun(experiment, job.scale), job), again=job.again)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror or error}.") from error
    with writing(folder):
        record = prepared(experiment, begun(experiment, job.scale), job)
        versions = {"python": sys.version.split()[0], "torch": str(torch.__version__)}
        record = msgspec.structs.replace(record, versions=versions, device=_device_title(device))
        write_record(folder, record)
        try:
            _ExperimentRun(experiment, record, job, device, _ExperimentProgress(job, emit, control, given_up)).run()
        except StoppedMeasurementError:
            return


def _check_data(experiment: Experiment, record: ExperimentRecord, *, again: bool) -> None:
    """Refuse data that networks cannot be trained on, before anything is trained.

    Raises:
        InputError: there are no such data.
    """
    scale = experiment.scale(record.scale)
    if scale is None or scale.sweep is None or record.runs:
        return
    if again or not (sweep_folder(experiment, record) / SWEEP_FILE).is_file():
        data = record.data or scale.sweep.recipe.data
        if data in KNOWN or not is_archive(Path(data)):  # an archive is unpacked where its runs can say so
            opened = open_data(data)
            if opened.scan is not None and opened.arrays is None:
                find_layout(opened.scan)


def _device_title(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"


class _ExperimentProgress:
    """Words about how far an experiment is, and the ears for whoever pauses or stops it."""

    def __init__(self, job: MeasureExperiment, emit: Emit, control: Control, given_up: Callable[[], bool]) -> None:
        self.job, self.emit, self.control = job, emit, control
        self._given_up = given_up
        self._said_at = 0.0
        self.seed, self.doing = 0, ""
        self.first, self.share = 0.0, 1.0

    def part(self, seed: int, doing: str, first: float, share: float) -> None:
        """What is reported from now on is this part of the whole."""
        self.seed, self.doing, self.first, self.share = seed, doing, first, share

    def report(self, fraction: float) -> None:
        """So much of the part is done.

        Raises:
            StoppedMeasurementError: somebody has stopped it.
        """
        while self.control.paused and not self.over():
            self.control.wait(LOOK_SECONDS)
        if self.over():
            raise StoppedMeasurementError
        self.say(fraction)

    def say(self, fraction: float) -> None:
        """Say that so much of the part is done, ten times a second at most."""
        now = time.monotonic()
        if now - self._said_at > PROGRESS_SECONDS or fraction >= 1:
            self._said_at = now
            whole = min(1.0, self.first + self.share * fraction)
            self.emit(MeasureProgressed(self.job.job, self.job.experiment, self.seed, whole, self.doing))

    def over(self) -> bool:
        """Whether somebody has stopped it."""
        return self.control.stopped or self._given_up()


class _ExperimentRun:
    """An experiment on its way."""

    def __init__(
        self,
        experiment: Experiment,
        record: ExperimentRecord,
        job: MeasureExperiment,
        device: torch.device,
        progress: _ExperimentProgress,
    ) -> None:
        self._experiment, self._record, self._job, self._device = experiment, record, job, device
        self._progress = progress
        self._folder = experiment_folder(experiment, record.scale)
        scale = experiment.scale(record.scale)
        if scale is None:
            raise InputError(f"{experiment.title} has no scale '{record.scale}'.")
        self._scale: Scale = scale
        self._opened: dict[Path, FinishedRun] = {}

    def run(self) -> None:
        """Train what is to be trained, and measure what is to be measured."""
        todo = self._todo()
        sweep = None
        if self._scale.sweep is not None and not self._record.runs and (todo or self._scale.setup is None):
            sweep = self._train(self._scale.sweep)
        if self._scale.setup is None:
            return
        first = TRAINED_SHARE if sweep is not None else 0.0
        for number, seed in enumerate(todo):
            share = (1 - first) / len(todo)
            self._measure(seed, sweep, first + number * share, share)

    def _todo(self) -> list[int]:
        """Seeds that are still to be measured."""
        if self._scale.setup is None:
            return []
        return [seed for seed in self._record.seeds if self._is_open(seed)]

    def _is_open(self, seed: int) -> bool:
        """Whether a seed is to be measured, or a role of it, as that failed and may succeed now (memory ran out)."""
        file = self._known(seed)
        return file is None or any(has_network(self._record, self._scale, name, seed) for name in file.failed)

    def _known(self, seed: int) -> SeedFile | None:
        file = read_seed(self._folder, seed)
        kind = self._experiment.measures
        return file if file is not None and kind is not None and decoded(file, kind) is not None else None

    def _decoded(self, file: SeedFile | None) -> dict[str, msgspec.Struct]:
        """What a file of a seed holds, by role; nothing of none, and of one of another build."""
        kind = self._experiment.measures
        return (decoded(file, kind) or {}) if file is not None and kind is not None else {}

    # ---- networks of its own

    def _train(self, sweep: Sweep) -> SweepState:
        folder = sweep_folder(self._experiment, self._record)
        seeds = sweep.seeds if self._scale.draws else self._record.seeds
        if (folder / SWEEP_FILE).is_file():
            add_seeds(folder, seeds)
        else:
            data = self._record.data or sweep.recipe.data
            recipe = msgspec.structs.replace(sweep.recipe, data=data)
            wanted = msgspec.structs.replace(sweep, seeds=seeds, recipe=recipe, device=self._job.device)
            new_sweep_folder(wanted, folder)
        share = 1.0 if self._scale.setup is None else TRAINED_SHARE
        self._progress.part(0, "training networks", 0.0, share)

        def emit(found: SweepProgressed) -> None:
            self._progress.emit(found)
            if self._progress.over():
                self._progress.control.stop()
                return
            self._progress.say(found.done / found.total)

        state = run_sweep(RunSweep(self._job.job, str(folder), retry=True), emit, self._progress.control)
        if self._progress.over():
            raise StoppedMeasurementError
        return state

    def _trained_folder(self, state: SweepState, role: Role, seed: int) -> Path:
        """The run of a role's network with a seed.

        Raises:
            InputError: it is not finished.
        """
        wanted = state.sweep.seeds[0] if self._scale.draws else seed
        for cell in state.cells:
            if cell.configuration.labels[0] == role.network and cell.seed == wanted:
                if cell.status != "finished":
                    raise InputError(cell.message or f"{role.network} with seed {wanted} is not trained.")
                return run_folder(state.folder, cell.configuration, wanted)
        raise InputError(f"{role.network} with seed {wanted} is not trained.")

    # ---- measuring

    def _measure(self, seed: int, sweep: SweepState | None, first: float, share: float) -> None:
        """Measure a seed, and keep it."""
        began = time.monotonic()
        done = self._decoded(self._known(seed))
        found = self._decoded(read_seed(self._folder, seed, whole=False)) | done
        failed: dict[str, str] = {}
        names: list[Role | None] = list(self._experiment.roles) or [None]
        for number, role in enumerate(names):
            name = role.key if role is not None else ALL
            if name in done:
                continue
            doing = f"measuring {role.title.lower()}" if role is not None else "measuring"
            self._progress.part(seed, doing, first + number * share / len(names), share / len(names))

            def keep(part: msgspec.Struct, name: str = name) -> None:
                self._write(seed, began, found | {name: part}, failed, whole=False)

            request = Request(
                setup=configured_setup(self._scale, self._record), seed=seed, device=self._device,
                report=self._progress.report, keep=keep, begun=found.get(name),
            )  # fmt: skip
            try:
                found[name] = self._measured(request, role, sweep)
            except InputError as error:
                found.pop(name, None)
                failed[name] = str(error)
        if not found:
            raise InputError("; ".join(dict.fromkeys(failed.values())))
        self._write(seed, began, found, failed, whole=True)

    def _measured(self, request: Request, role: Role | None, sweep: SweepState | None) -> msgspec.Struct:
        request.report(0.0)
        if role is None:
            designs = [(design.name, design.spec) for design in self._scale.designs]
            return measure_designs(request, designs, [Path(run.folder) for run in self._record.runs])
        folder = self._run_of(role, request.seed) if sweep is None else self._trained_folder(sweep, role, request.seed)
        if folder not in self._opened:
            if not self._scale.draws:
                self._opened.clear()
            self._opened[folder] = open_run(folder, self._device)
        return measure_run(request, self._opened[folder])

    def _run_of(self, role: Role, seed: int) -> Path:
        """The finished run that was given for a role.

        Raises:
            InputError: none was.
        """
        run = run_of_role(self._record, self._scale, role.key, seed)
        if run is not None:
            return Path(run.folder)
        raise InputError(f"no run of {role.words} was given")

    def _write(self, seed: int, began: float, found: dict[str, Any], failed: dict[str, str], *, whole: bool) -> None:
        measured = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in found.items()}
        file = SeedFile(seed=seed, seconds=time.monotonic() - began, measured=measured, failed=failed)
        try:
            write_seed(self._folder, file, whole=whole)
        except OSError as error:
            raise InputError(f"{self._folder} cannot be written: {error.strerror or error}.") from error
        self._progress.emit(SeedMeasured(self._job.job, self._experiment.key, seed, whole))

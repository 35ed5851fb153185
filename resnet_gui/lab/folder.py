"""The folder of an experiment at a scale: what was predicted and asked for, and what was measured.

``experiment.json`` holds the prediction, the seeds and how it is measured; ``sweep/`` the networks that it trains, a
sweep like any other (``sweep_folder`` says where it lies); ``measured/seed-N.json`` what was measured with a seed,
``measured/part-N.json`` what of it is there already; ``lock`` is held by the process that measures. The folder is the
truth: it is found again when the window has closed, and more seeds add to it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from resnet_gui import __version__
from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import lab_folder, read_text, write_atomic
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.results import ScaleKey
from resnet_gui.runs.folder import now_text
from resnet_gui.sweeps.folder import is_running

EXPERIMENT_FILE: Final = "experiment.json"
MEASURED: Final = "measured"
SWEEP: Final = "sweep"
SHARED: Final = "networks"
"""Begins the folder of the networks that several experiments share."""


class RunOfRole(msgspec.Struct, frozen=True):
    """A finished run that an experiment measures as one of its roles; ``seed`` is the run's own."""

    role: str
    seed: int
    folder: str


class ExperimentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``experiment.json``.

    Attributes:
        experiment: its key.
        scale: key of its scale.
        seeds: that were asked for, in the order of running.
        answers: question -> the answer that was predicted; one that was not given is missing.
        locked: when the answers were locked, as ``now_text`` writes it; empty before that.
        data: what its networks learn from, instead of the scale's own data; empty for those.
        options: fields of the set-up that differ from the scale's own, as JSON has them.
        runs: finished runs that are measured; none where it trains networks of its own.
        created: when it was first asked for.
        card: version of the experiment that it was made with.
        program: version of the program.
        versions: of python, torch and what else computed; empty before the first measurement.
        device: that it was measured on; empty before the first measurement.
    """

    experiment: str
    scale: ScaleKey
    seeds: tuple[int, ...]
    answers: dict[str, str] = {}
    locked: str = ""
    data: str = ""
    options: dict[str, Any] = {}
    runs: tuple[RunOfRole, ...] = ()
    created: str = ""
    card: int = 1
    program: str = __version__
    versions: dict[str, str] = {}
    device: str = ""
    version: int = 1


class SeedFile(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``measured/seed-N.json``.

    Attributes:
        seconds: that measuring took.
        measured: role, or ``results.ALL`` -> its struct of ``lab.measured`` as JSON has it.
        failed: role -> why it was not measured, a sentence.
    """

    seed: int
    seconds: float
    measured: dict[str, msgspec.Raw]
    failed: dict[str, str] = {}


def experiment_folder(experiment: Experiment, scale: ScaleKey) -> Path:
    """Where an experiment lies at a scale, whether it was run or not."""
    return lab_folder() / f"{experiment.key}-{scale}"


def sweep_folder(experiment: Experiment, record: ExperimentRecord) -> Path:
    """Where the networks lie that an experiment trains; experiments that train the same ones share them."""
    scale = experiment.scale(record.scale)
    if scale is not None and scale.shared and not record.data:
        return lab_folder() / f"{SHARED}-{record.scale}" / SWEEP
    return experiment_folder(experiment, record.scale) / SWEEP


def read_record(folder: Path) -> ExperimentRecord | None:
    """Read ``experiment.json``; None where nobody has run or predicted anything yet.

    Raises:
        InputError: the file cannot be read, or is of another version.
    """
    path = folder / EXPERIMENT_FILE
    if not path.exists():
        return None
    text = read_text(path, "experiment file")
    try:
        record = msgspec.json.decode(text, type=ExperimentRecord)
    except msgspec.MsgspecError as error:
        fault = decoding_fault(error, text, ExperimentRecord)
        raise InputError(f"{path} cannot be used: {fault}; remove its folder to begin anew.") from error
    if record.version != 1:
        raise InputError(f"{path} was written by another version of this program (format {record.version}).")
    return record


def write_record(folder: Path, record: ExperimentRecord) -> None:
    """Write ``experiment.json``.

    Raises:
        InputError: the folder cannot be written.
    """
    try:
        write_atomic(folder / EXPERIMENT_FILE, msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}.") from error


def begun(experiment: Experiment, scale: ScaleKey) -> ExperimentRecord:
    """The record of an experiment: the one that is there, or a new one that is not written yet.

    Raises:
        InputError: there is no such scale, or its file cannot be read.
    """
    found = experiment.scale(scale)
    if found is None:
        known = ", ".join(one.key for one in experiment.scales)
        raise InputError(f"{experiment.title} has no scale '{scale}'; it has {known}.")
    return read_record(experiment_folder(experiment, scale)) or ExperimentRecord(
        experiment=experiment.key, scale=scale, seeds=found.seeds, created=now_text(), card=experiment.version
    )


def with_seeds(record: ExperimentRecord, seeds: tuple[int, ...]) -> ExperimentRecord:
    """The record with more seeds; those that it has already change nothing."""
    return msgspec.structs.replace(record, seeds=tuple(dict.fromkeys((*record.seeds, *seeds))))


def answered(experiment: Experiment, record: ExperimentRecord, answers: Mapping[str, str]) -> ExperimentRecord:
    """The record with answers to its questions; an empty answer takes one back.

    Raises:
        InputError: the answers are locked, a question is not the experiment's, or an answer is none of its own.
    """
    if record.locked:
        raise InputError("The prediction is locked; what was measured since cannot be predicted any more.")
    questions = {question.key: question for question in experiment.questions}
    for key, answer in answers.items():
        if key not in questions:
            raise InputError(f"{experiment.title} asks no question '{key}'; it asks {', '.join(questions)}.")
        if answer and answer not in questions[key].options:
            known = ", ".join(f"'{option}'" for option in questions[key].options)
            raise InputError(f"'{answer}' is no answer to “{questions[key].text}”; there are {known}.")
    merged = {key: answer for key, answer in (record.answers | dict(answers)).items() if answer}
    return msgspec.structs.replace(record, answers=merged)


def locked(record: ExperimentRecord) -> ExperimentRecord:
    """The record with its answers locked now, given or not; locked ones stay as they are."""
    return record if record.locked else msgspec.structs.replace(record, locked=now_text())


def seed_path(folder: Path, seed: int, *, whole: bool = True) -> Path:
    """The file of what was measured with a seed, or of the part of it that is there."""
    return folder / MEASURED / f"{'seed' if whole else 'part'}-{seed}.json"


def write_seed(folder: Path, found: SeedFile, *, whole: bool = True) -> None:
    """Keep what was measured with a seed, or a part of it; the file is there whole or not at all.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    write_atomic(seed_path(folder, found.seed, whole=whole), msgspec.json.encode(found) + b"\n")
    if whole:
        seed_path(folder, found.seed, whole=False).unlink(missing_ok=True)


def read_seed(folder: Path, seed: int, *, whole: bool = True) -> SeedFile | None:
    """What was measured with a seed; None where nothing was, or its file is damaged, so that it is measured again."""
    try:
        found = msgspec.json.decode(seed_path(folder, seed, whole=whole).read_bytes(), type=SeedFile)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.seed == seed else None


def forget_measured(folder: Path) -> None:
    """Remove what was measured; networks that were trained for it stay.

    Raises:
        OSError: it cannot be removed.
    """
    for path in (folder / MEASURED).glob("*.json"):
        path.unlink(missing_ok=True)


def forget_networks(sweep: Path) -> None:
    """Remove the networks that were trained for an experiment.

    Raises:
        InputError: they are being trained.
        OSError: they cannot be removed.
    """
    if sweep.is_dir():
        if is_running(sweep):
            raise InputError("The networks of this experiment are being trained; stop that first.")
        shutil.rmtree(sweep)


def measured_seeds(folder: Path) -> tuple[int, ...]:
    """Seeds that have a file that can be read, in rising order."""
    seeds = (path.stem.removeprefix("seed-") for path in (folder / MEASURED).glob("seed-*.json"))
    return tuple(sorted(int(seed) for seed in seeds if seed.isdecimal() and read_seed(folder, int(seed)) is not None))


class ExperimentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment as a list of what was run shows it."""

    folder: Path
    experiment: Experiment
    record: ExperimentRecord


def list_results() -> tuple[list[ExperimentSummary], list[str]]:
    """All experiments that were predicted or run, in the order of the registry, and a sentence for each damaged one."""
    found: list[ExperimentSummary] = []
    problems: list[str] = []
    for experiment in EXPERIMENTS.values():
        for scale in experiment.scales:
            folder = experiment_folder(experiment, scale.key)
            try:
                record = read_record(folder)
            except InputError as error:
                problems.append(str(error))
                continue
            if record is not None:
                found.append(ExperimentSummary(folder=folder, experiment=experiment, record=record))
    return found, problems

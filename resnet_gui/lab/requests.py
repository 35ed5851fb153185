"""What is asked of an experiment, and what its record becomes by that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import KNOWN
from resnet_gui.lab.experiment import Experiment, Scale
from resnet_gui.lab.folder import (
    ExperimentRecord,
    RunOfRole,
    answered,
    experiment_folder,
    forget_measured,
    forget_networks,
    locked,
    sweep_folder,
    with_seeds,
)
from resnet_gui.lab.results import ALL
from resnet_gui.lab.roles import assigned_runs, seeds_of_runs
from resnet_gui.lab.seeds import check_seeds
from resnet_gui.runs.folder import read_run_info
from resnet_gui.sweeps.folder import SWEEP_FILE, read_sweep


class ExperimentRequest(Protocol):
    """Anything that asks for an experiment; ``protocol.lab_messages.MeasureExperiment`` says what the fields mean."""

    @property
    def seeds(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def options(self) -> dict[str, Any] | None: ...  # noqa: D102
    @property
    def runs(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def data(self) -> str: ...  # noqa: D102
    @property
    def answers(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def again(self) -> bool: ...  # noqa: D102


def configured_setup(scale: Scale, record: ExperimentRecord) -> Any:
    """The set-up of a scale with the record's options.

    Raises:
        InputError: an option is no field of the set-up, or has a value that it cannot have.
    """
    setup = scale.setup
    if setup is None:
        if record.options:
            raise InputError(f"This experiment has no set-up, so there is no '{min(record.options)}' to change.")
        return None
    names = setup.__struct_fields__
    for name in record.options:
        if name not in names:
            raise InputError(f"'{name}' is no field of the set-up; it has {', '.join(names)}.")
    changed = msgspec.to_builtins(setup) | record.options
    try:
        return msgspec.convert(changed, type(setup))
    except msgspec.ValidationError as error:
        fault = decoding_fault(error, changed, type(setup))
        raise InputError(f"The set-up cannot be changed so: {fault}.") from error


def wanted_record(experiment: Experiment, record: ExperimentRecord, asked: ExperimentRequest) -> ExperimentRecord:
    """What the record of an experiment becomes by what is asked for; nothing is written, removed or locked by it.

    To begin anew is to keep nothing of what was asked for before but the prediction.

    Raises:
        InputError: what is asked for cannot be.
    """
    scale = _scale(experiment, record)
    if asked.answers:
        record = answered(experiment, record, asked.answers)
    check_seeds(asked.seeds)
    wanted = record
    if asked.again:
        wanted = msgspec.structs.replace(record, seeds=scale.seeds, options={}, runs=(), data="")
    if asked.seeds:
        # Before it has run, its seeds are those that are asked for; then they only add.
        anew = asked.again or not record.locked
        wanted = msgspec.structs.replace(wanted, seeds=asked.seeds) if anew else with_seeds(wanted, asked.seeds)
        check_seeds(wanted.seeds)
    if asked.options is not None:
        wanted = msgspec.structs.replace(wanted, options=asked.options)
    if asked.data and asked.data != wanted.data:
        wanted = msgspec.structs.replace(wanted, data=_named_data(experiment, scale, asked.data))
    if asked.runs:
        wanted = _on_runs(experiment, scale, wanted, asked)
    if wanted.runs and experiment.roles and asked.seeds and not scale.draws:
        again = "" if asked.runs else ", or begin again on networks of its own (--again)"
        raise InputError(
            f"The seeds of {experiment.title} are those of its runs; leave out the number of seeds{again}."
        )
    configured_setup(scale, wanted)
    other = _other_networks(experiment, scale, wanted)
    if other and not asked.again and not wanted.runs:
        raise InputError(
            f"The networks of {experiment.title} were trained {other}; begin again (--again) to train them anew."
        )
    return msgspec.structs.replace(wanted, card=experiment.version)


def prepared(experiment: Experiment, record: ExperimentRecord, asked: ExperimentRequest) -> ExperimentRecord:
    """The record of an experiment that is about to run, its prediction locked; whoever asks holds its folder's lock.

    What was measured with other options, runs or data is removed, as it would stand beside figures that mean something
    else; networks that were trained otherwise are not, so that is refused.

    Raises:
        InputError: what is asked for cannot be.
    """
    wanted = wanted_record(experiment, record, asked)
    scale, folder = _scale(experiment, record), experiment_folder(experiment, record.scale)
    networks = sweep_folder(experiment, wanted)
    own = networks.parent == folder
    try:
        if asked.again and not wanted.runs and (own or _other_networks(experiment, scale, wanted)):
            forget_networks(networks)
        if asked.again or _measured_as(wanted) != _measured_as(record):
            forget_measured(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be emptied: {error.strerror or error}.") from error
    return locked(wanted)


def check_record(experiment: Experiment, record: ExperimentRecord) -> None:
    """Refuse seeds and options that an experiment cannot be run with.

    Raises:
        InputError: there are such.
    """
    check_seeds(record.seeds)
    configured_setup(_scale(experiment, record), record)


def _scale(experiment: Experiment, record: ExperimentRecord) -> Scale:
    scale = experiment.scale(record.scale)
    if scale is None:
        raise InputError(f"{experiment.title} has no scale '{record.scale}'.")
    return scale


def _named_data(experiment: Experiment, scale: Scale, data: str) -> str:
    """Data that are asked for, if there can be such.

    Raises:
        InputError: no network learns from them, or nothing of that name is there.
    """
    if scale.sweep is None:
        raise InputError(f"{experiment.title} trains no networks; leave out the data.")
    if data not in KNOWN and not Path(data).exists():
        raise InputError(f"There are no data '{data}': name {', '.join(KNOWN)}, or a folder or file that is there.")
    return data


def _other_networks(experiment: Experiment, scale: Scale, record: ExperimentRecord) -> str:
    """How the networks that are there were trained otherwise than it is asked for now; empty where they were not.

    Networks that an earlier build has trained by another recipe must not stand under the claims of this one.
    """
    folder = sweep_folder(experiment, record)
    if scale.sweep is None or not (folder / SWEEP_FILE).is_file():
        return ""
    known, wanted = read_sweep(folder), scale.sweep
    data = record.data or wanted.recipe.data
    if known.recipe.data != data:
        return f"on {known.recipe.data}"
    recipe = msgspec.structs.replace(wanted.recipe, data=data)
    same = (known.recipe, known.axes, known.design) == (recipe, wanted.axes, wanted.design)
    return "" if same else "by another recipe, of another version of this program"


def _measured_as(record: ExperimentRecord) -> tuple[object, ...]:
    """All that figures of one experiment must share to stand beside each other."""
    return record.options, record.runs, record.data, record.card


def _on_runs(
    experiment: Experiment, scale: Scale, record: ExperimentRecord, asked: ExperimentRequest
) -> ExperimentRecord:
    """The record of an experiment on runs that are named."""
    if not experiment.roles and not experiment.also_runs:
        raise InputError(f"{experiment.title} measures no finished runs; leave them out.")
    infos = [(Path(run).absolute(), read_run_info(Path(run))) for run in asked.runs]
    if experiment.also_runs:
        runs = tuple(RunOfRole(ALL, info.recipe.seed, str(folder)) for folder, info in infos)
        return msgspec.structs.replace(record, runs=runs)
    runs = assigned_runs(experiment, infos)
    seeds = record.seeds if scale.draws else seeds_of_runs(runs)
    return msgspec.structs.replace(record, runs=runs, seeds=seeds)

"""Which network was measured in each role: claims name it, and some need its depth or its classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.lab.experiment import Experiment, Role
from resnet_gui.lab.folder import ExperimentRecord
from resnet_gui.lab.results import NetworkOfRole
from resnet_gui.runs.folder import RUN_FILE, read_run_info
from resnet_gui.sweeps.state import SweepState
from resnet_gui.sweeps.sweep import expanded


def measured_networks(
    experiment: Experiment, record: ExperimentRecord, sweep: SweepState | None
) -> dict[str, NetworkOfRole]:
    """The networks of an experiment's roles.

    Args:
        experiment: that measures finished runs, or has no roles.
        record: the runs that were given, if any.
        sweep: the runs that it trains where none were given; None before there are any.

    Returns:
        Role -> its network; without those of no run, and of runs that cannot be read any more.
    """
    found: dict[str, NetworkOfRole] = {}
    for role in experiment.roles:
        specs = _given(record, role) if record.runs else _trained(experiment, record, sweep, role)
        spec = next(specs, None)
        if spec is not None:
            found[role.key] = NetworkOfRole(spec.depth, spec.adds, spec.classes)
    return found


def _given(record: ExperimentRecord, role: Role) -> Iterator[ResNetSpec]:
    for run in record.runs:
        spec = _spec_of(Path(run.folder)) if run.role == role.key else None
        if spec is not None:
            yield spec


def _trained(
    experiment: Experiment, record: ExperimentRecord, sweep: SweepState | None, role: Role
) -> Iterator[ResNetSpec]:
    """The design of a trained run, whose head is that of its pictures; before there is one, that of the sweep."""
    for cell in sweep.cells if sweep is not None else ():
        spec = _spec_of(cell.folder) if cell.configuration.labels[0] == role.network else None
        if spec is not None:
            yield spec
    scale = experiment.scale(record.scale)
    if scale is not None and scale.sweep is not None:
        for configuration in expanded(scale.sweep).configurations:
            if configuration.labels[0] == role.network:
                yield configuration.spec


def _spec_of(folder: Path) -> ResNetSpec | None:
    try:
        return _read(folder, (folder / RUN_FILE).stat().st_mtime_ns)
    except (OSError, InputError):
        return None


@lru_cache(maxsize=64)
def _read(folder: Path, _written: int) -> ResNetSpec:
    """The design of a run, read once as long as its file is the same: results are read again and again."""
    return read_run_info(folder).spec

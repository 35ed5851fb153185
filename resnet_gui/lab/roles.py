"""Which finished run an experiment measures as which of its networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from resnet_gui.base.errors import InputError
from resnet_gui.lab.experiment import Experiment, Scale
from resnet_gui.lab.folder import ExperimentRecord, RunOfRole
from resnet_gui.runs.folder import RunInfo


def assigned_runs(experiment: Experiment, runs: Sequence[tuple[Path, RunInfo]]) -> tuple[RunOfRole, ...]:
    """The runs in the roles of an experiment, each by its design alone; a run may have two roles.

    Args:
        experiment: that measures finished runs.
        runs: folders and what was trained in them.

    Raises:
        InputError: the experiment measures no runs, a run fits none of its roles, or two designs fit the same one.
    """
    if not experiment.roles:
        raise InputError(f"{experiment.title} measures no finished runs; leave them out.")
    found: list[RunOfRole] = []
    for folder, info in runs:
        fitting = [role for role in experiment.roles if role.fits(info.spec)]
        if not fitting:
            wanted = ", ".join(role.words for role in experiment.roles)
            raise InputError(f"{folder} is {info.name}, which {experiment.title} has no use for; it wants {wanted}.")
        for role in fitting:
            for other, other_info in runs:
                if role.fits(other_info.spec) and other_info.spec != info.spec:
                    raise InputError(
                        f"{folder} and {other} are two designs that could both be the network “{role.title}”; "
                        "name one of them."
                    )
            found.append(RunOfRole(role.key, info.recipe.seed, str(folder)))
    for one in found:
        if sum(other.role == one.role and other.seed == one.seed for other in found) > 1:
            raise InputError(f"Two runs have the same design and seed {one.seed}; name one of them.")
    return tuple(found)


def seeds_of_runs(runs: Sequence[RunOfRole]) -> tuple[int, ...]:
    """Seeds that the runs have, in rising order."""
    return tuple(sorted({run.seed for run in runs}))


def run_of_role(record: ExperimentRecord, scale: Scale, role: str, seed: int) -> RunOfRole | None:
    """The finished run that was given for a role and a seed; None where none was."""
    fitting = (run for run in record.runs if run.role == role and (run.seed == seed or scale.draws))
    return next(fitting, None)


def has_network(record: ExperimentRecord, scale: Scale, role: str, seed: int) -> bool:
    """Whether a role and a seed have, or will have, a network to measure: one of its own, or a run that was given."""
    return not record.runs or run_of_role(record, scale, role, seed) is not None

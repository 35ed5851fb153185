"""Whether the runs of a sweep are those that its file says: a table of others would mix what differs."""

from __future__ import annotations

import re
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import SWEEP_RUNS
from resnet_gui.design.spec import evolve
from resnet_gui.runs.folder import RUN_FILE, RunInfo, read_run_info
from resnet_gui.sweeps.folder import SWEEP_FILE
from resnet_gui.sweeps.state import RunCell, SweepState

RUNS_OWN: Final = frozenset(["seed", "data", "epochs"])
"""Fields of a recipe that are not compared as they stand: a run has its own seed, its pictures may have moved (their
fingerprints are compared instead), and it may have been extended (the epochs that it began with are compared)."""

RUN_NAME: Final = re.compile(r"\d{3,}-(.*-)?seed\d+")
"""Names of folders that a sweep makes for its runs."""

PUT_BACK: Final = f"put {SWEEP_FILE} back as it was, or begin a new sweep"


def check_unchanged(state: SweepState) -> None:
    """Refuse to go on with a sweep whose file was changed after its runs began.

    Raises:
        InputError: a run has another design, recipe or other pictures than the file says now, or stands in it no more.
    """
    first: dict[int, tuple[str, RunInfo]] = {}
    for cell in state.cells:
        if not (cell.folder / RUN_FILE).is_file():
            continue
        info = read_run_info(cell.folder)
        names = list(_differences(cell, info))
        if names:
            raise InputError(
                f"The run {cell.folder.name} was trained with another {names[0]} than {SWEEP_FILE} says now; "
                f"{PUT_BACK}."
            )
        name, other = first.setdefault(cell.configuration.number, (cell.folder.name, info))
        if info.data.sha256 != other.data.sha256 or other.data.has_other_samples(info.data):
            raise InputError(
                f"The runs {name} and {cell.folder.name} were trained with other pictures each: '{other.recipe.data}' "
                f"and '{info.recipe.data}', by their fingerprints; put the pictures back as they were and remove the "
                "run that has the wrong ones, or begin a new sweep."
            )
    _check_folders(state)


def _check_folders(state: SweepState) -> None:
    """Refuse runs that the file does not say any more: their places and names follow the order of the values."""
    runs = state.folder / SWEEP_RUNS
    known = {cell.folder.name for cell in state.cells}
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        if folder.name not in known and RUN_NAME.fullmatch(folder.name) and (folder / RUN_FILE).is_file():
            raise InputError(
                f"The run {folder.name} is none that {SWEEP_FILE} says now: its values or seeds were put in another "
                f"order, renamed or left out; {PUT_BACK}."
            )


def _differences(cell: RunCell, info: RunInfo) -> list[str]:
    """Names of fields that a run has otherwise than its configuration."""
    expected = cell.configuration
    spec, recipe = evolve(expected.spec, classes=info.spec.classes), info.recipe
    names = [name for name in spec.__struct_fields__ if getattr(spec, name) != getattr(info.spec, name)]
    names += [
        name
        for name in recipe.__struct_fields__
        if name not in RUNS_OWN and getattr(recipe, name) != getattr(expected.recipe, name)
    ]
    began_with = info.extensions[0].before if info.extensions else recipe.epochs
    return names + (["number of epochs"] if began_with != expected.recipe.epochs else [])

"""Sweeps written by hand: folders as an engine leaves them, with figures that are chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from resnet_gui.base.jsonl import encode_line
from resnet_gui.design.presets import PRESETS
from resnet_gui.runs.events import EpochDone, RunEnded, RunEvent, RunStarted, StepDone
from resnet_gui.runs.folder import RUN_FILE, DataIdentity, RunInfo
from resnet_gui.runs.history import EVENTS_FILE
from resnet_gui.sweeps.folder import new_sweep_folder
from resnet_gui.sweeps.state import RunCell, run_cells
from resnet_gui.sweeps.sweep import Axis, AxisValue, Sweep, expanded
from resnet_gui.training.recipe import Recipe

PER_EPOCH = 23
PICTURES = 359
Error = Callable[[RunCell, int], float]
"""Test error of a run, a fraction, at the end of an epoch."""


def axis(name: str, *values: object) -> Axis:
    return Axis(name, tuple(AxisValue(str(value), {name: value}) for value in values))


def made_sweep(*axes: Axis, seeds: int = 3, epochs: int = 4, baseline: dict[str, str] | None = None) -> Sweep:
    return Sweep(
        name=" × ".join(each.name for each in axes),
        design=PRESETS["digits-resnet"].design,
        recipe=Recipe(epochs=epochs),
        axes=axes,
        seeds=tuple(range(1, seeds + 1)),
        baseline=baseline or {},
        device="cpu",
    )


def cells_of(folder: Path, sweep: Sweep) -> tuple[RunCell, ...]:
    return run_cells(folder, sweep, expanded(sweep))


def write_sweep_runs(sweep: Sweep, error: Error, *, done: int | None = None, failed: tuple[int, ...] = ()) -> Path:
    """A sweep of which the first ``done`` runs are finished, or failed those of these numbers."""
    folder = new_sweep_folder(sweep)
    for number, cell in enumerate(cells_of(folder, sweep)[:done]):
        write_cell(cell, error, failed=number in failed)
    return folder


def write_cell(cell: RunCell, error: Error, *, epochs: int | None = None, failed: bool = False) -> None:
    """One run: finished, failed in its first epoch, or with so many ``epochs`` behind and no end."""
    recipe = msgspec.structs.replace(cell.configuration.recipe, seed=cell.seed)
    cell.folder.mkdir(parents=True, exist_ok=True)
    data = DataIdentity(
        name="digits", classes=tuple("0123456789"), train_images=1438, test_images=PICTURES, sha256="00", mean=(0.5,),
        std=(0.2,),
    )  # fmt: skip
    info = RunInfo(
        name=cell.configuration.name, spec=cell.configuration.spec, recipe=recipe, data=data, device="cpu",
        precision="fp32", threads=1, versions={"torch": "2"}, created="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    # Not by ``write_run_info``, which waits for the disk: hundreds of runs are written here.
    (cell.folder / RUN_FILE).write_bytes(msgspec.json.encode(info))
    (cell.folder / EVENTS_FILE).write_bytes(b"".join(map(encode_line, _events(cell, error, epochs, failed=failed))))


def _events(cell: RunCell, error: Error, epochs: int | None, *, failed: bool) -> list[RunEvent]:
    whole = cell.configuration.recipe.epochs
    events: list[RunEvent] = [
        RunStarted(0, whole, PER_EPOCH, 1438, PICTURES, "cpu", "fp32", total_steps=whole * PER_EPOCH)
    ]
    if failed:
        return [*events, RunEnded(step=7, status="failed", message="The loss is not a number any more.")]
    for number in range(1, (whole if epochs is None else epochs) + 1):
        at, found = number * PER_EPOCH, error(cell, number)
        events.append(StepDone(at, found, 0.6 * found, 0.1, at / 10))
        events.append(EpochDone(number, at, found, 0.6 * found, found, found, 100.0, at / 10))
    if epochs is None:
        events.append(RunEnded(step=whole * PER_EPOCH, status="finished"))
    return events

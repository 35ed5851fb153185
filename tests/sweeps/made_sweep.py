"""A small sweep, and run folders whose events are written instead of trained."""

from __future__ import annotations

import msgspec

from resnet_gui.base.jsonl import encode_line
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.runs.events import Cause, EpochDone, RunEnded, RunEvent, RunStarted, RunStatus
from resnet_gui.runs.folder import DataIdentity, RunInfo, write_run_info
from resnet_gui.runs.history import EVENTS_FILE
from resnet_gui.sweeps.state import RunCell
from resnet_gui.sweeps.sweep import Sweep, field_axis
from resnet_gui.training.recipe import Recipe

SPEC = ResNetSpec(
    block="basic", blocks=(1, 1, 1), widths=(4, 4, 4), shortcut="A", stem="cifar", classes=2, input=(1, 8, 8)
)
DEPTH = field_axis("depth", {"8": 8, "14": 14})
SHORTCUT = field_axis("shortcut", {"A": "A", "none": "none"})
SWEEP = Sweep(
    name="Depth × shortcut",
    design=Design(name="tiny", spec=SPEC),
    recipe=Recipe(epochs=4, batch_size=8),
    axes=(DEPTH, SHORTCUT),
    seeds=(1, 2, 3),
    baseline={"shortcut": "A"},
)
TEST_IMAGES = 200
STEPS = 5
"""Of an epoch."""


def made_info(cell: RunCell) -> RunInfo:
    data = DataIdentity(
        name="made", classes=("0", "1"), train_images=40, test_images=TEST_IMAGES, sha256="0", mean=(0.5,), std=(0.5,)
    )
    recipe = msgspec.structs.replace(cell.configuration.recipe, seed=cell.seed)
    return RunInfo(
        name="made", spec=cell.configuration.spec, recipe=recipe, data=data, device="cpu", precision="fp32", threads=1,
        versions={}, created="2026-01-01T00:00:00+00:00",
    )  # fmt: skip


def epoch_done(number: int, error: float, training: float = 0.5) -> EpochDone:
    return EpochDone(number, STEPS * number, 1.0, training, 2.0, error, 100.0, 1.5 * number)


def tell(cell: RunCell, *events: RunEvent) -> None:
    """Append events to a run, which is written down first if it is not there yet."""
    if not cell.folder.is_dir():
        cell.folder.mkdir(parents=True)
        write_run_info(cell.folder, made_info(cell))
    with (cell.folder / EVENTS_FILE).open("ab") as file:
        file.write(b"".join(map(encode_line, events)))


def begin(cell: RunCell, epochs: int = 0, error: float = 0.1) -> None:
    """Begin a run and let it train for some epochs."""
    total = cell.configuration.recipe.epochs
    tell(cell, RunStarted(0, total, STEPS, 40, TEST_IMAGES, "cpu", "fp32", total_steps=STEPS * total))
    tell(cell, *(epoch_done(number, error) for number in range(1, epochs + 1)))


def end(cell: RunCell, status: RunStatus = "finished", message: str = "", cause: Cause = "") -> None:
    tell(cell, RunEnded(status, STEPS * cell.configuration.recipe.epochs, message, cause=cause))


def finish(cell: RunCell, error: float) -> None:
    """Train a run to its end with a test error."""
    begin(cell, cell.configuration.recipe.epochs, error)
    end(cell)

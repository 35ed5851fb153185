"""Curves of runs as a CSV table: one line a step and one an epoch."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from resnet_gui.runs.history import RunState

COLUMNS: Final = (
    "run", "kind", "step", "epoch", "seconds", "learning_rate", "train_loss", "train_error", "test_loss", "test_error",
    "images_per_second",
)  # fmt: skip


def curves_csv(runs: Iterable[tuple[str, RunState]]) -> str:
    """The curves of runs by name; errors are fractions, lines of steps and of epochs are told apart by ``kind``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, state in runs:
        writer.writerows(_steps(name, state))
        writer.writerows(_epochs(name, state))
    return buffer.getvalue()


def _steps(name: str, state: RunState) -> Iterator[tuple[object, ...]]:
    per_epoch = state.started.steps_per_epoch if state.started else 0
    columns = [state.curves[key].y for key in ("seconds", "lr", "train_loss", "train_error")]
    for step, seconds, lr, loss, error in zip(state.curves["train_loss"].x, *columns, strict=True):
        epoch = round(step / per_epoch, 6) if per_epoch else ""
        yield name, "step", int(step), epoch, seconds, lr, loss, error, "", "", ""


def _epochs(name: str, state: RunState) -> Iterator[tuple[object, ...]]:
    for each in state.epochs:
        yield (
            name, "epoch", each.step, each.epoch, each.seconds, "", each.train_loss, each.train_error, each.test_loss,
            each.test_error, each.images_per_second,
        )  # fmt: skip

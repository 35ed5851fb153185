"""What the picture at the head of the page shows: measured figures that come with the program, and nothing else."""

from __future__ import annotations

from typing import Final, NamedTuple

from resnet_gui.base.errors import InputError
from resnet_gui.gui.runs.row import HUES
from resnet_gui.runs.events import EpochDone, RunStarted, StepDone
from resnet_gui.runs.history import RunReader
from resnet_gui.runs.notes import read_notes
from resnet_gui.runs.recordings import BlockAgreement, read_agreement, recordings_folder

RESIDUAL, PLAIN = "ResNet-56", "plain-56"
EVERY: Final = 3
"""Steps between two points of a curve: 15 epochs of 45 steps are 225 points."""


class RecordedCurve(NamedTuple):
    """The training error of a recorded run.

    Attributes:
        name: of the run.
        token: of its colour.
        epochs: of each point, rising.
        errors: at each point, a mean over the batches of the last epoch up to there, in per cent.
        batches: the same over three batches alone.
        final: of the last epoch, in per cent.
        length: epochs of the training.
    """

    name: str
    token: str
    epochs: tuple[float, ...]
    errors: tuple[float, ...]
    batches: tuple[float, ...]
    final: float
    length: int


class Recorded(NamedTuple):
    """All that the picture shows, the residual network first."""

    blocks: tuple[BlockAgreement, BlockAgreement]
    curves: tuple[RecordedCurve, RecordedCurve]


def read_recorded() -> Recorded:
    """Read what the picture shows.

    Raises:
        InputError: a recording is missing or cannot be read.
    """
    measured = {network.name: network for network in read_agreement().networks}
    try:
        blocks = measured[RESIDUAL], measured[PLAIN]
    except KeyError as error:
        raise InputError(f"Nothing was measured of {error.args[0]}; install the program anew.") from error
    return Recorded(blocks, (read_curve(RESIDUAL), read_curve(PLAIN)))


def read_curve(name: str) -> RecordedCurve:
    """The curve of a recorded run.

    Raises:
        InputError: it is missing or tells of no epoch.
    """
    folder = recordings_folder() / name
    per_epoch, length, errors, final = 1, 0, list[float](), -1.0
    for event in RunReader(folder).read():
        match event:
            case RunStarted():
                per_epoch, length = event.steps_per_epoch, event.epochs
            case StepDone():
                errors.append(100 * event.error)
            case EpochDone():
                final = 100 * event.train_error
    if final < 0 or not errors:
        raise InputError(f"The recording {name} is missing or empty; install the program anew.")
    places = range(EVERY, len(errors) + 1, EVERY)
    return RecordedCurve(
        name=name,
        token=f"r{(read_notes(folder).colour or 0) % HUES}",
        epochs=tuple(place / per_epoch for place in places),
        errors=tuple(_mean(errors[max(0, place - per_epoch) : place]) for place in places),
        batches=tuple(_mean(errors[place - EVERY : place]) for place in places),
        final=final,
        length=length,
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)

"""The test of a network after an epoch, shared between ranks."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import torch

from resnet_gui.engine.data.loaders import IGNORED, Source
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.step import TrainingStep
from resnet_gui.runs.folder import RunInfo

NO_ANSWER: Final = 0xFFFF
"""Class of a test picture that could not be read."""


class EvaluationResult(NamedTuple):
    """Mean loss and error (fraction) over the pictures that could be read, how many, and the class of each."""

    loss: float
    error: float
    readable: int
    answers: np.ndarray[Any, np.dtype[np.uint16]]


def evaluate(learner: TrainingStep, source: Source, ranks: RankGroup, size: int) -> EvaluationResult:
    """Test a network in batches of ``size``; every rank takes its part."""
    # Each rank has running statistics of its own; those of the first are saved, so those are tested.
    ranks.share(learner.tested)
    total = len(source.labels)
    mine = ranks.part(total)
    answers = torch.zeros(total, dtype=torch.int32, device=learner.device)
    sums = torch.zeros(3, dtype=torch.float64, device=learner.device)
    at = int(mine[0]) if len(mine) else 0
    parts = torch.split(mine, size) if len(mine) else ()
    for loss, found, labels in learner.test(source.batches(parts)):
        counted = labels != IGNORED
        sums += torch.stack([loss.double(), ((found != labels) & counted).sum().double(), counted.sum().double()])
        answers[at : at + len(found)] = torch.where(counted, found.int(), NO_ANSWER)
        at += len(found)
    loss_sum, wrong, count = ranks.sum(sums).tolist()
    given = ranks.sum(answers).cpu().numpy().astype("<u2")
    return EvaluationResult(loss_sum / max(count, 1), wrong / max(count, 1), int(count), given)


def evaluate_weights(
    learner: TrainingStep, weights: dict[str, torch.Tensor], source: Source, ranks: RankGroup, size: int
) -> EvaluationResult | None:
    """Test other weights than those that the network has by now, which it has again afterwards.

    Returns:
        None where no picture can be read.
    """
    now = {name: value.detach().clone() for name, value in learner.tested.state_dict().items()}
    learner.tested.load_state_dict(weights)
    try:
        found = evaluate(learner, source, ranks, size)
    finally:
        learner.tested.load_state_dict(now)
    return found if found.readable else None


def unreadable(where: str, info: RunInfo) -> str:
    """The sentence for pictures that are gone while a run goes on."""
    return (
        f"None of the pictures of {where} can be read any more; is '{info.recipe.data}' still there? "
        "The last checkpoint is kept."
    )

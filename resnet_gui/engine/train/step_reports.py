"""What the steps of a training came to: told some at a time, and added up over an epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

import torch

from resnet_gui.base.errors import InputError
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.evaluation import unreadable
from resnet_gui.engine.train.step import StepResult
from resnet_gui.runs.events import Probed, RunEvent, StepDone
from resnet_gui.runs.folder import RunInfo

TELL_SECONDS: Final = 0.1
"""Steps are told at least this often; each telling waits for the device, which has to be rare on a fast one."""


class StepReports:
    """The steps that nobody has been told of yet, and the sums of the present epoch.

    Attributes:
        sums: loss, wrong answers and pictures of the epoch as far as they are told, and its seconds.
    """

    def __init__(self, info: RunInfo, ranks: RankGroup) -> None:
        self._info, self._ranks = info, ranks
        self._pending: list[tuple[int, StepResult, float, Probed | None]] = []
        self._told_at = time.monotonic()
        self.sums = [0.0, 0.0, 0.0, 0.0]

    def add(self, step: int, learnt: StepResult, seconds: float, probed: Probed | None) -> None:
        """Take a step in: its number, what it came to, the training time so far, and what was probed in it."""
        self._pending.append((step, learnt, seconds, probed))

    @property
    def due(self) -> bool:
        """Whether it is time to tell."""
        return bool(self._pending) and time.monotonic() - self._told_at > TELL_SECONDS

    def tell(self, emit: Callable[[RunEvent], None]) -> None:
        """Tell the steps that nobody has been told of yet; all ranks do it at the same step.

        Raises:
            InputError: none of the pictures of a step could be read.
            FloatingPointError: the loss is no number any more.
        """
        if not self._pending:
            return
        self._told_at = time.monotonic()
        pending, self._pending = self._pending, []
        figures = torch.stack([torch.stack([each.double() for each in learnt[:3]]) for _, learnt, _, _ in pending])
        for (step, learnt, seconds, probed), row in zip(pending, self._ranks.sum(figures).tolist(), strict=True):
            loss, wrong, count = row
            if not count:
                raise InputError(unreadable("this batch", self._info))
            if not math.isfinite(loss):
                raise FloatingPointError
            for index, amount in enumerate(row):
                self.sums[index] += amount
            value = float(f"{loss / count:.7g}")
            emit(StepDone(step, value, wrong / count, learnt.lr, round(seconds, 3)))
            if probed is not None:
                emit(probed)

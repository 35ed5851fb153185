"""How coarse what is counted is: one picture or one block of those that results really have, in per cent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resnet_gui.lab.results import Results, TrainedRun

Step = Callable[[Results], float]


def one_training_picture(results: Results) -> float:
    """The step of a training error, of the smallest training part of the runs."""
    return _coarsest(results, lambda run: run.train_images)


def one_test_picture(results: Results) -> float:
    """The step of a test error, of the smallest test part of the runs."""
    return _coarsest(results, lambda run: run.test_images)


def one_early_picture(results: Results) -> float:
    """The step of an error over the batches of steps 51 to 100."""
    return _coarsest(results, lambda run: run.early_images)


def one_of(role: str, count: Callable[[Any], int]) -> Step:
    """The step of a share of things of which a role's measurements have so many, the fewest of any seed."""

    def step(results: Results) -> float:
        return max((_step(count(one)) for one in results.measured.get(role, {}).values()), default=0.0)

    return step


def _coarsest(results: Results, count: Callable[[TrainedRun], int]) -> float:
    return max((_step(count(run)) for seeds in results.trained.values() for run in seeds.values()), default=0.0)


def _step(count: int) -> float:
    return 100 / count if count > 0 else 0.0

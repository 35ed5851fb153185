"""The sanity check of Adebayo et al. 2018: what of a map is left when the weights are made random, from the head down.

A map that stays what it was says nothing of what the network has learned (section 4, "cascading randomisation").
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from resnet_gui.design.structure import Plan
from resnet_gui.network.fresh import fresh_network
from resnet_gui.network.resnet import ResNet

Values = NDArray[np.float32]


def section_of_part(planned: Plan, part: int) -> str:
    """Name of a part of a network: "stem", a stage as "layer2", or "head"."""
    if part == 0:
        return "stem"
    return planned.stages[part - 1].name if part <= len(planned.stages) else "head"


def sections_from_head(planned: Plan) -> list[str]:
    """The sections in the order in which their weights are made random."""
    return [section_of_part(planned, part) for part in range(len(planned.stages) + 1, -1, -1)]


def randomised(model: ResNet, seed: int) -> Iterator[tuple[str, ResNet]]:
    """The network with random weights in one more section each time, from the head down to the stem.

    Random weights are those that a training begins with, norms and their statistics included. It is one and the same
    copy, changed from step to step: who keeps it, copies it.

    Yields:
        Name of the last section that was made random, and the network.
    """
    planned = model.plan
    fresh, made = fresh_network(planned, seed), copy.deepcopy(model)
    for part in range(len(planned.stages) + 1, -1, -1):
        for which, path, _ in planned.parts():
            if which == part:
                made.get_submodule(path).load_state_dict(fresh.get_submodule(path).state_dict())
        yield section_of_part(planned, part), made


def ranks(values: Values) -> NDArray[np.float64]:
    """Rank of each value, from 1; equal ones share the mean of their ranks."""
    _, place, counts = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    mean: NDArray[np.float64] = (ends - (counts - 1) / 2)[place.ravel()]
    return mean


def rank_correlation(first: Values, second: Values) -> float | None:
    """Spearman's rank correlation of two maps; None where one of them has one value everywhere."""
    one, other = (found - found.mean() for found in (ranks(first), ranks(second)))
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum() / size) if size > 0 else None

"""Unravelled paths: which of the 2ⁿ paths carry the gradient (Veit et al. 2016, Fig. 6)."""

from __future__ import annotations

import math
from itertools import pairwise

from resnet_gui.lab.experiment import Claim, Experiment, Figures, Question, Role, Scale
from resnet_gui.lab.measured.gradients import log_slope
from resnet_gui.lab.measured.paths import PathSetup, PathsMeasured
from resnet_gui.lab.networks import SHARED_NETWORKS
from resnet_gui.lab.results import Results, mean
from resnet_gui.sweeps.statistics import Bound

RESIDUAL = "residual"
MOST = 0.95
"""Share of the gradient that counts as nearly all of it."""


def carrying_length(found: PathsMeasured) -> float | None:
    """Length up to which paths carry ``MOST`` of the gradient, in per cent of the longest; None if no path has any."""
    total = 0.0
    for one in found.lengths:
        total += one.share
        if total >= MOST:
            return 100 * one.length / found.blocks
    return None


def one_length(results: Results) -> float:
    """The step of ``carrying_length``: the widest between two lengths that were measured, one block if all were."""
    return max(map(_widest, results.measured.get(RESIDUAL, {}).values()), default=0.0)


def _widest(found: PathsMeasured) -> float:
    lengths = sorted(one.length for one in found.lengths)
    return 100 * max((b - a for a, b in pairwise(lengths)), default=found.blocks) / found.blocks


def straightness(found: PathsMeasured) -> float | None:
    """Squared correlation of length and log norm, 1 where the norm falls exponentially; lengths of no norm are out."""
    points = [
        (float(one.length), math.log(one.norm)) for one in found.lengths if one.length and 0 < one.norm < math.inf
    ]
    x, y = zip(*points, strict=True) if points else ((), ())
    forth, back = log_slope(x, y), log_slope(y, x)
    return forth * back if forth is not None and back is not None else None


def _carried(results: Results) -> Figures:
    return results.of(RESIDUAL, carrying_length)


def _outcome(results: Results) -> str:
    value = mean(_carried(results))
    return "the shortest third" if value <= 100 / 3 else "those of middle length" if value <= 200 / 3 else "the longest"


_PAPER = "Veit et al. 2016"

EXPERIMENT = Experiment(
    key="unravelled-paths",
    title="Unravelled paths",
    group="finished-run",
    question="A residual network is a bundle of paths of all lengths. Which of them carry the gradient?",
    short="Which paths carry gradient?",
    paper=_PAPER,
    figure="Fig. 6",
    citation="A. Veit, M. Wilber, S. Belongie, “Residual Networks Behave Like Ensembles of Relatively Shallow "
    "Networks”, 2016, Fig. 6.",
    questions=(
        Question(
            key="lengths", text="Nearly all of the gradient takes paths that are among",
            options=("the shortest third", "those of middle length", "the longest"),
            rule="length up to which paths carry 95 % of it, over the longest, by thirds",
            outcome=_outcome, shown=lambda results: f"95 % by {mean(_carried(results)):.0f} % of the length",
        ),
    ),
    claims=(
        Claim(
            key="short", title="Short paths carry the gradient", roles=(RESIDUAL,),
            measured="length up to which paths carry 95 % of the gradient, of the longest",
            paper="nearly all from 5 to 17 of 54 blocks; 17 of 54 is 31 %", source=f"{_PAPER}, Fig. 6",
            paper_value=100 * 17 / 54,
            values=_carried, bound=Bound(high=40.0), unit="%", signed=False, decimals=0, resolution=one_length,
        ),
        Claim(
            key="shorter", title="Shorter than paths are long", roles=(RESIDUAL,),
            measured="mean length weighted by gradient, over the mean possible length",
            paper="short although most paths are long", source=f"{_PAPER}, Fig. 6",
            values=lambda results: results.of(RESIDUAL, lambda found: 100 * found.mean_length / found.possible_length),
            bound=Bound(high=60.0), unit="%", signed=False, decimals=0,
        ),
        Claim(
            key="exponential", title="Each block costs a factor", roles=(RESIDUAL,),
            measured="squared correlation of length and log norm", paper="falls exponentially with length",
            source=f"{_PAPER}, Fig. 6",
            values=lambda results: results.of(RESIDUAL, straightness), bound=Bound(low=0.9), decimals=2, signed=False,
        ),
    ),
    look_for=(
        "The norm falls by nearly the same factor for every block that a path goes through: a **straight line** on the "
        "logarithmic axis.",
        "There are far more paths of middle length than short ones; still, count times norm has its hill on the left.",
        "Exact only for the way back: the gradient goes one path, with the activations' slopes of the whole network's "
        "forward pass.",
    ),
    protocol=(
        "The whole network computes its answers; then a picture's gradient goes back through the branch in k blocks "
        "drawn at random, and through the shortcut in the others. Its norm at the input is averaged over pictures and "
        "12 draws, and multiplied by the number of paths of that length.",
        "In blocks that change the shape, the shortcut is what the design has there.",
    ),
    differences=(
        "Quick: ResNet-56 (27 blocks) on 8×8 digits, where the paper has 54 blocks on CIFAR-10.",
        "The paper's training of 23 of 54 blocks a batch (5.96 against 6.10 % error) is not repeated.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick", data="ResNet-56 of 8 epochs on the digits inside, 64 pictures, 12 draws",
            seconds=60, setup=PathSetup(),
            sweep=SHARED_NETWORKS, shared=True,
        ),
    ),
    roles=(Role(key=RESIDUAL, title="Residual", plain=False, network="ResNet-56"),),
    measures=PathsMeasured,
)  # fmt: skip

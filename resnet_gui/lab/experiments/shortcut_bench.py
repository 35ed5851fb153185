"""Shortcut bench: must the shortcut be the identity (He et al. 2016, section 3)?"""

from __future__ import annotations

import math

from resnet_gui.lab.counting import one_test_picture, one_training_picture
from resnet_gui.lab.experiment import Claim, Experiment, Figures, Question, Scale
from resnet_gui.lab.networks import CIFAR, HOUR, PAPER_DEEP, PAPER_HOURS, PAPER_SEEDS, QUICK, network_sweep, residual
from resnet_gui.lab.results import Results, difference, mean
from resnet_gui.sweeps.statistics import Bound
from resnet_gui.sweeps.sweep import Sweep
from resnet_gui.training.recipe import Recipe

A, B, C, NONE = "A, identity", "B, projection", "C, 1×1 convolutions", "none (plain)"
HALF, BOTH, EXCLUSIVE, GATED, DROPPED = (
    "scaling 0.5 / 1", "scaling 0.5 / 0.5", "exclusive gate", "shortcut-only gate", "dropout 0.5",
)  # fmt: skip

BIAS = -6.0
"""Of both gates."""

_CHANGES: dict[str, dict[str, object]] = {
    A: {}, B: {"shortcut": "B"}, C: {"shortcut": "C"}, HALF: {"ablation": "scaling"},
    BOTH: {"ablation": "scaling_both"}, EXCLUSIVE: {"ablation": "exclusive_gating", "gate_bias": BIAS},
    GATED: {"ablation": "shortcut_gating", "gate_bias": BIAS}, DROPPED: {"ablation": "dropout"},
    NONE: {"shortcut": "none"},
}  # fmt: skip


_OPEN = 1 - 1 / (1 + math.exp(-BIAS))
"""1 − σ(b): by how much both gates multiply the shortcut as they begin (He et al. 2016, section 3.1)."""

_FACTORS = {A: 1.0, B: 1.0, HALF: 0.5, BOTH: 0.5, EXCLUSIVE: _OPEN, GATED: _OPEN, DROPPED: 0.5, NONE: 0.0}
"""Dropout of a half multiplies by a half in expectation (section 3.1); a projection is met once a stage in B alone."""


def _sweep(name: str, depth: int, seeds: tuple[int, ...], recipe: Recipe) -> Sweep:
    networks = {label: residual(depth, **changes) for label, changes in _CHANGES.items()}
    return network_sweep(name, networks, seeds, recipe)


def _train_gap(results: Results, network: str) -> Figures:
    return difference(results.train_percent(network), results.train_percent(A))


def _test_gap(results: Results, network: str) -> Figures:
    return difference(results.test_percent(network), results.test_percent(A))


def _outcome(results: Results, network: str) -> str:
    gap = mean(_test_gap(results, network))
    return "far off" if gap > 10 else "worse" if gap > 2 else "alike" if gap > -2 else "better"


def _question(key: str, network: str) -> Question:
    return Question(
        key=key, text=f"Against the identity, {network} ends",
        options=("better", "alike", "worse", "far off"),
        rule="mean difference of test errors; alike is within 2 points, far off is over 10",
        outcome=lambda results: _outcome(results, network),
        shown=lambda results: f"{mean(_test_gap(results, network)):+.1f} points".replace("-", "−"),
    )  # fmt: skip


_PAPER = "He et al. 2016"
_TABLE = f"{_PAPER}, Table 1"


def _fails(key: str, title: str, network: str) -> Claim:
    return Claim(
        key=key, title=title, measured=f"{network} − identity, training error",
        paper="fails at 110 layers: test error over 20 %, against 6.61 %", source=_TABLE,
        values=lambda results: _train_gap(results, network), bound=Bound(low=10.0), unit="points",
        resolution=one_training_picture, difference=True,
    )  # fmt: skip


def _worse(key: str, title: str, network: str, printed: float) -> Claim:
    return Claim(
        key=key, title=title, measured=f"{network} − identity, test error",
        paper=f"{printed:.2f} against 6.61 % at 110 layers", source=_TABLE, paper_value=round(printed - 6.61, 2),
        values=lambda results: _test_gap(results, network), bound=Bound(low=0.0), unit="points",
        resolution=one_test_picture, difference=True,
    )  # fmt: skip


EXPERIMENT = Experiment(
    key="shortcut-bench",
    title="Shortcut bench",
    group="trains",
    question="Must the shortcut be the identity, or does anything do that leads past the block?",
    short="Must it be the identity?",
    paper=_PAPER,
    figure="Table 1",
    citation="K. He, X. Zhang, S. Ren, J. Sun, “Identity Mappings in Deep Residual Networks”, 2016, section 3 and "
    "Table 1.",
    factors=_FACTORS,
    questions=(
        _question("scaling", HALF), _question("dropout", DROPPED), _question("projections", C),
    ),
    claims=(
        _fails("none", "No shortcut fails", NONE),
        _fails("half", "Halving the shortcut fails", HALF),
        _fails("dropout", "Dropout on the shortcut fails", DROPPED),
        _worse("both", "Halving both is worse", BOTH, 12.35),
        _worse("exclusive", "Exclusive gates are worse", EXCLUSIVE, 8.70),
        _worse("gate", "Gates on the shortcut are worse", GATED, 6.91),
        _worse("everywhere", "1×1 convolutions everywhere are worse", C, 12.22),
        Claim(
            key="b", title="A and B are alike", measured=f"{B} − {A}, test error",
            paper="24.52 against 25.03 % (ImageNet, 34 layers)", source="He et al. 2015, Table 3",
            values=lambda results: _test_gap(results, B), bound=Bound(low=-1.0, high=1.0), unit="points",
            resolution=one_test_picture, difference=True,
        ),
    ),
    look_for=(
        "Beside each network stands the **product of its shortcut factors** over all blocks: 1 for the identity, "
        "0.5²⁷ for halves at 56 layers. It is what a gradient keeps on the way back, and it explains the order.",
        "A, B and C lie within the spread of the seeds: “cannot tell” is the right answer there.",
        "Gates begin at a bias of −6, so nearly open; the paper searched that value, and others fail.",
    ),
    protocol=(
        "One depth, one recipe; only what the shortcut does to the signal differs. Errors are those of the last epoch, "
        "differences are from option A, paired by seed.",
    ),
    differences=(
        "Quick: 56 layers on 8×8 digits for 8 epochs, where the paper has 110 layers on CIFAR-10 and medians of five.",
        "“Fails” is a training error more than 10 points above the identity's; in the paper it is a test error over "
        "20 %.",
        "Both gates begin at −6. The paper tries more biases and prints the best; a sweep over gate_bias does that "
        "here.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick, digits", data="digits 8×8, 56 layers, 8 epochs, batch 64", seconds=900,
            sweep=_sweep("Shortcut bench", 56, (1, 2, 3), QUICK),
        ),
        Scale(
            key="cifar", title="CIFAR-10", data="CIFAR-10, 56 layers, 470 steps, batch 128", seconds=3 * 9 * 130,
            sweep=_sweep("Shortcut bench, CIFAR-10", 56, (1, 2, 3), CIFAR),
        ),
        Scale(
            key="paper", title="Paper scale", data="CIFAR-10, 110 layers, 64,000 steps, batch 128",
            seconds=5 * 9 * PAPER_HOURS[110] * HOUR, needs_gpu=True, seeds=PAPER_SEEDS,
            sweep=_sweep("Shortcut bench, as the paper", 110, PAPER_SEEDS, PAPER_DEEP),
        ),
    ),
)  # fmt: skip

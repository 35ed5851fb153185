"""Degradation: deeper plain networks train worse, and shortcuts cure it (He et al. 2015, section 4.2)."""

from __future__ import annotations

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.lab.counting import one_test_picture, one_training_picture
from resnet_gui.lab.experiment import SCALES, Claim, Experiment, Figures, Question, Scale
from resnet_gui.lab.networks import (
    CIFAR,
    HOUR,
    PAPER,
    PAPER_HOURS,
    PAPER_SEEDS,
    QUICK,
    digits_spec,
    network_sweep,
    plain,
    residual,
)
from resnet_gui.lab.results import Results, ScaleKey, difference, mean
from resnet_gui.sweeps.statistics import Bound

PLAIN_20, PLAIN_56, RES_20, RES_56 = "plain-20", "plain-56", "ResNet-20", "ResNet-56"
AT_ONCE = "ResNet-56, 0.1 at once"

SAME = 3.0
"""Points within which two training errors count as equal."""

NETWORKS = {PLAIN_20: plain(20), PLAIN_56: plain(56), RES_20: residual(20), RES_56: residual(56)}
WITH_TRAP = NETWORKS | {AT_ONCE: residual(56, lr=0.1, warmup=0)}


def _gap(results: Results, network: str, other: str) -> Figures:
    return difference(results.train_percent(network), results.train_percent(other))


def _cold(results: Results) -> Figures:
    """The paper's own recipe has no warm-up at 56 layers."""
    return results.train_percent(RES_56 if results.scale == "paper" else AT_ONCE)


def _compared(results: Results, network: str, other: str) -> str:
    gap = mean(_gap(results, network, other))
    return "equal" if abs(gap) <= SAME else "higher" if gap > 0 else "lower"


def _points(results: Results, network: str, other: str) -> str:
    return f"{mean(_gap(results, network, other)):+.1f} points".replace("-", "−")


def _question(key: str, text: str, network: str, other: str, scales: tuple[ScaleKey, ...] = SCALES) -> Question:
    return Question(
        scales=scales, key=key, text=text, options=("lower", "equal", "higher"),
        rule=f"mean difference of the training errors of {network} and {other}; equal is within {SAME:g} points",
        outcome=lambda results: _compared(results, network, other),
        shown=lambda results: _points(results, network, other),
    )  # fmt: skip


def _added_parameters(_: Results) -> Figures:
    with_shortcuts, without = (totals(plan(digits_spec(20, shortcut=shortcut))) for shortcut in ("A", "none"))
    return {0: float(with_shortcuts.cost.params - without.cost.params)}


_K15 = "He et al. 2015"

EXPERIMENT = Experiment(
    key="degradation",
    title="Degradation",
    group="trains",
    question="Do deeper plain networks train worse, and do shortcuts cure it?",
    short="Do deeper nets train worse?",
    paper=_K15,
    figure="Fig. 6",
    citation="K. He, X. Zhang, S. Ren, J. Sun, “Deep Residual Learning for Image Recognition”, 2015, section 4.2, "
    "Fig. 6 and Table 6.",
    questions=(
        _question("plain", "plain-56 against plain-20, training error", PLAIN_56, PLAIN_20),
        _question("residual", "ResNet-56 against ResNet-20, training error", RES_56, RES_20),
        _question("warm-up", "At a rate of 0.1 from step 1, ResNet-56 ends", AT_ONCE, RES_56, ("quick", "cifar")),
    ),
    claims=(
        Claim(
            key="plain-degrades", title="Plain: deeper trains worse",
            measured="plain-56 − plain-20, training error",
            paper="56 layers above 20 (curves, no number)", source=f"{_K15}, Fig. 6 left",
            values=lambda results: _gap(results, PLAIN_56, PLAIN_20), bound=Bound(low=20.0), unit="points",
            resolution=one_training_picture, difference=True,
        ),
        Claim(
            key="shortcuts-cure", title="Shortcuts cure it",
            measured="ResNet-56 − plain-56, training error",
            paper="with shortcuts 56 layers end below 20 (curves, no number)", source=f"{_K15}, Fig. 6 middle",
            values=lambda results: _gap(results, RES_56, PLAIN_56), bound=Bound(high=-30.0), unit="points",
            resolution=one_training_picture, difference=True,
        ),
        Claim(
            key="no-worse", title="Deeper residual is no worse",
            measured="ResNet-56 − ResNet-20, training error",
            paper="6.97 against 8.75 % test error", source=f"{_K15}, Table 6",
            values=lambda results: _gap(results, RES_56, RES_20), bound=Bound(low=-SAME, high=SAME), unit="points",
            resolution=one_training_picture, difference=True,
        ),
        Claim(
            key="better", title="Deeper residual is better",
            measured="ResNet-56 − ResNet-20, test error",
            paper="−1.78 points: 6.97 against 8.75 %", source=f"{_K15}, Table 6", paper_value=-1.78,
            values=lambda results: difference(results.test_percent(RES_56), results.test_percent(RES_20)),
            bound=Bound(high=0.0), unit="points", resolution=one_test_picture, difference=True,
        ),
        Claim(
            key="starts-cold", title="56 layers start at 0.1 at once",
            measured="ResNet-56, learning rate 0.1 from step 1, training error",
            paper="yes: of its networks only 110 layers begin at 0.01", source=f"{_K15}, section 4.2",
            values=_cold, bound=Bound(high=10.0), unit="%", signed=False, resolution=one_training_picture,
        ),
        Claim(
            key="no-parameters", title="Option A adds no parameters",
            measured="parameters of ResNet-20 − those of plain-20, exact, no seed",
            paper="none", source=f"{_K15}, sections 3.2 and 4.2", paper_value=0.0,
            values=_added_parameters, bound=Bound(low=0.0, high=0.0), decimals=0, exact=True,
        ),
    ),
    look_for=(
        "Left: the deep plain network stays high on the **training** set. So this is not overfitting: it cannot even "
        "fit.",
        "Right: same depth, same recipe, same number of parameters. Only the shortcuts differ.",
        "Verdicts use differences **paired by seed**. If their interval holds both answers, the verdict is “cannot "
        "tell”, with the seeds it would take.",
        "“0.1 at once” shows a trap: at a learning rate of 0.1 from step 1, and with so few steps, 56 layers hardly "
        "start. The paper had 64,000.",
    ),
    protocol=(
        "Networks of 6n + 2 layers of He et al. 2015, section 4.2 (n = 3 and 9), with option A and without shortcuts, "
        "by one recipe; one seed gives all of them the same order of pictures.",
        "Errors are those of the last epoch: the training error is the mean over its batches as they were seen, the "
        "test error that of all test pictures after it.",
    ),
    differences=(
        "Quick: 8×8 digits in place of CIFAR-10, hundreds of steps in place of 64,000, batch 64 in place of 128.",
        "The learning rate warms up to 0.05 (at 0.1 some seeds of 56 layers stumble in so few steps) and follows a "
        "cosine; the paper's is 0.1, divided by ten at 32,000 and 48,000.",
        "No augmentation at the quick scale, so that the training error is that of the pictures themselves.",
        "The paper's plain networks have curves but no table, so no number of theirs is printed.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick, digits", data="digits 8×8, 8 epochs, batch 64, lr 0.05", seconds=300,
            sweep=network_sweep("Degradation", WITH_TRAP, (1, 2, 3), QUICK),
        ),
        Scale(
            key="cifar", title="CIFAR-10", data="CIFAR-10, 470 steps, batch 128, lr 0.1", seconds=3 * 460,
            sweep=network_sweep("Degradation, CIFAR-10", WITH_TRAP, (1, 2, 3), CIFAR),
        ),
        Scale(
            key="paper", title="Paper scale", data="CIFAR-10, 64,000 steps, batch 128",
            seconds=5 * 2 * (PAPER_HOURS[20] + PAPER_HOURS[56]) * HOUR,
            needs_gpu=True, seeds=PAPER_SEEDS,
            sweep=network_sweep("Degradation, as the paper", NETWORKS, PAPER_SEEDS, PAPER),
        ),
    ),
)  # fmt: skip

"""Start-up remedies: what gets a deep network going (Goyal et al. 2017; De and Smith 2020; Huang et al. 2016)."""

from __future__ import annotations

from resnet_gui.lab.counting import one_test_picture, one_training_picture
from resnet_gui.lab.experiment import Claim, Experiment, Figures, Question, Scale
from resnet_gui.lab.networks import CIFAR, FAST, HOUR, PAPER, PAPER_HOURS, PAPER_SEEDS, WARMUP, network_sweep, residual
from resnet_gui.lab.results import Results, ScaleKey, difference, mean
from resnet_gui.sweeps.statistics import Bound
from resnet_gui.sweeps.sweep import Sweep
from resnet_gui.training.recipe import Recipe

NONE, WARM, ZERO, PRE, SKIP, DEPTH = "no remedy", "warm-up", "zero γ", "pre-activation", "SkipInit", "stochastic depth"


def _networks(depth: int, warmup: int) -> dict[str, dict[str, object]]:
    """Every network but one begins at the full learning rate."""
    changes: dict[str, dict[str, object]] = {
        NONE: {}, WARM: {"warmup": warmup}, ZERO: {"zero_init": True}, PRE: {"order": "full_preact"},
        SKIP: {"branch_scale": "skip_init"}, DEPTH: {"stochastic_depth": 0.5},
    }  # fmt: skip
    return {label: residual(depth, **{"warmup": 0} | change) for label, change in changes.items()}


def _sweep(name: str, seeds: tuple[int, ...], recipe: Recipe, *, depth: int = 56, warmup: int = WARMUP) -> Sweep:
    return network_sweep(name, _networks(depth, warmup), seeds, recipe)


def helped(results: Results, network: str) -> Figures:
    """Training error with a remedy minus that without any, in points, by seed."""
    return difference(results.train_percent(network), results.train_percent(NONE))


def _outcome(results: Results, network: str) -> str:
    gap = mean(helped(results, network))
    return "lower" if gap < -5 else "higher" if gap > 5 else "alike"


def _question(key: str, network: str) -> Question:
    return Question(
        key=key, text=f"With {network}, the training error ends", options=("lower", "alike", "higher"),
        rule="mean difference from no remedy; alike is within 5 points",
        outcome=lambda results: _outcome(results, network),
        shown=lambda results: f"{mean(helped(results, network)):+.1f} points".replace("-", "−"),
    )  # fmt: skip


def _claim(key: str, title: str, network: str, paper: str, source: str) -> Claim:
    return Claim(
        key=key, title=title, measured=f"{network} − no remedy, training error", paper=paper, source=source,
        values=lambda results: helped(results, network), bound=Bound(high=-5.0), unit="points",
        resolution=one_training_picture, difference=True, scales=("quick", "cifar"),
    )  # fmt: skip


_TOO_SHORT = "not decidable here: blocks that are dropped need a long training"
_SMALL: dict[ScaleKey, str] = {"quick": _TOO_SHORT, "cifar": _TOO_SHORT}

EXPERIMENT = Experiment(
    key="start-up-remedies",
    title="Start-up remedies",
    group="trains",
    question="What gets a deep residual network going at a high learning rate from the first step?",
    short="What gets depth going?",
    paper="Goyal et al. 2017 and others",
    figure="section 5.1",
    citation="P. Goyal et al., “Accurate, Large Minibatch SGD”, 2017, section 5.1; S. De, S. Smith, “Batch "
    "Normalization Biases Residual Blocks Towards the Identity Function in Deep Networks”, 2020; G. Huang et al., "
    "“Deep Networks with Stochastic Depth”, 2016; K. He et al., “Identity Mappings in Deep Residual Networks”, 2016.",
    questions=(_question("warm-up", WARM), _question("zero", ZERO), _question("pre", PRE)),
    claims=(
        Claim(
            key="stuck", title="Without help it hardly starts",
            measured="no remedy, learning rate 0.1 from step 1, training error",
            paper="not of this length: 56 layers need no remedy in 64,000 steps", source="He et al. 2015, section 4.2",
            of_paper=False, values=lambda results: results.train_percent(NONE), bound=Bound(low=10.0), unit="%",
            signed=False, resolution=one_training_picture, scales=("quick", "cifar"),
        ),
        _claim("warm-up", "Warm-up helps", WARM, "0.01 for 400 steps where 0.1 is too large to start",
               "He et al. 2015, section 4.2"),
        _claim("zero", "Zero γ helps", ZERO, "each block begins as the identity", "Goyal et al. 2017, section 5.1"),
        _claim("pre", "Pre-activation helps", PRE, "easier to train", "He et al. 2016, abstract"),
        _claim("skip", "SkipInit helps", SKIP, "biases blocks towards the identity, in place of batch norm",
               "De and Smith 2020, abstract"),
        Claim(
            key="depth", title="Stochastic depth ends better", measured="stochastic depth − no remedy, test error",
            paper="5.23 against 6.41 % at 110 layers", source="Huang et al. 2016",
            paper_value=-1.18,
            values=lambda results: difference(results.test_percent(DEPTH), results.test_percent(NONE)),
            bound=Bound(high=0.0), unit="points", decimals=2, undecidable=_SMALL,
            resolution=one_test_picture, difference=True,
        ),
    ),
    look_for=(
        "Watch the identity meter (F/x) from the first step: with **zero γ** every block begins as the identity, and "
        "the branches come in as they learn something.",
        "Warm-up changes nothing about the network; it only waits until the first steps have done no harm.",
        "Stochastic depth is no remedy at such a length: it trains half of the network at a time and fits less.",
    ),
    protocol=(
        "ResNet-56 with one remedy at a time; all but the one with warm-up begin at the full learning rate. Training "
        "errors of the last epoch, paired by seed.",
        "Zero γ: the last norm of each branch begins at 0. SkipInit: a learnt factor at the end of each branch begins "
        "at 0, beside the batch norms.",
    ),
    differences=(
        "Quick: 56 layers on 8×8 digits for 8 epochs.",
        "SkipInit stands beside batch norm here, where its paper takes batch norm away.",
        "Fixup is left out: it needs a norm-free network with biases of its own.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick, digits", data="digits 8×8, 56 layers, 8 epochs, batch 64", seconds=540,
            sweep=_sweep("Start-up remedies", (1, 2, 3), FAST),
        ),
        Scale(
            key="cifar", title="CIFAR-10", data="CIFAR-10, 56 layers, 470 steps, batch 128", seconds=3 * 6 * 130,
            sweep=_sweep("Start-up remedies, CIFAR-10", (1, 2, 3), CIFAR, warmup=100),
        ),
        Scale(
            key="paper", title="Paper scale", data="CIFAR-10, 110 layers, 64,000 steps, batch 128",
            seconds=5 * 6 * PAPER_HOURS[110] * HOUR, needs_gpu=True, seeds=PAPER_SEEDS,
            sweep=_sweep("Start-up remedies, 110 layers", PAPER_SEEDS, PAPER, depth=110, warmup=400),
        ),
    ),
)  # fmt: skip

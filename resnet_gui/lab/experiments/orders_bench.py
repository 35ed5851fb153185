"""Orders bench: where batch norm and ReLU go (He et al. 2016, section 4)."""

from __future__ import annotations

from resnet_gui.lab.counting import one_early_picture, one_test_picture, one_training_picture
from resnet_gui.lab.experiment import Claim, Experiment, Figures, Question, Scale
from resnet_gui.lab.networks import CIFAR, HOUR, PAPER_DEEP, PAPER_HOURS, PAPER_SEEDS, QUICK, network_sweep, residual
from resnet_gui.lab.results import Results, ScaleKey, difference, mean
from resnet_gui.sweeps.statistics import Bound

ORIGINAL, BN_AFTER, RELU_BEFORE, RELU_ONLY, FULL = (
    "original", "BN after addition", "ReLU before addition", "ReLU-only pre-activation", "full pre-activation",
)  # fmt: skip
ORDERS = {
    ORIGINAL: "original", BN_AFTER: "bn_after_addition", RELU_BEFORE: "relu_before_addition",
    RELU_ONLY: "relu_only_preact", FULL: "full_preact",
}  # fmt: skip
NETWORKS = {label: residual(110, order=order) for label, order in ORDERS.items()}


def early(results: Results, network: str) -> Figures:
    """Mean training error of the batches of steps 51 to 100, in per cent, by seed."""
    return results.run(network, lambda run: None if run.early_error is None else 100 * run.early_error)


def slower_than_all(results: Results) -> Figures:
    """Early error of BN after addition minus the highest of the other orders, in points, by seed."""
    others = [early(results, network) for network in ORDERS if network != BN_AFTER]
    return {
        seed: value - max(other[seed] for other in others)
        for seed, value in early(results, BN_AFTER).items()
        if all(seed in other for other in others)
    }


def _slowest(results: Results) -> str:
    return max(ORDERS, key=lambda network: mean(early(results, network)))


_PAPER = "He et al. 2016"
_TABLE = f"{_PAPER}, Table 2"
_TOO_SHORT = "not decidable here: the paper's difference takes 64,000 steps of CIFAR-10"
_SMALL: dict[ScaleKey, str] = {"quick": _TOO_SHORT, "cifar": _TOO_SHORT}


def _against_original(key: str, title: str, network: str, printed: float) -> Claim:
    better = printed < 6.61
    return Claim(
        key=key, title=title, measured=f"{network} − original, test error",
        paper=f"{printed:.2f} against 6.61 % at 110 layers", source=_TABLE, paper_value=round(printed - 6.61, 2),
        values=lambda results: difference(results.test_percent(network), results.test_percent(ORIGINAL)),
        bound=Bound(high=0.0) if better else Bound(low=0.0), unit="points", decimals=2, undecidable=_SMALL,
        resolution=one_test_picture, difference=True,
    )  # fmt: skip


EXPERIMENT = Experiment(
    key="orders-bench",
    title="Orders bench",
    group="trains",
    question="Where do batch norm and ReLU go: before the convolutions, behind them, behind the addition?",
    short="Where do BN and ReLU go?",
    paper=_PAPER,
    figure="Table 2",
    citation="K. He, X. Zhang, S. Ren, J. Sun, “Identity Mappings in Deep Residual Networks”, 2016, section 4, Fig. 6 "
    "and Table 2.",
    questions=(
        Question(
            key="slowest", text="Slowest in steps 51 to 100 is", options=tuple(ORDERS),
            rule="highest mean training error of these steps", outcome=_slowest,
            shown=lambda results: f"error {max(mean(early(results, network)) for network in ORDERS):.0f} %",
        ),
    ),
    claims=(
        Claim(
            key="slow-start", title="BN after addition starts slower",
            measured="BN after addition − original, training error of steps 51 to 100",
            paper="harder at the beginning of training (curves, no number)", source=f"{_PAPER}, Fig. 6 left",
            values=lambda results: difference(early(results, BN_AFTER), early(results, ORIGINAL)),
            bound=Bound(low=0.0), unit="points", resolution=one_early_picture, difference=True,
        ),
        Claim(
            key="slow", title="BN after addition trains worse",
            measured="BN after addition − original, training error",
            paper="harder to reduce the training loss (curves, no number)", source=f"{_PAPER}, Fig. 6 left",
            values=lambda results: difference(results.train_percent(BN_AFTER), results.train_percent(ORIGINAL)),
            bound=Bound(low=0.0), unit="points", resolution=one_training_picture, difference=True,
        ),
        Claim(
            key="slowest", title="BN after addition starts slowest",
            measured="BN after addition − slowest other order, training error of steps 51 to 100",
            paper="not quoted: the paper draws it against the original only", source="this program", of_paper=False,
            values=slower_than_all, bound=Bound(low=0.0), unit="points",
            resolution=one_early_picture, difference=True,
        ),
        _against_original("bn-after", "BN after addition ends worse", BN_AFTER, 8.17),
        _against_original("relu-before", "ReLU before addition ends worse", RELU_BEFORE, 7.84),
        _against_original("full", "Full pre-activation ends better", FULL, 6.37),
    ),
    look_for=(
        "Look at the **start**: a batch norm behind the addition changes the signal on every shortcut, so 54 of them "
        "stand between the loss and the first layer.",
        "The differences at the end are a few tenths of a point in the paper. Short training on small pictures cannot "
        "show them, and the verdict says so.",
        "At 20 layers there is nothing to see at all: an independent rerun found 8.29 against 8.34 % there, and 6.97 "
        "against 13.56 % at 110.",
    ),
    protocol=(
        "110 layers with option A in five orders (He et al. 2016, Fig. 4), one recipe, paired by seed. Speed at the "
        "start is the mean training error of the batches of steps 51 to 100.",
    ),
    differences=(
        "Quick: 8×8 digits for 8 epochs, where the paper has CIFAR-10 for 64,000 steps.",
        "The start is told by the error and not by the loss: at first the original order and ReLU before addition "
        "overshoot, and lose up to tens of nats before they recover.",
        "Pre-activation networks are those of 110 layers with option A, for equal parameters.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick, digits", data="digits 8×8, 110 layers, 8 epochs, batch 64", seconds=1080,
            sweep=network_sweep("Orders bench", NETWORKS, (1, 2, 3), QUICK),
        ),
        Scale(
            key="cifar", title="CIFAR-10", data="CIFAR-10, 110 layers, 470 steps, batch 128", seconds=3 * 5 * 260,
            sweep=network_sweep("Orders bench, CIFAR-10", NETWORKS, (1, 2, 3), CIFAR),
        ),
        Scale(
            key="paper", title="Paper scale", data="CIFAR-10, 110 layers, 64,000 steps, batch 128",
            seconds=5 * 5 * PAPER_HOURS[110] * HOUR, needs_gpu=True, seeds=PAPER_SEEDS,
            sweep=network_sweep("Orders bench, as the paper", NETWORKS, PAPER_SEEDS, PAPER_DEEP),
        ),
    ),
)  # fmt: skip

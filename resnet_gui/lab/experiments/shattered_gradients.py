"""Shattered gradients: do two almost equal inputs get almost the same gradient (Balduzzi et al. 2017)?"""

from __future__ import annotations

from collections.abc import Callable

from resnet_gui.design.spec import Design
from resnet_gui.lab.experiment import Claim, Experiment, Figures, Question, Scale
from resnet_gui.lab.measured.gradients import GradientSetup, GradientsMeasured
from resnet_gui.lab.networks import digits_spec
from resnet_gui.lab.results import ALL, Results, difference, mean
from resnet_gui.sweeps.statistics import Bound

DEPTHS = (20, 56, 110)
DESIGNS = tuple(
    Design(name=f"{name}-{depth}", spec=digits_spec(depth, shortcut=shortcut))
    for name, shortcut in (("plain", "none"), ("ResNet", "A"))
    for depth in DEPTHS
)


def neighbours(results: Results, name: str) -> Figures:
    """Correlation of the gradients at neighbouring points in a network, by seed."""
    return results.of(ALL, lambda found: _neighbours_of(found, name))


def _neighbours_of(found: GradientsMeasured, name: str) -> float | None:
    return next((design.series.neighbours for design in found.designs if design.name == name), None)


def _outcome(name: str) -> Callable[[Results], str]:
    def outcome(results: Results) -> str:
        value = mean(neighbours(results, name))
        return "under 0.3" if value < 0.3 else "over 0.7" if value > 0.7 else "0.3 to 0.7"

    return outcome


def _question(key: str, name: str) -> Question:
    return Question(
        key=key, text=f"Correlation of neighbours, {name}", options=("under 0.3", "0.3 to 0.7", "over 0.7"),
        rule="mean over the seeds of the correlation between the gradients at neighbouring points",
        outcome=_outcome(name),
        shown=lambda results: f"{mean(neighbours(results, name)):.2f}".replace("-", "−"),
    )  # fmt: skip


_PAPER = "Balduzzi et al. 2017"

EXPERIMENT = Experiment(
    key="shattered-gradients",
    title="Shattered gradients",
    group="untrained",
    question="Do two almost equal inputs get almost the same gradient, before any training?",
    short="Do neighbours agree?",
    paper=_PAPER,
    figure="Fig. 1",
    citation="D. Balduzzi, M. Frean, L. Leary, J. Lewis, K. Ma, B. McWilliams, “The Shattered Gradients Problem: If "
    "resnets are the answer, then what is the question?”, 2017.",
    questions=(
        _question("plain-20", "plain-20"), _question("plain-56", "plain-56"), _question("ResNet-56", "ResNet-56"),
    ),
    claims=(
        Claim(
            key="shatter", title="Plain gradients shatter", measured="plain-20 − plain-56, correlation of neighbours",
            paper="correlation decays exponentially with depth", source=f"{_PAPER}, abstract",
            values=lambda results: difference(neighbours(results, "plain-20"), neighbours(results, "plain-56")),
            bound=Bound(low=0.2), decimals=2,
        ),
        Claim(
            key="whole", title="Shortcuts keep them whole",
            measured="ResNet-110 − plain-110, correlation of neighbours",
            paper="far more resistant to shattering", source=f"{_PAPER}, abstract",
            values=lambda results: difference(neighbours(results, "ResNet-110"), neighbours(results, "plain-110")),
            bound=Bound(low=0.3), decimals=2,
        ),
        Claim(
            key="root", title="Decay is 1/√L", measured="slope of log correlation against log depth, residual networks",
            paper="1/√L with batch norm, a slope of −0.5", source=_PAPER, paper_value=-0.5,
            values=lambda results: results.of(ALL, lambda found: found.residual_slope),
            bound=Bound(low=-0.65, high=-0.35), decimals=2,
        ),
    ),
    look_for=(
        "Top row, left to right: a wandering line turns into hiss (**white noise**): nearby inputs pull the weights in "
        "unrelated directions.",
        "Bottom row: it stays a wandering line (**brown noise**). Nothing has been trained: it is the design that "
        "differs.",
        "The theory's 1/√L is that of its own, wider and simpler networks; here the residual correlation falls more "
        "slowly.",
    ),
    protocol=(
        "Each network is drawn anew for each seed. Inputs lie evenly on the line between two digits of the set inside, "
        "drawn anew for each seed too.",
        "The gradient of the sum of the outputs is taken at each input. Correlation of neighbours is the sample "
        "autocorrelation at distance 1 along the line, of each value of the input, averaged over these.",
        "Batch norms use the statistics of the points as a batch, and the gradient goes through them, as in the paper; "
        "the other rule keeps them fixed.",
    ),
    differences=(
        "Networks of He et al. 2015 for 8×8 digits, where the paper has fully connected ones of one input for Fig. 1 "
        "and its own convolutional ones.",
        "The line joins two pictures; the paper's Fig. 1 varies one number.",
        "The paper's “looks linear” initialisation is left out.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick", data="128 points between two digits, 6 networks", seconds=5,
            designs=DESIGNS, setup=GradientSetup(),
        ),
    ),
    measures=GradientsMeasured,
)  # fmt: skip

"""Layer responses: how strongly the layers of a trained network respond (He et al. 2015, Fig. 7)."""

from __future__ import annotations

from resnet_gui.lab.experiment import ANY_DEPTH, Claim, Experiment, Figures, Question, Role, Scale
from resnet_gui.lab.measured.responses import ResponseSetup, ResponsesMeasured
from resnet_gui.lab.networks import SHARED_NETWORKS
from resnet_gui.lab.results import Results, difference, mean
from resnet_gui.sweeps.statistics import Bound

RESIDUAL, PLAIN, DEEP = "residual", "plain", "deep"
SHALLOW_DEPTHS, DEEP_DEPTHS = (1, 40), (41, ANY_DEPTH)


def response(results: Results, role: str) -> Figures:
    """Mean over the layers of their standard deviations, by seed."""
    return results.of(role, lambda found: found.mean)


def _compared(results: Results, role: str, other: str) -> str:
    gap = mean(difference(response(results, role), response(results, other)))
    base = mean(response(results, other))
    return "the same" if abs(gap) <= 0.05 * base else "stronger" if gap > 0 else "weaker"


def _question(key: str, text: str, role: str, other: str) -> Question:
    return Question(
        key=key, text=text, options=("weaker", "the same", "stronger"),
        rule="mean standard deviation over the layers; the same is within 5 %",
        outcome=lambda results: _compared(results, role, other),
        shown=lambda results: f"{mean(response(results, role)):.2f} against {mean(response(results, other)):.2f}",
    )  # fmt: skip


_PAPER = "He et al. 2015"

EXPERIMENT = Experiment(
    key="layer-responses",
    title="Layer responses",
    group="finished-run",
    question="Do residual layers change the signal less than plain ones, and the less the more there are?",
    short="How strongly do layers respond?",
    paper=_PAPER,
    figure="Fig. 7",
    citation="K. He, X. Zhang, S. Ren, J. Sun, “Deep Residual Learning for Image Recognition”, 2015, section 4.2 and "
    "Fig. 7.",
    questions=(
        _question("residual", "Layers of the residual network respond, against the plain one", RESIDUAL, PLAIN),
        _question("deeper", "Layers of the deeper residual network respond, against the shallow one", DEEP, RESIDUAL),
    ),
    claims=(
        Claim(
            key="smaller", title="Residual layers respond less", roles=(RESIDUAL, PLAIN),
            measured="residual − plain, mean of the layers' std",
            paper="generally smaller responses than the plain ones (plot, no number)", source=f"{_PAPER}, Fig. 7",
            values=lambda results: difference(response(results, RESIDUAL), response(results, PLAIN)),
            bound=Bound(high=0.0), decimals=2,
        ),
        Claim(
            key="deeper", title="Deeper: smaller still", roles=(DEEP, RESIDUAL),
            measured="deeper residual − shallow residual, mean of the layers' std",
            paper="the deeper ResNet has smaller responses (plot, no number)", source=f"{_PAPER}, Fig. 7",
            values=lambda results: difference(response(results, DEEP), response(results, RESIDUAL)),
            bound=Bound(high=0.0), decimals=2,
        ),
    ),
    look_for=(
        "Each bar is a 3×3 layer's output **behind its norm and before activation or addition**. Residual layers add "
        "small changes to a signal that is there already.",
        "Sorted by size the order of the networks is easier to see than layer by layer.",
    ),
    protocol=(
        "Standard deviation of each 3×3 layer's output over pictures, channels and positions, in the original order "
        "and sorted, as in Fig. 7.",
        "Pre-activation orders have no norm between a convolution and the addition, so they have no such point.",
    ),
    differences=(
        "Quick: networks of 8 epochs on 8×8 digits; training pictures without augmentation.",
        "The mean over the layers is ours; the paper shows the layers in a plot.",
        "plain-56 is left out: at this length it does not train.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick", data="networks of 8 epochs on the digits inside, 256 pictures",
            seconds=60, setup=ResponseSetup(),
            sweep=SHARED_NETWORKS, shared=True,
        ),
    ),
    roles=(
        Role(key=RESIDUAL, title="Residual", plain=False, depths=SHALLOW_DEPTHS, network="ResNet-20"),
        Role(key=PLAIN, title="Plain", plain=True, network="plain-20"),
        Role(key=DEEP, title="Deeper residual", plain=False, depths=DEEP_DEPTHS, network="ResNet-56"),
    ),
    measures=ResponsesMeasured,
)  # fmt: skip

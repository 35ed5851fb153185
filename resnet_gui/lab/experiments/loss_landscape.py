"""Loss landscape: whether shortcuts smooth the loss around trained weights (Li et al. 2018)."""

from __future__ import annotations

import math

from resnet_gui.lab.experiment import ANY_DEPTH, Claim, Experiment, Figures, Question, Role, Scale
from resnet_gui.lab.measured.landscape import LandscapeSetup, LossSurface, bends, compare_losses
from resnet_gui.lab.networks import QUICK, network_sweep, plain, residual
from resnet_gui.lab.results import Results, mean, quotient
from resnet_gui.sweeps.statistics import Bound

RESIDUAL, PLAIN, RESIDUAL_20, PLAIN_20 = "residual", "plain", "residual-20", "plain-20"
SHALLOW_DEPTHS, DEEP_DEPTHS = (1, 26), (27, ANY_DEPTH)
ALIKE = 2.0
"""Factor up to which two surfaces count as equally rough."""


def refusal(results: Results, residual_role: str, plain_role: str) -> str:
    """Why two networks' surfaces may not be compared, "not comparable: ..."; empty where they may, or are not there."""
    for seed in results.measured.get(plain_role, {}):
        if seed in results.measured.get(residual_role, {}):
            reason = unlike(results, residual_role, plain_role, seed)
            if reason:
                return reason
    return ""


def unlike(results: Results, residual_role: str, plain_role: str, seed: int) -> str:
    """Why the surfaces of a seed may not be compared; the loss of guessing is that of the networks' own classes."""
    classes = {results.networks[role].classes for role in (residual_role, plain_role) if role in results.networks}
    if not classes:
        return "not comparable: the runs cannot be read any more, so nobody knows their classes"
    if len(classes) > 1:
        return f"not comparable: networks of {' and '.join(map(str, sorted(classes)))} classes"
    plain, other = (results.measured[role][seed] for role in (plain_role, residual_role))
    return compare_losses(plain.training_loss, other.training_loss, classes.pop()).reason


def roughness(results: Results, residual_role: str, plain_role: str) -> Figures:
    """Bends of log loss around the plain network over those around the residual one, by seed of the directions."""
    found: dict[int, float] = {}
    for seed, one in results.measured.get(plain_role, {}).items():
        other = results.measured.get(residual_role, {}).get(seed)
        if other is None or not (one.finished and other.finished):
            continue
        if not unlike(results, residual_role, plain_role, seed):
            found[seed] = quotient(bends(_known(one)), bends(_known(other)))
    return found


def _known(surface: LossSurface) -> list[list[float]]:
    return [[math.inf if loss is None else loss for loss in row] for row in surface.grid()]


def _alike(results: Results, residual_role: str, plain_role: str) -> str:
    values = roughness(results, residual_role, plain_role)
    if not values and refusal(results, residual_role, plain_role):
        return "not comparable"
    value = mean(values)
    return "rougher" if value > ALIKE else "smoother" if value < 1 / ALIKE else "alike"


def _shown(results: Results, residual_role: str, plain_role: str) -> str:
    values = roughness(results, residual_role, plain_role)
    return f"× {mean(values):.1f}" if values else refusal(results, residual_role, plain_role)


def _question(key: str, text: str, residual_role: str, plain_role: str) -> Question:
    return Question(
        key=key, text=text, options=("smoother", "alike", "rougher", "not comparable"),
        rule=f"mean ratio of the bends of log loss, plain over residual; alike is up to a factor of {ALIKE:g}; not "
        "comparable where the training losses differ too much",
        outcome=lambda results: _alike(results, residual_role, plain_role),
        shown=lambda results: _shown(results, residual_role, plain_role),
    )  # fmt: skip


_PAPER = "Li et al. 2018"

EXPERIMENT = Experiment(
    key="loss-landscape",
    title="Loss landscape",
    group="finished-run",
    question="Do shortcuts smooth the loss around the trained weights?",
    short="Do shortcuts smooth it?",
    paper=_PAPER,
    figure="Figs. 1 and 5",
    citation="H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, “Visualizing the Loss Landscape of Neural Nets”, 2018.",
    questions=(
        _question("deep", "Around the deep plain network, against the residual one, the loss is", RESIDUAL, PLAIN),
        _question(
            "shallow", "Around the shallow plain network, against the residual one, the loss is", RESIDUAL_20, PLAIN_20
        ),
    ),
    claims=(
        Claim(
            key="rougher", title="Without shortcuts: rougher", roles=(PLAIN, RESIDUAL), one_depth=True,
            measured="bends of log loss, plain over residual of one depth, more than 26 layers",
            paper="chaotic without shortcuts at 56 and 110 layers (pictures, no number)", source=_PAPER,
            values=lambda results: roughness(results, RESIDUAL, PLAIN), bound=Bound(low=ALIKE), unit="×", signed=False,
            missing=lambda results: refusal(results, RESIDUAL, PLAIN),
        ),
        Claim(
            key="alike", title="Shallow: alike", roles=(PLAIN_20, RESIDUAL_20), one_depth=True,
            measured="bends of log loss, plain over residual of one depth, up to 26 layers",
            paper="shortcuts hardly matter at 20 layers (pictures, no number)", source=_PAPER,
            values=lambda results: roughness(results, RESIDUAL_20, PLAIN_20),
            bound=Bound(low=1 / ALIKE, high=ALIKE), unit="×", signed=False,
            missing=lambda results: refusal(results, RESIDUAL_20, PLAIN_20),
        ),
    ),
    look_for=(
        "Compare only at **equal training loss**: a network that never fitted is not in a minimum, and what surrounds "
        "it says nothing about shortcuts. Where the losses differ too much, the figure is refused and says why.",
        "What looks convex on a plane need not be convex: the plane is two directions of hundreds of thousands.",
        "Batch norms keep their trained statistics; measured again at each point, the surface looks different.",
    ),
    protocol=(
        "Two directions of normal numbers, each filter scaled to the norm of the network's own; biases and norms "
        "stay. The loss over training pictures without augmentation on a grid of 25 × 25 points from −1 to 1, coarse "
        "to fine.",
        "Seeds are pairs of directions around one network each. Bends are the mean of the absolute second differences "
        "of log loss along rows and columns.",
    ),
    differences=(
        "Quick: 25 × 25 points and 360 pictures of the digits, where the paper has 51 × 51 points and all of CIFAR-10.",
        "The deep pair has 32 layers, and its plain network learns at 0.02: at 56 layers a plain network does not fit "
        "within minutes.",
        "The number of bends is ours; the paper compares pictures.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick", data="networks on the digits inside, 25 × 25 points, 360 pictures",
            seconds=240, setup=LandscapeSetup(), draws=True,
            sweep=network_sweep(
                "Networks for landscapes",
                {
                    "ResNet-32": residual(32), "plain-32": plain(32) | {"lr": 0.02, "epochs": 16},
                    "ResNet-20": residual(20), "plain-20": plain(20),
                },
                (1,),
                QUICK,
            ),
        ),
    ),
    roles=(
        Role(key=RESIDUAL, title="Deep residual", plain=False, depths=DEEP_DEPTHS, network="ResNet-32"),
        Role(key=PLAIN, title="Deep plain", plain=True, depths=DEEP_DEPTHS, network="plain-32"),
        Role(key=RESIDUAL_20, title="Shallow residual", plain=False, depths=SHALLOW_DEPTHS, network="ResNet-20"),
        Role(key=PLAIN_20, title="Shallow plain", plain=True, depths=SHALLOW_DEPTHS, network="plain-20"),
    ),
    measures=LossSurface,
)  # fmt: skip

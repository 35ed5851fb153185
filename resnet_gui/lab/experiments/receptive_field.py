"""Receptive field: how much of what a unit could see it really sees (Luo et al. 2016)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from resnet_gui.design.spec import Design, evolve
from resnet_gui.lab.experiment import Claim, Experiment, Figures, Question, Scale
from resnet_gui.lab.measured.gradients import log_slope
from resnet_gui.lab.measured.receptive_field import EffectiveField, ReceptiveFieldMeasured, ReceptiveFieldSetup
from resnet_gui.lab.networks import CIFAR_INPUT, digits_spec
from resnet_gui.lab.results import ALL, Results, difference, mean
from resnet_gui.sweeps.statistics import Bound

DEPTHS = (20, 32, 44, 56, 110)
EDGE = 128
"""Pixels of the inputs: at 32 pixels the field of 20 layers is cut off already, at 64 that of plain-32."""
INPUTS = 8

DESIGNS = tuple(
    Design(name=f"{name}-{depth}", spec=evolve(digits_spec(depth, shortcut=shortcut), input=CIFAR_INPUT))
    for name, shortcut in (("plain", "none"), ("ResNet", "A"))
    for depth in DEPTHS
)


def field(found: ReceptiveFieldMeasured, name: str) -> EffectiveField | None:
    """The field of a network that was not trained, by its name."""
    return next((field for field in found.fields if field.name == name and not field.trained), None)


def radius(results: Results, name: str) -> Figures:
    """2σ radius of a network's field, in pixels, by seed."""

    def of(found: ReceptiveFieldMeasured) -> float | None:
        one = field(found, name)
        return one.radius if one else None

    return results.of(ALL, of)


def growth(results: Results) -> Figures:
    """2σ radius of the first trained network minus that of its drawn twin, in pixels, by seed."""

    def of(found: ReceptiveFieldMeasured) -> float | None:
        trained = next((one for one in found.fields if one.trained), None)
        drawn = field(found, trained.name) if trained is not None else None
        return trained.radius - drawn.radius if trained is not None and drawn is not None else None

    return results.of(ALL, of)


def share(results: Results, name: str) -> Figures:
    """Effective over theoretical edge of a network's field, in per cent, by seed."""

    def of(found: ReceptiveFieldMeasured) -> float | None:
        one = field(found, name)
        return 100 * one.share if one else None

    return results.of(ALL, of)


def one_pixel(results: Results, name: str) -> float:
    """The step of ``share``: the edge of a square of one pixel more over the theoretical edge, in per cent."""
    fields = [field(found, name) for found in results.measured.get(ALL, {}).values()]
    return max(
        (100 * (math.sqrt(one.area + 1) - math.sqrt(one.area)) / one.theory for one in fields if one), default=0.0
    )


def slope(results: Results, family: str) -> Figures:
    """Slope of log radius against log depth of a family's networks, by seed."""

    def of(found: ReceptiveFieldMeasured) -> float | None:
        fields = [one for depth in DEPTHS if (one := field(found, f"{family}-{depth}")) is not None]
        if not all(0 < one.radius < math.inf for one in fields):
            return None
        return log_slope([math.log(one.depth) for one in fields], [math.log(one.radius) for one in fields])

    return results.of(ALL, of)


def _share_outcome(values: Mapping[int, float]) -> str:
    value = mean(values)
    return "under a quarter" if value < 25 else "over a half" if value > 50 else "a quarter to a half"


def _smaller(results: Results) -> str:
    gap = mean(difference(radius(results, "ResNet-56"), radius(results, "plain-56")))
    return "smaller" if gap < -0.5 else "larger" if gap > 0.5 else "the same"


_PAPER = "Luo et al. 2016"

EXPERIMENT = Experiment(
    key="receptive-field",
    title="Receptive field",
    group="untrained",
    question="How much of what a unit could see does it really see?",
    short="How much is really seen?",
    paper=_PAPER,
    figure="abstract",
    citation="W. Luo, Y. Li, R. Urtasun, R. Zemel, “Understanding the Effective Receptive Field in Deep Convolutional "
    "Neural Networks”, 2016.",
    questions=(
        Question(
            key="share", text="Effective over theoretical edge, plain-56",
            options=("under a quarter", "a quarter to a half", "over a half"),
            rule="edge of the square of pixels above 4.55 % of the largest, over the theoretical edge",
            outcome=lambda results: _share_outcome(share(results, "plain-56")),
            shown=lambda results: f"{mean(share(results, 'plain-56')):.0f} %",
        ),
        Question(
            key="skips", text="With shortcuts, the field of 56 layers is", options=("smaller", "the same", "larger"),
            rule="mean difference of the 2σ radii of ResNet-56 and plain-56; the same is within half a pixel",
            outcome=_smaller,
            shown=lambda results: f"{mean(radius(results, 'ResNet-56')):.1f} against "
            f"{mean(radius(results, 'plain-56')):.1f} pixels",
        ),
    ),
    claims=(
        Claim(
            key="fraction", title="Only a part is really seen", measured="effective over theoretical edge, plain-56",
            paper="only a fraction of the full theoretical field", source=f"{_PAPER}, abstract",
            values=lambda results: share(results, "plain-56"), bound=Bound(high=75.0), unit="%", signed=False,
            resolution=lambda results: one_pixel(results, "plain-56"),
        ),
        Claim(
            key="root", title="It grows as the root of depth",
            measured="slope of log 2σ radius against log depth, plain networks",
            paper="√n for n equal convolutions, a slope of 0.5", source=_PAPER, paper_value=0.5,
            values=lambda results: slope(results, "plain"), bound=Bound(low=0.35, high=0.65), decimals=2, signed=False,
        ),
        Claim(
            key="skips", title="Shortcuts make it smaller", measured="ResNet-56 − plain-56, 2σ radius",
            paper="skip connections make it smaller", source=_PAPER,
            values=lambda results: difference(radius(results, "ResNet-56"), radius(results, "plain-56")),
            bound=Bound(high=0.0), unit="pixels", decimals=1,
        ),
        Claim(
            key="grows", title="It grows in training", measured="finished run − the same network drawn, 2σ radius",
            paper="grows in training (no number quoted)", source=_PAPER,
            values=growth, bound=Bound(low=0.0), unit="pixels", decimals=1,
            missing=lambda _: "name a finished run to compare with",
        ),
    ),
    look_for=(
        "The theoretical field is a box; what really moves a unit is a **round hill** in its middle, close to a "
        "Gaussian.",
        "On logarithmic axes the theory climbs with slope 1, the hill with about half of it.",
        "With shortcuts short paths count more, so the hill is narrower at the same depth.",
    ),
    protocol=(
        "The unit in the middle of the last stage's map, all channels added up; its gradient at the input, averaged "
        f"in absolute value over {INPUTS} inputs of Gaussian noise.",
        "2σ radius: σ² is half the mean squared distance from the hill's own middle. Edge: that of the square with as "
        "many pixels as are above 4.55 % of the largest.",
        "After training: on a finished run of the same design (Measure on a run).",
    ),
    differences=(
        f"Networks of He et al. 2015 with their two strides, on inputs of {EDGE} pixels, where the paper's theory is "
        "of equal convolutions without strides. A field that is larger than the input is cut off at it.",
        "The 2σ radius is our definition; the threshold of 4.55 % is what lies outside two σ of a Gaussian.",
    ),
    scales=(
        Scale(
            key="quick", title="Quick", data=f"{INPUTS} inputs of {EDGE} × {EDGE} noise, 10 networks", seconds=40,
            designs=DESIGNS, setup=ReceptiveFieldSetup(inputs=INPUTS, edge=EDGE),
        ),
    ),
    measures=ReceptiveFieldMeasured,
    also_runs=True,
)  # fmt: skip

"""What is said of an attribution: its figures in a line, and how its method was done."""

from __future__ import annotations

from typing import Final

from resnet_gui.gui.predict.explain.map_grid import number
from resnet_gui.protocol.attribution_settings import AttributionSettings, Background, Method, Quadrature
from resnet_gui.protocol.explain_events import Attribution, RandomisedMap

TITLES: Final[dict[Method, str]] = {
    "lrp": "Relevance (LRP)",
    "integrated-gradients": "Integrated gradients",
    "smoothgrad": "SmoothGrad",
    "occlusion": "Occlusion",
    "grad-cam": "Grad-CAM",
}
"""In the order of the list."""

SOURCES: Final[dict[Method, str]] = {
    "lrp": "Bach et al. 2015",
    "integrated-gradients": "Sundararajan et al. 2017",
    "smoothgrad": "Smilkov et al. 2017",
    "occlusion": "Zeiler and Fergus 2014",
    "grad-cam": "Selvaraju et al. 2017",
}

_BACKGROUNDS: Final[dict[Background, str]] = {
    "black": "black",
    "mean": "the mean colour",
    "blurred": "the blurred picture",
}


QUADRATURE_TITLES: Final[dict[Quadrature, str]] = {
    "gauss-legendre": "Gauss–Legendre",
    "midpoint": "midpoint",
    "trapezoid": "trapezoid",
}


def signed_number(value: float) -> str:
    """A value in two digits with its sign."""
    return f"{value:+.2g}".replace("-", "−")


def settings_words(method: Method, settings: AttributionSettings, place: str = "") -> str:
    """How a method was done, with its source; ``place`` is what people call the location of Grad-CAM."""
    match method:
        case "lrp":
            biases = "spread" if settings.biases == "spread" else "absorbed"
            share = "absolute values" if settings.split == "absolute" else "values"
            words = f"rule {settings.rule}, additions by {share}, biases {biases}"
        case "integrated-gradients":
            rule, start = QUADRATURE_TITLES[settings.quadrature], _BACKGROUNDS[settings.background]
            words = f"{settings.steps} steps of {rule} from {start}"
        case "smoothgrad":
            noise = f"noise {100 * settings.sigma:.0f}\u2009%"
            words = f"mean gradient of {settings.samples} pictures, {noise}, seed {settings.seed}"
        case "occlusion":
            covered = f"{settings.window} × {settings.window} pixels every {settings.stride}"
            words = f"{covered}, covered by {_BACKGROUNDS[settings.background]}"
        case "grad-cam":
            words = f"at {place or settings.location}"
    return f"{words} ({SOURCES[method]})"


def figures_words(found: Attribution, label: str) -> str:
    """By how much the map misses what it should add up to, and the logit that it explains."""
    logit = f"logit of {label} {number(found.score)}"
    if found.expected is None or found.error is None:
        return logit.capitalize()
    share = "" if found.error_percent is None else f" ({signed_number(found.error_percent)}\u2009%)"
    words = f"Completeness error {signed_number(found.error)} logits{share}: {logit}"
    if found.method == "integrated-gradients":
        words += f", {number(found.expected)} above the baseline's"
    words += f"; the map adds up to {number(found.total)}"
    if abs(found.biases) >= 0.001 * abs(found.expected):
        words += f", biases to {number(found.biases)}"
    return words


def correlation_words(step: RandomisedMap, *, signed: bool) -> str:
    """The rank correlation of a map with that of the network itself."""
    found = step.correlation if signed else step.absolute_correlation
    if step.map is None:
        return "no finite number"
    return "no ranks" if found is None else f"ρ = {found:.2f}".replace("-", "−")

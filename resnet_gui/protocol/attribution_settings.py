"""How the methods are done that say which pixels speak for a class, and against it."""

from __future__ import annotations

import math
from typing import Final, Literal, get_args

import msgspec

from resnet_gui.base.errors import InputError

Method = Literal["integrated-gradients", "smoothgrad", "occlusion", "lrp", "grad-cam"]
Background = Literal["black", "mean", "blurred"]
"""What stands for "nothing": black; the mean that the network's preprocessing takes away; the picture, blurred."""

Quadrature = Literal["gauss-legendre", "midpoint", "trapezoid"]
RelevanceRule = Literal["composite", "epsilon", "gamma", "z-plus"]
Split = Literal["absolute", "signed"]
BiasShare = Literal["auto", "spread", "absorbed"]

METHODS: Final[tuple[Method, ...]] = get_args(Method)
BACKGROUNDS: Final[tuple[Background, ...]] = get_args(Background)
QUADRATURES: Final[tuple[Quadrature, ...]] = get_args(Quadrature)
RULES: Final[tuple[RelevanceRule, ...]] = get_args(RelevanceRule)
SPLITS: Final[tuple[Split, ...]] = get_args(Split)
BIAS_SHARES: Final[tuple[BiasShare, ...]] = get_args(BiasShare)

SPREADING: Final[tuple[RelevanceRule, ...]] = ("composite", "z-plus")
"""Rules whose shares have one sign, so that a bias can be left out of them."""

MOST_STEPS: Final = 1024
"""Of steps, samples and pixels: the places of Gauss-Legendre's quadrature take seconds beyond it."""

MOST_SEED: Final = 2**32 - 1
"""The largest seed; a random generator of torch takes more, one of numpy does not."""


class AttributionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of all methods; each reads its own fields.

    Attributes:
        background: baseline of integrated gradients, and what occlusion puts into its window.
        steps: of integrated gradients, from the baseline to the picture.
        quadrature: where on this way the gradient is taken, and with which weights.
        sigma: of SmoothGrad's noise, as a fraction of the largest less the smallest value of the normalised picture
            (Smilkov et al. 2017, section 3.1).
        samples: pictures with noise.
        seed: of the noise.
        window, stride: of occlusion, in pixels of the network's input; 0 for an eighth of its shorter side, and for
            half of the window.
        rule: of LRP: "epsilon", "gamma" and "z-plus" for every layer with weights; "composite" is z-plus for
            convolutions and epsilon for linear layers (Montavon et al. 2019, section 10.3).
        split: how LRP shares an addition among its summands: by their absolute values (Otsuki et al. 2024, eq. 9), or
            by themselves, as the epsilon rule does.
        biases: what LRP does with the share of a bias: "spread" gives it to the layer's inputs, "absorbed" to no pixel;
            "auto" spreads it with the rules of SPREADING and absorbs it with the others.
        epsilon: LRP's stabiliser as a fraction of the root mean square of a layer's outputs.
        gamma: how much more the gamma rule makes of what speaks for a unit.
        location: where in the network Grad-CAM looks, see ``analysis.locations``; empty for the default place.
        sanity_seed: of the random weights of the sanity check.
    """

    background: Background = "black"
    steps: int = 64
    quadrature: Quadrature = "gauss-legendre"
    sigma: float = 0.15
    samples: int = 32
    seed: int = 0
    window: int = 0
    stride: int = 0
    rule: RelevanceRule = "composite"
    split: Split = "absolute"
    biases: BiasShare = "auto"
    epsilon: float = 1e-6
    gamma: float = 0.25
    location: str = ""
    sanity_seed: int = 0


READ_BY: Final[dict[Method, tuple[str, ...]]] = {
    "integrated-gradients": ("background", "steps", "quadrature"),
    "smoothgrad": ("sigma", "samples", "seed"),
    "occlusion": ("background", "window", "stride"),
    "lrp": ("rule", "split", "biases", "epsilon", "gamma"),
    "grad-cam": ("location",),
}
"""Method -> the settings that it reads."""


def check_settings(settings: AttributionSettings) -> None:
    """Refuse settings with which nothing can be computed; what depends on the input is checked with it.

    Raises:
        InputError: the first of them, in a sentence.
    """
    whole = (
        ("steps", settings.steps, 1, MOST_STEPS), ("samples", settings.samples, 1, MOST_STEPS),
        ("seed", settings.seed, 0, MOST_SEED), ("sanity_seed", settings.sanity_seed, 0, MOST_SEED),
        ("window", settings.window, 0, MOST_STEPS), ("stride", settings.stride, 0, MOST_STEPS),
    )  # fmt: skip
    for name, value, low, high in whole:
        if not low <= value <= high:
            raise InputError(f"{name} is {value}; it must be from {low} to {high}.")
    for name, number, most in (
        ("sigma", settings.sigma, 10.0), ("epsilon", settings.epsilon, 1.0), ("gamma", settings.gamma, 100.0),
    ):  # fmt: skip
        if not (math.isfinite(number) and 0 <= number <= most):
            raise InputError(f"{name} is {number:g}; it must be from 0 to {most:g}.")
    if settings.quadrature == "trapezoid" and settings.steps < 2:
        raise InputError("steps is 1; the trapezoid rule needs both ends of the way, so 2 or more.")

    if settings.biases == "spread" and settings.rule not in SPREADING:
        raise InputError(
            f"biases is spread, but under the rule {settings.rule} a unit may be nothing without its bias, and its "
            f"shares then grow without bound; use absorbed, or the rule {' or '.join(SPREADING)}."
        )


def bias_share(settings: AttributionSettings) -> BiasShare:
    """What becomes of the share of a bias, decided."""
    if settings.biases != "auto":
        return settings.biases
    return "spread" if settings.rule in SPREADING else "absorbed"


def settings_read(method: Method, settings: AttributionSettings) -> dict[str, object]:
    """The settings that a method reads, by name."""
    return {name: getattr(settings, name) for name in READ_BY[method]}

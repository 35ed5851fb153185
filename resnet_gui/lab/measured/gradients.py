"""How alike the gradients at neighbouring inputs are in networks that were not trained (Balduzzi et al. 2017)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.design.bounds import Shape

DISTANCES: Final = 16
"""Points along the line up to which the autocorrelation is measured."""

LEAST_POINTS: Final = 2 * DISTANCES
MOST_POINTS: Final = 4096

BatchNormMode = Literal["batch", "fixed"]
"""Whose mean and variance batch norms use: those of the points on the line, as a batch, and the gradient goes through
them, so that the points depend on each other (the paper); or the same figures as constants, so that each point has a
gradient of its own. Networks without batch norm have only one answer."""


class InputPair(msgspec.Struct, frozen=True):
    """The two inputs that a line of points joins.

    Attributes:
        shape: channels, height, width.
        first: values (C·H·W,) of the input at 0, normalised, row by row, channel by channel.
        second: those of the input at 1.
        first_label: what it shows, such as "3"; empty if that is not known.
        second_label: the same of the other.
    """

    shape: Shape
    first: tuple[float, ...]
    second: tuple[float, ...]
    first_label: str = ""
    second_label: str = ""

    def __post_init__(self) -> None:
        """Refuse inputs of another size, and two that are one.

        Raises:
            InputError: the values do not fill the shape, are no numbers, or are the same twice.
        """
        size = math.prod(self.shape)
        if len(self.first) != size or len(self.second) != size:
            raise InputError(
                f"The two inputs have {len(self.first)} and {len(self.second)} values; their shape "
                f"{'×'.join(map(str, self.shape))} needs {size} each."
            )
        if not all(map(math.isfinite, (*self.first, *self.second))):
            raise InputError("An input of the pair holds values that are not finite numbers; choose another picture.")
        if self.first == self.second:
            raise InputError("The two inputs are the same, so there is no line between them; choose two.")


class GradientSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The way gradients along a line are measured.

    The output whose gradient is taken is the sum of a network's logits (of its features, where it has no head): one
    scalar for each input without any loss, as f in Balduzzi et al. 2017, section 2.

    Attributes:
        points: evenly spaced inputs on the line, both ends included; they are one batch.
        batch_norm: whose statistics batch norms use.
        pair: the two inputs; None for two digits of the set inside, drawn anew for each seed.
        digits: classes of the two digits.
    """

    points: int = 128
    batch_norm: BatchNormMode = "batch"
    pair: InputPair | None = None
    digits: tuple[int, int] = (3, 8)

    def __post_init__(self) -> None:
        """Refuse what cannot be measured.

        Raises:
            InputError: too few points for the distances, too many for a batch, or digits that are none.
        """
        if not LEAST_POINTS <= self.points <= MOST_POINTS:
            raise InputError(f"A line has {LEAST_POINTS} to {MOST_POINTS} points, not {self.points}.")
        if not all(0 <= digit <= 9 for digit in self.digits):
            raise InputError(f"The classes of the digits are 0 to 9, not {self.digits[0]} and {self.digits[1]}.")


class GradientSeries(msgspec.Struct, frozen=True):
    """Gradients along a line, or noise that is treated in the same way.

    Attributes:
        values: (points,), the gradient along the line's own direction, over its standard deviation; for drawing.
        autocorrelation: (17,), of points 0 to 16 apart: the sample autocorrelation of the gradient at each value of
            the input, averaged over these; 1 at distance 0. Values whose gradient is the same at all points are left
            out.
    """

    values: tuple[float, ...]
    autocorrelation: tuple[float, ...]

    @property
    def neighbours(self) -> float:
        """Correlation of the gradients at neighbouring points, from −1 to 1."""
        return self.autocorrelation[1]


class DesignGradients(msgspec.Struct, frozen=True):
    """The gradients of one network with freshly drawn weights.

    Attributes:
        name: of the design, as it was given.
        depth: layers with weights on the main path.
        residual: whether its blocks add their shortcuts; else it is a plain network.
        series: along the line.
        norm: Euclidean norm of a point's gradient, mean over the points.
    """

    name: str
    depth: int
    residual: bool
    series: GradientSeries
    norm: float


class GradientsMeasured(msgspec.Struct, frozen=True, kw_only=True):
    """Gradients along a line in several networks, of one seed.

    Attributes:
        setup: how they were measured.
        seed: of weights, pair and noise.
        pair: the two inputs of the line.
        designs: in the order in which they were given.
        white: independent normal numbers in place of gradients.
        brown: running sums of such numbers along the line.
        residual_slope: slope of log correlation against log depth of the residual networks (Balduzzi et al. 2017:
            the correlation of residual networks with batch norm falls as 1/√L, so −1/2); None if there are not two
            depths, or a correlation is not above 0.
    """

    setup: GradientSetup
    seed: int
    pair: InputPair
    designs: tuple[DesignGradients, ...]
    white: GradientSeries
    brown: GradientSeries
    residual_slope: float | None = None


def residual_slope(designs: Sequence[DesignGradients]) -> float | None:
    """Least-squares slope of log correlation of neighbours against log depth of the residual networks among some.

    Returns:
        None if there are not two depths, or a correlation is not above 0, so that it has no logarithm.
    """
    residual = [each for each in designs if each.residual]
    if any(each.series.neighbours <= 0 for each in residual):
        return None
    depths = [math.log(each.depth) for each in residual]
    correlations = [math.log(each.series.neighbours) for each in residual]
    return log_slope(depths, correlations)


def log_slope(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Least-squares slope of y against x; None if x has not two values."""
    if len(set(x)) < 2:
        return None
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return above / sum((a - x_mean) ** 2 for a in x)

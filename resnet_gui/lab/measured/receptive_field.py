"""Which pixels move a unit in the middle of a map, and how much, beside those that could (Luo et al. 2016)."""

from __future__ import annotations

import math
from typing import Final

import msgspec

from resnet_gui.base.errors import InputError

MOST_PIXELS: Final = 512
"""Edge of the largest input."""


class ReceptiveFieldSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The way the effective receptive field is measured.

    The unit is the middle one of the last stage's map, all its channels added up. Its gradient at the input is taken
    for inputs of independent normal numbers; what a pixel counts is the mean of the gradient's absolute value over
    inputs and channels. Batch norms of networks that were not trained use the mean and variance of the inputs as
    constants, those of trained ones their own.

    Attributes:
        inputs: how many inputs are averaged.
        edge: pixels along an edge of the inputs; 0 for the design's own input, at which the fields of deep networks are
            cut off (``EffectiveField.cut_off``).
        threshold: share of the largest value above which a pixel is counted into ``EffectiveField.area``. By default
            1 − 95.45 %, what a normal distribution has beyond 2σ.
    """

    inputs: int = 8
    edge: int = 128
    threshold: float = 0.0455

    def __post_init__(self) -> None:
        """Refuse what cannot be measured.

        Raises:
            InputError: a value is out of range.
        """
        if not 2 <= self.inputs <= 1000:
            raise InputError(f"A receptive field is averaged over 2 to 1000 inputs, not {self.inputs}.")
        if self.edge and not 8 <= self.edge <= MOST_PIXELS:
            raise InputError(f"The edge of the inputs is 8 to {MOST_PIXELS} pixels, or 0 for the design's own.")
        if not 0 < self.threshold < 1:
            raise InputError(f"The threshold is a share of the largest value between 0 and 1, not {self.threshold:g}.")


class EffectiveField(msgspec.Struct, frozen=True, kw_only=True):
    """The receptive field of the middle unit of one network.

    Attributes:
        name: of the design, as it was given.
        depth: layers with weights on the main path.
        residual: whether its blocks add their shortcuts; else it is a plain network.
        trained: whether its weights were trained; else they were freshly drawn.
        theory: edge of the theoretical field (pixels), not cut off at the input.
        height, width: of the input (pixels).
        centre: column and row of the middle of the theoretical field (pixels; the middle of the first is 0).
        values: (height · width,), row by row: what each pixel counts, over the largest.
        radius: 2σ (pixels), where σ² is half the mean squared distance from the values' own middle, weighted by
            them: the σ of a round Gaussian with that spread. Our definition.
        area: pixels whose value is above the setup's threshold.
        cut_off: whether one of these lies at the border of the input, so that the field would be larger without it.
    """

    name: str
    depth: int
    residual: bool
    trained: bool
    theory: int
    height: int
    width: int
    centre: tuple[float, float]
    values: tuple[float, ...]
    radius: float
    area: int
    cut_off: bool

    @property
    def size(self) -> float:
        """Edge of the square with as many pixels as are above the threshold (pixels)."""
        return math.sqrt(self.area)

    @property
    def diameter(self) -> float:
        """Twice the 2σ radius (pixels)."""
        return 2 * self.radius

    @property
    def share(self) -> float:
        """Effective size over theoretical size, of the edges."""
        return self.size / self.theory


class ReceptiveFieldMeasured(msgspec.Struct, frozen=True, kw_only=True):
    """Effective receptive fields of several networks, of one seed.

    Attributes:
        setup: how they were measured.
        seed: of weights and inputs.
        fields: in the order in which the networks were given.
    """

    setup: ReceptiveFieldSetup
    seed: int
    fields: tuple[EffectiveField, ...]

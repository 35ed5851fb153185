"""What an engine answers when it is asked to look into a network."""

from __future__ import annotations

import msgspec


class HeatMap(msgspec.Struct, frozen=True):
    """Grad-CAM at one location of a network (Selvaraju et al. 2017, eq. 1 and 2).

    Attributes:
        location: where, see ``analysis.locations``.
        values: of the map, 8-bit, row by row; 255 is its own largest value, 0 is none.
        peak: that largest value; 0 where nothing speaks for the class.
    """

    location: str
    height: int
    width: int
    values: bytes
    peak: float


class Explanation(msgspec.Struct, frozen=True, tag="explained"):
    """Heat maps of the evidence for a class on a picture.

    Attributes:
        target: number of the class that is explained.
        score: its logit, before any softmax.
        input_png: the network's input before it is normalised, as PNG.
        heats: one a location, in the order asked for.
        milliseconds: that it took, the picture's decoding left out.
    """

    job: int
    image: str
    target: int
    score: float
    input_png: bytes
    heats: tuple[HeatMap, ...]
    milliseconds: float


class FeatureMap(msgspec.Struct, frozen=True):
    """A channel on a picture: statistics, and its values, 8-bit between its own ``low`` and ``high``."""

    channel: int
    mean: float
    low: float
    high: float
    active: float
    values: bytes


class FeatureMaps(msgspec.Struct, frozen=True, tag="feature_maps"):
    """Channels of a layer's output on a picture.

    Attributes:
        shape: channels, height, width of its output.
        maps: those asked for; each is scaled between its own ``low`` and ``high``, and ``active`` is the fraction of
            its values above zero.
    """

    job: int
    image: str
    layer: str
    shape: tuple[int, int, int]
    start: int
    maps: tuple[FeatureMap, ...]


class Filters(msgspec.Struct, frozen=True, tag="filters"):
    """The filters of the first convolution.

    Attributes:
        shape: filters, channels, height, width.
        filters: of each, 8-bit, row by row: RGB where it reads three channels, else grey (the mean of the channels);
            128 is zero and the largest absolute value of all filters is 0 or 255.
        norms: 2-norm of each.
    """

    job: int
    layer: str
    shape: tuple[int, int, int, int]
    filters: tuple[bytes, ...]
    norms: tuple[float, ...]
    peak: float


class Histogram(msgspec.Struct, frozen=True):
    """A distribution: counts in equal bins from ``low`` to ``high``; ``zeros`` is the fraction that is 0."""

    low: float
    high: float
    counts: tuple[int, ...]
    mean: float
    deviation: float
    zeros: float
    count: int


class Histograms(msgspec.Struct, frozen=True, tag="histograms"):
    """Histograms of a layer's weights (None where it has none) and of its output on a picture."""

    job: int
    image: str
    layer: str
    weights: Histogram | None
    activations: Histogram


class UnitGradient(msgspec.Struct, frozen=True, tag="unit_gradient"):
    """The gradient of a unit at the network's input: which pixels move it.

    Attributes:
        x, y: of the unit.
        values: absolute gradient, summed over the channels, 8-bit, row by row, 255 the largest.
        height, width: of the input.
        peak: that largest gradient.
        box: left, top, right, bottom (exclusive) of the pixels whose gradient is not zero; empty if there is none.
        half: the smallest centred square around the unit that holds half of all gradient: its side in pixels.
    """

    job: int
    image: str
    layer: str
    x: int
    y: int
    height: int
    width: int
    values: bytes
    peak: float
    box: tuple[int, ...]
    half: int


ExplainAnswer = Explanation | FeatureMaps | Filters | Histograms | UnitGradient

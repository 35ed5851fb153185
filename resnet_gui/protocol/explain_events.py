"""What an engine answers when it is asked to look into a network."""

from __future__ import annotations

import msgspec

from resnet_gui.protocol.attribution_settings import AttributionSettings, Method


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


class PixelMap(msgspec.Struct, frozen=True):
    """A map of what each place of a picture says for a class, and against it.

    Attributes:
        height, width: of the map; it covers the whole input of the network.
        signed: the sum over the channels, 8-bit, row by row: 128 is none, 255 the most for the class, 1 the most
            against it.
        absolute: the sum of the absolute values over the channels, 8-bit, row by row: 255 the most, 0 none.
        peak: what ±127 steps of the signed map are: the 99th percentile of its absolute values, or of Grad-CAM the
            largest; what is larger has the same byte. 0 where all are 0.
        absolute_peak: the same of the absolute map.
    """

    height: int
    width: int
    signed: bytes
    absolute: bytes
    peak: float
    absolute_peak: float


class RandomisedMap(msgspec.Struct, frozen=True):
    """The map of a network whose weights are random from the head down to a section (Adebayo et al. 2018, section 4).

    Attributes:
        section: name of the last section that is random: "head", "layer4", ..., "stem".
        score: logit of the class; not a finite number where the random weights leave none, then the map is None.
        map: by the same method and settings, of the same class.
        correlation: Spearman's rank correlation with the map of the network itself, signed; None where one of the two
            maps has a single value everywhere.
        absolute_correlation: the same of the absolute maps.
    """

    section: str
    score: float | None
    map: PixelMap | None
    correlation: float | None
    absolute_correlation: float | None


class Attribution(msgspec.Struct, frozen=True, kw_only=True, tag="attribution"):
    """The share of each pixel of a picture in what speaks for a class.

    Attributes:
        method, settings: by which it was found; what was left to the program is filled in.
        target: number of the class.
        score: its logit, before any softmax.
        total: sum of the map; with ``biases`` it should be ``expected``, where the method promises that.
        expected: what total and biases should be together: the logit, for integrated gradients less the baseline's.
            None for a method that promises nothing.
        biases: what LRP gives to biases, and to shifts by norms, which are no pixels.
        input_png: the network's input before it is normalised, as PNG.
        map: over the input.
        randomised: the sanity check, in the order in which weights were made random; empty where none was asked for.
        milliseconds: that the map took, the picture's decoding and the sanity check left out.
    """

    job: int
    image: str
    method: Method
    settings: AttributionSettings
    target: int
    score: float
    total: float
    expected: float | None
    biases: float
    input_png: bytes
    map: PixelMap
    randomised: tuple[RandomisedMap, ...] = ()
    milliseconds: float = 0.0

    @property
    def error(self) -> float | None:
        """By how much total and biases miss what was expected, in logits; None where nothing is."""
        return None if self.expected is None else self.total + self.biases - self.expected

    @property
    def error_percent(self) -> float | None:
        """The same as a share of what was expected; None where that is nothing."""
        return None if self.error is None or not self.expected else 100 * self.error / abs(self.expected)


class AttributionGrown(msgspec.Struct, frozen=True, tag="attribution_grown"):
    """An attribution while its sanity check still goes on."""

    job: int
    attribution: Attribution


ExplainAnswer = Explanation | FeatureMaps | Filters | Histograms | UnitGradient | Attribution

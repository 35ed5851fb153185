"""The corruptions under which a network is measured: their severities, their sliders, and where the numbers come from.

Blur, noise, JPEG and brightness are those of Hendrycks and Dietterich 2019 ("Benchmarking Neural Network Robustness to
Common Corruptions and Perturbations", ICLR) with the parameters of its published code, those of CIFAR-10-C for inputs
up to 32 pixels and those of ImageNet-C from 224 on; between the two, where nothing is published, a value goes from one
to the other with a power of the side. Shift, occlusion and rotation are of this program, each with the reason of its
values.

They change the network's input: the picture as it was cut to the input's size, 8-bit, before it is normalised. The
paper corrupts there too (its pictures are 224×224 and 32×32).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec

from resnet_gui.base.errors import InputError

Shape = Sequence[int]
"""Channels, height, width of a network's input."""

Severities = tuple[float, float, float, float, float]
"""Values of a corruption's parameter from severity 1 to 5."""

MOST: Final = 5
"""The largest severity; 0 is the picture as it is."""

PICTURES: Final = 1000
"""Pictures of a set that are corrupted where nobody says how many."""

SMALL_SIDE: Final = 32
LARGE_SIDE: Final = 224
"""Short sides of the inputs for which the two tables of values were made."""

BETWEEN: Final = f"interpolated for inputs between {SMALL_SIDE} and {LARGE_SIDE} px"

HENDRYCKS: Final = "Hendrycks and Dietterich 2019"


class SettingRange(NamedTuple):
    """The ends of a slider: the value that changes nothing, and that of severity 5, which may be the smaller one."""

    none: float
    most: float


class Corruption(msgspec.Struct, frozen=True, kw_only=True):
    """A way to make pictures worse by one number, its *setting*.

    Attributes:
        key: in files, messages and on the command line.
        title: a word for people.
        what: what it does, in a sentence.
        source: where its values come from.
        unit: of the setting, for an axis or a column.
        form: how a setting is written, a format of it.
        none: the setting that changes nothing.
        step: settings are whole multiples of it.
        small, large: settings of the five severities for inputs of up to SMALL_SIDE and from LARGE_SIDE on.
    """

    key: str
    title: str
    what: str
    source: str
    unit: str
    form: str
    none: float
    step: float
    small: Severities
    large: Severities

    def values(self, shape: Shape) -> Severities:
        """Settings of severity 1 to 5 for inputs of a shape.

        At a side s between s₁ = 32 and s₂ = 224, v = v₁ (v₂ / v₁)^t with t = log(s / s₁) / log(s₂ / s₁), as a multiple
        of ``step``: what grows as the side does, a shift or a blur, stays about the same part of the picture.
        """
        side = min(max(min(shape[1:]), SMALL_SIDE), LARGE_SIDE)
        part = math.log(side / SMALL_SIDE) / math.log(LARGE_SIDE / SMALL_SIDE)
        first, second, third, fourth, fifth = (
            self._stepped(low * (high / low) ** part) for low, high in zip(self.small, self.large, strict=True)
        )
        return first, second, third, fourth, fifth

    def _stepped(self, setting: float) -> float:
        """The nearest multiple of ``step``."""
        return round(round(setting / self.step) * self.step, 6)

    def setting_range(self, shape: Shape) -> SettingRange:
        """The ends of its slider: nothing, and severity 5."""
        return SettingRange(self.none, self.values(shape)[-1])

    def setting_at(self, severity: float, shape: Shape) -> float:
        """The setting of a severity; between two whole ones in proportion, and a multiple of ``step``.

        Args:
            severity: from 0 to 5; what lies beyond is taken for the end.
            shape: of the input.
        """
        marks = (self.none, *self.values(shape))
        severity = min(max(severity, 0.0), float(MOST))
        whole = min(int(severity), MOST - 1)
        between = marks[whole] + (severity - whole) * (marks[whole + 1] - marks[whole])
        return self._stepped(between)

    def severity_of(self, setting: float, shape: Shape) -> float:
        """The severity of a setting, the inverse of ``setting_at``: where its ring stands over a curve's axis."""
        marks = (self.none, *self.values(shape))
        for whole, (low, high) in enumerate(pairwise(marks)):
            if min(low, high) <= setting <= max(low, high):
                return whole + (setting - low) / (high - low)
        return 0.0 if abs(setting - marks[0]) < abs(setting - marks[-1]) else float(MOST)

    def words(self, setting: float) -> str:
        """A setting as people read it, such as "0.7 px"; "none" for the one that changes nothing."""
        return "none" if setting == self.none else self.form.format(setting)


BLUR: Final = Corruption(
    key="gaussian_blur",
    title="Blur",
    what="Convolves with a Gaussian of this deviation, cut off after 4 deviations, the border repeated.",
    source=f"{HENDRYCKS}, gaussian_blur; {BETWEEN}",
    unit="px",
    form="{:.1f} px",
    none=0.0,
    step=0.1,
    small=(0.4, 0.6, 0.7, 0.8, 1.0),
    large=(1.0, 2.0, 3.0, 4.0, 6.0),
)
NOISE: Final = Corruption(
    key="gaussian_noise",
    title="Noise",
    what="Adds independent Gaussian noise of this deviation to every value, where white is 1.",
    source=f"{HENDRYCKS}, gaussian_noise; {BETWEEN}",
    unit="σ",
    form="σ {:.2f}",
    none=0.0,
    step=0.01,
    small=(0.04, 0.06, 0.08, 0.09, 0.10),
    large=(0.08, 0.12, 0.18, 0.26, 0.38),
)
JPEG: Final = Corruption(
    key="jpeg_compression",
    title="JPEG",
    what="Writes the picture as a JPEG of this quality and reads it again.",
    source=f"{HENDRYCKS}, jpeg_compression; {BETWEEN}",
    unit="quality",
    form="quality {:.0f}",
    none=100.0,
    step=1.0,
    small=(80.0, 65.0, 58.0, 50.0, 40.0),
    large=(25.0, 18.0, 15.0, 10.0, 7.0),
)
BRIGHTNESS: Final = Corruption(
    key="brightness",
    title="Brightness",
    what="Adds this to the value of every pixel in HSV, where white is 1; hue and saturation stay.",
    source=f"{HENDRYCKS}, brightness; {BETWEEN}",
    unit="of white",
    form="+{:.2f}",
    none=0.0,
    step=0.01,
    small=(0.05, 0.1, 0.15, 0.2, 0.3),
    large=(0.1, 0.2, 0.3, 0.4, 0.5),
)
SHIFT: Final = Corruption(
    key="shift",
    title="Shift",
    what="Moves the picture by whole pixels left, right, up or down, drawn for each picture; the border is mirrored.",
    # Severity 4 of small inputs is also how far the random crops reach that CIFAR networks learn with (He et al. 2015).
    source=f"of this program: severity 3 is the limit of Engstrom et al. 2019, 3 px of 32 and 24 of 224; {BETWEEN}",
    unit="px",
    form="{:.0f} px",
    none=0.0,
    step=1.0,
    small=(1.0, 2.0, 3.0, 4.0, 6.0),
    large=(8.0, 16.0, 24.0, 32.0, 48.0),
)
OCCLUSION: Final = Corruption(
    key="occlusion",
    title="Occlusion",
    what="Covers a square of this share of the short side in grey (128), at a place drawn for each picture.",
    source="of this program: severity 5 is the square of Cutout (DeVries and Taylor 2017), 16 px of 32, in equal steps",
    unit="% of the side",
    form="{:.0f} % of the side",
    none=0.0,
    step=1.0,
    small=(10.0, 20.0, 30.0, 40.0, 50.0),
    large=(10.0, 20.0, 30.0, 40.0, 50.0),
)
ROTATION: Final = Corruption(
    key="rotation",
    title="Rotation",
    what="Turns the picture around its middle, the way drawn for each picture; bilinear, the border is mirrored.",
    source="of this program: severity 5 is the limit of Engstrom et al. 2019, 30°, in equal steps",
    unit="°",
    form="{:.0f}°",
    none=0.0,
    step=1.0,
    small=(6.0, 12.0, 18.0, 24.0, 30.0),
    large=(6.0, 12.0, 18.0, 24.0, 30.0),
)

CORRUPTIONS: Final[dict[str, Corruption]] = {
    each.key: each for each in (BLUR, NOISE, JPEG, BRIGHTNESS, SHIFT, OCCLUSION, ROTATION)
}
"""Key -> corruption, in the order in which they are shown."""

ORDER: Final = tuple(each.key for each in (ROTATION, SHIFT, OCCLUSION, BLUR, BRIGHTNESS, NOISE, JPEG))
"""Keys in the order in which several are applied, as a camera does: the scene, its lens, its sensor, its file."""


def known_corruptions(keys: Sequence[str]) -> tuple[Corruption, ...]:
    """The corruptions of some keys, in the order in which they are shown; all of them for none.

    Raises:
        InputError: there is none of that key.
    """
    for key in keys:
        if key not in CORRUPTIONS:
            raise InputError(f"There is no corruption '{key}'; there are {', '.join(CORRUPTIONS)}.")
    return tuple(each for key, each in CORRUPTIONS.items() if key in keys or not keys)


def checked_settings(settings: Mapping[str, float], shape: Shape) -> dict[str, float]:
    """Settings that change something, in the order in which they are applied.

    Args:
        settings: key of a corruption -> its setting.
        shape: of the network's input.

    Raises:
        InputError: there is no such corruption, or a setting lies beyond the ends of its slider.
    """
    known_corruptions(tuple(settings))
    for key, setting in settings.items():
        it = CORRUPTIONS[key]
        low, high = sorted(it.setting_range(shape))
        if not low <= setting <= high:  # no number is neither
            raise InputError(
                f"{it.title} is set to {setting:g}; on an input of {shape[2]}×{shape[1]} it goes from {low:g} to "
                f"{high:g} ({it.unit})."
            )
    changed = {key for key, setting in settings.items() if setting != CORRUPTIONS[key].none}
    return {key: float(settings[key]) for key in ORDER if key in changed}


def settings_words(settings: Mapping[str, float]) -> str:
    """Settings in a line: "blur 0.7 px, JPEG quality 35"; "none" where nothing is changed."""
    parts = [
        f"{it.title if it.title.isupper() else it.title.lower()} {it.words(settings[key])}"
        for key, it in CORRUPTIONS.items()
        if settings.get(key, it.none) != it.none
    ]
    return ", ".join(parts) or "none"

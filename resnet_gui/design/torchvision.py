"""torchvision's own ResNets: which designs they are, and how its first ImageNet weights score."""

from __future__ import annotations

from typing import Final

import msgspec

from resnet_gui.base.errors import SpecError
from resnet_gui.design.nearest import effective
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve


class PrintedAccuracy(msgspec.Struct, frozen=True):
    """ImageNet validation accuracy in per cent, one central crop, of torchvision's IMAGENET1K_V1 weights."""

    top1: float
    top5: float


ACCURACIES: Final[dict[str, PrintedAccuracy]] = {
    "resnet18": PrintedAccuracy(69.758, 89.078),
    "resnet34": PrintedAccuracy(73.314, 91.420),
    "resnet50": PrintedAccuracy(76.130, 92.862),
    "resnet101": PrintedAccuracy(77.374, 93.546),
    "resnet152": PrintedAccuracy(78.312, 94.046),
    "wide_resnet50_2": PrintedAccuracy(78.468, 94.086),
    "wide_resnet101_2": PrintedAccuracy(78.848, 94.284),
    "resnext50_32x4d": PrintedAccuracy(77.618, 93.698),
    "resnext101_32x8d": PrintedAccuracy(79.312, 94.526),
    "resnext101_64x4d": PrintedAccuracy(83.246, 96.454),
}
"""torchvision's name -> accuracy, as torchvision prints it with its weights; the presets have the same names."""


def torchvision_name(spec: ResNetSpec) -> str:
    """The function of torchvision that builds a design, with any classes and picture size; empty if there is none.

    How the last norms begin (``zero_init_residual`` there) makes no other network.
    """
    if spec.input[0] != 3:
        return ""
    for name in ACCURACIES:
        known = PRESETS[name].spec
        if known.block != spec.block or known.blocks != spec.blocks:
            continue
        try:
            same = evolve(known, input=spec.input, classes=spec.classes, zero_init=spec.zero_init)
        except SpecError:
            continue
        if effective(same) == effective(spec):
            return name
    return ""

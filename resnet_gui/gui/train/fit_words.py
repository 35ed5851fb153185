"""How the chosen data reach the design, in words, and what of the design would fit them better."""

from __future__ import annotations

from typing import Final

from resnet_gui.design.choices import STEMS
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.kit.format import shape
from resnet_gui.protocol.events import Fit

SMALL_STEM: Final = "cifar"
"""The stem for small pictures, which keeps their size."""

SMALL: Final = 64
"""Pixels up to which a stem that makes a quarter of them leaves too little for the stages."""


def fits(spec: ResNetSpec, fit: Fit) -> bool:
    """Whether a design has the data's input and classes."""
    return spec.input == fit.shape and spec.classes == fit.classes


def fit_words(spec: ResNetSpec, fit: Fit | None) -> str:
    """What happens between data and design; empty where they fit, or while that is not known."""
    if fit is None or fits(spec, fit):
        return ""
    same = shape(spec.input) == shape(fit.shape)
    resized = "" if same else f"reads {shape(spec.input)}: pictures are resized"
    classes = "" if spec.classes == fit.classes else f"{spec.classes} classes become {fit.classes}"
    if not resized:
        return f"The design's {classes}."
    return f"The design {resized}, its {classes}." if classes else f"The design {resized}."


def stem_words(spec: ResNetSpec) -> str:
    """Why the stem is not made for pictures of the design's size; empty where it is."""
    height, width = spec.input[1:]
    _, high, wide = plan(spec).stages[0].blocks[0].input
    if min(height, width) > SMALL or 4 * high > height:
        return ""
    stem = STEMS[spec.stem].title
    return f"Its stem ({stem}) leaves {high}×{wide} of {height}×{width} pixels before the first stage."

"""The head of a checkpoint: whether a design has such a one, and what is said of one that none has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from resnet_gui.checkpoints.tensor_layers import MOST_LINEAR, FoundLayer, tensor_text


def named(layer: FoundLayer) -> str:
    """A layer in a sentence: its weight's name and shape."""
    return f"tensor '{layer.tensors['weight']}' ({tensor_text(layer.shape)})"


class HeadFault(NamedTuple):
    """A reason why no design has a head: its first layer that is in the way, and a sentence that begins with it."""

    layer: FoundLayer
    sentence: str


def head_fault(head: Sequence[FoundLayer], channels: int) -> HeadFault | None:
    """Why no design has such a head behind a body of so many channels; None if one has it.

    A design's head is a row of linear layers, the first of which reads the last map, pooled or flattened.
    """
    for layer in head:
        if layer.kind == "norm":
            return _fault(layer, "is a norm, and heads of designs have linear layers only")
    if head and head[0].shape[1] % channels:
        reads = f"reads {head[0].shape[1]:,} values"
        return _fault(head[0], f"{reads}, which a last map of {channels:,} channels does not give")
    for before, after in pairwise(head):
        if after.shape[1] == before.out:
            continue
        if after.shape[1] % channels == 0:
            both = f"and {named(after)} both read the last map"
            return _fault(head[0], f"{both}, and a design has one head; leave out the tensors of the other")
        return _fault(after, f"reads {after.shape[1]:,} values, which no layer in front of it puts out")
    if len(head) > MOST_LINEAR:
        return _fault(head[MOST_LINEAR], f"is one linear layer more than the {MOST_LINEAR} that a design may have")
    return None


def _fault(layer: FoundLayer, why: str) -> HeadFault:
    return HeadFault(layer, f"{named(layer)} {why}")


def reads_several(area: int) -> bool:
    """Whether a head that reads so many values of each channel can have flattened no square map."""
    return math.isqrt(area) ** 2 != area

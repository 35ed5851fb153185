"""The head of a checkpoint: whether a design has such a one, and what is said of one that none has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from resnet_gui.checkpoints.tensor_layers import MOST_LINEAR, FoundLayer, tensor_text


def named(layer: FoundLayer) -> str:
    """A layer in a sentence: its weight's name and shape."""
    return f"tensor '{layer.tensors['weight']}' ({tensor_text(layer.shape)})"


def head_fault(head: Sequence[FoundLayer], channels: int) -> str:
    """Why no design has such a head behind a body of so many channels, as a sentence; empty if one has it.

    A design's head is a row of linear layers, the first of which reads the last map, pooled or flattened.
    """
    for layer in head:
        if layer.kind == "norm":
            return f"{named(layer)} is a norm, and heads of designs have linear layers only"
    if not head:
        return ""
    first = head[0]
    if first.shape[1] % channels:
        return (
            f"{named(first)} reads {first.shape[1]:,} values, which {channels:,} channels of the last map do not give"
        )
    for before, after in pairwise(head):
        if after.shape[1] == before.out:
            continue
        if after.shape[1] % channels == 0:
            return (
                f"{named(first)} and {named(after)} both read the last map, and a design has one head; save the file "
                "without the tensors of the other"
            )
        return f"{named(after)} reads {after.shape[1]:,} values, which no layer in front of it puts out"
    if len(head) > MOST_LINEAR:
        return f"{named(head[MOST_LINEAR])} is one linear layer more than the {MOST_LINEAR} that a design may have"
    return ""


def reads_several(area: int) -> bool:
    """Whether a head that reads so many values of each channel can have flattened no square map."""
    return math.isqrt(area) ** 2 != area

"""The head of a checkpoint: where it may begin, whether a design has such a one, what is said of one that none has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from resnet_gui.checkpoints.tensor_layers import MOST_LINEAR, FoundLayer, LayerOrder, tensor_text


def named(layer: FoundLayer) -> str:
    """A layer in a sentence: its weight's name and shape."""
    return f"tensor '{layer.tensors['weight']}' ({tensor_text(layer.shape)})"


def head_starts(row: LayerOrder) -> list[int]:
    """Where the head may begin: where names say so, else at any of the trailing linear layers, the first one first.

    The last ones of the body may be linear too, in squeeze-and-excitation. A last layer that is written as a biased 1×1
    convolution may be the head alone. There may be none; and norms may stand in it, which no design has, but which a
    sentence can name.
    """
    if row.head is not None:
        return [row.head]
    layers = row.layers
    start = len(layers)
    while start and layers[start - 1].kind == "linear":
        start -= 1
    found = list(range(max(start, len(layers) - MOST_LINEAR), len(layers)))
    if start == len(layers) and layers[-1].kind == "conv" and layers[-1].kernel == 1 and layers[-1].bias:
        found = [len(layers) - 1]
    while start and layers[start - 1].kind != "conv":
        start -= 1
    mixed = [place for place in range(start, len(layers)) if place not in found]
    return [*found, len(layers), *mixed[-2 * MOST_LINEAR :]]


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

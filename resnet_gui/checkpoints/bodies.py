"""The body of a network whose head no design has: which tensors of a file may be a residual network alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from resnet_gui.checkpoints.tensor_layers import common_depth, picture_channels
from resnet_gui.design.bounds import Shape

_LEAST_CONVOLUTIONS = 4
"""Fewer are no body."""

Shapes = Mapping[str, Shape]


def find_bodies(shapes: Shapes) -> Iterator[dict[str, Shape]]:
    """Tensors that may be a body, the likeliest first: all, then those of containers, without what stands beside.

    A body reads the picture, the map of the fewest channels. Encoders of segmentation and detection lie in a container
    of their own (``backbone.``, ``backbone.body.``, ``encoder.``), heads of another kind beside the stages.
    """
    yield dict(shapes)
    inside = dict(shapes)
    channels = picture_channels({name.rpartition(".")[0]: shape for name, shape in shapes.items() if len(shape) == 4})
    while inside:
        groups = _groups(inside)
        beside = _without_strange(groups, channels)
        if _may_be_body(beside, channels) and len(beside) < len(inside):
            yield beside
        whole = [group for group in groups.values() if _may_be_body(group, channels)]
        if len(whole) != 1 or len(whole[0]) == len(inside):
            return
        inside = whole[0]
        yield inside


def _is_window(shape: Shape) -> bool:
    return len(shape) == 4 and shape[2] > 1


def _may_be_body(group: Shapes, channels: int) -> bool:
    """Whether there are several convolutions, and one that reads the picture."""
    windows = [shape for shape in group.values() if _is_window(shape)]
    return len(windows) >= _LEAST_CONVOLUTIONS and any(shape[1] == channels for shape in windows)


def _groups(shapes: Shapes) -> dict[str, dict[str, Shape]]:
    """Tensors by the first part of their names in which these differ."""
    depth = common_depth([name.split(".") for name in shapes])
    groups: dict[str, dict[str, Shape]] = {}
    for name, shape in shapes.items():
        parts = name.split(".")
        groups.setdefault(parts[min(depth, len(parts) - 1)], {})[name] = shape
    return groups


def _without_strange(groups: Mapping[str, Shapes], channels: int) -> dict[str, Shape]:
    """All groups but those that are no part of a row (``layer1``, ``layer2``), nor of the stem.

    Of the stem is what reads the picture, and convolutions and norms that stand alone.
    """
    rows = [re.sub(r"\d+", "#", name) for name in groups]
    kept: dict[str, Shape] = {}
    for (name, group), row in zip(groups.items(), rows, strict=True):
        in_row = row != name and rows.count(row) > 1
        first = any(_is_window(shape) and shape[1] == channels for shape in group.values())
        alone = len({tensor.rpartition(".")[0] for tensor in group}) == 1
        part = alone and all(len(shape) in {0, 1, 4} for shape in group.values())
        if in_row or first or part:
            kept |= group
    return kept

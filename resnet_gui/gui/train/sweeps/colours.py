"""Which colour a value of an axis has: the same in axes, curves and table."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_gui.gui.kit.charts.parallel_drawing import HUES
from resnet_gui.sweeps.sweep import Axis, Sweep


def shown_labels(axis: Axis) -> tuple[str, ...]:
    """The labels of an axis from the top: numbers fall, words stand as they are listed."""
    numbers = [_number(label) for label in axis.labels]
    if any(number is None for number in numbers):
        return axis.labels
    return tuple(sorted(axis.labels, key=lambda label: -(_number(label) or 0.0)))


def _number(label: str) -> float | None:
    try:
        return float(label.replace(",", ""))
    except ValueError:
        return None


def value_token(axis: Axis, label: str) -> str:
    """The colour token of a value."""
    return f"r{shown_labels(axis).index(label) % HUES}"


def value_dash(axis: Axis, label: str) -> int:
    """Number of the pattern of a value's line, which tells it from those that have its colour."""
    return shown_labels(axis).index(label) // HUES


def varied_axes(sweep: Sweep) -> list[Axis]:
    """The axes with more than one value: those that can be seen to matter."""
    return [axis for axis in sweep.axes if len(axis.values) > 1]


def usual_colour_axis(sweep: Sweep) -> str:
    """Name of the axis that colours tell at first: that of the baseline, or the last one; empty without one."""
    names = [axis.name for axis in varied_axes(sweep)]
    compared = [name for name in names if name in sweep.baseline]
    return (compared or names or [""])[-1]


def label_of(sweep: Sweep, labels: Sequence[str], name: str) -> str:
    """The label that a configuration has on an axis."""
    return labels[[axis.name for axis in sweep.axes].index(name)]

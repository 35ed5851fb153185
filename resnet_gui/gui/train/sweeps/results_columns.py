"""The columns of the results, and how wide they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.train.sweeps.builder import compared_title
from resnet_gui.gui.train.sweeps.fields import axis_title
from resnet_gui.sweeps.state import SweepState
from resnet_gui.sweeps.sweep import Axis

Kind = Literal[
    "axis", "n", "strip", "mean", "training", "difference", "interval", "verdict", "seed", "status", "test", "time",
    "epochs",
]  # fmt: skip

MOST_WIDE, MOST_LEAST = 240, 150
"""Pixels that a column of values is at most as wide as, and that it needs at most."""


@dataclass(frozen=True)
class ResultColumn:
    """A column of the results.

    Attributes:
        kind: what it shows.
        title: in full.
        width: wanted, in pixels.
        axis: of which axis it is; None for the others.
        least: pixels that it needs, whatever is in its cells.
        short: the title where there is no room for it; empty for the same.
    """

    kind: Kind
    title: str
    width: int
    axis: Axis | None = None
    least: int = 38
    short: str = ""


def _axis_columns(state: SweepState) -> list[ResultColumn]:
    return [
        ResultColumn(
            "axis",
            axis_title(axis.name),
            _axis_width((axis_title(axis.name), *axis.labels), first=not number),
            axis,
            max(
                _axis_width(axis.labels, first=not number, most=MOST_LEAST),
                round(ink(axis_title(axis.name), 11, 500).width) + 18,
            ),
        )
        for number, axis in enumerate(state.sweep.axes)
    ]


def _axis_width(texts: Sequence[str], *, first: bool, most: int = MOST_WIDE) -> int:
    longest = max(ink(text, 13, 500).width for text in texts)
    return min(most, max(52, 18 + round(longest) + (24 if first else 0)))


def configuration_columns(state: SweepState) -> list[ResultColumn]:
    """One row a configuration."""
    columns = [
        *_axis_columns(state),
        ResultColumn("n", "n", 38),
        ResultColumn("strip", "Test error %", 136),
        ResultColumn("mean", "mean ± sd", 92),
        ResultColumn("training", "Training", 70, least=62),
    ]
    if not state.sweep.baseline:
        return columns
    (_, label), *more = state.sweep.baseline.items()
    short = compared_title(state.sweep) if more or label.isdecimal() else label
    base = compared_title(state.sweep) if len(label) > 14 else short
    return [
        *columns,
        ResultColumn("difference", f"Paired difference from {base}", 214, short=f"vs {short}"),
        ResultColumn("interval", "points, 95 %", 152, short="points"),
        ResultColumn("verdict", "Verdict", 236),
    ]


def run_columns(state: SweepState) -> list[ResultColumn]:
    """One row a run."""
    return [
        *_axis_columns(state),
        ResultColumn("seed", "Seed", 60),
        ResultColumn("test", "Test error %", 96),
        ResultColumn("training", "Training error %", 112),
        ResultColumn("epochs", "Epochs", 70),
        ResultColumn("time", "Time, s", 80),
        ResultColumn("status", "State", 220),
    ]

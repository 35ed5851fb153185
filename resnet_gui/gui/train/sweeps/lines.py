"""The runs of a sweep as lines over parallel axes, and as bands over their seeds."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from resnet_gui.gui.kit.charts.bands import BandData, band_of
from resnet_gui.gui.kit.charts.parallel_axis import ParallelAxis
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.train.sweeps.colours import label_of, shown_labels, value_dash, value_token, varied_axes
from resnet_gui.gui.train.sweeps.fields import axis_title, axis_word
from resnet_gui.gui.train.sweeps.lists import run_words
from resnet_gui.sweeps.figures import RunFigures
from resnet_gui.sweeps.state import LIVE, RunCell, SweepState
from resnet_gui.sweeps.sweep import Axis, Configuration

TRAINING, TEST, SECONDS = "=training", "=test", "=seconds"
"""Keys of the axes of what was measured; no field is called so."""

MEASURED: Final = ((TRAINING, "Training error %"), (TEST, "Test error %"), (SECONDS, "Time, s"))


@dataclass(frozen=True)
class SweepLines:
    """The runs that have figures, as lines.

    Attributes:
        cells: a run a line.
        axes: what is varied, then what was measured.
        words: what each line is.
    """

    cells: tuple[RunCell, ...]
    axes: tuple[ParallelAxis, ...]
    words: tuple[str, ...]


def _measured(figures: RunFigures, key: str) -> float:
    return {TRAINING: 100 * figures.train_error, TEST: 100 * figures.test_error, SECONDS: figures.seconds}[key]


def sweep_lines(state: SweepState) -> SweepLines:
    """The runs of a sweep that have figures: of their last epoch so far."""
    cells = tuple(cell for cell in state.cells if cell.figures is not None)
    axes: list[ParallelAxis] = []
    for axis in varied_axes(state.sweep):
        labels = shown_labels(axis)
        places = tuple(
            float(labels.index(label_of(state.sweep, cell.configuration.labels, axis.name))) for cell in cells
        )
        axes.append(ParallelAxis(axis.name, axis_title(axis.name), places, labels))
    for key, title in MEASURED:
        values = tuple(_measured(cell.figures, key) if cell.figures else math.nan for cell in cells)
        axes.append(ParallelAxis(key, title, values))
    words = tuple(f"{run_words(cell)}: {_words(cell.figures)}" for cell in cells)
    return SweepLines(cells, tuple(axes), words)


def _words(figures: RunFigures | None) -> str:
    if figures is None:
        return ""
    return (
        f"test error {100 * figures.test_error:.2f} %, training {100 * figures.train_error:.2f} %, "
        f"{figures.seconds:.1f} s"
    )


@dataclass(frozen=True)
class SweepBands:
    """The curves of some configurations.

    Attributes:
        bands: one a configuration, or a value of the axis of the colours.
        about: what all of them share: ``depth 56, warm-up 44``; empty where nothing else is varied.
        limit: right end of the x axis: epochs.
    """

    bands: tuple[BandData, ...]
    about: str
    limit: int


def sweep_bands(state: SweepState, focus: Configuration, name: str, shown: Collection[int]) -> SweepBands:
    """The curves of the configurations that differ from one of them along one axis alone.

    Args:
        state: of the sweep.
        focus: the configuration that the others agree with.
        name: of the axis along which they differ; one that is not varied shows the focus alone.
        shown: numbers of the configurations that are not brushed out.
    """
    axes = varied_axes(state.sweep)
    axis = next((each for each in axes if each.name == name), None)
    names = [each.name for each in state.sweep.axes]
    same = [
        each
        for each in state.expansion.configurations
        if each.number in shown
        and all(mine == its or here == name for mine, its, here in zip(each.labels, focus.labels, names, strict=True))
    ]
    bands = [_band(state, each, axis) for each in same]
    about = ", ".join(
        f"{axis_word(each.name)} {label_of(state.sweep, focus.labels, each.name)}" for each in axes if each.name != name
    )
    epochs = max((each.recipe.epochs for each in same), default=focus.recipe.epochs)
    return SweepBands(tuple(band for band in bands if len(band.mean.x)), about, epochs)


def _band(state: SweepState, configuration: Configuration, axis: Axis | None) -> BandData:
    cells = state.cells_of(configuration.number)
    members = [error_curve(cell) for cell in cells if cell.epochs]
    live = any(cell.status in LIVE and cell.epochs for cell in cells)
    if axis is None:
        return band_of(str(configuration.number), configuration.name, "acc", members, live=live)
    label = label_of(state.sweep, configuration.labels, axis.name)
    token, dash = value_token(axis, label), value_dash(axis, label)
    return band_of(str(configuration.number), label, token, members, dash=dash, live=live)


def error_curve(cell: RunCell) -> Points:
    """The test error of a run in percent by epoch."""
    x = np.array([epoch.epoch for epoch in cell.epochs], dtype=float)
    return Points(x, np.array([100 * epoch.test_error for epoch in cell.epochs]))


def is_wide(bands: Sequence[BandData]) -> bool:
    """Whether curves lie so far apart that only a logarithmic scale shows all of them."""
    values = np.concatenate([np.empty(0), *(band.mean.y for band in bands)])
    positive = values[values > 0]
    return len(positive) > 1 and bool(positive.max() > 10 * positive.min())

"""Unravelled paths: how many there are of each length, how much gradient each carries, and all together (Veit 2016)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBar, ChartDot, PlotData
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.lab.figures.chart_row import ChartRowFigure
from resnet_gui.gui.lab.figures.figure import Cell, FigureData
from resnet_gui.gui.lab.figures.propagation import log_axis
from resnet_gui.gui.lab.figures.spread_of_seeds import band_lines, mean_of
from resnet_gui.lab.measured.paths import PathsMeasured

BLUE, ORANGE = "r0", "r1"


class PathsFigure(ChartRowFigure):
    """Count, gradient and both multiplied, by length of path."""

    titles: ClassVar[Sequence[tuple[str, str]]] = (
        ("Paths of each length", "share of all"),
        ("Gradient on one path", "norm at the input, log"),
        ("All together", "share of the gradient, by length"),
    )
    least = 230

    def _measured(self, data: FigureData | None) -> Mapping[int, PathsMeasured]:
        role = self.experiment.roles[0].key
        return data.results.measured.get(role, {}) if data is not None else {}

    def charts(self, data: FigureData | None) -> Sequence[PlotData]:
        """The three charts."""
        found = self._measured(data)
        every = [found[seed] for seed in sorted(found)]
        if not every:
            axis = ChartAxis(0, 27, title="length, blocks")
            share, log = ChartAxis(0, 0.2), ChartAxis(1e-8, 1, log=True)
            return [PlotData(axis, y, message="The figure appears here") for y in (share, log, share)]
        blocks = every[0].blocks
        ticks = tuple((float(n), str(n)) for n in range(0, blocks + 1, max(1, blocks // 9)))
        axis = ChartAxis(-0.5, blocks + 0.5, ticks, title="length, blocks")
        total = sum(each.count for each in every[0].lengths) or 1.0
        counts = [(each.length, each.count / total) for each in every[0].lengths]
        return [
            _bars(axis, counts, BLUE),
            _norms(axis, every),
            _shares(axis, every),
        ]

    def rows(self) -> list[list[Cell]]:
        """Count, norm and share by seed and length."""
        found = self._measured(self.data)
        if not found:
            return []
        made: list[list[Cell]] = [["seed", "length", "count", "norm", "share"]]
        for seed, each in found.items():
            made += [[seed, one.length, one.count, one.norm, one.share] for one in each.lengths]
        return made


def _bars(axis: ChartAxis, values: Sequence[tuple[int, float]], token: str) -> PlotData:
    top = max((value for _, value in values), default=0.0) * 1.15 or 1.0
    bars = tuple(ChartBar(float(x), value, 0.7, token, name=f"length {x}") for x, value in values)
    return PlotData(axis, ChartAxis(0, top), bars=bars)


def _norms(axis: ChartAxis, every: Sequence[PathsMeasured]) -> PlotData:
    members, dots, seen = list[Points](), list[ChartDot](), list[float]()
    for each in every:
        x = np.array([one.length for one in each.lengths], dtype=np.float64)
        y = np.array([one.norm for one in each.lengths], dtype=np.float64)
        members.append(Points(x, np.where(y > 0, y, np.nan)))
        for one in each.lengths:
            seen += [value for value in one.norms if value > 0]
            dots += [ChartDot(float(one.length), value, "t3", 2.0) for value in one.norms if value > 0]
    lines, bands = band_lines("gradient norm", ORANGE, members)
    return PlotData(axis, log_axis(seen), lines, bands, dots=tuple(dots))


def _shares(axis: ChartAxis, every: Sequence[PathsMeasured]) -> PlotData:
    lengths = [one.length for one in every[0].lengths]
    by_length = {length: [one.share for each in every for one in each.lengths if one.length == length]
                 for length in lengths}  # fmt: skip
    made = _bars(axis, [(length, mean_of(by_length[length])) for length in lengths], ORANGE)
    dots = tuple(
        ChartDot(float(length), value, size=3.0) for length, values in by_length.items() for value in values if values
    )
    high = max((value for values in by_length.values() for value in values), default=0.0) * 1.15 or 1.0
    return PlotData(axis, ChartAxis(0, high), bars=made.bars, dots=dots)

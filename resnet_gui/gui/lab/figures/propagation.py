"""Signal propagation: variance and squared mean by depth before any training (Brock et al. 2021)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np

from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBand, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.colours import network_tokens
from resnet_gui.gui.lab.figures.chart_row import ChartRowFigure
from resnet_gui.gui.lab.figures.figure import Cell, FigureData
from resnet_gui.gui.lab.figures.spread_of_seeds import band_lines
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.measured.propagation import BlockSignal, DesignSignal, PropagationMeasured
from resnet_gui.lab.results import ALL

SHARE = ChartAxis(0, 1, ((0.0, "stem"), (0.5, "half of the blocks"), (1.0, "last block")))

LEAST_SHARE = 1e-6
"""Of the largest value: what is below, such as the mean of a signal that a norm has centred, is drawn at the bottom."""


class PropagationFigure(ChartRowFigure):
    """Two charts by depth: variance after each block, and squared mean or variance at the branch's end."""

    titles: ClassVar[Sequence[tuple[str, str]]] = (
        ("Variance after each block", "average over channels, log"),
        ("Beside it", "log"),
    )
    least = 230

    def __init__(self, theme: Theme, experiment: Experiment) -> None:
        super().__init__(theme, experiment)
        kinds = [("mean", "squared mean", ""), ("branch", "variance of the branch", "")]
        self.second = SegmentedControl(theme, kinds, height=24, fitted=True)
        self.second.set_key("mean")
        self.second.setAccessibleName("What the second chart shows")
        self.second.chosen.connect(lambda _key: self.show_data(self.data))
        self.bars[1].addWidget(self.second)

    def charts(self, data: FigureData | None) -> Sequence[PlotData]:
        """Variance, and what was chosen beside it, of every design."""
        found: Mapping[int, PropagationMeasured] = data.results.measured.get(ALL, {}) if data is not None else {}
        every = [found[seed] for seed in sorted(found)]
        names = [design.name for design in self.experiment.scales[0].designs]
        beside: Callable[[BlockSignal], float] = (
            (lambda block: block.squared_mean) if self.second.key == "mean" else (lambda block: block.branch_variance)
        )
        return [_chart(names, every, value) for value in (lambda block: block.variance, beside)]

    def rows(self) -> list[list[Cell]]:
        """Every figure of every block."""
        found = self.data.results.measured.get(ALL, {}) if self.data is not None else {}
        if not found:
            return []
        made: list[list[Cell]] = [["seed", "network", "block", "variance", "squared_mean", "branch_variance"]]
        for seed, each in found.items():
            for design in each.designs:
                made += [[seed, design.name, block.path, block.variance, block.squared_mean, block.branch_variance]
                         for block in design.blocks]  # fmt: skip
        return made


def _chart(
    names: Sequence[str], every: Sequence[PropagationMeasured], value: Callable[[BlockSignal], float]
) -> PlotData:
    tokens = network_tokens(names)
    lines, bands, tags, seen = list[PlotLine](), list[ChartBand](), list[ChartTag](), list[float]()
    values = [value(block) for each in every for design in each.designs for block in design.blocks]
    floor = LEAST_SHARE * max((found for found in values if math.isfinite(found)), default=0.0)
    for name in names:
        designs = [design for each in every for design in each.designs if design.name == name]
        members = [_points(design, value, floor) for design in designs]
        made, soft = band_lines(name, tokens[name], members, width=1.8)
        lines += made[-1:]
        bands += soft
        for points in members:
            seen += points.y[np.isfinite(points.y)].tolist()
        if made:
            tags.append(ChartTag(name, tokens[name], float(made[-1].points.y[-1])))
    if not seen:
        return PlotData(SHARE, ChartAxis(0.01, 100, log=True), message="Curves appear here")
    return PlotData(SHARE, log_axis(seen), tuple(lines), tuple(bands), tags=tuple(tags))


def _points(design: DesignSignal, value: Callable[[BlockSignal], float], floor: float) -> Points:
    count = len(design.blocks)
    y = np.array([value(block) for block in design.blocks], dtype=np.float64)
    return Points(np.arange(1, count + 1) / count, np.where(y > 0, np.maximum(y, floor), np.nan))


def log_axis(values: Sequence[float], title: str = "") -> ChartAxis:
    """A logarithmic axis of whole powers of ten about some values above zero."""
    sound = [value for value in values if value > 0 and math.isfinite(value)]
    if not sound:
        return ChartAxis(0.1, 10, log=True, title=title)
    low, high = math.floor(math.log10(min(sound))), math.ceil(math.log10(max(sound)))
    return ChartAxis(10.0**low, 10.0 ** max(high, low + 1), log=True, title=title)

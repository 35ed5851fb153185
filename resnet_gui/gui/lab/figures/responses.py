"""Layer responses: the deviation of each 3×3 layer's output, in order and sorted (He et al. 2015, Fig. 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBand, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.lab.colours import network_tokens
from resnet_gui.gui.lab.figures.chart_row import ChartRowFigure
from resnet_gui.gui.lab.figures.figure import Cell, FigureData
from resnet_gui.gui.lab.figures.spread_of_seeds import band_lines
from resnet_gui.lab.measured.responses import ResponsesMeasured


class ResponsesFigure(ChartRowFigure):
    """Two charts of the same figures: in the order of the layers, and the strongest first."""

    titles: ClassVar[Sequence[tuple[str, str]]] = (
        ("In the network's order", "std of each 3×3 layer, before activation or addition"),
        ("Sorted", "the strongest first"),
    )
    least = 230

    def charts(self, data: FigureData | None) -> Sequence[PlotData]:
        """Both charts."""
        names = {role.key: data.names.get(role.key, role.title) if data is not None else role.network
                 for role in self.experiment.roles}  # fmt: skip
        tokens = network_tokens(list(dict.fromkeys(names.values())))
        made = []
        for ranked in (False, True):
            lines, bands, tags, top, last = list[PlotLine](), list[ChartBand](), list[ChartTag](), 0.0, 1
            for role, name in names.items():
                found = data.results.measured.get(role, {}) if data is not None else {}
                members = [_points(found[seed], ranked=ranked) for seed in sorted(found)]
                drawn, soft = band_lines(name, tokens[name], members, width=1.8)
                lines += drawn[-1:]
                bands += soft
                if drawn:
                    tags.append(ChartTag(name, tokens[name], float(drawn[-1].points.y[-1])))
                    top = max(top, *(float(each.y.max()) for each in members))
                    last = max(last, *(len(each.x) for each in members))
            axis = ChartAxis(1, max(2, last), title="layer" if not ranked else "layer, sorted")
            message = "" if lines else "Curves appear here"
            chart = PlotData(axis, ChartAxis(0, 1.1 * top or 1.0), tuple(lines), tuple(bands), tags=tuple(tags),
                          message=message)  # fmt: skip
            made.append(chart)
        return made

    def rows(self) -> list[list[Cell]]:
        """Every layer of every network and seed."""
        if self.data is None or not any(self.data.results.measured.values()):
            return []
        made: list[list[Cell]] = [["network", "seed", "layer", "std"]]
        for role, found in self.data.results.measured.items():
            for seed, each in found.items():
                made += [[self.data.names.get(role, role), seed, layer.path, layer.std] for layer in each.layers]
        return made


def _points(measured: ResponsesMeasured, *, ranked: bool) -> Points:
    layers = measured.ranked if ranked else measured.layers
    return Points(np.arange(1, len(layers) + 1, dtype=np.float64), np.array([layer.std for layer in layers]))

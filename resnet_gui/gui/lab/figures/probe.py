"""Linear probe by depth: what can be read behind each block (Alain and Bengio 2016)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBand, ChartMark, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.lab.colours import network_tokens
from resnet_gui.gui.lab.figures.chart_row import ChartRowFigure
from resnet_gui.gui.lab.figures.figure import Cell, FigureData
from resnet_gui.gui.lab.figures.spread_of_seeds import band_lines, mean_of
from resnet_gui.lab.measured.probe import ProbesByDepth


class ProbeFigure(ChartRowFigure):
    """Error of the probes by depth, of test and of training pictures."""

    titles: ClassVar[Sequence[tuple[str, str]]] = (
        ("Test pictures", "error % of a linear probe, by depth"),
        ("Training pictures", "error % of a linear probe, by depth"),
    )
    least = 230

    def charts(self, data: FigureData | None) -> Sequence[PlotData]:
        """Both charts."""
        names = {role.key: data.names.get(role.key, role.title) if data is not None else role.network
                 for role in self.experiment.roles}  # fmt: skip
        tokens = network_tokens(list(dict.fromkeys(names.values())))
        axis = ChartAxis(0, 1, ((0.0, "stem"), (0.5, "half of the blocks"), (1.0, "last block")))
        made = []
        for part in ("test", "train"):
            lines, bands = list[PlotLine](), list[ChartBand]()
            tags, marks, top = list[ChartTag](), list[ChartMark](), 5.0
            for role, name in names.items():
                found = data.results.measured.get(role, {}) if data is not None else {}
                members = [_points(found[seed], part) for seed in sorted(found)]
                drawn, soft = band_lines(name, tokens[name], members)
                lines += drawn
                bands += soft
                if drawn:
                    tags.append(ChartTag(name, tokens[name], float(drawn[-1].points.y[-1])))
                    top = max(top, *(float(each.y.max()) for each in members))
                    own = [100 * (each.test_error if part == "test" else each.train_error) for each in found.values()]
                    marks.append(ChartMark(mean_of(own), level=True, token=tokens[name]))
                    if len(marks) == 1:
                        tags.append(ChartTag(f"{name} itself", tokens[name], mean_of(own), hollow=True))
            chart = PlotData(axis, ChartAxis(0, 1.08 * top), tuple(lines), tuple(bands), tags=tuple(tags),
                          marks=tuple(marks[:1]), message="" if lines else "Curves appear here")  # fmt: skip
            made.append(chart)
        return made

    def rows(self) -> list[list[Cell]]:
        """Every probe of every network and seed, as fractions."""
        if self.data is None or not any(self.data.results.measured.values()):
            return []
        made: list[list[Cell]] = [["network", "seed", "behind", "train_error", "test_error"]]
        for role, found in self.data.results.measured.items():
            for seed, each in found.items():
                made += [[self.data.names.get(role, role), seed, probe.location, probe.train_error, probe.test_error]
                         for probe in each.probes]  # fmt: skip
        return made


def _points(measured: ProbesByDepth, part: str) -> Points:
    count = max(1, len(measured.probes) - 1)
    errors = [100 * (probe.test_error if part == "test" else probe.train_error) for probe in measured.probes]
    return Points(np.arange(len(errors)) / count, np.array(errors))

"""Shattered gradients: the gradient along a line beside noise, and how soon it forgets itself (Balduzzi 2017)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtWidgets import QGridLayout, QWidget

from resnet_gui.gui.kit.bars.folding import Folding, hiding
from resnet_gui.gui.kit.basic import StatusDot, column, label, panel, row
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBand, ChartBar, ChartDot, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.colours import network_tokens
from resnet_gui.gui.lab.figures.figure import Cell, ExperimentFigure, FigureData, divider, titled
from resnet_gui.gui.lab.figures.spread_of_seeds import band_lines, mean_of, seed_dots, whisker
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.measured.gradients import DISTANCES, DesignGradients, GradientSeries, GradientsMeasured
from resnet_gui.lab.results import ALL

ALONG: Final = ChartAxis(0, 1, ((0.0, "0"), (0.5, "0.5"), (1.0, "1")))
SPAN: Final = ChartAxis(-3.2, 3.2, ((-2.0, "−2"), (0.0, "0"), (2.0, "2")))
SHARE: Final = ((0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1"))


class _SeriesPlot(QWidget):
    """One small plot: a name, the correlation, the series."""

    def __init__(self, theme: Theme, name: str, token: str) -> None:
        super().__init__()
        self.token = token
        layout = column(self)
        line = row(margins=(16, 8, 16, 0), gap=8)
        if token:
            line.addWidget(StatusDot(theme, token))
        line.addWidget(label(name, "title" if token else ""))
        line.addStretch()
        self.correlation_label = label("corr.", "muted12")
        self.correlation = label("", "title")
        line.addWidget(self.correlation_label)
        line.addWidget(self.correlation)
        layout.addLayout(line)
        self.chart = ChartView(theme, name, ground="panel" if token else "raise")
        layout.addWidget(self.chart, 1)
        self.correlation_label.hide()

    def show_series(self, every: Sequence[GradientSeries]) -> None:
        """Show the series of the seeds, the first strong."""
        lines = []
        for number, series in reversed(list(enumerate(every))):
            x = np.linspace(0, 1, len(series.values))
            first = number == 0
            points = Points(x, np.array(series.values, dtype=np.float64))
            lines.append(PlotLine(points, self.token or "t2", 1.5 if first else 0.8, 1.0 if first else 0.35))
        axis = SPAN if self.token else ChartAxis(-3.2, 3.2, ((0.0, ""),))
        below = ALONG if self.token else ChartAxis(0, 1, ((0.5, "for comparison"),))
        self.chart.show_chart(PlotData(below, axis, tuple(lines), left=34 if self.token else 12, grid=bool(self.token)))
        if self.token:
            mean = mean_of([series.neighbours for series in every])
            self.correlation_label.setVisible(bool(every))
            self.correlation.setText(f"{round(mean, 2) + 0.0:.2f}".replace("-", "−") if every else "")


class ShatteredFigure(ExperimentFigure):
    """Six small plots with two of noise, bars of the correlation of neighbours, and correlation by distance."""

    least = 322

    def __init__(self, theme: Theme, experiment: Experiment) -> None:
        super().__init__(theme, experiment)
        self._measured: dict[int, GradientsMeasured] = {}
        scale = experiment.scales[0]
        self.networks = [design.name for design in scale.designs]
        self._tokens = network_tokens(self.networks)
        layout = row(self, gap=0)
        layout.addWidget(self._series_side(theme), 3)
        layout.addWidget(divider(upright=True))
        layout.addWidget(self._bars_side(theme), 1)
        self.right = self._distance_side(theme)
        self.head_tools = self._make_tools(theme)

    def _series_side(self, theme: Theme) -> QWidget:
        side = panel()
        layout = column(side)
        bar = panel()
        bar.setFixedHeight(34)
        line = row(bar, (16, 0, 16, 0), 8)
        self.digits = (SmallCombo("First digit"), SmallCombo("Second digit"))
        for number, (words, combo) in enumerate(zip(("Gradient on the way from", "to"), self.digits, strict=True)):
            combo.addItems([f"digit {digit}" for digit in range(10)])
            combo.setCurrentIndex((3, 8)[number])
            combo.activated.connect(self.options_changed)
            line.addWidget(label(words, "title"))
            line.addWidget(combo)
        unit = label("over its standard deviation", "muted12")
        line.addWidget(unit)
        line.addStretch()
        self.legend = label("strong: seed 1; faint: the other seeds", "small")
        line.addWidget(self.legend)
        Folding(bar, line, (hiding(unit),))
        layout.addWidget(bar)
        layout.addWidget(divider(upright=False))
        grid = self._grid = QGridLayout()
        grid.setSpacing(0)
        self.plots: dict[str, _SeriesPlot] = {}
        half = (len(self.networks) + 1) // 2
        for number, name in enumerate(self.networks):
            plot = self.plots[name] = _SeriesPlot(theme, name, self._tokens[name])
            grid.addWidget(plot, number // half, number % half)
        self.noise: list[QWidget] = []
        for number, name in enumerate(("White noise", "Brown noise")):
            plot = self.plots[name] = _SeriesPlot(theme, name, "")
            around = panel("noise")
            column(around).addWidget(plot)
            grid.addWidget(around, number, half)
            self.noise.append(around)
        for place in range(half):
            grid.setColumnStretch(place, 2)
        grid.setColumnStretch(half, 1)
        layout.addLayout(grid, 1)
        return side

    def _bars_side(self, theme: Theme) -> QWidget:
        side = panel()
        layout = column(side)
        side.setMinimumWidth(190)
        bar, _ = titled("Correlation", "of neighbours", height=36)
        layout.addWidget(bar)
        self.bars = ChartView(theme, "Correlation of neighbours")
        layout.addWidget(self.bars, 1)
        return side

    def _distance_side(self, theme: Theme) -> QWidget:
        side = panel()
        layout = column(side)
        bar, _ = titled("Correlation by distance", "mean ± sd over seeds")
        layout.addWidget(bar)
        self.distance = ChartView(theme, "Correlation by distance")
        layout.addWidget(self.distance, 1)
        return side

    def _make_tools(self, theme: Theme) -> QWidget:
        made = QWidget()
        line = row(made, gap=8)
        line.addWidget(label("Points", "muted12"))
        self.points = SegmentedControl(theme, [(n, n, "") for n in ("64", "128", "256")], height=24, fitted=True)
        self.points.set_key("128")
        self.points.setAccessibleName("Points")
        line.addWidget(self.points)
        line.addSpacing(8)
        line.addWidget(label("BN", "muted12"))
        kinds = [("batch", "batch (paper)", ""), ("fixed", "fixed", "")]
        self.norm = SegmentedControl(theme, kinds, height=24, fitted=True)
        self.norm.set_key("batch")
        self.norm.setAccessibleName("Statistics of batch norm")
        line.addWidget(self.norm)
        for control in (self.points, self.norm):
            control.chosen.connect(lambda _key: self.options_changed.emit())
        return made

    # ---- options

    def options(self) -> dict[str, Any]:
        """Points, batch norm and digits."""
        first, second = (combo.currentIndex() for combo in self.digits)
        return {"points": int(self.points.key), "batch_norm": self.norm.key, "digits": [first, second]}

    def set_options(self, options: Mapping[str, Any]) -> None:
        """Show what was measured."""
        self.points.set_key(str(options.get("points", 128)))
        self.norm.set_key(str(options.get("batch_norm", "batch")))
        for combo, digit in zip(self.digits, options.get("digits", (3, 8)), strict=True):
            combo.setCurrentIndex(int(digit))

    def hold_options(self, *, on: bool) -> None:
        """Points, batch norm and digits stay."""
        for control in (self.points, self.norm, *self.digits):
            control.setEnabled(not on)

    # ---- what is shown

    def show_data(self, data: FigureData | None) -> None:
        """Draw every seed that is there."""
        found = data.results.measured.get(ALL, {}) if data is not None else {}
        self._measured = {seed: found[seed] for seed in sorted(found)}
        every = list(self._measured.values())
        for name in self.networks:
            self.plots[name].show_series([series for series in (_of(each, name) for each in every) if series])
        self.plots["White noise"].show_series([each.white for each in every[:1]])
        self.plots["Brown noise"].show_series([each.brown for each in every[:1]])
        self._draw_bars()
        self._draw_distance()

    def _values(self, name: str) -> dict[int, float]:
        found = {seed: _of(each, name) for seed, each in self._measured.items()}
        return {seed: series.neighbours for seed, series in found.items() if series is not None}

    def _designs(self) -> list[DesignGradients]:
        return list(next(iter(self._measured.values())).designs) if self._measured else []

    def _draw_bars(self) -> None:
        half = (len(self.networks) + 1) // 2
        bars, dots, whiskers, ticks = [], list[ChartDot](), list[tuple[float, float, float]](), []
        for number, name in enumerate(self.networks):
            group, residual = number % half, number // half
            x = group + (0.2 if residual else -0.2)
            ticks.append((float(group), name.rpartition("-")[2]))
            values = self._values(name)
            if values:
                mean = mean_of(list(values.values()))
                bars.append(ChartBar(x, mean, 0.34, self._tokens[name], name=name))
                dots += seed_dots(x, values)
                whiskers += whisker(x, list(values.values()))
        axis = ChartAxis(-0.5, half - 0.5, tuple(dict(ticks).items()), title="layers; left plain, right residual")
        message = "" if bars else "Bars appear here"
        share = ChartAxis(-0.12, 1.02, SHARE)
        chart = PlotData(axis, share, bars=tuple(bars), dots=tuple(dots), whiskers=tuple(whiskers), message=message)
        self.bars.show_chart(chart)

    def _draw_distance(self) -> None:
        lines, bands, tags = list[PlotLine](), list[ChartBand](), []
        for name in [*reversed(self.networks[len(self.networks) // 2 :]), *self.networks[: len(self.networks) // 2]]:
            series = [found for found in (_of(each, name) for each in self._measured.values()) if found is not None]
            members = [Points(np.arange(len(each.autocorrelation), dtype=np.float64), np.array(each.autocorrelation))
                       for each in series]  # fmt: skip
            made, soft = band_lines(name, self._tokens[name], members, width=2.0)
            lines += made[-1:]
            bands += soft
            if members:
                tags.append(ChartTag(name, self._tokens[name], float(np.mean([each.y[8] for each in members]))))
        across = ChartAxis(0, DISTANCES, tuple((float(n), str(n)) for n in range(0, DISTANCES + 1, 4)),
                           title="distance along the line, points")  # fmt: skip
        up = ChartAxis(-0.15, 1.02, ((0.0, "0"), (0.5, "0.5"), (1.0, "1")))
        message = "" if lines else "Curves appear here"
        self.distance.show_chart(PlotData(across, up, tuple(lines), tuple(bands), tags=tuple(tags), message=message))

    def set_narrow(self, *, narrow: bool) -> None:
        """The noise is left out in a narrow window."""
        self.least = 250 if narrow else 322
        for part in self.noise:
            part.setVisible(not narrow)
        # A column without a plot would keep its share.
        self._grid.setColumnStretch((len(self.networks) + 1) // 2, 0 if narrow else 1)
        self.legend.setVisible(not narrow)

    def rows(self) -> list[list[Cell]]:
        """Correlation by seed, network and distance, and the gradient at each point over its standard deviation."""
        if not self._measured:
            return []
        made: list[list[Cell]] = [["seed", "network", "quantity", "place", "value"]]
        for seed, each in self._measured.items():
            for design in each.designs:
                for quantity, values in (
                    ("correlation", design.series.autocorrelation),
                    ("gradient", design.series.values),
                ):
                    made += [[seed, design.name, quantity, place, value] for place, value in enumerate(values)]
        return made


def _of(measured: GradientsMeasured, name: str) -> GradientSeries | None:
    return next((design.series for design in measured.designs if design.name == name), None)

"""Experiments that train: error by epoch with bands over seeds, on one axis, and how each network ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, column, label, panel, row
from resnet_gui.gui.kit.charts.bands import have_come_furthest
from resnet_gui.gui.kit.charts.chart import (
    ChartAxis,
    ChartBand,
    ChartBar,
    ChartDot,
    ChartMark,
    ChartTag,
    PlotData,
    PlotLine,
)
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.colours import network_tokens
from resnet_gui.gui.lab.figures.figure import Cell, ExperimentFigure, FigureData, RunCurves, divider, titled
from resnet_gui.gui.lab.figures.spread_of_seeds import band_lines, mean_of, seed_dots, whisker
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.results import Results
from resnet_gui.sweeps.sweep import expanded

COLOURS: Final = 8
"""Networks from which lines are dashed, bars and dots hollow, as their colours have been given already."""

TAGS: Final = 104
"""Pixels for the names at line ends, the same in both charts, so that their axes are alike."""

NUMBERS: Final = 30
"""Pixels for numbers in their place."""

ERROR: Final = ChartAxis(0, 100, tuple((float(n), str(n)) for n in range(0, 101, 20)))


def short(name: str) -> str:
    """A network's name at its line end: of "ResNet-56, 0.1 at once" what sets it apart."""
    base, comma, rest = name.partition(", ")
    return rest if comma and base[-1:].isdecimal() else name


class _CurvesPanel(QWidget):
    """Titled curves of some networks."""

    def __init__(self, theme: Theme, title: str, networks: Sequence[str], tokens: Mapping[str, str]) -> None:
        super().__init__()
        self.networks, self._tokens = networks, tokens
        layout = column(self)
        bar, self.bar = titled(title)
        self.unit = ElidedLabel("training error %, by epoch", "muted12")
        self.bar.insertWidget(1, self.unit)
        layout.addWidget(bar)
        self.chart = ChartView(theme, title)
        layout.addWidget(self.chart, 1)

    def show_curves(self, data: FigureData | None, part: str, *, few: bool) -> None:
        """Draw the networks' curves of a part, "train" or "test"."""
        self.unit.setText("training error %, by epoch" if part == "train" else "test error %, by epoch")
        lines, bands, tags = list[PlotLine](), list[ChartBand](), list[ChartTag]()
        for network in self.networks:
            runs = data.curves.get(network, {}) if data is not None else {}
            members = [_percent(run, part) for run in runs.values()]
            live = [run.live for run in runs.values()]
            dashed = network in self.networks[COLOURS:]
            made, soft = band_lines(network, self._tokens[network], members, live=live, dashed=dashed)
            lines += [line for line in made if few or line.live or line is made[-1]]
            bands += soft
            end = made[-1].points.y[-1] if made else (96 - 8 * len(tags))
            # Many names would lie on each other: the numbers are those of the bars.
            name = short(network) if few else str(len(tags) + 1)
            tags.append(ChartTag(name, self._tokens[network], float(end), dashed))
        epochs = data.epochs if data is not None and data.epochs else 8.0
        marks = (ChartMark(data.warm_up, "warm-up ends"),) if data is not None and data.warm_up and lines else ()
        message = "" if lines else "Curves appear here, one seed after another"
        chart = PlotData(ChartAxis(0, epochs), ERROR, tuple(lines), tuple(bands), tags=tuple(tags), marks=marks,
                      message=message, tag_room=TAGS if few else NUMBERS, left=36)  # fmt: skip
        self.chart.show_chart(chart)


def _percent(run: RunCurves, part: str) -> Points:
    points = run.train if part == "train" else run.test
    return Points(points.x, 100 * points.y)


class _EndsPanel(QWidget):
    """Bars of the last epoch's error, one a network, every seed a dot."""

    def __init__(
        self, theme: Theme, networks: Sequence[str], tokens: Mapping[str, str], products: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._networks, self._tokens, self._products = networks, tokens, products
        layout = column(self)
        bar, self.bar = titled("How each network ends")
        self.unit = ElidedLabel("", "muted12")
        self.bar.insertWidget(1, self.unit)
        layout.addWidget(bar)
        self.chart = ChartView(theme, "How each network ends")
        layout.addWidget(self.chart, 1)

    def show_ends(self, data: FigureData | None, part: str) -> None:
        """Draw the ends of the finished runs."""
        self.unit.setText("training error %, last epoch" if part == "train" else "test error %, last epoch")
        bars, dots, whiskers = list[ChartBar](), list[ChartDot](), list[tuple[float, float, float]]()
        top = 5.0
        for number, network in enumerate(self._networks):
            figures = _ends(data.results, network, part) if data is not None else {}
            if figures:
                values = list(figures.values())
                bars.append(ChartBar(float(number), mean_of(values), 0.6, self._tokens[network], name=network,
                                     hollow=number >= COLOURS))  # fmt: skip
                dots += seed_dots(number, figures)
                whiskers += whisker(number, values)
                top = max(top, 1.1 * max(values))
        # Names are long: each bar has a number, and its name stands at the right.
        ticks = tuple((float(n), str(n + 1)) for n in range(len(self._networks)))
        tags = tuple(
            ChartTag(
                f"{n + 1}  {name}{self._products.get(name, '')}", self._tokens[name], top - n * top / 12, n >= COLOURS
            )
            for n, name in enumerate(self._networks)
        )
        axis = ChartAxis(-0.6, len(self._networks) - 0.4, ticks)
        message = "" if bars else "Bars appear here, one seed after another"
        self.chart.show_chart(
            PlotData(axis, ChartAxis(0, top), bars=tuple(bars), dots=tuple(dots), whiskers=tuple(whiskers), tags=tags,
                  message=message)
        )  # fmt: skip


class TrainedFigure(ExperimentFigure):
    """Curves of all networks: plain beside residual ones, or all together beside their ends."""

    least = 230

    def __init__(self, theme: Theme, experiment: Experiment) -> None:
        super().__init__(theme, experiment)
        self._data: FigureData | None = None
        self.networks = _networks(experiment)
        tokens = network_tokens(self.networks)
        plain = [name for name in self.networks if name.startswith("plain-")]
        split = bool(plain)
        layout = row(self, gap=0)
        first = plain if split else self.networks
        second = [name for name in self.networks if name not in plain]
        self.left_panel = _CurvesPanel(theme, "Plain networks" if split else "Training", first, tokens)
        self.right_panel: _CurvesPanel | _EndsPanel
        if split:
            self.right_panel = _CurvesPanel(theme, "Residual networks", second, tokens)
        else:
            self.right_panel = _EndsPanel(theme, self.networks, tokens, _products(experiment))
        for number, part in enumerate((self.left_panel, self.right_panel)):
            side = panel()
            column(side).addWidget(part)
            if number:
                layout.addWidget(divider(upright=True))
            layout.addWidget(side, 1)
        self.part = SegmentedControl(theme, [("train", "Training", ""), ("test", "Test", "")], height=24, fitted=True)
        self.part.setAccessibleName("Error of which pictures")
        self.part.chosen.connect(lambda _part: self._draw())
        # The words beside it end in an ellipsis first.
        self.part.setMinimumWidth(self.part.sizeHint().width())
        self.left_panel.bar.addWidget(self.part)
        self.seeds = label("", "small")
        self.right_panel.bar.addWidget(self.seeds)

    def show_data(self, data: FigureData | None) -> None:
        """Draw every run that has begun."""
        self._data = data
        self._draw()

    def _draw(self) -> None:
        data, part = self._data, self.part.key
        self.left_panel.show_curves(data, part, few=len(self.left_panel.networks) <= 4)
        if isinstance(self.right_panel, _CurvesPanel):
            self.right_panel.show_curves(data, part, few=True)
        else:
            self.right_panel.show_ends(data, part)
        drawn = [panel.chart.chart for panel in (self.left_panel, self.right_panel) if panel.chart.chart is not None]
        self.seeds.setText(_seed_words(data, part, drawn))

    def set_narrow(self, *, narrow: bool) -> None:
        """The legend is left out in a narrow window, and the curves are lower, so that a claim is in view."""
        self.seeds.setVisible(not narrow)
        self.least = 164 if narrow else 230

    def rows(self) -> list[list[Cell]]:
        """Both errors by network, seed and epoch, as fractions."""
        if self._data is None or not self._data.curves:
            return []
        made: list[list[Cell]] = [["network", "seed", "part", "epoch", "error"]]
        for network, runs in self._data.curves.items():
            for seed, run in runs.items():
                for part, points in (("train", run.train), ("test", run.test)):
                    made += [[network, seed, part, float(x), float(y)] for x, y in zip(*points, strict=True)]
        return made


def _seed_words(data: FigureData | None, part: str, drawn: Sequence[PlotData]) -> str:
    """What thin lines, dots and bands are, as far as they are drawn: a band is of the seeds that have come furthest."""
    networks = [] if data is None else [[_percent(run, part) for run in runs.values()] for runs in data.curves.values()]
    if all(len(members) < 2 for members in networks):
        return ""
    thin = any(line.width < 1 for chart in drawn for line in chart.lines)
    signs = ["thin"] * thin + ["dot"] * any(chart.dots for chart in drawn)
    said = [f"{', '.join(signs)}: a seed"] if signs else []
    counts = sorted({count for members in networks if (count := sum(have_come_furthest(members))) > 1})
    if counts:
        number = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
        said.append(f"band: mean ± sd, n = {number}")
    return "; ".join(said)


def _networks(experiment: Experiment) -> list[str]:
    sweep = experiment.scales[0].sweep
    return list(sweep.axes[0].labels) if sweep is not None else []


def _products(experiment: Experiment) -> dict[str, str]:
    """Network -> the product of its shortcut's factors over all blocks of the smallest scale, in words."""
    sweep = experiment.scales[0].sweep
    if sweep is None or not experiment.factors:
        return {}
    found = {one.labels[0]: sum(one.spec.blocks) for one in expanded(sweep).configurations}
    return {name: f", ×{factor ** found[name]:.2g}" for name, factor in experiment.factors.items() if name in found}


def _ends(results: Results, network: str, part: str) -> dict[int, float]:
    return results.train_percent(network) if part == "train" else results.test_percent(network)

"""What the Evaluate page shows as figures for papers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from resnet_gui.evaluation.calibration import Reliability
from resnet_gui.gui.common.confusion_figure import confusion_figure
from resnet_gui.gui.common.figure_dialog import FigureChoice
from resnet_gui.gui.evaluate.depth.likeness import LikenessData
from resnet_gui.gui.evaluate.depth.panel import DepthPanel
from resnet_gui.gui.evaluate.depth.probe_strip import ProbeCurve, probe_chart
from resnet_gui.gui.evaluate.matrix import MatrixPanel
from resnet_gui.gui.evaluate.robustness.panel import RobustnessPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBar, ChartDot, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.charts.surface import HeightRange
from resnet_gui.gui.kit.cloud.point_cloud import CloudData
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.figures.figure import FigureDrawing
from resnet_gui.gui.kit.figures.legend import LegendEntry
from resnet_gui.gui.kit.figures.map import MapFigure
from resnet_gui.gui.kit.figures.panels import PanelsFigure
from resnet_gui.gui.kit.figures.plot import PlotFigure

PER_CENT = tuple((float(value), str(value)) for value in range(0, 101, 20))
LEFT = 46.0
"""Units left of the axes of the reliability diagram and of the counts below it."""

FEW_DOTS = 1500
"""Points up to which they are drawn large."""


class EvaluationFigures:
    """The figures of the evaluation on show: what is measured of it, as it is shown."""

    def __init__(
        self, state: EvaluateState, matrix: MatrixPanel, depth: DepthPanel, robustness: RobustnessPanel
    ) -> None:
        self._state, self._matrix, self._depth, self._robustness = state, matrix, depth, robustness

    def choices(self) -> list[FigureChoice]:
        """What can be drawn; nothing before there is an evaluation."""
        answers, evaluation = self._state.answers, self._state.evaluation
        if answers is None or evaluation is None:
            return []
        name = self._state.name or "Network"
        file = evaluation.folder.name
        by, order = self._matrix.shown.currentData(), self._matrix.order
        found = [
            FigureChoice(
                "Confusion matrix",
                lambda: confusion_figure(answers.counts, answers.labels, name, by=by, order=order),
                f"{file}-confusion",
            ),
            FigureChoice("Reliability diagram", lambda: self._reliability(name), f"{file}-reliability"),
        ]
        return [*found, *self._robustness_choices(file), *self._depth_choices(name, file)]

    def _reliability(self, name: str) -> FigureDrawing:
        answers, temperature = self._state.answers, self._state.temperature
        assert answers is not None  # noqa: S101 (choices are made of an evaluation)
        heated = answers.reliability(temperature) if temperature != 1 else None
        return reliability_figure(answers.reliability(), heated, temperature, name)

    def _robustness_choices(self, file: str) -> list[FigureChoice]:
        found = []
        for title, key, tab in (
            ("Accuracy by corruption", "corruptions", self._robustness.corruption),
            ("Accuracy under attack", "attacks", self._robustness.attack),
        ):
            chart = tab.chart.chart
            if chart is not None and chart.lines:
                found.append(FigureChoice(title, partial(accuracy_figure, chart, title), f"{file}-{key}"))
        return found

    def _depth_choices(self, name: str, file: str) -> list[FigureChoice]:
        panel, found = self._depth, []
        strip, cloud = panel.strip, panel.cloud.cloud
        if strip.curves and panel.measured is not None:
            places = tuple(cell.name for cell in panel.measured.cells)
            found.append(
                FigureChoice("Linear probes by depth", lambda: probe_figure(strip.curves, places), f"{file}-probes")
            )
        if cloud is not None and panel.measured is not None:
            words = panel.measured.words(strip.place, panel.methods.key)
            method = "t-SNE" if panel.methods.key == "t-sne" else "principal component"
            found.append(FigureChoice("Cloud of features", lambda: cloud_figure(cloud, words, method), f"{file}-cloud"))
        for view in (panel.likeness.own, panel.likeness.beside):
            data = view.matrix
            if data is not None:
                title = f"CKA, {data.title}"
                found.append(FigureChoice(title, partial(likeness_figure, data), f"{file}-cka"))
        return found


def reliability_figure(plain: Reliability, heated: Reliability | None, temperature: float, title: str) -> FigureDrawing:
    """Accuracy by confidence with the gap to it, the same at a temperature, and how many answers each bin has."""
    bars, gaps = list[ChartBar](), list[ChartBar]()
    for number, (accuracy, confidence) in enumerate(zip(plain.accuracy, plain.confidence, strict=True)):
        if accuracy is None or confidence is None:
            continue
        low, high = 100 * plain.edges[number], 100 * plain.edges[number + 1]
        middle, wide = (low + high) / 2, 0.94 * (high - low)
        bars.append(ChartBar(middle, 100 * accuracy, wide, "acc", alpha=0.45))
        gaps.append(ChartBar(middle, 100 * confidence, wide, "t2", base=100 * accuracy, hollow=True))
    ends = np.array([0.0, 100.0])
    lines = [PlotLine(Points(ends, ends), "t2", 0.8, dash=1)]
    dots: list[ChartDot] = []
    legend = [LegendEntry("accuracy", "acc", "area", alpha=1.0), LegendEntry("gap to the confidence", "t2", "area")]
    if heated is not None:
        pairs = [(100 * c, 100 * a) for c, a in zip(heated.confidence, heated.accuracy, strict=True)
                 if c is not None and a is not None]  # fmt: skip
        x, y = (np.array(each) for each in zip(*pairs, strict=True)) if pairs else (np.empty(0), np.empty(0))
        lines.append(PlotLine(Points(x, y), "t1", 1.4))
        dots = [ChartDot(float(across), float(up), "t1", 4) for across, up in pairs]
        legend.append(LegendEntry(f"at T = {temperature:.2f}", "t1", "line", 1.4))
    errors = f"calibration error {100 * plain.error:.1f} %"
    errors += f", {100 * heated.error:.1f} % at T" if heated is not None else ""
    diagram = PlotFigure(
        PlotData(ChartAxis(0, 100, PER_CENT), ChartAxis(0, 100, PER_CENT, title="accuracy (%)"), tuple(lines),
                 bars=(*bars, *gaps), dots=tuple(dots)),
        f"{title}: {errors}", tuple(legend), share=0.62, left=LEFT,
    )  # fmt: skip
    most = max(plain.count, default=1) or 1
    counts = tuple(
        ChartBar(50 * (plain.edges[n] + plain.edges[n + 1]), float(number), 94 * (plain.edges[n + 1] - plain.edges[n]),
                 "t3") for n, number in enumerate(plain.count)
    )  # fmt: skip
    below = PlotFigure(
        PlotData(ChartAxis(0, 100, PER_CENT, title="confidence (%)"), ChartAxis(0, 1.05 * most, title="pictures"),
                 bars=counts), share=0.2, left=LEFT,
    )  # fmt: skip
    return PanelsFigure((diagram, below), title, columns=1, lettered=False)


def accuracy_figure(chart: PlotData, title: str) -> PlotFigure:
    """A chart of accuracies with the titles that a figure needs; rings that show where sliders stand are left out."""
    dots = tuple(dot for dot in chart.dots if not dot.hollow)
    names = tuple(ChartTag(tag.text, tag.token, tag.y) for tag in chart.tags)
    data = replace(chart, y=replace(chart.y, title="accuracy (%)"), dots=dots, tags=names)
    return PlotFigure(data, title, (LegendEntry("95 % interval", "t1", "area"),))


def probe_figure(curves: tuple[ProbeCurve, ...], places: tuple[str, ...]) -> PlotFigure:
    """What a linear probe reads after each block."""
    chart = probe_chart(curves, len(places))
    step = max(1, -(-len(places) // 10))
    ticks = tuple((float(number), places[number]) for number in range(0, len(places), step))
    tags = tuple(
        ChartTag(line.name, line.token, float(line.points.y[np.isfinite(line.points.y)][-1]), dash=line.dash)
        for line in chart.lines
    )
    data = replace(
        chart, x=replace(chart.x, ticks=ticks, title="features after block"),
        y=replace(chart.y, title="linear probe accuracy (%)"), tags=tags, tag_room=0,
    )  # fmt: skip
    return PlotFigure(data, "Linear probes by depth", (LegendEntry("95 % interval", "t1", "area"),))


def cloud_figure(cloud: CloudData, words: str, method: str) -> PlotFigure:
    """Pictures as points in the colours of their classes, both axes of one scale."""
    left, right, bottom, top = cloud.bounds
    size = 3.2 if len(cloud.groups) <= FEW_DOTS else 1.8
    dots = tuple(
        ChartDot(float(x), float(y), token, size, hollow)
        for (x, y), (token, hollow) in zip(cloud.places, (cloud.styles[int(g)] for g in cloud.groups), strict=True)
        if np.isfinite(x) and np.isfinite(y)
    )
    legend = tuple(
        LegendEntry(name, token, "ring" if hollow else "dot")
        for name, (token, hollow) in zip(cloud.names, cloud.styles, strict=True)
        if name
    )
    room = 0.03 * max(right - left, top - bottom, 1e-9)
    x = ChartAxis(left - room, right + room, title=f"{method} 1")
    y = ChartAxis(bottom - room, top + room, title=f"{method} 2")
    share = min(1.2, max(0.4, 0.9 * (top - bottom + room) / max(right - left + room, 1e-9)))
    return PlotFigure(PlotData(x, y, dots=dots, grid=False), words, legend, share=share)


def likeness_figure(data: LikenessData) -> MapFigure:
    """How alike the features of blocks are, the first block at the lower left."""
    rows, columns = ([cell.name for cell in side] for side in (data.rows, data.columns))
    x = ChartAxis(-0.5, len(columns) - 0.5, _ticks(columns), title="features after block")
    y = ChartAxis(-0.5, len(rows) - 0.5, _ticks(rows), title="features after block")
    return MapFigure(data.values[::-1], x, y, HeightRange(0.0, 1.0, log=False), "CKA", data.title, square=True)


def _ticks(names: list[str]) -> tuple[tuple[float, str], ...]:
    step = max(1, -(-len(names) // 10))
    return tuple((float(number), names[number]) for number in range(0, len(names), step))

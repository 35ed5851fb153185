"""The plots of runs as figures for papers: what is shown on the page, drawn anew from the runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import msgspec
import numpy as np

from resnet_gui.design.plan import plan
from resnet_gui.gui.common.confusion_figure import confusion_figure
from resnet_gui.gui.common.figure_dialog import FigureChoice
from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.kit.axes import TIME_STEPS, axis_time, round_ticks
from resnet_gui.gui.kit.charts.bands import BandData, band_of
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBar, ChartMark, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.charts.surface import HeightRange
from resnet_gui.gui.kit.curves import NOTHING, Points, Values, bulk_top, smoothed, thinned
from resnet_gui.gui.kit.figures.figure import FigureDrawing
from resnet_gui.gui.kit.figures.legend import LegendEntry
from resnet_gui.gui.kit.figures.map import MapFigure
from resnet_gui.gui.kit.figures.panels import PanelsFigure
from resnet_gui.gui.kit.figures.peaks import cut_peak
from resnet_gui.gui.kit.figures.plot import PlotFigure, axis_over, bands_figure
from resnet_gui.gui.runs.colours import dashes_of
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.runs.series import Axis, end_of
from resnet_gui.gui.train.plots.confusion import confusion
from resnet_gui.gui.train.plots.gradient_heatmap import matrix, span
from resnet_gui.gui.train.plots.internals import LINES, InternalsPanel, heat_runs, labels_and_answers, probed_sections

POINTS: Final = 700
"""Columns that a curve is thinned to: more than a printed figure resolves."""

PAIR_SHARE: Final = 0.32
"""Height over width of a map that stands above another."""

LOW_SHARE: Final = 0.45
"""Height over width of axes that stand with three others."""

CONSTANT: Final = 1.5
"""Times the lowest rate; a highest one below it is no reason for a logarithmic axis."""

LOW: Final = 1e-3
"""Of its top, the lowest rate that is drawn."""

BULK: Final = 0.995
"""Of all losses, that have room; the rare peaks above them are cut at the edge."""

BULK_ROOM: Final = 1.2
"""Times where most of the losses lie, the top of their axis."""

AXIS_TITLES: Final[dict[Axis, str]] = {"step": "step", "epoch": "epoch", "time": "training time"}
CURVES: Final = {"loss": ("Loss", "cross-entropy (nats)", 1.0), "error": ("Top-1 error", "top-1 error (%)", 100.0)}
RATES: Final = {"lr": ("Learning rate", "learning rate"), "speed": ("Images a second", "images/s")}
PART: Final = (LegendEntry("training", "t1", width=0.8, alpha=0.75), LegendEntry("validation", "t1", width=1.6))


@dataclass(frozen=True)
class ShownRuns:
    """The runs that the plots of the Train page show, and how.

    Attributes:
        runs: in the order in which they are drawn.
        chosen: the one whose internals are shown.
        axis: what x counts.
        weight: of the smoothing, 0 to 1.
        log: whether losses and errors are on a logarithmic axis.
        rate: "lr" or "speed".
    """

    runs: Sequence[RunRow]
    chosen: RunRow | None
    axis: Axis
    weight: float
    log: bool
    rate: str

    @property
    def x(self) -> ChartAxis:
        """The axis of the whole training."""
        states = [run.state for run in self.runs if run.state is not None]
        limit = max((end_of(state, self.axis) for state in states), default=0.0) or 1.0
        ticks: tuple[tuple[float, str], ...] = ()
        if self.axis == "time":
            ((_, values),) = round_ticks(0.0, limit, 280, TIME_STEPS)
            ticks = tuple((value, axis_time(value)) for value in values)
        return ChartAxis(0.0, limit, ticks, title=AXIS_TITLES[self.axis])

    def points(self, run: RunRow, name: str, weight: float | None = None) -> Points:
        """A curve of a run, smoothed as on the page."""
        if run.state is None:
            return NOTHING
        points = run.series.curve(run.state, name, self.axis, run.recipe.batch_size)
        drawn = smoothed(points, self.weight if weight is None else weight, POINTS)
        return Points(np.array(drawn.x), np.array(drawn.y))


def run_figures(shown: ShownRuns, internals: InternalsPanel) -> list[FigureChoice]:
    """All figures of the runs on show: the four plots as one, each of them, and means over seeds where there are."""
    if not any(run.state is not None for run in shown.runs):
        return []
    singles: list[tuple[str, str, Callable[[], FigureDrawing]]] = [
        (CURVES[kind][0], kind, partial(curves_figure, shown, kind)) for kind in CURVES
    ]
    singles.append((RATES[shown.rate][0], shown.rate, lambda: rate_figure(shown)))
    inner = internals_figure(shown, internals)
    if inner is not None:
        singles.append((str(internals.view.currentText()), internals.key, lambda: inner))
    everything = FigureChoice("All plots", lambda: _all_plots(shown, [make() for _, _, make in singles]), "curves")
    found = [everything, *(FigureChoice(title, make, name) for title, name, make in singles)]
    if any(len(group) > 1 for group in by_seed(shown.runs)):
        found += [
            FigureChoice(
                f"{CURVES[kind][0]}, mean ± sd over seeds", partial(means_figure, shown, kind), f"{kind}-means"
            )
            for kind in CURVES
        ]
    return found


def _all_plots(shown: ShownRuns, figures: Sequence[FigureDrawing]) -> PanelsFigure:
    """All plots as one: which line is whose stands above them once, and one below the other they fit on a page."""
    dashes = dashes_of(shown.runs)
    runs = [LegendEntry(run.name, run.token, width=2.0, dash=dashes[run.folder]) for run in shown.runs]
    panels: list[FigureDrawing] = []
    for number, figure in enumerate(figures):
        if isinstance(figure, PlotFigure):
            curves = number <= len(CURVES)
            data = replace(figure.data, tags=()) if curves else figure.data
            panels.append(replace(figure, data=data, legend=() if curves else figure.legend, share=LOW_SHARE))
        else:
            panels.append(figure)
    return PanelsFigure(panels, "Training curves", legend=(*runs, *PART))


def curves_figure(shown: ShownRuns, kind: str) -> PlotFigure:
    """Loss or error of training and validation, "loss" or "error"; each run has its name at its end."""
    title, unit, factor = CURVES[kind]
    lines, validated, tags = list[PlotLine](), list[PlotLine](), list[ChartTag]()
    dashes = dashes_of(shown.runs)
    for run in shown.runs:
        dash = dashes[run.folder]
        for part, width, alpha in (("train", 0.8, 0.75), ("test", 1.6, 1.0)):
            name = f"{part}_{kind}"
            if shown.weight > 0:
                x, values = shown.points(run, name, 0.0)
                lines.append(PlotLine(Points(x, factor * values), run.token, 0.5, 0.3, dash))
            x, values = shown.points(run, name)
            lines.append(PlotLine(Points(x, factor * values), run.token, width, alpha, dash, name=run.name))
        validated.append(lines[-1])
        end = next((line.points.y for line in reversed(lines[-2:]) if len(line.points.y)), None)
        if end is not None:
            tags.append(ChartTag(run.name, run.token, float(end[-1]), run.dashed, dash))
    y = axis_over([line.points.y for line in lines], unit, log=shown.log, zero=True, top=BULK)
    if kind == "loss" and not shown.log:
        y = _cut_at_bulk(y, [line.points.y for line in lines])
    # As on the page those of training are cut without a word: most runs begin with one.
    peaks = cut_peak(validated, shown.x, y)
    return PlotFigure(PlotData(shown.x, y, tuple(lines), tags=tuple(tags)), title, PART, peaks=peaks)


def _cut_at_bulk(axis: ChartAxis, curves: Sequence[Values]) -> ChartAxis:
    """The axis up to where it ends on the page: a few bad epochs must not flatten all others."""
    known = [sound for sound in (values[np.isfinite(values)] for values in curves) if len(sound)]
    top = BULK_ROOM * bulk_top(known)
    return replace(axis, high=top) if 0 < top < axis.high else axis


def rate_figure(shown: ShownRuns) -> PlotFigure:
    """The learning rate, or pictures a second."""
    title, unit = RATES[shown.rate]
    lines, tags = list[PlotLine](), list[ChartTag]()
    dashes = dashes_of(shown.runs)
    for run in shown.runs:
        dash = dashes[run.folder]
        points = shown.points(run, shown.rate, 0.0 if shown.rate == "lr" else None)
        if len(points.x):
            lines.append(PlotLine(points, run.token, 1.4, 1.0, dash, name=run.name))
            tags.append(ChartTag(run.name, run.token, float(points.y[-1]), run.dashed, dash))
    rates = np.concatenate([line.points.y for line in lines]) if lines else np.empty(0)
    log = shown.rate == "lr" and bool(len(rates)) and float(rates.max()) > CONSTANT * float(rates.min())
    y = axis_over([line.points.y for line in lines], unit, log=log, zero=True)
    if log:
        # The last steps of a cosine would stretch the scale over decades that nobody reads.
        y = replace(y, low=max(y.low, LOW * y.high))
    return PlotFigure(PlotData(shown.x, y, tuple(lines), tags=tuple(tags)), title)


def by_seed(runs: Sequence[RunRow]) -> list[list[RunRow]]:
    """The runs in groups that differ in the seed alone, in the order of their first ones."""
    groups: dict[object, list[RunRow]] = {}
    for run in runs:
        key = run.spec, msgspec.json.encode(msgspec.structs.replace(run.recipe, seed=0)), run.data_name
        groups.setdefault(key, []).append(run)
    return list(groups.values())


def means_figure(shown: ShownRuns, kind: str) -> PlotFigure:
    """The validation loss or error of every design and recipe, as mean ± standard deviation over its seeds."""
    title, unit, factor = CURVES[kind]
    bands: list[BandData] = []
    groups = by_seed(shown.runs)
    dashes = dashes_of([group[0] for group in groups])
    for group in groups:
        members = [Points(x, factor * y) for x, y in (shown.points(run, f"test_{kind}", 0.0) for run in group)]
        first = group[0]
        name = first.design if len(group) > 1 else first.name
        bands.append(band_of(str(first.folder), name, first.token, members, dash=dashes[first.folder]))
    values = [each for band in bands for each in (band.low, band.high)]
    y = axis_over(values, f"validation {unit}", log=shown.log, zero=True)
    if kind == "loss" and not shown.log:
        y = _cut_at_bulk(y, [points.y for band in bands for points in (band.mean, *band.members)])
    figure = bands_figure(bands, shown.x, y, f"{title}, mean ± sd over seeds")
    return replace(figure, peaks=cut_peak(figure.data.lines, shown.x, y))


# ---- what happens inside


def internals_figure(shown: ShownRuns, internals: InternalsPanel) -> FigureDrawing | None:
    """What the fourth panel shows of the chosen run; None for nothing."""
    run = shown.chosen
    if run is None or run.state is None:
        return None
    match internals.key:
        case "ratios":
            return _ratios(run)
        case "confusion":
            return _confusion(run, internals.confusion.epoch)
        case _ if internals.form.key == "heat":
            return _gradient_maps(shown, heat_runs(shown.runs, run), internals)
        case _ if not run.state.gradients.width:
            return None
        case _:
            return _gradient_lines(shown, run, internals)


def _gradients(run: RunRow, shown: ShownRuns, internals: InternalsPanel) -> tuple[Values, Values]:
    """Norms by depth and time, and where on the x axis they were taken."""
    assert run.state is not None  # noqa: S101 (the callers have looked)
    return matrix(run.state.gradients), internals.places(run, shown.axis)


def _gradient_maps(shown: ShownRuns, runs: Sequence[RunRow], internals: InternalsPanel) -> FigureDrawing | None:
    """A map of each run, all of one scale, as the page shows them."""
    limits = span([matrix(run.state.gradients) for run in runs if run.state is not None]) if runs else (0.0, 0.0)
    maps = [_gradient_map(shown, run, internals, limits) for run in runs]
    if len(maps) < 2:
        return maps[0] if maps else None
    pair = [replace(each, share=PAIR_SHARE, y=replace(each.y, title="layer")) for each in maps]
    return PanelsFigure(pair, columns=1, lettered=False)


def _gradient_map(shown: ShownRuns, run: RunRow, internals: InternalsPanel, limits: tuple[float, float]) -> MapFigure:
    values, places = _gradients(run, shown, internals)
    depth, (low, high) = len(values), limits
    ticks = tuple((float(layer), str(layer)) for layer in dict.fromkeys((1, (depth + 1) // 2, depth)))
    step = float(np.median(np.diff(places))) if len(places) > 1 else 1.0
    last = (float(places[-1]) if len(places) else 0.0) + step
    whole = shown.x
    # A grid of even columns: of a very long run the nearest probes.
    columns = np.linspace(0, len(places) - 1, min(len(places), POINTS)).round().astype(np.int64)
    x = ChartAxis(0.0, last, tuple(tick for tick in whole.ticks if tick[0] <= last), title=whole.title)
    y = ChartAxis(depth + 0.5, 0.5, ticks, title="layer, input first")
    return MapFigure(values[:, columns], x, y, HeightRange(low, high, log=True), "gradient norm", run.name)


def _gradient_lines(shown: ShownRuns, run: RunRow, internals: InternalsPanel) -> PlotFigure:
    values, places = _gradients(run, shown, internals)
    depth, sections = len(values), probed_sections(run.spec)
    lines, tags = list[PlotLine](), list[ChartTag]()
    for number in sorted({round(at * (depth - 1) / (LINES - 1)) for at in range(LINES)}):
        points = thinned(Points(places, values[number]), POINTS)
        hue = section_token(sections[number]) if number < len(sections) else "t3"
        lines.append(PlotLine(points, hue, 1.2))
        tags.append(ChartTag(f"layer {number + 1}", hue, float(points.y[-1])))
    y = axis_over([line.points.y for line in lines], "gradient norm", log=True)
    return PlotFigure(PlotData(shown.x, y, tuple(lines), tags=tuple(tags)), run.name)


def _ratios(run: RunRow) -> PlotFigure | None:
    state = run.state
    if state is None or not state.ratios.width:
        return None
    values = state.ratios.values[-state.ratios.width :]
    blocks = [location for location, block in plan(run.spec).blocks() if block.adds]
    if len(blocks) != len(values):
        return None
    bars = tuple(
        ChartBar(float(number), value, 0.8, section_token(block.stage), name=block.number)
        for number, (block, value) in enumerate(zip(blocks, values, strict=True))
    )
    firsts = [n for n, block in enumerate(blocks) if n == 0 or block.stage != blocks[n - 1].stage]
    ticks = tuple((float(n), blocks[n].number) for n in (range(len(blocks)) if len(blocks) <= 12 else firsts))
    x = ChartAxis(-0.6, len(blocks) - 0.4, ticks, title="block")
    y = ChartAxis(0.0, 1.05 * max(1.2, *values), title="‖F(x)‖ / ‖shortcut‖")
    title = f"{run.name}, step {state.ratios.steps[-1]:,.0f}"
    return PlotFigure(PlotData(x, y, bars=bars, marks=(ChartMark(1.0, level=True),)), title)


def _confusion(run: RunRow, epoch: int) -> FigureDrawing | None:
    labels, answers = labels_and_answers(run, epoch)
    if run.data is None or not len(labels):
        return None
    classes = run.data.classes
    return confusion_figure(confusion(labels, answers, len(classes)), classes, f"{run.name}, epoch {epoch}")

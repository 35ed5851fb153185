"""Curves of runs, live, in four panels with one x axis and one crosshair."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QSplitter, QWidget

from resnet_gui.gui.kit.bars.folding import Folding, hiding
from resnet_gui.gui.kit.basic import column, scrolled
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.curve_plot import CurveData, CurvePlot
from resnet_gui.gui.kit.curves import NOTHING, Points, smoothed, thinned, value_at
from resnet_gui.gui.kit.format import duration
from resnet_gui.gui.kit.readout import ReadoutRow
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.splitter_sizes import restore_sizes
from resnet_gui.gui.kit.window.turn_painting import TurnPainting
from resnet_gui.gui.runs.colours import dashes_of
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.runs.series import Axis, end_of
from resnet_gui.gui.train.plots.bar import PlotToolBar
from resnet_gui.gui.train.plots.figures import ShownRuns
from resnet_gui.gui.train.plots.internals import InternalsPanel
from resnet_gui.gui.train.plots.phase_marks import PhaseMarks, phase_spans
from resnet_gui.training.recipe import lr_at

SCHEDULE_POINTS: Final = 300
LOW: Final = 1e-3
"""Of its top, the lowest rate that is drawn."""

LEAST_HEIGHT: Final = 136
"""Pixels of a panel, at least: what a low window has no room for is scrolled to."""

BLANK: Final = "Curves appear with the first step."
KINDS: Final = {"loss": 1.0, "error": 100.0}
MANY_RUNS: Final = 12
"""With more of them on show, the plots are painted in turns after they were drawn."""


def _rate_kinds(theme: Theme, plot: CurvePlot) -> SegmentedControl:
    """The choice of what the plot of rates shows, in its head."""
    made = SegmentedControl(theme, [("lr", "Learning rate", ""), ("speed", "Images/s", "")], height=24)
    made.setFixedWidth(176)
    made.setAccessibleName("Learning rate or images a second")
    plot.bar.insertWidget(plot.bar.count() - 1, made)
    # The chosen segment says the same as the title.
    head = plot.title.parentWidget()
    if head is not None:
        Folding(head, plot.bar, (hiding(plot.unit), hiding(plot.title)))
    return made


class RunPlots(QFrame):
    """The plots of runs: four panels under one bar of choices.

    Attributes:
        bar: smoothing and axes; whoever holds the runs draws again when they change.
        loss: cross-entropy.
        error: top-1 error in per cent.
        rate: learning rate, or pictures a second.
        internals: gradients, residuals, confusion.
        phases: lines where other parts of the network begin to learn, one a plot.

    Signals:
        changed: the runs have to be drawn again.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = column(self)
        self.bar = PlotToolBar(theme)
        layout.addWidget(self.bar)
        self.loss = CurvePlot(theme, "Loss", "cross-entropy", bulk=True)
        self.error = CurvePlot(theme, "Top-1 error", "%", positive=True)
        self.rate = CurvePlot(theme, "Learning rate", "")
        self.rate.set_log(log=True)
        for plot in (self.loss, self.error, self.rate):
            plot.notes.sentence = BLANK
        self.rate_kind = _rate_kinds(theme, self.rate)
        self.internals = InternalsPanel(theme)
        self._compact = False
        self._alone: QWidget | None = None
        self._sizes = [[1, 1] for _ in range(3)]
        self._panels: tuple[QWidget, ...] = (self.loss, self.error, self.rate, self.internals)
        self.rows = QSplitter(Qt.Orientation.Vertical)
        self.halves = [QSplitter(Qt.Orientation.Horizontal) for _ in range(2)]
        for number, panel in enumerate(self._panels):
            # One divider for both rows, whatever stands in the panels' heads.
            panel.setMinimumSize(240, LEAST_HEIGHT)
            self.halves[number // 2].addWidget(panel)
        for splitter in (self.rows, *self.halves):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        for half in self.halves:
            self.rows.addWidget(half)
            half.setSizes([500, 500])
        self.rows.setSizes([500, 500])
        layout.addWidget(scrolled(self.rows), 1)
        self._painting = TurnPainting(self, self._panels)
        self._runs: list[RunRow] = []
        self._chosen: RunRow | None = None
        self._dashes: dict[Path, int] = {}
        self._cache: dict[tuple[str, str], tuple[Any, Points]] = {}
        self._cross: float | None = None
        self.phases = [PhaseMarks(theme, plot) for plot in (self.loss, self.error, self.rate, self.internals.lines)]
        self._connect()

    def _connect(self) -> None:
        for panel in self._panels:
            panel.hovered.connect(self._hover)  # type: ignore[attr-defined]
            panel.enlarge_requested.connect(lambda panel=panel: self._enlarge(panel))  # type: ignore[attr-defined]
        self.bar.changed.connect(self._bar_changed)
        self.internals.changed.connect(self.changed)
        self.rate_kind.chosen.connect(self._rate_chosen)

    @property
    def axis(self) -> Axis:
        """What the x axis counts."""
        return self.bar.axis.key  # type: ignore[return-value]

    def titled_panels(self) -> tuple[tuple[str, QWidget], ...]:
        """The panels with what they show."""
        rate = "Learning rate" if self.rate_kind.key == "lr" else "Images a second"
        names = ("Loss", "Top-1 error", rate, "Inside the network")
        return tuple(zip(names, self._panels, strict=True))

    # ---- drawing

    def draw(self, runs: Sequence[RunRow], chosen: RunRow | None) -> None:
        """Draw the curves of all shown runs, the chosen one last and thickest; only what has changed."""
        self._runs = sorted((run for run in runs if run.shown or run is chosen), key=lambda run: run is chosen)
        self._chosen = chosen
        if len(self._runs) > MANY_RUNS:
            self._painting.begin()
        self._dashes = dashes_of(self._runs)
        for run in self._runs:
            if run.state is None:
                run.look()
        states = [run.state for run in self._runs if run.state is not None]
        limit = max((end_of(state, self.axis) for state in states), default=0.0)
        ticks = [*self._rate_changes(), *([limit] if limit and self.axis != "time" else [])]
        known = {str(run.folder) for run in self._runs}
        self._cache = {key: value for key, value in self._cache.items() if key[0] in known}
        for plot, kind in ((self.loss, "loss"), (self.error, "error")):
            if plot.isVisible():
                plot.set_ticks(ticks, times=self.axis == "time")
                plot.set_curves(self._curves(plot, kind), limit=limit)
        if self.rate.isVisible():
            self.rate.set_ticks(ticks, times=self.axis == "time")
            self.rate.set_curves(self._rate_curves(), limit=limit)
            self.rate.set_marks(self._marks() if self.rate_kind.key == "lr" else ())
        spans = phase_spans(chosen, self.axis) if chosen is not None else ()
        for marks in self.phases:
            marks.show_spans(spans)
        if self.internals.isVisible():
            self.internals.draw(self._runs, chosen, self.axis, limit)
        if self._cross is not None:
            self._show_cross()

    def _curves(self, plot: CurvePlot, kind: str) -> list[CurveData]:
        found: list[CurveData] = []
        weight = self.bar.weight
        for order, run in enumerate(self._runs):
            chosen = run is self._chosen
            for part, width, alpha in (("train", 1.0, 0.75), ("test", 2.2 if chosen else 1.8, 1.0)):
                name = f"{part}_{kind}"
                key = f"{run.folder}/{part}"
                live = part == "test" and run.going
                drawn = self._points(run, name, plot.pixels, weight, KINDS[kind])
                at = 2 * order + width
                called = run.name if part == "test" else ""
                found.append(CurveData(key, drawn, run.token, width, alpha, live, self._dashes[run.folder], at, called))
                if weight > 0:
                    raw = self._points(run, name, plot.pixels, 0.0, KINDS[kind])
                    found.append(CurveData(f"{key}/raw", raw, run.token, 0.8, 0.3, order=0.1))
        return found

    def _points(self, run: RunRow, name: str, pixels: int, weight: float, factor: float) -> Points:
        """A curve as it is drawn; the same object as long as nothing has changed."""
        state = run.state
        if state is None:
            return NOTHING
        curve = state.curves["seconds" if name == "speed" else name]
        key = (str(run.folder), f"{name}/{weight > 0}")
        seen = (id(state.started), len(curve.y), self.axis, weight, pixels)
        kept = self._cache.get(key)
        if kept is not None and kept[0] == seen:
            return kept[1]
        points = run.series.curve(state, name, self.axis, run.recipe.batch_size)
        drawn = smoothed(points, weight, pixels)
        made = Points(np.array(drawn.x), drawn.y * factor)
        self._cache[key] = (seen, made)
        return made

    def _rate_curves(self) -> list[CurveData]:
        kind = self.rate_kind.key
        found: list[CurveData] = []
        for order, run in enumerate(self._runs):
            width = 2.2 if run is self._chosen else 1.6
            weight = self.bar.weight if kind == "speed" else 0.0
            points = self._points(run, kind, self.rate.pixels, weight, 1.0)
            if kind == "lr" and len(points.y) and points.y[-1] < LOW * run.recipe.lr:
                # The last steps of a cosine would stretch the scale over decades that nobody reads.
                points = Points(points.x, np.maximum(points.y, LOW * run.recipe.lr))
            found.append(
                CurveData(str(run.folder), points, run.token, width, 1.0, run.going, self._dashes[run.folder], order)
            )
            if kind == "lr" and run.going:
                ahead = self._ahead(run)
                found.append(CurveData(f"{run.folder}/ahead", ahead, run.token, 1.2, 0.8, dash=1, order=0.1))
        return found

    def _ahead(self, run: RunRow) -> Points:
        """The rest of a run's schedule."""
        state = run.state
        if state is None or state.started is None or self.axis == "time":
            return NOTHING
        total = state.total_steps
        key, seen = (str(run.folder), "ahead"), (id(state.started), self.axis, state.step * SCHEDULE_POINTS // total)
        kept = self._cache.get(key)
        if kept is not None and kept[0] == seen:
            return kept[1]
        steps = np.linspace(state.step, total, SCHEDULE_POINTS)
        rates = np.array([lr_at(run.recipe, int(step), total) for step in steps])
        x = steps if self.axis == "step" else steps / state.started.steps_per_epoch
        # A cosine ends at zero, which a logarithmic axis does not have.
        made = thinned(Points(x, np.maximum(rates, run.recipe.lr * LOW)), self.rate.pixels)
        self._cache[key] = (seen, made)
        return made

    def _rate_changes(self) -> list[float]:
        return [x for x, _, _ in rate_changes(self._chosen, self.axis)] if self._chosen is not None else []

    def _marks(self) -> list[tuple[float, float, str]]:
        run = self._chosen
        if run is None:
            return []
        marks = rate_changes(run, self.axis)
        if run.recipe.warmup and run.state is not None and run.state.started is not None and self.axis != "time":
            marks.append((0.0, lr_at(run.recipe, 0, run.state.total_steps), "warm-up"))
        return marks

    # ---- choices

    def _bar_changed(self) -> None:
        for plot in (self.loss, self.error):
            plot.set_log(log=self.bar.log.isChecked())
        self.changed.emit()

    def _rate_chosen(self, key: str) -> None:
        self.rate.title.setText("Learning rate" if key == "lr" else "Images a second")
        self.rate.set_curves([])
        self.rate.set_log(log=key == "lr")
        self.changed.emit()

    def set_compact(self, *, on: bool) -> None:
        """Show only the upper half, where other things need the room."""
        if on != self._compact:
            self._compact = on
            self._show_panels()

    def _enlarge(self, panel: QWidget) -> None:
        """Show one panel alone, or all again."""
        self._alone = None if self._alone is not None else panel
        self._show_panels()

    def _show_panels(self) -> None:
        """Show the panels that are wanted, each with its share of the room: none may have a height of 0."""
        kept, alone = self.sizes(), self._alone
        for each in self._panels:
            each.setVisible(alone in {None, each})
        for number, half in enumerate(self.halves):
            half.setVisible(not (self._compact and number) if alone is None else half.isAncestorOf(alone))
        self.restore(kept)
        self.changed.emit()

    # ---- the crosshair

    def _hover(self, x: float | None) -> None:
        inside = x is not None and x >= 0
        self._cross = x if inside else None
        self._show_cross()

    def _show_cross(self) -> None:
        x = self._cross
        for plot, kind, digits in ((self.loss, "loss", 3), (self.error, "error", 2)):
            plot.show_cross(x, partial(self._readings, kind, x or 0.0, digits))
        self.rate.show_cross(x, lambda: self._rate_readings(x or 0.0))
        self.internals.show_cross(x)

    def _place(self, x: float) -> str:
        if self.axis == "time":
            return duration(x)
        return f"epoch {x:.3g}" if self.axis == "epoch" else f"step {x:,.0f}"

    def _readings(self, kind: str, x: float, digits: int) -> tuple[str, Sequence[str], list[ReadoutRow]]:
        plot = self.loss if kind == "loss" else self.error
        found: list[tuple[float, ReadoutRow]] = []
        for run in self._runs:
            values = [
                value_at(self._points(run, f"{part}_{kind}", plot.pixels, self.bar.weight, KINDS[kind]), x)
                for part in ("train", "test")
            ]
            if any(value is not None for value in values):
                texts = tuple("–" if value is None else f"{value:.{digits}f}" for value in values)
                order = next((value for value in reversed(values) if value is not None), 0.0)
                found.append((order, self._reading(run, texts)))
        found.sort(key=lambda pair: pair[0])
        return self._place(x), ("train", "val"), [reading for _, reading in found]

    def _rate_readings(self, x: float) -> tuple[str, Sequence[str], list[ReadoutRow]]:
        kind = self.rate_kind.key
        weight = self.bar.weight if kind == "speed" else 0.0
        found: list[tuple[float, ReadoutRow]] = []
        for run in reversed(self._runs):
            value = value_at(self._points(run, kind, self.rate.pixels, weight, 1.0), x)
            if value is not None:
                text = f"{value:.3g}" if kind == "lr" else f"{value:,.0f}"
                found.append((value, self._reading(run, (text,))))
        found.sort(key=lambda pair: pair[0])
        return self._place(x), ("lr" if kind == "lr" else "images/s",), [reading for _, reading in found]

    def _reading(self, run: RunRow, texts: tuple[str, ...]) -> ReadoutRow:
        return ReadoutRow(run.token, self._dashes[run.folder], run.name, texts, run is self._chosen)

    # ---- files

    def shown(self) -> ShownRuns:
        """What is on show, for figures that are drawn anew from it."""
        bar = self.bar
        return ShownRuns(self._runs, self._chosen, self.axis, bar.weight, bar.log.isChecked(), self.rate_kind.key)

    def restore(self, sizes: Sequence[int]) -> None:
        """Give the panels their sizes of an earlier time."""
        if len(sizes) == 6:
            for number, splitter in enumerate((self.rows, *self.halves)):
                part = list(sizes[2 * number : 2 * number + 2])
                # A part of 0 pixels is one that was hidden: both are to be seen again.
                if restore_sizes(splitter, part):
                    self._sizes[number] = part

    def sizes(self) -> list[int]:
        """Sizes of the panels, for the settings; those of panels that are hidden now are as they were before."""
        found = []
        for number, splitter in enumerate((self.rows, *self.halves)):
            sizes = splitter.sizes()
            if min(sizes) > 0:
                self._sizes[number] = sizes
            found += self._sizes[number]
        return found


def rate_changes(run: RunRow, axis: Axis) -> list[tuple[float, float, str]]:
    """Where a run's learning rate falls: x, rate after it, words."""
    state = run.state
    if state is None or state.started is None or run.recipe.schedule != "step" or axis == "time":
        return []
    total, per_epoch = state.total_steps, state.started.steps_per_epoch
    found = []
    for at in run.recipe.step_at:
        step = at * total
        words = f"÷10 at {step / 1000:.3g}k" if step >= 1000 else f"÷10 at {step:.0f}"
        x = step if axis == "step" else step / per_epoch
        found.append((x, lr_at(run.recipe, int(step) + 1, total), words))
    return found

"""The middle of the page about a sweep: its head, all runs over axes, their curves, the results."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, button, column, header, label, panel
from resnet_gui.gui.kit.charts.band_plot import BandPlot
from resnet_gui.gui.kit.charts.parallel_axes import ParallelAxes
from resnet_gui.gui.kit.charts.value_legend import ValueLegend
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.gui.train.sweeps.colours import usual_colour_axis, varied_axes
from resnet_gui.gui.train.sweeps.ghost import SweepGhost
from resnet_gui.gui.train.sweeps.head import SweepHeader
from resnet_gui.gui.train.sweeps.lines import SweepLines, is_wide, sweep_bands, sweep_lines
from resnet_gui.gui.train.sweeps.model import SweepItem
from resnet_gui.gui.train.sweeps.results import SweepResults
from resnet_gui.sweeps.state import SweepState
from resnet_gui.sweeps.sweep import Configuration

DRAW_MS: Final = 300
FIGURES: Final = 324
"""Pixels that the figures are high at first."""

LOW, LOW_SHARE = 660, 0.44
"""Where there is less height, the figures get a share of it."""

NARROW: Final = 900
"""Width below which axes and curves are tabs."""

AXES, CURVES = "axes", "curves"


class SweepCentre(QStackedWidget):
    """The middle of the page.

    Attributes:
        head: of the chosen sweep.
        axes: all runs.
        curves: bands over seeds.
        results: the table.
        ghost: what is seen before there is a sweep.

    Signals:
        run_requested: folder of a run that is to be shown.
    """

    run_requested = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._item: SweepItem | None = None
        self._lines = SweepLines((), (), ())
        self._focus: int | None = None
        self._colour = ""
        self._stale = True
        self._drawing = Throttle(self, DRAW_MS, self._draw)
        self.ghost = SweepGhost(theme)
        self.addWidget(self.ghost)
        body = panel()
        layout = column(body)
        self.head = SweepHeader(theme)
        layout.addWidget(self.head)
        self.axes, self.curves = ParallelAxes(theme), BandPlot(theme, "Test error %", "mean ± sd")
        self.curves.show_along("epoch")
        self._left, self._right = self._make_axes(theme), self._make_curves(theme)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._left)
        self._split.addWidget(self._right)
        self._split.setStretchFactor(0, 63)
        self._split.setStretchFactor(1, 40)
        self.results = SweepResults(theme)
        upright = self._upright = QSplitter(Qt.Orientation.Vertical)
        upright.setHandleWidth(1)
        upright.setChildrenCollapsible(False)
        upright.addWidget(self._split)
        upright.addWidget(self.results)
        self._moved = False
        upright.splitterMoved.connect(self._keep_sizes)
        upright.setStretchFactor(0, 0)
        upright.setStretchFactor(1, 1)
        layout.addWidget(upright, 1)
        self.addWidget(body)
        self._connect()

    # ---- construction

    def _make_axes(self, theme: Theme) -> QFrame:
        side = panel()
        layout = column(side)
        bar, line, self._axes_title = header("All runs")
        bar.setObjectName("panel")
        line.setContentsMargins(16, 0, 12, 0)
        self.tabs = SegmentedControl(theme, [(AXES, "All runs", ""), (CURVES, "Curves", "")], height=24)
        self.tabs.setFixedWidth(140)
        self.tabs.setAccessibleName("All runs or curves")
        self.tabs.chosen.connect(lambda _key: self._arrange())
        line.insertWidget(0, self.tabs)
        self.brushed = ElidedLabel("", "muted12", least=10)
        line.addWidget(self.brushed)
        self.clear = button("Clear", "link", "Take all brushes off (Escape)")
        self.clear.setStyleSheet("font-size: 12px; font-weight: 500;")
        self.clear.clicked.connect(self.axes.clear_brushes)
        line.addWidget(self.clear)
        line.addStretch()
        self._colour_word = label("Colour by", "muted12")
        line.addWidget(self._colour_word)
        self.colour = SmallCombo("Colour by", 7, list_width=160)
        self.colour.activated.connect(lambda _index: self.colour_by(str(self.colour.currentData())))
        line.addWidget(self.colour)
        self.legend = ValueLegend(theme)
        line.addWidget(self.legend)
        layout.addWidget(bar)
        layout.addWidget(self.axes, 1)
        side.setMinimumSize(QSize(360, 190))
        return side

    def _make_curves(self, _theme: Theme) -> QFrame:
        self.curves.axis.whole = True
        self.curves.enlarge.setToolTip("Show only the curves, or all again")
        self.curves.enlarge.clicked.connect(self._enlarge)
        self.curves.setMinimumSize(QSize(280, 190))
        return self.curves

    def _connect(self) -> None:
        self.axes.brushed.connect(self.draw_soon)
        self.axes.colour_chosen.connect(self.colour_by)
        self.axes.line_clicked.connect(lambda number: self.run_requested.emit(self._lines.cells[number].folder))
        self.results.changed.connect(self.draw_soon)
        self.results.table.run_clicked.connect(self._show_run)
        self.results.table.row_chosen.connect(self.focus_on)
        self.results.table.retry_requested.connect(lambda: self.head.requested.emit("retry"))
        self.head.cell_clicked.connect(self.run_requested)

    # ---- what is chosen

    def show_sweep(self, item: SweepItem | None) -> None:
        """Show another sweep; None for none."""
        self._item, self._focus, self._colour = item, None, ""
        self.results.reset()
        self.axes.lines.order, self.axes.lines.brushes = [], {}
        self.setCurrentIndex(0 if item is None else 1)
        self.draw_soon()

    def look(self, item: SweepItem) -> None:
        """Something of a sweep is new."""
        if item is self._item:
            self._stale = True
            if self.isVisible():
                self._drawing.request()

    def colour_by(self, key: str) -> None:
        """Colour the runs by an axis: a field, or what was measured."""
        self._colour = key
        self.draw_soon()

    def focus_on(self, number: int) -> None:
        """Show the curves of a configuration and of those that differ from it in the colour alone."""
        self._focus = number
        self.draw_soon()

    def draw_soon(self) -> None:
        """Draw for the user, at once."""
        self._stale = True
        if self.isVisible():
            self._drawing.request_soon()

    def _show_run(self, number: int, seed: int) -> None:
        state = self._item.state if self._item is not None else None
        if state is not None:
            self.run_requested.emit(next(cell.folder for cell in state.cells_of(number) if cell.seed == seed))

    # ---- drawing

    def _draw(self) -> None:
        item = self._item
        if item is None or not self._stale or not self.isVisible():
            return
        self._stale = False
        self.head.show_sweep(item)
        if item.state is not None:
            self._draw_state(item.state)

    def _draw_state(self, state: SweepState) -> None:
        self._lines = sweep_lines(state)
        keys = [axis.key for axis in self._lines.axes]
        if self._colour not in keys:
            self._colour = usual_colour_axis(state.sweep)
        self.axes.show_lines(self._lines.axes, self._lines.words, self._colour)
        self._show_bar()
        chosen = [cell for cell, on in zip(self._lines.cells, self.axes.lines.selected(), strict=True) if on]
        if self.axes.lines.brushes:
            folders = {cell.folder for cell in chosen}
            cells = {number for number, cell in enumerate(state.cells) if cell.folder in folders}
            numbers = {cell.configuration.number for cell in chosen}
        else:
            cells = set(range(len(state.cells)))
            numbers = {each.number for each in state.expansion.configurations}
        named = [axis.name for axis in varied_axes(state.sweep)]
        colour_axis = self._colour if self._colour in named else usual_colour_axis(state.sweep)
        self.results.show_state(state, cells, numbers, colour_axis)
        self._draw_curves(state, numbers, colour_axis)

    def _draw_curves(self, state: SweepState, numbers: set[int], colour_axis: str) -> None:
        focus = self._focused(state, numbers)
        if focus is None:
            self.curves.set_bands([])
            return
        found = sweep_bands(state, focus, colour_axis, numbers)
        self.curves.unit.setText("; ".join(filter(None, (found.about, "mean ± sd"))))
        self.curves.set_log(log=is_wide(found.bands))
        self.curves.set_bands(found.bands, limit=found.limit)
        if self._focus is not None and not self.results.every:
            self.results.table.select(self._focus)

    def _focused(self, state: SweepState, numbers: set[int]) -> Configuration | None:
        """The configuration that the curves are about: the chosen one, or the last that has any."""
        known = {each.number: each for each in state.expansion.configurations if each.number in numbers}
        if self._focus in known:
            return known[self._focus]
        begun = [cell.configuration for cell in self._lines.cells if cell.configuration.number in known]
        return max(begun, key=lambda each: each.number, default=None)

    def _show_bar(self) -> None:
        words = self.axes.lines.brush_words()
        self.brushed.setText(f"brushed: {words}" if words else "")
        self.brushed.setVisible(bool(words))
        self.clear.setVisible(bool(words))
        self.colour.show_entries((axis.title, axis.key) for axis in self._lines.axes)
        self.colour.show_key(self._colour)
        axis = next((each for each in self._lines.axes if each.key == self._colour), None)
        self.legend.show_labels(axis.labels if axis is not None else ())

    # ---- room

    def _arrange(self) -> None:
        narrow = self.width() < NARROW
        self.tabs.setVisible(narrow)
        self._axes_title.setVisible(not narrow)
        self._colour_word.setVisible(not narrow)
        self.legend.setVisible(not narrow)
        if narrow:
            tabbed = self.tabs.key == CURVES
            self.axes.setVisible(not tabbed)
            self._into_left(tabbed=tabbed)
        else:
            self.axes.show()
            self._into_left(tabbed=False)
            self._right.show()

    def _into_left(self, *, tabbed: bool) -> None:
        """Put the curves below the bar of the tabs, or beside the axes."""
        layout = self._left.layout()
        if tabbed and layout is not None:
            layout.addWidget(self._right)
            self._right.show()
        elif self._split.indexOf(self._right) < 0:
            self._split.addWidget(self._right)
        if not tabbed:
            self._right.setVisible(self.width() >= NARROW)

    def _enlarge(self) -> None:
        self._left.setVisible(not self._left.isVisible() or self._left.isAncestorOf(self._right))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._arrange()
        if not self._moved:
            room = self.height() - self.head.height()
            high = min(FIGURES, round(LOW_SHARE * room)) if room < LOW else FIGURES
            self._upright.setSizes([high, room - high])

    def _keep_sizes(self, _place: int, _number: int) -> None:
        """The user has shared the room."""
        self._moved = True

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has come meanwhile."""
        super().showEvent(event)
        self.draw_soon()

    def pictures(self) -> dict[str, QWidget]:
        """The figures, by the names of the files that they are written to."""
        return {"axes": self.axes, "curves": self.curves, "results": self.results}

    @property
    def folder(self) -> Path | None:
        """Of the sweep that is shown."""
        return self._item.folder if self._item is not None else None

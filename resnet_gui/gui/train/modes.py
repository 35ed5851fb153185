"""Runs or sweeps: which of both the Train page shows, and what they say to each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import sweeps_folder
from resnet_gui.design.spec import Design
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.splitter_sizes import WIDEST
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.queue import RunQueue
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.gui.train.runs.side import RunSide
from resnet_gui.gui.train.setup import TrainSetup
from resnet_gui.gui.train.state import TrainState
from resnet_gui.gui.train.switch import RUNS, SWEEPS
from resnet_gui.sweeps.folder import list_sweeps
from resnet_gui.training.recipe import Recipe

if TYPE_CHECKING:
    from resnet_gui.gui.train.sweeps.view import SweepView


class TrainModes(QStackedWidget):
    """The stack of both: the runs, and the sweeps, which are made when they are first asked for.

    Attributes:
        halves: the runs, and what stands beside them.
        pulled: pixels that the user has given the runs; 0 for what they need.
    """

    _run_requested = Signal(object)
    _progressed = Signal()
    _data_missing = Signal()

    def __init__(
        self, side: RunSide, centre: QWidget, session: Session, engines: Engines, theme: Theme, settings: Settings
    ) -> None:
        super().__init__()
        self._side, self._session, self._engines = side, session, engines
        self._theme, self._settings = theme, settings
        self._runs: RunModel = session.runs
        self._form: RecipeForm = side.form
        self._queue: RunQueue | None = None
        self._waited = 0
        self._view: SweepView | None = None
        # Until the sweeps are asked for, their number is that at the start.
        self._found = len(list_sweeps()[0])
        self.halves = QSplitter(Qt.Orientation.Horizontal)
        self.halves.setHandleWidth(1)
        self.halves.setChildrenCollapsible(False)
        self.halves.addWidget(side)
        self.halves.addWidget(centre)
        self.halves.setStretchFactor(1, 1)
        self.pulled = settings.runs_width if 0 <= settings.runs_width < WIDEST else 0
        self.halves.splitterMoved.connect(lambda _place, _number: self._pull())
        side.arranged.connect(self.share)
        self.addWidget(self.halves)
        side.switch.chosen.connect(self.show_mode)
        for signal in (self._runs.rowsInserted, self._runs.rowsRemoved, self._runs.modelReset):
            signal.connect(self.show_counts)
        self._runs.run_changed.connect(self._run_changed)
        engines.sweep_engine_ended.connect(self._proceed)

    def _pull(self) -> None:
        """The user has given the runs another width; the least one is the usual one."""
        self.pulled = self._side.width() if self._side.width() > self._side.needed_width else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the width of the runs, whatever the window is made."""
        super().resizeEvent(event)
        self.share()

    def share(self) -> None:
        """Give the runs the width that they need, or that the user has given them."""
        wide = max(self.pulled, self._side.needed_width)
        self.halves.setSizes([wide, max(1, self.width() - wide)])

    def join(self, queue: RunQueue, state: TrainState, setup: TrainSetup, progressed: Callable[[], object]) -> None:
        """Be a part of the page: runs wait for sweeps, and what is chosen here is shown there."""
        self._queue, self._waited = queue, len(queue.jobs)
        queue.changed.connect(self._tell_waiting)
        self._run_requested.connect(state.choose)
        self._data_missing.connect(setup.tell_data)
        self._progressed.connect(progressed)

    @property
    def view(self) -> SweepView:
        """The sweeps, made if they were not asked for yet."""
        if self._view is None:
            from resnet_gui.gui.train.sweeps.view import SweepView

            view = self._view = SweepView(
                self._theme, self._session, self._engines, self._settings, self._making, self._is_busy
            )
            view.side.switch.chosen.connect(self.show_mode)
            view.run_requested.connect(self._show_run)
            view.progressed.connect(self._progressed)
            view.count_changed.connect(self.show_counts)
            view.control.data_missing.connect(self._data_missing)
            self._form.changed.connect(view.look)
            self._form.data_changed.connect(lambda _data: view.look())
            view.load()
            view.centre.results.table.dragged.restore(self._settings.column_widths)
            if self._settings.sweep is not None:
                view.side.builder.take_fields(self._settings.sweep)
            self.addWidget(view)
            self.show_counts()
        return self._view

    def take_sweep(self, folder: Path) -> None:
        """List a sweep whose folder has come back; one that is not listed yet is read with all others."""
        if self._view is not None:
            try:
                self._view.model.add(folder)
            except InputError as error:
                self._session.say(str(error), "error")

    def show_mode(self, key: str) -> None:
        """Show runs or sweeps."""
        if key == SWEEPS:
            self.setCurrentWidget(self.view)
        elif key == RUNS:
            self.setCurrentIndex(0)

    def remember(self, settings: Settings) -> None:
        """Write down the form of a new sweep, if there is one, and the columns of its results."""
        if self._view is not None:
            settings.sweep = self._view.side.builder.kept_fields()
            settings.column_widths = self._view.centre.results.table.dragged.kept(settings.column_widths)

    def arrange(self, settings: Settings) -> None:
        """Give runs and columns their widths of an earlier time, or those at first."""
        self.pulled = settings.runs_width
        self.share()
        if self._view is not None:
            self._view.centre.results.table.dragged.restore(settings.column_widths)

    def show_counts(self) -> None:
        """Say how many there are of each."""
        sweeps = len(self._view.model.items()) if self._view is not None else self._found
        for switch in (self._side.switch, *([self._view.side.switch] if self._view is not None else [])):
            switch.show_counts(len(self._runs.rows()), sweeps)

    def going(self) -> tuple[str, str, float, float | None] | None:
        """The sweep that goes on: in words, colour, fraction, seconds left; None while none does."""
        # One that was begun elsewhere is looked at without anybody having asked for the sweeps.
        item = self.view.going() if self._view is not None or self._goes_elsewhere() else None
        if item is None:
            return None
        done, total = item.counts
        fraction = item.state.fraction if item.state is not None else 0.0
        run = min(done + max(1, item.live()), total)
        return f"Sweep: run {run:,} of {total:,}", "acc", fraction, item.seconds_left()

    def _goes_elsewhere(self) -> bool:
        """Whether a run goes on that is one of a sweep's."""
        found, folder = (run.folder for run in self._runs.rows() if run.going), sweeps_folder()
        return any(len(run.parents) > 2 and run.parents[2] == folder for run in found)

    def _tell_waiting(self) -> None:
        """Say why a run that was started waits, while a sweep is being trained."""
        jobs = self._queue.jobs if self._queue is not None else ()
        more, self._waited = len(jobs) > self._waited, len(jobs)
        item = self._view.going() if self._view is not None else None
        if more and item is not None:
            self._session.say(
                f"{jobs[-1].name} waits until the sweep {item.name} is over; Start now trains it beside the sweep."
            )

    def _making(self) -> tuple[Design, Recipe, str]:
        recipe = self._form.valid_recipe()
        if recipe is None:
            raise InputError("A field of the form of a new run is wrong; sweeps train by that form: correct it there.")
        return self._session.design, recipe, self._session.device

    def _is_busy(self) -> bool:
        """Whether something is being trained on this computer."""
        others = (run for run in self._runs.rows() if run.status != "starting")
        return bool(self._engines.running()) or any(run.going and run.is_local for run in others)

    def _run_changed(self, run: RunRow) -> None:
        if not run.going and str(run.folder) not in self._engines.running():
            self._proceed()

    def _proceed(self) -> None:
        """Begin what waits, single runs first."""
        if self._queue is not None:
            self._queue.proceed()
        if self._view is not None:
            self._view.control.proceed()

    def _show_run(self, folder: Path) -> None:
        run = self._runs.find(folder)
        if run is None:
            self._session.say(f"The run {folder.name} has not begun yet.", "warn")
            return
        self.show_mode(RUNS)
        self._run_requested.emit(run)

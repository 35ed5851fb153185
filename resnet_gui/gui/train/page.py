"""The Train page: recipe, runs, progress and live curves."""

from __future__ import annotations

import time
from collections.abc import Set
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QStackedWidget,
    QWidget,
)

from resnet_gui.base.errors import InputError
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.presentation import PresentedPane
from resnet_gui.gui.kit.basic import column, panel
from resnet_gui.gui.kit.space_key import SpaceKey
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.gui.runs.going import GoingSweeps, GoingWork
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.actions import RunActions
from resnet_gui.gui.train.centre import TrainCentre
from resnet_gui.gui.train.controller import RunController
from resnet_gui.gui.train.data.preview import DataPreview
from resnet_gui.gui.train.first_run import DataBanner, FirstRun
from resnet_gui.gui.train.launcher import RunLauncher
from resnet_gui.gui.train.memory import TrainMemory
from resnet_gui.gui.train.modes import TrainModes
from resnet_gui.gui.train.plots.panels import RunPlots
from resnet_gui.gui.train.plots.presented import run_panes
from resnet_gui.gui.train.preparation import RunPreparation
from resnet_gui.gui.train.replay import ReplayBar, RunsReplay
from resnet_gui.gui.train.runs.failures import RunFailures
from resnet_gui.gui.train.runs.header import RunHeader
from resnet_gui.gui.train.runs.side import RunSide
from resnet_gui.gui.train.setup import TrainSetup
from resnet_gui.gui.train.start.fitting import WeightsFitting
from resnet_gui.gui.train.starter_link import StarterLink
from resnet_gui.gui.train.starter_row import StarterRow
from resnet_gui.gui.train.state import TrainState
from resnet_gui.protocol.events import Event, Failed, Progressed
from resnet_gui.runs.events import RunStarted
from resnet_gui.training.starters import STARTERS

DRAW_MS: Final = 150
"""Curves are drawn six times a second at most: more would take the cores from the training."""

LOW: Final = 580
"""Height of a page below which the row of experiments is folded: that of a window of 1100×652."""


class TrainPage(QWidget):
    """The Train page, which starts runs and shows them.

    Signals:
        progress: name, colour token, fraction and seconds left of the going run, or of the sweep that it is a part of;
            an empty name for none.
        predict_requested: folder of a run to classify pictures with.
    """

    progress = Signal(str, str, float, object)
    predict_requested = Signal(str)

    def __init__(
        self, session: Session, engines: Engines, theme: Theme, settings: Settings, plots: RunPlots | None = None
    ) -> None:
        """Make the page; with ``plots`` that were made before it is half of it, and whoever made them restores it."""
        super().__init__()
        self._session, self._engines, self._theme, self._settings = session, engines, theme, settings
        self.runs, self._sweeps = session.runs, GoingSweeps()
        self.state = TrainState(self.runs, self)
        self.side = RunSide(theme, self.runs, self.state, settings.recipe_data)
        self.list, self.form = self.side.list, self.side.form
        self.stack = QStackedWidget()
        self.first = FirstRun(theme, STARTERS)
        self.stack.addWidget(self.first)
        self.plots = plots if plots is not None else RunPlots(theme)
        self.stack.addWidget(self._run_side(theme))
        self.centre = TrainCentre(theme, self.stack, self.plots)
        self.banner = self.centre.banner
        self.modes = TrainModes(self.side, self.centre, session, engines, theme, settings)
        self.comparisons = StarterRow(theme, lambda: any(run.going for run in self.runs.rows()))
        layout = column(self)
        layout.addWidget(self.comparisons)
        layout.addWidget(self.modes, 1)
        self.setup = TrainSetup(self.form, session, engines)
        self.fitting = WeightsFitting(
            self.form, session, engines, self.setup.downloads, lambda: (self.setup.fit, self.setup.classes())
        )
        self.preview = DataPreview(self.centre.data, self.form, self.setup, self.fitting, session, engines)
        self.preparation = RunPreparation(self, self.side, self.centre, self.preview, session)
        self.starts = RunLauncher(self.form, self.runs, session, engines, self.setup)
        self.queue = self.starts.queue
        self.actions_of_runs = RunActions(self, session, engines, self.runs, self.plots, settings)
        self.control = RunController(self, self.runs, self.queue, session, engines, theme)
        self.failures = RunFailures(self.banner, session, self.control)
        self._stale, self._busy = True, False
        self._drawing = Throttle(self, DRAW_MS, self._draw_now)
        self.replay = RunsReplay(self.replay_bar, self.runs, self.state, session, (self.side, self.centre))
        self.memory = TrainMemory(self, settings)
        self.comparing = StarterLink(self, engines, settings)
        self._connect()
        if plots is None:
            self.restore()

    def _run_side(self, theme: Theme) -> QFrame:
        side = panel()
        layout = column(side)
        self.header, self.data_banner, self.replay_bar = RunHeader(theme), DataBanner(theme), ReplayBar(theme)
        for part in (self.replay_bar, self.header, self.data_banner, self.plots):
            layout.addWidget(part, int(part is self.plots))
        return side

    def _connect(self) -> None:
        engines, head, side = self._engines, self.header, self.side
        self._session.design_changed.connect(self._show_design)
        self.starts.started.connect(self._show_started)
        self.starts.dataset_missing.connect(self.setup.tell_data)
        self.modes.join(self.queue, self.state, self.setup, self._tell_progress)
        self.state.run_changed.connect(self._show_run)
        self.list.menu_requested.connect(self.actions_of_runs.show_menu)
        self.list.trash_requested.connect(self.actions_of_runs.trash.throw_away)
        self.list.rename_requested.connect(self.actions_of_runs.rename)
        side.follow_requested.connect(self._follow)
        side.restore_requested.connect(self.actions_of_runs.trash.show_restore)
        side.empty_trash_requested.connect(self.actions_of_runs.trash.empty)
        self.actions_of_runs.trash.leaving.connect(self.list.leave)
        self.actions_of_runs.trash.folder_restored.connect(self.modes.take_sweep)
        side.recorded_requested.connect(self.actions_of_runs.trash.show_recorded)
        side.launch_requested.connect(lambda: self.control.show_launch(None, self.form.recipe))
        self.actions_of_runs.launch_requested.connect(lambda run: self.control.show_launch(run, lambda: run.recipe))
        self.actions_of_runs.duplicated.connect(self.preparation.take_run)
        self.actions_of_runs.begin_requested.connect(self.preparation.begin_from_run)
        self.actions_of_runs.continue_requested.connect(self.control.act)
        self.runs.run_changed.connect(self._run_changed)
        self.runs.problem_found.connect(self.banner.show_warning)
        for signal in (self.runs.modelReset, self.runs.rowsInserted, self.runs.rowsRemoved, self.queue.changed):
            signal.connect(self._show_count)
        self.plots.changed.connect(self._draw)
        actions = self.actions_of_runs
        self.plots.bar.save_requested.connect(lambda kind, every: actions.save(kind, None if every else self.state.run))
        self.plots.internals.cell_chosen.connect(
            lambda epoch, true, given: self.control.show_cell(self.state.run, epoch, true, given)
        )
        self.first.start_requested.connect(self.starts.begin)
        self.setup.show_in(self.first.data, self.data_banner)
        self.setup.step_time_measured.connect(self.first.show_time)
        self.setup.known.connect(self.fitting.look)
        self.form.save_requested.connect(self.actions_of_runs.save_recipe)
        for banner in (self.first.data, self.data_banner):
            banner.download_requested.connect(self.setup.download)
            banner.cancel_requested.connect(self.setup.downloads.cancel)
            banner.folder_requested.connect(self.form.choice.ask_folder)
        engines.run_answered.connect(self._take)
        engines.run_appended.connect(self.runs.read)
        engines.run_engine_ended.connect(self._engine_ended)
        self.control.changed.connect(self._show_header)
        self.control.retried.connect(self.starts.again)
        head.requested.connect(self._act)
        SpaceKey(self, lambda: self.control.toggle(self.state.run))

    def restore(self) -> None:
        """Begin where the window was left."""
        self.runs.load(self._settings.followed)
        self.banner.show_problems(self.runs.problems)
        self._busy = self.setup.busy()
        waiting = self.memory.restore()
        self.plots.restore(self._settings.panels)
        self._show_design()
        self._show_count()
        self.memory.show_runs()
        if waiting:
            self.banner.show_sentence(_waiting_words(waiting), "Start the queue", self.queue.release, level="warn")

    def panes(self) -> tuple[PresentedPane, ...]:
        """What presentation mode shows of this page: the plots, one at a time, where runs are drawn."""
        return run_panes(self._theme, self.plots) if self.plots.isVisibleTo(self) else ()

    def arrange(self, settings: Settings) -> None:
        """Arrange the page as it was, or as at first where that is not said."""
        self.memory.arrange(settings)

    def remember(self, settings: Settings) -> None:
        """Write down recipe, queue, followed folders and panels."""
        self.memory.write(settings)

    def take_over(self, settings: Settings, fields: Set[str]) -> None:
        """Show what waits in another window."""
        self.memory.take_over(settings, fields)

    def leave(self) -> None:
        """Stop downloads, which are gone on with the next time."""
        self.setup.downloads.cancel_all()

    # ---- runs

    def _show_started(self, run: RunRow) -> None:
        self.banner.hide()
        self.preparation.show_started()
        self.state.choose_begun(run)
        self.list.setFocus()

    def _follow(self) -> None:
        if chosen := QFileDialog.getExistingDirectory(self, "Run folder to follow", self._settings.folder):
            self.follow(chosen)

    def follow(self, folder: str) -> None:
        """Show a run that lies elsewhere."""
        try:
            self.state.choose(self.runs.follow(Path(folder)))
        except InputError as error:
            self._session.say(str(error), "error")

    def _act(self, what: str) -> None:
        """Do what a button of the header says."""
        run = self.state.run
        if run is not None and what == "predict":
            self.predict_requested.emit(str(run.folder))
        elif run is not None and what == "begin":
            self.preparation.begin_from_run(run)
        else:
            self.control.act(what, run)

    # ---- from the engine

    def _take(self, folder: str, event: Event) -> None:
        run = self.runs.row(folder)
        name = run.name if run is not None else "The run"
        if isinstance(event, RunStarted) and run is not None:
            run.read_info()
            self.runs.set_message(run, "")
            self.failures.forget(folder)
        elif isinstance(event, Progressed) and run is not None:
            self.runs.set_message(run, event.sentence)
            self._show_header()
        elif isinstance(event, Failed) and event.stopped:
            self.banner.hide()
            kept = "it is as it was" if run is not None and run.info is not None else "it leaves the list"
            self._session.say(f"{name} was stopped before its first step, while its pictures were being read; {kept}.")
        elif isinstance(event, Failed):
            self.failures.tell_untrained(folder, name, event.message)
            if run is not None and run.info is None:
                self.form.show_error("data", event.message)
                self.preparation.unfold()

    def _engine_ended(self, folder: str, sentence: str) -> None:
        run = self.runs.row(folder)
        self.runs.disown(folder, sentence)
        self.control.forget(folder)
        if sentence and run is not None:
            self.failures.tell_gone(run, sentence)
        elif run is not None and run.status == "failed":
            self.state.choose(run)
            self.failures.tell_stopped(run)
        self.control.continuation.engine_gone(folder)
        # Before any dialog: nobody may be there to answer it.
        self.queue.proceed()
        if run is not None and run.status == "failed" and not sentence:
            self.control.tell_shortage(run)
        self.setup.look()
        self._tell_progress()

    # ---- to the user

    def _show_count(self) -> None:
        self.side.show_count(len(rows := self.runs.rows()))
        self.side.recorded.setChecked(any(run.recorded for run in rows))
        self._draw()
        if not rows:
            self.stack.setCurrentIndex(0)
            self.comparing.time_starters()
        elif self.state.run is None:
            self.state.choose(rows[0])

    def _show_design(self) -> None:
        self.side.show_design(self._session.design.name)

    def _show_run(self) -> None:
        run = self.state.run
        if run is None:
            return
        self.stack.setCurrentIndex(1)
        self.runs.set_shown(run, shown=True)
        run.look()
        self.runs.watch()
        self._show_header()
        self._draw()

    def _run_changed(self, run: RunRow) -> None:
        if not run.going:
            self.control.forget(str(run.folder))
        if self._busy != (busy := self.setup.busy()):
            # What is not measured beside a run is measured when it is over, whoever trained it.
            self._busy = busy
            self.setup.look()
        if run is self.state.run and not self.header.shows(run):
            self._show_header()
        if run.shown or run is self.state.run:
            self._draw(live=True)
        if not (self.isVisible() and run.going):  # else with the next drawing
            self._tell_progress()

    def _show_header(self) -> None:
        run = self.state.run
        if run is not None:
            owned = self._engines.owns(str(run.folder))
            self.header.show_run(run, owned=owned)
            self.side.show_run(run)

    def _tell_progress(self) -> None:
        running = [run for run in self.runs.rows() if run.going]
        self.side.show_going(len(running))
        sweep = self.modes.going()
        if sweep is not None:
            self.progress.emit(*sweep)
            return
        self.progress.emit(*(self._sweeps.work_of(running[0]) if running else GoingWork()))

    def _draw(self, *, live: bool = False) -> None:
        """Draw at once for the user, and at its pace for a ``live`` point; a burst of changes is one drawing."""
        self._stale = True
        if self.isVisible():
            (self._drawing.request if live else self._drawing.request_soon)()

    def _draw_now(self) -> None:
        if self.isVisible() and self._stale:
            self._stale = False
            self._show_header()
            self._tell_progress()
            begun = time.perf_counter()
            self.plots.draw(self.runs.rows(), self.state.run)
            # Curves of a million points take longer; they are drawn more rarely, so that the window stays free.
            self._drawing.interval = min(1000, max(DRAW_MS, round(8000 * (time.perf_counter() - begun))))
            self.runs.watch()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show data and curves as tabs in a narrow window."""
        super().resizeEvent(event)
        self.comparisons.set_low(on=self.height() < LOW)
        self.preparation.look()

    def showEvent(self, _event: object) -> None:
        """Draw what has come while the page was hidden."""
        if not self.setup.active:
            self.setup.begin()
            if self._engines.state == "ready":
                self.comparing.time_starters()
        QTimer.singleShot(0, self, self._draw)


def _waiting_words(waiting: int) -> str:
    return f"{'One run waits' if waiting == 1 else f'{waiting} runs wait'} from last time."

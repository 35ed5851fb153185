"""The Lab page: experiments, what was predicted, what was measured, and what that says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.presentation import PresentedPane
from resnet_gui.gui.kit.basic import row, scrolled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.gui.lab.cards import CardFile
from resnet_gui.gui.lab.centre import LabCentre
from resnet_gui.gui.lab.exports import FigureExports
from resnet_gui.gui.lab.figures.figure import ExperimentFigure
from resnet_gui.gui.lab.figures.table import FIGURES
from resnet_gui.gui.lab.list.list import NARROW as LIST_NARROW
from resnet_gui.gui.lab.list.list import WIDE as LIST_WIDE
from resnet_gui.gui.lab.list.list import ExperimentList
from resnet_gui.gui.lab.missing_data import ExperimentData
from resnet_gui.gui.lab.overview import Overview
from resnet_gui.gui.lab.presenter import LabPresenter
from resnet_gui.gui.lab.run_choice import ask_runs
from resnet_gui.gui.lab.runner import ExperimentRunner
from resnet_gui.gui.lab.starter import ExperimentStarter
from resnet_gui.gui.lab.state import LabState
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.lab.experiments import EXPERIMENTS

NARROW: Final = 1200
FIGURE_WIDE, CLAIMS_WIDE = 720, 820
"""Pixels in which the words of figure and claims have room; in a presentation they are enlarged from there."""

POLL_MS: Final = 400
"""How often the folder of an experiment that is going is read: its curves grow by then."""


class LabPage(QWidget):
    """The Lab page.

    Signals:
        progress: name, colour token, fraction and seconds left of what is going; an empty name for nothing.
        runs_requested: folders of runs that are to be shown on the Train page.
        design_requested: a design to be opened.
    """

    progress = Signal(str, str, float, object)
    runs_requested = Signal(object)
    design_requested = Signal(object)

    def __init__(self, session: Session, engines: Engines, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._session, self._engines, self._theme, self._settings = session, engines, theme, settings
        self.state = LabState(self)
        self.runner = ExperimentRunner(session, engines, self)
        layout = row(self, gap=0)
        self.list = ExperimentList(theme)
        layout.addWidget(self.list)
        self.centre = LabCentre(theme)
        layout.addWidget(scrolled(self.centre), 1)
        self.overview = Overview(self.list, self.runner, session)
        self.data = ExperimentData(self, self.state, self.centre.missing, session, settings)
        self.presenter = LabPresenter(self.state, self.runner, self.centre, session, self.data)
        self.starter = ExperimentStarter(self, self.state, self.runner, self.data)
        self.exports = FigureExports(self, self.state, self.centre, session, settings)
        self.card_file = CardFile(self, self.state, self.centre.card, session, settings)
        self._figures: dict[str, ExperimentFigure] = {}
        self._poll = QTimer(self)
        self._poll.timeout.connect(self.state.refresh)
        self._drawing = Throttle(self, 100, self._draw)
        self._connect()
        self.state.set_drafts(settings.lab_drafts)
        known = settings.experiment in EXPERIMENTS
        self.choose(settings.experiment if known else next(iter(EXPERIMENTS)), settings.experiment_scale)

    def _connect(self) -> None:
        state, runner, head, centre = self.state, self.runner, self.centre.head, self.centre
        self.list.chosen.connect(self.choose)
        self.list.run_all_requested.connect(self.starter.run_all)
        head.requested.connect(self._act)
        head.seeds_chosen.connect(self._set_seeds)
        head.scale_chosen.connect(lambda scale: self.choose(state.experiment.key, scale))
        centre.prediction.chosen.connect(self._answer)
        centre.requested.connect(self._act)
        centre.claims.dot_clicked.connect(self._show_seed)
        centre.progress.run_clicked.connect(lambda folder: self.runs_requested.emit([folder]))
        state.experiment_changed.connect(self._show_experiment)
        state.results_changed.connect(self._drawing.request)
        state.problem_found.connect(lambda sentence: self._session.say(sentence, "error"))
        runner.progressed.connect(self._progressed)
        runner.seed_measured.connect(self._seed_measured)
        runner.ended.connect(self._ended)
        self.data.changed.connect(self._show_parts)
        self.starter.changed.connect(self._begun)
        self.starter.engine_needed.connect(self._engines.start)
        self.card_file.opened.connect(self._show_experiment)
        self._engines.ready.connect(lambda _ready: self._show_parts())
        self._theme.changed.connect(self._show_parts)

    # ---- what is shown

    def choose(self, experiment: str, scale: str = "") -> None:
        """Show an experiment, at a scale or its first."""
        self.state.choose(experiment, self.card_file.scale_of(experiment, scale))

    @property
    def figure(self) -> ExperimentFigure:
        """The figure of the experiment on show, made when it is first asked for."""
        experiment = self.state.experiment
        if experiment.key not in self._figures:
            made = self._figures[experiment.key] = FIGURES[experiment.key](self._theme, experiment)
            made.options_changed.connect(self._measure_otherwise)
            made.connect_engines(self._engines)
        return self._figures[experiment.key]

    def _show_experiment(self) -> None:
        self._settings.experiment = self.state.experiment.key
        figure = self.figure
        figure.set_options(self.state.options())
        failure = self.presenter.failure()
        if failure:
            self.centre.banner.show_sentence(failure, "Retry", self.starter.resume)
        else:
            self.centre.banner.hide()
        self.list.show_chosen(self.state.experiment.key, self.state.scale.key)
        self.centre.show_figure(figure)
        self._draw()
        self._show_parts()
        self._watch()

    def _show_parts(self) -> None:
        self.presenter.show()
        self.figure.hold_options(on="options" in self.state.fixed or self.presenter.going is not None)
        for made in self.list.all.values():
            made.setEnabled(not self.starter.running_all)
        self.centre.arrange()

    def _draw(self) -> None:
        self.presenter.show()
        if self.isVisible():
            self.figure.show_data(self.state.figure_data())
        self._tell_progress()

    def _watch(self) -> None:
        """Follow the folder of what is going, and only while somebody looks."""
        going = self.runner.going(self.state.experiment.key, self.state.scale.key)
        if going is not None and self.isVisible():
            self._poll.start(POLL_MS)
        else:
            self._poll.stop()

    def _tell_progress(self) -> None:
        going = next(iter(self.runner.all_going()), None)
        if going is None:
            self.progress.emit("", "r0", 0.0, None)
        else:
            self.progress.emit(going.experiment.title, "acc", self.presenter.fraction(going), going.left)
            self.overview.show_one(*going.key)

    # ---- the user

    def _act(self, what: str) -> None:
        starter, exports = self.starter, self.exports
        work: dict[str, Callable[[], object]] = {
            "run": starter.run, "skip": self._skip, "add": starter.add_seeds, "again": self._again,
            "cancel": self._cancel,
            "resume": starter.resume, "pause": starter.pause, "unpause": starter.unpause, "stop": starter.stop,
            "report": exports.report, "paper": exports.show_paper, "card": self.card_file.write,
            "networks": self._choose_networks, "runs": self._show_runs, "designs": self._open_design,
            "copy": exports.copy_table, "csv": exports.csv, "figure": exports.figure,
        }  # fmt: skip
        work[what]()

    def _answer(self, question: str, option: str) -> None:
        self.state.answer(question, option)
        self._show_parts()

    def _skip(self) -> None:
        self.state.revealed = True
        self._show_parts()

    def _again(self) -> None:
        self.state.ask_anew()
        # Options that no control here shows, of a card that is put away by now, do not stay.
        self.state.set_options(self.figure.options())
        self.card_file.apply()
        self._show_experiment()

    def _cancel(self) -> None:
        """What there was stays."""
        self.state.load()
        self._show_experiment()

    def _set_seeds(self, count: int) -> None:
        self.state.set_seeds(count)
        self._show_parts()

    def _measure_otherwise(self) -> None:
        """Other options were chosen: what is there was measured in another way, and is measured anew."""
        self.state.set_options(self.figure.options())
        self.starter.measure_otherwise()
        self._show_parts()

    def _choose_networks(self) -> None:
        state = self.state
        try:
            record = ask_runs(self, self._session, state.experiment, state.record, draws=state.scale.draws)
        except InputError as error:
            self._session.say(str(error), "error")
            return
        if record is None:
            return
        if record.locked and state.keep(record):
            self.starter.resume()
        else:
            state.record = record
        self._show_experiment()

    def _show_runs(self) -> None:
        sweep = self.state.sweep
        if sweep is not None:
            self.runs_requested.emit([str(cell.folder) for cell in sweep.cells if cell.status != "queued"])

    def _show_seed(self, seed: object) -> None:
        sweep = self.state.sweep
        if sweep is not None:
            chosen = [str(cell.folder) for cell in sweep.cells if cell.seed == seed and cell.status != "queued"]
            self.runs_requested.emit(chosen)

    def _open_design(self) -> None:
        design = self.presenter.first_design()
        if design is not None:
            self.design_requested.emit(design)

    # ---- the engines

    def _begun(self) -> None:
        self.overview.show()
        self._draw()
        self._watch()
        self._show_parts()

    def _progressed(self, experiment: str, scale: str) -> None:
        self.overview.show_one(experiment, scale)
        if (experiment, scale) == (self.state.experiment.key, self.state.scale.key):
            self._drawing.request()
        self._tell_progress()

    def _seed_measured(self, experiment: str, scale: str) -> None:
        if (experiment, scale) == (self.state.experiment.key, self.state.scale.key):
            self.state.refresh()
        self._progressed(experiment, scale)

    def _ended(self, experiment: str, scale: str, sentence: str) -> None:
        self.overview.show()
        if (experiment, scale) == (self.state.experiment.key, self.state.scale.key):
            self.state.refresh()
            self._draw()
            self._show_parts()
            if sentence := sentence or self.presenter.failure():
                self.centre.banner.show_sentence(sentence, "Retry", self.starter.resume)
        elif sentence:
            self._session.say(f"{EXPERIMENTS[experiment].title}: {sentence}", "error")
        self._watch()
        self._tell_progress()

    def panes(self) -> tuple[PresentedPane, ...]:
        """What presentation mode shows of this page: the figure, and what is claimed."""
        title, panes = self.state.experiment.title, list[PresentedPane]()
        if self.figure.isVisibleTo(self):
            panes.append(PresentedPane.enlarged(title, self.figure, least=FIGURE_WIDE))
        if self.centre.claims.isVisibleTo(self):
            panes.append(PresentedPane(f"{title}: claims", self._presented_claims))
        return tuple(panes)

    def _presented_claims(self) -> QWidget:
        """The claims with all their words, whatever the page has no room for."""
        return EnlargedWidget.of_copy(self.centre.claims.whole_copy(), least=CLAIMS_WIDE)

    # ---- files, the window

    def open_card(self, path: Path) -> None:
        """Take a teacher's card that was dropped."""
        self.card_file.open(path)

    def loses(self) -> str:
        """What is going stops, and goes on when it is asked to."""
        going = next(iter(self.runner.all_going()), None)
        return f"the Lab's {going.experiment.title}, which stops until you press Go on" if going is not None else ""

    def remember(self, settings: Settings) -> None:
        """Write down what is on show, and what is answered and not locked."""
        settings.experiment, settings.experiment_scale = self.state.experiment.key, self.state.scale.key
        settings.lab_drafts = self.state.drafts

    def leave(self) -> None:
        """End what is going, downloads too; all of it can be gone on with."""
        self.data.downloads.cancel_all()
        self.runner.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window has a narrow list."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self.list.setFixedWidth(LIST_NARROW if narrow else LIST_WIDE)
        if narrow != self.centre.narrow:
            self.centre.set_narrow(narrow=narrow)
            self._show_parts()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has come while the page was hidden."""
        super().showEvent(event)
        self.state.refresh()
        self._draw()
        self._watch()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is followed that nobody sees."""
        super().hideEvent(event)
        self._poll.stop()

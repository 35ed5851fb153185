"""The Train page: recipe, runs, progress and live curves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from resnet_gui.gui.engines import Engines
from resnet_gui.gui.format import shape
from resnet_gui.gui.models.runs import RunModel, RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import column, header, label, panel, row
from resnet_gui.gui.widgets.first_run import FirstRun
from resnet_gui.gui.widgets.recipe_form import RecipeForm
from resnet_gui.gui.widgets.run_header import Banner, RunHeader
from resnet_gui.gui.widgets.run_list import RunList
from resnet_gui.gui.widgets.run_plots import RunPlots
from resnet_gui.spec.errors import SpecError
from resnet_gui.spec.events import Event, Failed
from resnet_gui.spec.jobs import Resume, Train
from resnet_gui.spec.presets import PRESETS
from resnet_gui.spec.recipe import DIGITS, Recipe
from resnet_gui.spec.runs import STOP_FILE, new_run_folder

DIGITS_CLASSES = 10
DIGITS_SHAPE = (1, 8, 8)


class TrainPage(QWidget):
    """Starts runs and shows them.

    Signals:
        progress: name, colour token, fraction and seconds left of the going run; an empty name for none.
        predict_asked: folder of a run to classify pictures with.
    """

    progress = Signal(str, str, float, object)
    predict_asked = Signal(str)

    def __init__(self, session: Session, engines: Engines, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._session, self._engines, self._theme, self._settings = session, engines, theme, settings
        self._stopping: set[str] = set()
        self.runs = RunModel(self)
        layout = row(self, gap=0)
        layout.addWidget(self._left_side())
        self.stack = QStackedWidget()
        self.first = FirstRun(theme, PRESETS["digits-resnet"].title, Recipe().epochs)
        self.stack.addWidget(self.first)
        self.stack.addWidget(self._run_side())
        right = QWidget()
        right_column = column(right)
        self.banner = Banner(theme)
        right_column.addWidget(self.banner)
        right_column.addWidget(self.stack, 1)
        layout.addWidget(right, 1)
        self._connect()
        self.runs.load()
        self._show_design()
        self._show_count()
        rows = self.runs.rows()
        if rows:
            self.list.choose(rows[0])

    # ---- construction

    def _left_side(self) -> QFrame:
        side = panel("rightLine")
        side.setFixedWidth(280)
        layout = column(side)
        layout.setContentsMargins(0, 0, 1, 0)
        bar, line, _ = header("Runs")
        self._count = label("", "quiet12")
        line.addWidget(self._count)
        line.addStretch()
        line.addWidget(label("Best top-1 error", "small"))
        layout.addWidget(bar)
        self.list = RunList(self._theme, self.runs)
        self._no_runs = label(
            "No runs yet. Each run appears here with its colour, state and best error.", "muted12", wrap=True
        )
        self._no_runs.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._no_runs.setContentsMargins(32, 0, 32, 0)
        layout.addWidget(self.list, 4)
        layout.addWidget(self._no_runs, 4)
        new, line, _ = header("New run")
        new.setStyleSheet("#panelHeader { border-top: 1px solid palette(mid); }")
        self._of = label("", "small")
        line.addStretch()
        line.addWidget(self._of)
        layout.addWidget(new)
        self.form = RecipeForm(self._theme, self._settings.recipe_data)
        layout.addWidget(self.form, 7)
        return side

    def _run_side(self) -> QWidget:
        side = panel()
        layout = column(side)
        self.header = RunHeader(self._theme)
        self.plots = RunPlots(self._theme)
        layout.addWidget(self.header)
        layout.addWidget(self.plots, 1)
        return side

    def _connect(self) -> None:
        engines, form, head = self._engines, self.form, self.header
        self._session.design_changed.connect(self._show_design)
        form.start_asked.connect(self._start_present)
        form.fit_asked.connect(self._fit)
        form.data_changed.connect(self._data_changed)
        self.list.run_chosen.connect(self._show_run)
        self.runs.run_changed.connect(self._run_changed)
        self.runs.problem.connect(lambda sentence: self._session.say(sentence, "warn"))
        self.runs.rowsInserted.connect(self._show_count)
        self.runs.rowsRemoved.connect(self._show_count)
        self.plots.axis.chosen.connect(self._draw)
        self.first.start_asked.connect(self._quick_look)
        engines.run_answered.connect(self._take)
        engines.run_engine_ended.connect(self._engine_ended)
        head.pause_asked.connect(lambda: self._control("pause"))
        head.go_on_asked.connect(lambda: self._control("go_on"))
        head.stop_asked.connect(lambda: self._control("stop"))
        head.kill_asked.connect(lambda: self._control("kill"))
        head.resume_asked.connect(self._resume)
        head.predict_asked.connect(self._ask_predict)

    # ---- from the user

    def _start_present(self, recipe: Recipe) -> None:
        design = self._session.design
        self._start(Train(self._engines.next_job(), "", design.name, design.spec, recipe, self._session.device))

    def _quick_look(self) -> None:
        preset = PRESETS["digits-resnet"]
        self._session.choose_preset(preset)
        self._start(Train(self._engines.next_job(), "", preset.title, preset.spec, Recipe(), self._session.device))

    def _start(self, job: Train) -> None:
        self.banner.hide()
        folder = new_run_folder(job.name)
        job = Train(job.job, str(folder), job.name, job.spec, job.recipe, job.device)
        row_ = self.runs.add(job)
        self._engines.train(job)
        self.list.choose(row_)

    def _resume(self) -> None:
        run = self.list.chosen()
        if run is None or self._engines.owns(str(run.folder)):
            return
        self.banner.hide()
        self._stopping.discard(str(run.folder))
        device = None if self._session.device == "auto" else self._session.device
        self._engines.train(Resume(self._engines.next_job(), str(run.folder), device))
        self.runs.own(str(run.folder))

    def _control(self, what: str) -> None:
        run = self.list.chosen()
        if run is None:
            return
        folder = str(run.folder)
        if not self._engines.owns(folder):
            # Another process trains it, a kept run of an earlier window for instance; it looks for this file.
            try:
                (run.folder / STOP_FILE).touch()
            except OSError as error:
                self._session.say(f"The run cannot be stopped from here: {error.strerror}.", "error")
                return
            self._stopping.add(folder)
        elif what == "stop":
            self._engines.stop(folder)
            self._stopping.add(folder)
        else:
            {"pause": self._engines.pause, "go_on": self._engines.unpause, "kill": self._engines.kill}[what](folder)
        self._show_header(run)

    def _ask_predict(self) -> None:
        run = self.list.chosen()
        if run is not None:
            self.predict_asked.emit(str(run.folder))

    def _fit(self) -> None:
        try:
            self._session.edit("fit to the data", input=DIGITS_SHAPE, classes=DIGITS_CLASSES)
        except SpecError as error:
            self.form.show_error("data", f"The design cannot be fitted: {error}")

    def _data_changed(self, data: str) -> None:
        self._settings.recipe_data = data
        self._show_design()

    # ---- from the engine

    def _take(self, folder: str, event: Event) -> None:
        if not isinstance(event, Failed):
            return
        run = self.runs.row(folder)
        name = run.name if run is not None else "The run"
        self.banner.show_sentence(f"{name} could not be trained: {event.message}")
        self._session.say(event.message, "error")
        if run is not None and run.data is None:
            self.form.show_error("data", event.message)

    def _engine_ended(self, folder: str, sentence: str) -> None:
        self._stopping.discard(folder)
        run = self.runs.row(folder)
        self.runs.disown(folder, sentence)
        if sentence and run is not None:
            kept = " Its last checkpoint is kept; Resume goes on from it." if run.resumable else ""
            self.banner.show_sentence(f"{run.name}: {sentence}{kept}")
        elif run is not None and run.status == "failed":
            self.banner.show_sentence(f"{run.name} failed: {run.message}")
        self._tell_progress()

    # ---- to the user

    def _show_count(self) -> None:
        rows = self.runs.rows()
        self._count.setText(str(len(rows)) if rows else "")
        self.list.setVisible(bool(rows))
        self._no_runs.setVisible(not rows)
        if not rows:
            self.stack.setCurrentIndex(0)

    def _show_design(self) -> None:
        spec = self._session.spec
        self._of.setText(f"of {self._session.design.name}")
        reads = shape(spec.input)
        if self.form.data == DIGITS:
            fits = spec.input == DIGITS_SHAPE and spec.classes == DIGITS_CLASSES
            line = (
                "" if fits else f"The design reads {reads}: pictures are resized, its {spec.classes} classes become 10."
            )
            self.form.show_fit(line, can_fit=not fits)
        else:
            self.form.show_fit(f"Pictures are resized to {reads}; the folders are the classes.", can_fit=False)
        self.form.note.setText(f"{self._session.totals.cost.params:,} parameters")

    def _show_run(self, run: RunRow | None) -> None:
        if run is None:
            return
        self.stack.setCurrentIndex(1)
        run.shown = True
        self._show_header(run)
        self._draw()

    def _run_changed(self, run: RunRow) -> None:
        if not run.going:
            self._stopping.discard(str(run.folder))
        if run is self.list.chosen():
            self._show_header(run)
        if run.shown or run is self.list.chosen():
            self._draw()
        self._tell_progress()

    def _show_header(self, run: RunRow) -> None:
        folder = str(run.folder)
        self.header.show_run(run, owned=self._engines.owns(folder), stopping=folder in self._stopping)

    def _tell_progress(self) -> None:
        going = next((run for run in self.runs.rows() if run.going), None)
        if going is None:
            self.progress.emit("", "r0", 0.0, None)
            return
        state = going.look()
        fraction = state.step / state.total_steps if state.total_steps else 0.0
        self.progress.emit(going.name, going.token, fraction, state.seconds_left())

    def _draw(self) -> None:
        """Draw the curves of all shown runs, the chosen one last and thickest."""
        if self.isVisible():
            self.plots.draw(self.runs.rows(), self.list.chosen())

    def showEvent(self, event: object) -> None:
        """Draw what has come while the page was hidden."""
        self._draw()

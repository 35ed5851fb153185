"""Fills the window: puts pages, session and engines together; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QWidget

from resnet_gui.design.spec import Design
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.design_picker import DesignPicker
from resnet_gui.gui.design.headline import Verdict
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.kit.controls.unseen import announce
from resnet_gui.gui.kit.field_guard import ShortcutGuard
from resnet_gui.gui.kit.format import native_keys
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.going import WindowProgress
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.shell.documents import Documents
from resnet_gui.gui.shell.drops import DropHandler
from resnet_gui.gui.shell.frame import TopBar
from resnet_gui.gui.shell.keeping.closing import WindowClosing
from resnet_gui.gui.shell.keeping.memory import WindowMemory
from resnet_gui.gui.shell.main_window import MainWindow
from resnet_gui.gui.shell.menus import KEYS, Menus
from resnet_gui.gui.shell.pages import PAGES, WELCOME
from resnet_gui.gui.shell.palette import KEY, WindowPalette
from resnet_gui.gui.shell.runs_at_start import RunsAtStart
from resnet_gui.gui.shell.start.first_session import session_of
from resnet_gui.gui.shell.start.page_maker import PageMaker
from resnet_gui.gui.shell.text_size import TextSizeSwitch
from resnet_gui.gui.shell.title import WindowTitle
from resnet_gui.protocol.events import Ready
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.training.start import StartRequest

if TYPE_CHECKING:
    from resnet_gui.gui.evaluate.page import EvaluatePage
    from resnet_gui.gui.predict.page import PredictPage
    from resnet_gui.gui.shell.start.opening import FirstPage
    from resnet_gui.gui.train.page import TrainPage

WAITING = {
    "starting": "the engine is loading torch",
    "ready": "the engine compares every layer",
    "stopped": "the engine has stopped; click 'Engine stopped' below",
}


def _join_undo(top: TopBar, undo: QUndoStack) -> None:
    """Have two buttons undo and redo, and say what."""
    top.undo.clicked.connect(undo.undo)
    top.redo.clicked.connect(undo.redo)
    for can, text, target, words in (
        (undo.canUndoChanged, undo.undoTextChanged, top.undo, ("Undo", "Ctrl+Z")),
        (undo.canRedoChanged, undo.redoTextChanged, top.redo, ("Redo", "Ctrl+Shift+Z")),
    ):
        can.connect(target.setEnabled)
        target.setAccessibleName(words[0])
        text.connect(partial(_show_step, target, *words))
    # Steps of an earlier time are there already.
    top.undo.setEnabled(undo.canUndo())
    top.redo.setEnabled(undo.canRedo())
    _show_step(top.undo, "Undo", "Ctrl+Z", undo.undoText())
    _show_step(top.redo, "Redo", "Ctrl+Shift+Z", undo.redoText())


def _show_step(target: QWidget, word: str, keys: str, text: str) -> None:
    target.setToolTip(native_keys(f"{word} {text} ({keys})" if text else f"{word} ({keys})"))


class Application(QObject):
    """The parts behind the window's frame: pages, session, engines and what connects them.

    Attributes:
        window: the frame.
        session: what the pages share.
        engines: the child processes.
        files: opening and saving designs.
        title: of the design, with the list of presets.
        design: the first page; the others are made when they are asked for.
        memory: what is kept for the next time.
        progress: what the pages tell of what goes on, for status bar and title.
        closing: the end of the window.
    """

    def __init__(
        self,
        window: MainWindow,
        theme: Theme,
        settings: Settings,
        *,
        patience: float | None = None,
        first: FirstPage | None = None,
    ) -> None:
        """Fill a window; ``first`` is the page that is on screen already, with its session."""
        super().__init__(window)
        self.window, self.theme, self.settings = window, theme, settings
        self.top, self.rail, self.status = window.top, window.rail, window.status
        # The engine first: it loads torch in its own process while the rest is built in this one.
        self.engines = Engines(self, patience=patience)
        self.engines.start()
        self.first = first
        self.session = first.session if first is not None else session_of(settings)
        shown = first.page if first is not None else None
        self.design: DesignPage = shown if isinstance(shown, DesignPage) else DesignPage(self.session, theme, settings)
        self.files = Documents(window, self.session, settings, self.engines, lambda: self.design.colouring)
        self.menus = Menus(window, self.session, self.files, theme)
        self.top.set_menus(self.menus.main, self.menus.export, self.menus.theme_menu(window))
        self._answer: Verdict = None
        self._ready: Ready | None = None
        self.title = DesignPicker(theme)
        self.top.add_title(self.title)
        self.progress = WindowProgress(self)
        self.pages = PageMaker(self)
        self._pages = self.pages.made
        self.memory = WindowMemory(window, self.session, theme, settings, self._pages.values)
        self.closing = WindowClosing(window, self.engines, settings, self.memory, self._pages.values)
        self.page(PAGES[0].key)
        self.drops = DropHandler(self)
        self.files.predicting = lambda: self.shows("predict")
        self.files.classify_requested.connect(self._classify_with)
        self.palette = WindowPalette(self)
        self._connect()
        self._finish_menus()
        self._show_design()
        self._show_devices()
        self.status.show_engine(self.engines.state)
        self.engines.verify(self.session.spec)
        if first is not None:
            self.show_page(first.key)
        # The welcome page is shown where nothing is open.
        if settings.page != WELCOME and any(settings.page == spec.key for spec in PAGES):
            self.pages.open(settings.page)
        self.runs_at_start = RunsAtStart(self)

    def _connect(self) -> None:
        session, engines, undo = self.session, self.engines, self.session.undo
        # Children of the window, which live as long as it does.
        WindowTitle(self.window, session)
        ShortcutGuard(self.window)
        session.design_changed.connect(self._show_design)
        session.design_changed.connect(lambda: engines.verify(session.spec))
        session.device_changed.connect(self._show_devices)
        _join_sentences(session, self.window)
        engines.message.connect(self.status.say)
        engines.state_changed.connect(self._show_engine)
        engines.ready.connect(self._engine_ready)
        engines.verified.connect(self._show_verdict)
        self.design.train_requested.connect(lambda: self.pages.open("train"))
        self.rail.page_chosen.connect(self.pages.open)
        self.pages.shown.connect(self._note_page)
        self.top.logo.clicked.connect(lambda: self.show_page(WELCOME))
        self.rail.help_requested.connect(self.show_help)
        self.status.engine_clicked.connect(engines.restart)
        self.status.device_chosen.connect(session.set_device)
        self.progress.progress.connect(self.status.show_run)
        self.status.run_clicked.connect(lambda: self.pages.open(self.progress.source))
        self.title.preset_chosen.connect(self.design.choose_preset)
        self.title.renamed.connect(session.rename)
        self.files.opened.connect(lambda: self.show_page("design"))
        self.top.pin.clicked.connect(self.menus.pin_baseline)
        self.memory.keeper.taken_over.connect(self.files.take_over)
        _join_undo(self.top, undo)

    def _finish_menus(self) -> None:
        """What the window itself can do, and the keys of what has no line in a menu."""
        window = self.window
        self.text_size = TextSizeSwitch(self, self._pages.values)
        self.menus.finish(
            (
                ("palette", "Find a command…", self.palette.open, KEY),
                ("welcome", "Welcome page", lambda: self.show_page(WELCOME), ""),
                ("guide", "Guide", self.show_guide, "Shift+F1"),
                ("keys", "Keys, words, versions", self.show_help, "?"),
                ("presentation", "Present this page", self.present, "F5"),
                ("reset-layout", "Reset layout", self.memory.reset_layout, ""),
                ("full-screen", "Full screen", self._toggle_full_screen, "F11"),
                ("close", "Close", window.close, KEYS["quit"]),
            )
        )
        keys: list[tuple[str, Callable[[], object]]] = [
            ("Ctrl+F", self._find),
            (KEYS["export"], self.top.export.showMenu),
            ("F10", self.top.menu.showMenu),
            ("Ctrl+,", self.top.menu.showMenu),
            ("Ctrl+P", self._choose_preset),
        ]
        for key, work in keys:
            action = QAction(window)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(lambda _=False, work=work: work())
            window.addAction(action)

    def _find(self) -> None:
        if self.shows("train"):
            self.train_page().side.search()
            return
        self.show_page("design")
        self.design.find_layer()

    def _choose_preset(self) -> None:
        self.show_page("design")
        self.title.open_list()

    def _toggle_full_screen(self) -> None:
        self.window.setWindowState(self.window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def present(self) -> None:
        """Show the panes of the page on screen, one at a time and large."""
        from resnet_gui.gui.shell.presentation import present

        present(self.window.stack.currentWidget(), self.window, self.theme, self.session)

    # ---- pages

    def show_page(self, key: str) -> None:
        """Show a page at once, made if it was not yet, to go on with it."""
        self.pages.show(key)

    def _note_page(self, key: str) -> None:
        self.rail.show_page(key)
        self.memory.page = key

    def page(self, key: str) -> QWidget:
        """A page, made if it was not asked for yet.

        Raises:
            KeyError: there is no page of that key.
        """
        return self.pages.page(key)

    def shows(self, key: str) -> bool:
        """Whether a page is the one on screen."""
        return self.pages.shows(key)

    def predict_page(self) -> PredictPage:
        """The Predict page, which other parts of the window give pictures and networks to."""
        from resnet_gui.gui.predict.page import PredictPage

        page = self.page("predict")
        if not isinstance(page, PredictPage):
            raise TypeError("The page 'predict' is no PredictPage.")
        return page

    def train_page(self) -> TrainPage:
        """The Train page, which other parts of the window give data and weights to."""
        from resnet_gui.gui.train.page import TrainPage

        page = self.page("train")
        if not isinstance(page, TrainPage):
            raise TypeError("The page 'train' is no TrainPage.")
        return page

    def train_from(self, request: StartRequest, design: Design) -> None:
        """Show the Train page with a new run that is to begin from weights."""
        self.show_page("train")
        self.train_page().preparation.begin_from(request, design)

    def open_design(self, design: Design) -> None:
        """Show a design on the Design page."""
        self.session.open_design(design)
        self.show_page("design")

    def pin_from_file(self) -> None:
        """Ask for a design file and pin its design."""
        design = self.files.ask_design()
        if design is not None:
            self.session.pin(design)

    def show_runs(self, folders: Sequence[str]) -> None:
        """Show the Train page with these runs drawn, and the first of them chosen."""
        self.show_page("train")
        rows = self.session.runs.show_only(folders)
        if rows:
            self.train_page().state.choose(rows[0])

    def open_card(self, path: Path) -> None:
        """Show the Lab page with the experiment of a teacher's card."""
        from resnet_gui.gui.lab.page import LabPage

        page = self.page("lab")
        if isinstance(page, LabPage):
            self.show_page("lab")
            page.open_card(path)

    def predict_with(self, run: str) -> None:
        """Show the Predict page with a run as its network."""
        if self.predict_page().choose_run(Path(run)):
            self.show_page("predict")

    def _classify_with(self, path: Path) -> None:
        self.predict_page().open_network(path)
        self.show_page("predict")

    def predict_picture(self, request: ModelRequest, picture: Path) -> None:
        """Show the Predict page with a model, asked as it was measured, and a picture, as the Evaluate page asks."""
        page = self.predict_page()
        page.choose_request(request)
        self.show_page("predict")
        page.add_files([picture])

    def evaluate_run(self, run: str) -> None:
        """Show the Evaluate page with a run as its model, on the run's own data."""
        self.evaluate_page().evaluate_model(ModelRequest(model=run))
        self.show_page("evaluate")

    def open_evaluation(self, folder: Path) -> None:
        """Show the Evaluate page with an evaluation that lies in a folder."""
        self.show_page("evaluate")
        self.evaluate_page().open_evaluation(folder)

    def evaluate_page(self) -> EvaluatePage:
        """The Evaluate page, which other parts of the window give models and data to."""
        from resnet_gui.gui.evaluate.page import EvaluatePage

        page = self.page("evaluate")
        if not isinstance(page, EvaluatePage):
            raise TypeError("The page 'evaluate' is no EvaluatePage.")
        return page

    # ---- what is shown

    def _show_design(self) -> None:
        session = self.session
        self.title.show_design(session.design.name, session.preset)
        self._show_verdict(None)

    def _show_devices(self) -> None:
        self.status.show_devices(self.session.devices, self.session.device, self.session.no_cuda)

    def _show_engine(self, state: str) -> None:
        self.status.show_engine(state)
        self._show_verdict(self._answer if state != "stopped" else None)

    def _show_verdict(self, answer: Verdict) -> None:
        self._answer = answer
        self.design.show_verdict(answer, WAITING[self.engines.state])

    def _engine_ready(self, ready: Ready) -> None:
        self.session.set_devices(ready.devices, ready.no_cuda)
        self._ready = ready

    def show_help(self) -> None:
        """Show the keys, the words and the versions."""
        from resnet_gui.gui.shell.help import HelpDialog

        dialog = HelpDialog(self.window, self._ready)
        dialog.guide_requested.connect(self.show_guide)
        dialog.exec()

    def show_guide(self) -> None:
        """Show the guide beside the window, which can be used meanwhile."""
        from resnet_gui.gui.shell.guide import open_guide

        problem = open_guide(self.window, self.theme)
        if problem:
            self.session.say(problem, "error")

    # ---- the end

    def end(self) -> None:
        """Close without a question, as when the system asks for it: trainings go on."""
        self.closing.end()

    def after_close(self) -> None:
        """Take the window apart while Qt still stands; engines that are not kept end by themselves."""
        self.memory.keeper.stop()
        self.session.close()


def _join_sentences(session: Session, window: MainWindow) -> None:
    """Say what a session says where it is seen and heard, for as long as it holds."""
    status, toasts = window.status, window.toasts
    session.message.connect(status.say)
    session.message.connect(lambda sentence, _level: announce(status, sentence))
    session.offered.connect(toasts.offer)
    session.outdated.connect(status.withdraw)
    session.outdated.connect(toasts.withdraw)

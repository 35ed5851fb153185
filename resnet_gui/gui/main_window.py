"""The window: puts bars, pages, session and engines together; decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget, QWidget

from resnet_gui.gui.engines import Engines
from resnet_gui.gui.pages.design import DesignPage
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.bars import Rail, StatusBar, TopBar
from resnet_gui.gui.widgets.basic import column, row
from resnet_gui.spec.arch import load_design, save_design
from resnet_gui.spec.errors import InputError
from resnet_gui.spec.events import Mismatch, Ready, Verified

PAGES = (
    ("design", "Design", "Design a network and read its layers"),
    ("train", "Train", "Train the design and watch it learn"),
    ("predict", "Predict", "Classify pictures with a trained network"),
)
WAITING = {
    "starting": "the engine is loading torch",
    "ready": "the engine builds the network on the meta device",
    "stopped": "the engine has stopped; click 'Engine stopped' below",
}


class MainWindow(QMainWindow):
    """The window of the program."""

    def __init__(self, theme: Theme, settings: Settings, *, patience: float | None = None) -> None:
        super().__init__()
        self.theme, self.settings = theme, settings
        self.session = Session(settings.design, settings.device, settings.preset)
        self.engines = Engines(self, patience=patience)
        self._painted = self._closed = self._keep_runs = False
        self._answer: Verified | Mismatch | None = None
        self.setWindowTitle("ResNet Explorer")
        self.setMinimumSize(900, 600)
        self.setAcceptDrops(True)
        self.top, self.rail, self.status = TopBar(theme), Rail(theme, PAGES), StatusBar(theme)
        self.design = DesignPage(self.session, theme)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.design)
        self._pages: dict[int, QWidget] = {0: self.design}
        self._put_together()
        self._connect()
        self._add_keys()
        self.resize(1440, 900)
        if settings.geometry:
            self.restoreGeometry(settings.geometry_bytes())
        self._show_design()
        self.status.show_devices((), self.session.device, "")
        self.show_page(0)

    def _put_together(self) -> None:
        body = QWidget()
        outer = column(body)
        outer.addWidget(self.top)
        middle = row(gap=0)
        middle.addWidget(self.rail)
        middle.addWidget(self.stack, 1)
        outer.addLayout(middle, 1)
        outer.addWidget(self.status)
        self.setCentralWidget(body)

    def _connect(self) -> None:
        session, engines, undo = self.session, self.engines, self.session.undo
        session.design_changed.connect(self._show_design)
        session.design_changed.connect(lambda: engines.verify(session.spec))
        session.device_changed.connect(self._show_devices)
        session.said.connect(self.status.say)
        engines.said.connect(self.status.say)
        engines.state_changed.connect(self._show_engine)
        engines.ready.connect(self._engine_ready)
        engines.verified.connect(self._show_verdict)
        self.rail.page_chosen.connect(self.show_page)
        self.rail.help_asked.connect(self._help)
        self.status.engine_clicked.connect(engines.restart)
        self.status.device_chosen.connect(session.set_device)
        self.status.run_clicked.connect(lambda: self.show_page(1))
        self.top.open_asked.connect(self._open_design)
        self.top.save_asked.connect(self._save_design)
        self.top.preset.preset_chosen.connect(self.design.choose_preset)
        self.top.undo.clicked.connect(undo.undo)
        self.top.redo.clicked.connect(undo.redo)
        for signal, target, word in (
            (undo.canUndoChanged, self.top.undo, "Undo"),
            (undo.canRedoChanged, self.top.redo, "Redo"),
        ):
            signal.connect(target.setEnabled)
            target.setEnabled(False)
            target.setAccessibleName(word)
        undo.undoTextChanged.connect(lambda text: self.top.undo.setToolTip(f"Undo {text} (Ctrl+Z)"))
        undo.redoTextChanged.connect(lambda text: self.top.redo.setToolTip(f"Redo {text} (Ctrl+Shift+Z)"))
        self.design.train_asked.connect(lambda: self.show_page(1))

    def _add_keys(self) -> None:
        keys: list[tuple[str | QKeySequence.StandardKey, Callable[[], object]]] = [
            ("Ctrl+Z", self.session.undo.undo),
            ("Ctrl+Shift+Z", self.session.undo.redo),
            ("Ctrl+Y", self.session.undo.redo),
            ("Ctrl+O", self._open_design),
            ("Ctrl+S", self._save_design),
            ("Ctrl+Q", self.close),
        ]
        for key, work in keys:
            action = QAction(self)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(lambda _=False, work=work: work())
            self.addAction(action)

    # ---- pages

    def show_page(self, number: int) -> None:
        """Show a page; Train and Predict are made when they are first asked for, pyqtgraph with them."""
        if number not in self._pages:
            self._pages[number] = self._make_page(number)
            self.stack.addWidget(self._pages[number])
        self.stack.setCurrentWidget(self._pages[number])
        self.rail.show_page(number)

    def page(self, number: int) -> QWidget:
        """A page, made if it was not asked for yet."""
        if number not in self._pages:
            self._pages[number] = self._make_page(number)
            self.stack.addWidget(self._pages[number])
        return self._pages[number]

    def _make_page(self, number: int) -> QWidget:
        if number == 1:
            from resnet_gui.gui.pages.train import TrainPage

            train = TrainPage(self.session, self.engines, self.theme, self.settings)
            train.progress.connect(self.status.show_run)
            train.predict_asked.connect(self._predict_with)
            return train
        from resnet_gui.gui.pages.predict import PredictPage

        predict = PredictPage(self.session, self.engines, self.theme, self.settings)
        predict.train_asked.connect(lambda: self.show_page(1))
        return predict

    def _predict_with(self, run: str) -> None:
        from resnet_gui.gui.pages.predict import PredictPage

        page = self.page(2)
        if isinstance(page, PredictPage):
            page.choose_run(Path(run))
        self.show_page(2)

    # ---- what is shown

    @Slot()
    def _show_design(self) -> None:
        session = self.session
        family = "Unchanged preset" if session.unchanged else "Edited"
        self.top.show_design(session.design.name, family, session.preset)
        self.setWindowTitle(f"{session.design.name}{'' if session.unchanged else ' (edited)'} – ResNet Explorer")
        self._show_verdict(None)

    def _show_devices(self) -> None:
        self.status.show_devices(self.session.devices, self.session.device, self.session.no_cuda)

    def _show_engine(self, state: str) -> None:
        self.status.show_engine(state)
        self._show_verdict(self._answer if state != "stopped" else None)

    def _show_verdict(self, answer: Verified | Mismatch | None) -> None:
        self._answer = answer
        self.design.show_verdict(answer, WAITING[self.engines.state])

    def _engine_ready(self, ready: Ready) -> None:
        self.session.set_devices(ready.devices, ready.no_cuda)
        self._versions = ready.versions

    def paintEvent(self, event: QPaintEvent) -> None:
        """Start the engine once the window has been painted."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self._after_first_paint)

    def _after_first_paint(self) -> None:
        self.engines.start()
        self.engines.verify(self.session.spec)

    # ---- design files

    def _open_design(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Open design", self.settings.folder, "Design (*.json);;All files (*)"
        )
        if path:
            self.open_design(Path(path))

    def open_design(self, path: Path) -> None:
        """Show the design of a file, or say why it cannot be."""
        try:
            design = load_design(path)
        except InputError as error:
            self.session.say(str(error), "error")
            return
        self.settings.folder = str(path.parent)
        self.session.open_design(design)
        self.session.say(f"Opened {path.name}.", "ok")

    def _save_design(self) -> None:
        start = Path(self.settings.folder) / f"{self.session.design.name}.json"
        path, _ = QFileDialog.getSaveFileName(self, "Save design", str(start), "Design (*.json)")
        if path:
            self.save_design(Path(path))

    def save_design(self, path: Path) -> None:
        """Write the design to a file, or say why that cannot be."""
        try:
            save_design(self.session.design, path)
        except InputError as error:
            self.session.say(str(error), "error")
            return
        self.settings.folder = str(path.parent)
        self.session.say(f"Saved {path}.", "ok")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take design files and pictures dropped anywhere."""
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a dropped design; everything else goes to the Predict page."""
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if len(files) == 1 and files[0].suffix == ".json":
            self.open_design(files[0])
            self.show_page(0)
            return
        from resnet_gui.gui.pages.predict import PredictPage

        page = self.page(2)
        if isinstance(page, PredictPage):
            self.show_page(2)
            page.take_mime(event.mimeData())

    def _help(self) -> None:
        from resnet_gui.gui.widgets.help import HelpDialog

        HelpDialog(self, getattr(self, "_versions", {})).exec()

    # ---- the end

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask what becomes of a training, remember the window, end the engines."""
        from resnet_gui.gui.widgets.dialogs import ask_about_runs

        running = self.engines.running()
        choice = ask_about_runs(self, len(running)) if running else "stop"
        if choice == "cancel":
            event.ignore()
            return
        self._keep_runs = choice == "keep"
        settings, session = self.settings, self.session
        settings.theme, settings.device = self.theme.mode, session.device
        settings.design, settings.preset = session.design, session.preset.name
        settings.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        settings.save()
        self.engines.shutdown(keep_runs=self._keep_runs)
        event.accept()

    def after_close(self) -> None:
        """Take the window apart while Qt still stands; engines that are not kept end by themselves."""
        # The stack clears itself when it is destroyed and would tell buttons that are gone already.
        self.session.undo.blockSignals(True)

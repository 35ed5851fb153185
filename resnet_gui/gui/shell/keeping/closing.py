"""The end of a window: what becomes of trainings, what is kept, and that nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.settings import Leaves, Settings
from resnet_gui.gui.shell.keeping.memory import WindowMemory
from resnet_gui.gui.shell.main_window import MainWindow


class WindowClosing(QObject):
    """The way in which a window ends, asked for by its user or by the system."""

    def __init__(
        self,
        window: MainWindow,
        engines: Engines,
        settings: Settings,
        memory: WindowMemory,
        pages: Callable[[], Iterable[QWidget]],
    ) -> None:
        """Attend to a window; ``pages`` says which of its pages have been made."""
        super().__init__(window)
        self._window, self._engines, self._settings, self._memory = window, engines, settings, memory
        self._pages = pages
        self._ended = False
        window.closing.connect(self.take)

    def take(self, event: QCloseEvent) -> None:
        """Ask what becomes of a training, and end."""
        running = self._engines.running()
        choice = "stop"
        if running and _is_going_down():
            # Nobody is there to answer.
            choice = "keep"
        elif running:
            from resnet_gui.gui.shell.dialogs import ask_about_runs

            choice = ask_about_runs(self._window, len(running), len(self._settings.queue))
        if choice == "cancel":
            event.ignore()
            return
        self._end(keep_runs=choice == "keep")

    def end(self) -> None:
        """Close without a question, as when the system asks for it: trainings go on."""
        self._end(keep_runs=True)
        # Dialogs that are open wait in loops of their own, which end as well.
        QApplication.exit(0)

    def _end(self, *, keep_runs: bool) -> None:
        """Keep what is to be kept, end what goes on, once."""
        if self._ended:
            return
        self._ended = True
        for page in self._pages():
            if isinstance(page, Leaves):
                page.leave()
        try:
            self._memory.end()
        finally:
            # Whatever becomes of the settings, trainings end or live on as the user has said.
            self._engines.shutdown(keep_runs=keep_runs)


def _is_going_down() -> bool:
    """Whether the system has asked all programs to end."""
    app = QGuiApplication.instance()
    return isinstance(app, QGuiApplication) and app.isSavingSession()

"""The end of a window: what becomes of trainings, what is kept, and that nothing is done twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.settings import Leaves, Settings
from resnet_gui.gui.shell.keeping.memory import WindowMemory
from resnet_gui.gui.shell.main_window import MainWindow

LOG = logging.getLogger(__name__)


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
        """Ask what becomes of a training, and of what cannot be kept, and end."""
        running = self._engines.running()
        choice = "stop"
        if running and _is_going_down():
            # Nobody is there to answer.
            choice = "keep"
        elif running:
            from resnet_gui.gui.shell.dialogs import ask_about_runs

            choice = ask_about_runs(self._window, len(running), len(self._settings.queue))
        if choice == "cancel" or not self._may_go():
            event.ignore()
            return
        self._end(keep_runs=choice == "keep")

    def end(self) -> None:
        """Close without a question, as when the system asks for it: trainings go on."""
        try:
            self._end(keep_runs=True)
        finally:
            # Dialogs that are open wait in loops of their own, which end as well.
            QApplication.exit(0)

    def save(self) -> str:
        """Write down everything that is to be kept; a sentence if that cannot be done, else nothing."""
        self._memory.recent_designs.settle()
        return self._memory.keeper.flush()

    def _may_go(self) -> bool:
        """Whether all is kept, or the user goes without; where nobody is there to answer, the log alone says so."""
        problem = "" if self._ended else self.save()
        if not problem or _is_going_down():
            return True
        from resnet_gui.gui.shell.dialogs import ask_to_close_unkept

        return ask_to_close_unkept(self._window, problem)

    def _end(self, *, keep_runs: bool) -> None:
        """Keep what is to be kept, end what goes on, once."""
        if self._ended:
            return
        self._ended = True
        try:
            for page in list(self._pages()):
                if isinstance(page, Leaves):
                    _attempt(page.leave)
            _attempt(self._memory.end)
        finally:
            # Whatever becomes of pages and settings, trainings end or live on as the user has said.
            self._engines.shutdown(keep_runs=keep_runs)


def _attempt(work: Callable[[], object]) -> None:
    """Do a part of the end; if it fails, the other parts are done nevertheless."""
    try:
        work()
    except Exception:
        LOG.exception("A part of the window's end failed")


def _is_going_down() -> bool:
    """Whether the system has asked all programs to end."""
    app = QGuiApplication.instance()
    return isinstance(app, QGuiApplication) and app.isSavingSession()

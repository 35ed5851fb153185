"""What the window keeps for the next time: the design with its file, the pins, and what each page remembers."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.kept.keeper import SettingsKeeper
from resnet_gui.gui.kept.merge import LISTS
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import MessageAction, Session
from resnet_gui.gui.settings import LAYOUT, Arranges, Remembers, Settings, TakesOver
from resnet_gui.gui.shell.keeping.undo_history import HistoryMemory
from resnet_gui.gui.shell.main_window import MainWindow
from resnet_gui.gui.shell.placement import place
from resnet_gui.gui.shell.recent_designs import DesignMemory
from resnet_gui.gui.shell.start.first_session import kept_baseline

if TYPE_CHECKING:
    from resnet_gui.gui.runs.model import RunModel


class WindowMemory(QObject):
    """The memory of the window, brought up to date and written once a second.

    Attributes:
        keeper: writes the settings.
        recent_designs: what was worked on.
        page: key of the page on show.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        theme: Theme,
        settings: Settings,
        pages: Callable[[], Iterable[QWidget]],
    ) -> None:
        """Keep a window; ``pages`` says which of its pages have been made."""
        super().__init__(window)
        self._window, self._session, self._theme, self._settings = window, session, theme, settings
        self._pages = pages
        self.page = settings.page
        self.recent_designs = DesignMemory(session, settings)
        self._history = HistoryMemory(session)
        self._history.restore(settings.history)
        self.keeper = SettingsKeeper(settings, self.collect, self, mark=window.mark)
        self.keeper.failed.connect(self._tell_unkept)
        self.keeper.recovered.connect(self._tell_kept)
        self.keeper.left_out.connect(lambda sentence: session.say(sentence, "warn"))
        self.keeper.taken_over.connect(self._take_over)

    def end(self) -> str:
        """Write what is to be kept for the last time; a sentence if that cannot be done, else nothing."""
        self.recent_designs.settle()
        return self.keeper.end()

    def _tell_unkept(self, sentence: str, reason: str) -> None:
        """Nothing that is done now is there the next time: said once, and marked for as long as that is so."""
        self._session.say(sentence, "warn")
        self._window.show_unkept(sentence, reason)

    def _tell_kept(self) -> None:
        self._session.say("Settings and queue are kept again.", "ok")
        self._window.show_unkept("", "")

    def _take_over(self, fields: Set[str]) -> None:
        """Show what another window has changed."""
        settings, session = self._settings, self._session
        if "theme" in fields:
            self._theme.set_mode(settings.theme)
        if fields & {"pins", "baseline"}:
            lost = [pin.name for pin in session.pins if pin not in settings.pins]
            session.set_pins(tuple(settings.pins), kept_baseline(settings))
            if lost and len(settings.pins) >= LISTS["pins"]:
                session.say(_lost_words(lost), "warn")
        if "followed" in fields:
            _follow_only(session.runs, settings.followed)
        for page in self._pages():
            if isinstance(page, TakesOver):
                page.take_over(settings, fields)

    def collect(self) -> None:
        """Bring the settings up to date; a page that fails at it keeps no other from being kept."""
        settings, session = self._settings, self._session
        settings.theme, settings.device = self._theme.mode, session.device
        settings.design, settings.preset = session.design, session.preset.name
        settings.design_path, settings.design_saved = str(session.file.path or ""), session.file.saved
        settings.history = self._history.kept
        settings.geometry, settings.page = self._window.geometry_text(), self.page
        settings.pins = list(session.pins)
        settings.baseline = session.pins.index(session.baseline) if session.baseline in session.pins else -1
        failures: list[Exception] = []
        for page in self._pages():
            try:
                if isinstance(page, Remembers):
                    page.remember(settings)
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def reset_layout(self) -> None:
        """Arrange the window and its pages as at the first start; what it was like can be had again at once."""
        self.collect()
        before = copy.deepcopy(self._settings)
        self._arrange(Settings())
        self._session.offer(
            "Window and pages are arranged as at the first start.",
            "ok",
            (MessageAction("Undo", lambda: self._arrange(before)),),
        )

    def _arrange(self, wanted: Settings) -> None:
        for name in LAYOUT:
            # Pages that are not made yet read the settings when they are.
            setattr(self._settings, name, getattr(wanted, name))
        self._window.setWindowState(Qt.WindowState.WindowNoState)
        place(self._window, wanted.geometry)
        for page in self._pages():
            if isinstance(page, Arranges):
                page.arrange(self._settings)


def _lost_words(names: Sequence[str]) -> str:
    """What is said of pins that another window's have taken the place of."""
    are, most = "is" if len(names) == 1 else "are", LISTS["pins"]
    return f"{', '.join(names)} {are} pinned no more: another window has changed the pins, and {most} is the most."


def _follow_only(runs: RunModel, folders: list[str]) -> None:
    """Follow the runs elsewhere that another window follows, readable from here or not, and no others."""
    dropped = [row for row in map(runs.row, map(Path, set(runs.followed) - set(folders))) if row is not None]
    runs.remove_all([row for row in dropped if not row.going])
    # Each of them, or what cannot be read here would count as taken off the list here.
    runs.followed = folders
    if not runs.is_loaded:
        runs.load_in_slices()
        return
    for folder in folders:
        # One that cannot be read is told of by the window that follows it.
        with contextlib.suppress(InputError):
            runs.follow(Path(folder))

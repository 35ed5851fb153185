"""Runs that go on or wait, said before any page is opened."""

from __future__ import annotations

import os
from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer

from resnet_gui.gui.runs.going import TRAIN, GoingRun
from resnet_gui.gui.session import MessageAction
from resnet_gui.gui.shell.text_size import QUEUE_GOES_ON

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application


class RunsAtStart(QObject):
    """The runs at the start: which one goes on stands in the status bar, and what waits is offered to begin.

    In a window that has taken the place of another one the queue goes on by itself if it did so there.
    """

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._app = app
        self._queue_goes_on = bool(os.environ.pop(QUEUE_GOES_ON, ""))
        self._is_offered = False
        self._going: GoingRun | None = GoingRun(app.session.runs, app.settings.followed, self)
        self._going.progress.connect(app.progress.take_from(TRAIN))
        app.session.runs.loaded.connect(self._offer_queue)
        app.memory.keeper.windows_ended.connect(self._adopt)
        self._going.begin()

    def end(self) -> None:
        """The Train page tells of its runs itself."""
        if self._going is not None:
            self._going.end()
            self._going = None

    def _offer_queue(self) -> None:
        elsewhere = self._app.memory.keeper.has_other
        waiting = sum(not Path(job.run).exists() and not elsewhere(job.window) for job in self._app.settings.queue)
        if waiting and self._queue_goes_on:
            # The Train page may be reading the runs while it is made.
            QTimer.singleShot(0, self, self._release_queue)
        elif waiting and self._going is not None and not self._is_offered:
            words = "One run waits" if waiting == 1 else f"{waiting} runs wait"
            self._app.session.offer(
                f"{words} from last time.", "warn", (MessageAction("Start the queue", self._start_queue),)
            )

    def _adopt(self, windows: Set[str]) -> None:
        """Runs wait in windows that have closed: they wait here now, and are offered to begin."""
        if "train" in self._app.pages.made:
            waiting = self._app.train_page().queue.adopt(windows)
        else:
            settings, mark = self._app.settings, self._app.memory.keeper.mark
            waiting = sum(job.window in windows for job in settings.queue)
            settings.queue = [
                msgspec.structs.replace(job, window=mark) if job.window in windows else job for job in settings.queue
            ]
        if waiting:
            self._is_offered = True
            words = "One run waits" if waiting == 1 else f"{waiting} runs wait"
            self._app.session.offer(
                f"{words} from a window that has closed.",
                "warn",
                (MessageAction("Start the queue", self._start_queue),),
            )

    def _start_queue(self) -> None:
        self._app.show_page("train")
        self._release_queue()

    def _release_queue(self) -> None:
        page = self._app.train_page()
        page.banner.hide()
        page.queue.release()

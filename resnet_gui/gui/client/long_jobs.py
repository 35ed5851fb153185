"""Long work that keeps what it has done in a folder: a sweep, an experiment; an engine of its own for each."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from resnet_gui.protocol.events import Event, Failed, JobDone
from resnet_gui.protocol.jobs import Keep, Message, Pause, Stop, Unpause

if TYPE_CHECKING:
    from resnet_gui.gui.client.process import EngineProcess


class LongJobs(QObject):
    """The owner of engines that each work on one folder, and end with their work.

    Signals:
        answered: folder, what its engine says.
        ended: folder, a sentence if its engine died, else empty.
    """

    answered = Signal(str, object)
    ended = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engines: dict[str, EngineProcess] = {}
        self._numbers = itertools.count(1)

    def begin(self, folder: str, make: Callable[[int], Message]) -> None:
        """Start an engine for a folder; one that is being worked on already is left alone."""
        if folder in self._engines:
            return
        from resnet_gui.gui.client.process import EngineProcess

        engine = self._engines[folder] = EngineProcess(self)
        engine.answered.connect(lambda event: self._take(folder, event))
        engine.ended.connect(lambda how, wanted: self._finish(folder, engine, how, wanted))
        engine.send(make(next(self._numbers)))

    def owns(self, folder: str) -> bool:
        """Whether an engine of this window works on a folder."""
        return folder in self._engines

    def running(self) -> list[str]:
        """Folders that are being worked on."""
        return list(self._engines)

    def pause(self, folder: str) -> None:
        """Hold the work on a folder."""
        self._engines[folder].send(Pause())

    def unpause(self, folder: str) -> None:
        """Go on with it."""
        self._engines[folder].send(Unpause())

    def stop(self, folder: str) -> None:
        """End it; what is done stays, and it can be gone on with."""
        self._engines[folder].send(Stop())

    def close(self) -> None:
        """End all work, each with its last checkpoint, however long that takes after the window."""
        for engine in self._engines.values():
            engine.send(Stop())
            engine.send(Keep())
            engine.close()
        for engine in self._engines.values():
            engine.flush(0.5)

    def kill(self) -> None:
        """End all work at once; the last checkpoints stay."""
        for engine in self._engines.values():
            engine.kill()

    def _take(self, folder: str, event: Event) -> None:
        self.answered.emit(folder, event)
        if isinstance(event, JobDone | Failed) and folder in self._engines:
            self._engines[folder].close()

    def _finish(self, folder: str, engine: EngineProcess, how: str, wanted: bool) -> None:
        engine.deleteLater()
        if self._engines.get(folder) is not engine:
            return  # another works on the folder by now
        del self._engines[folder]
        self.ended.emit(folder, "" if wanted else f"The engine of this work {how}; what was finished stays.")

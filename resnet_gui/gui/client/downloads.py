"""Data sets that are being fetched, each by an engine of its own, so that it can be broken off at any moment."""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from resnet_gui.protocol.events import Event, Failed, JobDone, Progressed
from resnet_gui.protocol.jobs import Download

if TYPE_CHECKING:
    from resnet_gui.gui.client.process import EngineProcess


LOG = logging.getLogger(__name__)


class Downloads(QObject):
    """The downloads that the window starts and ends; what has arrived stays and is gone on with.

    Signals:
        progressed: data set, bytes that are here, bytes in all.
        ended: data set, a sentence if it failed, else empty; also when it was cancelled.
    """

    progressed = Signal(str, object, object)
    ended = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engines: dict[str, EngineProcess] = {}
        self._failed: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def going(self) -> list[str]:
        """Data sets that are being fetched."""
        return list(self._engines)

    def start(self, name: str) -> None:
        """Fetch a data set; one that is being fetched already is left alone."""
        if name in self._engines:
            return
        from resnet_gui.gui.client.process import EngineProcess

        engine = self._engines[name] = EngineProcess(self)
        engine.answered.connect(lambda event: self._take(name, event))
        engine.ended.connect(lambda how, wanted: self._ended(name, how, wanted))
        engine.send(Download(next(self._numbers), name))

    def cancel(self, name: str) -> None:
        """Break off; what has arrived stays."""
        if name in self._engines:
            self._engines[name].kill()

    def cancel_all(self) -> None:
        """Break off everything; for the closing of the window."""
        for engine in self._engines.values():
            engine.kill()

    def _take(self, name: str, event: Event) -> None:
        match event:
            case Progressed():
                self.progressed.emit(name, event.done, event.total)
            case Failed():
                self._failed[name] = event.message
                self._engines[name].close()
            case JobDone():
                self._engines[name].close()
            case _:
                LOG.error("%s is no answer to a download", type(event).__name__)

    def _ended(self, name: str, how: str, wanted: bool) -> None:
        engine = self._engines.pop(name, None)
        if engine is not None:
            engine.deleteLater()
        sentence = self._failed.pop(name, "" if wanted else f"The download {how}; start it again to go on.")
        self.ended.emit(name, sentence)

"""Small pictures of an evaluation, asked of the engine for what is on screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from resnet_gui.base.cache import LruCache
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.protocol.evaluation_messages import ShowEvaluated
from resnet_gui.protocol.events import Event, Failed, ThumbnailsLoaded

KEPT: Final = 3000
AT_ONCE: Final = 48
"""Pictures that are asked for at once: about two screens, so that those that are looked at now do not wait long."""

PAUSE_MS: Final = 15


class EvaluatedThumbnails(QObject):
    """The small pictures by their numbers; one question at a time, always for those that were wanted last.

    Signals:
        arrived: some can be had now.
    """

    arrived = Signal()

    def __init__(self, engines: Engines, state: EvaluateState, room: QSize, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state, self._room = state, room
        self._kept = LruCache[int, QPixmap](KEPT)
        self._wanted: dict[int, None] = {}
        self._asked: tuple[int, ...] = ()
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        self._asking = Throttle(self, PAUSE_MS, self._ask)
        state.evaluation_changed.connect(self._forget)

    def get(self, number: int) -> QPixmap | None:
        """The picture; None while it is asked for, a null one if it cannot be shown."""
        found = self._kept.get(number)
        if found is None and number not in self._asked:
            self._wanted.pop(number, None)
            self._wanted[number] = None
            self._asking.request()
        return found

    def _forget(self) -> None:
        self._requests.forget("pictures")
        self._kept = LruCache[int, QPixmap](KEPT)
        self._wanted.clear()
        self._asked = ()

    def _ask(self) -> None:
        folder = self._state.folder
        if folder is None or self._asked or not self._wanted:
            return
        # Whatever was wanted before these has been scrolled away; it is wanted anew when it is painted again.
        numbers = self._asked = tuple(self._wanted)[-AT_ONCE:]
        self._wanted.clear()
        self._requests.ask("pictures", lambda job: ShowEvaluated(job, str(folder), numbers))

    def _fitted(self, image: QImage) -> QPixmap:
        """As large as there is room; a smaller picture keeps its pixels as squares."""
        small = image.width() <= self._room.width() and image.height() <= self._room.height()
        how = Qt.TransformationMode.FastTransformation if small else Qt.TransformationMode.SmoothTransformation
        return QPixmap.fromImage(image.scaled(self._room, Qt.AspectRatioMode.KeepAspectRatio, how))

    def _take(self, _kind: str, event: Event) -> None:
        asked, self._asked = self._asked, ()
        if isinstance(event, ThumbnailsLoaded):
            for picture in event.pictures:
                image = QImage.fromData(picture.png)
                self._kept.put(picture.index, QPixmap() if image.isNull() else self._fitted(image))
        if isinstance(event, ThumbnailsLoaded | Failed):
            for number in asked:
                if self._kept.get(number) is None:
                    self._kept.put(number, QPixmap())
        self.arrived.emit()
        self._asking.request()

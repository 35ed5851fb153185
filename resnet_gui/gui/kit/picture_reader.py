"""Pictures from files, read in a thread so that a thousand of them, or a huge one, never hold up the window."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from resnet_gui.base.cache import LruCache
from resnet_gui.gui.kit.emitter import ThreadWorker

KEPT: Final = 1500
MAX_PIXELS: Final = 200_000_000
PLAIN_PIXELS: Final = 64_000_000
"""Qt refuses to decode more than this at full size, with a warning on the console."""


def read_image(path: Path, room: QSize) -> QImage:
    """A picture at most so large, upright; a null image if Qt cannot show it (other readers may)."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    pixels = size.width() * size.height() if size.isValid() else 0
    # Only JPEGs are decoded at a fraction of their size.
    if pixels > (MAX_PIXELS if bytes(reader.format().data()) in {b"jpeg", b"jpg"} else PLAIN_PIXELS):
        return QImage()
    if size.isValid() and (size.width() > room.width() or size.height() > room.height()):
        reader.setScaledSize(size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def enlarged(image: QImage, room: QSize) -> QPixmap:
    """The picture as large as there is room; small ones keep their pixels as squares."""
    small = image.width() * 2 <= room.width() and image.height() * 2 <= room.height()
    how = Qt.TransformationMode.FastTransformation if small else Qt.TransformationMode.SmoothTransformation
    return QPixmap.fromImage(image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, how))


class PictureReader(ThreadWorker):
    """A reader of picture files on a thread of its own, one after the other.

    Signals:
        arrived: a path with what was read; a null image if it cannot be shown.
    """

    arrived = Signal(object, object)

    def __init__(self, room: QSize, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room = room

    def ask(self, path: Path, *, alone: bool = False) -> None:
        """Read a picture; ``alone``, those that still wait are given up."""
        room = self._room
        self._start(self.arrived, lambda: (path, read_image(path, room)), alone=alone)


class Thumbnails(QObject):
    """Pictures of one size by their paths.

    Signals:
        ready: a path whose picture can be had now.
    """

    ready = Signal(object)

    def __init__(self, room: QSize, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self._kept = LruCache[Path, QPixmap](KEPT)
        self._asked: set[Path] = set()
        self._reader = PictureReader(room * 2, self)
        self._reader.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def get(self, path: Path) -> QPixmap | None:
        """The picture; None while it is being read, a null one if it cannot be shown."""
        found = self._kept.get(path)
        if found is not None:
            return found
        if path not in self._asked:
            self._asked.add(path)
            self._reader.ask(path)
        return None

    def stop(self) -> None:
        """Read nothing more; for the closing of the window."""
        self._reader.stop()

    def _take(self, path: Path, image: QImage) -> None:
        self._asked.discard(path)
        self._kept.put(path, QPixmap() if image.isNull() else enlarged(image, self._room))
        self.ready.emit(path)

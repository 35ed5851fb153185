"""The icons as they were drawn at an earlier start: to draw one from its vectors takes longer than to read it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QByteArray, QRectF, Qt, qVersion
from PySide6.QtGui import QImage, QPainter, QPixmap

from resnet_gui.base.module_cache import beside_code, read_code, write_code

MOST: Final = 600
"""So many icons are kept: both themes on two screens. Of more, those of this start."""

FORMAT: Final = QImage.Format.Format_ARGB32_Premultiplied

Key = tuple[str, int]
"""Text of an icon in its colour (SVG), and its edge in pixels of the screen."""


class DrawnIcons:
    """Square pixmaps of icons, and the file that keeps their pixels for the next start.

    Each is kept with the text that it was drawn from, all of them with the version of Qt that drew them.
    """

    def __init__(self, path: Path | None) -> None:
        """Take what ``path`` keeps; None for nothing, and nothing is kept."""
        self._path = path
        found: Any = read_code(path) if path is not None else None
        self._kept: dict[Key, bytes] = found[1] if _is_kept(found) else {}
        self._used: set[Key] = set()
        self._drawn: dict[Key, QPixmap] = {}

    def pixmap(self, source: str, size: int) -> QPixmap:
        """An icon from its text; ``size`` is its edge in pixels of the screen."""
        key = source, size
        pixels = self._kept.get(key)
        if pixels is None or len(pixels) != 4 * size * size:
            self._drawn[key] = _draw(source, size)
            return self._drawn[key]
        self._used.add(key)
        # A copy, since an image does not hold the bytes that it looks at.
        return QPixmap.fromImage(QImage(pixels, size, size, 4 * size, FORMAT).copy())

    def keep(self) -> None:
        """Keep the pixels of what was drawn since."""
        if not self._drawn or self._path is None or sys.dont_write_bytecode:
            return
        self._kept |= {key: _pixels(pixmap) for key, pixmap in self._drawn.items()}
        if len(self._kept) > MOST:
            self._kept = {key: self._kept[key] for key in self._used | self._drawn.keys()}
        self._used |= self._drawn.keys()
        self._drawn = {}
        write_code(self._path, (qVersion(), self._kept))


def drawn_icons() -> DrawnIcons:
    """Those that are kept beside the code of this module."""
    try:
        return DrawnIcons(beside_code(__file__, "drawn_icons"))
    except NotImplementedError:
        return DrawnIcons(None)


def _draw(source: str, size: int) -> QPixmap:
    # Here and not above: a start that has drawn its icons before does without it.
    from PySide6.QtSvg import QSvgRenderer

    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


def _pixels(pixmap: QPixmap) -> bytes:
    # Named, since the bytes are those of the image and go with it.
    image = pixmap.toImage().convertToFormat(FORMAT)
    return bytes(image.constBits())


def _is_kept(found: object) -> bool:
    """Whether this is what is kept, and drawn by this Qt."""
    if not isinstance(found, tuple) or len(found) != 2 or found[0] != qVersion() or not isinstance(found[1], dict):
        return False
    return all(isinstance(key, tuple) and isinstance(pixels, bytes) for key, pixels in found[1].items())

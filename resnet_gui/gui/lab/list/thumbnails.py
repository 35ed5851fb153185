"""The small pictures of the experiments, in the colours of the theme."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from resnet_gui.base.files import assets
from resnet_gui.gui.kit.theme import Theme

WIDE: Final = 40
HIGH: Final = 32.5
_TOKEN: Final = re.compile(r"@(\w+)")


@cache
def _source(name: str) -> str:
    return (assets() / "thumbnails" / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _drawn(name: str, colours: str, ratio: float, coloured: str) -> QPixmap:
    pixmap = QPixmap(round(WIDE * ratio), round(HIGH * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(coloured.encode())).render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def thumbnail(theme: Theme, name: str, ratio: float = 1.0) -> QPixmap:
    """The picture of an experiment by its key, 40 × 32.5 pixels; a shared object.

    Raises:
        OSError: there is no such picture.
    """
    return _drawn(name, theme.name, ratio, _TOKEN.sub(lambda found: theme.hex(found.group(1)), _source(name)))

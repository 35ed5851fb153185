"""What is on screen as a picture file."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget


def write_picture(
    area: QWidget, path: str, kind: str, title: str = "ResNet Explorer: curves", below: Sequence[QWidget] = ()
) -> bool:
    """Write a widget as "png" (twice its size) or "svg" with a title; whether that was possible.

    Args:
        area: the widget.
        path: of the file.
        kind: "png" or "svg".
        title: of an SVG.
        below: widgets that belong to it, side by side below it.
    """
    size = QSize(
        max(area.width(), sum(each.width() for each in below)),
        area.height() + max((each.height() for each in below), default=0),
    )
    if kind == "png":
        pixmap = QPixmap(size * 2)
        pixmap.setDevicePixelRatio(2)
        pixmap.fill(area.palette().color(area.backgroundRole()))
        painter = QPainter(pixmap)
        _paint(painter, area, below)
        painter.end()
        return bool(pixmap.save(path, "PNG"))
    generator = QSvgGenerator()
    generator.setFileName(path)
    generator.setResolution(96)
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(), size))
    generator.setTitle(title)
    painter = QPainter()
    if not painter.begin(generator):
        return False
    _paint(painter, area, below)
    return painter.end()


def _paint(painter: QPainter, area: QWidget, below: Sequence[QWidget]) -> None:
    area.render(painter, QPoint())
    left = 0
    for each in below:
        # ``render`` takes no notice of a painter's own translation in every engine; its offset it does.
        each.render(painter, QPoint(left, area.height()))
        left += each.width()

"""What is on screen as a picture file."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget


def write_picture(area: QWidget, path: str, kind: str, title: str = "ResNet Explorer: curves") -> bool:
    """Write a widget as "png" (twice its size) or "svg" with a title; whether that was possible."""
    if kind == "png":
        pixmap = QPixmap(area.size() * 2)
        pixmap.setDevicePixelRatio(2)
        area.render(pixmap)
        return bool(pixmap.save(path, "PNG"))
    generator = QSvgGenerator()
    generator.setFileName(path)
    generator.setResolution(96)
    generator.setSize(area.size())
    generator.setViewBox(area.rect())
    generator.setTitle(title)
    painter = QPainter()
    if not painter.begin(generator):
        return False
    area.render(painter, QPoint())
    return painter.end()

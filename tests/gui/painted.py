"""What stands on the screen, and what would if all of it were painted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

EDGE_SHADES = 8


def on_screen(widget: QWidget) -> QImage:
    """The pixels that were painted, part by part, since the window came up."""
    window = widget.window()
    whole = window.screen().grabWindow(window.winId())
    return whole.copy(QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())).toImage()


def painted_anew(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def same(one: QImage, other: QImage) -> bool:
    """Whether two pictures look the same; the edge of a line differs by a shade or two where it is clipped."""
    # Named, since the bytes are those of the image and go with it.
    converted = [image.convertToFormat(QImage.Format.Format_RGB32) for image in (one, other)]
    first, second = (np.frombuffer(image.constBits(), np.uint8).astype(int) for image in converted)
    return first.shape == second.shape and int(abs(first - second).max()) <= EDGE_SHADES

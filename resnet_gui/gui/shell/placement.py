"""Where the window opens: as it was left, within the screens that there are, and never larger than one of them."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QByteArray, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

USUAL: Final = QSize(1440, 900)
"""Size of a first window where the screen has room for it."""

LEAST: Final = QSize(840, 420)
"""Smallest size: what a screen of 1280 × 720 leaves, with text of 150 %, beside a task bar and below a title bar."""

LEAST_FIRST: Final = QSize(958, 512)
"""A first window that would be smaller takes the whole screen: pages below it are scrolled in both directions."""

SHARE: Final = 0.9
"""Of the screen, what a first window takes at most."""

GRIP: Final = QSize(120, 32)
"""So much of the top of a window must lie on a screen for it to be dragged."""

_WRITTEN: Final = r"(\d{1,5})x(\d{1,5})([+-]\d{1,6})([+-]\d{1,6})( maximized)?"


def first_size(room: QSize) -> QSize | None:
    """Size of a first window.

    Args:
        room: of the screen, without its bars.

    Returns:
        At most ``SHARE`` of the room; None where that is less than ``LEAST_FIRST``, and the window is to be maximised.
    """
    width, height = min(USUAL.width(), int(room.width() * SHARE)), min(USUAL.height(), int(room.height() * SHARE))
    return None if width < LEAST_FIRST.width() or height < LEAST_FIRST.height() else QSize(width, height)


def brought_back(frame: QRect, rooms: list[QRect]) -> QRect:
    """A window's place, moved and shrunk so that it lies on a screen.

    Args:
        frame: the place.
        rooms: of the screens, without their bars; the first is the main one.

    Returns:
        The place itself where its upper edge can be seen and it is no larger than its screen.
    """
    if not rooms:
        return frame
    top = QRect(frame.topLeft(), QSize(frame.width(), GRIP.height()))
    seen = [(_area(room & frame), -number) for number, room in enumerate(rooms)]
    room = rooms[-max(seen)[1]]
    size = frame.size().boundedTo(room.size())
    reachable = any(
        (other & top).width() >= min(GRIP.width(), frame.width()) and (other & top).height() >= GRIP.height() // 2
        for other in rooms
    )
    if reachable and size == frame.size():
        return frame
    return QRect(
        QPoint(
            max(room.left(), min(frame.left(), room.right() + 1 - size.width())),
            max(room.top(), min(frame.top(), room.bottom() + 1 - size.height())),
        ),
        size,
    )


def _area(box: QRect) -> int:
    return box.width() * box.height() if box.isValid() else 0


def place(window: QWidget, geometry: str = "") -> None:
    """Give a window that is not on screen yet its place and size.

    Args:
        window: the window.
        geometry: as ``geometry_text`` or ``scaled_geometry`` wrote it; empty for a first window.
    """
    rooms = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    main = QGuiApplication.primaryScreen()
    if main is not None:
        rooms.sort(key=lambda room: room != main.availableGeometry())
    if not (geometry and _restore(window, geometry)):
        _place_first(window, rooms)
        return
    if not window.windowState() & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen):
        wanted = brought_back(window.geometry(), rooms)
        if wanted != window.geometry():
            window.setGeometry(wanted)


def _place_first(window: QWidget, rooms: list[QRect]) -> None:
    room = rooms[0] if rooms else QRect(QPoint(0, 0), USUAL)
    size = first_size(room.size())
    window.resize(size if size is not None else room.size().boundedTo(USUAL))
    window.move(room.center() - QRect(QPoint(0, 0), window.size()).center())
    if size is None:
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)


def _restore(window: QWidget, geometry: str) -> bool:
    found = re.fullmatch(_WRITTEN, geometry)
    if found is None:
        return window.restoreGeometry(QByteArray.fromBase64(QByteArray(geometry.encode())))
    *numbers, maximised = found.groups()
    width, height, left, top = map(int, numbers)
    if width == 0 or height == 0:
        return False
    window.setGeometry(left, top, width, height)
    if maximised:
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)
    return True


def geometry_text(window: QWidget) -> str:
    """Place and size of a window for the settings, in Qt's own format."""
    return bytes(window.saveGeometry().toBase64().data()).decode()


def scaled_geometry(window: QWidget, ratio: float) -> str:
    """Place and size of a window for the settings where the next one has another scale.

    Args:
        window: the window.
        ratio: the next scale over the present one.

    Returns:
        Device-independent pixels of the next scale that cover the same part of the screen. Qt's own format would be
        refused: it is of screens of another size.
    """
    box, screen = window.normalGeometry(), window.screen()
    box = box if box.isValid() else window.geometry()
    # Qt leaves the corner of a screen where it is, and scales what is measured from it.
    corner = screen.geometry().topLeft() if screen is not None else QPoint(0, 0)
    from_corner = box.topLeft() - corner
    left, top = (corner.x() + round(from_corner.x() / ratio), corner.y() + round(from_corner.y() / ratio))
    size = f"{max(1, round(box.width() / ratio))}x{max(1, round(box.height() / ratio))}"
    maximized = window.windowState() & Qt.WindowState.WindowMaximized
    return f"{size}{left:+d}{top:+d}{' maximized' if maximized else ''}"

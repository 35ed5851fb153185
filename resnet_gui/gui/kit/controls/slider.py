"""A slider that goes to where its track is clicked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider


class AbsoluteSlider(QSlider):
    """A slider whose handle comes to the place of its track that is pressed, and can be dragged on from there.

    The style would move it by a page; Page Up and Page Down still do.
    """

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place; a press on the handle begins to drag it, as ever."""
        if event.button() != Qt.MouseButton.LeftButton or self._on_handle(event):
            super().mousePressEvent(event)
            return
        # The middle button is the one with which Qt sets a slider to a place.
        middle = Qt.MouseButton.MiddleButton
        placed = QMouseEvent(
            event.type(), event.position(), event.scenePosition(), event.globalPosition(), middle, middle,
            event.modifiers(), event.pointingDevice(),
        )  # fmt: skip
        super().mousePressEvent(placed)
        event.setAccepted(placed.isAccepted())

    def _on_handle(self, event: QMouseEvent) -> bool:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = QStyle.SubControl.SC_SliderHandle
        box = self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, handle, self)
        return bool(box.contains(event.position().toPoint()))

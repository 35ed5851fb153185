"""A figure as its file will show it, in a window."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.figures.figure import FigureDrawing, FigureOptions
from resnet_gui.gui.kit.figures.files import figure_height, figure_image

CHECK: Final = 8
"""Pixels of a square of the pattern that stands for no ground."""


class FigurePreview(QWidget):
    """The figure as the file will show it, as large as there is room, at most twice its size.

    Attributes:
        held: whether it is not drawn anew, because a thread draws the same figure.
    """

    def __init__(self) -> None:
        super().__init__()
        self._figure: FigureDrawing | None = None
        self._options = FigureOptions()
        self._image: QImage | None = None
        self._high = self._scale = 1.0
        self._drawn: tuple[float, float, float] | None = None
        self.held = False
        self.setAccessibleName("Preview")
        self.setMinimumSize(240, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_figure(self, figure: FigureDrawing, options: FigureOptions) -> None:
        """Show a figure as it will be written."""
        self._figure, self._options, self._drawn = figure, options, None
        self.setAccessibleDescription(figure.title)
        self.update()

    def sizeHint(self) -> QSize:
        """Room for one column at more than its size."""
        return QSize(560, 460)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it; squares stand where there is no ground."""
        figure, options = self._figure, self._options
        if figure is None:
            return
        across = options.pixels
        high, scale, image = self._draw(figure, options)
        size = QRectF(0, 0, across * scale, high * scale)
        size.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        if not options.filled:
            _paint_squares(painter, size, dark=options.theme == "dark")
        painter.drawImage(size, image, QRectF(image.rect()))
        # Where the figure ends, on a ground of its own colour.
        painter.setPen(self.palette().mid().color())
        painter.drawRect(size.adjusted(-1, -1, 0, 0))

    def _draw(self, figure: FigureDrawing, options: FigureOptions) -> tuple[float, float, QImage]:
        """The figure's height, how much larger it is shown, and itself; drawn once for a size of the widget."""
        room = (float(self.width() - 16), float(self.height() - 16), self.devicePixelRatioF())
        if self._image is None or (self._drawn != room and not self.held):
            self._high = figure_height(figure, options.pixels)
            self._scale = min(2.0, room[0] / options.pixels, room[1] / self._high)
            self._image, self._drawn = figure_image(figure, options, self._scale * room[2]), room
        return self._high, self._scale, self._image


def _paint_squares(painter: QPainter, box: QRectF, *, dark: bool) -> None:
    painter.save()
    painter.setClipRect(box)
    painter.fillRect(box, QColor("#24282D" if dark else "#FFFFFF"))
    other = QColor("#1B1F23" if dark else "#F0F1F3")
    for row_ in range(int(box.height() // CHECK) + 1):
        for column_ in range(row_ % 2, int(box.width() // CHECK) + 1, 2):
            painter.fillRect(QRectF(box.left() + column_ * CHECK, box.top() + row_ * CHECK, CHECK, CHECK), other)
    painter.restore()

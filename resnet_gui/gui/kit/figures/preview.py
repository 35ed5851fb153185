"""A figure as its file will show it, in a window."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.figures.figure import FigureDrawing, FigureOptions
from resnet_gui.gui.kit.figures.files import figure_height, figure_image

CHECK: Final = 8
"""Pixels of a square of the pattern that stands for no ground."""


class FigurePreview(QWidget):
    """The figure as the file will show it, as large as there is room, at most twice its size."""

    def __init__(self) -> None:
        super().__init__()
        self._figure: FigureDrawing | None = None
        self._options = FigureOptions()
        self.setAccessibleName("Preview")
        self.setMinimumSize(240, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_figure(self, figure: FigureDrawing, options: FigureOptions) -> None:
        """Show a figure as it will be written."""
        self._figure, self._options = figure, options
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
        across, high = options.pixels, figure_height(figure, options.pixels)
        scale = min(2.0, (self.width() - 16) / across, (self.height() - 16) / high)
        ratio = self.devicePixelRatioF()
        image = figure_image(figure, options, scale * ratio)
        size = QRectF(0, 0, across * scale, high * scale)
        size.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        if not options.filled:
            _paint_squares(painter, size, dark=options.theme == "dark")
        painter.drawImage(size, image, QRectF(image.rect()))
        # Where the figure ends, on a ground of its own colour.
        painter.setPen(self.palette().mid().color())
        painter.drawRect(size.adjusted(-1, -1, 0, 0))


def _paint_squares(painter: QPainter, box: QRectF, *, dark: bool) -> None:
    painter.save()
    painter.setClipRect(box)
    painter.fillRect(box, QColor("#24282D" if dark else "#FFFFFF"))
    other = QColor("#1B1F23" if dark else "#F0F1F3")
    for row_ in range(int(box.height() // CHECK) + 1):
        for column_ in range(row_ % 2, int(box.width() // CHECK) + 1, 2):
            painter.fillRect(QRectF(box.left() + column_ * CHECK, box.top() + row_ * CHECK, CHECK, CHECK), other)
    painter.restore()

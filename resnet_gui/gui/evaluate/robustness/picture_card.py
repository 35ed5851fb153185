"""A picture as the network gets it, with its answer below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.picture_reader import enlarged
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.scores import Score

SIDE: Final = 104
CAPTION: Final = 34
LINE: Final = 16


class PictureCard(QWidget):
    """A picture with a caption: the answer in bold, its probability, below it the true class; or other words.

    Args:
        theme: of the colours.
        name: what the picture is, for those who cannot see it.
        side: pixels of the square that it stands in.
    """

    def __init__(self, theme: Theme, name: str, side: int = SIDE) -> None:
        super().__init__()
        self._theme, self._name, self._side = theme, name, side
        self._image = QImage()
        self._bold = self._plain = self._below = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_picture(self, png: bytes, bold: str, plain: str, below: str = "") -> None:
        """Show another picture and what is said about it; none without bytes."""
        self._image = QImage.fromData(png) if png else QImage()
        self._bold, self._plain, self._below = bold, plain, below
        self.setAccessibleName(f"{self._name}: {bold} {plain} {below}".rstrip())
        self.setToolTip(f"{bold} {plain}\n{below}".strip())
        self.update()

    def show_answer(self, png: bytes, scores: Sequence[Score], truth: str = "") -> None:
        """Show a picture, its likeliest class, and the true one."""
        best = scores[0] if scores else None
        words = (best.label, percent(best.probability)) if best else ("", "")
        self.show_picture(png, *words, below=f"is {truth}" if truth else "")

    @property
    def caption(self) -> str:
        """What is said about it."""
        return f"{self._bold} {self._plain} {self._below}".strip()

    @property
    def image(self) -> QImage:
        """The picture."""
        return self._image

    def sizeHint(self) -> QSize:
        """A square and two lines."""
        return QSize(self._side, self._side + CAPTION)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture with its pixels as squares where it is small, and the caption."""
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0, 0, self._side, self._side)
        frame = QPainterPath()
        frame.addRoundedRect(box, 4, 4)
        painter.save()
        painter.setClipPath(frame)
        painter.fillRect(box, color("canvas"))
        if not self._image.isNull():
            ratio = self.devicePixelRatioF()
            shown = enlarged(self._image, QSize(self._side, self._side) * ratio)
            shown.setDevicePixelRatio(ratio)
            size = shown.deviceIndependentSize()
            painter.drawPixmap(round((self._side - size.width()) / 2), round((self._side - size.height()) / 2), shown)
        painter.restore()
        if self._image.isNull():
            painter.setPen(QPen(color("line"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(frame)
        room = self._side - ink(self._plain, 11).width - 4
        bold = ink(elided(self._bold, max(20, round(room)), 11, 600), 11, 600)
        painter.setPen(color("t1"))
        line = QRectF(0, self._side + 3, self._side, LINE)
        bold.draw_in(painter, line)
        ink(self._plain, 11).draw_in(painter, line.translated(bold.width + 4 if self._bold else 0, 0))
        painter.setPen(color("t2"))
        ink(elided(self._below, self._side, 11), 11).draw_in(painter, line.translated(0, LINE - 1))

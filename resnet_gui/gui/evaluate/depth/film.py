"""The clouds at a few fixed depths side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.cloud.point_cloud import CloudData, CloudStyle, cloud_image, point_radius, whole_view
from resnet_gui.gui.kit.theme import Theme

GAP: Final = 8
CAPTION: Final = 18
SMALL: Final = 0.55
"""A point of the film over one of the large cloud."""


@dataclass(frozen=True, eq=False)
class FilmFrame:
    """A cloud of the film: the place of its block, its name, its points."""

    place: int
    name: str
    cloud: CloudData


class DepthFilm(QWidget):
    """Small clouds; a click on one goes to its depth. From the keyboard the slider goes there.

    Signals:
        frame_clicked: place of the block.
    """

    frame_clicked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._frames: tuple[FilmFrame, ...] = ()
        self._chosen = -1
        self._kept: dict[int, QImage] = {}
        self.setAccessibleName("The classes at five depths")
        self.setMinimumHeight(60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._forget)

    def show_frames(self, frames: Sequence[FilmFrame], chosen: int) -> None:
        """Show other clouds; that of the place ``chosen`` has a frame."""
        self._frames, self._chosen = tuple(frames), chosen
        self._forget()

    def choose(self, place: int) -> None:
        """Lay the frame around another cloud, or around none."""
        if place != self._chosen:
            self._chosen = place
            self.update()

    def _forget(self) -> None:
        self._kept.clear()
        self.update()

    def sizeHint(self) -> QSize:
        """A row of small clouds with their names."""
        return QSize(420, 90)

    def boxes(self) -> list[QRectF]:
        """Where the clouds stand."""
        count = len(self._frames)
        wide = (self.width() - GAP * (count - 1)) / max(1, count)
        return [QRectF(number * (wide + GAP), 1, wide, self.height() - CAPTION - 1) for number in range(count)]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Copy the clouds; each is painted when it or its size has changed."""
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for frame, box in zip(self._frames, self.boxes(), strict=True):
            chosen = frame.place == self._chosen
            outline = QPainterPath()
            outline.addRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            painter.save()
            painter.setClipPath(outline)
            painter.drawImage(box.topLeft(), self._picture(frame, box.size()))
            painter.restore()
            painter.setPen(QPen(color("acc" if chosen else "line"), 2 if chosen else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(outline)
            painter.setPen(color("t1" if chosen else "t2"))
            words = ink(f"after {frame.name}", 11, 600 if chosen else 400)
            words.draw_in(painter, QRectF(box.left(), box.bottom() + 2, box.width(), CAPTION - 2), "centre")

    def _picture(self, frame: FilmFrame, size: QSizeF) -> QImage:
        ratio = self.devicePixelRatioF()
        kept = self._kept.get(frame.place)
        if kept is None or kept.size() != (size * ratio).toSize() or kept.devicePixelRatio() != ratio:
            style = CloudStyle(round(SMALL * point_radius(len(frame.cloud.places)), 1), ratio, names=False)
            view = whole_view(frame.cloud, size, 5)
            kept = self._kept[frame.place] = cloud_image(frame.cloud, view, size, self._theme.color, style)
        return kept

    def _frame_at(self, at: QPointF) -> FilmFrame | None:
        boxes = zip(self._frames, self.boxes(), strict=True)
        return next((frame for frame, box in boxes if box.contains(at)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the depth of the cloud that is clicked."""
        frame = self._frame_at(event.position())
        if frame is not None and event.button() == Qt.MouseButton.LeftButton:
            self.frame_clicked.emit(frame.place)

    def event(self, event: QEvent) -> bool:
        """Say what a click does."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            frame = self._frame_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), f"Show the features after {frame.name}" if frame else "", self)
            return True
        return super().event(event)

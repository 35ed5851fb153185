"""Progress over all runs: a group a seed, a segment a run in the run's colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolTip

from resnet_gui.gui.kit.cached_text import CachedText, ink
from resnet_gui.gui.kit.theme import Theme

HIGH: Final = 36
BAR: Final = 8
GAP: Final = 2
LEFT: Final = 16


SegmentState = Literal["waits", "going", "done", "failed"]


@dataclass(frozen=True)
class RunSegment:
    """The segment of one run.

    Attributes:
        token: of its colour.
        state: waits, going, done or failed.
        fraction: how far it is, 0 to 1.
        words: its name, state and message.
        folder: of the run; empty before it has one.
    """

    token: str
    state: SegmentState
    fraction: float = 0.0
    words: str = ""
    folder: str = ""


@dataclass(frozen=True)
class ProgressData:
    """The content of the strip: bold and plain words at the left, groups by their names, words at the right."""

    left: tuple[str, str]
    groups: Sequence[tuple[str, tuple[RunSegment, ...]]]
    right: tuple[str, str]


class SeedProgress(QFrame):
    """The strip of segments.

    Signals:
        run_clicked: folder of the run whose segment was clicked.
    """

    run_clicked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._data = ProgressData(("", ""), (), ("", ""))
        self.setFixedHeight(HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    @property
    def data(self) -> ProgressData:
        """What is shown."""
        return self._data

    def show_progress(self, data: ProgressData) -> None:
        """Show other progress."""
        if data != self._data:
            self._data = data
            self.setAccessibleName(" ".join((*data.left, *data.right)))
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(600, HIGH)

    def _boxes(self) -> tuple[list[tuple[QRectF, RunSegment]], list[tuple[CachedText, float]], float]:
        """Boxes of the segments, the names of the groups with their places, and where the words at the right begin."""
        left = LEFT + ink(self._data.left[0], 13, 600).width + ink(self._data.left[1], 12).width + 18
        end = ink(self._data.right[0], 12).width + ink(self._data.right[1], 13, 600).width + 4
        right = self.width() - LEFT - end
        groups = self._data.groups
        if not groups:
            return [], [], right
        names = [ink(name, 11) for name, _ in groups]
        count = sum(len(segments) for _, segments in groups)
        free = right - 14 - left - sum(name.width + 8 for name in names) - 14 * (len(groups) - 1)
        wide = max(2.0, (free - GAP * (count - len(groups))) / max(1, count))
        boxes: list[tuple[QRectF, RunSegment]] = []
        places: list[tuple[CachedText, float]] = []
        x = left
        for name, (_, segments) in zip(names, groups, strict=True):
            places.append((name, x))
            x += name.width + 8
            for segment in segments:
                boxes.append((QRectF(x, (HIGH - BAR) / 2, wide, BAR), segment))
                x += wide + GAP
            x += 14 - GAP
        return boxes, places, right

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, words and segments."""
        painter, color = QPainter(self), self._theme.color
        painter.fillRect(self.rect(), color("panel"))
        painter.setPen(color("line"))
        painter.drawLine(0, 0, self.width(), 0)
        painter.drawLine(0, HIGH - 1, self.width(), HIGH - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes, places, right = self._boxes()
        row_box = QRectF(LEFT, 0, 10, HIGH)
        bold, plain = self._data.left
        painter.setPen(color("t1"))
        ink(bold, 13, 600).draw_in(painter, row_box)
        painter.setPen(color("t2"))
        ink(plain, 12).draw_in(painter, row_box.translated(ink(bold, 13, 600).width + 4, 0))
        for name, x in places:
            name.draw_in(painter, QRectF(x, 0, 10, HIGH))
        first, second = self._data.right
        ink(first, 12).draw_in(painter, QRectF(right, 0, 10, HIGH))
        painter.setPen(color("t1"))
        ink(second, 13, 600).draw_in(painter, QRectF(right + ink(first, 12).width + 4, 0, 10, HIGH))
        painter.setPen(Qt.PenStyle.NoPen)
        for box, segment in boxes:
            self._paint_segment(painter, box, segment, color("line2"))

    def _paint_segment(self, painter: QPainter, box: QRectF, segment: RunSegment, track: QColor) -> None:
        radius = min(BAR / 2, box.width() / 2)
        painter.setBrush(track)
        painter.drawRoundedRect(box, radius, radius)
        part = {"waits": 0.0, "going": segment.fraction, "done": 1.0, "failed": 1.0}[segment.state]
        if part > 0:
            painter.setBrush(self._theme.color("err" if segment.state == "failed" else segment.token))
            filled = QRectF(box.left(), box.top(), max(2 * radius, box.width() * part), box.height())
            painter.drawRoundedRect(filled, radius, radius)

    def _at(self, x: float) -> RunSegment | None:
        found = (segment for box, segment in self._boxes()[0] if box.left() - 1 <= x <= box.right() + 1)
        return next(found, None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the segment under the pointer is."""
        segment = self._at(event.position().x())
        QToolTip.showText(event.globalPosition().toPoint(), segment.words if segment else "", self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Name the run of the segment under the pointer."""
        segment = self._at(event.position().x())
        if segment is not None and segment.folder:
            self.run_clicked.emit(segment.folder)

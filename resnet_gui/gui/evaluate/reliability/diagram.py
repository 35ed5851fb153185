"""The reliability diagram: accuracy by confidence, what is too sure, and the same at a temperature; counts below."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.evaluation.calibration import Reliability
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme

LEFT, RIGHT, TOP = 40, 16, 8
COUNTS: Final = 46
"""Pixels from the end of the diagram to that of the counts."""

BELOW: Final = 32
"""Pixels below the counts, for ticks and title."""

TICKS: Final = (0, 25, 50, 75, 100)


def hatch(theme: Theme) -> QBrush:
    """The 45° hatch of what is too sure."""
    made = QBrush(theme.color("t2"), Qt.BrushStyle.BDiagPattern)
    made.setTransform(QTransform.fromScale(0.75, 0.75))
    return made


class ReliabilityDiagram(QWidget):
    """The diagram of the answers as they are, and the line of those at a temperature.

    Painted by hand: a hatch between two heights in every bin is no chart of the kit, and pyqtgraph has none.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._plain: Reliability | None = None
        self._heated: Reliability | None = None
        self.words = ""
        self.setAccessibleName("Reliability diagram")
        self.setMouseTracking(True)
        self.setMinimumSize(160, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_reliability(self, plain: Reliability | None, heated: Reliability | None) -> None:
        """Show the answers as the network gave them, and those at a temperature; None for none."""
        self._plain, self._heated = plain, heated
        words = f"calibration error {100 * plain.error:.1f} %" if plain is not None else ""
        words += f", {100 * heated.error:.1f} % at the temperature" if heated is not None else ""
        self.setAccessibleDescription(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Its share of the page."""
        return QSize(268, 269)

    def plot_box(self) -> QRectF:
        """Where the axes stand."""
        return QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - COUNTS - BELOW)

    def bin_box(self, number: int) -> QRectF:
        """The column of a bin in the diagram, from 0 to 100."""
        box = self.plot_box()
        if self._plain is None:
            return box
        low, high = self._plain.edges[number], self._plain.edges[number + 1]
        return QRectF(box.left() + low * box.width(), box.top(), (high - low) * box.width(), box.height())

    def reading(self, x: float) -> str:
        """The words about the bin at a place; empty where there is none."""
        plain, box = self._plain, self.plot_box()
        if plain is None or not box.left() <= x < box.right():
            return ""
        bins = len(plain.count)
        number = min(bins - 1, int((x - box.left()) / box.width() * bins))
        accuracy, confidence = plain.accuracy[number], plain.confidence[number]
        edges = f"{100 * plain.edges[number]:.1f} to {100 * plain.edges[number + 1]:.1f} %"
        if accuracy is None or confidence is None:
            return f"No answer has a confidence of {edges}"
        too = "surer than right" if confidence > accuracy else "less sure than right"
        return (
            f"{plain.count[number]:,} answers of {edges}: {100 * accuracy:.1f} % of them right at a mean confidence of "
            f"{100 * confidence:.1f} %, {100 * abs(confidence - accuracy):.1f} points {too}"
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what a bin holds."""
        self.setToolTip(self.reading(event.position().x()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw axes, bars, hatch, line and counts."""
        painter = QPainter(self)
        self._draw_axes(painter)
        if self._plain is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for number in range(len(self._plain.count)):
                self._draw_bin(painter, self._plain, number)
            self._draw_line(painter)
            self._draw_counts(painter, self._plain)

    def _draw_axes(self, painter: QPainter) -> None:
        color, box = self._theme.color, self.plot_box()
        base = box.bottom() + COUNTS
        for tick in TICKS:
            y = round(box.bottom() - tick / 100 * box.height()) + 0.5
            painter.setPen(QPen(color("grid"), 1))
            painter.drawLine(QPointF(LEFT, y), QPointF(box.right(), y))
            painter.setPen(color("t3"))
            ink(f"{tick}", 11).draw_in(painter, QRectF(0, y - 8, LEFT - 7, 16), "right")
            word = ink(f"{tick}", 11)
            at = box.left() + tick / 100 * box.width() - word.width * (tick / 100)
            word.draw(painter, at, base + 3)
        painter.setPen(QPen(color("line2"), 1))
        left, bottom = LEFT + 0.5, round(box.bottom()) + 0.5
        painter.drawLine(QPointF(left, box.top()), QPointF(left, bottom))
        painter.drawLine(QPointF(left, bottom), QPointF(box.right(), bottom))
        painter.drawLine(QPointF(left, round(base) + 0.5), QPointF(box.right(), round(base) + 0.5))
        painter.setPen(color("t2"))
        ink("confidence %", 11).draw_in(painter, QRectF(box.left(), base + 16, box.width(), 16), "centre")
        painter.setPen(color("t3"))
        ink("pictures", 11).draw(painter, LEFT + 4, box.bottom() + 6)
        if self.words:
            words = ink(self.words, 12)
            ground = QRectF(0, 0, words.width + 12, 20)
            ground.moveCenter(box.center())
            painter.fillRect(ground, color("panel"))
            words.draw_in(painter, ground, "centre")

    def _draw_bin(self, painter: QPainter, plain: Reliability, number: int) -> None:
        accuracy, confidence = plain.accuracy[number], plain.confidence[number]
        if accuracy is None or confidence is None:
            return
        color, box = self._theme.color, self.bin_box(number).adjusted(0.5, 0, -0.5, 0)
        top = box.bottom() - accuracy * box.height()
        sure = box.bottom() - confidence * box.height()
        soft = QColor(color("acc"))
        soft.setAlphaF(0.28)
        painter.fillRect(QRectF(box.left(), top, box.width(), box.bottom() - top), soft)
        if sure < top:
            painter.setPen(QPen(color("ctl"), 1))
            painter.setBrush(hatch(self._theme))
            painter.drawRect(QRectF(box.left() + 0.5, sure, box.width() - 1, top - sure))
        painter.setPen(QPen(color("acc"), 1.5))
        painter.drawLine(QPointF(box.left(), top), QPointF(box.right(), top))

    def _draw_line(self, painter: QPainter) -> None:
        color, box = self._theme.color, self.plot_box()
        painter.setPen(QPen(color("t2"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(box.bottomLeft(), box.topRight())
        heated = self._heated
        if heated is None:
            return
        places = [
            QPointF(box.left() + confidence * box.width(), box.bottom() - accuracy * box.height())
            for confidence, accuracy in zip(heated.confidence, heated.accuracy, strict=True)
            if confidence is not None and accuracy is not None
        ]
        painter.setPen(QPen(color("t1"), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(places))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("t1"))
        for place in places:
            painter.drawEllipse(place, 3, 3)

    def _draw_counts(self, painter: QPainter, plain: Reliability) -> None:
        most = max(plain.count) or 1
        base = round(self.plot_box().bottom() + COUNTS)
        for number, count in enumerate(plain.count):
            if count:
                box = self.bin_box(number)
                high = max(1.5, 34 * count / most)
                bar = QRectF(box.left() + 0.5, base - high, box.width() - 1, high)
                painter.fillRect(bar, self._theme.color("line2"))

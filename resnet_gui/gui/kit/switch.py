"""A switch with its label: a check box drawn as a track and a knob."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from resnet_gui.gui.kit.theme import Theme, font

TRACK = QSize(28, 16)


class ToggleSwitch(QCheckBox):
    """An on-off choice with immediate effect."""

    def __init__(self, theme: Theme, text: str, tip: str) -> None:
        super().__init__(text)
        self._theme = theme
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Track, gap and text, at least 24 px high to be hit."""
        return QSize(TRACK.width() + 10 + self.fontMetrics().horizontalAdvance(self.text()), 24)

    def minimumSizeHint(self) -> QSize:
        """The track; the text is cut where there is no room."""
        return QSize(TRACK.width() + 40, 24)

    def hitButton(self, place: QPoint) -> bool:  # noqa: N802
        """The text belongs to the switch."""
        return self.rect().contains(place)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the track, the knob, the focus ring and the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, on, able = self._theme.color, self.isChecked(), self.isEnabled()
        track = QRectF(1.5, (self.height() - TRACK.height()) / 2 + 0.5, TRACK.width() - 2, TRACK.height() - 1)
        painter.setPen(QPen(color("accfill" if on else "ctl"), 1))
        painter.setBrush(color("accfill" if on else "raise") if able else color("hover"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("onacc" if on else "t2") if able else color("dis"))
        middle = QPointF(track.right() - 7.5 if on else track.left() + 7.5, track.center().y())
        painter.drawEllipse(middle, 4.5, 4.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color("acc"), 2))
            painter.drawRoundedRect(track.adjusted(-0.5, -0.5, 0.5, 0.5), track.height() / 2, track.height() / 2)
        painter.setFont(font(13))
        painter.setPen(color("t1" if able else "dis"))
        place = QRectF(TRACK.width() + 8, 0, self.width() - TRACK.width() - 8, self.height())
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

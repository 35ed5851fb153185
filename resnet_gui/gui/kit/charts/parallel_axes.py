"""Parallel coordinates (Inselberg 1985): every line crosses all axes, which are moved, brushed and coloured by.

All lines are drawn in one go into a picture that is kept, so that hundreds of them stay fluid; pyqtgraph has no such
plot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.gui.kit.charts.parallel_axis import ParallelAxis
from resnet_gui.gui.kit.charts.parallel_drawing import draw_axis, draw_lines
from resnet_gui.gui.kit.charts.parallel_lines import NAMES, ParallelLines
from resnet_gui.gui.kit.theme import Theme

DRAGGED: Final = 4.0
"""Pixels from which a press is a drag."""

USE: Final = "Click: colour by it; drag: brush; drag its name: move it; double click: take its brush off"


class ParallelAxes(QWidget):
    """The widget of lines over parallel axes.

    Attributes:
        lines: what is shown.

    Signals:
        brushed: other lines are brushed.
        colour_chosen: key of an axis that lines are to be coloured by.
        order_changed: an axis was moved.
        line_clicked: number of a line.
    """

    brushed = Signal()
    colour_chosen = Signal(str)
    order_changed = Signal()
    line_clicked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.lines = ParallelLines()
        self._press: tuple[str, QPointF] | None = None
        self._dragged = False
        self._focus, self._keyed = 0, False
        self._picture: QPixmap | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Parallel axes")
        theme.changed.connect(self._redraw)

    def show_lines(self, axes: Sequence[ParallelAxis], words: Sequence[str], colour_key: str) -> None:
        """Show other lines: one a value of each axis; ``words`` says of each what it is."""
        lines = self.lines
        if (list(axes), tuple(words), colour_key) == (list(lines.axes.values()), lines.words, lines.colour_key):
            return
        lines.set_lines(axes, words)
        lines.colour_key = colour_key
        self._focus = min(self._focus, max(0, len(lines.order) - 1))
        self._redraw()

    def set_brush(self, key: str, brush: tuple[float, float] | None) -> None:
        """Brush a part of an axis, in fractions from its lower end, or none of it."""
        before = dict(self.lines.brushes)
        if brush is None:
            self.lines.brushes.pop(key, None)
        else:
            self.lines.brushes[key] = min(brush), max(brush)
        if before != self.lines.brushes:
            self._redraw()
            self.brushed.emit()

    def clear_brushes(self) -> None:
        """Brush nothing."""
        if self.lines.brushes:
            self.lines.brushes = {}
            self._redraw()
            self.brushed.emit()

    def move_axis(self, key: str, number: int) -> None:
        """Put an axis at another place."""
        before = list(self.lines.order)
        self.lines.order.remove(key)
        self.lines.order.insert(number, key)
        self._focus = number
        if before != self.lines.order:
            self._redraw()
            self.order_changed.emit()

    def place_of(self, key: str, fraction: float) -> QPointF:
        """A point on an axis; above 1 lies its name."""
        return QPointF(self.lines.x(key), self.lines.y(fraction))

    # ---- the mouse and the keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on an axis or its name may become a brush or a move."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = event.position()
        key = self.lines.axis_at(place)
        if key is not None:
            self._press, self._dragged = (key, place), False
            self._focus = self.lines.order.index(key)
        elif (line := self.lines.line_at(place)) is not None:
            self.line_clicked.emit(line)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Brush, or move the axis."""
        place = event.position()
        if self._press is None:
            on_axis = self.lines.axis_at(place) is not None
            on_name = on_axis and place.y() < NAMES
            hand, brush = Qt.CursorShape.OpenHandCursor, Qt.CursorShape.SizeVerCursor
            self.setCursor(hand if on_name else brush if on_axis else Qt.CursorShape.ArrowCursor)
            return
        key, start = self._press
        self._dragged = self._dragged or (place - start).manhattanLength() >= DRAGGED
        if not self._dragged:
            return
        if start.y() < NAMES:
            self.lines.moving = key, place.x()
            self._redraw()
        else:
            self.set_brush(key, (self.lines.fraction(start.y()), self.lines.fraction(place.y())))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """End a drag; a press that was none colours by the axis."""
        if self._press is None:
            return
        (key, _), self._press = self._press, None
        if self.lines.moving is not None:
            x, self.lines.moving = self.lines.moving[1], None
            slots = [self.lines.slot(number) for number in range(len(self.lines.order))]
            self.move_axis(key, int(np.argmin(np.abs(np.array(slots) - x))))
            self._redraw()
        elif not self._dragged:
            self.colour_chosen.emit(key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the brush off an axis."""
        key = self.lines.axis_at(event.position())
        if key is not None:
            self.set_brush(key, None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose an axis, with Shift they move it; Enter colours by it, Escape takes brushes off."""
        order = self.lines.order
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if order and step:
            self._keyed = True
            number = min(len(order) - 1, max(0, self._focus + step))
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.move_axis(order[self._focus], number)
            self._focus = number
            self._redraw()
        elif order and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.colour_chosen.emit(order[self._focus])
        elif event.key() == Qt.Key.Key_Escape and self.lines.brushes:
            self.clear_brushes()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what the line under the mouse is, or how an axis is used."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = QPointF(event.pos())
            line = self.lines.line_at(place)
            on_axis = self.lines.axis_at(place) is not None
            text = USE if on_axis else self.lines.words[line] if line is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    # ---- painting

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew."""
        super().resizeEvent(event)
        self.lines.size = self.size()
        self._picture = None

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which axis the keys are about, to those who came by a key."""
        self._keyed = event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}
        self._redraw()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        """Show none."""
        self._keyed = False
        self._redraw()

    def sizeHint(self) -> QSize:
        """Room for six axes."""
        return QSize(631, 287)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Copy the picture, which is drawn when something has changed."""
        onto = QPainter(self)
        if self._picture is None:
            ratio = self.devicePixelRatioF()
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(self._theme.color("panel"))
            painter = QPainter(self._picture)
            self._draw(painter)
            painter.end()
        onto.drawPixmap(0, 0, self._picture)

    def _draw(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_lines(painter, self.lines, self._theme.color)
        for number, key in enumerate(self.lines.order):
            focused = self._keyed and number == self._focus
            draw_axis(painter, self.lines, self._theme.color, key, focused=focused)

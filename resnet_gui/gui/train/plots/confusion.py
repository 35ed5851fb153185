"""The confusion matrix of an epoch; a cell opens its pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider, QWidget

from resnet_gui.gui.kit.basic import column, label, row
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.colormap import is_bright, viridis, viridis_ramp
from resnet_gui.gui.kit.space_key import KEEPS_SPACE
from resnet_gui.gui.kit.theme import Theme

LEFT, TOP, MARGIN = 84, 30, 8
NUMBERED = 22
"""From so many pixels a cell has room for its number."""


def confusion(labels: NDArray[np.uint16], answers: NDArray[np.uint16], classes: int) -> NDArray[np.int64]:
    """Counts (true class, given class)."""
    sound = (labels < classes) & (answers < classes)
    flat = labels[sound].astype(np.int64) * classes + answers[sound]
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


class ConfusionMatrix(QWidget):
    """The matrix: rows are true classes, columns are answers.

    Painted by hand: pyqtgraph's ``ImageItem`` has no numbers in its cells, no names at its edges that give way where
    there is no room, and no keys; with a ``TextItem`` a cell, ten classes take 76 ms to draw where this takes 5 ms.

    Signals:
        cell_chosen: numbers of the true and the given class.
    """

    cell_chosen = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty(KEEPS_SPACE, True)
        self._theme = theme
        self._counts: NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)
        self._classes: tuple[str, ...] = ()
        self._words = "The confusion matrix appears here after the first epoch."
        self._cell: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Confusion matrix")
        self.setMinimumSize(200, 140)
        theme.changed.connect(self.update)

    def set_counts(self, counts: NDArray[np.int64], classes: Sequence[str]) -> None:
        """Show counts (true, given) of these classes."""
        self._counts, self._classes = counts, tuple(classes)
        self.update()

    def counts(self) -> NDArray[np.int64]:
        """What is shown."""
        return self._counts

    def _side(self) -> tuple[float, float]:
        number = max(1, len(self._classes))
        return (self.width() - LEFT - MARGIN) / number, (self.height() - TOP - MARGIN) / number

    def box(self, true: int, given: int) -> QRectF:
        """Where a cell lies."""
        wide, high = self._side()
        return QRectF(LEFT + given * wide, TOP + true * high, wide, high)

    def _at(self, place: QPointF | QPoint) -> tuple[int, int] | None:
        wide, high = self._side()
        given, true = int((place.x() - LEFT) // wide), int((place.y() - TOP) // high)
        count = len(self._counts)
        return (true, given) if 0 <= given < count and 0 <= true < count else None

    # ---- Qt

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what a cell counts."""
        cell = self._at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if cell else Qt.CursorShape.ArrowCursor)
        if cell is None:
            self.setToolTip("")
            return
        true, given = cell
        total = int(self._counts[true].sum())
        self.setToolTip(
            f"{self._counts[true, given]:,} of {total:,} pictures of '{self._classes[true]}' "
            f"were taken for '{self._classes[given]}'; click to see them"
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open a cell's pictures."""
        cell = self._at(event.position())
        if cell is not None:
            self._cell = cell
            self.update()
            self.cell_chosen.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Enter opens."""
        steps = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }  # fmt: skip
        count = len(self._counts)
        key = Qt.Key(event.key())
        if not count:
            super().keyPressEvent(event)
        elif key in steps:
            true, given = self._cell or (0, 0)
            down, right = steps[key]
            self._cell = min(count - 1, max(0, true + down)), min(count - 1, max(0, given + right))
            self.update()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._cell is not None:
            self.cell_chosen.emit(*self._cell)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the matrix."""
        painter = QPainter(self)
        color = self._theme.color
        if not self._counts.size:
            painter.setPen(color("t3"))
            ink(self._words, 12).draw_in(painter, QRectF(self.rect()), "centre")
            return
        shares = self._counts / np.maximum(1, self._counts.sum(1, keepdims=True))
        wide, high = self._side()
        numbered = wide >= NUMBERED and high >= 14
        if not numbered:
            self._draw_image(painter, shares)
        for true in range(len(self._counts) if numbered else 0):
            for given in range(len(self._counts)):
                self._draw_cell(painter, true, given, float(shares[true, given]), numbered=numbered)
        self._draw_names(painter, wide, high)
        if self._cell is not None and self._cell[0] < len(self._counts):
            painter.setPen(QPen(color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.box(*self._cell).adjusted(1, 1, -1, -1))

    def _draw_image(self, painter: QPainter, shares: NDArray[np.float64]) -> None:
        """All cells at once, where they are too small for numbers."""
        pixels = viridis_ramp()[(np.sqrt(shares) * 255).astype(np.int64)]
        pixels[self._counts == 0] = self._theme.color("raise").rgb() & 0xFFFFFFFF
        count = len(self._counts)
        image = QImage(np.ascontiguousarray(pixels).data, count, count, 4 * count, QImage.Format.Format_RGB32)
        first, last = self.box(0, 0), self.box(count - 1, count - 1)
        painter.drawImage(QRectF(first.topLeft(), last.bottomRight()), image)

    def _draw_cell(self, painter: QPainter, true: int, given: int, share: float, *, numbered: bool) -> None:
        count, box = int(self._counts[true, given]), self.box(true, given)
        fill = viridis(share**0.5) if count else self._theme.color("raise")
        painter.fillRect(box.adjusted(0, 0, -1, -1) if box.width() > 4 else box, fill)
        if numbered and count:
            painter.setPen(QColor("#000000") if is_bright(fill) else QColor("#FFFFFF"))
            ink(f"{count}", 11).draw_in(painter, box, "centre")

    def _draw_names(self, painter: QPainter, wide: float, high: float) -> None:
        painter.setPen(self._theme.color("t2"))
        every = max(1, round(15 / max(high, 0.01)))
        for number, name in enumerate(self._classes):
            if number % every == 0:
                room = QRectF(0, TOP + number * high, LEFT - 6, max(high, 12))
                ink(elided(name, LEFT - 8, 11), 11).draw_in(painter, room, "right")
            if wide >= 34 or (number % every == 0 and wide * every >= 26):
                wide_room = int(max(wide, wide * every)) - 4
                ink(elided(name, wide_room, 11), 11).draw_in(
                    painter, QRectF(LEFT + number * wide, TOP - 18, max(wide, wide_room), 16), "centre"
                )
        painter.setPen(self._theme.color("t3"))
        ink("true \\ given", 11).draw_in(painter, QRectF(0, TOP - 18, LEFT - 6, 16), "right")


class ConfusionView(QWidget):
    """The view of a confusion matrix with the choice of its epoch.

    Signals:
        cell_chosen: epoch, and numbers of the true and the given class.
        epoch_chosen: the user has moved to another epoch.
    """

    cell_chosen = Signal(int, int, int)
    epoch_chosen = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = column(self)
        self.matrix = ConfusionMatrix(theme)
        layout.addWidget(self.matrix, 1)
        line = row(gap=8)
        line.setContentsMargins(14, 0, 14, 6)
        self._epoch = label("", "muted12")
        self._epoch.setFixedWidth(96)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Epoch of the confusion matrix")
        self.slider.setRange(1, 1)
        line.addWidget(self._epoch)
        line.addWidget(self.slider, 1)
        layout.addLayout(line)
        self._last = True
        self.slider.valueChanged.connect(self._moved)
        self.matrix.cell_chosen.connect(lambda true, given: self.cell_chosen.emit(self.slider.value(), true, given))

    def sizeHint(self) -> QSize:
        """Not more than its share."""
        return QSize(400, 300)

    @property
    def epoch(self) -> int:
        """Number of the epoch that is shown, from 1."""
        return self.slider.value()

    def set_epochs(self, count: int) -> None:
        """There are so many epochs; whoever looks at the last one sees the next as well."""
        self.slider.blockSignals(True)
        self.slider.setRange(1, max(1, count))
        self.slider.setEnabled(count > 1)
        if self._last:
            self.slider.setValue(count)
        self.slider.blockSignals(False)
        self._epoch.setText(f"epoch {self.slider.value()} of {count}" if count else "")

    def _moved(self, value: int) -> None:
        self._last = value == self.slider.maximum()
        self._epoch.setText(f"epoch {value} of {self.slider.maximum()}")
        self.epoch_chosen.emit()

"""A confusion matrix: rows are true classes, columns are answers; with numbers, or as a picture of many classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.colormap import contrast, viridis, viridis_ramp
from resnet_gui.gui.kit.space_key import KEEPS_SPACE
from resnet_gui.gui.kit.theme import Theme

Normalisation = Literal["counts", "rows", "columns"]
Cell = tuple[int, int]

LEFT: Final = 84
TOP: Final = 30
HIGH_TOP: Final = 68
"""Pixels left of the cells, and above them for names that lie, and for names that stand; at least."""

MOST_NAME: Final = 0.3
"""Of the width or the height, that longer names may take."""

MARGIN: Final = 8
NUMBERED: Final = 22
"""From so many pixels a cell has room for its number."""

DARK, LIGHT = QColor("#15191E"), QColor("#FFFFFF")
FEW: Final = 30
"""Up to so many classes their names are measured."""

FEWEST: Final = 6
"""Classes that are seen at least, however far one zooms in."""

WAYS: Final = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip
"""Arrows -> cells down and to the right."""

ZOOMS: Final = {Qt.Key.Key_Plus: 1.5, Qt.Key.Key_Equal: 1.5, Qt.Key.Key_Minus: 1 / 1.5, Qt.Key.Key_0: 1e-9}
"""Keys -> how many times nearer; 0 shows everything."""


def number_colour(fill: QColor) -> QColor:
    """The better of white and nearly black on a colour (contrast of WCAG 2.2)."""
    return LIGHT if contrast(LIGHT, fill) >= contrast(DARK, fill) else DARK


def pooled(values: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.float64]:
    """A matrix in at most so many rows and columns: each is the largest of those that it stands for."""
    for axis, most in ((0, rows), (1, columns)):
        count = values.shape[axis]
        if count > most:
            starts = np.arange(most) * count // most
            values = np.maximum.reduceat(values, starts, axis=axis)
    return values


def number_words(by: Normalisation, count: int, share: float) -> tuple[str, ...]:
    """How a cell's number may be written, the longest first."""
    if by != "counts":
        return f"{100 * share:.1f}", f"{100 * share:.0f}"
    return f"{count:,}", f"{count}", f"{count / 1000:.1f}k", f"{count / 1000:.0f}k"


def shares_image(shares: NDArray[np.float64], blank: QColor) -> QImage:
    """A picture with a pixel for each share, 0 to 1; where there is nothing it is blank."""
    pixels = viridis_ramp()[(np.sqrt(shares) * 255).astype(np.int64)]
    pixels[shares == 0] = blank.rgb() & 0xFFFFFFFF
    rows, columns = shares.shape
    return QImage(np.ascontiguousarray(pixels).data, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


def paint_frame(painter: QPainter, box: QRectF) -> None:
    """Paint the frame of a cell with the pen, and a bright line inside it."""
    # A cell of a thousand classes is smaller than its frame.
    grown = max(0.0, (7 - box.width()) / 2)
    frame = box.adjusted(1 - grown, 1 - grown, -2 + grown, -2 + grown)
    painter.drawRect(frame)
    # The frame's colour alone is lost on the dark end of viridis.
    painter.setPen(QPen(LIGHT, 1))
    painter.drawRect(frame.adjusted(1.5, 1.5, -1.5, -1.5))


def longest_name(names: Sequence[str]) -> int:
    """Pixels of the longest of a few names; 0 of many, some of which are long whatever room there is."""
    return round(max((ink(name, 11).width for name in names), default=0.0)) if len(names) <= FEW else 0


def room_for_names(longest: int, least: int, whole: int) -> int:
    """Pixels for names beside or above the cells: as many as they need, where the matrix has them."""
    return max(least, min(longest + 10, round(MOST_NAME * whole)))


class ConfusionMatrix(QWidget):
    """The matrix with its names; where cells are too small for numbers it can be zoomed into.

    Painted by hand: pyqtgraph's ``ImageItem`` has no numbers in its cells, no names at its edges that give way where
    there is no room, and no keys; with a ``TextItem`` a cell, ten classes take 76 ms to draw where this takes 5 ms.
    Arrows move over the cells, Enter chooses one, plus and minus zoom, 0 shows everything; so does the wheel.

    Signals:
        cell_chosen: numbers of the true and the given class.
    """

    cell_chosen = Signal(int, int)

    def __init__(self, theme: Theme, *, standing_names: bool = False) -> None:
        """Make an empty matrix; ``standing_names`` of columns have room above it and are turned."""
        super().__init__()
        self.setProperty(KEEPS_SPACE, True)
        self._theme, self._standing = theme, standing_names
        self._longest = 0
        self._counts: NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)
        self._shares: NDArray[np.float64] = np.zeros((0, 0))
        self._classes: tuple[str, ...] = ()
        self._order: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._place: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._by: Normalisation = "counts"
        self._words = "The confusion matrix appears here after the first epoch."
        self._cell: Cell | None = None
        self._row: int | None = None
        # What is seen: the first row and column, and how many of each.
        self._view = (0, 0, 0)
        self._dragged: tuple[QPointF, int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Confusion matrix")
        self.setMinimumSize(200, 140)
        theme.changed.connect(self.update)

    # ---- what is shown

    def set_counts(
        self, counts: NDArray[np.int64], classes: Sequence[str], order: NDArray[np.int64] | None = None
    ) -> None:
        """Show counts (true, given) of these classes, also in another order; as many as before keep theirs."""
        same = len(counts) == len(self._counts) == len(self._order)
        self._counts, self._classes = counts, tuple(classes)
        self._longest = longest_name(classes)
        if order is not None or not same:
            self.set_order(np.arange(len(counts)) if order is None else order)
        else:
            self._fill()

    def set_order(self, order: NDArray[np.int64]) -> None:
        """Show the classes in another order: numbers of the classes (K,), from the top and from the left."""
        self._order = np.asarray(order, dtype=np.int64)
        self._place = np.argsort(self._order)
        self._view = (0, 0, len(self._order))
        self._fill()

    def set_normalisation(self, by: Normalisation) -> None:
        """Show counts, or shares of the rows or the columns."""
        self._by = by
        self._fill()

    def set_words(self, words: str) -> None:
        """What is said where there are no counts."""
        self._words = words
        self.update()

    def select(self, cell: Cell | None, row: int | None = None) -> None:
        """Mark a cell, or the row of a true class, by numbers of classes; None for none."""
        self._cell, self._row = cell, row
        self._describe()
        self.update()

    def counts(self) -> NDArray[np.int64]:
        """What is shown, in the order of the classes."""
        return self._counts

    @property
    def seen(self) -> int:
        """How many rows and columns are seen."""
        return self._view[2]

    def _fill(self) -> None:
        axis = 0 if self._by == "columns" else 1
        sums = np.maximum(1, self._counts.sum(axis, keepdims=True)) if self._counts.size else 1
        if len(self._order) == len(self._counts):
            self._shares = (self._counts / sums)[np.ix_(self._order, self._order)]
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self._sentence(*self._cell) if self._cell is not None else "")

    def _sentence(self, true: int, given: int) -> str:
        if max(true, given) >= len(self._counts):
            return ""
        total = int(self._counts[true].sum())
        names = self._classes
        return f"{self._counts[true, given]:,} of {total:,} pictures of '{names[true]}' were taken for '{names[given]}'"

    # ---- where it is

    @property
    def _left(self) -> int:
        return room_for_names(self._longest, LEFT, self.width())

    @property
    def _top(self) -> int:
        return room_for_names(self._longest, HIGH_TOP, self.height()) if self._standing else TOP

    def _side(self) -> tuple[float, float]:
        number = max(1, self._view[2])
        return (self.width() - self._left - MARGIN) / number, (self.height() - self._top - MARGIN) / number

    def box(self, true: int, given: int) -> QRectF:
        """Where the cell of two classes lies."""
        return self._box(int(self._place[true]), int(self._place[given]))

    def _box(self, down: int, right: int) -> QRectF:
        wide, high = self._side()
        first, left, _ = self._view
        return QRectF(self._left + (right - left) * wide, self._top + (down - first) * high, wide, high)

    def _at(self, place: QPointF | QPoint) -> Cell | None:
        wide, high = self._side()
        first, left, count = self._view
        right, down = int((place.x() - self._left) // wide), int((place.y() - self._top) // high)
        if not (0 <= right < count and 0 <= down < count):
            return None
        return int(self._order[first + down]), int(self._order[left + right])

    # ---- zoom

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """See fewer classes (a factor above 1) or more around a point, or around the chosen cell."""
        whole = len(self._order)
        first, left, count = self._view
        if not whole:
            return
        now = min(whole, max(min(FEWEST, whole), round(count / factor)))
        if at is not None:
            across = min(1.0, max(0.0, (at.x() - self._left) / max(1, self.width() - self._left - MARGIN)))
            along = min(1.0, max(0.0, (at.y() - self._top) / max(1, self.height() - self._top - MARGIN)))
            self._look(round(first + along * (count - now)), round(left + across * (count - now)), now)
            return
        down, right = (int(self._place[number]) for number in self._cell or self._order[[whole // 2] * 2])
        self._look(down - now // 2, right - now // 2, now)

    def _look(self, first: int, left: int, count: int) -> None:
        most = len(self._order) - count
        self._view = (min(most, max(0, first)), min(most, max(0, left)), count)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the pointer is; a matrix that is seen as a whole with its numbers leaves the wheel to the page."""
        if self._view[2] == len(self._order) and self._side()[0] >= NUMBERED:
            event.ignore()
            return
        self.zoom(1.25 if event.angleDelta().y() > 0 else 0.8, event.position())
        event.accept()

    # ---- Qt

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what a cell counts; a drag moves a matrix that is zoomed."""
        if self._dragged is not None:
            start, first, left = self._dragged
            wide, high = self._side()
            way = event.position() - start
            self._look(first - round(way.y() / high), left - round(way.x() / wide), self.seen)
            return
        cell = self._at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if cell else Qt.CursorShape.ArrowCursor)
        self.setToolTip(f"{self._sentence(*cell)}; click to see them" if cell is not None else "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open a cell's pictures; the middle button holds a zoomed matrix."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._dragged = (event.position(), self._view[0], self._view[1])
            return
        cell = self._at(event.position())
        if cell is not None:
            self._choose(cell)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go of it."""
        self._dragged = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Enter opens, plus, minus and 0 zoom."""
        key = Qt.Key(event.key())
        if not len(self._counts):
            super().keyPressEvent(event)
        elif key in WAYS:
            self._move(*WAYS[key])
        elif key in ZOOMS:
            self.zoom(ZOOMS[key])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._cell is not None:
            self._choose(self._cell)
        else:
            super().keyPressEvent(event)

    def _move(self, down: int, right: int) -> None:
        most = len(self._order) - 1
        row, column = (int(self._place[number]) for number in self._cell) if self._cell is not None else (0, 0)
        row, column = min(most, max(0, row + down)), min(most, max(0, column + right))
        first, left, count = self._view
        self._look(min(row, max(first, row - count + 1)), min(column, max(left, column - count + 1)), count)
        self.select((int(self._order[row]), int(self._order[column])))

    def _choose(self, cell: Cell) -> None:
        self.select(cell)
        self.cell_chosen.emit(*cell)

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the matrix."""
        painter = QPainter(self)
        color = self._theme.color
        if not self._counts.size:
            painter.setPen(color("t3"))
            ink(self._words, 12).draw_in(painter, QRectF(self.rect()), "centre")
            return
        wide, high = self._side()
        first, left, count = self._view
        area = QRectF(self._left, self._top, wide * count, high * count)
        if wide >= NUMBERED and high >= 14:
            for down in range(first, first + count):
                for right in range(left, left + count):
                    self._draw_cell(painter, down, right)
        else:
            self._draw_image(painter, area)
        self._draw_names(painter, wide, high)
        self._draw_marks(painter, area)

    def _draw_marks(self, painter: QPainter, area: QRectF) -> None:
        painter.setClipRect(area.adjusted(-1, -1, 1, 1))
        painter.setPen(QPen(self._theme.color("acc"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._cell is not None and max(self._cell) < len(self._counts):
            box = self.box(*self._cell)
            paint_frame(painter, box)
        elif self._row is not None and self._row < len(self._counts):
            box = self.box(self._row, self._row)
            painter.drawRect(QRectF(area.left() + 1, box.top() + 0.5, area.width() - 3, max(3.0, box.height() - 2)))

    def _draw_image(self, painter: QPainter, area: QRectF) -> None:
        """All cells at once, where they are too small for numbers."""
        first, left, count = self._view
        seen = self._shares[first : first + count, left : left + count]
        seen = pooled(seen, max(1, int(area.height())), max(1, int(area.width())))
        painter.drawImage(area, shares_image(seen, self._theme.color("raise")))

    def _draw_cell(self, painter: QPainter, down: int, right: int) -> None:
        box, share = self._box(down, right), float(self._shares[down, right])
        count = int(self._counts[self._order[down], self._order[right]])
        fill = viridis(share**0.5) if count else self._theme.color("raise")
        painter.fillRect(box.adjusted(0, 0, -1, -1), fill)
        if not count:
            return
        painter.setPen(number_colour(fill))
        for words in number_words(self._by, count, share):
            number = ink(words, 11)
            if number.width <= box.width() - 1:
                number.draw_in(painter, box.adjusted(0, 0, -1, -1), "centre")
                return

    def _draw_names(self, painter: QPainter, wide: float, high: float) -> None:
        painter.setPen(self._theme.color("t2"))
        first, left, count = self._view
        every = max(1, round(15 / max(high, 0.01)))
        for number in range(0, count, every):
            name = elided(self._classes[int(self._order[first + number])], self._left - 8, 11, middle=True)
            ink(name, 11).draw_in(painter, QRectF(0, self._top + number * high, self._left - 6, max(high, 12)), "right")
        if self._standing:
            self._draw_standing_names(painter, wide)
            return
        for number in range(count):
            if wide >= 34 or (number % every == 0 and wide * every >= 26):
                name = self._classes[int(self._order[left + number])]
                room = max(wide, wide * every)
                box = QRectF(self._left + number * wide, self._top - 18, room, 16)
                ink(elided(name, int(room) - 4, 11, middle=True), 11).draw_in(painter, box, "centre")
        painter.setPen(self._theme.color("t3"))
        ink("true \\ given", 11).draw_in(painter, QRectF(0, self._top - 18, self._left - 6, 16), "right")

    def _draw_standing_names(self, painter: QPainter, wide: float) -> None:
        """Names of columns that are read from below."""
        _, left, count = self._view
        every = max(1, round(15 / max(wide, 0.01)))
        for number in range(0, count, every):
            name = ink(elided(self._classes[int(self._order[left + number])], self._top - 8, 11, middle=True), 11)
            painter.save()
            painter.translate(self._left + (number + 0.5) * wide - name.height / 2, self._top - 6)
            painter.rotate(-90)
            name.draw(painter, 0, 0)
            painter.restore()

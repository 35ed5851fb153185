"""A table of counts between the same names, such as truth and answer, as a figure with its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from resnet_gui.gui.kit.colormap import contrast, viridis
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.legend import LINE, SMALL
from resnet_gui.gui.kit.figures.title import paint_title, title_height

MOST_NAME: Final = 92.0
DARK, LIGHT = QColor("#15191E"), QColor("#FFFFFF")
NAMED: Final = 8.0
"""Units of a row from which on it has its name."""


@dataclass(frozen=True, eq=False)
class MatrixFigure:
    """Counts of rows by columns.

    Attributes:
        shares: (K, K), 0 to 1, which give the colours.
        words: what stands in each cell, (K, K); written where every one has room.
        names: of rows and columns alike.
        titles: of the rows, of the columns, and of the colours.
        title: above it.
    """

    threaded: ClassVar[bool] = True

    shares: NDArray[np.float64]
    words: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    titles: tuple[str, str, str]
    title: str = ""

    def height(self, width: float) -> float:
        """Cells are square; names, titles and the scale of the colours come on top."""
        left = self._left()
        return (width - left) + self._top(width) + 40.0

    def _size(self, cell: float) -> int:
        return SMALL if cell >= SMALL + 2 else max(5, int(cell - 1))

    def _names_width(self) -> float:
        look = FigureLook(QColor)
        return min(MOST_NAME, max((look.ink(name, SMALL).width for name in self.names), default=0.0))

    def _left(self) -> float:
        return self._names_width() + 6 + LINE

    def _top(self, width: float) -> float:
        return title_height(self.title, width, 2.0) + LINE + self._names_width() + 6

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint cells, numbers, names, titles and the scale of the colours."""
        painter.save()
        left, top = self._left(), self._top(box.width())
        number = max(1, len(self.names))
        side = min((box.width() - left), (box.height() - top - 40.0))
        cell = side / number
        area = QRectF(box.left() + left, box.top() + top, side, side)
        paint_title(painter, self.title, box, look)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_cells(painter, area, cell, look)
        self._paint_names(painter, area, cell, look)
        self._paint_titles(painter, area, box, look)
        self._paint_scale(painter, area, look)
        painter.restore()

    def _paint_cells(self, painter: QPainter, area: QRectF, cell: float, look: FigureLook) -> None:
        size = min(SMALL, max(5, int(cell * 0.42)))
        widest = max((look.ink(text, size).width for line in self.words for text in line), default=0.0)
        numbered = widest <= cell - 2 and cell >= size + 2
        for row, line in enumerate(self.shares):
            for column, share in enumerate(line):
                place = QRectF(area.left() + column * cell, area.top() + row * cell, cell, cell)
                fill = viridis(float(np.nan_to_num(share)))
                # A little wider than the cell: readers leave hairs between shapes that only touch.
                painter.fillRect(place.adjusted(0, 0, 0.2, 0.2), fill)
                if numbered and self.words[row][column]:
                    painter.setPen(LIGHT if contrast(LIGHT, fill) >= contrast(DARK, fill) else DARK)
                    look.ink(self.words[row][column], size).draw_in(painter, place, "centre")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.color("t2"), 0.8))
        painter.drawRect(area)

    def _paint_names(self, painter: QPainter, area: QRectF, cell: float, look: FigureLook) -> None:
        if cell < NAMED - 2:
            return
        size = self._size(cell)
        painter.setPen(look.color("t2"))
        for place, name in enumerate(self.names):
            text = look.elided(name, int(MOST_NAME), size)
            y = area.top() + (place + 0.5) * cell
            look.ink(text, size).draw_in(painter, QRectF(area.left() - 104, y - 7, 100, 14), "right")
            painter.save()
            painter.translate(area.left() + (place + 0.5) * cell, area.top() - 4)
            painter.rotate(-90)
            look.ink(text, size).draw_in(painter, QRectF(0, -7, 100, 14))
            painter.restore()

    def _paint_titles(self, painter: QPainter, area: QRectF, box: QRectF, look: FigureLook) -> None:
        painter.setPen(look.color("t1"))
        rows, columns, _ = self.titles
        top = box.top() + title_height(self.title, box.width(), 2.0)
        look.ink(columns, 11).draw_in(painter, QRectF(area.left(), top, area.width(), LINE), "centre")
        painter.save()
        painter.translate(box.left(), area.bottom())
        painter.rotate(-90)
        look.ink(rows, 11).draw_in(painter, QRectF(0, 0, area.height(), LINE), "centre")
        painter.restore()

    def _paint_scale(self, painter: QPainter, area: QRectF, look: FigureLook) -> None:
        made = look.ink(self.titles[2], SMALL)
        bar = QRectF(area.left(), area.bottom() + 10, min(110.0, area.width() - made.width - 12), 7)
        for step in range(50):
            place = QRectF(bar.left() + step * bar.width() / 50, bar.top(), bar.width() / 50 + 0.2, bar.height())
            painter.fillRect(place, viridis((step + 0.5) / 50))
        painter.setPen(look.color("t2"))
        for share, text in ((0.0, "0"), (0.5, "50"), (1.0, "100 %")):
            word = look.ink(text, SMALL)
            word.draw(painter, bar.left() + share * (bar.width() - word.width / 2) - (share > 0) * word.width / 2,
                      bar.bottom() + 3)  # fmt: skip
        made.draw(painter, bar.right() + 12, bar.top() - 4)

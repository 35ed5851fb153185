"""How alike the features of blocks are: a matrix of CKA, of a network with itself or with another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.evaluate.depth.block_strip import BlockCell, bands
from resnet_gui.gui.kit.cached_text import draw_message, elided, ink
from resnet_gui.gui.kit.colormap import viridis, viridis_ramp
from resnet_gui.gui.kit.theme import Theme

NAMES: Final = 36
"""Pixels for the names of rows at the left, and of columns below."""

TITLE: Final = 18
HUE: Final = 3
LEGEND: Final = 44


@dataclass(frozen=True, eq=False)
class LikenessData:
    """A matrix to show.

    Attributes:
        title: which networks are compared.
        rows, columns: blocks.
        values: (rows, columns); NaN where nothing can be said.
    """

    title: str
    rows: tuple[BlockCell, ...]
    columns: tuple[BlockCell, ...]
    values: NDArray[np.float64]

    def reading(self, row: int, column: int) -> str:
        """The value of a cell in words."""
        value = self.values[row, column]
        words = f"{value:.3f}".replace("-", "−") if np.isfinite(value) else "not known: features do not vary"
        return f"after {self.rows[row].name} and after {self.columns[column].name}: {words}"


class LikenessView(QWidget):
    """A matrix of CKA from 0 to 1, the first block at the lower left.

    Attributes:
        message: stands in the middle where there is no matrix.

    Signals:
        row_clicked: place of the row that was clicked.
    """

    row_clicked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._data: LikenessData | None = None
        self._chosen = 0
        self._image: QImage | None = None
        self.message = ""
        self.setAccessibleName("CKA of blocks")
        self.setMouseTracking(True)
        self.setMinimumSize(160, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_matrix(self, data: LikenessData | None, chosen: int = 0) -> None:
        """Show another matrix; the row ``chosen`` has a mark."""
        self._data, self._chosen = data, chosen
        self._image = _matrix_image(data.values) if data is not None else None
        if data is not None:
            self.setAccessibleDescription(data.title)
        self.update()

    @property
    def matrix(self) -> LikenessData | None:
        """What is shown."""
        return self._data

    def choose(self, row: int) -> None:
        """Mark another row."""
        self._chosen = row
        self.update()

    def sizeHint(self) -> QSize:
        """A square with names, and the scale."""
        return QSize(320, 290)

    def matrix_box(self) -> QRectF:
        """Where the cells stand: as large as there is room, cells of a square where both sides are as long."""
        room = QRectF(NAMES, TITLE + 4, self.width() - NAMES - LEGEND - 8, self.height() - TITLE - NAMES + 10)
        if self._data is None:
            return room
        cell = min(room.width() / len(self._data.columns), room.height() / len(self._data.rows))
        return QRectF(room.left(), room.top(), cell * len(self._data.columns), cell * len(self._data.rows))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the cells, the names, the mark and the scale."""
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._data is None or self._image is None:
            painter.setPen(color("t2"))
            draw_message(painter, QRectF(self.rect()), self.message)
            return
        box = self.matrix_box()
        painter.setPen(color("t1"))
        title = elided(self._data.title, self.width(), 12, 600)
        ink(title, 12, 600).draw(painter, 0, 0)
        painter.fillRect(box, color("hover"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
        painter.drawImage(box, self._image)
        self._paint_names(painter, self._data.rows, box, upright=True)
        self._paint_names(painter, self._data.columns, box, upright=False)
        if 0 <= self._chosen < len(self._data.rows):
            high = box.height() / len(self._data.rows)
            top = box.bottom() - (self._chosen + 1) * high
            painter.setPen(QPen(color("acc"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(box.left(), top, box.width(), high))
        self._paint_scale(painter, box)

    def _paint_names(self, painter: QPainter, cells: Sequence[BlockCell], box: QRectF, *, upright: bool) -> None:
        """Names along a side, as many as have room, and the hues of the sections between them and the cells."""
        color, count = self._theme.color, len(cells)
        pitch = (box.height() if upright else box.width()) / count
        for section, first, last in bands(cells):
            if upright:
                hue = QRectF(box.left() - HUE - 2, box.bottom() - (last + 1) * pitch, HUE, (last - first + 1) * pitch)
            else:
                hue = QRectF(box.left() + first * pitch, box.bottom() + 2, (last - first + 1) * pitch, HUE)
            painter.fillRect(hue.adjusted(0.5, 0.5, -0.5, -0.5), color(section_token(section)))
        painter.setPen(color("t3"))
        step = max(1, int(np.ceil((14 if upright else 30) / pitch)))
        for number in range(0, count, step):
            words = ink(cells[number].name, 11)
            if upright:
                y = box.bottom() - (number + 0.5) * pitch
                words.draw_in(painter, QRectF(0, y - 7, box.left() - HUE - 5, 14), "right")
            else:
                x = box.left() + (number + 0.5) * pitch
                words.draw_in(painter, QRectF(x - 30, box.bottom() + 7, 60, 14), "centre")

    def _paint_scale(self, painter: QPainter, box: QRectF) -> None:
        bar = QRectF(box.right() + 12, box.top(), 8, box.height())
        ramp = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        for step in range(11):
            ramp.setColorAt(step / 10, viridis(step / 10))
        painter.fillRect(bar, ramp)
        painter.setPen(self._theme.color("t3"))
        for value in (0.0, 0.5, 1.0):
            y = bar.bottom() - value * bar.height()
            ink(f"{value:g}", 11).draw_in(painter, QRectF(bar.right() + 4, y - 7, 24, 14))

    # ---- the pointer

    def cell_at(self, at: QPointF) -> tuple[int, int] | None:
        """Row and column under a place of the widget."""
        box = self.matrix_box()
        if self._data is None or not box.contains(at):
            return None
        column = int((at.x() - box.left()) * len(self._data.columns) / box.width())
        row = int((box.bottom() - at.y()) * len(self._data.rows) / box.height())
        return min(row, len(self._data.rows) - 1), min(column, len(self._data.columns) - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the value under the pointer."""
        cell = self.cell_at(event.position())
        words = self._data.reading(*cell) if self._data is not None and cell is not None else ""
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def event(self, event: QEvent) -> bool:
        """A pointer that rests keeps the words of the cell."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the depth of the row."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.row_clicked.emit(cell[0])


def _matrix_image(values: NDArray[np.float64]) -> QImage:
    """A pixel a cell, the first row at the foot; transparent where a value is not known."""
    shown = np.round(255 * np.clip(np.nan_to_num(values), 0, 1)).astype(np.uint8)
    pixels = np.where(np.isfinite(values), viridis_ramp()[shown], np.uint32(0))[::-1]
    rows = np.ascontiguousarray(pixels, dtype=np.uint32)
    form = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(rows.tobytes(), rows.shape[1], rows.shape[0], 4 * rows.shape[1], form).copy()

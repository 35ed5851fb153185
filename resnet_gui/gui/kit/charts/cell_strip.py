"""Progress of many equal pieces of work: one cell each, in groups with a gap between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.gui.kit.theme import Theme

GROUP_GAP: Final = 12.0
CELL_GAP: Final = 2.0
TOKENS: Final = {"waits": "line2", "going": "acc", "done": "acc", "failed": "err"}


@dataclass(frozen=True)
class ProgressCell:
    """One piece of work in the strip.

    Attributes:
        state: waits, going, done or failed.
        fraction: how far one that is going is, 0 to 1.
        words: what it is, for the tooltip.
        key: what a click on it hands over; None for nothing.
    """

    state: Literal["waits", "going", "done", "failed"]
    fraction: float = 0.0
    words: str = ""
    key: object = None


class CellStrip(QWidget):
    """A row of cells, drawn in one go, however many there are.

    Signals:
        cell_clicked: key of the cell that was clicked.
    """

    cell_clicked = Signal(object)

    def __init__(self, theme: Theme, *, height: int = 14) -> None:
        super().__init__()
        self._theme = theme
        self._groups: tuple[tuple[ProgressCell, ...], ...] = ()
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_groups(self, groups: Sequence[Sequence[ProgressCell]]) -> None:
        """Show other cells, group by group."""
        wanted = tuple(tuple(group) for group in groups if group)
        if wanted != self._groups:
            self._groups = wanted
            cells = [cell for group in wanted for cell in group]
            over = sum(cell.state in {"done", "failed"} for cell in cells)
            self.setAccessibleName(f"{over} of {len(cells)} done")
            self.update()

    @property
    def cells(self) -> list[ProgressCell]:
        """All cells, from left to right."""
        return [cell for group in self._groups for cell in group]

    def _boxes(self) -> Iterator[tuple[QRectF, ProgressCell]]:
        count = len(self.cells)
        if not count:
            return
        gap = GROUP_GAP if count < self.width() / 6 else GROUP_GAP / 2
        # Cells of a few pixels have no gaps between them, or there would be nothing but gaps.
        between = CELL_GAP if count < self.width() / 6 else 0.5
        room = self.width() - gap * (len(self._groups) - 1) - between * (count - len(self._groups))
        wide = max(1.0, room / count)
        x = 0.0
        for group in self._groups:
            for cell in group:
                yield QRectF(x, 0, wide, self.height()), cell
                x += wide + between
            x += gap - between

    def place_of(self, number: int) -> QPointF:
        """The middle of a cell."""
        return list(self._boxes())[number][0].center()

    def _cell_at(self, x: float) -> ProgressCell | None:
        return next((cell for box, cell in self._boxes() if box.left() <= x <= box.right() + CELL_GAP), None)

    def event(self, event: QEvent) -> bool:
        """Say what the cell under the mouse is."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self._cell_at(event.pos().x())
            QToolTip.showText(event.globalPos(), cell.words if cell else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a cell names it."""
        cell = self._cell_at(event.position().x())
        if cell is not None and cell.key is not None and event.button() == Qt.MouseButton.LeftButton:
            self.cell_clicked.emit(cell.key)
        else:
            super().mousePressEvent(event)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(300, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw all cells."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        color = self._theme.color
        for box, cell in self._boxes():
            radius = 2.0 if box.width() >= 6 else 0.0
            painter.setBrush(color("line2" if cell.state == "going" else TOKENS[cell.state]))
            painter.drawRoundedRect(box, radius, radius)
            if cell.state == "going" and cell.fraction > 0:
                painter.setBrush(color("acc"))
                part = QRectF(box)
                part.setWidth(max(2.0, box.width() * min(1.0, cell.fraction)))
                painter.drawRoundedRect(part, radius, radius)

"""A figure that fills the screen of a presentation: painted anew, in large letters, from what there is now."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.cached_text import draw_message
from resnet_gui.gui.kit.figures.figure import FigureDrawing, FigureLook
from resnet_gui.gui.kit.theme import Theme

REFRESH_MS: Final = 400
"""Between two looks at the data: what a run adds is seen soon."""

SHARE: Final = 10
"""Making the figure takes at most this part of the time."""

WIDE, HIGH = 520.0, 270.0
"""Units of a figure that fills the screen, at least: its letters of 11 units are then a 25th of the screen high."""

FULL: Final = 1.1
"""Times as many units of a figure that is full of names."""

WIDTHS: Final = (340.0, 400.0, 480.0, 560.0, 660.0, 780.0)
"""Units of a figure that keeps its own shape."""

MARGIN: Final = 12.0
NOTHING: Final = "There is nothing to show here yet."


class PresentedFigure(QWidget):
    """A figure on the whole screen, made again while it is on show, so that it grows with a run.

    Attributes:
        figure: what is painted now; None where there is nothing yet.
    """

    def __init__(
        self,
        theme: Theme,
        title: str,
        make: Callable[[], FigureDrawing | None],
        *,
        fills: bool = True,
        full: bool = False,
    ) -> None:
        """Show what ``make`` returns; a figure that ``fills`` takes any shape, another keeps its own.

        One that is ``full`` of names has smaller ones, so that they do not lie on each other.
        """
        super().__init__()
        self._units = FULL if full else 1.0
        self._theme, self._make, self._fills = theme, make, fills
        self.figure: FigureDrawing | None = None
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Make the figure of what there is now."""
        begun = time.perf_counter()
        self.figure = self._make()
        self._timer.start(max(REFRESH_MS, round(1000 * SHARE * (time.perf_counter() - begun))))
        self.update()

    def layout_box(self, figure: FigureDrawing) -> tuple[float, QRectF]:
        """Pixels of a unit, and the box of the figure in units; the whole box lies on the screen."""
        wide, high = float(max(1, self.width())), float(max(1, self.height()))
        if self._fills:
            scale = min(wide / WIDE, high / HIGH) / self._units
            return scale, QRectF(0, 0, wide / scale, high / scale).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

        def fitted(width: float) -> float:
            return min(wide / (width + 2 * MARGIN), high / (figure.height(width) + 2 * MARGIN))

        best = max(WIDTHS, key=fitted)
        scale = fitted(best)
        box = QRectF(0, 0, best, figure.height(best))
        box.moveCenter(QRectF(0, 0, wide / scale, high / scale).center())
        return scale, box

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it at the resolution of the screen."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        if self.figure is None:
            painter.scale(2, 2)
            painter.setPen(self._theme.color("t2"))
            draw_message(painter, QRectF(0, 0, self.width() / 2, self.height() / 2), NOTHING)
            return
        scale, box = self.layout_box(self.figure)
        painter.scale(scale, scale)
        self.figure.paint(painter, box, FigureLook(self._theme.color))

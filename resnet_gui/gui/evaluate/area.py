"""Where the panels of the page stand: two rows in a wide window, two columns and two rows in a narrow one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, Literal

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.theme import Theme

Place = Literal["confusion", "classes", "reliability", "gallery", "depth", "robustness"]

NARROW: Final = 1200
"""Below this width of the page the panels of the first row stand in two columns."""

FIRST: Final[tuple[tuple[Place, int], ...]] = (
    ("confusion", 366), ("classes", 406), ("reliability", 268), ("gallery", 340),
)  # fmt: skip
"""The first row of a wide page, and its widths at 1380 pixels."""

SECOND: Final[tuple[tuple[Place, int], ...]] = (("depth", 790), ("robustness", 590))
COLUMNS: Final[tuple[tuple[tuple[Place, int], ...], ...]] = (
    (("confusion", 420), ("classes", 372)), (("reliability", 372), ("gallery", 420)),
)  # fmt: skip
"""The columns of a narrow page, and the heights of what stands in them."""

ROW_HEIGHTS: Final = (340, 356)
LEAST_HEIGHT: Final = 640
"""Of both rows together, which leaves room for a banner of 40 pixels at 1440 × 900; a page that is lower scrolls."""

LOW_ROW_HEIGHTS: Final[dict[Place, int]] = {"depth": 372, "robustness": 356}


def shares(total: int, parts: Sequence[int]) -> list[int]:
    """Whole numbers in the proportion of others that add up to a total."""
    edges = [round(total * sum(parts[:number]) / sum(parts)) for number in range(len(parts) + 1)]
    return [after - before for before, after in pairwise(edges)]


def wide_places(width: int, height: int) -> dict[Place, QRect]:
    """Two rows; each panel leaves a pixel at its right and below it for the line between."""
    found: dict[Place, QRect] = {}
    top = 0
    for parts, high in zip((FIRST, SECOND), shares(height, ROW_HEIGHTS), strict=True):
        left = 0
        for (place, _), wide in zip(parts, shares(width, [part for _, part in parts]), strict=True):
            last = left + wide >= width
            found[place] = QRect(left, top, wide if last else wide - 1, high - 1)
            left += wide
        top += high
    return found


def narrow_places(width: int) -> dict[Place, QRect]:
    """Two columns, then one panel below the other; higher than the page, which scrolls."""
    found: dict[Place, QRect] = {}
    left, bottom = 0, 0
    high = sum(part for _, part in COLUMNS[0])
    for parts, wide in zip(COLUMNS, shares(width, [1] * len(COLUMNS)), strict=True):
        top = 0
        for (place, _), tall in zip(parts, shares(high, [part for _, part in parts]), strict=True):
            last = left + wide >= width
            found[place] = QRect(left, top, wide if last else wide - 1, tall - 1)
            top += tall
        left, bottom = left + wide, top
    for place, tall in LOW_ROW_HEIGHTS.items():
        found[place] = QRect(0, bottom, width, tall - 1)
        bottom += tall
    return found


class PanelArea(QWidget):
    """The panels, each where its width allows.

    Placed by hand and not by a layout: widths and heights are those of the reference, in proportion, and a window that
    becomes narrow moves every panel at once.
    """

    def __init__(self, theme: Theme, panels: Mapping[Place, QWidget]) -> None:
        super().__init__()
        self._theme, self._panels = theme, dict(panels)
        self.narrow = False
        for panel in self._panels.values():
            panel.setParent(self)
        theme.changed.connect(self.update)
        self._arrange()

    def set_narrow(self, *, narrow: bool) -> None:
        """Stand in two columns, or in two rows."""
        self.narrow = narrow
        self._arrange()

    def _arrange(self) -> None:
        if self.narrow:
            found = narrow_places(self.width())
            self.setMinimumHeight(max(box.bottom() + 2 for box in found.values()))
        else:
            self.setMinimumHeight(LEAST_HEIGHT)
            found = wide_places(self.width(), max(self.height(), LEAST_HEIGHT))
        for place, panel in self._panels.items():
            panel.setGeometry(found[place])

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Every panel gets its share."""
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines between the panels are what they leave free."""
        QPainter(self).fillRect(event.rect(), QColor(self._theme.color("line")))

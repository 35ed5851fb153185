"""The designs that were worked on last, each with a strip of its blocks."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Final, NamedTuple

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.first_settings import RecentDesign
from resnet_gui.gui.kit.basic import column
from resnet_gui.gui.kit.format import count
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.welcome.row_button import RecentCard, RowButton
from resnet_gui.gui.welcome.words import when_words

SHOWN: Final = 4
STRIP_WIDE, STRIP_HIGH = 150, 10
LEAST_NAME, NAME_SHARE = 176.0, 0.4
"""Pixels, or the share of a wider row, of a name before the strip; of a longer one the middle is left out."""

LEAST_BLOCK: Final = 2.5
"""Pixels of a block and its gap below which a stage is one piece."""


class _Figures(NamedTuple):
    """The figures in the row of a design: its parameters, and the blocks of each stage."""

    params: int
    blocks: tuple[int, ...]


@lru_cache(maxsize=64)
def _figures(spec: ResNetSpec) -> _Figures:
    planned = plan(spec)
    return _Figures(totals(planned).cost.params, tuple(spec.blocks))


class _DesignRow(RowButton):
    """The row of a design."""

    def __init__(self, theme: Theme, recent: RecentDesign) -> None:
        super().__init__(theme, recent.design.name)
        self._figures = _figures(recent.design.spec)
        self._when = when_words(recent.when, time.time())
        words = f"{recent.design.name}, {count(self._figures.params)} parameters, {self._when}"
        self.setAccessibleName(words)
        self.setToolTip(f"Open {recent.design.name}")

    def paint_contents(self, painter: QPainter, box: QRectF) -> None:
        """Draw name, strip, parameters and time."""
        figures = QRectF(box.right() - 74 - 90, box.top(), 90, box.height())
        strip = box.width() >= 460
        room = box.width() - 74 - 96 - (STRIP_WIDE + 24 if strip else 0)
        if strip:
            room = min(room, max(LEAST_NAME, NAME_SHARE * box.width()))
        self.write(painter, self.text(), QRectF(box.left(), box.top(), room, box.height()), "t1", weight=500)
        if strip:
            self._draw_strip(painter, box.left() + room + 12, box.center().y() - STRIP_HIGH / 2)
        self.write_right(painter, count(self._figures.params), figures, "t1")
        self.write_right(painter, self._when, QRectF(box.right() - 70, box.top(), 70, box.height()), "t3")

    def _draw_strip(self, painter: QPainter, x: float, y: float) -> None:
        """Stem, blocks in the hues of their stages, head."""
        blocks = self._figures.blocks
        pitch = STRIP_WIDE / (sum(blocks) + 1)
        painter.setPen(Qt.PenStyle.NoPen)
        pieces = [("s0", 0.5)]
        for number, many in enumerate(blocks, start=1):
            hue = f"s{min(number, 4)}"
            pieces += [(hue, 1.0)] * many if pitch >= LEAST_BLOCK else [(hue, float(many))]
        for token, share in (*pieces, ("ctl", 0.5)):
            wide = share * pitch
            painter.setBrush(self._theme.color(token))
            painter.drawRoundedRect(QRectF(x, y, max(wide - 1.5, wide * 0.6), STRIP_HIGH), 1.5, 1.5)
            x += wide


class RecentDesigns(QWidget):
    """The card of the recent designs.

    Signals:
        chosen: a design is to be opened.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.card = RecentCard("Recent designs", "parameters", "Designs that you work on will appear here.", behind=66)
        column(self).addWidget(self.card)
        self._shown: tuple[RecentDesign, ...] | None = None

    def show_designs(self, recent: list[RecentDesign]) -> None:
        """Show the latest few."""
        wanted = tuple(recent[:SHOWN])
        if wanted == self._shown and not recent:
            return
        self._shown = wanted
        rows: list[RowButton] = []
        for one in wanted:
            made = _DesignRow(self._theme, one)
            made.clicked.connect(lambda _=False, design=one.design: self.chosen.emit(design))
            rows.append(made)
        self.card.show_rows(rows)

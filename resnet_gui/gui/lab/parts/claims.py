"""The table of claims: what the paper says, what was measured here, every seed, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.gui.kit.cached_text import elided, ink, wrapped
from resnet_gui.gui.kit.charts.badge import BadgeData, draw_badge
from resnet_gui.gui.kit.charts.dot_strip import DotStripData, dot_at, draw_dot_strip
from resnet_gui.gui.kit.charts.strip_scale import StripScale
from resnet_gui.gui.kit.theme import Theme

HEAD: Final = 26
ROW: Final = 44
LEFT: Final = 16
ROOMY: Final = 800
"""Pixels from which claims have more room for their words."""

LEAST_PAPER: Final = 590
"""Pixels from which there is room for what the paper says; below that it is in the tooltip."""


@dataclass(frozen=True)
class ClaimRow:
    """The row of one claim.

    Attributes:
        title: the claim, or what is measured while claims are hidden.
        measured: how it is measured.
        paper: what the paper says; empty where it is hidden.
        strip: seeds and the bound; None for no strip.
        scale: of the strip.
        words: in place of the strip.
        value: mean ± sd, or "–".
        needs: below it: what the claim needs, or how many seeds it takes.
        verdict: its badge.
        full: everything at length, for the tooltip.
    """

    title: str
    measured: str
    paper: str
    value: str
    needs: str
    verdict: BadgeData
    strip: DotStripData | None = None
    scale: StripScale | None = None
    words: str = ""
    full: str = ""


class _Columns(NamedTuple):
    """Left ends of the columns and the right end of all; a paper below 0 is not shown."""

    claim: float
    paper: float
    strip: float
    value: float
    verdict: float


class ClaimTable(QWidget):
    """The claims, painted in one go.

    Signals:
        dot_clicked: key of the seed's dot that was clicked.
    """

    dot_clicked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: tuple[ClaimRow, ...] = ()
        self._heads = ("Claim", "Paper says", "Every seed, mean ± sd; shaded: claim holds, ◇ paper", "Verdict")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(HEAD)
        theme.changed.connect(self.update)

    @property
    def rows(self) -> tuple[ClaimRow, ...]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[ClaimRow], *, hidden: bool) -> None:
        """Show other rows; ``hidden`` while claims and paper give nothing away."""
        heads = (
            "Measured" if hidden else "Claim", "Paper says",
            "Every seed, mean ± sd" if hidden else "Every seed, mean ± sd; shaded: claim holds, ◇ paper", "Verdict",
        )  # fmt: skip
        if (tuple(rows), heads) != (self._rows, self._heads):
            self._rows, self._heads = tuple(rows), heads
            self.setFixedHeight(HEAD + ROW * len(rows))
            self.setAccessibleName("; ".join(f"{each.title}: {each.value}, {each.verdict.word}" for each in rows))
            # What is cut on the screen where there is little room; the mouse has it in the tooltip.
            self.setAccessibleDescription("\n".join(each.full for each in rows if each.full))
            self.update()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(600, HEAD + ROW * len(self._rows))

    def _columns(self) -> _Columns:
        wide = self.width()
        widest = max((each.verdict.width for each in self._rows), default=0) + 10.0
        verdict = wide - max(widest, 120.0 if wide >= LEAST_PAPER else 114.0)
        value = verdict - (142 if wide >= 700 else 122 if wide >= LEAST_PAPER else 112)
        share, most = (0.36, 320.0) if wide >= ROOMY else (0.29 if wide >= LEAST_PAPER else 0.33, 232.0)
        claim = min(most, max(150.0, share * wide))
        paper, strip = -1.0, LEFT + claim
        if wide >= LEAST_PAPER:
            paper, strip = strip, strip + min(112.0, 0.15 * wide)
        return _Columns(LEFT, paper, strip, value, verdict)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw head and rows."""
        painter, color, columns = QPainter(self), self._theme.color, self._columns()
        painter.fillRect(self.rect(), color("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), HEAD), color("raise"))
        painter.setPen(color("line"))
        painter.drawLine(0, HEAD - 1, self.width(), HEAD - 1)
        painter.setPen(color("t2"))
        places = (columns.claim, columns.paper, columns.strip, columns.verdict)
        for number, (text, x) in enumerate(zip(self._heads, places, strict=True)):
            if x >= 0:
                room = columns.verdict - columns.strip - 8 if number == 2 else 200
                ink(elided(text, int(room), 11, 500), 11, 500).draw_in(painter, QRectF(x, 0, 10, HEAD))
        for number, each in enumerate(self._rows):
            self._paint_row(painter, each, HEAD + ROW * number, columns)

    def _paint_row(self, painter: QPainter, each: ClaimRow, top: int, columns: _Columns) -> None:
        color = self._theme.color
        painter.setPen(color("line"))
        painter.drawLine(0, top + ROW - 1, self.width(), top + ROW - 1)
        room = int((columns.paper if columns.paper >= 0 else columns.strip) - columns.claim - 10)
        painter.setPen(color("t1"))
        ink(elided(each.title, room, 13, 500), 13, 500).draw_in(painter, QRectF(columns.claim, top + 4, 10, 18))
        painter.setPen(color("t2"))
        ink(elided(each.measured, room, 11), 11).draw_in(painter, QRectF(columns.claim, top + 23, 10, 14))
        if columns.paper >= 0:
            self._paint_paper(painter, each, top, columns)
        if each.strip is not None and each.scale is not None:
            draw_dot_strip(painter, color, each.strip, each.scale, self._strip_box(top, columns))
        elif each.words:
            painter.setPen(color("t2"))
            ink(elided(each.words, int(columns.value - columns.strip - 10), 12), 12).draw_in(
                painter, QRectF(columns.strip + 6, top, 10, ROW)
            )
        painter.setPen(color("t1"))
        middle = not each.needs
        ink(elided(each.value, int(columns.verdict - columns.value - 6), 13, 600), 13, 600).draw_in(
            painter, QRectF(columns.value, top + (13 if middle else 4), 10, 18)
        )
        painter.setPen(color("t2"))
        ink(elided(each.needs, int(columns.verdict - columns.value - 6), 11), 11).draw_in(
            painter, QRectF(columns.value, top + 23, 10, 14)
        )
        draw_badge(painter, self._theme, each.verdict, columns.verdict, top + ROW / 2)

    def _paint_paper(self, painter: QPainter, each: ClaimRow, top: int, columns: _Columns) -> None:
        if not each.paper:
            painter.drawPixmap(round(columns.paper), top + 15, self._theme.pixmap("eye-off", "t2", 14))
            ink("hidden", 12).draw_in(painter, QRectF(columns.paper + 19, top, 10, ROW))
            return
        room = int(columns.strip - columns.paper - 12)
        lines = list(wrapped(each.paper, room, 11))
        if len(lines) > 2:
            lines = [lines[0], elided(" ".join(lines[1:]), room, 11)]
        first = top + (ROW - 15 * len(lines)) / 2
        for number, line in enumerate(lines):
            ink(line, 11).draw_in(painter, QRectF(columns.paper, first + 15 * number, 10, 15))

    def _strip_box(self, top: int, columns: _Columns) -> QRectF:
        return QRectF(columns.strip, top + 7, max(40.0, columns.value - columns.strip - 14), ROW - 15)

    # ---- the mouse

    def _row_at(self, y: float) -> tuple[int, ClaimRow] | None:
        number = int((y - HEAD) // ROW)
        return (HEAD + ROW * number, self._rows[number]) if y >= HEAD and number < len(self._rows) else None

    def event(self, event: QEvent) -> bool:
        """Name the seed under the pointer, or say the claim at length."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found, words = self._row_at(event.pos().y()), ""
            if found is not None:
                top, each = found
                words = each.full
                if each.strip is not None and each.scale is not None:
                    box = self._strip_box(top, self._columns())
                    dot = dot_at(each.strip, each.scale, box, event.pos().toPointF())
                    words = dot.words if dot is not None else words
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a seed names it."""
        found = self._row_at(event.position().y())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        top, each = found
        if each.strip is not None and each.scale is not None:
            dot = dot_at(each.strip, each.scale, self._strip_box(top, self._columns()), event.position())
            if dot is not None and dot.key is not None:
                self.dot_clicked.emit(dot.key)

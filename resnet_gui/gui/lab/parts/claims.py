"""The table of claims: what the paper says, what was measured here, every seed, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
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

TALL: Final = 18
SMALL: Final = 15
"""Pixels of a line of letters of 13 pixels, and of smaller ones."""

SIGNS: Final = (
    "Every seed, mean ± sd; shaded: claim holds, ◇ paper", "Seeds, mean ± sd; shaded: holds, ◇ paper",
    "Seeds; shaded: holds; ◇ paper", "shaded: holds, ◇ paper",
)  # fmt: skip
"""What stands above the seeds once claims are shown, from the longest to the shortest."""

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


class _RowTexts(NamedTuple):
    """The lines of a row's texts as they are drawn."""

    title: tuple[str, ...]
    measured: tuple[str, ...]
    paper: tuple[str, ...]
    words: tuple[str, ...]
    value: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def height(self) -> int:
        """Pixels that they need."""
        first = TALL * len(self.title) + SMALL * len(self.measured)
        figures = TALL * len(self.value) + SMALL * len(self.needs)
        return max(ROW, 11 + max(first, figures, SMALL * len(self.paper), SMALL * len(self.words)))


class ClaimTable(QWidget):
    """The claims, painted in one go: each in two lines that are cut where there is little room, or whole.

    Signals:
        dot_clicked: key of the seed's dot that was clicked.
        changed: other rows are shown.
    """

    dot_clicked = Signal(object)
    changed = Signal()

    def __init__(self, theme: Theme, *, whole: bool = False) -> None:
        """Show none yet; where they are to be ``whole``, rows are as high as their words need, and nothing is cut."""
        super().__init__()
        self._theme, self._whole, self._hidden = theme, whole, False
        self._rows: tuple[ClaimRow, ...] = ()
        self._other: ClaimTable | None = None
        self._heads = _heads(hidden=False)
        self.setMouseTracking(True)
        if not whole:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.setMinimumHeight(HEAD)
        theme.changed.connect(self.update)

    def whole_copy(self) -> ClaimTable:
        """A table that shows the same, now and later, and cuts nothing; for a presentation."""
        made = ClaimTable(self._theme, whole=True)
        made._mirror(self)
        return made

    def _mirror(self, other: ClaimTable) -> None:
        """Show what another table shows."""
        self._other = other
        other.changed.connect(self._show_other)
        self._show_other()

    def _show_other(self) -> None:
        if self._other is not None:
            self.show_rows(self._other._rows, hidden=self._other._hidden)

    @property
    def rows(self) -> tuple[ClaimRow, ...]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[ClaimRow], *, hidden: bool) -> None:
        """Show other rows; ``hidden`` while claims and paper give nothing away."""
        heads = _heads(hidden=hidden)
        if (tuple(rows), heads) != (self._rows, self._heads):
            self._rows, self._heads, self._hidden = tuple(rows), heads, hidden
            if not self._whole:
                self.setFixedHeight(HEAD + ROW * len(rows))
            self.setAccessibleName("; ".join(f"{each.title}: {each.value}, {each.verdict.word}" for each in rows))
            # What is cut on the screen where there is little room; the mouse has it in the tooltip.
            self.setAccessibleDescription("\n".join(each.full for each in rows if each.full))
            self.update()
            self.changed.emit()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(600, HEAD + ROW * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        """As high as all its words need at its width, where they are whole."""
        return QSize(0, self._tops()[-1]) if self._whole else QSize(0, HEAD)

    # ---- where everything stands

    def _columns(self) -> _Columns:
        wide = self.width()
        widest = max((each.verdict.width for each in self._rows), default=0) + 10.0
        verdict = wide - max(widest, 120.0 if wide >= LEAST_PAPER else 114.0)
        value = verdict - (142 if wide >= 700 else 122 if wide >= LEAST_PAPER else 112)
        share, most = (0.36, 320.0) if wide >= ROOMY and not self._whole else (0.29, 232.0 + 200.0 * self._whole)
        claim = min(most, max(150.0, (share if wide >= LEAST_PAPER else 0.33) * wide))
        paper, strip = -1.0, LEFT + claim
        if wide >= LEAST_PAPER:
            paper, strip = strip, strip + (0.18 * wide if self._whole else min(112.0, 0.15 * wide))
        return _Columns(LEFT, paper, strip, value, verdict)

    def _head_lines(self, columns: _Columns) -> tuple[tuple[str, ...], ...]:
        rooms = (200.0, 200.0, columns.verdict - columns.strip - 8, 200.0)
        heads = self._heads
        if not self._whole and not self._hidden:
            # What the signs mean is not cut: there are fewer words for it where there is less room.
            fitting = (text for text in SIGNS if ink(text, 11, 500).width <= rooms[2])
            heads = (*heads[:2], next(fitting, SIGNS[-1]), heads[3])
        return tuple(self._lines(text, room, 11, 500) for text, room in zip(heads, rooms, strict=True))

    def _tops(self) -> list[int]:
        """Upper edges of the rows, and the lower edge of the last one."""
        columns = self._columns()
        head = max(map(len, self._head_lines(columns)))
        heights = [self._texts(each, columns).height if self._whole else ROW for each in self._rows]
        return list(accumulate(heights, initial=HEAD + SMALL * (head - 1)))

    def _lines(self, text: str, room: float, size: int, weight: int = 400, most: int = 1) -> tuple[str, ...]:
        """A text in lines: in as many as it needs where it is to be whole, else cut."""
        if not text:
            return ()
        lines = wrapped(text, room, size, weight) if self._whole or most > 1 else (text,)
        if self._whole or len(lines) < most:
            return lines
        return *lines[: most - 1], elided(" ".join(lines[most - 1 :]), int(room), size, weight)

    def _texts(self, each: ClaimRow, columns: _Columns) -> _RowTexts:
        claim = (columns.paper if columns.paper >= 0 else columns.strip) - columns.claim - 10
        figures = columns.verdict - columns.value - 6
        paper = self._lines(each.paper, columns.strip - columns.paper - 12, 11, most=2) if columns.paper >= 0 else ()
        return _RowTexts(
            self._lines(each.title, claim, 13, 500),
            self._lines(each.measured, claim, 11),
            paper,
            self._lines(each.words, columns.value - columns.strip - 10, 12) if each.strip is None else (),
            self._lines(each.value, figures, 13, 600),
            self._lines(each.needs, figures, 11),
        )

    # ---- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw head and rows."""
        painter, color, columns, tops = QPainter(self), self._theme.color, self._columns(), self._tops()
        painter.fillRect(self.rect(), color("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), tops[0]), color("raise"))
        painter.setPen(color("line"))
        painter.drawLine(0, tops[0] - 1, self.width(), tops[0] - 1)
        painter.setPen(color("t2"))
        places = (columns.claim, columns.paper, columns.strip, columns.verdict)
        for lines, x in zip(self._head_lines(columns), places, strict=True):
            if x >= 0:
                _draw_lines(painter, lines, x, (tops[0] - SMALL * len(lines)) / 2, 11, 500)
        for each, (top, foot) in zip(self._rows, pairwise(tops), strict=True):
            self._paint_row(painter, each, QRectF(0, top, self.width(), foot - top), columns)

    def _paint_row(self, painter: QPainter, each: ClaimRow, row: QRectF, columns: _Columns) -> None:
        color, texts, top = self._theme.color, self._texts(each, columns), row.top()
        painter.setPen(color("line"))
        painter.drawLine(QPointF(0, row.bottom() - 1), QPointF(row.width(), row.bottom() - 1))
        painter.setPen(color("t1"))
        foot = _draw_lines(painter, texts.title, columns.claim, top + 4, 13, 500)
        painter.setPen(color("t2"))
        _draw_lines(painter, texts.measured, columns.claim, foot + 1, 11)
        if columns.paper >= 0 and each.paper:
            _draw_lines(painter, texts.paper, columns.paper, top + (row.height() - SMALL * len(texts.paper)) / 2, 11)
        elif columns.paper >= 0:
            middle = round(row.center().y())
            painter.drawPixmap(round(columns.paper), middle - 7, self._theme.pixmap("eye-off", "t2", 14))
            ink("hidden", 12).draw_in(painter, QRectF(columns.paper + 19, top, 10, row.height()))
        if each.strip is not None and each.scale is not None:
            draw_dot_strip(painter, color, each.strip, each.scale, self._strip_box(row, columns))
        else:
            painter.setPen(color("t2"))
            first = top + (row.height() - SMALL * len(texts.words)) / 2
            _draw_lines(painter, texts.words, columns.strip + 6, first, 12)
        painter.setPen(color("t1"))
        foot = _draw_lines(painter, texts.value, columns.value, top + (4 if each.needs else 13), 13, 600)
        painter.setPen(color("t2"))
        _draw_lines(painter, texts.needs, columns.value, foot + 1, 11)
        draw_badge(painter, self._theme, each.verdict, columns.verdict, row.center().y())

    @staticmethod
    def _strip_box(row: QRectF, columns: _Columns) -> QRectF:
        """Where the seeds stand: in the middle of a row, as high as in a low one."""
        top = row.top() + 7 + (row.height() - ROW) / 2
        return QRectF(columns.strip, top, max(40.0, columns.value - columns.strip - 14), ROW - 15)

    # ---- the mouse

    def _row_at(self, y: float) -> tuple[QRectF, ClaimRow] | None:
        for each, (top, foot) in zip(self._rows, pairwise(self._tops()), strict=True):
            if top <= y < foot:
                return QRectF(0, top, self.width(), foot - top), each
        return None

    def event(self, event: QEvent) -> bool:
        """Name the seed under the pointer, or say the claim at length."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self._row_at(event.pos().y())
            words = "" if self._hidden or found is not None else SIGNS[0]
            if found is not None:
                row, each = found
                words = each.full
                if each.strip is not None and each.scale is not None:
                    box = self._strip_box(row, self._columns())
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
        row, each = found
        if each.strip is not None and each.scale is not None:
            dot = dot_at(each.strip, each.scale, self._strip_box(row, self._columns()), event.position())
            if dot is not None and dot.key is not None:
                self.dot_clicked.emit(dot.key)


def _heads(*, hidden: bool) -> tuple[str, str, str, str]:
    """What stands above the columns; while claims are hidden they give nothing away."""
    seeds = "Every seed, mean ± sd" if hidden else SIGNS[0]
    return "Measured" if hidden else "Claim", "Paper says", seeds, "Verdict"


def _draw_lines(painter: QPainter, lines: Sequence[str], x: float, top: float, size: int, weight: int = 400) -> float:
    """Draw lines below each other; returns the lower edge of the last."""
    high = TALL if size > 12 else SMALL
    for number, line in enumerate(lines):
        ink(line, size, weight).draw_in(painter, QRectF(x, top + high * number, 10, high))
    return top + high * len(lines)

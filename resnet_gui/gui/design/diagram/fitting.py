"""How large a diagram is drawn, and how wide it is laid out, so that it fills its place."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec
from PySide6.QtCore import QRectF

from resnet_gui.design.structure import Plan
from resnet_gui.gui.design.diagram.network import PER_ROW, STEP, Counts, RowFit, block_counts, fit_rows, widest
from resnet_gui.gui.design.diagram.scene import WIDTH

MARGIN: Final = 6
"""Empty pixels at both sides of a diagram; a scroll bar beside it needs no more room."""

UNFOLDED: Final = 128.0
"""Height that is kept free for a block's layers, so that unfolding one changes no size."""

SCROLLED: Final = 12.0
"""Pixels that Qt takes a vertical bar to be wider than the style sheet makes it."""

LARGEST_FILL: Final = 2.2
ALIKE: Final = 1.04
"""Scales up to this are 1: texts that are one twentieth larger are no gain, but less sharp."""

MOST_PER_ROW: Final = 18


class DiagramFit(msgspec.Struct, frozen=True):
    """A size of a diagram.

    Attributes:
        scale: device-independent pixels a scene unit.
        width: of the diagram in scene units.
    """

    scale: float
    width: float


def fill(plan: Plan, across: float, down: float) -> DiagramFit:
    """Fill a place with a diagram and the layers of one block: never smaller than it is drawn for but for its width.

    Networks whose long stages can be shown block by block at full size are; else the rows are chosen that let the
    diagram be largest. What is left beside it widens the blocks.
    """
    return _fill(block_counts(plan), across, down)


@lru_cache(maxsize=200)
def _fill(counts: Counts, across: float, down: float) -> DiagramFit:
    narrowest = across / (WIDTH - 2 * MARGIN)
    found = _largest(counts, across, down, UNFOLDED)
    scale = min(LARGEST_FILL, max(found.scale, min(1.0, narrowest)))
    if 1 < scale <= ALIKE:
        scale = 1.0
    scrolled = scale * fit_rows(counts, found.width).height(counts) > down
    room = (across - SCROLLED * scrolled) / scale
    return DiagramFit(scale, _width(counts, room, found.width if found.width - 2 * MARGIN <= room + 1 else WIDTH))


def show_all(plan: Plan, across: float, down: float, unfolded: QRectF | None) -> DiagramFit:
    """Show a diagram whole, with the panel of its unfolded block, however small that is."""
    counts = block_counts(plan)
    found = _largest(counts, across, down, unfolded.height() + 10 if unfolded is not None else 0.0)
    return DiagramFit(found.scale, _width(counts, across / found.scale, found.width))


def _largest(counts: Counts, across: float, down: float, more: float) -> DiagramFit:
    """The scale at which a diagram and ``more`` below fit, with the fewest blocks a row that reach it."""
    best: tuple[bool, float, float] = (False, 0.0, WIDTH)
    for per_row in range(PER_ROW, max(PER_ROW, min(MOST_PER_ROW, max(counts))) + 1):
        width = WIDTH + (per_row - PER_ROW) * STEP
        fit = fit_rows(counts, width)
        scale = min(across / (width - 2 * MARGIN), down / (fit.height(counts) + more))
        complete = all(fit.cards(count) == count for count in counts)
        found = (complete and scale >= 1, scale, width)
        if (found[0], round(scale, 3)) > (best[0], round(best[1], 3)):
            best = found
    return DiagramFit(best[1], best[2])


def _width(counts: Counts, room: float, least: float) -> float:
    """The width of a layout in a room that is as wide or wider, which holds as many blocks a row as ``least`` does."""
    wanted = min(room + 2 * MARGIN, widest(counts))
    if wanted < WIDTH + STEP / 8:
        return max(WIDTH, least)  # as it is drawn, not a few pixels wider
    fit = fit_rows(counts, least)
    while wanted > least and not _same_rows(counts, fit_rows(counts, wanted), fit):
        wanted -= STEP / 2
    return max(wanted, least)


def _same_rows(counts: Counts, one: RowFit, other: RowFit) -> bool:
    """Whether the same cards stand in as many rows."""
    return one.height(counts) <= other.height(counts)

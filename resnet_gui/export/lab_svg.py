"""The figures of an experiment of the Lab side by side in one SVG file, as a README or a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from resnet_gui.export.lab_charts import (
    HEIGHT,
    WIDTH,
    Chart,
    SurfaceChart,
    chart_shapes,
    surface_shapes,
)
from resnet_gui.export.lab_figures import Figure
from resnet_gui.export.report.drawing import LINE, SOFT, TEXT

HEAD: Final = 44
"""Pixels above a chart, for its title and what its axes are."""

GAP, EDGE = 16, 12
FONT: Final = "Inter, system-ui, sans-serif"


def figures_svg(figures: Sequence[Figure], columns: int = 2) -> str:
    """One SVG of all figures, on white, so that it can be read on a page of either theme.

    Args:
        figures: of ``lab_figures.figures``; one at least.
        columns: side by side.

    Raises:
        ValueError: there is no figure.
    """
    if not figures:
        raise ValueError("there is no figure to draw")
    columns = min(columns, len(figures))
    rows = -(-len(figures) // columns)
    width = 2 * EDGE + columns * WIDTH + (columns - 1) * GAP
    height = 2 * EDGE + rows * (HEAD + HEIGHT) + (rows - 1) * GAP
    parts = []
    for number, figure in enumerate(figures):
        x = EDGE + number % columns * (WIDTH + GAP)
        y = EDGE + number // columns * (HEAD + HEIGHT + GAP)
        parts.append(f'<g transform="translate({x} {y})">{_titled(figure)}</g>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT}"><rect width="{width}" height="{height}" rx="6" fill="#FFFFFF" stroke="{LINE}"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _titled(figure: Figure) -> str:
    match figure:
        case Chart():
            words, drawn = figure.axes, chart_shapes(figure)
        case SurfaceChart():
            words, drawn = figure.caption, surface_shapes(figure)
    words = words if drawn else "nothing was measured yet"
    return (
        f'<text x="0" y="14" font-size="13" font-weight="600" fill="{TEXT}">{escape(figure.title)}</text>'
        f'<text x="0" y="32" font-size="11" fill="{SOFT}">{escape(words)}</text>'
        f'<g transform="translate(0 {HEAD})">{drawn}</g>'
    )

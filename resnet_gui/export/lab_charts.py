"""Charts of a report of the Lab as SVG text: bands over seeds, strips of dots, surfaces, rows of blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.export.report.drawing import COLOURS, LINE, SOFT, STRONG, TEXT, end_tags, svg, svg_text, ticks
from resnet_gui.lab.outcomes import ClaimOutcome

STAGES: Final = (("#97C2DC", "#E5F0F7"), ("#8BB6B1", "#E2EDEC"), ("#D0BD8B", "#F5EFE2"), ("#CB998C", "#F3E5E2"))
"""Line and fill of the blocks of a stage, in the light theme."""


class ChartLine(msgspec.Struct, frozen=True):
    """A line of a chart: a value at each x, once for each seed; None where there is none.

    Attributes:
        colour: number of its colour; None for its place among the chart's lines.
    """

    label: str
    x: tuple[float, ...]
    seeds: tuple[tuple[float | None, ...], ...]
    colour: int | None = None


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart of lines with a band of mean ± standard deviation each.

    Attributes:
        title: above it.
        axes: what x and y are, in words, where they stand in one line.
        x, y: the same as the titles of two axes, with their units.
        lines: those of one colour each.
        log: whether y is drawn logarithmically; values that are not above 0 are left out then.
    """

    title: str
    axes: str
    x: str = ""
    y: str = ""
    lines: tuple[ChartLine, ...]
    log: bool = False


class SurfaceChart(msgspec.Struct, frozen=True, kw_only=True):
    """A loss surface as cells of colour; surfaces of one report share the scale from ``low`` to ``high`` (log).

    Both directions go from ``-extent`` to ``extent``, in norms of the filters.
    """

    title: str
    caption: str
    rows: tuple[tuple[float | None, ...], ...]
    low: float
    high: float
    extent: float = 1.0


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _deviation(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    middle = _mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


WIDTH, HEIGHT = 336, 200
LEFT, RIGHT, TOP, BOTTOM = 36, 132, 8, 22


def chart_svg(chart: Chart) -> str:
    """A chart of lines as SVG text; a sentence in place of one without values."""
    shapes = chart_shapes(chart)
    return svg(WIDTH, HEIGHT, shapes) if shapes else '<p class="t2">Nothing was measured yet.</p>'


def chart_shapes(chart: Chart) -> str:
    """The shapes of a chart of lines, WIDTH × HEIGHT pixels; empty where nothing was measured."""

    def scaled(value: float | None) -> float | None:
        if value is None or not math.isfinite(value) or (chart.log and value <= 0):
            return None
        return math.log10(value) if chart.log else value

    lines = [(line.label, line.x, [[scaled(value) for value in row] for row in line.seeds]) for line in chart.lines]
    known = [value for _, _, rows in lines for row in rows for value in row if value is not None]
    places = [x for _, xs, _ in lines for x in xs]
    if not known:
        return ""
    low, high = min(known), max(known)
    if not chart.log and low >= 0:
        low = 0.0
    high = high if high > low else low + 1
    left, right = min(places), max(places)
    right = right if right > left else left + 1

    def at_x(x: float) -> float:
        return LEFT + (x - left) / (right - left) * (WIDTH - LEFT - RIGHT)

    def at_y(y: float) -> float:
        return HEIGHT - BOTTOM - (y - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [_frame(chart, (low, high), (left, right), at_x, at_y)]
    ends: list[tuple[float, str, str]] = []
    for number, ((label, xs, rows), line) in enumerate(zip(lines, chart.lines, strict=True)):
        colour = COLOURS[(number if line.colour is None else line.colour) % len(COLOURS)]
        end = _line(xs, rows, colour, at_x, at_y, parts)
        if end is not None:
            ends.append((end, label, colour))
    parts.append(end_tags(ends, WIDTH - RIGHT + 7, TOP))
    return "".join(parts)


Place = Callable[[float], float]


def _frame(chart: Chart, y: tuple[float, float], x: tuple[float, float], at_x: Place, at_y: Place) -> str:
    parts = []
    for tick in ticks(*y, log=chart.log):
        place = at_y(tick)
        written = f"1e{tick:.0f}" if chart.log else f"{tick:g}".replace("-", "−")
        parts.append(f'<path d="M{LEFT} {place:.1f}H{WIDTH - RIGHT}" stroke="{LINE}" stroke-width="1"/>')
        parts.append(svg_text(LEFT - 5, place + 3.5, written, anchor="end"))
    parts += [svg_text(at_x(tick), HEIGHT - 7, f"{tick:g}", anchor="middle") for tick in ticks(*x, log=False)]
    return "".join(parts)


def _line(
    xs: Sequence[float], rows: list[list[float | None]], colour: str, at_x: Place, at_y: Place, parts: list[str]
) -> float | None:
    """Draw a band, its seeds and its mean; returns where the mean ends."""
    points: list[tuple[float, float, float]] = []
    for place, x in enumerate(xs):
        values = [row[place] for row in rows if place < len(row)]
        there = [value for value in values if value is not None]
        if there:
            points.append((x, _mean(there), _deviation(there)))
    if not points:
        return None
    upper = [f"{at_x(x):.1f},{at_y(mean + sd):.1f}" for x, mean, sd in points]
    lower = [f"{at_x(x):.1f},{at_y(mean - sd):.1f}" for x, mean, sd in reversed(points)]
    if len(rows) > 1:
        parts.append(f'<polygon points="{" ".join(upper + lower)}" fill="{colour}" fill-opacity="0.2"/>')
        for row in rows:
            drawn = [f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in zip(xs, row, strict=False) if y is not None]
            parts.append(
                f'<polyline points="{" ".join(drawn)}" fill="none" stroke="{colour}" stroke-opacity="0.55" '
                'stroke-width="0.8"/>'
            )
    mean_line = " ".join(f"{at_x(x):.1f},{at_y(mean):.1f}" for x, mean, _ in points)
    parts.append(f'<polyline points="{mean_line}" fill="none" stroke="{colour}" stroke-width="2"/>')
    if len(points) == 1:
        parts.append(f'<circle cx="{at_x(points[0][0]):.1f}" cy="{at_y(points[0][1]):.1f}" r="3" fill="{colour}"/>')
    return at_y(points[-1][1])


STRIP_WIDTH, STRIP_HEIGHT = 168, 26


def strip_svg(outcome: ClaimOutcome) -> str:
    """The strip of a claim: a dot each seed, a bar for the mean, a box of ± sd, where it holds, ◇ the paper's value."""
    claim, found = outcome.claim, outcome.estimate
    values = [value for value in outcome.values.values() if math.isfinite(value)]
    edges = [edge for edge in (claim.bound.low, claim.bound.high) if math.isfinite(edge)]
    paper = [] if claim.paper_value is None else [claim.paper_value]
    shown = [*values, *edges, *paper]
    if not values or found is None:
        return ""
    low, high = min(shown), max(shown)
    margin = 0.12 * (high - low) or 1.0
    low, high = low - margin, high + margin

    def at(value: float) -> float:
        return 2 + (min(max(value, low), high) - low) / (high - low) * (STRIP_WIDTH - 4)

    middle = STRIP_HEIGHT / 2
    first, last = at(claim.bound.low), at(claim.bound.high)
    parts = [f'<rect x="{first:.1f}" y="5" width="{last - first:.1f}" height="16" fill="#E8EFF9"/>']
    parts.append(f'<path d="M2 {middle}H{STRIP_WIDTH - 2}" stroke="{STRONG}" stroke-width="1"/>')
    if found.sd:
        start, end = at(found.mean - found.sd), at(found.mean + found.sd)
        parts.append(f'<rect x="{start:.1f}" y="8" width="{end - start:.1f}" height="10" rx="2" fill="#C9CCCE"/>')
    parts += [
        f'<path d="M{at(edge):.1f} 3V23" stroke="{SOFT}" stroke-width="1" stroke-dasharray="2 2"/>' for edge in edges
    ]
    parts.append(f'<path d="M{at(found.mean):.1f} 6V20" stroke="{TEXT}" stroke-width="1.6"/>')
    parts += _dots([at(value) for value in values], middle)
    for value in paper:
        x = at(value)
        parts.append(
            f'<path d="M{x:.1f} {middle - 5}l5 5l-5 5l-5 -5z" fill="#FFFFFF" stroke="{TEXT}" stroke-width="1"/>'
        )
    return svg(STRIP_WIDTH, STRIP_HEIGHT, "".join(parts))


def _dots(places: list[float], middle: float) -> list[str]:
    """A dot each, those that would cover each other side by side in height, so that they can be counted."""
    parts, levels = [], dict[int, float]()
    for x in sorted(places):
        level = next(level for level in range(len(places) + 1) if x - levels.get(level, -99.0) > 5)
        levels[level] = x
        y = middle + (0, -4, 4, -8, 8)[level % 5]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{TEXT}"/>')
    return parts


def surface_svg(chart: SurfaceChart, edge: int = HEIGHT) -> str:
    """A loss surface as SVG text."""
    return svg(edge, edge, surface_shapes(chart, edge))


def surface_shapes(chart: SurfaceChart, edge: int = HEIGHT) -> str:
    """A loss surface as cells, dark where the loss is low; hatched grey where it is not known or no number."""
    size = edge / max(1, len(chart.rows))
    low, span = math.log(chart.low), math.log(chart.high) - math.log(chart.low) or 1.0
    cells = []
    for row, values in enumerate(chart.rows):
        for column, value in enumerate(values):
            fill = "#E6E8EA"
            if value is not None and 0 < value < math.inf:
                share = min(1.0, max(0.0, (math.log(value) - low) / span))
                fill = f"hsl({225 - 175 * share:.0f} 60% {28 + 55 * share:.0f}%)"
            cells.append(
                f'<rect x="{column * size:.2f}" y="{row * size:.2f}" width="{size + 0.3:.2f}" '
                f'height="{size + 0.3:.2f}" fill="{fill}"/>'
            )
    return "".join(cells)


def blocks_svg(spec: ResNetSpec, width: int = 308) -> str:
    """The blocks of a design in a row, with their shortcuts if it has any."""
    count = sum(spec.blocks)
    step = (width - 24) / count
    box, parts = max(1.5, min(16.0, step * 0.7)), [f'<path d="M0 24H{width}" stroke="{STRONG}" stroke-width="1"/>']
    x = 12.0
    for stage, blocks in enumerate(spec.blocks):
        line, fill = STAGES[stage % len(STAGES)]
        for _ in range(blocks):
            if spec.adds:
                parts.append(
                    f'<path d="M{x:.1f} 24V10H{x + step:.1f}V24" fill="none" stroke="{line}" stroke-width="1"/>'
                )
            parts.append(
                f'<rect x="{x + (step - box) / 2:.1f}" y="17" width="{box:.1f}" height="14" rx="2" fill="{fill}" '
                f'stroke="{line}"/>'
            )
            x += step
    return svg(width, 36, "".join(parts))

"""Charts of the report of an evaluation as SVG text: matrix, reliability, intervals, curves with bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from resnet_gui.data.layouts.description import name_text
from resnet_gui.export.report.drawing import (
    COLOURS,
    FIELD,
    LINE,
    SOFT,
    STRONG,
    TEXT,
    end_tags,
    readable_on,
    svg,
    svg_text,
    ticks,
    viridis,
)

WIDE, HALF = 690, 336
"""Pixels of a sheet, and of one of two charts beside each other."""

LETTER: Final = 5.4
"""Pixels of a letter of the size that names of classes are written in, at most."""

MATRIX_EDGE: Final = 470
"""Most pixels of a matrix with its names, so that it fits below the figures of the first sheet."""

NUMBERED: Final = 20
"""Most classes of a matrix that has its counts in its cells."""


def clipped(name: str, letters: int) -> str:
    """A name of a class on one line, of so many letters at most."""
    text = name_text(name)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


class Frame(NamedTuple):
    """The inside of a chart in pixels, and what its edges stand for."""

    left: float
    right: float
    top: float
    bottom: float
    first: float = 0.0
    last: float = 1.0
    low: float = 0.0
    high: float = 1.0

    def at_x(self, value: float) -> float:
        """Pixels of a place on the horizontal axis."""
        return self.left + (value - self.first) / (self.last - self.first) * (self.right - self.left)

    def at_y(self, value: float) -> float:
        """Pixels of a value on the upright axis."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)

    def level(self, value: float, name: str) -> str:
        """A line from side to side with its name before it."""
        y = self.at_y(value)
        return (
            f'<path d="M{self.left:.1f} {y:.1f}H{self.right:.1f}" stroke="{LINE}" stroke-width="1"/>'
            f"{svg_text(self.left - 5, y + 3.5, name, anchor='end')}"
        )


def upright(x: float, y: float, text: str, anchor: str = "start") -> str:
    """Words that are read from below, through a point."""
    return f'<g transform="rotate(-90 {x:.1f} {y:.1f})">{svg_text(x, y, text, anchor=anchor)}</g>'


def matrix_svg(counts: Sequence[Sequence[int]], labels: Sequence[str], supports: Sequence[int]) -> str:
    """A confusion matrix: rows are true classes, columns answers; colour by the root of the share of the row.

    Args:
        counts: a square of counts.
        labels: of its rows and columns.
        supports: pictures of each row's class, those whose answer is none of the columns too.
    """
    names = [clipped(label, 18) for label in labels]
    room = max(map(len, names)) * LETTER + 8
    cell = min(40.0, (MATRIX_EDGE - room) / len(names))
    edge = cell * len(names)
    parts = []
    for place, name in enumerate(names):
        middle = room + (place + 0.5) * cell + 3.5
        parts.append(svg_text(room - 5, middle, name, anchor="end"))
        parts.append(upright(middle, room - 5, name))
    for row, (cells, support) in enumerate(zip(counts, supports, strict=True)):
        for column, count in enumerate(cells):
            corner = room + column * cell, room + row * cell
            parts.append(_cell(corner, cell, (count, support), numbered=len(names) <= NUMBERED))
    return svg(room + edge, room + edge, "".join(parts), "Confusion matrix: rows are true classes, columns answers")


def _cell(corner: tuple[float, float], edge: float, count: tuple[int, int], *, numbered: bool) -> str:
    """A cell of a matrix: so many of so many; grey where its class has no pictures."""
    (x, y), (here, support) = corner, count
    ground = viridis(math.sqrt(here / support)) if support else (0, 0, 0)
    colour = f"rgb({','.join(map(str, ground))})" if support else FIELD
    drawn = f'<rect x="{x:.1f}" y="{y:.1f}" width="{edge - 1:.1f}" height="{edge - 1:.1f}" fill="{colour}"/>'
    if not (numbered and support):
        return drawn
    size = 10 if edge > 28 and here < 10_000 else 8
    middle = x + (edge - 1) / 2, y + (edge - 1) / 2 + size / 3
    return drawn + svg_text(*middle, f"{here:,}", size=size, anchor="middle", colour=readable_on(ground))


class ReliabilityBar(NamedTuple):
    """A bin of a reliability diagram: its edges, its pictures, and their mean confidence and accuracy (None: empty)."""

    low: float
    high: float
    pictures: int
    confidence: float | None
    accuracy: float | None


RELIABILITY_HEIGHT: Final = 250
HATCH: Final = (
    '<defs><pattern id="sure" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<path d="M0 0V5" stroke="{SOFT}" stroke-width="1"/></pattern></defs>'
)


def reliability_svg(bars: Sequence[ReliabilityBar], after: Sequence[ReliabilityBar] = ()) -> str:
    """Accuracy by confidence: bars, hatched where the network is too sure, below them how many pictures a bin has.

    Args:
        bars: at the temperature that is shown.
        after: at the fitted temperature, drawn as a line; empty for none.
    """
    frame = Frame(34, HALF - 12, 8, 180)
    foot = Frame(34, HALF - 12, 192, 226, high=max((bar.pictures for bar in bars), default=0) or 1)
    parts = [HATCH]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(frame.level(tick, f"{100 * tick:.0f}"))
        parts.append(svg_text(frame.at_x(tick), foot.bottom + 11, f"{100 * tick:.0f}", anchor="middle"))
    parts += [_reliability_bar(bar, frame, foot) for bar in bars]
    parts.append(
        f'<path d="M{frame.at_x(0):.1f} {frame.at_y(0):.1f}L{frame.at_x(1):.1f} {frame.at_y(1):.1f}" stroke="{SOFT}" '
        'stroke-width="1" stroke-dasharray="3 3"/>'
    )
    there = [
        (frame.at_x(bar.confidence), frame.at_y(bar.accuracy))
        for bar in after
        if bar.confidence is not None and bar.accuracy is not None
    ]
    if there:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in there)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{TEXT}" stroke-width="1.6"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{TEXT}"/>' for x, y in there]
    parts.append(svg_text(frame.left + 4, foot.top + 8, "pictures"))
    parts.append(svg_text((frame.left + frame.right) / 2, RELIABILITY_HEIGHT - 2, "confidence %", anchor="middle"))
    return svg(HALF, RELIABILITY_HEIGHT, "".join(parts), "Reliability diagram: accuracy by confidence")


def _reliability_bar(bar: ReliabilityBar, frame: Frame, foot: Frame) -> str:
    if bar.accuracy is None or bar.confidence is None:
        return ""
    x, width = frame.at_x(bar.low) + 0.5, frame.at_x(bar.high) - frame.at_x(bar.low) - 1
    y, sure, pictures = frame.at_y(bar.accuracy), frame.at_y(bar.confidence), foot.at_y(bar.pictures)
    side = f'x="{x:.1f}" width="{width:.1f}"'
    drawn = (
        f'<rect {side} y="{y:.1f}" height="{frame.bottom - y:.1f}" fill="{COLOURS[0]}" fill-opacity="0.3"/>'
        f'<path d="M{x:.1f} {y:.1f}h{width:.1f}" stroke="{COLOURS[0]}" stroke-width="2"/>'
        f'<rect {side} y="{pictures:.1f}" height="{foot.bottom - pictures:.1f}" fill="{STRONG}"/>'
    )
    if sure < y:
        drawn += (
            f'<rect {side} y="{sure:.1f}" height="{y - sure:.1f}" fill="url(#sure)" stroke="{STRONG}" '
            'stroke-width="0.8"/>'
        )
    return drawn


INTERVAL_WIDTH: Final = 128


def interval_svg(share: float | None, low: float = 0.0, high: float = 0.0, colour: str = COLOURS[0]) -> str:
    """A share as a bar from 0 to 1 with its interval; an empty track where there is none."""
    parts = [f'<rect x="0" y="4" width="{INTERVAL_WIDTH}" height="6" rx="3" fill="{FIELD}"/>']
    if share is not None:
        parts.append(
            f'<rect x="0" y="4" width="{max(1.0, share * INTERVAL_WIDTH):.1f}" height="6" rx="3" fill="{colour}" '
            'fill-opacity="0.55"/>'
        )
        first, last = low * INTERVAL_WIDTH, high * INTERVAL_WIDTH
        parts.append(f'<path d="M{first:.1f} 7H{last:.1f}M{first:.1f} 4V10M{last:.1f} 4V10" stroke="{TEXT}"/>')
    return svg(INTERVAL_WIDTH, 14, "".join(parts))


class CurvePoint(NamedTuple):
    """A point of a curve, and the ends of its interval."""

    x: float
    y: float
    low: float
    high: float


class ShareCurve(NamedTuple):
    """A curve with its name and the number of its colour."""

    label: str
    points: tuple[CurvePoint, ...]
    colour: int


CURVES_HEIGHT: Final = 220


class CurveAxes(NamedTuple):
    """The axes of a chart of curves: names below places of x, the words for x, and a level with its name.

    Attributes:
        places: (x, name), the first and the last at the ends of the axis.
        title: below the names.
        level: a dotted line, such as chance; None for none.
        turned: whether the names stand upright, as long ones do.
    """

    places: tuple[tuple[float, str], ...]
    title: str
    level: tuple[float, str] | None = None
    turned: bool = False


def curves_svg(curves: Sequence[ShareCurve], axes: CurveAxes, width: int = HALF) -> str:
    """Shares (0 to 1, drawn in percent) with bands of their intervals, the names at the ends of the lines."""
    tag = min(120.0, 18 + LETTER * max(len(curve.label) for curve in curves))
    names = LETTER * max(len(name) for _, name in axes.places) - 8 if axes.turned else 0
    values = [value for curve in curves for point in curve.points for value in (point.low, point.high)]
    values += [axes.level[0]] if axes.level is not None else []
    first, last = axes.places[0][0], axes.places[-1][0]
    frame = Frame(
        34, width - tag, 8, CURVES_HEIGHT - 32 - names, first, max(last, first + 1),
        max(0.0, min(values) - 0.03), min(1.0, max(values) + 0.03),
    )  # fmt: skip
    parts = [frame.level(tick / 100, f"{tick:g}") for tick in ticks(100 * frame.low, 100 * frame.high)]
    for x, name in axes.places:
        if axes.turned:
            parts.append(upright(frame.at_x(x) + 3.5, frame.bottom + 6, name, "end"))
        else:
            parts.append(svg_text(frame.at_x(x), frame.bottom + 14, name, anchor="middle"))
    parts.append(svg_text((frame.left + frame.right) / 2, CURVES_HEIGHT - 4, axes.title, anchor="middle"))
    if axes.level is not None:
        y = frame.at_y(axes.level[0])
        parts.append(f'<path d="M{frame.left} {y:.1f}H{frame.right:.1f}" stroke="{SOFT}" stroke-dasharray="2 3"/>')
        parts.append(svg_text(frame.left + 4, y - 4, axes.level[1]))
    parts += [_curve(curve, frame) for curve in curves]
    ends = [(frame.at_y(curve.points[-1].y), curve.label, _colour(curve)) for curve in curves]
    parts.append(end_tags(ends, frame.right + 8, frame.top))
    return svg(width, CURVES_HEIGHT, "".join(parts), axes.title)


def _colour(curve: ShareCurve) -> str:
    return COLOURS[curve.colour % len(COLOURS)]


def _curve(curve: ShareCurve, frame: Frame) -> str:
    colour = _colour(curve)
    upper = [f"{frame.at_x(point.x):.1f},{frame.at_y(point.high):.1f}" for point in curve.points]
    lower = [f"{frame.at_x(point.x):.1f},{frame.at_y(point.low):.1f}" for point in reversed(curve.points)]
    middle = [(frame.at_x(point.x), frame.at_y(point.y)) for point in curve.points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in middle)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{colour}"/>' for x, y in middle)
    return (
        f'<polygon points="{" ".join(upper + lower)}" fill="{colour}" fill-opacity="0.2"/>'
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'
    )


def likeness_svg(matrix: Sequence[Sequence[float | None]], rows: Sequence[str], columns: Sequence[str]) -> str:
    """Likeness from 0 to 1 (CKA) as cells, those of early blocks at the lower left; grey where there is none."""
    room = max(len(name) for name in (*rows, *columns)) * LETTER + 8
    cell = min(22.0, (HALF - room) / max(len(rows), len(columns)))
    height = cell * len(rows)
    parts = []
    for row, values in enumerate(reversed(matrix)):
        for column, value in enumerate(values):
            colour = "#999999" if value is None else f"rgb({','.join(map(str, viridis(value)))})"
            parts.append(
                f'<rect x="{room + column * cell:.1f}" y="{row * cell:.1f}" width="{cell + 0.2:.1f}" '
                f'height="{cell + 0.2:.1f}" fill="{colour}"/>'
            )
    every = max(1, math.ceil(11 / cell))
    for place, name in enumerate(rows):
        if place % every == 0:
            y = height - (place + 0.5) * cell + 3.5
            parts.append(svg_text(room - 5, y, name, anchor="end"))
    for place, name in enumerate(columns):
        if place % every == 0:
            x = room + (place + 0.5) * cell + 3.5
            parts.append(upright(x, height + 6, name, "end"))
    return svg(HALF, height + room, "".join(parts), "Likeness of blocks (CKA)")

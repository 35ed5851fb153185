"""Accuracy by severity and by ε as charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from resnet_gui.evaluation.corruptions import CORRUPTIONS, MOST
from resnet_gui.evaluation.intervals import Share
from resnet_gui.evaluation.robustness import RobustnessRecord
from resnet_gui.gui.evaluate.robustness.setting_rows import corruption_token
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBand, ChartDot, ChartMark, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.curves import Points

PER_CENT: Final = ChartAxis(0, 100, tuple((float(value), str(value)) for value in range(0, 101, 25)))
QUARTERS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
NOT_MEASURED: Final = "Not measured yet"
FEWEST_STEPS, MORE_STEPS = "r3", "r5"
"""Colours of FGSM, and of PGD."""


def _curve(name: str, token: str, x: Sequence[float], shares: Sequence[Share]) -> tuple[PlotLine, ChartBand]:
    across = np.array(x)
    y, low, high = (np.array([100 * part for part in parts]) for parts in zip(
        *((share.value, share.low, share.high) for share in shares), strict=True
    ))  # fmt: skip
    return PlotLine(Points(across, y), token, name=name), ChartBand(across, low, high, token)


def _ring(x: float, line: PlotLine) -> list[ChartDot]:
    """A ring on a line; none beyond what is measured."""
    if x > line.points.x[-1]:
        return []
    y = float(np.interp(x, *line.points))
    return [ChartDot(x, y, line.token, 9, hollow=True), ChartDot(x, y, line.token, 3)]


def _chance(record: RobustnessRecord) -> tuple[ChartMark, ...]:
    return (ChartMark(100 * record.chance, "chance", level=True),)


def corruption_chart(record: RobustnessRecord | None, severities: Mapping[str, float]) -> PlotData:
    """The curves of the corruptions that are on show.

    Args:
        record: what is measured; None for nothing.
        severities: key of each corruption on show -> where its slider stands.
    """
    axis = ChartAxis(0, MOST, tuple((float(value), str(value)) for value in range(MOST + 1)), title="severity")
    if record is None:
        return PlotData(axis, PER_CENT, message=NOT_MEASURED)
    lines, bands, dots, tags = list[PlotLine](), list[ChartBand](), list[ChartDot](), list[ChartTag]()
    for key, severity in severities.items():
        curve = record.curve(key)
        if curve is None or not curve.correct:
            continue
        title, token = CORRUPTIONS[key].title, corruption_token(key)
        line, band = _curve(title, token, range(len(curve.correct)), curve.shares(record.sample.pictures))
        lines.append(line)
        bands.append(band)
        dots += [ChartDot(float(x), float(y), token) for x, y in zip(*line.points, strict=True)]
        dots += _ring(severity, line)
        tags.append(ChartTag(title, token, float(line.points.y[-1])))
    message = "" if lines else NOT_MEASURED
    return PlotData(axis, PER_CENT, tuple(lines), tuple(bands), dots=tuple(dots), tags=tuple(tags),
                    marks=_chance(record), message=message)  # fmt: skip


def attack_chart(record: RobustnessRecord | None, most: float, steps: int, epsilon: float) -> PlotData:
    """Accuracy against ε of FGSM and of PGD, as far as they are measured.

    Args:
        record: what is measured; None for nothing.
        most: the largest ε of the axis, in units of 1/255.
        steps: of the attack that the sliders name.
        epsilon: of it.
    """
    axis = ChartAxis(0, most, tuple((most * part, f"{most * part:g}") for part in QUARTERS), title="ε, in 1/255")
    found = {each.attack.steps for each in record.attacks if each.attack.epsilon > 0} if record is not None else set()
    if record is None or not found:
        return PlotData(axis, PER_CENT, message=NOT_MEASURED)
    lines, bands, dots, tags = list[PlotLine](), list[ChartBand](), list[ChartDot](), list[ChartTag]()
    for count in sorted(found):
        points = record.attack_curve(count)
        title = "FGSM" if count == 1 else f"PGD, {count} steps"
        token = FEWEST_STEPS if count == 1 else MORE_STEPS
        shares = [record.share(each.correct) for each in points]
        line, band = _curve(title, token, [each.attack.epsilon for each in points], shares)
        lines.append(line)
        bands.append(band)
        dots += [ChartDot(float(x), float(y), token) for x, y in zip(*line.points, strict=True)]
        dots += _ring(epsilon, line) if count == steps else []
        tags.append(ChartTag(title, token, float(line.points.y[-1])))
    return PlotData(axis, PER_CENT, tuple(lines), tuple(bands), dots=tuple(dots), tags=tuple(tags))

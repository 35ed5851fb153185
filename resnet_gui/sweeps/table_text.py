"""A sweep's table as text for a terminal, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from resnet_gui.sweeps.figures import Measure
from resnet_gui.sweeps.statistics import MeanEstimate, largest_difference
from resnet_gui.sweeps.table import SweepRow, SweepTable

TITLES: Final[dict[Measure, str]] = {
    "test_error": "test error %",
    "train_error": "training error %",
    "test_loss": "test loss",
    "train_loss": "training loss",
    "seconds": "seconds",
}
PERCENT: Final = frozenset(["test_error", "train_error"])
CSV_COLUMNS: Final = (
    "configuration", "n", "failed", "measure", "mean", "sd", "low", "high", "training_error", "compared_with",
    "difference", "difference_low", "difference_high", "comparison", "seeds_needed", "values",
    "extended",
)  # fmt: skip


def shown(value: float, measure: Measure, *, sign: bool = False) -> str:
    """A figure as it is written: errors in percent, or in points where it is a difference."""
    value, digits = (100 * value, 2) if measure in PERCENT else (value, 1 if measure == "seconds" else 4)
    return f"{value:{'+' if sign else ''}.{digits}f}"


def verdict_words(row: SweepRow, measure: Measure) -> str:
    """What a row says of its difference, in words."""
    match row.comparison:
        case "baseline":
            return "baseline"
        case "not compared":
            return ""
        case "running":
            waits = row.waiting[:1]
            return f"waits for seed {waits[0]}" if waits else "waits for the baseline"
        case "differs":
            return "differs"
        case "cannot tell":
            return f"cannot tell{_why(row, measure)}"


def _why(row: SweepRow, measure: Measure) -> str:
    difference = row.difference
    if difference is None:
        return ", no seed in common"
    if row.seeds_needed is not None and row.seeds_needed > difference.n:
        return f", about {row.seeds_needed} seeds needed"
    if difference.sd is None:
        return ", one seed"
    return f", at most {shown(largest_difference(difference), measure)} either way"


def table_lines(table: SweepTable) -> Iterator[str]:
    """The table as lines of a terminal: columns as wide as they need to be, then what the verdicts stand on."""
    measure = table.measure
    heads = (*(axis.replace("_", " ") for axis in table.axes), "n", TITLES[measure], "training %", "difference", "")
    rows = [_texts(row, measure) for row in table.rows]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for texts in (heads, *rows):
        yield "  ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True)).rstrip()
    if any(row.compared_with for row in table.rows):
        yield ""
        yield "Differences are paired by seed, with Student's 95 % interval; 'differs' when it leaves out 0."
        if table.compared > 1:
            chance = f"{table.by_chance:.1f}".removesuffix(".0")
            yield f"Of {table.compared} comparisons about {chance} would say so by chance where nothing differs."


def _texts(row: SweepRow, measure: Measure) -> tuple[str, ...]:
    found = row.found
    mean = "–" if found is None else shown(found.mean, measure)
    if found is not None and found.sd is not None:
        mean += f" ± {shown(found.sd, measure)}"
    n = str(len(row.values)) + (f" ({row.left_out})" if row.left_out else "")
    training = "–" if row.training is None else shown(row.training, "train_error")
    return *row.configuration.labels, n, mean, training, _difference(row, measure), verdict_words(row, measure)


def _difference(row: SweepRow, measure: Measure) -> str:
    found = row.difference
    if found is None:
        return ""
    mean = shown(found.mean, measure, sign=True)
    if found.sd is None or row.comparison == "running":
        return f"{mean} so far"
    low, high = (shown(end, measure, sign=True) for end in (found.low, found.high))
    return f"{mean} ({low} … {high})"


def table_csv(table: SweepTable) -> str:
    """The table as CSV: a column an axis, then ``CSV_COLUMNS``; errors are fractions, values "seed:value"."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow((*table.axes, *CSV_COLUMNS))
    for row in table.rows:
        found, difference = row.found, row.difference
        writer.writerow(
            (
                *row.configuration.labels, row.configuration.name, len(row.values), row.failed, table.measure,
                *_columns(found, sd=True), "" if row.training is None else row.training, row.compared_with,
                *_columns(difference, sd=False), row.comparison, row.seeds_needed or "",
                " ".join(f"{seed}:{value!r}" for seed, value in row.values.items()), row.extended,
            )
        )  # fmt: skip
    return buffer.getvalue()


def _columns(found: MeanEstimate | None, *, sd: bool) -> tuple[object, ...]:
    if found is None:
        return ("",) * (4 if sd else 3)
    ends = ("", "") if found.sd is None else (found.low, found.high)
    return (found.mean, *([found.sd if found.sd is not None else ""] if sd else []), *ends)

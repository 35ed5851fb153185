"""The table of a sweep: one row a configuration, with all its seeds, compared with the baseline seed by seed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from resnet_gui.sweeps.figures import Measure
from resnet_gui.sweeps.state import OVER, RunCell, SweepState
from resnet_gui.sweeps.statistics import (
    LEVEL,
    MeanEstimate,
    differs,
    estimate,
    paired,
    seeds_to_differ,
)
from resnet_gui.sweeps.sweep import Configuration, Sweep

Comparison = Literal["baseline", "differs", "cannot tell", "running", "not compared"]
"""What a row says of its difference: "running" until all seeds of both are in."""


class SweepRow(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration over its seeds.

    Attributes:
        configuration: what was trained.
        values: seed -> the measure, of finished runs, in the order of the seeds.
        training: mean training error of the same runs (fraction); None before the first.
        found: mean of the values with its interval; None before the first.
        compared_with: name of the configuration that this one is compared with; empty for none.
        difference: from that, paired by seed; None before both have a finished seed in common.
        comparison: what is said of it.
        seeds_needed: about how many seeds would show the difference; None where nobody can say.
        failed: how many runs failed; the row counts without them.
        waiting: seeds that are not in yet.
        extended: how many runs were given other epochs before they had those of the sweep; left out too.
    """

    configuration: Configuration
    values: dict[int, float]
    training: float | None
    found: MeanEstimate | None
    compared_with: str
    difference: MeanEstimate | None
    comparison: Comparison
    seeds_needed: int | None
    failed: int
    waiting: tuple[int, ...]
    extended: int = 0

    @property
    def left_out(self) -> str:
        """The runs that the row counts without, in words: "1 failed", "2 extended, left out"; empty for none."""
        return "; ".join(filter(None, (f"{self.failed} failed" if self.failed else "", self.extended_words)))

    @property
    def extended_words(self) -> str:
        """How many runs were extended too early; empty for none."""
        return f"{self.extended} extended, left out" if self.extended else ""


class SweepTable(msgspec.Struct, frozen=True, kw_only=True):
    """All configurations of a sweep, in its order.

    Attributes:
        axes: names of what is varied; a row's configuration has a label for each.
        measure: what is compared; errors and seconds as in ``RunFigures``.
        rows: one a configuration.
    """

    name: str
    axes: tuple[str, ...]
    measure: Measure
    rows: tuple[SweepRow, ...]

    @property
    def compared(self) -> int:
        """Rows with a verdict, the baselines left out."""
        return sum(row.comparison in {"differs", "cannot tell"} for row in self.rows)

    @property
    def by_chance(self) -> float:
        """How many rows would say "differs" on average if nothing did: one in twenty."""
        return self.compared * (1 - LEVEL)

    def differing(self) -> SweepTable:
        """The same table with the rows alone that differ, and those that they are compared with."""
        shown = {row.configuration.name for row in self.rows if row.comparison == "differs"}
        shown |= {row.compared_with for row in self.rows if row.comparison == "differs"}
        return msgspec.structs.replace(
            self, rows=tuple(row for row in self.rows if row.configuration.name in shown)
        )  # fmt: skip


def sweep_table(state: SweepState, measure: Measure = "test_error") -> SweepTable:
    """What the runs of a sweep say by now.

    Args:
        state: of the sweep.
        measure: which figure of the last epoch is compared.
    """
    cells = {each.labels: state.cells_of(each.number) for each in state.expansion.configurations}
    rows = [
        _row(configuration, cells[configuration.labels], _baseline_cells(state.sweep, configuration, cells), measure)
        for configuration in state.expansion.configurations
    ]
    axes = tuple(axis.name for axis in state.sweep.axes)
    return SweepTable(name=state.sweep.name, axes=axes, measure=measure, rows=tuple(rows))


Cells = tuple[RunCell, ...]


def _baseline_cells(sweep: Sweep, configuration: Configuration, cells: Mapping[tuple[str, ...], Cells]) -> Cells:
    """The runs that a configuration is compared with: its own for the baseline itself, none where nothing compares."""
    if not sweep.baseline:
        return ()
    pairs = zip(sweep.axes, configuration.labels, strict=True)
    return cells.get(tuple(sweep.baseline.get(axis.name, label) for axis, label in pairs), ())


def values_of(cells: Iterable[RunCell], measure: Measure) -> dict[int, float]:
    """Seed -> a figure of the last epoch, of the runs that are finished."""
    found = [cell for cell in cells if cell.status == "finished" and cell.figures is not None]
    return {cell.seed: cell.figures.value(measure) for cell in found if cell.figures is not None}


def resolution_of(cells: Iterable[RunCell], measure: Measure) -> float:
    """The step of a figure that is counted, the coarsest of some runs; 0 of one that is not."""
    return max((cell.figures.resolution(measure) for cell in cells if cell.figures is not None), default=0.0)


def _row(configuration: Configuration, cells: Cells, others: Cells, measure: Measure) -> SweepRow:
    values, training = values_of(cells, measure), values_of(cells, "train_error")
    resolution = resolution_of((*cells, *others), measure)
    waiting = tuple(cell.seed for cell in cells if cell.status not in OVER)
    difference, comparison = None, _comparison(cells, others)
    if comparison in {"running", "differs"}:
        theirs = values_of(others, measure)
        difference = paired(values, theirs, resolution) if set(values) & set(theirs) else None
    if comparison == "differs" and (difference is None or not differs(difference)):
        comparison = "cannot tell"
    return SweepRow(
        configuration=configuration,
        values=values,
        training=math.fsum(training.values()) / len(training) if training else None,
        found=estimate(list(values.values()), resolution_of(cells, measure)) if values else None,
        compared_with=others[0].configuration.name if others and others is not cells else "",
        difference=difference,
        comparison=comparison,
        seeds_needed=seeds_to_differ(difference) if difference and comparison == "cannot tell" else None,
        failed=sum(cell.status == "failed" for cell in cells),
        waiting=waiting,
        extended=sum(cell.extended for cell in cells),
    )


def _comparison(cells: Cells, others: Cells) -> Comparison:
    """What there is to say of a row before its difference is looked at; "differs" where it may be looked at."""
    if not others:
        return "not compared"
    if others is cells:
        return "baseline"
    return "running" if any(cell.status not in OVER for cell in (*cells, *others)) else "differs"

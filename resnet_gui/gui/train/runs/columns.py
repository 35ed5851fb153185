"""The columns of the table of runs: what each says, by what it is sorted, and how wide it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from resnet_gui.analysis.costs import totals
from resnet_gui.design.choices import SHORTCUTS
from resnet_gui.design.plan import plan
from resnet_gui.gui.kit.format import duration, percent
from resnet_gui.gui.runs.row import RunRow, state_word

Value = float | str | None


@dataclass(frozen=True)
class RunColumn:
    """A column of the table.

    Attributes:
        key: its name in the settings.
        title: above it.
        width: in pixels.
        text: what a run's cell says.
        value: what runs are sorted by; None comes last in either order.
        rank: which columns are left out first where there is little room: those of the highest.
        right: whether its figures stand at the right.
    """

    key: str
    title: str
    width: int
    text: Callable[[RunRow], str]
    value: Callable[[RunRow], Value]
    rank: int
    right: bool = False


def _epochs(run: RunRow) -> str:
    return f"{run.epoch:,} / {run.epochs:,}"


def _begun(run: RunRow) -> str:
    return run.info.created.replace("T", " ")[:16] if run.info is not None else ""


def _error(run: RunRow) -> str:
    return "–" if run.error is None else percent(run.error, 2)


def _time(run: RunRow) -> str:
    return "–" if run.seconds is None else duration(run.seconds)


NAME, CURVE, BEGUN = "name", "curve", "begun"
COLUMNS: Final = (
    RunColumn(NAME, "Run", 190, lambda run: run.name, lambda run: run.name.casefold(), 0),
    RunColumn("state", "State", 92, state_word, state_word, 2),
    RunColumn("data", "Data set", 112, lambda run: run.data_name, lambda run: run.data_name.casefold(), 3),
    RunColumn("depth", "Depth", 58, lambda run: f"{run.spec.depth:,}", lambda run: run.spec.depth, 5, right=True),
    RunColumn("error", "Error", 76, _error, lambda run: run.error, 1, right=True),
    RunColumn(CURVE, "By epoch", 104, lambda _run: "", lambda run: run.error, 4),
    RunColumn("epochs", "Epochs", 90, _epochs, lambda run: run.epoch, 6, right=True),
    RunColumn("time", "Time", 92, _time, lambda run: run.seconds, 7, right=True),
    RunColumn("tags", "Tags", 140, lambda run: ", ".join(run.tags), lambda run: ", ".join(run.tags) or None, 8),
    RunColumn(BEGUN, "Begun", 132, _begun, lambda run: _begun(run) or None, 9),
)
"""In the order in which they stand."""

KEYS: Final = tuple(column.key for column in COLUMNS)
NARROW: Final = 460
"""Pixels below which there is one column, which says name, state and error."""

WIDEST_NAME: Final = 360
"""Pixels of a name for which others make room; where there is more, a longer name has it."""

BESIDE_NAME: Final = 260
"""Pixels that are left to error, state and more beside the longest name."""


def fitting_widths(room: int, longest: int = 0) -> dict[str, int]:
    """The columns that have room, with their widths; a list that is narrow has one.

    Args:
        room: pixels.
        longest: pixels that the longest name needs, for which lesser columns are left out, up to ``WIDEST_NAME``.
    """
    if room < NARROW:
        return {NAME: room}
    widths: dict[str, int] = {}
    left = room
    for column in sorted(COLUMNS, key=lambda column: column.rank):
        wide = column.width
        if column.key == NAME:
            wide = max(wide, min(longest, WIDEST_NAME, room - BESIDE_NAME))
        if wide > left:
            break
        widths[column.key] = wide
        left -= wide
    more = max(0, min(left, max(WIDEST_NAME, longest) - widths[NAME]))
    widths[NAME] += more
    last = "tags" if "tags" in widths else next(reversed(widths))
    widths[last] += left - more
    return widths


def exact_table(runs: Sequence[RunRow]) -> str:
    """Runs as tab-separated text with exact numbers, for a spreadsheet: errors as fractions, times in seconds."""
    lines = ["\t".join(EXACT)]
    for run in runs:
        values = (
            run.name, run.status, run.data_name, run.design, run.spec.depth, SHORTCUTS[run.spec.shortcut].short_run,
            totals(plan(run.spec)).cost.params, run.error, run.epoch, run.epochs, run.seconds, run.recipe.batch_size,
            run.recipe.lr, run.recipe.seed, ", ".join(run.tags), run.info.created if run.info else None, run.folder,
        )  # fmt: skip
        lines.append("\t".join("" if value is None else " ".join(str(value).split()) for value in values))
    return "\n".join(lines) + "\n"


EXACT: Final = (
    "name", "state", "data", "design", "depth", "shortcut", "parameters", "best error", "epochs", "epochs in all",
    "seconds", "batch", "learning rate", "seed", "tags", "begun", "folder",
)  # fmt: skip
"""The heads of ``exact_table``."""

"""Which runs the table shows, in which order and under which headings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from resnet_gui.gui.runs.row import RunRow, state_word
from resnet_gui.gui.train.runs.columns import BEGUN, COLUMNS, KEYS

NO_GROUPS: Final = ""
GROUPS: Final[dict[str, tuple[str, Callable[[RunRow], str]]]] = {
    NO_GROUPS: ("No groups", lambda _run: ""),
    "data": ("Data set", lambda run: run.data_name),
    "design": ("Design", lambda run: run.design),
    "tag": ("Tags", lambda run: ", ".join(run.tags) or "No tags"),
}
"""What runs are grouped by: in words, and the heading of a run."""

RECORDED: Final = "Recorded"
"""The heading of the runs that ship with the program."""


@dataclass(frozen=True)
class GroupHeading:
    """The heading of a group of runs."""

    title: str
    count: int


Entry = GroupHeading | RunRow


@dataclass(frozen=True)
class RunArrangement:
    """The arrangement of the runs: which are shown, in which order, under which headings.

    Attributes:
        search: words that a run must have all, in its name, tags, data, design or state.
        key: of the column by which they are sorted.
        descending: whether the largest is first; the usual order has the newest run first.
        group: key of ``GROUPS``.
    """

    search: str = ""
    key: str = BEGUN
    descending: bool = True
    group: str = NO_GROUPS

    @classmethod
    def of(cls, key: str, group: str, *, descending: bool) -> RunArrangement:
        """An arrangement that was kept; what is not known is as usual."""
        known = key in KEYS
        return cls("", key if known else BEGUN, descending if known else True, group if group in GROUPS else NO_GROUPS)

    def by(self, key: str) -> RunArrangement:
        """Sorted by a column; by the same one in the other order."""
        return replace(self, key=key, descending=not self.descending if key == self.key else key == BEGUN)

    def entries(self, runs: Iterable[RunRow]) -> list[Entry]:
        """The runs that are found, with the headings of their groups."""
        words = self.search.casefold().split()
        found = [run for run in runs if not words or all(word in _text(run) for word in words)]
        heading = GROUPS[self.group][1]
        groups: dict[str, list[RunRow]] = {}
        for run in self._sorted([run for run in found if not run.recorded]):
            groups.setdefault(heading(run), []).append(run)
        titles = list(groups) if self.group == NO_GROUPS else sorted(groups, key=str.casefold)
        entries: list[Entry] = []
        for title in titles:
            if title:
                entries.append(GroupHeading(title, len(groups[title])))
            entries += groups[title]
        if recorded := self._sorted([run for run in found if run.recorded]):
            entries += [GroupHeading(RECORDED, len(recorded)), *recorded]
        return entries

    def _sorted(self, runs: list[RunRow]) -> list[RunRow]:
        if self.key == BEGUN:
            # As the model has them: a run that waits has not begun, and is the newest all the same.
            return runs if self.descending else runs[::-1]
        value = next(column.value for column in COLUMNS if column.key == self.key)
        known = [(found, run) for run in runs if (found := value(run)) is not None]
        known.sort(key=lambda pair: pair[0], reverse=self.descending)
        return [*(run for _, run in known), *(run for run in runs if value(run) is None)]


def _text(run: RunRow) -> str:
    """Everything that a run is found by."""
    parts = (run.name, run.design, run.data_name, *run.tags, state_word(run), run.note)
    return "\n".join(parts).casefold()

"""Which colour a run gets, and that it keeps it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.gui.runs.row import LOOKS, RunRow
from resnet_gui.runs.notes import keep_colour, read_notes, trashed_runs

AT_ONCE: Final = 8
"""So many colours are written at a time: the runs of an earlier build, which have none, must not hold up the window."""

LOG = logging.getLogger(__name__)


class RunColours:
    """The numbers of the runs' colours: given once, then kept in each run's folder for its life.

    A run that has none gets the lowest number that no listed run has, nor one in the trash, which may come back: unless
    only numbers that look like others are left then. It is written as soon as the run has begun; where it cannot be,
    as in somebody else's folder, this window remembers it.
    """

    def __init__(self) -> None:
        self._given: dict[Path, int] = {}
        self._not_writable: set[Path] = set()

    def give(self, new: Sequence[RunRow], listed: Iterable[RunRow]) -> None:
        """Give runs that are not listed yet their colours, the first one first."""
        used = {row.colour for row in listed} | {row.colour for row in new if row.colour_kept}
        trashed = _trashed_colours() if any(self._needs(row) for row in new) else set()
        for row in new:
            if not row.colour_kept:
                row.colour = _free(used, trashed) if self._needs(row) else self._given[row.folder]
                used.add(row.colour)
            self._given[row.folder] = row.colour

    def keep(self, rows: Sequence[RunRow]) -> list[RunRow]:
        """Write colours that are not kept yet into their runs' folders, the oldest runs first, a few at a time.

        Args:
            rows: all runs, the newest first.

        Returns:
            Those to which another window gave another colour meanwhile; they have that one now.
        """
        waiting = [row for row in reversed(rows) if self._can_keep(row)]
        changed = []
        for row in waiting[:AT_ONCE]:
            try:
                colour = keep_colour(row.folder, row.colour)
            except InputError as error:
                self._not_writable.add(row.folder)
                LOG.info("The colour of a run is kept by this window alone: %s", error)
                continue
            row.colour_kept = True
            if colour != row.colour:
                row.colour = self._given[row.folder] = colour
                changed.append(row)
        return changed

    def _needs(self, row: RunRow) -> bool:
        """Whether a run has no colour yet, in its folder or in this window."""
        return not row.colour_kept and row.folder not in self._given

    def _can_keep(self, row: RunRow) -> bool:
        """Whether a run has begun, before which its folder must stay empty, and its colour is to be written."""
        writable = not row.recorded and row.folder not in self._not_writable
        return row.info is not None and not row.colour_kept and writable


def dashes_of(rows: Iterable[RunRow]) -> dict[Path, int]:
    """The pattern of each run's lines among those that are on show, by folder: no two have its colour as well.

    A run has the solid or the dashed line of its number, as its sign in the list. Of several that would look the same
    the oldest has it, and the others have patterns that no run has of its own.
    """
    found: dict[Path, int] = {}
    used: set[tuple[str, int]] = set()
    for row in sorted(rows, key=lambda row: (row.folder.name, str(row.folder))):
        number = int(row.dashed)
        if (row.token, number) in used:
            number = next(number for number in count(2) if (row.token, number) not in used)
        used.add((row.token, number))
        found[row.folder] = number
    return found


def _trashed_colours() -> set[int]:
    """Those of the runs in the trash."""
    return {colour for folder in trashed_runs() if (colour := read_notes(folder).colour) is not None}


def _free(used: set[int], trashed: set[int]) -> int:
    """The lowest number that is in neither, if it looks like no other; else that which no listed run has."""
    number = _lowest_free(used | trashed)
    return number if number < LOOKS else _lowest_free(used)


def _lowest_free(used: set[int]) -> int:
    return next(number for number in count() if number not in used)

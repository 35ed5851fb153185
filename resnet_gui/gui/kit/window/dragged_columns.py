"""The columns of a table that the user has dragged: their widths are kept, and given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHeaderView

LEAST: Final = 28
"""Pixels of a column, at least."""

WIDEST: Final = 10_000
"""Pixels of a column, at most, where a kept width is given back."""


class DraggedColumns(QObject):
    """The columns of one table that were dragged, each with its width; the table gives widths to all others.

    The table asks ``width`` for each column and gives it within ``fitting``; a width that changes otherwise was
    dragged. A column without a name is never kept: the one that takes what the others leave.
    """

    def __init__(
        self,
        head: QHeaderView,
        fit: Callable[[], object],
        name: Callable[[int], str],
        *,
        table: str = "",
    ) -> None:
        """Watch a header.

        Args:
            head: of the table, whose columns can be dragged.
            fit: gives the columns their widths anew.
            name: of a column by its number; empty for one that is not kept.
            table: its name among the tables of the window; empty for the only one without.
        """
        super().__init__(head)
        self._head, self._fit, self._name = head, fit, name
        self._prefix = f"{table}." if table else ""
        self._widths: dict[str, int] = {}
        self._fitting = 0
        # The style's own least width is more than a column of two digits needs.
        head.setMinimumSectionSize(min(LEAST, head.minimumSectionSize()))
        head.sectionResized.connect(self._resized)

    def width(self, column: int, usual: int) -> int:
        """Pixels that a column was dragged to, else ``usual``."""
        return self._widths.get(self._name(column), usual)

    def is_dragged(self, column: int) -> bool:
        """Whether a column has a width of the user's."""
        return self._name(column) in self._widths

    @contextmanager
    def fitting(self) -> Iterator[None]:
        """The table gives widths meanwhile, and nobody drags."""
        self._fitting += 1
        try:
            yield
        finally:
            self._fitting -= 1

    def kept(self, widths: Mapping[str, int]) -> dict[str, int]:
        """The kept widths of all tables, with this one's as they are now."""
        others = {name: width for name, width in widths.items() if not self._is_own(name)}
        return others | {f"{self._prefix}{name}": width for name, width in self._widths.items()}

    def restore(self, widths: Mapping[str, int]) -> None:
        """Give the columns their widths of an earlier time, out of all tables'; those that it lacks are as at first."""
        own = {name.removeprefix(self._prefix): width for name, width in widths.items() if self._is_own(name)}
        self._widths = {name: min(WIDEST, max(LEAST, width)) for name, width in own.items()}
        self._fit()

    def _is_own(self, name: str) -> bool:
        return name.startswith(self._prefix) if self._prefix else "." not in name

    def _resized(self, column: int, before: int, now: int) -> None:
        """A column was dragged, unless it was hidden or shown."""
        if self._fitting or not before or not now:
            return
        name = self._name(column)
        if name:
            self._widths[name] = max(LEAST, now)
        self._fit()

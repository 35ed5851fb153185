"""How the Design page shares its width out between diagram and table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QSplitter

from resnet_gui.gui.kit.window.splitter_sizes import restore_sizes

CENTRE, TABLE = 532, 567
"""Widths of diagram and table in the mock-ups; the table's holds every usual column whole."""

LEAST_CENTRE, LEAST_TABLE = 424, 497
"""Least widths of both beside each other; the table's holds every usual column but the types, which give way."""

CENTRE_SHARE: Final = 0.62
"""Of what a larger window has more, this much is the diagram's."""


class PaneWidths:
    """The widths of diagram and table: shared out by a rule until the user has moved what is between them.

    Attributes:
        chosen: whether the user has.
    """

    def __init__(self, splitter: QSplitter) -> None:
        self._splitter = splitter
        self._sizes = [CENTRE, TABLE]
        self.chosen = False
        splitter.setSizes(self._sizes)
        splitter.splitterMoved.connect(lambda *_: self._note())

    @property
    def kept(self) -> list[int]:
        """What is kept for the next time; empty unless the user has chosen it."""
        return list(self._sizes) if self.chosen else []

    def give(self, room: int) -> None:
        """Give both their widths again, out of ``room`` pixels."""
        if not self.chosen:
            spare = room - CENTRE - TABLE
            centre = max(LEAST_CENTRE, CENTRE + round(spare * (CENTRE_SHARE if spare > 0 else 1)))
            self._sizes = [centre, room - centre - self._splitter.handleWidth()]
        self._splitter.setSizes(self._sizes)

    def restore(self, sizes: Sequence[int], room: int) -> None:
        """Take the widths of an earlier time, or share ``room`` out anew where there are none."""
        # While both are in tabs there is nothing to give; they get it when the window is wider.
        beside = self._splitter.count() == 2
        self.chosen = restore_sizes(self._splitter, sizes) if beside else len(sizes) == 2
        if self.chosen:
            self._sizes = list(sizes)
        elif beside and self._splitter.isVisible():
            self.give(room)

    def _note(self) -> None:
        if self._splitter.count() == 2:
            self._sizes, self.chosen = self._splitter.sizes(), True

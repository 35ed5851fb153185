"""Sizes of the parts of a splitter, as they were left."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QSplitter

WIDEST = 100_000
"""Pixels beyond which a remembered size is none."""


def restore_sizes(splitter: QSplitter, sizes: Sequence[int]) -> bool:
    """Give the parts of a splitter their sizes of an earlier time, if they can be sizes of these parts."""
    fitting = len(sizes) == splitter.count() and all(0 < size < WIDEST for size in sizes)
    if fitting:
        splitter.setSizes(sizes)
    return fitting

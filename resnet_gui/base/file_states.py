"""What a file is known by without reading it, so that one which was changed, swapped or restored since is noticed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, TypeAlias

FileState: TypeAlias = tuple[int, int, int, int]
"""Size in bytes, time of the last change of its content and of its entry in nanoseconds, and number on its disk."""

GONE: Final[FileState] = (-1, 0, 0, 0)
"""Of what cannot be looked at; whoever reads it says why."""

_LARGEST: Final = 2**63 - 1
"""Numbers of files that do not fit 64 bits, as some systems have them, are cut."""


def file_state(path: str | Path) -> FileState:
    """The state of a file or folder.

    Two files of one size and time that change names differ in the last two figures, which no program can set: systems
    with POSIX note when the entry was changed, and every system numbers its files.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 (of a million files)
    except (OSError, ValueError):
        return GONE
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino & _LARGEST

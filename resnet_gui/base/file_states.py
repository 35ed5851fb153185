"""What a file is known by without reading it, so that one which was changed, swapped or restored since is noticed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, TypeAlias

FileState: TypeAlias = tuple[int, int, int, int]
"""Size in bytes, times of the last change of its content and of its entry in nanoseconds; on Windows its number too."""

GONE: Final[FileState] = (-1, 0, 0, 0)
"""Of what cannot be looked at; whoever reads it says why."""

_NUMBERED: Final = os.name == "nt"
"""Where the time of the entry is that of its making, which NTFS gives to whatever takes a name soon after another file;
so the file's number tells. Elsewhere it does not: on exFAT and in some networks a file gets another now and then.
"""

_LARGEST: Final = 2**63 - 1
"""Numbers that do not fit 64 bits, as ReFS has them, are cut."""


def file_state(path: str | Path) -> FileState:
    """The state of a file or folder.

    Two files of one size and time that change names differ in the last two figures, which no program can set.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 (of a million files)
    except (OSError, ValueError):
        return GONE
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino & _LARGEST if _NUMBERED else 0

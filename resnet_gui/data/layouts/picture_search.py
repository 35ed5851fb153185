"""The search for one picture in a folder of very many files, before it is given up."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

TURNS: Final = 100
"""Of all names that are looked at, one in so many is looked at in one folder before it is another's turn."""


@dataclass
class PictureSearch:
    """A look for any picture, the upper folders first.

    Folders take turns, so that none with very many other files hides what lies beside it.

    Attributes:
        is_picture: whether a name is a picture's.
        is_aside: whether what has a name is left alone.
        run_file: name of the file that tells a run folder, which is left alone.
        system: devices of the system's file systems, which are left alone.
    """

    is_picture: Callable[[str], bool]
    is_aside: Callable[[str], bool]
    run_file: str
    system: Mapping[int, str]
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def finds(self, root: str, most: int, report: Callable[[], None]) -> bool:
        """Whether a picture is found in or below a folder among so many names.

        Args:
            root: the folder.
            most: names that are looked at.
            report: called between two turns; may raise to break off.
        """
        waiting, longest = deque([self._names_in(root)]), max(1, most // TURNS)
        while waiting and most > 0:
            report()
            names = waiting.popleft()
            turn = list(islice(names, min(longest, most)))
            most -= len(turn)
            for entry in turn:
                if _is_folder(entry):
                    waiting.append(self._names_in(entry.path))
                elif self.is_picture(entry.name):
                    return True
            if len(turn) == longest:
                waiting.append(names)
        return False

    def _names_in(self, place: str) -> Iterator[os.DirEntry[str]]:
        """What a folder holds but for what is left alone; nothing of one that was seen already or cannot be read."""
        try:
            status = os.stat(place)  # noqa: PTH116
            identity = (status.st_dev, status.st_ino)
            if identity in self._seen or status.st_dev in self.system or Path(place, self.run_file).exists():
                return
            self._seen.add(identity)
            with os.scandir(place) as entries:
                yield from (entry for entry in entries if not self.is_aside(entry.name))
        except OSError:
            return


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False

"""What a user's word for data leads to: a known set, arrays in files, or a folder of pictures, before it is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable
from resnet_gui.data.archives import is_archive, remove_abandoned, unpack, unpacked_folder, will_unpack
from resnet_gui.data.datasets import DIGITS, KNOWN, held_by, is_here, known_folder
from resnet_gui.data.layouts.array_names import ArrayFiles, is_array_file
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.data.layouts.scan import Scan
from resnet_gui.engine.data.folders import arrays_of, look
from resnet_gui.engine.data.pictures import SUFFIXES
from resnet_gui.engine.process import is_running

Watch = Callable[[int, int], None]
"""Told how many pictures are read of how many (of 0: how many files are found so far); may raise to break off."""

Tell = Callable[[str | DataDescription], None]
"""Told what a data set holds, once, before it is read; and, in a sentence, of what is done before that."""


def unwatched(_done: int, _total: int) -> None:
    """A Watch that nobody reads."""


def untold(_news: str | DataDescription) -> None:
    """A Tell that nobody reads."""


class OpenedData(NamedTuple):
    """Data that were found and not read yet.

    Attributes:
        named: as the user named them.
        root: folder that they lie in.
        known: name of a known set; empty for others.
        arrays: files of a set that comes as arrays; None for others.
        scan: a look through the folder; None for a known set.
    """

    named: Path
    root: Path
    known: str = ""
    arrays: ArrayFiles | None = None
    scan: Scan | None = None


def open_data(data: str, watch: Watch = unwatched, tell: Tell = untold) -> OpenedData:
    """Find out what data are; an archive is unpacked.

    Args:
        data: name of a known set, a folder, an archive, or a file of arrays.
        watch: told how far that is.
        tell: told before an archive is unpacked.

    Raises:
        InputError: there are no such data.
    """
    named = Path(data)
    if data in KNOWN:
        return OpenedData(named, _known_here(data), data)
    path = _unpacked(named, watch, tell)
    other = ""
    if path.is_dir() and (held := held_by(path)):
        from resnet_gui.engine.data.torchvision_sets import is_published

        if is_published(held, path):
            return OpenedData(named, path, held)
        title = KNOWN[held].title
        other = f"The files have the names of {title} and are not the published ones; they are read as what they are."
        tell(other)
    chosen = path.name if path.is_file() and is_array_file(path.name) else ""
    root = path.parent if chosen else path
    scan = look(root, lambda count: watch(count, 0))
    return OpenedData(named, root, arrays=arrays_of(scan, chosen), scan=scan)


def _known_here(name: str) -> Path:
    """Where a known data set lies.

    Raises:
        InputError: it is not on this computer.
    """
    if not is_here(name):
        known = KNOWN[name]
        raise InputError(
            f"{known.title} is not on this computer yet ({known.megabytes:.0f} MB): download it on the Train page "
            f"or with 'resnet-gui download {name}', or name the folder that holds it."
        )
    return Path() if name == DIGITS else known_folder(name)


def _unpacked(path: Path, watch: Watch, tell: Tell) -> Path:
    """The folder of an archive's pictures; any other path as it is."""
    if not path.is_file() or not is_archive(path):
        return path
    if will_unpack(path):
        folder = readable(str(unpacked_folder(path).parent))
        tell(f"{readable(str(path))} will be unpacked to {folder}; remove that folder when it is not needed any more.")
        remove_abandoned(is_running)
    return unpack(path, SUFFIXES, watch)

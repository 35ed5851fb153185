"""One look through a folder: its pictures, its other files, and what is left alone and why; no file is opened."""

from __future__ import annotations

import errno
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.system_folders import made_up, system_devices
from resnet_gui.data.layouts.picture_search import PictureSearch

DEEPEST: Final = 48
"""Folders within folders that are followed; nobody lays out pictures so deep."""

MOST_BARREN: Final = 2_000_000
"""Files that are passed without a picture among them before a folder is given up, such as a whole disk."""

TELL_EVERY: Final = 4096
"""Files of one folder between two looks at the clock."""

TELL_SECONDS: Final = 0.1
"""Seconds between two reports of how far it is; what is over sooner reports nothing."""

DESKTOP_NAMES: Final = frozenset(
    {
        *("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "#recycle", "$recycle.bin", "lost+found"),
        *("system volume information", "__pycache__", "icon\r"),
    }
)
"""What desktops, disks and archivers leave beside pictures, in small letters."""

Found = Callable[[int], None]
"""Told how many files are found so far; may raise to break off."""


@dataclass(frozen=True)
class ScanRules:
    """The endings and names that say what a file is.

    Attributes:
        suffixes: endings of pictures, in small letters, with their dot.
        run_file: name of the file that tells a run folder.
        lock_file: name of the file that a run folder holds before anything else.
    """

    suffixes: frozenset[str]
    run_file: str
    lock_file: str


@dataclass(slots=True)
class FoundFolder:
    """A folder with what lies in it, all names in order.

    Attributes:
        name: its own.
        path: from the folder that was looked through, its parts joined by "/"; empty for that folder itself.
        pictures: names of files with a picture's ending.
        files: names of the other files.
        folders: those that were looked into.
        total: pictures in and below it.
    """

    name: str
    path: str
    pictures: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    folders: list[FoundFolder] = field(default_factory=list)
    total: int = 0

    @property
    def filled(self) -> list[FoundFolder]:
        """The folders in it that hold pictures somewhere."""
        return [folder for folder in self.folders if folder.total]

    def joined(self, name: str) -> str:
        """The path of something in it."""
        return f"{self.path}/{name}" if self.path else name

    def below(self) -> list[str]:
        """Paths of all pictures in and below it, in the order of the names on their way."""
        start = f"{self.path}/" if self.path else ""
        if not self.folders:
            return [start + name for name in self.pictures]
        inside = {folder.name: folder for folder in self.folders}
        found: list[str] = []
        for name in sorted([*self.pictures, *inside]):
            folder = inside.get(name)
            if folder is None:
                found.append(start + name)
            else:
                found.extend(folder.below())
        return found

    def without(self, names: Collection[str]) -> FoundFolder:
        """The same folder without some of those in it."""
        kept = [each for each in self.folders if each.name not in names]
        total = len(self.pictures) + sum(each.total for each in kept)
        return FoundFolder(self.name, self.path, self.pictures, self.files, kept, total)

    def walk(self) -> Iterator[FoundFolder]:
        """It and every folder below it."""
        yield self
        for folder in self.folders:
            yield from folder.walk()


@dataclass(slots=True)
class Omissions:
    """The things that were left alone: names from the folder that was looked through, or only how many there are.

    Attributes:
        hidden: files and folders whose names begin with a dot.
        desktop: what desktops leave (``DESKTOP_NAMES``, ``._`` files of macOS).
        unreadable: folders that may not be looked into.
        broken: links that lead nowhere.
        loops: links to a folder that they lie in.
        deep: folders below ``DEEPEST`` others.
        special: pipes, sockets, devices.
        runs: run folders of this program.
        twice: links to a folder that is there already, with that folder.
        system: folders of the system, in which files are made up while they are asked for.
    """

    hidden: int = 0
    desktop: int = 0
    unreadable: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)
    deep: list[str] = field(default_factory=list)
    special: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    twice: list[tuple[str, str]] = field(default_factory=list)
    system: list[str] = field(default_factory=list)

    def sort(self) -> None:
        """Put all names in order: disks list them in any."""
        for names in (self.unreadable, self.broken, self.loops, self.deep, self.special, self.runs, self.system):
            names.sort()


@dataclass(frozen=True)
class Scan:
    """The result of a look through a folder."""

    root: Path
    tree: FoundFolder
    omissions: Omissions

    def endings(self, used: frozenset[str] = frozenset()) -> Counter[str]:
        """How many files have each ending that is no picture's; ``used`` are paths of files that told something."""
        return Counter(
            ending_of(name) or "none"
            for folder in self.tree.walk()
            for name in folder.files
            if folder.joined(name) not in used
        )


def ending_of(name: str) -> str:
    """What a name ends in, in small letters, with its dot; empty for none."""
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def scan(root: Path, rules: ScanRules, found: Found = lambda _count: None) -> Scan:
    """Look through a folder once; links are followed, but not back into a folder that they lie in.

    Raises:
        InputError: it cannot be looked into, is one of the system, or holds very many files and no picture.
    """
    scanner = _Scanner(rules, found)
    if kind := scanner.system_kind(root):
        raise InputError(made_up(root, kind))
    try:
        tree = scanner.read(str(root), FoundFolder(root.name, ""), [])
    except OSError as error:
        raise InputError(f"{root} cannot be looked into: {error.strerror or error}.") from error
    scanner.omissions.sort()
    return Scan(root, tree, scanner.omissions)


Identity = tuple[int, int]
"""Device and number of a folder on disk."""


class _Scanner:
    """One look through a folder, on its way."""

    def __init__(self, rules: ScanRules, found: Found) -> None:
        self._rules, self._found = rules, found
        self._count, self._passed, self._told_at = 0, 0, time.monotonic()
        self._root, self._worthwhile = "", False
        self._system = system_devices()
        self._seen: dict[Identity, str] = {}
        self.omissions = Omissions()

    def system_kind(self, folder: Path) -> str:
        """Kind of the system's file system that a folder lies in; empty for any other."""
        try:
            return self._system.get(folder.stat().st_dev, "")
        except OSError:
            return ""

    def read(self, place: str, folder: FoundFolder, above: list[Identity], *, linked: bool = False) -> FoundFolder:
        """Fill a folder from disk.

        Args:
            place: where it is.
            folder: to fill.
            above: the folders that it lies in.
            linked: whether links in it are left alone, because it is looked through for the second time.

        Raises:
            OSError: it cannot be read.
        """
        self._root = self._root or place
        status = os.stat(place)  # noqa: PTH116 (a Path for each of 100,000 folders would cost more than the look)
        identity = (status.st_dev, status.st_ino)
        again = linked or identity in self._seen
        if identity in self._seen and not linked:
            self.omissions.twice.append((folder.path, self._seen[identity]))
        self._seen.setdefault(identity, folder.path)
        if status.st_dev in self._system:
            self.omissions.system.append(folder.path)
            return folder
        inside = self._entries(place, folder, [*above, identity], again=again)
        self._count += len(folder.pictures)
        self._passed += len(folder.files) + len(folder.pictures)
        self._tell(0)
        for name, where in inside:
            self._enter(where, FoundFolder(name, folder.joined(name)), folder, [*above, identity], linked=again)
        folder.pictures.sort()
        folder.files.sort()
        folder.folders.sort(key=lambda each: each.name)
        folder.total = len(folder.pictures) + sum(each.total for each in folder.folders)
        return folder

    def _entries(self, place: str, folder: FoundFolder, above: list[Identity], *, again: bool) -> list[tuple[str, str]]:
        """Sort what a folder holds; returns the folders in it, by name."""
        suffixes, pictures = self._rules.suffixes, folder.pictures
        inside: list[tuple[str, str]] = []
        with os.scandir(place) as entries:
            for number, entry in enumerate(entries, start=1):
                name = entry.name
                dot = name.rfind(".")
                # Nearly all are these; what costs a question to the system comes after.
                if dot > 0 and name[0] != "." and name[dot:].lower() in suffixes and _is_plain(entry):
                    pictures.append(name)
                elif not self._is_aside(name):
                    self._sort(entry, folder, inside, above, again=again)
                if not number % TELL_EVERY:
                    self._tell(number)
        inside.sort()
        return inside

    def _tell(self, more: int) -> None:
        """Say how many files are found, where somebody has waited long enough to want to know.

        Raises:
            InputError: there are very many and no picture among them, nor anywhere near the top.
        """
        self._report(self._passed + more)
        if self._count or self._worthwhile or self._passed <= MOST_BARREN:
            return
        # Those of annotations/ come before images/.
        search = PictureSearch(
            lambda name: ending_of(name) in self._rules.suffixes,
            lambda name: name.startswith(".") or _is_desktop(name),
            self._rules.run_file,
            self._system,
        )
        self._worthwhile = search.finds(self._root, MOST_BARREN, lambda: self._report(self._passed))
        if not self._worthwhile:
            raise InputError(
                f"Of the first {self._passed:,} files that were looked at none is a picture; name the folder that "
                "holds the pictures."
            )

    def _report(self, files: int) -> None:
        now = time.monotonic()
        if now - self._told_at > TELL_SECONDS:
            self._told_at = now
            self._found(files)

    def _is_aside(self, name: str) -> bool:
        """Whether a name alone tells that something is no picture and no folder of pictures."""
        if _is_desktop(name):
            self.omissions.desktop += 1
            return True
        if name.startswith("."):
            self.omissions.hidden += 1
            return True
        return False

    def _sort(
        self, entry: os.DirEntry[str], folder: FoundFolder, inside: list[tuple[str, str]], above: list[Identity],
        *, again: bool,
    ) -> None:  # fmt: skip
        """Whatever is no plain picture: folders, links, other files, and what nobody can read."""
        name, path = entry.name, folder.joined(entry.name)
        try:
            if entry.is_dir():
                if not entry.is_symlink():
                    inside.append((name, entry.path))
                elif self._leads_back(entry.path, above):
                    self.omissions.loops.append(path)
                elif not again:
                    inside.append((name, entry.path))
            elif entry.is_file():
                is_picture = ending_of(name) in self._rules.suffixes
                (folder.pictures if is_picture else folder.files).append(name)
            elif entry.is_symlink():
                self.omissions.broken.append(path)
            else:
                self.omissions.special.append(path)
        except OSError as error:
            (self.omissions.broken if error.errno in {errno.ELOOP, errno.ENOENT} else self.omissions.unreadable).append(
                path
            )

    @staticmethod
    def _leads_back(place: str, above: list[Identity]) -> bool:
        status = os.stat(place)  # noqa: PTH116
        return (status.st_dev, status.st_ino) in above

    def _enter(
        self, place: str, folder: FoundFolder, into: FoundFolder, above: list[Identity], *, linked: bool
    ) -> None:
        if len(above) > DEEPEST:
            self.omissions.deep.append(folder.path)
            return
        passed = self._passed
        try:
            self.read(place, folder, above, linked=linked)
        except OSError:
            self.omissions.unreadable.append(folder.path)
            return
        if folder.path in self.omissions.system:
            return
        if self._is_run(folder):
            self._count -= folder.total
            self._passed = passed
            self.omissions.runs.append(folder.path)
        else:
            into.folders.append(folder)

    def _is_run(self, folder: FoundFolder) -> bool:
        """Whether a folder is a run's, or is becoming one."""
        if self._rules.run_file in folder.files:
            return True
        return folder.files == [self._rules.lock_file] and not folder.total


def _is_desktop(name: str) -> bool:
    return name.startswith("._") or name in {".DS_Store", ".ipynb_checkpoints"} or name.lower() in DESKTOP_NAMES


def _is_plain(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file and no link; the folder itself tells, nothing is asked of the file."""
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        # Names that may be read and files that may not: opening it says so, and costs no other picture.
        return True

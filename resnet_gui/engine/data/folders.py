"""A folder of pictures as lists of files with their classes, before any of them is read."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal, overload

import msgspec
import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.array_names import ArrayFiles, array_files
from resnet_gui.data.layouts.describe import describe, describe_test
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.data.layouts.evaluation import find_by_table, find_test
from resnet_gui.data.layouts.finder import find_layout
from resnet_gui.data.layouts.holding_out import split_layout
from resnet_gui.data.layouts.layout import Files, Layout
from resnet_gui.data.layouts.scan import Found, Scan, ScanRules, scan
from resnet_gui.data.layouts.splitting import EVERY_FIFTH, SplitRule
from resnet_gui.engine.data.pictures import SUFFIXES
from resnet_gui.runs.folder import RUN_FILE
from resnet_gui.runs.lock import LOCK_FILE

DIGESTED: Final = 2**20
"""Bytes of each picture of a final test that its digest is taken from; most pictures have fewer."""

TAKEN: Final = (
    "a folder that holds one folder a class, an archive of one (.zip, .tar.gz), arrays (.npz), or, to evaluate, a "
    "table of pictures and classes (.csv)"
)
"""What data may be, beside names of known sets."""

RULES: Final = ScanRules(SUFFIXES, RUN_FILE, LOCK_FILE)


class FileList(Sequence[tuple[Path, int]]):
    """Files with the number of their class; a Path is made when it is asked for, not for each of a million."""

    def __init__(self, folder: Path, entries: Files) -> None:
        self._folder, self._entries = folder, entries

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> tuple[Path, int]: ...
    @overload
    def __getitem__(self, index: slice) -> FileList: ...
    def __getitem__(self, index: int | slice) -> tuple[Path, int] | FileList:
        if isinstance(index, slice):
            return FileList(self._folder, self._entries[index])
        path, label = self._entries[index]
        return self._folder / path, label

    def __iter__(self) -> Iterator[tuple[Path, int]]:
        folder = self._folder
        return ((folder / path, label) for path, label in self._entries)

    @property
    def entries(self) -> Files:
        """Paths from the folder, their parts joined by "/", with the number of their class."""
        return self._entries

    def absolute_paths(self) -> tuple[str, ...]:
        """Paths from the root, as strings: a Path of each takes longer than finding it."""
        folder = os.path.abspath(self._folder)  # noqa: PTH100
        return tuple(os.path.normpath(f"{folder}/{path}") for path, _ in self._entries)

    @property
    def labels(self) -> Tensor:
        """Numbers of the classes (N,) int64."""
        return torch.tensor([label for _, label in self._entries], dtype=torch.int64)


class Listing(msgspec.Struct, frozen=True):
    """Files with the number of their class.

    Attributes:
        folder: that was named.
        classes: names of the classes, sorted.
        train: what is learnt from.
        test: what the weights are selected on after every epoch; the validation part of a folder that has one.
        final: what is counted once, at the end: the test part of a folder that has a validation part too.
        description: of all that was found.
    """

    folder: Path
    classes: tuple[str, ...]
    train: FileList
    test: FileList
    final: FileList
    description: DataDescription

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.folder.resolve().name

    def part(self, which: Literal["train", "test", "final"]) -> tuple[list[Path], Tensor]:
        """Files and labels (N,) int64 of a part."""
        entries: FileList = getattr(self, which)
        return [path for path, _ in entries], entries.labels

    def fingerprint(self, *, times: bool = False) -> str:
        """SHA-256 over names and sizes of the files, and with ``times`` when they were changed.

        Raises:
            InputError: a file is gone since it was listed.
        """
        digest = hashlib.sha256()
        for part in (self.train, self.test):
            self._add_states(digest, part, times=times)
        return digest.hexdigest()

    def final_fingerprint(self, *, content: bool) -> str:
        """SHA-256 over names and sizes of the pictures that are tested once, at the end; empty without any.

        Args:
            content: whether their bytes count too, the first MiB of each.

        Raises:
            InputError: a file is gone since it was listed.
        """
        if not len(self.final):
            return ""
        digest = hashlib.sha256()
        self._add_states(digest, self.final)
        if content:
            with ThreadPoolExecutor() as threads:
                for each in threads.map(_beginning_digest, (path for path, _ in self.final)):
                    digest.update(each)
        return digest.hexdigest()

    def _add_states(self, digest: hashlib._Hash, part: FileList, *, times: bool = False) -> None:
        """Add names, classes and sizes of files, and with ``times`` when they were changed."""
        folder = str(self.folder)
        try:
            for path, label in part.entries:
                state = os.stat(f"{folder}/{path}")  # noqa: PTH116 (200,000 Paths would take longer than the disk)
                moment = state.st_mtime_ns if times else 0
                text = f"{path}\0{label}\0{state.st_size}\0{moment}\n"
                digest.update(text.encode(errors="surrogateescape"))
            digest.update(b"\n")
        except OSError as error:
            raise InputError(f"{error.filename} cannot be read: {error.strerror}.") from error


def _beginning_digest(path: Path) -> bytes:
    """SHA-256 of a file's first MiB; of a file that may not be read, which the test leaves out too, that of nothing."""
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(DIGESTED)).digest()
    except OSError:
        return hashlib.sha256().digest()


def sampled_digest(paths: Iterable[Path]) -> str:
    """SHA-256 over the first MiB of each of some files; one that cannot be read counts as empty."""
    digest = hashlib.sha256()
    with ThreadPoolExecutor() as pool:
        for each in pool.map(_beginning_digest, paths):
            digest.update(each)
    return digest.hexdigest()


def _quiet(_count: int) -> None:
    return


def list_folder(folder: Path, found: Found = _quiet, split: SplitRule = EVERY_FIFTH) -> Listing:
    """The files of a data set that is trained on, in one look through its folder.

    Args:
        folder: in any of the layouts that ``data/layouts`` knows.
        found: told how many files are found so far; may raise to break off.
        split: what is held out of a folder without parts.

    Raises:
        InputError: there is no such folder, or it is no data set.
    """
    return list_looked(look(folder, found), folder, split)


def list_looked(looked: Scan, named: Path, split: SplitRule) -> Listing:
    """The files of a data set, from a look through its folder.

    Args:
        looked: the look.
        named: what the user named: the folder, or the archive that was unpacked there.
        split: what is held out of a folder without parts.

    Raises:
        InputError: it is no data set.
    """
    layout = find_layout(looked)
    split_layout(layout, split, str(named))
    description = describe(looked, layout, named.resolve().name)
    held = (layout.validation, layout.test) if layout.validation else (layout.test, [])
    train, test, final = (FileList(looked.root, files) for files in (layout.training, *held))
    return Listing(looked.root, layout.classes, train, test, final, description)


def arrays_of(looked: Scan, chosen: str = "") -> ArrayFiles | None:
    """The set of arrays that a folder without pictures holds; None where it has pictures, or no arrays.

    Args:
        looked: a look through the folder.
        chosen: the file that was named, if not the folder.

    Raises:
        InputError: it holds several sets, or a part of one.
    """
    if looked.tree.total and not chosen:
        return None
    files = [folder.joined(name) for folder in looked.tree.walk() for name in folder.files]
    return array_files(files, chosen, str(looked.root))


def list_test_looked(looked: Scan, named: Path, known: Collection[str]) -> Listing:
    """The files that a network is tested on, in the listing's test part: all of a folder, or its test part.

    Args:
        looked: a look through the folder, in any layout; one class alone, named as one of the network's, is one too.
        named: what the user named: the folder, or the archive that was unpacked there.
        known: the network's classes.

    Raises:
        InputError: nothing tells the classes of the pictures.
    """
    return _tested(looked, find_test(looked, known), named)


def list_table_looked(looked: Scan, named: Path) -> Listing:
    """The files that one table names, in the listing's test part.

    Args:
        looked: a look through the table's folder.
        named: the table.

    Raises:
        InputError: it is no table of pictures and classes, or is about others.
    """
    return _tested(looked, find_by_table(looked, named.name), named)


def _tested(looked: Scan, layout: Layout, named: Path) -> Listing:
    """A listing whose test part is all that counts."""
    none = FileList(looked.root, [])
    description = describe_test(looked, layout, named.resolve().name)
    return Listing(looked.root, layout.classes, none, FileList(looked.root, layout.test), none, description)


def look(folder: Path, found: Found = _quiet) -> Scan:
    """Look through a folder.

    Raises:
        InputError: there is none, it is a run's, or it cannot be looked into.
    """
    if not folder.exists():
        near = difflib.get_close_matches(str(folder), KNOWN, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"name {', '.join(KNOWN)}, or {TAKEN}."
        raise InputError(f"There is no data set '{folder}'; {hint}")
    if not folder.is_dir():
        raise InputError(f"{folder} is a file; a data set is {TAKEN}.")
    if (folder / RUN_FILE).is_file():
        raise InputError(f"{folder} is a run folder; a data set is a folder that holds one folder of pictures a class.")
    return scan(folder, RULES, found)

"""Pictures that are there twice, byte for byte: those of training that are held out too, and those of two classes.

What is held out too would flatter, so it is left out of training. What stands under two classes is named.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable
from resnet_gui.data.layouts.copies import describe_contradictions, describe_copies
from resnet_gui.data.layouts.description import CopiedPicture, LabelContradiction, PartName
from resnet_gui.engine.data.folders import FileList, Listing
from resnet_gui.engine.data.opened import Watch, unwatched
from resnet_gui.engine.data.pictures import read_header

BEGINNING: Final = 2**14
"""Bytes that are compared first, of files of one size; whole files are read only where these are equal."""

MOST_COMPARED: Final = 200_000
"""Files that are opened at most."""

TOLD_EVERY: Final = 256


class _ListedPicture(NamedTuple):
    """A picture of a part, by its number in it, and the number of its class."""

    part: PartName
    number: int
    path: str
    label: int


_Files = list[_ListedPicture]


class _Sizes(NamedTuple):
    """Files of one size each, which may be equal.

    Attributes:
        files: to be compared.
        copies: whether they are all that may be copies across the parts, or none of those.
        contradictions: whether they are also all that may be one picture under two classes.
    """

    files: list[_Files]
    copies: bool
    contradictions: bool


def without_copies(listing: Listing, watch: Watch = unwatched) -> Listing:
    """A data set whose training part has no picture that is, byte for byte, one of those that are held out.

    A class all of whose training pictures are held out too keeps them, which the description says. It also names the
    pictures that stand under two classes, of which those within a part stay where they are.

    Args:
        listing: of a folder.
        watch: told how many files have been compared of how many; may raise to break off.
    """
    held = [*_files(listing.description.selection, listing.test), *_files("test", listing.final)]
    training = list(_files("training", listing.train))
    sizes = _same_size(listing.folder, training, held)
    equal = _equal(listing.folder, sizes.files, watch)
    contradictions = list(_contradictions(equal, [each.name for each in listing.description.classes]))
    description = listing.description
    if contradictions:
        description = describe_contradictions(description, contradictions)
    if unseen := _unseen(sizes):
        description = msgspec.structs.replace(description, notes=(*description.notes, unseen))
    if description is not listing.description:
        listing = msgspec.structs.replace(listing, description=description)
    pairs = {file.number: other for files in equal for file, other in _copied(files)}
    return _cleared(listing, training, pairs) if pairs else listing


def _cleared(listing: Listing, training: _Files, pairs: dict[int, _ListedPicture]) -> Listing:
    """The listing without the training pictures of ``pairs``, by number with the held-out one."""
    left = Counter(file.label for file in training if file.number not in pairs)
    whole = sorted({training[number].label for number in pairs if not left[training[number].label]})
    out = {number: other for number, other in sorted(pairs.items()) if left[training[number].label]}
    copies: tuple[list[CopiedPicture], list[CopiedPicture]] = [], []
    for number, other in out.items():
        file = training[number]
        copies[file.label != other.label].append(CopiedPicture(readable(file.path), readable(other.path), other.part))
    kept = [entry for number, entry in enumerate(listing.train.entries) if number not in out]
    counts = Counter(training[number].label for number in out)
    description = describe_copies(listing.description, *copies, counts, whole)
    return msgspec.structs.replace(listing, train=FileList(listing.folder, kept), description=description)


def _files(part: PartName, files: FileList) -> Iterable[_ListedPicture]:
    return (_ListedPicture(part, number, path, label) for number, (path, label) in enumerate(files.entries))


def _same_size(root: Path, training: _Files, held: _Files) -> _Sizes:
    """Files of one size, of those sizes that are in both or under two classes, as far as they are few enough."""
    found: dict[int, _Files] = {}
    for file in (*held, *training):
        if size := _size(root, file):
            found.setdefault(size, []).append(file)
    across = [files for files in found.values() if _is_across(files)]
    wanted = [files for files in found.values() if _is_across(files) or _is_contradicted(files)]
    if sum(map(len, wanted)) <= MOST_COMPARED:
        return _Sizes(wanted, copies=True, contradictions=True)
    if sum(map(len, across)) <= MOST_COMPARED:
        return _Sizes(across, copies=True, contradictions=False)
    return _Sizes([], copies=False, contradictions=False)


def _unseen(sizes: _Sizes) -> str:
    """A sentence about what was not looked at; empty if everything was."""
    where = "across the parts or classes" if sizes.copies else "across the parts"
    what = "stand under two classes" if sizes.copies else "are copies"
    if sizes.contradictions:
        return ""
    return (
        f"More than {MOST_COMPARED:,} pictures have a size in common with others {where}; whether they {what} was not "
        "looked at."
    )


def _is_across(files: _Files) -> bool:
    """Whether there are training pictures and held-out ones among them."""
    return {file.part == "training" for file in files} == {True, False}


def _is_contradicted(files: _Files) -> bool:
    return any(file.label != files[0].label for file in files)


def _size(root: Path, file: _ListedPicture) -> int:
    """Of a file; 0 of one that is gone, which whoever reads it says."""
    try:
        return os.stat(f"{root}/{file.path}").st_size  # noqa: PTH116 (200,000 Paths would take longer than the disk)
    except OSError:
        return 0


def _equal(root: Path, alike: list[_Files], watch: Watch) -> list[_Files]:
    """Pictures of the same bytes, where they are in both parts or under two classes."""
    total, done = sum(map(len, alike)), 0
    found: list[_Files] = []
    with ThreadPoolExecutor() as threads:

        def digests(files: _Files, most: int) -> list[bytes]:
            return list(threads.map(lambda file: _digest(root / file.path, most), files))

        for files in alike:
            for same in _of_one_digest(files, digests(files, BEGINNING)):
                wholly = _of_one_digest(same, digests(same, 0))
                found.extend(equal for equal in wholly if _is_picture(root / equal[0].path))
            if (done := done + len(files)) // TOLD_EVERY != (done - len(files)) // TOLD_EVERY:
                watch(done, total)
    return found


def _copied(files: _Files) -> Iterator[tuple[_ListedPicture, _ListedPicture]]:
    """Training pictures among files of the same bytes, each with a held-out one, of its own class if there is one."""
    held = [file for file in files if file.part != "training"]
    for file in files:
        if file.part == "training" and held:
            yield file, next((other for other in held if other.label == file.label), held[0])


def _contradictions(equal: list[_Files], classes: Sequence[str]) -> Iterator[LabelContradiction]:
    """For each picture that stands under two classes, its first file and the first one of another class."""
    pairs = []
    for files in equal:
        first = min(files, key=lambda file: file.path)
        others = [file for file in files if file.label != first.label]
        if others:
            pairs.append((first, min(others, key=lambda file: file.path)))
    for first, other in sorted(pairs, key=lambda pair: pair[0].path):
        yield LabelContradiction(readable(first.path), classes[first.label], readable(other.path), classes[other.label])


def _is_picture(path: Path) -> bool:
    """Whether a file can be opened; what cannot is left out of both parts, and named by whoever reads it."""
    try:
        read_header(path)
    except InputError:
        return False
    return True


def _of_one_digest(files: _Files, digests: list[bytes]) -> list[_Files]:
    """Files of one digest, where they are in both parts or under two classes."""
    found: dict[bytes, _Files] = {}
    for file, digest in zip(files, digests, strict=True):
        if digest:
            found.setdefault(digest, []).append(file)
    return [same for same in found.values() if _is_across(same) or _is_contradicted(same)]


def _digest(path: Path, most: int) -> bytes:
    """SHA-256 of a file's first bytes, or of all with 0; nothing where it cannot be read, which its reader says."""
    try:
        with path.open("rb") as file:
            if not most:
                return hashlib.file_digest(file, "sha256").digest()
            return hashlib.sha256(file.read(most)).digest()
    except OSError:
        return b""

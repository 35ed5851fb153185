"""Training pictures that are held out too, under another name: they would flatter, so they are left out of training."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable
from resnet_gui.data.layouts.copies import describe_copies
from resnet_gui.data.layouts.description import CopiedPicture, PartName
from resnet_gui.engine.data.folders import FileList, Listing
from resnet_gui.engine.data.opened import Watch, unwatched
from resnet_gui.engine.data.pictures import read_header

BEGINNING: Final = 2**14
"""Bytes that are compared first, of files of one size; whole files are read only where these are equal."""

MOST_COMPARED: Final = 200_000
"""Files that are opened at most."""

TOLD_EVERY: Final = 256


class _PictureFile(NamedTuple):
    """A picture of a part, by its number in it."""

    part: PartName
    number: int
    path: str


def without_copies(listing: Listing, watch: Watch = unwatched) -> Listing:
    """A data set whose training part has no picture that is, byte for byte, one of those that are held out.

    A class all of whose training pictures are held out too keeps them, which the description says.

    Args:
        listing: of a folder.
        watch: told how many files have been compared of how many; may raise to break off.
    """
    held = [
        *_files(listing.description.selection, listing.test),
        *(_files("test", listing.final)),
    ]
    training = list(_files("training", listing.train))
    alike, compared = _same_size(listing.folder, training, held)
    pairs: dict[int, _PictureFile] = {}
    if compared:
        pairs = _pairs(listing.folder, alike, watch)
    labels = [label for _, label in listing.train.entries]
    left = Counter(label for number, label in enumerate(labels) if number not in pairs)
    whole = sorted({labels[number] for number in pairs if not left[labels[number]]})
    out = {number: other for number, other in pairs.items() if left[labels[number]]}
    if not pairs and compared:
        return listing
    copies = [
        CopiedPicture(readable(training[number].path), readable(other.path), other.part)
        for number, other in sorted(out.items())
    ]
    kept = [entry for number, entry in enumerate(listing.train.entries) if number not in out]
    counts = Counter(labels[number] for number in out)
    description = describe_copies(listing.description, copies, counts, whole)
    if not compared:
        note = f"More than {MOST_COMPARED:,} pictures have a size in common with others across the parts; whether they "
        description = msgspec.structs.replace(
            listing.description, notes=(*listing.description.notes, f"{note}are copies was not looked at.")
        )
    return msgspec.structs.replace(listing, train=FileList(listing.folder, kept), description=description)


def _files(part: PartName, files: FileList) -> Iterable[_PictureFile]:
    return (_PictureFile(part, number, path) for number, (path, _) in enumerate(files.entries))


def _same_size(
    root: Path, training: list[_PictureFile], held: list[_PictureFile]
) -> tuple[list[list[_PictureFile]], bool]:
    """Files of one size, of those sizes that are in both; and whether they are few enough to be opened."""
    found: dict[int, list[_PictureFile]] = {}
    for file in held:
        if size := _size(root, file):
            found.setdefault(size, []).append(file)
    shared: set[int] = set()
    for file in training:
        size = _size(root, file)
        if size in found:
            found[size].append(file)
            shared.add(size)
    sets = [found[size] for size in sorted(shared)]
    return sets, sum(map(len, sets)) <= MOST_COMPARED


def _size(root: Path, file: _PictureFile) -> int:
    """Of a file; 0 of one that is gone, which whoever reads it says."""
    try:
        return os.stat(f"{root}/{file.path}").st_size  # noqa: PTH116 (200,000 Paths would take longer than the disk)
    except OSError:
        return 0


def _pairs(root: Path, alike: list[list[_PictureFile]], watch: Watch) -> dict[int, _PictureFile]:
    """Training pictures by number, with a held-out one of the same bytes."""
    total, done = sum(map(len, alike)), 0
    found: dict[int, _PictureFile] = {}
    with ThreadPoolExecutor() as threads:

        def digests(files: list[_PictureFile], most: int) -> list[bytes]:
            return list(threads.map(lambda file: _digest(root / file.path, most), files))

        for files in alike:
            for same in _across(files, digests(files, BEGINNING)):
                for equal in _across(same, digests(same, 0)):
                    other = next(file for file in equal if file.part != "training")
                    if _is_picture(root / other.path):
                        found |= {file.number: other for file in equal if file.part == "training"}
            if (done := done + len(files)) // TOLD_EVERY != (done - len(files)) // TOLD_EVERY:
                watch(done, total)
    return found


def _is_picture(path: Path) -> bool:
    """Whether a file can be opened; what cannot is left out of both parts, and named by whoever reads it."""
    try:
        read_header(path)
    except InputError:
        return False
    return True


def _across(files: list[_PictureFile], digests: list[bytes]) -> list[list[_PictureFile]]:
    """Files of one digest, where there are training pictures and held-out ones among them."""
    found: dict[bytes, list[_PictureFile]] = {}
    for file, digest in zip(files, digests, strict=True):
        if digest:
            found.setdefault(digest, []).append(file)
    return [same for same in found.values() if {file.part == "training" for file in same} == {True, False}]


def _digest(path: Path, most: int) -> bytes:
    """SHA-256 of a file's first bytes, or of all with 0; nothing where it cannot be read, which its reader says."""
    try:
        with path.open("rb") as file:
            if not most:
                return hashlib.file_digest(file, "sha256").digest()
            return hashlib.sha256(file.read(most)).digest()
    except OSError:
        return b""

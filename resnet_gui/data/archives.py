"""Zip and tar archives of pictures: unpacked into the program's own folder, and nothing but pictures and tables."""

from __future__ import annotations

import hashlib
import lzma
import os
import platform
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import data_folder
from resnet_gui.data.layouts.array_names import is_array_file
from resnet_gui.data.layouts.tables import TABLE_SUFFIXES

SUFFIXES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
INFLATION: Final = 100
"""Pictures hardly shrink when they are packed; what grows by more than this is a trap."""

ALLOWANCE: Final = 64 * 2**20
"""Bytes that any archive may unpack to."""

SPARE: Final = 2**30
"""Bytes of the disk that stay free."""

MOST_FILES: Final = 20_000_000
COMPLETE: Final = ".complete"
_PART: Final = ".part-"


class Member(NamedTuple):
    """A file in an archive: its path there, bytes when unpacked, and how it is opened."""

    path: str
    size: int
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """Whether a file's name is that of an archive that is unpacked."""
    return path.name.casefold().endswith(SUFFIXES)


def unpacked_folder(path: Path) -> Path:
    """Where an archive is, or would be, unpacked to; another file of its name has another place."""
    state = path.stat()
    key = hashlib.sha256(f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}".encode(errors="surrogateescape"))
    stem = path.name
    while (shorter := stem.rpartition(".")[0]) and is_archive(Path(stem)):
        stem = shorter
    return _all_unpacked() / key.hexdigest()[:16] / (stem or "archive")


def _all_unpacked() -> Path:
    return data_folder() / "datasets" / "unpacked"


def is_unpacked(path: Path) -> bool:
    """Whether an archive is unpacked already."""
    return (unpacked_folder(path).parent / COMPLETE).is_file()


def will_unpack(path: Path) -> bool:
    """Whether to read a path's pictures would unpack an archive."""
    return path.is_file() and is_archive(path) and not is_unpacked(path)


def remove_abandoned(is_alive: Callable[[int], bool]) -> None:
    """Remove what processes have left that were killed while they unpacked an archive.

    Args:
        is_alive: whether there is a process of a number on this computer. Others may share the folder: theirs stay.
    """
    for folder in _all_unpacked().glob(f"*{_PART}*"):
        host, _, number = folder.name.partition(_PART)[2].rpartition("-")
        if host == platform.node() and number.isdecimal() and not is_alive(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def unpack(path: Path, suffixes: frozenset[str], watch: Callable[[int, int], None]) -> Path:
    """Unpack an archive's pictures and tables, unless that was done before; returns the folder.

    Args:
        path: of the archive.
        suffixes: endings of pictures.
        watch: told how many bytes are unpacked of how many; may raise to break off.

    Raises:
        InputError: it is damaged, locked, larger than the disk allows, or holds no pictures.
    """
    target = unpacked_folder(path)
    if is_unpacked(path):
        return target
    # Of this process alone: the processes of one training may all come here at once.
    partial = target.parent.with_name(f"{target.parent.name}{_PART}{platform.node()}-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with _members(path) as members:
            _write(path, members, partial / target.name, suffixes, watch)
        (partial / COMPLETE).touch()
        if not is_unpacked(path):
            shutil.rmtree(target.parent, ignore_errors=True)
            partial.rename(target.parent)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError) as error:
        raise InputError(f"{path} is damaged and cannot be unpacked: {str(error).rstrip('.')}.") from error
    except RuntimeError as error:
        raise InputError(f"{path} is locked by a password; unpack it yourself and name the folder.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be unpacked to {target.parent}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


@contextmanager
def _members(path: Path) -> Iterator[Iterator[Member]]:
    if path.name.casefold().endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            yield _zipped(archive)
    else:
        with tarfile.open(path) as archive_of_tapes:
            yield _taped(archive_of_tapes)


def _zipped(archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        kind = info.external_attr >> 28
        # Links of Unix are files that hold a path: never followed, and no pictures.
        if not info.is_dir() and kind in {0, 8}:
            yield Member(info.filename, info.file_size, lambda info=info: archive.open(info))  # type: ignore[misc]


def _taped(archive: tarfile.TarFile) -> Iterator[Member]:
    for info in archive:
        if info.isreg() and not info.issparse():
            yield Member(info.name, info.size, lambda info=info: archive.extractfile(info) or _missing(info))  # type: ignore[misc]


def _missing(info: tarfile.TarInfo) -> IO[bytes]:
    raise tarfile.ReadError(f"{info.name} has no content")


def _write(
    path: Path, members: Iterator[Member], target: Path, suffixes: frozenset[str], watch: Callable[[int, int], None]
) -> None:
    """Write what is wanted of an archive below a folder, and nothing anywhere else."""
    packed = path.stat().st_size
    data_folder().mkdir(parents=True, exist_ok=True)
    most = min(INFLATION * packed + ALLOWANCE, shutil.disk_usage(data_folder()).free - SPARE)
    done, count, nested = 0, 0, ""
    for number, member in enumerate(members):
        if number > MOST_FILES:
            raise InputError(f"{path} holds more than {MOST_FILES:,} files; unpack it yourself and name the folder.")
        place = _safe(member.path, path)
        ending = PurePosixPath(member.path).suffix.lower()
        nested = nested or (member.path if is_archive(Path(member.path)) else "")
        if place is None or not (ending in suffixes or ending in TABLE_SUFFIXES or is_array_file(member.path)):
            continue
        done += member.size
        if done > most:
            raise InputError(
                f"{path} would unpack to more than {most / 2**30:.1f} GiB; make room, or unpack it yourself and name "
                "the folder."
            )
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        with member.open() as source, (target / place).open("wb") as file:
            shutil.copyfileobj(source, file)
        count += ending not in TABLE_SUFFIXES
        watch(done, max(done, packed))
    if not count:
        inside = f", but an archive in it ({nested})" if nested else ""
        raise InputError(f"{path} holds no pictures{inside}; unpack it yourself and name the folder with the pictures.")


def _safe(name: str, archive: Path) -> PurePosixPath | None:
    """Where a member goes, below the target; None for what desktops leave.

    Raises:
        InputError: it would be written outside of the target.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\0" in name:
        raise InputError(f"{archive} wants to write outside of its own folder ('{name}'), so it is not unpacked.")
    if any(part.startswith(".") or part == "__MACOSX" for part in path.parts):
        return None
    return path

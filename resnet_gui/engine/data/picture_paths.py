"""Which files are pictures, by their names, in and below folders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.system_folders import made_up, system_kind
from resnet_gui.data.file_kinds import UNREAD, UnreadFiles, unread_files
from resnet_gui.engine.data.pictures import SUFFIXES


def is_picture(path: Path) -> bool:
    """Whether a name looks like a picture's; hidden files (``._a.png`` of macOS too) do not."""
    return path.suffix.casefold() in SUFFIXES and not path.name.startswith(".")


def pictures_below(folder: Path) -> list[Path]:
    """The pictures in and below a folder in the order of their names; what is hidden is left out."""
    return _below(folder)[0]


def _below(folder: Path) -> tuple[list[Path], UnreadFiles]:
    """The pictures in and below a folder, and what else may be some and is not read; what is hidden is left out."""
    pictures, others = list[Path](), list[str]()
    for path in folder.rglob("*"):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if is_picture(path):
            pictures += [path] if _may_be_file(path) else []
        elif path.suffix.lower() in UNREAD and _may_be_file(path):
            others.append(path.name)
    return sorted(pictures), unread_files(others)


def _may_be_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # In a folder whose names may be read and whose files may not: opening it says so, and costs no other picture.
        return True


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """Files as they are, folders as the pictures in and below them, in the order of their names.

    Raises:
        InputError: a path is missing, or a folder holds no picture, or is one of the system.
    """
    return [picture for path in paths for picture in _pictures_of(path)[0]]


def _pictures_of(path: Path) -> tuple[list[Path], str]:
    """The pictures of a path, and a sentence about what else in a folder may be some and is not read."""
    if not path.is_dir():
        return [path], ""
    if kind := system_kind(path):
        raise InputError(made_up(path, kind))
    inside, unread = _below(path)
    if not inside:
        what = f"pictures that can be read{unread.words}" if unread.kinds else "pictures"
        raise InputError(f"The folder {path} holds no {what}.")
    if not unread.kinds:
        return inside, ""
    advice = f"; {unread.advice}" if unread.advice else ""
    return inside, f"Left out of the folder {path}, since they are not read as pictures: {unread.kinds}{advice}."


class PicturePaths(msgspec.Struct):
    """Pictures below paths.

    Attributes:
        paths: of the pictures.
        unreadable: folders that could not be used, with a sentence each.
        left_out: a sentence for each folder with files that may be pictures and are not read.
    """

    paths: list[Path] = msgspec.field(default_factory=list)
    unreadable: list[tuple[Path, str]] = msgspec.field(default_factory=list)
    left_out: list[str] = msgspec.field(default_factory=list)


def pictures_in(paths: Iterable[Path]) -> PicturePaths:
    """``find_pictures``, but a folder without pictures is a sentence and ends nothing."""
    found = PicturePaths()
    for path in paths:
        try:
            pictures, left_out = _pictures_of(path)
            found.paths.extend(pictures)
            found.left_out.extend([left_out] if left_out else [])
        except InputError as error:
            found.unreadable.append((path, str(error)))
        except OSError as error:
            found.unreadable.append((path, f"{path} cannot be read: {error.strerror or error}."))
    return found

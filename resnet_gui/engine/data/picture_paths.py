"""Which files are pictures, by their names, in and below folders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.system_folders import made_up, system_kind
from resnet_gui.data.file_kinds import unread_files
from resnet_gui.engine.data.pictures import SUFFIXES


def is_picture(path: Path) -> bool:
    """Whether a name looks like a picture's; hidden files (``._a.png`` of macOS too) do not."""
    return path.suffix.casefold() in SUFFIXES and not path.name.startswith(".")


def pictures_below(folder: Path) -> list[Path]:
    """The pictures in and below a folder in the order of their names; what is hidden is left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if is_picture(path)
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and _may_be_file(path)
    )


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
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        if kind := system_kind(path):
            raise InputError(made_up(path, kind))
        inside = pictures_below(path)
        if not inside:
            unread = unread_files(each.name for each in path.rglob("*") if not each.name.startswith("."))
            what = f"pictures that can be read{unread.words}" if unread.kinds else "pictures"
            raise InputError(f"The folder {path} holds no {what}.")
        found.extend(inside)
    return found


class PicturePaths(msgspec.Struct):
    """Pictures below paths, and the folders that could not be used, with a sentence each."""

    paths: list[Path] = msgspec.field(default_factory=list)
    unreadable: list[tuple[Path, str]] = msgspec.field(default_factory=list)


def pictures_in(paths: Iterable[Path]) -> PicturePaths:
    """``find_pictures``, but a folder without pictures is a sentence and ends nothing."""
    found = PicturePaths()
    for path in paths:
        try:
            found.paths.extend(find_pictures([path]))
        except InputError as error:
            found.unreadable.append((path, str(error)))
        except OSError as error:
            found.unreadable.append((path, f"{path} cannot be read: {error.strerror or error}."))
    return found

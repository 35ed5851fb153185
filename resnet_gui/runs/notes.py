"""What the user says of a run: a name, a note; and the trash. ``run.json`` itself is written once and never again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import data_folder, write_atomic
from resnet_gui.runs.folder import is_being_written

NOTES_FILE: Final = "notes.json"
MAX_NAME: Final = 120
MAX_NOTE: Final = 10_000


class RunNotes(msgspec.Struct, frozen=True):
    """A name that takes the place of the design's, and a note; empty for none."""

    name: str = ""
    note: str = ""


def read_notes(folder: Path) -> RunNotes:
    """The notes of a run; empty ones where there are none or they cannot be read."""
    try:
        return msgspec.json.decode((folder / NOTES_FILE).read_bytes(), type=RunNotes)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return RunNotes()


def write_notes(folder: Path, notes: RunNotes) -> None:
    """Keep a name and a note with a run.

    Raises:
        InputError: they are too long, or the folder cannot be written.
    """
    if len(notes.name) > MAX_NAME or len(notes.note) > MAX_NOTE:
        raise InputError(f"A name has at most {MAX_NAME} characters, a note {MAX_NOTE:,}.")
    if not folder.is_dir():  # writing would make it anew
        raise InputError(f"The name of the run in {folder} cannot be kept: the run is gone.")
    try:
        write_atomic(folder / NOTES_FILE, msgspec.json.encode(notes) + b"\n")
    except (OSError, UnicodeEncodeError) as error:
        raise InputError(f"The name of the run in {folder} cannot be kept: {error}.") from error


def trash_folder() -> Path:
    """Where runs go that were thrown away, until the trash is emptied."""
    return data_folder() / "trash"


def throw_away(folder: Path) -> Path:
    """Move a run to the trash; returns where it lies now.

    Raises:
        InputError: it is being trained, or cannot be moved.
    """
    if is_being_written(folder):
        raise InputError(f"{folder.name} is being trained; stop it first.")
    target, number = trash_folder() / folder.name, 2
    while target.exists():
        target, number = trash_folder() / f"{folder.name}-{number}", number + 1
    _move(folder, target)
    return target


def take_back(trashed: Path, folder: Path) -> None:
    """Move a run out of the trash to where it was.

    Raises:
        InputError: there is something else by now, or it cannot be moved.
    """
    if folder.exists():
        raise InputError(f"{folder} exists again; the run stays in {trashed}.")
    _move(trashed, folder)


def _move(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Across disks this copies first and removes then, so that nothing is lost on the way.
        shutil.move(str(source), str(target))
    except OSError as error:
        raise InputError(f"{source} cannot be moved to {target}: {error.strerror or error}.") from error


def trashed_runs() -> list[Path]:
    """What lies in the trash."""
    folder = trash_folder()
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def empty_trash() -> int:
    """Delete what lies in the trash for good; returns how many runs that were.

    Raises:
        InputError: something in it cannot be deleted.
    """
    runs = trashed_runs()
    for path in runs:
        try:
            shutil.rmtree(path)
        except OSError as error:
            raise InputError(f"{path} cannot be deleted: {error.strerror or error}.") from error
    return len(runs)

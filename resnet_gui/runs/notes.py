"""What is kept with a run beside its training: the user's name, note and tags, its colour; and the trash.

``run.json`` is the run's own: only a training writes it.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import data_folder, runs_folder, write_atomic
from resnet_gui.runs.folder import is_being_written

NOTES_FILE: Final = "notes.json"
MAX_NAME: Final = 120
MAX_NOTE: Final = 10_000
MAX_TAG, MAX_TAGS = 40, 20
"""Characters of a tag, and tags of a run."""

NOTES_LOCK: Final = "notes.lock"
"""In the program's own folder: one window at a time changes notes."""

AT_ONCE: Final = 8
"""Files that are written side by side."""

ATTEMPTS: Final = 20
PAUSE_SECONDS: Final = 0.01

ORIGIN_ENDING: Final = ".origin"
"""Of the file beside a folder in the trash that says where the folder was."""


class RunNotes(msgspec.Struct, frozen=True):
    """The content of ``notes.json``; builds that know fewer fields read over the others.

    Attributes:
        name: that takes the place of the design's; empty for none.
        note: the user's; empty for none.
        colour: number of the run's colour, from 0; None while nobody has given it one.
        tags: words of the user's by which runs are found and grouped, in the order of the alphabet.
    """

    name: str = ""
    note: str = ""
    colour: int | None = None
    tags: tuple[str, ...] = ()


def read_notes(folder: Path) -> RunNotes:
    """The notes of a run; empty ones where there are none or they cannot be read."""
    try:
        return _decode(folder)
    except InputError:
        return RunNotes()


def notes_stamp(folder: Path) -> tuple[int, int, int] | None:
    """What differs when the notes of a run were written anew; None while there are none."""
    try:
        found = (folder / NOTES_FILE).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _decode(folder: Path) -> RunNotes:
    """The notes of a run; empty ones where there are none.

    Raises:
        InputError: there are some, which cannot be read.
    """
    path = folder / NOTES_FILE
    try:
        content = path.read_bytes()
        return msgspec.json.decode(content, type=RunNotes)
    except FileNotFoundError:
        return RunNotes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {decoding_fault(error, content, RunNotes)}.") from error


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


def change_notes(folder: Path, *, name: str | None = None, note: str | None = None) -> None:
    """Give a run another name or note; None leaves what it has, and its colour stays.

    Raises:
        InputError: they are too long, or the folder cannot be written.
    """
    with _alone():
        kept = read_notes(folder)
        name, note = kept.name if name is None else name, kept.note if note is None else note
        write_notes(folder, msgspec.structs.replace(kept, name=name, note=note))


def change_tags(folder: Path, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
    """Give a run tags and take others from it; what another window has changed meanwhile stays.

    Returns:
        The tags that it has now, in the order of the alphabet.

    Raises:
        InputError: there are too many, one is too long or has a comma, the folder cannot be written, or it holds notes
            that cannot be read and would be lost.
    """
    added = tuple(add)
    _check_tags(added)
    with _alone():
        return _changed_tags(folder, _decode(folder), added, tuple(remove))


def tag_problem(tag: str) -> str:
    """Why a word can be no tag, in a sentence; empty if it can."""
    if len(tag.strip()) <= MAX_TAG and "," not in tag:
        return ""
    return f"The tag '{tag.strip()}' cannot be: a tag has at most {MAX_TAG} characters and no comma."


def _check_tags(tags: Iterable[str]) -> None:
    if problem := next(filter(None, map(tag_problem, tags)), ""):
        raise InputError(problem)


def _changed_tags(folder: Path, kept: RunNotes, add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...]:
    added = [stripped for tag in add if (stripped := tag.strip())]
    tags = tuple(sorted({*kept.tags, *added} - set(remove), key=lambda tag: (tag.casefold(), tag)))
    if len(tags) > MAX_TAGS:
        raise InputError(f"A run has at most {MAX_TAGS} tags; take one off {kept.name or folder.name} first.")
    if tags != kept.tags:
        write_notes(folder, msgspec.structs.replace(kept, tags=tags))
    return tags


def change_tags_of(
    folders: Sequence[Path], add: Iterable[str] = (), remove: Iterable[str] = ()
) -> tuple[list[Path], list[InputError]]:
    """The same for many runs, whose files are written side by side: a disk takes as long for eight as for one.

    Returns:
        The runs that have other tags now, and why others could not get theirs.
    """
    added, removed = tuple(add), tuple(remove)
    _check_tags(added)

    def change(folder: Path) -> bool | InputError:
        try:
            kept = _decode(folder)
            return _changed_tags(folder, kept, added, removed) != kept.tags
        except InputError as error:
            return error

    with _alone(), ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(folders, pool.map(change, folders), strict=True))
    errors = [each for each in found.values() if isinstance(each, InputError)]
    return [folder for folder, each in found.items() if each is True], errors


def keep_colour(folder: Path, colour: int) -> int:
    """Keep the number of a run's colour with the run; where it has one already, that one stays.

    Returns:
        The number that it has now: of several windows that ask at once, all get that of the first.

    Raises:
        InputError: the folder cannot be written, or holds notes that cannot be read and would be lost.
    """
    with _alone():
        kept = _decode(folder)
        if kept.colour is not None:
            return kept.colour
        write_notes(folder, msgspec.structs.replace(kept, colour=colour))
        return colour


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other windows from changing notes meanwhile; what they read is whole at any time.

    Raises:
        InputError: the program's own folder cannot be written, or another window does not let go.
    """
    # Here, because a window that only reads never needs it.
    from filelock import lock_descriptor

    path = data_folder() / NOTES_LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            for attempt in range(ATTEMPTS):
                if attempt:
                    time.sleep(PAUSE_SECONDS)
                if lock_descriptor(file.fileno(), blocking=False):
                    break
            else:
                raise InputError("Another window is writing notes of runs and does not end; close it, then try again.")
            yield
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.") from error


def trash_folder() -> Path:
    """Where runs go that were thrown away, until the trash is emptied."""
    return data_folder() / "trash"


def throw_away(folder: Path) -> Path:
    """Move a run to the trash; returns where it lies now.

    Raises:
        InputError: it is being trained, or cannot be moved.
    """
    target = _move_out(folder)
    _keep_origin(folder, target)
    return target


def throw_away_all(folders: Sequence[Path]) -> tuple[dict[Path, Path], list[InputError]]:
    """Move many runs to the trash, and write side by side where they were.

    Returns:
        Where those lie now that could be moved, and why others could not.
    """
    moved: dict[Path, Path] = {}
    errors: list[InputError] = []
    for folder in folders:
        try:
            moved[folder] = _move_out(folder)
        except InputError as error:
            errors.append(error)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda each: _keep_origin(*each), moved.items()))
    return moved, errors


def _move_out(folder: Path) -> Path:
    if is_being_written(folder):
        raise InputError(f"{folder.name} is being trained; stop it first.")
    target, number = trash_folder() / folder.name, 2
    while target.exists():
        target, number = trash_folder() / f"{folder.name}-{number}", number + 1
    _move(folder, target)
    return target


def _keep_origin(folder: Path, trashed: Path) -> None:
    """Write down where something in the trash was; without it, it can be had back at a place that its name says."""
    with contextlib.suppress(OSError, UnicodeEncodeError):
        write_atomic(_origin_file(trashed), str(folder.absolute()).encode())


def take_back(trashed: Path, folder: Path) -> None:
    """Move a run out of the trash to where it was.

    Raises:
        InputError: there is something else by now, or it cannot be moved.
    """
    if folder.exists():
        raise InputError(f"{folder} exists again; the run stays in {trashed}.")
    _move(trashed, folder)
    _forget_origin(trashed)


def _origin_file(trashed: Path) -> Path:
    return trashed.parent / f"{trashed.name}{ORIGIN_ENDING}"


def _forget_origin(trashed: Path) -> None:
    with contextlib.suppress(OSError):
        _origin_file(trashed).unlink(missing_ok=True)


def origin_of(trashed: Path) -> Path:
    """Where something in the trash was; what an older version threw away was among the runs under its name."""
    try:
        found = Path(_origin_file(trashed).read_text("utf-8"))
    except (OSError, ValueError):
        return runs_folder() / trashed.name
    return found if found.is_absolute() else runs_folder() / trashed.name


def restore(trashed: Path) -> Path:
    """Move something out of the trash to where it was, or beside that where the place is taken.

    Returns:
        Where it lies now.

    Raises:
        InputError: it cannot be moved.
    """
    wanted = origin_of(trashed)
    target, number = wanted, 2
    while target.exists():
        target, number = wanted.parent / f"{wanted.name}-{number}", number + 1
    take_back(trashed, target)
    return target


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
        _forget_origin(path)
    return len(runs)

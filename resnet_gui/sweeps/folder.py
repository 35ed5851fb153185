"""The folder of a sweep: ``sweep.json``, and its runs, which are run folders like any other, in ``runs/``.

Files ``pause`` and ``stop`` ask the sweep to wait or to end, as in a run's folder; ``lock`` is held by the process that
runs it; ``failed.json`` keeps why runs failed that could not say so themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import SWEEP_RUNS, occupied, sweeps_folder, write_atomic
from resnet_gui.runs.folder import is_being_written
from resnet_gui.sweeps.sweep import Configuration, Sweep, encode_sweep, load_sweep

SWEEP_FILE: Final = "sweep.json"
FAILED_FILE: Final = "failed.json"
LONGEST_SLUG: Final = 40


def slug(text: str) -> str:
    """A text as a part of a folder's name: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:LONGEST_SLUG].strip("-")


def new_sweep_folder(sweep: Sweep, folder: Path | None = None) -> Path:
    """Make the folder of a new sweep and write it down.

    Args:
        sweep: to keep.
        folder: where; None for one of the program's own sweeps, named by time and name.

    Raises:
        InputError: the folder holds something already, or cannot be made.
    """
    if folder is None:
        stem = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{slug(sweep.name) or 'sweep'}"
        folder, number = sweeps_folder() / stem, 2
        while folder.exists():
            folder, number = sweeps_folder() / f"{stem}-{number}", number + 1
    try:
        if folder.is_dir() and not any(folder.iterdir()):
            write_sweep(folder, sweep)
            return folder
        folder.mkdir(parents=True)
    except FileExistsError as error:
        command = "resnet-gui sweep --resume" if (folder / SWEEP_FILE).is_file() else ""
        raise occupied(folder, command) from error
    except OSError as error:
        raise InputError(f"The sweep folder {folder} cannot be made: {error.strerror or error}.") from error
    write_sweep(folder, sweep)
    return folder


def write_sweep(folder: Path, sweep: Sweep) -> None:
    """Write ``sweep.json``.

    Raises:
        InputError: the folder cannot be written.
    """
    try:
        write_atomic(folder / SWEEP_FILE, encode_sweep(sweep))
    except OSError as error:
        raise InputError(f"The sweep folder {folder} cannot be written: {error.strerror or error}.") from error


def read_sweep(folder: Path) -> Sweep:
    """Read ``sweep.json``.

    Raises:
        InputError: the folder is not a sweep, or is from another version.
    """
    if not folder.exists():
        raise InputError(f"There is no sweep {folder}.")
    if not (folder / SWEEP_FILE).is_file():
        raise InputError(f"{folder} is not a sweep folder: it has no {SWEEP_FILE}.")
    return load_sweep(folder / SWEEP_FILE)


def add_seeds(folder: Path, seeds: Iterable[int]) -> Sweep:
    """Give a sweep more seeds; what it has stays, and those that it has already change nothing.

    A sweep that is running takes them up when it is started the next time.

    Raises:
        InputError: the folder is not a sweep or cannot be written, or one of these is no seed.
    """
    sweep = read_sweep(folder)
    more = tuple(dict.fromkeys(seed for seed in seeds if seed not in sweep.seeds))
    if not more:
        return sweep
    longer = msgspec.structs.replace(sweep, seeds=(*sweep.seeds, *more))
    write_sweep(folder, longer)
    return longer


def next_seeds(sweep: Sweep, count: int) -> tuple[int, ...]:
    """So many seeds that a sweep does not have yet: those behind its largest."""
    first = max(sweep.seeds) + 1
    return tuple(range(first, first + count))


def run_folder(folder: Path, configuration: Configuration, seed: int) -> Path:
    """Where a run of a sweep lies: named by the configuration's number, which never changes, its name and the seed."""
    words = "-".join(word for word in (f"{configuration.number:03}", slug(configuration.name)) if word)
    return folder / SWEEP_RUNS / f"{words}-seed{seed}"


def list_sweeps() -> tuple[list[Path], list[str]]:
    """The folders of the program's own sweeps, the newest first, and a sentence for each that cannot be read."""
    found: list[Path] = []
    problems: list[str] = []
    folder = sweeps_folder()
    for path in sorted(folder.iterdir(), reverse=True) if folder.is_dir() else []:
        if not (path / SWEEP_FILE).is_file():
            continue
        try:
            read_sweep(path)
            found.append(path)
        except InputError as error:
            problems.append(str(error))
    return found, problems


def is_running(folder: Path) -> bool:
    """Whether a living process runs the sweep."""
    return is_being_written(folder)


def read_failures(folder: Path) -> dict[str, str]:
    """Why runs failed that could not say so themselves: name of the run's folder -> sentence.

    A file that cannot be read keeps none: those runs are tried again.
    """
    try:
        return msgspec.json.decode((folder / FAILED_FILE).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def write_failures(folder: Path, failures: dict[str, str]) -> None:
    """Keep why runs failed.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    if failures or (folder / FAILED_FILE).exists():
        write_atomic(folder / FAILED_FILE, msgspec.json.encode(failures) + b"\n")

"""The lock of a run folder: one process writes it, and the system frees it when that process ends, however it ends.

It is a lock of the file ``lock`` itself, so this build and earlier ones respect each other; what the file says (who
trains, or last trained) is for people. filelock takes it: it knows the calls of both systems, and that Windows locks
bytes from where a file stands, which differs between one that is appended to and one that is read. What it has beside
is not used:

* its ``FileLock`` makes the file that it locks, also for who only asks, and in folders that may only be read;
* it locks for one alone, so that two who ask at the same moment would take each other for a writer, and its
  ``ReadWriteLock`` is a transaction in a database instead of a lock of this file. The shared lock is ours.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from resnet_gui.base.errors import InputError

LOCK_FILE: Final = "lock"
ATTEMPTS: Final = 10
PAUSE_SECONDS: Final = 0.05


def _lock_alone(file: IO[bytes]) -> bool:
    """Take the lock of an open file without waiting, or say that another process holds it.

    Raises:
        OSError: the file cannot be locked at all.
    """
    # Here, because a window that only asks never needs it.
    from filelock import lock_descriptor

    return lock_descriptor(file.fileno(), blocking=False)


def _is_free(file: IO[bytes]) -> bool:
    """Whether no process writes: holds the lock for a moment, beside others who ask.

    Raises:
        OSError: the file cannot be locked at all.
    """
    if os.name == "nt":
        return _lock_alone(file)
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, and leave in it who does.

    Raises:
        InputError: another process is training this run, or the folder cannot be written.
    """
    try:
        opened = (folder / LOCK_FILE).open("ab")
    except OSError as error:
        raise InputError(f"The run folder {folder} cannot be written: {error.strerror or error}.") from error
    with opened as file:
        _acquire(file, folder)
        with contextlib.suppress(OSError):  # on a full disk: the name of the host is a help and no more
            file.truncate(0)
            file.write(f"{platform.node()}\n{os.getpid()}\n".encode())
            file.flush()
        yield


def _acquire(file: IO[bytes], folder: Path) -> None:
    """Take the lock. Who asks holds it for a moment to find out, so one refusal is no proof.

    Raises:
        InputError: another process holds it, or this disk has no locks.
    """
    try:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_SECONDS)
            if _lock_alone(file):
                return
    except OSError as error:
        raise InputError(f"The run folder {folder} cannot be locked: {error.strerror or error}.") from error
    raise InputError(f"{folder} is being trained by another process; stop that first.")


def writer_of(folder: Path) -> tuple[str, int]:
    """Host and process number of who trains, or last trained, a run; empty and 0 where that is not known.

    Windows lets nobody read what is locked, so there it is known once the training is over.
    """
    try:
        host, pid, *_ = (folder / LOCK_FILE).read_text(encoding="utf-8").splitlines()
        return host, int(pid)
    except (OSError, ValueError):
        return "", 0


def is_locked(folder: Path) -> bool:
    """Whether a process that this computer can see writes the folder; also where that cannot be found out."""
    try:
        with (folder / LOCK_FILE).open("rb") as file:
            return not _is_free(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True

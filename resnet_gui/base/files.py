"""The program's own folders, and files that appear whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import shortened

APP = "resnet-explorer"
PACKAGE = Path(__file__).resolve().parent.parent


def assets() -> Path:
    """Folder of icons, fonts, the digits set and samples: inside an installed package, beside it in a checkout."""
    installed = PACKAGE / "assets"
    return installed if installed.is_dir() else PACKAGE.parent / "assets"


def data_folder() -> Path:
    """The program's own folder: ``RESNET_GUI_HOME`` if set, else the platform's place for application data.

    ``$XDG_DATA_HOME`` or ``~/.local/share`` on Linux, ``~/Library/Application Support`` on macOS, Windows' folder for
    local application data; in each a folder of this program's name.
    """
    chosen = os.environ.get("RESNET_GUI_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if sys.platform == "darwin":
        # platformdirs would follow XDG_DATA_HOME on macOS too, which hides the runs of whoever has set it for others.
        return Path.home() / "Library" / "Application Support" / APP
    if sys.platform == "linux" and (folder := _xdg_data_folder()) is not None:
        return folder / APP
    import platformdirs

    # No folder of an author around it: runs have always lain right below the platform's place.
    return platformdirs.PlatformDirs(APP, appauthor=False).user_data_path


def _xdg_data_folder() -> Path | None:
    """What platformdirs says where it has nothing to find out; asked so, the window need not load it to be painted."""
    chosen, home = Path(os.environ.get("XDG_DATA_HOME", "")), Path(os.environ.get("HOME", ""))
    if chosen.is_absolute():
        return chosen
    return home / ".local" / "share" if home.is_absolute() and not hasattr(sys, "getandroidapilevel") else None


def runs_folder() -> Path:
    """Where runs go when no folder is named."""
    return data_folder() / "runs"


SWEEP_RUNS = "runs"
"""Folder of the runs in the folder of a sweep."""


def sweeps_folder() -> Path:
    """Where sweeps go when no folder is named."""
    return data_folder() / "sweeps"


def lab_folder() -> Path:
    """Where the experiments of the Lab are kept; those that train keep a sweep, each in its ``sweep`` folder."""
    return data_folder() / "lab"


def evaluations_folder() -> Path:
    """Where evaluations are kept, a folder each."""
    return data_folder() / "evaluations"


def is_there(path: Path) -> bool:
    """Whether a file or folder is there; a name that no file can have, such as one too long, is that of none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_text(path: Path, what: str) -> str:
    """The text of a small file, without a mark of its encoding; ``what`` names it in errors.

    Raises:
        InputError: it is missing, unreadable, not text, no ordinary file, or larger than 64 MiB.
    """
    try:
        state = path.stat()
        if stat.S_ISDIR(state.st_mode):
            fault = f"{path} is a folder, not a {what}."
        elif not stat.S_ISREG(state.st_mode):
            # A pipe would be waited for until somebody writes into it.
            fault = f"{path} is no ordinary file, and so not a {what}."
        elif state.st_size > 64 * 2**20:
            fault = f"{path} is larger than 64 MiB and so not a {what}."
        else:
            return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(f"There is no {what} {path}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not a {what}: it is not text.") from error
    except OSError as error:
        raise InputError(f"{shortened(str(path))} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r} cannot be the name of a file: {error}.") from error
    raise InputError(fault)


def is_index(path: Path) -> bool:
    """Whether a file is the index of weights in several files, by its name."""
    return path.name.endswith(".index.json") and path.is_file()


def is_json(path: Path) -> bool:
    """Whether a file begins like a JSON object, as design files do."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(64).removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"
    except OSError:
        return False


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that it is whole or as before, also after a power cut.

    Raises:
        OSError: the disk is full or the folder cannot be written; no temporary file stays behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with AtomicPath(path) as temporary:
        temporary.write_bytes(data)


def write_out(path: Path, data: bytes) -> None:
    """Write a file that the user has named into a folder that is there, whole or not at all.

    Raises:
        InputError: the name is that of a folder, or the file cannot be written.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name the file to write.")
        with AtomicPath(path) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}; choose another place.") from error


def make_room(files: Iterable[Path], wanted: int, most: int) -> None:
    """Remove files, those that were changed longest ago first, until so many bytes more make no more than ``most``."""
    kept = []
    for path in files:
        with contextlib.suppress(OSError):  # another process removes as well
            found = path.stat()
            kept.append((found.st_mtime_ns, found.st_size, path))
    total = sum(size for _, size, _ in kept)
    for _, size, path in sorted(kept):
        if total + wanted <= most:
            return
        path.unlink(missing_ok=True)
        total -= size


def occupied(folder: Path, command: str) -> InputError:
    """The refusal of a folder that was to be new and holds something.

    Args:
        folder: that was named.
        command: goes on with what it holds, as "resnet-gui train --resume"; empty where nothing does.
    """
    import shlex

    go_on = f"go on with {command} {shlex.quote(str(folder))}, or " if command else ""
    return InputError(f"{folder} exists already and is not empty; {go_on}name another folder.")


def sync_folder(folder: Path) -> None:
    """Have a new name on disk too; systems that cannot open folders do it by themselves."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class AtomicPath:
    """A temporary path beside ``path`` that takes its place, flushed to disk, when the block ends without error.

    The file has the permissions of any new file here, whoever writes it: those that the umask, or the folder's own
    rules, leave. Libraries that write through a private file of their own (safetensors) would leave 0600.
    """

    def __init__(self, path: Path) -> None:
        # A link stays a link: what it points to is replaced.
        self._path = path = path.resolve() if path.is_symlink() else path
        # torch.save refuses names that start with a dot.
        self._temporary = path.with_name(f"{path.name}.tmp-{os.urandom(4).hex()}")
        self._mode = 0

    def __enter__(self) -> Path:
        if self._path.exists() and not self._path.is_file():
            # Renaming over a device, a pipe or a folder would destroy it.
            raise OSError(errno.EINVAL, "it is no regular file", str(self._path))
        # Made here to learn its permissions: asking for the umask would change it for all threads meanwhile.
        try:
            handle = os.open(self._temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from error
        try:
            self._mode = stat.S_IMODE(os.fstat(handle).st_mode)
        finally:
            os.close(handle)
        return self._temporary

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                if stat.S_IMODE(self._temporary.stat().st_mode) != self._mode:
                    self._temporary.chmod(self._mode)
                with self._temporary.open("rb+") as file:
                    os.fsync(file.fileno())
                self._temporary.replace(self._path)
                sync_folder(self._path.parent)
        finally:
            self._temporary.unlink(missing_ok=True)

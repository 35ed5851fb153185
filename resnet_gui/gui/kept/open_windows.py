"""Which windows are open, and how those ended that did not close: a file each, held by its process while that lives.

The system frees the hold of a process however it ends, so a file that nobody holds is one of a window that was killed,
has crashed, or was open when the computer went down. Process numbers would not tell: another program may have them.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import sys
import time
from pathlib import Path
from typing import IO, Final, NamedTuple

from resnet_gui import __version__
from resnet_gui.base.files import data_folder
from resnet_gui.base.log import log_path

LOG_LINES: Final = 40
"""Of the log's end, in the details."""

LINE: Final = 1024
"""Bytes of the file's first line."""

LOOK_SECONDS: Final = 0.05
"""How long another window may hold the file for its look at it, which takes less than a millisecond."""

PAUSE_SECONDS: Final = 0.001
"""Between two attempts to hold it."""

SAME_BOOT_SECONDS: Final = 120.0
"""By how much the time of one start of the computer may differ when its clock is set."""


def windows_folder() -> Path:
    """Where the files of open windows are."""
    return data_folder() / "windows"


class EndedWindow(NamedTuple):
    """A window that did not close: what is known about its end.

    Attributes:
        opened: when it was opened.
        version: of the program.
        crash: what was written when Python or Qt crashed; empty if they did not.
        rebooted: whether the computer has been started since.
        going: what was in progress, in a sentence that says how it goes on; empty for nothing.
    """

    opened: str
    version: str
    crash: str
    rebooted: bool
    going: str = ""

    @property
    def sentence(self) -> str:
        """What happened, in a sentence."""
        if self.crash:
            return f"Last time the window crashed: {self.fault}."
        if self.rebooted:
            return "Last time the computer was restarted or switched off while the window was open."
        return "Last time the window was ended from outside, by another program or because memory ran out."

    @property
    def fault(self) -> str:
        """What Python calls the crash: "Segmentation fault"."""
        first = self.crash.splitlines()[0]
        return first.rpartition(": ")[2] or first

    @property
    def details(self) -> str:
        """All that is known, with the end of the log, as text for a report."""
        opened = f"ResNet Explorer {self.version}, opened {self.opened}"
        parts = [opened, self.sentence, self.going, self.crash, _end_of_log()]
        return "\n\n".join(part.strip() for part in parts if part.strip())


class OpenWindowFile:
    """The file of an open window: held while the window lives, and gone when it has closed.

    What Python writes when it crashes, or when Qt does, goes into it.
    """

    def __init__(self) -> None:
        self._path = windows_folder() / f"{os.getpid()}-{time.time_ns()}.txt"
        self._file: IO[bytes] | None = None
        self._held = self._refused = False
        self._header = {"opened": "", "version": __version__, "boot": "", "going": ""}

    @property
    def mark(self) -> str:
        """What other windows know this one by; empty where it has no file."""
        return self._path.name if self._file is not None else ""

    def open(self) -> None:
        """Have crashes written into the file, or to the terminal where there can be none."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # No buffer: what a crash leaves in one is lost.
            self._file = self._path.open("xb", buffering=0)
        except OSError:
            _write_crashes_to_terminal()
        else:
            faulthandler.enable(self._file)

    def hold(self) -> None:
        """Show to other windows that this one lives; after the first paint, for what it needs to load."""
        if self._file is None:
            return
        self._refused = not self._lock(self._file.fileno())
        if self._refused:
            # Without its first line others see by the number of the process that it lives; it is tried again later.
            return
        self._header |= {"opened": time.strftime("%Y-%m-%d %H:%M:%S"), "boot": boot_mark()}
        with contextlib.suppress(OSError):
            self._file.write(_line(self._header))
            self._held = True

    def _lock(self, descriptor: int) -> bool:
        """Hold the file, which another window may hold for its look at it; whether that could be done."""
        # Here and not above: the first paint does without it.
        from filelock import lock_descriptor

        until = time.monotonic() + LOOK_SECONDS
        try:
            while not lock_descriptor(descriptor, blocking=False):
                if time.monotonic() > until:
                    return False
                time.sleep(PAUSE_SECONDS)
        except OSError:  # a disk without locks: others cannot hold it either, and leave it alone
            return True
        return True

    def note_going(self, words: str) -> None:
        """Keep what is in progress, for the case that the window does not close.

        Args:
            words: a sentence that says how it goes on; empty for nothing.
        """
        if self._refused:
            self.hold()
        if self._file is None or not self._held or words == self._header["going"]:
            return
        self._header["going"] = words
        with contextlib.suppress(OSError):
            # In the place of the first line, and back to the end, where Python writes when it crashes.
            self._file.seek(0)
            self._file.write(_line(self._header))
            self._file.seek(0, os.SEEK_END)

    def close(self) -> None:
        """The window has closed."""
        if self._file is not None:
            _write_crashes_to_terminal()
            self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)


def _line(header: dict[str, str]) -> bytes:
    """The first line of the file, always as long, so that it can be written again."""
    line = json.dumps(header).encode()
    if len(line) >= LINE:
        line = json.dumps(header | {"going": ""}).encode()
    return line.ljust(LINE - 1) + b"\n"


def _write_crashes_to_terminal() -> None:
    if sys.stderr is None:  # Windows starts programs with a window without one
        faulthandler.disable()
    else:
        faulthandler.enable()


def is_open(mark: str) -> bool:
    """Whether the window of a mark lives, as far as can be known."""
    from filelock import lock_descriptor

    path = windows_folder() / Path(mark).name
    try:
        with path.open("rb+") as file:
            if not lock_descriptor(file.fileno(), blocking=False):
                return True
            # It has just been opened and is not held yet, or nobody has it any more.
            return not file.read(1) and _is_running(path)
    except FileNotFoundError:
        return False
    except OSError:  # a disk without locks, or no permission
        return _is_running(path)


def take_ended_windows() -> list[EndedWindow]:
    """The windows that did not close, the latest last; each is found once, by one window."""
    found = []
    paths: list[Path] = []
    with contextlib.suppress(OSError):
        paths += windows_folder().glob("*.txt")
    for path in sorted(paths, key=_time_changed):
        text = _take(path)
        if text is not None:
            found.append(_ended(text))
    return found


def _time_changed(path: Path) -> float:
    """When a file was written last; long ago for one that is gone: another window may have taken it just now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _take(path: Path) -> str | None:
    """The text of a file that nobody holds any more, which is gone then; None for that of a window that lives."""
    from filelock import lock_descriptor

    try:
        with path.open("rb+") as file:
            if not lock_descriptor(file.fileno(), blocking=False) or not path.exists():
                return None
            text = file.read().decode("utf-8", "replace")
            if not text.startswith("{") and _is_running(path):
                # It has just been opened, and is not held yet.
                return None
            # While it is held: two windows that start together would both find it otherwise.
            with contextlib.suppress(PermissionError):  # Windows removes no file that is open
                path.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    except OSError:
        return None
    return text


def _is_running(path: Path) -> bool:
    import psutil

    number = path.name.partition("-")[0]
    return number.isdecimal() and bool(psutil.pid_exists(int(number)))


def _ended(text: str) -> EndedWindow:
    header, crash = "", text
    if text.startswith("{"):
        header, _, crash = text.partition("\n")
    try:
        known = json.loads(header)
    except ValueError:  # it ended before it was painted, or the disk has lost it
        known = {}
    boot = str(known.get("boot", ""))
    return EndedWindow(
        opened=str(known.get("opened", "at an unknown time")),
        version=str(known.get("version", "of an unknown version")),
        crash=crash.strip("\0 \n"),
        rebooted=bool(boot) and not is_same_boot(boot, boot_mark()),
        going=str(known.get("going", "")),
    )


def boot_mark() -> str:
    """What tells one start of the computer from another."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # no Linux
        import psutil

        return f"{psutil.boot_time():.0f}"


def is_same_boot(one: str, other: str) -> bool:
    """Whether two marks are of one start of the computer."""
    if one.isdecimal() and other.isdecimal():
        return abs(int(one) - int(other)) < SAME_BOOT_SECONDS
    return one == other


def _end_of_log() -> str:
    try:
        lines = log_path().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-LOG_LINES:])

"""Processes of this computer: whether one is there, one that must not outlive its parent, one that stops in order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

import psutil

_PR_SET_PDEATHSIG: Final = 1


def end_with_parent(how: signal.Signals) -> None:
    """Have the system send this process a signal when its parent dies; Linux alone can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how)


def log_to(path: Path) -> None:
    """Send what libraries print to a run's log, which also outlives the window."""
    with path.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def is_running(pid: int) -> bool:
    """Whether a process of this number is there and not only waiting to be buried.

    Not by ``os.kill(pid, 0)``: 0 is Ctrl+C on Windows, and would be sent.
    """
    try:
        return bool(psutil.Process(pid).status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD})
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


def stop_on_signals(stop: Callable[[], None], sentence: str, *, quiet: bool = False) -> None:
    """Have the first Ctrl+C, or SIGTERM, stop what goes on in order; a second Ctrl+C ends it at once.

    Args:
        stop: asks for the end.
        sentence: what is said at Ctrl+C, such as "stopping after this step".
        quiet: does nothing at either, for a process that another one stops.
    """

    def handle(number: int, _frame: FrameType | None) -> None:
        if quiet:
            return
        if number == signal.SIGINT:
            # Not by sys.stderr: a line of the progress may be on its way there, and it takes none in between.
            with contextlib.suppress(OSError):
                os.write(2, f"\nresnet-gui: {sentence}; press Ctrl+C again to end at once\n".encode())
            signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGTERM, handle)

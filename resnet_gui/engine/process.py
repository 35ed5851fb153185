"""Processes of this computer: whether one is there, and one that must not outlive the one that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path
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
    """Whether a process of this number is there."""
    return bool(psutil.pid_exists(pid))

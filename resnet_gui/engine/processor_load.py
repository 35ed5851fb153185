"""Whether other programs keep this process from the cores, measured while it computes."""

from __future__ import annotations

import math
import sys
import time
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import psutil

BUSY_SHARE: Final = 0.6
"""Threads that get less of their cores than this are kept from them, or wait for each other."""


class Load(NamedTuple):
    """A process's share of the computer over a span of time.

    Attributes:
        seconds: of the span.
        processor: seconds of processor time that the process had, of all of its threads.
        idle: cores that had nothing to do meanwhile, a mean.
    """

    seconds: float
    processor: float
    idle: float

    def share(self, threads: int) -> float:
        """The share of the cores that so many threads had, at most 1."""
        return min(1.0, self.processor / max(1e-9, self.seconds * threads))

    def is_kept_off(self, threads: int) -> bool:
        """Whether so many threads were kept from their cores by others.

        Threads that wait for something else, such as pictures, leave cores idle.
        """
        missing = threads - self.processor / max(1e-9, self.seconds)
        return self.share(threads) < BUSY_SHARE and self.idle < missing / 2


class LoadMeter:
    """A clock of the process's time and of idle cores, from its making or its last restart on."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin anew."""
        self._begun = (time.perf_counter(), time.process_time(), _idle_seconds())

    def read(self) -> Load:
        """What was so far."""
        seconds, processor, idle = self._begun
        taken = max(1e-9, time.perf_counter() - seconds)
        had = time.process_time() - processor
        # A container's limit leaves cores of the computer idle that this process cannot have.
        free = max(0.0, _quota() - had / taken)
        return Load(taken, had, min(free, (_idle_seconds() - idle) / taken))


def _idle_seconds() -> float:
    """Seconds that the cores which this process may use have been idle, all together, since the system started."""
    cores = psutil.cpu_times(percpu=True)
    allowed = _allowed_cores()
    return float(sum(core.idle for number, core in enumerate(cores) if allowed is None or number in allowed))


def _allowed_cores() -> frozenset[int] | None:
    """The cores that this process may use; None where the system does not say."""
    if sys.platform == "darwin":
        return None
    return frozenset(psutil.Process().cpu_affinity() or ())


@cache
def _quota() -> float:
    """Cores' worth of time that a container has; infinity without a limit."""
    try:
        limit, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return int(limit) / int(period)
    except (OSError, ValueError):
        return math.inf

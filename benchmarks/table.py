"""Prints a benchmark's table: ours beside what it is compared with, as ratios of medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def interleaved(works: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Times of several works, taken in turns so that a busy moment of the machine meets all of them."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for taken, work in zip(times, works, strict=True):
            taken.append(seconds(work))
    return times


def row(name: str, times: Sequence[float], reference: float | None = None) -> str:
    """One line: name, median, worst, and how it relates to the reference's median."""
    median = statistics.median(times)
    ratio = "" if reference is None else f"{median / reference:8.2f}×"
    return f"  {name:52} {median * 1000:10.2f} ms {max(times) * 1000:10.2f} ms {ratio}"


def head(title: str, ratio: str) -> str:
    """The table's head."""
    return f"\n{title}\n  {'':52} {'median':>13} {'worst':>13} {ratio:>9}"

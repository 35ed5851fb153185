"""Work on batches in lanes: threads that each decode a batch and answer it, in order, while the others do the same.

On the CPU a lane computes with its share of the processors alone. While one decodes, which Python does in one thread at
a time, the others compute; and no thread of a computation waits for another one that is busy with something else.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

import torch

T = TypeVar("T")
R = TypeVar("R")

MOST_LANES: Final = 4
"""Each lane holds the maps of a batch."""

AHEAD: Final = 1
"""Tasks that wait, beside one for each lane."""


def lane_count(device: torch.device) -> int:
    """How many lanes there are where a device computes."""
    return min(MOST_LANES, torch.get_num_threads() if device.type == "cpu" else max(2, os.cpu_count() or 1))


def in_lanes(work: Callable[[T], R], tasks: Iterable[T], device: torch.device) -> Generator[R, None, None]:
    """The result of each task, in their order; a few are worked on ahead.

    Args:
        work: done in a thread of its own, several times at once.
        tasks: what it is called with.
        device: where the work computes; on the CPU its threads are shared among the lanes.
    """
    threads, lanes = torch.get_num_threads(), lane_count(device)
    share = max(1, threads // lanes) if device.type == "cpu" else threads
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(lanes, "lane", initializer=torch.set_num_threads, initargs=(share,)) as pool:
        try:
            for task in tasks:
                waiting.append(pool.submit(work, task))
                if len(waiting) > lanes + AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
            # What threads that begin later compute with: a lane has changed that for all.
            torch.set_num_threads(threads)

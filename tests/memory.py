"""A plugin of pytest for the memory of the tests: what is left is collected and given back, too much fails a test."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import math
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_gui.engine import malloc

GROWTH_MB = 30
"""A process that has grown by so much collects what its tests have left, and gives it back to the system.

Not after every test: a collection takes a tenth of a second, and there are thousands of tests.
"""

THRESHOLDS = (5_000, 20, 10)
"""Python's own first number is 700 (2,000 from Python 3.12 on), made for programs that hold little."""

LARGEST = pytest.StashKey[float]()
"""MB that a process may ever hold before the test with which it does is failed."""

settled = [0.0]
"""MB that the process held after the last collection."""


def memory_mb(field: str, pid: int | str = "self") -> float:
    """ "VmRSS", what a process holds, or "VmHWM", the most that it ever held; 0 where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1.024e-3 for line in text.splitlines() if line.startswith(field)), 0.0)


def largest_child_mb() -> float:
    """The most that any process held which this one has started and waited for, or which those have."""
    import resource  # Unix alone has it

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1.024e-3


def bound(config: pytest.Config, largest_mb: float) -> None:
    """From now on fail tests whose process, or one that it has started, has ever held more."""
    config.stash[LARGEST] = largest_mb


def give_back() -> None:
    """Collect, and have glibc return what is left free."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def leave_sources_unread() -> None:
    """Have PySide6, which pytest-qt has loaded, not read the source of every module that is imported behind it.

    It looks there for its name, in case somebody should ask for ``__feature__``; of torch alone it would read, and
    keep, a hundred megabytes.
    """
    builtins.__import__ = vars(builtins).get("__orig_import__", builtins.__import__)


def pytest_configure() -> None:
    """Have glibc return what is free at once, where an engine keeps it for the next picture (``keep_blocks``).

    What is imported until the tests run is no garbage: nothing is collected before, and a training in a test
    (``settled_memory``) does not have it looked through by every collection behind it, a third of a second each.
    """
    gc.disable()
    frozen = types.SimpleNamespace(freeze=lambda: None, unfreeze=lambda: None, get_freeze_count=lambda: 0)
    vars(malloc).update(LARGEST=4 * 2**20, KEPT=4 * 2**20, gc=frozen)
    malloc.keep_blocks()


def pytest_collection_finish() -> None:
    """What the modules hold stays to the end; without it a collection takes a tenth of the time."""
    give_back()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()


def pytest_sessionfinish() -> None:
    """Libraries that look for leaks at the end find what was frozen otherwise."""
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def collected_at_the_end() -> Iterator[None]:
    """Torn down behind all other fixtures of a session: what they have left is complained of in the last test."""
    yield
    give_back()


@pytest.fixture(autouse=True)
def bounded_memory(pytestconfig: pytest.Config) -> Iterator[None]:
    """Fail the test with which its process, or one that it has started, outgrows the bound, and not those behind it."""
    yield
    if memory_mb("VmRSS") > settled[0] + GROWTH_MB:
        give_back()
        settled[0] = memory_mb("VmRSS")
    largest = pytestconfig.stash.get(LARGEST, math.inf)
    if largest == math.inf:
        return
    own, child = memory_mb("VmHWM"), largest_child_mb()
    if max(own, child) > largest:
        bound(pytestconfig, max(own, child) + 100)
        whose = "the process of the tests" if own >= child else "a process that the tests have started"
        pytest.fail(f"{whose} has grown to {max(own, child):.0f} MB; at most {largest:.0f} MB are allowed")

"""Cycles of objects are collected by the thread of the window, never by one that happens to allocate."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.collector import CycleCollector, collect_where_due
from tests.waiting import PATIENCE


class Knot:
    """A cycle that tells which thread frees it."""

    def __init__(self, freed: list[int]) -> None:
        self.itself = self
        self.freed = freed

    def __del__(self) -> None:
        self.freed.append(threading.get_ident())


@pytest.fixture(autouse=True)
def usual_thresholds() -> Iterator[None]:
    """Those of the program, Python's own; other tests look for garbage less often (tests/memory.py)."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


@pytest.fixture
def automatic() -> Iterator[None]:
    """Python's own ways for this test, as they are before a window opens."""
    gc.enable()
    yield
    gc.disable()


def allocate_much(kept: list[list[int]]) -> None:
    """Enough containers for several collections of every generation; what is let go is counted back."""
    kept.extend([] for _ in range(200_000))


def in_a_thread(work: Callable[[], None]) -> int:
    """Run it in a thread of its own; returns that thread's number."""
    thread = threading.Thread(target=work)
    thread.start()
    number = thread.ident
    thread.join()
    assert number is not None
    return number


@pytest.mark.usefixtures("automatic")
def test_without_it_a_thread_that_allocates_frees_what_another_has_left() -> None:
    freed: list[int] = []
    Knot(freed)
    assert freed == []
    assert in_a_thread(lambda: allocate_much([])) in freed


@pytest.mark.usefixtures("automatic")
def test_with_it_the_windows_thread_alone_frees_cycles_and_does_so_by_itself(qtbot: QtBot) -> None:
    collector = CycleCollector()
    freed: list[int] = []
    kept: list[list[int]] = []
    Knot(freed)
    in_a_thread(lambda: allocate_much(kept))
    assert freed == []
    qtbot.waitUntil(lambda: freed != [], timeout=round(PATIENCE * 1000))
    assert freed == [threading.get_ident()]
    collector.stop()
    assert gc.isenabled()


def test_every_generation_has_its_turn() -> None:
    freed: list[int] = []
    knot = Knot(freed)
    for _ in range(2):
        gc.collect(1)  # it has grown old: no young collection frees it
    del knot
    gc.collect(1)
    assert freed == []
    for _ in range(20_000):
        if freed:
            break
        kept: list[list[int]] = [[] for _ in range(1000)]
        collect_where_due()
        del kept
    assert freed

"""Work in lanes: results in the order of the tasks, threads of computations as they were."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
import torch

from resnet_gui.engine.predict.lanes import in_lanes

CPU = torch.device("cpu")


@pytest.fixture
def two_threads() -> object:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield before
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_results_come_in_order_though_a_later_task_is_done_first_and_each_lane_computes_with_its_share() -> None:
    later = threading.Event()
    shares: set[int] = set()

    def work(number: int) -> int:
        shares.add(torch.get_num_threads())
        if number == 0:
            assert later.wait(30)
        elif number == 1:
            later.set()
        return number * number

    assert list(in_lanes(work, range(20), CPU)) == [number * number for number in range(20)]
    assert shares == {1}
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_what_a_task_raises_is_raised_and_who_stops_asking_ends_the_lanes() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return number

    with pytest.raises(ValueError, match="three"):
        list(in_lanes(work, range(10), CPU))
    begun: list[int] = []
    with closing(in_lanes(begun.append, range(1000), CPU)) as results:
        next(results)
    assert len(begun) < 20
    assert torch.get_num_threads() == 2

"""Forked engines are to a test what started ones are: else tests that use them would show nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from resnet_gui.protocol.events import Ready
from tests.conftest import EngineChild
from tests.engine_forks import possible

pytestmark = pytest.mark.skipif(not possible(), reason="only Linux hands a fork of another process over")


def test_a_forked_engine_is_a_child_of_the_test_with_its_own_number_and_pipes(
    fork_engine: Callable[[], EngineChild],
) -> None:
    first, second = fork_engine(), fork_engine()
    pids = {child.wait_for(Ready).pid for child in (first, second)}
    assert pids == {first.process.pid, second.process.pid}
    assert all(psutil.Process(pid).ppid() == os.getpid() for pid in pids)
    first.close_input()
    assert first.wait() == 0
    second.process.send_signal(signal.SIGKILL)
    assert second.wait() == -signal.SIGKILL


def test_a_forked_engine_has_what_an_engine_of_its_own_says_of_itself(
    fork_engine: Callable[[], EngineChild], start_engine: Callable[..., EngineChild]
) -> None:
    forked, started = fork_engine().wait_for(Ready), start_engine().wait_for(Ready)
    assert (forked.versions, forked.devices, forked.no_cuda) == (started.versions, started.devices, started.no_cuda)

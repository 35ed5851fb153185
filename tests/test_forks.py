"""Forked programs are to a test what started ones are: else tests that use them would show nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from resnet_gui.protocol.events import Ready
from tests.conftest import EngineChild
from tests.forks import Forks, possible

pytestmark = pytest.mark.skipif(not possible(), reason="only Linux hands a fork of another process over")


def test_a_forked_engine_is_a_child_of_the_test_with_its_own_number_and_pipes(
    fork_engine: Callable[..., EngineChild],
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
    fork_engine: Callable[..., EngineChild], start_engine: Callable[..., EngineChild]
) -> None:
    forked, started = fork_engine().wait_for(Ready), start_engine().wait_for(Ready)
    assert (forked.versions, forked.devices, forked.no_cuda) == (started.versions, started.devices, started.no_cuda)


PROGRAM = """
import os, sys
print(__name__, sys.argv[1:], os.getcwd(), os.environ.get("MARK"), "__file__" in globals())
print("wrong", file=sys.stderr)
{end}
"""


@pytest.mark.parametrize("end", ["", "sys.exit(3)", "sys.exit('a word')", "raise ValueError('no')", "os._exit(4)"])
def test_a_forked_program_prints_and_ends_as_a_started_one(forks: Forks, tmp_path: Path, end: str) -> None:
    words = ("-c", PROGRAM.format(end=f"sys.stdout.flush()\n{end}"), "one", "two words")
    options: dict[str, Any] = {"cwd": tmp_path, "env": os.environ | {"MARK": "x"}}
    started = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, **options)
    assert "x False" in started.stdout
    forked = forks.run(*words, **options)
    found, wanted = ((done.returncode, done.stdout, done.stderr.splitlines()) for done in (forked, started))
    assert (found[:2], found[2][0], found[2][-1]) == (wanted[:2], wanted[2][0], wanted[2][-1])


def test_a_forked_module_is_the_main_program_with_its_words(forks: Forks) -> None:
    assert forks.run("-m", "resnet_gui", "--version").stdout.startswith("ResNet Explorer ")
    assert forks.run("-m", "resnet_gui", "no-such-command").returncode == 2

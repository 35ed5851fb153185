"""Tests in forks of pytest (``--forks N``): several at once, and what one has loaded and left is gone with its fork.

Pytest collects all tests, and so has imported torch and all that they name. It runs none of them: forks of it do, each
a file at a time, and when one has grown, the next file gets a new one. Session fixtures end with their fork. On Linux
only, and not without the option: a debugger needs the test in pytest's own process.

By hand, because each process of pytest-xdist imports and collects by itself: three times 15 seconds of a core, 20 each
in a fresh checkout, whose assertions pytest has still to rewrite.
"""

from __future__ import annotations

import ctypes
import gc
import io
import math
import os
import signal
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest._io import TerminalWriter

from tests import forks
from tests.memory import memory_mb

RENEWED_MB = 875.0
"""A fork that holds more than this is not given another file; it begins with about 500, and shares those."""

SET_PARENT_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""

WINDOWS: Final = Path(__file__).resolve().parent / "gui"
"""Where the tests of the window lie."""

HOOKED: Final = WINDOWS.parent / "checkpoints" / "test_pickle_reader.py"
"""A file that watches whatever its process does, and nothing can end that."""

GRACE: Final = 30.0
"""Seconds that a fork has to report a test that has timed out, before it is killed."""


SHARED = pytest.StashKey[Path]()
"""Temporary folder that all forks see; each has its own below it."""


def add_option(parser: pytest.Parser) -> None:
    """``--forks``; none without it."""
    parser.addoption("--forks", type=int, default=0, metavar="N", help="run the tests in N forks of pytest at once")


def possible(config: pytest.Config) -> bool:
    """Whether the tests run in forks of this process."""
    return sys.platform == "linux" and bool(config.getoption("forks"))


def shared_folder(factory: pytest.TempPathFactory, config: pytest.Config) -> Path:
    """A temporary folder that all tests share, in whatever fork they run."""
    return config.stash.get(SHARED, None) or factory.getbasetemp()


class Sender:
    """Stands in a fork for what shows reports and warnings: they go to the process that waits.

    Attributes:
        begun: whether tests run; a new plugin is told of all old warnings first.
    """

    def __init__(self, config: pytest.Config, line: Connection) -> None:
        self._config = config
        self._line = line
        self.begun = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._line.send(("report", data))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        if not self.begun:
            return
        told = warnings.WarningMessage(
            warning_message.message, warning_message.category, warning_message.filename, warning_message.lineno
        )
        self._line.send(("warning", {"warning_message": told, "when": when, "nodeid": nodeid, "location": location}))


class ItemProcess:
    """A fork that runs the tests whose numbers it is sent.

    Attributes:
        pid: its process number.
        line: to it go the numbers of a test and of the one behind it, None to end; from it come reports and warnings,
            then "done".
    """

    def __init__(self, session: pytest.Session, others: Sequence[Connection]) -> None:
        self.line, its = Pipe()
        # What pytest has heard of thousands of tests is no garbage, and no fork need look through it again and again.
        gc.freeze()
        with warnings.catch_warnings():
            # Python 3.12 warns of threads: those of OpenBLAS wait, and the fork does not use them.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            # Another fork would never hear that its line was closed if this one held it open.
            for line in (self.line, *others):
                line.close()
            self._serve(session, its)
        its.close()

    def _serve(self, session: pytest.Session, line: Connection) -> None:
        """Run tests until the last; never returns."""
        code = 1
        try:
            ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
            forks.fork_early()
            self._settle(session.config)
            sender = Sender(session.config, line)
            session.config.pluginmanager.register(sender)
            sender.begun = True
            following: int | None = 0
            while following is not None:
                number, following = line.recv()
                item = session.items[number]
                behind = None if following is None else session.items[following]
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=behind)
                line.send(("done", None))
            code = 0
        except (EOFError, ConnectionError, KeyboardInterrupt):
            code = 0  # pytest was told to stop
        except BaseException:  # a fork must never go on as pytest
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def _settle(self, config: pytest.Config) -> None:
        """Have what pytest holds once for a process once for this one."""
        manager = config.pluginmanager
        capture = manager.getplugin("capturemanager")
        capture.stop_global_capturing()  # forks write into one file otherwise
        capture.start_global_capturing()
        reporter = manager.getplugin("terminalreporter")
        if reporter is not None:  # pytest-timeout asks for it; what it shows is shown by the process that waits
            reporter._tw = TerminalWriter(io.StringIO())
        factory: Any = config._tmp_path_factory  # type: ignore[attr-defined]
        factory._basetemp = config.stash[SHARED] / f"fork-{os.getpid()}"
        factory._basetemp.mkdir()

    def end(self, number: int | None = None) -> int:
        """Send no more tests, or a signal, and wait for its end; returns what ``subprocess`` calls its return code."""
        if number is not None:
            os.kill(self.pid, number)
        self.line.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Worker:
    """Runs tests one after the other, each in its fork.

    Attributes:
        process: its fork; None before the first test, and where the next one gets a new one.
        item: the test that runs; None between two.
    """

    def __init__(self, runner: ForkRunner) -> None:
        self._runner = runner
        self._items: deque[pytest.Item] = deque()
        self._ends = False
        self._deadline = math.inf
        self.process: ItemProcess | None = None
        self.item: pytest.Item | None = None

    def start_next(self) -> bool:
        """Have the next test run, if none does; whether there is one."""
        if self.item is not None:
            return True
        if not self._items:
            self._items.extend(self._runner.next_file())
        if not self._items:
            return False
        item = self._items.popleft()
        if self.process is None:
            self.process = self._runner.new_process()
        following = self._items[0] if self._items else self._first_of_next_file(item, self.process)
        self._ends = following is None
        self._deadline = time.monotonic() + time_limit(item) + GRACE
        self.item = item
        try:
            self.process.line.send((self._runner.number(item), self._runner.number(following)))
        except ConnectionError:
            self._lose(self.process.end())
        return True

    def _first_of_next_file(self, item: pytest.Item, process: ItemProcess) -> pytest.Item | None:
        """The first test of the next file, which is taken; None where it needs another fork, or is none."""
        following = self._runner.following
        if following is None or leaves_something(item) or needs_a_fresh_fork(following):
            return None
        if memory_mb("VmRSS", process.pid) > RENEWED_MB:
            return None
        self._items.extend(self._runner.next_file())
        return following

    def hear(self) -> None:
        """Tell pytest what the fork has said."""
        assert self.process is not None
        assert self.item is not None
        try:
            kind, data = self.process.line.recv()
        except (EOFError, ConnectionError):
            self._lose(self.process.end())
            return
        if kind == "warning":
            self.item.ihook.pytest_warning_recorded.call_historic(kwargs=data)
        elif kind == "report":
            config = self.item.config
            report = self.item.ihook.pytest_report_from_serializable(config=config, data=data)
            self.item.ihook.pytest_runtest_logreport(report=report)
        else:
            self._finish()
            if self._ends:
                self.process.end()
                self.process = None

    def seconds_left(self) -> float:
        """Until the fork is ended, for it should have reported by itself that its test takes too long."""
        return self._deadline - time.monotonic()

    def end_late(self) -> None:
        """End a fork that is late."""
        if self.item is not None and self.process is not None and self.seconds_left() < 0:
            self._lose(self.process.end(signal.SIGABRT))

    def _finish(self) -> None:
        assert self.item is not None
        self.item.ihook.pytest_runtest_logfinish(nodeid=self.item.nodeid, location=self.item.location)
        self.item = None

    def _lose(self, code: int) -> None:
        """Report a test whose fork has ended before it."""
        self.process = None

        def explain() -> None:
            pytest.fail(f"the process of this test has ended with {code}", pytrace=False)

        assert self.item is not None
        call = pytest.CallInfo.from_call(explain, when="call")
        self.item.ihook.pytest_runtest_logreport(report=pytest.TestReport.from_item_and_call(self.item, call))
        self._finish()


class ForkRunner:
    """Runs the tests of a session in several forks at once; a plugin of pytest.

    Args:
        count: forks at once.
        scope: of a test; those of one scope run in one fork, in the order in which they stand.
    """

    def __init__(self, count: int, scope: Callable[[pytest.Item], str]) -> None:
        self._scope = scope
        self._workers = [Worker(self) for _ in range(count)]
        self._files: deque[list[pytest.Item]] = deque()
        self._numbers: dict[pytest.Item, int] = {}
        self._session: pytest.Session | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run all tests; None leaves it to pytest to say that there is nothing to run."""
        option = session.config.option
        if option.collectonly or (session.testsfailed and not option.continue_on_collection_errors):
            return None
        self._session = session
        session.config.stash[SHARED] = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        reporter = session.config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.showfspath = False  # tests of several files come by turns
        self._numbers = {item: number for number, item in enumerate(session.items)}
        files: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            files.setdefault(self._scope(item), []).append(item)
        self._files.extend(files.values())
        while busy := [worker for worker in self._workers if worker.start_next()]:
            self._hear(busy)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        return True

    def _hear(self, busy: Sequence[Worker]) -> None:
        """Wait until one of them has something to say, or is late."""
        lines = {
            worker.process.line: worker for worker in busy if worker.process is not None and worker.item is not None
        }
        # Woken now and then where there is no limit, for select knows no infinity.
        for line in wait(lines, timeout=max(0.0, min(GRACE, *(worker.seconds_left() for worker in busy)))):
            assert isinstance(line, Connection)
            lines[line].hear()
        for worker in busy:
            worker.end_late()

    def pytest_sessionfinish(self) -> None:
        """End the forks if pytest stops before the last test."""
        for worker in self._workers:
            if worker.process is not None:
                worker.process.end(signal.SIGTERM)

    # ---- for the workers

    @property
    def following(self) -> pytest.Item | None:
        """The first test that no worker has taken; None where there is none."""
        return self._files[0][0] if self._files else None

    def next_file(self) -> list[pytest.Item]:
        """Take the next file's tests; empty where there are none."""
        return self._files.popleft() if self._files else []

    def number(self, item: pytest.Item | None) -> int | None:
        """The number of a test in the session."""
        return None if item is None else self._numbers[item]

    def new_process(self) -> ItemProcess:
        """A fork."""
        assert self._session is not None
        return ItemProcess(self._session, [each.process.line for each in self._workers if each.process is not None])


def time_limit(item: pytest.Item) -> float:
    """Seconds that pytest-timeout gives a test; infinity for no limit."""
    marker = item.get_closest_marker("timeout")
    value = marker.args[0] if marker is not None and marker.args else item.config.getoption("timeout")
    limit = float(item.config.getini("timeout") or 0) if value is None else float(value)
    return limit or math.inf


def leaves_something(item: pytest.Item) -> bool:
    """Whether a test belongs to a file that is the last of its fork.

    One is that whose hook would slow down all behind it by a tenth; the others are those that have windows. What
    windows and their engines' threads leave is collected when other tests run; that of several files together has
    ended a fork in a segmentation fault, in one of a dozen whole runs.
    """
    return WINDOWS in item.path.parents or item.path == HOOKED


def needs_a_fresh_fork(item: pytest.Item) -> bool:
    """Whether a test belongs to a file that is the first of its fork, as its ``FORKS_TRAIN`` says.

    Its tests fork the process that they run in, and torch trains in no fork of a process that has trained.
    """
    return isinstance(item, pytest.Function) and getattr(item.module, "FORKS_TRAIN", False)

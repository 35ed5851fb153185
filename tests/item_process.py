"""Tests in forks of the processes of pytest-xdist: what a test has loaded and left is gone with its fork.

A process of pytest-xdist collects all tests, and so has imported torch and all that they name. It runs none of them: a
fork of it does, and when that has grown, the next file gets a new one. Session fixtures end with their fork. On Linux
only, and not without pytest-xdist (``-n``): a debugger needs the test in its own process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, Final

import pytest

from tests import forks
from tests.memory import memory_mb

RENEWED_MB = 875.0
"""A fork that holds more than this is not given another file; it begins with about 500, and shares those."""

SET_PARENT_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""

WINDOWS: Final = Path(__file__).resolve().parent / "gui"
"""Where the tests of the window lie."""

GRACE: Final = 30.0
"""Seconds that a fork has to report a test that has timed out, before it is killed."""


def possible(config: pytest.Config) -> bool:
    """Whether the tests of this process run in forks of it."""
    return sys.platform == "linux" and hasattr(config, "workerinput")


class Sender:
    """Stands in a fork for what tells pytest-xdist of reports and warnings: they go to the process that waits.

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

    def __init__(self, session: pytest.Session, runner: ItemRunner) -> None:
        self.line, its = Pipe()
        with warnings.catch_warnings():
            # Python 3.12 warns of threads: those of pytest-xdist and OpenBLAS wait, and the fork uses neither.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            self.line.close()
            self._serve(session, runner, its)
        its.close()

    def _serve(self, session: pytest.Session, runner: ItemRunner, line: Connection) -> None:
        """Run tests until the last; never returns."""
        code = 1
        try:
            ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
            forks.fork_early()
            manager = session.config.pluginmanager
            manager.unregister(runner)
            for plugin in manager.get_plugins():
                if type(plugin).__name__ == "WorkerInteractor":
                    manager.unregister(plugin)
            sender = Sender(session.config, line)
            manager.register(sender)
            sender.begun = True
            following: int | None = 0
            while following is not None:
                number, following = line.recv()
                item = session.items[number]
                behind = None if following is None else session.items[following]
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=behind)
                line.send(("done", None))
            code = 0
        except EOFError:
            code = 0  # pytest was told to stop at a failure
        except BaseException:  # a fork must never go on as the process of pytest-xdist
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def messages(self) -> Iterator[tuple[str, Any]]:
        """What it tells of the test that it runs; EOFError when it has ended without an end."""
        while True:
            kind, data = self.line.recv()
            if kind == "done":
                return
            yield kind, data

    def end(self, number: int | None = None) -> int:
        """Send no more tests, or a signal, and wait for its end; returns what ``subprocess`` calls its return code."""
        if number is not None:
            os.kill(self.pid, number)
        self.line.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class ItemRunner:
    """Gives each test of this process to a fork; a plugin of pytest."""

    def __init__(self) -> None:
        self._fork: ItemProcess | None = None
        self._numbers: dict[str, int] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run a test in the fork, and tell pytest-xdist what it reports."""
        if not self._numbers:
            item.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one that all forks share
            self._numbers = {each.nodeid: number for number, each in enumerate(item.session.items)}
        if self._fork is None:
            self._fork = ItemProcess(item.session, self)
        fork = self._fork
        other_file = nextitem is None or nextitem.path != item.path
        last = other_file and (
            nextitem is None or leaves_windows(item, nextitem) or memory_mb("VmRSS", fork.pid) > RENEWED_MB
        )
        following = None if last or nextitem is None else self._numbers[nextitem.nodeid]
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        try:
            with later_timeout():
                fork.line.send((self._numbers[item.nodeid], following))
                for kind, data in fork.messages():
                    self._tell(item, kind, data)
            if last:
                self._fork = None
                fork.end()
        except (EOFError, ConnectionError):
            self._lose(item, fork.end())
        except pytest.fail.Exception:
            self._lose(item, fork.end(signal.SIGABRT))
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_sessionfinish(self) -> None:
        """End the fork if pytest stops before the last test."""
        if self._fork is not None:
            self._fork.end()

    def _tell(self, item: pytest.Item, kind: str, data: dict[str, Any]) -> None:
        if kind == "warning":
            item.ihook.pytest_warning_recorded.call_historic(kwargs=data)
            return
        report = item.config.hook.pytest_report_from_serializable(config=item.config, data=data)
        item.ihook.pytest_runtest_logreport(report=report)

    def _lose(self, item: pytest.Item, code: int) -> None:
        """Report a test whose fork has ended before it."""
        self._fork = None

        def explain() -> None:
            pytest.fail(f"the process of this test has ended with {code}", pytrace=False)

        call = pytest.CallInfo.from_call(explain, when="call")
        item.ihook.pytest_runtest_logreport(report=pytest.TestReport.from_item_and_call(item, call))


def leaves_windows(item: pytest.Item, following: pytest.Item) -> bool:
    """Whether windows and their engines' threads would stay behind in a fork that goes on with other tests."""
    return WINDOWS in item.path.parents and WINDOWS not in following.path.parents


@contextlib.contextmanager
def later_timeout() -> Iterator[None]:
    """Have pytest-timeout's alarm ring in the fork first, which knows where the test stands."""
    left, _interval = signal.getitimer(signal.ITIMER_REAL)
    if left:
        signal.setitimer(signal.ITIMER_REAL, left + GRACE)
    yield

"""Engines that need not load torch: forks of one process that has, where starting is not what a test is about.

A new engine is busy for two to five seconds with importing; a fork of a process that has imported everything goes on
at once. It is a process like any other to the test: its child, with the pipes, the environment and the session that
it asked for. ``python -m tests.engine_forks DESCRIPTOR`` is that process; it forks on Linux only.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

ENGINE: Final = "resnet_gui.engine"
SET_CHILD_SUBREAPER: Final = 36
"""PR_SET_CHILD_SUBREAPER of Linux's prctl: orphans of our descendants become our children."""

LONGEST: Final = 1 << 18
"""Most bytes of an order; it holds an environment."""


def possible() -> bool:
    """Whether this system can hand a fork of another process over to us."""
    return sys.platform == "linux"


class EngineForks:
    """The process that has loaded everything, and the ``subprocess`` that has it fork engines.

    Attributes:
        popen: as ``subprocess.Popen``, for engines alone.
        subprocess: to stand in for the module in ``gui/client/process``; its ``Popen`` forks.
    """

    def __init__(self) -> None:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(its.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
                cwd=Path(__file__).parent.parent,
            )
        self._line = ours
        forks = self

        class ForkedEngine(subprocess.Popen[bytes]):
            """Pipes, waiting and killing are those of any child; only how it comes to be is another."""

            def _execute_child(self, args: Sequence[str], *rest: Any) -> None:
                assert list(args) == [sys.executable, "-m", ENGINE], "only engines are forked"
                # Python 3.11 to 3.14: what follows args, in the order of subprocess.Popen._execute_child.
                _executable, _preexec, _close, _pass, cwd, env, _info, _flags, _shell, *pipes = rest
                stdin, stdin_ours, stdout_ours, stdout, stderr_ours, stderr = pipes[:6]
                new_session = pipes[11]
                order = {
                    "env": dict(os.environ if env is None else env),
                    "cwd": str(cwd or Path.cwd()),
                    "new_session": new_session,
                }
                self.pid = forks.fork(order, [stdin, stdout, stderr])
                self._child_created = True
                self._close_pipe_fds(stdin, stdin_ours, stdout_ours, stdout, stderr_ours, stderr)  # type: ignore[attr-defined]

        self.popen = ForkedEngine
        self.subprocess = types.SimpleNamespace(**{**vars(subprocess), "Popen": ForkedEngine})

    def fork(self, order: dict[str, Any], descriptors: list[int]) -> int:
        """Have an engine forked as a child of this process; returns its process number."""
        adopt(True)
        try:
            socket.send_fds(self._line, [json.dumps(order).encode()], descriptors)
            answer = self._line.recv(64)
        finally:
            adopt(False)
        assert answer, f"the process that forks engines has ended with {self._process.wait()}"
        return int(answer)

    def close(self) -> None:
        """End the process; its forks are their tests' own."""
        self._line.close()
        self._process.wait()


def adopt(orphans: bool) -> None:
    """Whether orphans of our descendants become our children; only while we expect one, for others are not ours."""
    if ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, int(orphans), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def load() -> None:
    """Import all that an engine may ever use, but ``onnx`` and ``tensorboard``."""
    import torch  # noqa: F401
    import torchvision  # noqa: F401

    package = importlib.import_module(ENGINE)
    for module in pkgutil.walk_packages(package.__path__, f"{ENGINE}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def serve(line: socket.socket) -> None:
    """Fork an engine for each order until the tests are over."""
    while True:
        data, descriptors, _flags, _address = socket.recv_fds(line, LONGEST, 3)
        if not data:
            return
        reading, writing = os.pipe()
        between = os.fork()
        if between == 0:
            # The child of this child loses its parent at once, and so comes to the process of the tests.
            engine = os.fork()
            if engine == 0:
                for number in (reading, writing, line.fileno()):
                    os.close(number)
                become_engine(json.loads(data), descriptors)
            os.write(writing, str(engine).encode())
            os._exit(0)
        os.close(writing)
        os.waitpid(between, 0)
        line.send(os.read(reading, 64))
        for number in (reading, *descriptors):
            os.close(number)


def become_engine(order: dict[str, Any], descriptors: list[int]) -> None:
    """Be what ``python -m resnet_gui.engine`` is after its imports; never returns."""
    code = 1
    try:
        for standard, descriptor in enumerate(descriptors):
            os.dup2(descriptor, standard)
            os.close(descriptor)
        if order["new_session"]:
            os.setsid()
        os.chdir(order["cwd"])
        os.environ.clear()
        os.environ.update(order["env"])
        sys.argv = [ENGINE]
        runpy.run_module(ENGINE, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # a fork must never go on as the process that forks
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    control = socket.socket(fileno=int(sys.argv[1]))
    load()
    gc.collect()
    gc.freeze()
    serve(control)

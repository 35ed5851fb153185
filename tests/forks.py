"""Processes that need not load torch: forks of one that has, where starting is not what a test is about.

A new engine is busy for two to five seconds with importing; a fork of a process that has imported everything goes on
at once. It is a process like any other to the test: its child, with the pipes, the environment and the session that
it asked for. ``python -m tests.forks DESCRIPTOR`` is the process that forks; it does so on Linux only.
"""

from __future__ import annotations

import builtins
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
import time
import types
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

SET_CHILD_SUBREAPER: Final = 36
"""PR_SET_CHILD_SUBREAPER of Linux's prctl: orphans of our descendants become our children."""

LONGEST: Final = 1 << 18
"""Most bytes of an order; it holds an environment."""


early: list[socket.socket] = []
"""The line to the process that forks, where it was forked before this one ran a test."""


def possible() -> bool:
    """Whether this system can hand a fork of another process over to us."""
    return sys.platform == "linux"


def of_copy(package: Path, code: str) -> str:
    """Code for ``-c`` that runs with a copy of the package in a folder, where torch alone is that which is loaded.

    Args:
        package: folder that holds the copy, ``resnet_gui``.
        code: to be run.
    """
    return (
        "import sys\n"
        "ours = [name for name in sys.modules if name.partition('.')[0] in {'resnet_gui', 'tests'}]\n"
        "for name in ours: del sys.modules[name]\n"
        f"sys.path.insert(0, {str(package)!r})\n{code}"
    )


class Forks:
    """The process that has loaded everything, and the ``subprocess`` that has it fork Python programs.

    It is started with the first of them. Where the system cannot fork, programs are started as ever.

    Attributes:
        popen: as ``subprocess.Popen``, for ``python -m MODULE ...`` and ``python -c CODE ...`` alone.
        subprocess: to stand in for the module in ``gui/client/process``; its ``Popen`` forks.
    """

    def __init__(self) -> None:
        self.popen: type[subprocess.Popen[Any]] = self._forking() if possible() else subprocess.Popen
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.subprocess = types.SimpleNamespace(**{**vars(subprocess), "Popen": self.popen})

    def _start(self) -> socket.socket:
        if early:
            return early.pop()
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(its.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
                cwd=Path(__file__).parent.parent,
            )
        return ours

    def _forking(self) -> type[subprocess.Popen[Any]]:
        forks = self

        class Fork(subprocess.Popen[Any]):
            """Pipes, waiting and killing are those of any child; only how it comes to be is another."""

            def _execute_child(self, args: Sequence[str], *rest: Any) -> None:
                assert args[0] == sys.executable, "only Python programs are forked"
                assert args[1] in {"-m", "-c"}, "only modules and code are forked"
                # Python 3.11 to 3.14: what follows args, in the order of subprocess.Popen._execute_child.
                _executable, _preexec, _close, _pass, cwd, env, _info, _flags, _shell, *pipes = rest
                stdin, stdin_ours, stdout_ours, stdout, stderr_ours, stderr = pipes[:6]
                order = {
                    "words": list(args[1:]),
                    "env": dict(os.environ if env is None else env),
                    "cwd": str(cwd or Path.cwd()),
                    "new_session": pipes[11],
                }
                given = [own if number == -1 else number for own, number in enumerate((stdin, stdout, stderr))]
                self.pid = forks.fork(order, given)
                self._child_created = True
                self._close_pipe_fds(stdin, stdin_ours, stdout_ours, stdout, stderr_ours, stderr)  # type: ignore[attr-defined]

        return Fork

    def fork(self, order: dict[str, Any], descriptors: list[int]) -> int:
        """Have a program forked as a child of this process; returns its process number."""
        if self._line is None:
            self._line = self._start()
        adopt(True)
        try:
            socket.send_fds(self._line, [json.dumps(order).encode()], descriptors)
            answer = self._line.recv(64)
        finally:
            adopt(False)
        assert answer, "the process that forks has ended"
        return int(answer)

    def run(self, *words: str, timeout: float | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
        """``subprocess.run`` of ``python`` with these words: what it prints is kept, and nothing can be typed."""
        pipe = subprocess.PIPE
        command = [sys.executable, *words]
        with self.popen(
            command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, **options
        ) as child:  # fmt: skip
            out, errors = child.communicate(timeout=timeout)
        return subprocess.CompletedProcess(command, child.returncode, out, errors)

    def close(self) -> None:
        """End the process; its forks are their tests' own."""
        if self._line is not None:
            self._line.close()
            if self._process is not None:
                self._process.wait()


def fork_early() -> None:
    """Fork what forks engines and commands; a process that has threads, as every window has, cannot be forked."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        # Whoever waits for the end of the process of the tests waits for what holds its pipes.
        os.closerange(3, its.fileno())
        os.closerange(its.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        # Neither pytest's filters nor its way to import are a program's.
        warnings.resetwarnings()
        sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "AssertionRewritingHook"]
        serve(its)
        os._exit(0)
    its.close()
    early.append(ours)


def adopt(orphans: bool) -> None:
    """Whether orphans of our descendants become our children; only while we expect one, for others are not ours."""
    if ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, int(orphans), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def load() -> None:
    """Import all that an engine or a command may ever use, but ``onnx`` and ``tensorboard``."""
    import torch  # noqa: F401
    import torchvision  # noqa: F401

    for package in map(importlib.import_module, ("resnet_gui.engine", "resnet_gui.cli")):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def serve(line: socket.socket) -> None:
    """Fork a program for each order until the tests are over."""
    loaded = False
    while True:
        data, descriptors, _flags, _address = socket.recv_fds(line, LONGEST, 3)
        if not data:
            return
        if not loaded:
            load()
            gc.collect()
            gc.freeze()
            loaded = True
        reading, writing = os.pipe()
        between = os.fork()
        if between == 0:
            # The child of this child loses its parent at once, and so comes to the process of the tests.
            parent = os.getpid()
            program = os.fork()
            if program == 0:
                # What wants to end with its parent must not mean this one, whose memory takes a while to be given back.
                while os.getppid() == parent:
                    time.sleep(0.001)
                for number in (reading, writing, line.fileno()):
                    os.close(number)
                become(json.loads(data), descriptors)
            os.write(writing, str(program).encode())
            os._exit(0)
        os.close(writing)
        os.waitpid(between, 0)
        line.send(os.read(reading, 64))
        for number in (reading, *descriptors):
            os.close(number)


def become(order: dict[str, Any], descriptors: list[int]) -> None:
    """Be what ``python`` with these words is after its imports; never returns."""
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
        open_streams()
        run_program(*order["words"])
        code = 0
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        else:
            code = end.code or 0
    except BaseException:  # a fork must never go on as the process that forks
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def open_streams() -> None:
    """Streams that know what the descriptors are now: a pipe, a file or a terminal."""
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115


def run_program(kind: str, what: str, *words: str) -> None:
    """Run a module (``-m``) or code (``-c``) as the main program."""
    if kind == "-m":
        sys.argv = [what, *words]
        sys.modules.pop(what, None)  # as a test it was loaded by pytest's importer, which runs no main program
        runpy.run_module(what, run_name="__main__", alter_sys=True)
        return
    sys.argv = ["-c", *words]
    program = types.ModuleType("__main__")
    vars(program)["__builtins__"] = builtins
    sys.modules["__main__"] = program
    exec(compile(what, "<string>", "exec"), vars(program))  # noqa: S102


if __name__ == "__main__":
    control = socket.socket(fileno=int(sys.argv[1]))
    serve(control)
    os._exit(0)  # libraries of torch complain at an orderly end of what they leave

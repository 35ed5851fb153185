"""An engine process that a benchmark asks questions, of this tree or of another checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from resnet_gui.protocol.jobs import Job, encode_message

ROOT = Path(__file__).resolve().parent.parent
MIB = 2**20

Make = Callable[[int], Job]
"""Makes a question of the number of its job."""


class EngineClient:
    """An engine as the window starts it, asked over its pipes; both must speak this tree's protocol."""

    def __init__(self, tree: Path, home: Path) -> None:
        self._begun = time.perf_counter()
        environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1", "RESNET_GUI_HOME": str(home)}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "resnet_gui.engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        self._job = 0

    def ask(self, make: Make) -> int:
        """Send a question; returns the number of its job."""
        self._job += 1
        into = self._child.stdin
        if into is None:
            raise RuntimeError("the engine has no pipes")
        into.write(encode_message(make(self._job)))
        into.flush()
        return self._job

    def read(self, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read events up to the first that is meant.

        Raises:
            RuntimeError: a question failed, or the engine ended.
        """
        for line in self._child.stdout or ():
            said: dict[str, Any] = json.loads(line)
            if said["type"] in {"failed", "predict_failed"}:
                raise RuntimeError(str(said))
            if until(said):
                return said
        raise RuntimeError("the engine ended")

    def answer(self, make: Make, kind: str) -> float:
        """Seconds from a question to its answer of a kind, such as "predicted"; what else it says is read too."""
        begun = time.perf_counter()
        job = self.ask(make)
        self.read(lambda said: said["type"] == kind and said["job"] == job)
        taken = time.perf_counter() - begun
        if kind == "predicted":
            self.read(lambda said: said["type"] == "done" and said["job"] == job)
        return taken

    def since_start(self) -> float:
        """Seconds since the process was started."""
        return time.perf_counter() - self._begun

    def memory(self) -> dict[str, float]:
        """See ``memory_of``."""
        return memory_of(self._child.pid)

    def close(self) -> None:
        """End it."""
        self._child.kill()
        self._child.wait()


def memory_of(pid: int) -> dict[str, float]:
    """MiB that a process holds: resident, of that in no file, and the most that was resident at any time.

    Pages of files are shared with whoever else has loaded the libraries, and how many there are is a matter of chance.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")

    def of(name: str) -> float:
        return int(status.partition(f"{name}:")[2].split()[0]) * 1024 / MIB

    return {"resident": of("VmRSS"), "in no file": of("RssAnon"), "peak": of("VmHWM")}


def script(source: str, arguments: Sequence[str]) -> subprocess.Popen[str]:
    """A plain script in a process of its own, which is told to go on by its standard input."""
    return subprocess.Popen(
        [sys.executable, "-c", source, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip

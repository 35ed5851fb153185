"""A run's process as the scheduler sees it: started, commanded, and how it ended."""

from __future__ import annotations

import contextlib
import signal
from multiprocessing.connection import Connection

import msgspec

from resnet_gui.engine.sweep.forks import process_context
from resnet_gui.engine.sweep.worker import Command, RunWord, train_in_process
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.sweeps.state import RunCell


class RunProcess:
    """A process that trains one run of a sweep.

    Attributes:
        cell: the run.
        slot: number of its place among those that run at once, from 0.
    """

    def __init__(self, cell: RunCell, job: Train | Resume, slot: int) -> None:
        self.cell, self.slot = cell, slot
        context = process_context()
        self._connection: Connection
        self._connection, its = context.Pipe()
        self._process = context.Process(
            target=train_in_process, args=(msgspec.msgpack.encode(job), its), name=cell.folder.name
        )
        self._process.start()
        its.close()

    @property
    def sentinel(self) -> int:
        """What ``multiprocessing.connection.wait`` waits for: ready when the process is over."""
        return int(self._process.sentinel)

    @property
    def over(self) -> bool:
        """Whether the process is over."""
        return not self._process.is_alive()

    def send(self, command: Command) -> None:
        """Command it; one that is over already has nothing to obey."""
        with contextlib.suppress(OSError):
            self._connection.send_bytes(command.encode())

    def word(self) -> RunWord | None:
        """How the run of a process that is over ended; None if it could not say so: it was killed."""
        try:
            if self._connection.poll():
                return msgspec.msgpack.decode(self._connection.recv_bytes(), type=RunWord)
        except (EOFError, OSError, msgspec.MsgspecError):
            return None
        return None

    def death(self) -> str:
        """How a process died that left no word, for a sentence."""
        code = self._process.exitcode or 0
        if code >= 0:
            return f"ended with exit code {code}"
        try:
            return f"was ended by the signal {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by the signal {-code}"

    def close(self) -> None:
        """Free what it holds, once it is over."""
        self._connection.close()
        self._process.join()
        self._process.close()

    def kill(self) -> None:
        """End it at once; its last checkpoint stays."""
        self._process.kill()
        self.close()

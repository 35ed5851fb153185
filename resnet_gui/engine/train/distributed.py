"""The processes of a distributed training as torchrun starts them; one process alone is the simplest case.

Rank 0 decides and writes the run folder. Before every step the ranks agree on what comes next over a connection of its
own (gloo, also beside nccl): so all stop at the same step, and a rank that is gone is noticed within a step.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, Literal, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.distributed_c10d import PrefixStore, _get_default_store

from resnet_gui.base.errors import InputError
from resnet_gui.engine.process import end_with_parent, is_running
from resnet_gui.engine.train.sync_bn import synchronised

T = TypeVar("T")
Word = Literal["go on", "tell", "save", "hold", "stop"]
_WORDS: Final[tuple[Word, ...]] = ("go on", "tell", "save", "hold", "stop")
_GRACE: Final = 1.0


class RankGoneError(Exception):
    """Another process of this training has ended; the message says which and why, as far as that is known."""


class RankGroup:
    """One process among those that share a training.

    Attributes:
        rank: number of this process, 0 to ``world`` − 1.
        world: how many there are.
        local: number among those of this computer.
    """

    def __init__(self, rank: int = 0, world: int = 1, local: int = 0) -> None:
        self.rank, self.world, self.local = rank, world, local
        self._store: Any = None
        self._control: Any = None
        self._broken = False
        self._others: list[tuple[int, str, int]] = []

    @property
    def first(self) -> bool:
        """Whether this process writes the run folder."""
        return self.rank == 0

    # ---- agreement

    def agree(self, word: Word) -> Word:
        """What rank 0 says, in every rank."""
        if self.world == 1:
            return word
        said = torch.tensor([_WORDS.index(word)])
        with self._watching():
            dist.broadcast(said, 0, group=self._control)
        return _WORDS[int(said)]

    def together(self, work: Callable[[], T]) -> T:
        """Let rank 0 do something; all get its result, or the InputError that it ended with."""
        if self.world == 1:
            return work()
        found: list[Any] = [None, ""]
        if self.first:
            try:
                found = [work(), ""]
            except InputError as error:
                found = [None, str(error)]
        with self._watching():
            dist.broadcast_object_list(found, 0, group=self._control)
        if found[1]:
            raise InputError(found[1])
        result: T = found[0]
        return result

    def all_equal(self, value: str) -> bool:
        """Whether every rank has the same value."""
        if self.world == 1:
            return True
        found: list[Any] = [None] * self.world
        with self._watching():
            dist.all_gather_object(found, value, group=self._control)
        return len(set(found)) == 1

    # ---- computation

    def part(self, count: int) -> Tensor:
        """Numbers of this rank's share of ``count`` pictures: an unbroken piece, all pieces as equal as they can be."""
        return torch.arange(count).tensor_split(self.world)[self.rank]

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all ranks, in place."""
        if self.world > 1:
            with self._watching():
                dist.all_reduce(values)
        return values

    def share(self, model: nn.Module) -> None:
        """Give every rank the buffers of the first."""
        if self.world > 1:
            with self._watching():
                for buffer in model.buffers():
                    dist.broadcast(buffer, 0)

    def synchronise(self, model: nn.Module, device: torch.device) -> None:
        """Let batch normalisation take its statistics over all ranks."""
        if self.world > 1:
            synchronised(model, device)

    def wrap(self, model: nn.Module, device: torch.device) -> nn.Module:
        """The model whose gradients are means over the ranks; of what needs gradients by now."""
        if self.world == 1:
            return model
        where = [device.index] if device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(model, device_ids=where, gradient_as_bucket_view=True)

    # ---- the end of others

    def report(self, sentence: str) -> None:
        """Leave word for rank 0 why this one ends; what connects the ranks is no use any more."""
        self._broken = True
        with contextlib.suppress(RuntimeError):  # the launcher, which keeps the store, may be gone as well
            if self._store is not None:
                self._store.set(f"end/{self.rank}", sentence)

    def _word_of(self, rank: int) -> str:
        """Why a rank has ended; empty where it has left no word."""
        key = f"end/{rank}"
        with contextlib.suppress(RuntimeError):
            if self._store is not None and self._store.check([key]):
                return str(self._store.get(key).decode())
        return ""

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Turn what torch raises when a connection breaks into a sentence."""
        try:
            yield
        except RuntimeError as error:
            raise RankGoneError(self._who_is_gone()) from error

    def translate(self, error: Exception) -> Exception:
        """An error of the backward pass, in which ranks exchange gradients, as the end of another rank if it is one."""
        if self.world > 1 and type(error) is RuntimeError and _is_connection(str(error)):
            return RankGoneError(self._who_is_gone())
        return error

    def _who_is_gone(self) -> str:
        until = time.monotonic() + _GRACE
        while time.monotonic() < until:
            for rank, host, pid in self._others:
                if word := self._word_of(rank):
                    return f"rank {rank} ended: {word}"
                if host == platform.node() and not is_running(pid):
                    return f"the process of rank {rank} (number {pid}) is gone, perhaps killed"
            time.sleep(0.05)
        return "the connection to another process broke"

    @classmethod
    @contextmanager
    def from_environment(cls, device: str) -> Iterator[RankGroup]:
        """The ranks that torchrun has started, or one alone; connected as long as the block lasts.

        Raises:
            InputError: the processes do not find each other.
        """
        world = int(os.environ.get("WORLD_SIZE", "1"))
        if world == 1 or "RANK" not in os.environ:
            yield cls()
            return
        ranks = cls(int(os.environ["RANK"]), world, int(os.environ.get("LOCAL_RANK", "0")))
        # A launcher that dies must leave no rank; the first one saves before it goes.
        end_with_parent(signal.SIGTERM if ranks.first else signal.SIGKILL)
        # A run that began on the CPU may go on on a machine with GPUs: each kind of tensor has its own road.
        backend = "gloo" if device == "cpu" or not torch.cuda.is_available() else "cpu:gloo,cuda:nccl"
        if backend != "gloo" and ranks.local >= torch.cuda.device_count():
            raise InputError(
                f"This computer has {torch.cuda.device_count()} GPU, too few for process {ranks.local + 1}; "
                "start fewer processes, or name --device cpu."
            )
        try:
            if backend != "gloo":
                torch.cuda.set_device(ranks.local)
            dist.init_process_group(backend, timeout=timedelta(minutes=10))
            ranks._control = dist.new_group(backend="gloo", timeout=timedelta(days=30))
            ranks._store = PrefixStore("resnet-gui", _get_default_store())
            found: list[Any] = [None] * world
            dist.all_gather_object(found, (ranks.rank, platform.node(), os.getpid()), group=ranks._control)
        except (RuntimeError, ValueError) as error:
            raise InputError(f"The {world} processes of this training do not find each other: {error}.") from error
        ranks._others = [other for other in found if other[0] != ranks.rank]
        try:
            yield ranks
        except InputError as error:
            ranks.report(str(error))
            raise
        finally:
            # Waiting for ranks that are gone would never end; the system closes the connections.
            if sys.exc_info()[0] is None and not ranks._broken:
                dist.destroy_process_group()


def _is_connection(text: str) -> bool:
    return any(word in text for word in ("Connection", "connection", "gloo", "NCCL", "Socket", "socket", "EOF"))

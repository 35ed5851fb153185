"""Processes that decode picture files ahead of a training.

By hand, because the two that are there can wait for ever. torch's DataLoader sends batches through shared memory, and
where a container has little of it the worker drops the batch and the training waits for it. Executors of Python send
all results through one pipe: who is killed halfway through a batch leaves all others waiting. Here each process has a
pipe of its own, whose end tells of its death, and nothing needs shared memory.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.pictures import read_crop, read_pixels
from resnet_gui.engine.process import end_with_parent

T = TypeVar("T")

IGNORED: Final = -100
"""Label of a picture that could not be read."""

AHEAD: Final = 2
"""Answers that wait here; each process has one more."""


class ReaderGoneError(Exception):
    """A process that reads pictures has ended before its time, or cannot be started; the message says so."""


class FilesRead(NamedTuple):
    """Pictures (N, C, H, W), their labels, and a sentence for each picture that could not be read and is black."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    problems: list[str]


class FilesWanted(NamedTuple):
    """Numbers of files, and for each the four numbers that say which part is cut out, see ``random_crop``, or None."""

    numbers: Sequence[int]
    crops: Sequence[Sequence[float]] | None = None


class LabelledFiles(NamedTuple):
    """Files of pictures with their labels, and how they become a network's input."""

    files: Sequence[Path]
    labels: NDArray[np.int64]
    shape: Shape
    how: Scaling

    def read(self, wanted: FilesWanted) -> FilesRead:
        """Decode files by their numbers.

        Raises:
            MemoryError: there is too little of it, which is not the fault of a picture.
        """
        numbers, crops = wanted
        images = np.zeros((len(numbers), *self.shape), dtype=np.uint8)
        labels = self.labels[np.asarray(numbers, dtype=np.int64)]
        problems: list[str] = []
        for place, number in enumerate(numbers):
            try:
                if crops is None:
                    images[place] = read_pixels(self.files[number], self.shape, self.how)
                else:
                    images[place] = read_crop(self.files[number], self.shape, self.how, crops[place])
            except InputError as error:
                if isinstance(error.__cause__, MemoryError):
                    raise MemoryError(str(error)) from error
                labels[place] = IGNORED
                problems.append(str(error))
        return FilesRead(images, labels, problems)


# ---- in a process


def _serve(pipe: Connection, files: LabelledFiles) -> None:
    """Decode what is wanted until the pipe is closed."""
    _belong_to_training()
    while True:
        try:
            wanted = pipe.recv()
        except EOFError:
            return
        answer: FilesRead | Exception
        try:
            answer = files.read(wanted)
            pipe.send(answer)
        except MemoryError as error:
            pipe.send(MemoryError(str(error)))
        except OSError:
            return  # nobody listens any more
        except Exception as error:  # noqa: BLE001, RUF100 (told where somebody sees it)
            pipe.send(RuntimeError("".join(traceback.format_exception(error))))


def _belong_to_training() -> None:
    """A reader of a killed training must not hold its lock and its pipes; to be stopped is for the training alone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # Terminals and batch systems send them to all processes; the training then ends in order, its readers with it.
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        end_with_parent(signal.SIGKILL)
    elif (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


# ---- in the training


class _Reader:
    """One of the processes, as the training sees it."""

    def __init__(self, files: LabelledFiles) -> None:
        self._pipe, there = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(there, files), daemon=True)
        self._process.start()
        # Closed before the next one is forked: the end of a process is then the end of its pipe.
        there.close()

    def give(self, wanted: FilesWanted) -> None:
        """Have files decoded.

        Raises:
            ReaderGoneError: the process has ended.
        """
        try:
            self._pipe.send(wanted)
        except OSError as error:
            raise self._gone() from error

    def take(self) -> FilesRead:
        """What was decoded.

        Raises:
            ReaderGoneError: the process has ended.
            MemoryError: it had too little of it.
        """
        try:
            answer: FilesRead | Exception = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise self._gone() from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _gone(self) -> ReaderGoneError:
        self._process.join(1)
        code = self._process.exitcode
        if code is None or code >= 0:
            return ReaderGoneError(f"a process that reads pictures has ended (code {code})")
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        why = ", as systems do when memory runs out" if name == "SIGKILL" else ""
        return ReaderGoneError(f"a process that reads pictures was ended by {name}{why}")

    def stop(self) -> None:
        """End the process at once, which ends what waits for it; it holds nothing that could be lost."""
        self._process.kill()

    def close(self) -> None:
        """Give back what it took, when nothing waits for it any more."""
        self._process.join()
        self._process.close()
        self._pipe.close()


class FileReaders:
    """Processes that decode files in turns: the order of the answers is that of the questions."""

    def __init__(self, files: LabelledFiles, most: int) -> None:
        """Nothing is started before there is something to do; then ``most`` processes at most."""
        self._files, self._most = files, most
        self._readers: list[_Reader] = []

    def __enter__(self) -> FileReaders:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers:
            reader.stop()
        for reader in self._readers:
            reader.close()
        self._readers.clear()

    def read(self, questions: Iterable[FilesWanted], finish: Callable[[FilesRead], T]) -> Generator[T, None, None]:
        """Decode files in the background.

        Args:
            questions: files that are wanted; each is asked for in this thread when a process is free for it.
            finish: called with each answer in another thread, ahead of the training.

        Raises:
            ReaderGoneError: a process has ended, or cannot be started.
            MemoryError: a process had too little of it.
        """
        rest = iter(questions)
        turns: deque[_Reader] = deque()
        while len(turns) < self._most and (first := next(rest, None)) is not None:
            turns.append(self._start())
            turns[-1].give(first)
        with ThreadPoolExecutor(1, "file-readers") as thread:
            waiting: deque[Future[T]] = deque()
            try:
                while turns or waiting:
                    while turns and len(waiting) < AHEAD:
                        reader, following = turns.popleft(), next(rest, None)
                        waiting.append(thread.submit(_exchange, reader, following, finish))
                        if following is not None:
                            turns.append(reader)
                    yield waiting.popleft().result()
            finally:
                # The thread may be waiting for an answer that nobody wants any more.
                for each in self._readers:
                    each.stop()

    def _start(self) -> _Reader:
        try:
            self._readers.append(_Reader(self._files))
        except OSError as error:
            reason = error.strerror or error
            raise ReaderGoneError(f"a process that reads pictures cannot be started ({reason})") from error
        return self._readers[-1]


def _exchange(reader: _Reader, following: FilesWanted | None, finish: Callable[[FilesRead], Any]) -> Any:
    """Take an answer and give the next question at once, so that the process has something to do."""
    answer = reader.take()
    if following is not None:
        reader.give(following)
    return finish(answer)

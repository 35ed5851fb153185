"""Processes that decode files: the same pixels in the same order, and a sentence whatever happens to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.engine.data import datasets, file_readers, loaders
from resnet_gui.engine.data.file_readers import FileReaders, FilesRead, FilesWanted, LabelledFiles, ReaderGoneError
from resnet_gui.engine.data.loaders import IGNORED, Streamed
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.engine.failure_text import cause_of, failure_sentence
from resnet_gui.training.recipe import Recipe
from tests.engine.train.test_faults import go_on, is_one_sentence, start
from tests.forks import Forks

SHAPE = (3, 8, 8)
CPU = torch.device("cpu")


@pytest.fixture
def files(picture_folder: Path) -> list[Path]:
    return sorted(picture_folder.rglob("*.png"))


def streamed(files: list[Path], skipped: list[str] | None = None) -> Streamed:
    told = [] if skipped is None else skipped
    return Streamed(files, torch.arange(len(files)), (SHAPE, Scaling()), CPU, told.append)


def parts_of(*sizes: int) -> list[Tensor]:
    numbers = torch.arange(sum(sizes)).flip(0)
    return list(torch.split(numbers, list(sizes)))


@pytest.mark.parametrize("piece", [1, 3 * 8 * 8 * 3, 2**24])
def test_batches_come_in_order_with_their_own_pixels_however_they_are_shared(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(loaders, "PIECE", piece)
    parts = parts_of(7, 1, 0, 20, 5)
    found = list(streamed(files).batches(iter(parts)))
    assert [len(labels) for _, labels in found] == [7, 1, 0, 20, 5]
    for part, (images, labels) in zip(parts, found, strict=True):
        assert labels.tolist() == part.tolist()
        for number, image in zip(part.tolist(), images, strict=True):
            assert np.array_equal(image.numpy(), read_pixels(files[number], SHAPE))


def test_a_picture_that_cannot_be_read_is_black_and_told_once(files: list[Path]) -> None:
    files[3].write_bytes(b"no picture")
    told: list[str] = []
    source = streamed(files, told)
    for _ in range(2):
        images, labels = next(iter(source.batches([torch.tensor([2, 3, 4])])))
        assert labels.tolist() == [2, IGNORED, 4]
        assert not images[1].any()
    assert len(told) == 1
    assert str(files[3]) in told[0]


def children() -> set[int]:
    found = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "pid="], capture_output=True, text=True, check=False
    )
    return {int(line) for line in found.stdout.split()}


def test_a_training_that_stops_in_the_middle_leaves_no_process(files: list[Path]) -> None:
    before = children()
    batches = streamed(files).batches(parts_of(*[2] * 15))
    next(batches)
    assert len(children() - before) >= 2
    batches.close()  # type: ignore[attr-defined]
    assert not (children() - before) or all(not Path(f"/proc/{pid}").exists() for pid in children() - before)


class Fatal(LabelledFiles):
    """Files of which number 13 does something to the process that reads it."""

    def read(self, wanted: FilesWanted) -> FilesRead:
        if 13 in wanted.numbers:
            how = os.environ["FATAL"]
            if how == "memory":
                raise MemoryError("too much")
            if how == "bug":
                raise KeyError("a bug")
            if how == "exit":
                os._exit(3)
            os.kill(os.getpid(), signal.Signals[how])
        return super().read(wanted)


def fatal(files: list[Path]) -> Iterator[FilesRead]:
    held = Fatal(files, np.arange(len(files)), SHAPE, Scaling())
    with FileReaders(held, 2) as readers:
        yield from readers.read([FilesWanted([number]) for number in range(len(files))], lambda read: read)


@pytest.mark.parametrize(
    ("how", "error", "says"),
    [
        ("SIGKILL", ReaderGoneError, r"was ended by SIGKILL, as systems do when memory runs out"),
        ("SIGUSR1", ReaderGoneError, "was ended by SIGUSR1"),
        ("exit", ReaderGoneError, r"has ended \(code 3\)"),
        ("memory", MemoryError, "too much"),
        ("bug", RuntimeError, "KeyError: 'a bug'"),
    ],
)
def test_whatever_ends_a_process_ends_the_training_with_its_reason(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, how: str, error: type[Exception], says: str
) -> None:
    monkeypatch.setenv("FATAL", how)
    batches = fatal(files)
    for _ in range(13):
        next(batches)
    with pytest.raises(error, match=says) as caught:
        next(batches)
    sentence = failure_sentence(caught.value)
    assert is_one_sentence(sentence) or how == "bug"
    assert cause_of(caught.value) == {"memory": "memory", "bug": "inside"}.get(how, "process")


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT"])
def test_a_signal_that_stops_the_training_leaves_its_readers_to_it(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("FATAL", how)
    assert len(list(fatal(files))) == len(files)


def test_a_process_that_is_killed_in_the_middle_of_a_batch_is_noticed(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Larger than a pipe holds, so that it waits for somebody to read; then half of the batch is in the pipe.
    held = LabelledFiles(files, np.arange(len(files)), (3, 600, 600), Scaling())
    with FileReaders(held, 1) as readers:
        answers = readers.read([FilesWanted([0]), FilesWanted([1])], lambda read: read)
        monkeypatch.setattr(file_readers._Reader, "take", lambda self: kill_and_take(self, real))
        with pytest.raises(ReaderGoneError, match="SIGKILL"):
            next(answers)


real = file_readers._Reader.take


def kill_and_take(reader: Any, take: Any) -> FilesRead:
    while not reader._pipe.poll(0.1):
        pass
    os.kill(reader._process.pid, signal.SIGKILL)
    found: FilesRead = take(reader)
    return found


def test_too_little_memory_for_a_picture_is_not_the_pictures_fault(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, *_: Any) -> Any:
        raise InputError(f"{path} cannot be read") from MemoryError()

    monkeypatch.setattr(file_readers, "read_pixels", fail)
    with pytest.raises(MemoryError):
        list(streamed(files).batches(parts_of(4)))


def test_a_process_that_cannot_be_started_is_a_sentence(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(file_readers, "_Reader", refuse)
    with pytest.raises(ReaderGoneError, match=r"cannot be started \(Resource temporarily unavailable\)") as caught:
        list(streamed(files).batches(parts_of(4)))
    assert is_one_sentence(failure_sentence(caught.value))


def test_a_run_whose_reader_is_killed_ends_in_a_sentence_and_goes_on(
    tmp_path: Path, picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "MAX_BYTES", 100)
    real_read = LabelledFiles.read

    def read(self: LabelledFiles, numbers: Any) -> FilesRead:
        os.kill(os.getpid(), signal.SIGKILL)
        return real_read(self, numbers)

    monkeypatch.setattr(LabelledFiles, "read", read)
    ended = start(tmp_path / "run", Recipe(data=str(picture_folder), epochs=1, batch_size=8))
    assert (ended.status, ended.cause) == ("failed", "process")
    assert is_one_sentence(ended.message), ended.message
    assert "SIGKILL" in ended.message
    monkeypatch.setattr(LabelledFiles, "read", real_read)
    assert go_on(tmp_path / "run").status == "finished"


SMALL = """
import ctypes, subprocess, sys
from resnet_gui.engine.data import datasets
from resnet_gui.cli.main import main
CLONE_NEWNS = 0x20000
if ctypes.CDLL(None).unshare(CLONE_NEWNS):
    sys.exit("no root")
mount = "mount --make-rprivate / && mount -t tmpfs -o size=4k tmpfs /dev/shm"
if subprocess.run(["sh", "-c", mount], capture_output=True).returncode:
    sys.exit("no root")
datasets.MAX_BYTES = 100
sys.exit(main(["train", "digits-resnet", "--data", sys.argv[1], "--epochs", "1", "--batch-size", "16",
               "--run", sys.argv[2], "--input", "3x32x32"]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /dev/shm")
def test_a_container_without_shared_memory_trains(tmp_path: Path, picture_folder: Path, forks: Forks) -> None:
    """A batch of 49 kB, and a /dev/shm of one page, as root alone can make it."""
    found = forks.run("-c", SMALL, str(picture_folder), str(tmp_path / "run"))
    if "no root" in found.stderr:
        pytest.skip("a file system can only be mounted by root")
    assert found.returncode == 0, found.stderr
    assert "finished" in found.stdout

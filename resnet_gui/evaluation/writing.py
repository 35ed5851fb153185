"""Evaluations as they are written: batch by batch, into a folder that takes its name when it is whole."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Final

import msgspec
import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import evaluations_folder, sync_folder, write_atomic
from resnet_gui.base.text import readable
from resnet_gui.evaluation.answers import PictureSources, prepare
from resnet_gui.evaluation.calibration import TEMPERATURES, confidences_at
from resnet_gui.evaluation.folder import (
    CONFIDENCES_FILE,
    FILES_FILE,
    MOST_BYTES,
    PICTURES_FILE,
    RECORD_FILE,
    SCORES_FILE,
    TEMPORARY,
    TRUTH_FILE,
    FileNames,
    list_evaluations,
    read_record,
    remove_evaluation,
)
from resnet_gui.evaluation.picture_figures import PictureFigures, picture_figures
from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.runs.folder import now_text

LONGEST: Final = 60
"""Letters of a model's and a data set's name in the name of a folder."""


OPEN_SECONDS: Final = 24 * 3600
"""After it was opened an evaluation may still be looked at, and is not removed for another."""


class EvaluationWriter:
    """An evaluation that is being written: a folder under a temporary name, until ``finish`` gives it its own.

    To be used in a ``with`` block, at whose end without ``finish`` nothing stays. What a process that was killed has
    left looks like no evaluation, and the next writer removes it.

    Args:
        title: model and data in words, for the name of the folder.
        labels: names of the network's classes, in the order of its outputs.

    Attributes:
        folder: where others may add files of their own before it is finished.

    Raises:
        InputError: the program's folder cannot be written.
    """

    def __init__(self, title: str, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)
        self._truth: list[NDArray[np.int32]] = []
        self._files: list[str] = []
        self._numbers: list[NDArray[np.int64]] = []
        self._states: list[NDArray[np.int64]] = []
        self._figures: list[PictureFigures] = []
        self._confidences: list[NDArray[np.float32]] = []
        slug = re.sub(r"[^a-z0-9]+", "-", readable(title).casefold())[:LONGEST].strip("-") or "evaluation"
        self._name = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{slug}"
        self.folder = evaluations_folder() / f"{self._name}{TEMPORARY}{os.urandom(4).hex()}"
        self._lock = FileLock(_lock_of(self.folder))
        with disk_sentences(evaluations_folder()):
            evaluations_folder().mkdir(parents=True, exist_ok=True)
            _remove_abandoned()
            self._lock.acquire()
            self.folder.mkdir()
            self._scores: IO[bytes] = (self.folder / SCORES_FILE).open("w+b")
            self._scores.write(_header(0, len(self._labels)))

    def __enter__(self) -> EvaluationWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scores.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        _release(self._lock)

    @property
    def pictures(self) -> int:
        """How many were added."""
        return len(self._files)

    def add(
        self,
        scores: NDArray[np.float32],
        truth: NDArray[np.int32],
        files: Sequence[str],
        numbers: NDArray[np.int64] | None = None,
        states: NDArray[np.int64] | None = None,
    ) -> PictureFigures:
        """Add the answers about a batch of pictures.

        Args:
            scores: log-probabilities (B, K).
            truth: class of each picture by the network's numbers (B,).
            files: their paths, as the file system has them; empty ones where a set is held in arrays.
            numbers: in the data set (B,); None where none is left out.
            states: of the files (B, 4), as FileState has them; None where they are not known.

        Returns:
            The figures of each of them.

        Raises:
            InputError: something is no log-probability, or the disk is full.
        """
        scores = np.ascontiguousarray(scores, dtype=np.float32)
        truth = np.ascontiguousarray(truth, dtype=np.int32)
        if scores.shape[1:] != (len(self._labels),) or len(files) != len(truth):
            raise InputError(f"Answers of shape {scores.shape} do not fit {len(self._labels):,} classes.")
        figures = picture_figures(scores, truth, first=self.pictures)
        with disk_sentences(self.folder):
            self._scores.write(scores.data)
        self._figures.append(figures)
        self._confidences.append(confidences_at(scores, TEMPERATURES))
        self._truth.append(truth)
        known = PictureSources.of_files(files)
        self._numbers.append(known.numbers + self.pictures if numbers is None else numbers)
        self._states.append(known.states if states is None else states)
        self._files.extend(files)
        return figures

    def finish(self, record: EvaluationRecord, most_bytes: int = MOST_BYTES) -> Path:
        """Compute what needs all answers, write it, and give the folder its name.

        Args:
            record: with everything but the number of pictures, of right ones, the temperature and the time.
            most_bytes: that all evaluations may take; others, opened longest ago, are removed for it. The record's
                notices say which.

        Returns:
            The folder.

        Raises:
            InputError: no pictures were added, or the disk is full.
        """
        if not self._files:
            raise InputError("No picture was answered, so there is nothing to keep.")
        with disk_sentences(self.folder):
            self._scores.seek(0)
            self._scores.write(_header(self.pictures, len(self._labels)))
            self._scores.flush()
            os.fsync(self._scores.fileno())
            self._scores.close()
            scores = np.load(self.folder / SCORES_FILE, mmap_mode="r", allow_pickle=False)
            record = self._write_arrays(scores, record)
            # A mapped file cannot be renamed on Windows.
            del scores
            notice = make_space(_bytes_of(self.folder), most_bytes)
            record = msgspec.structs.replace(record, notices=(*record.notices, *filter(None, (notice,))))
            encoded = _encoded(record)
            _write(self.folder / RECORD_FILE, lambda file: file.write(encoded))
            return self._renamed()

    def _write_arrays(self, scores: NDArray[np.float32], record: EvaluationRecord) -> EvaluationRecord:
        """Write what is beside the log-probabilities; the record with what was counted."""
        truth = np.concatenate(self._truth)
        pictures = PictureFigures(*(np.concatenate(parts) for parts in zip(*self._figures, strict=True)))
        confidences = np.concatenate(self._confidences, axis=1)
        prepared = prepare(scores, truth, seed=record.split_seed, pictures=pictures, confidences=confidences)
        arrays = {
            **pictures._asdict(),
            "calibrated": prepared.calibrated,
            "numbers": np.concatenate(self._numbers),
            "states": np.concatenate(self._states),
            **{f"suspects_{name}": array for name, array in prepared.suspects._asdict().items()},
        }
        _write(self.folder / TRUTH_FILE, lambda file: np.save(file, truth, allow_pickle=False))
        _write(self.folder / CONFIDENCES_FILE, lambda file: np.save(file, confidences, allow_pickle=False))
        _write(self.folder / PICTURES_FILE, lambda file: np.savez(file, **arrays))
        names = FileNames.of_paths(self._files)
        _write(self.folder / FILES_FILE, lambda file: file.write(msgspec.json.encode(names)))
        return msgspec.structs.replace(
            record, pictures=len(truth), correct=int((pictures.answer == truth).sum()),
            temperature=prepared.temperature, measured=now_text(),
        )  # fmt: skip

    def _renamed(self) -> Path:
        """Give the folder its name, or that with a number where two were measured in one second."""
        for number in range(1, 1000):
            target = evaluations_folder() / (self._name if number == 1 else f"{self._name}-{number}")
            if target.exists():
                continue
            with contextlib.suppress(FileExistsError, NotADirectoryError):
                self.folder.rename(target)
                sync_folder(target.parent)
                return target
        raise InputError(f"{evaluations_folder()} holds too many evaluations of this second; try again.")


def renew_evaluation(folder: Path, asked: EvaluationRecord) -> None:
    """Have an evaluation that is found again carry the names that it is asked by now: those of then may be gone.

    Args:
        folder: of the evaluation.
        asked: the same question, as it would be written.

    Raises:
        InputError: there is no such evaluation, or its record cannot be written.
    """
    found = read_record(folder)
    record = found.renewed(asked)
    if record != found:
        with disk_sentences(folder):
            write_atomic(folder / RECORD_FILE, _encoded(record))


def make_space(wanted: int, most: int = MOST_BYTES) -> str:
    """Remove evaluations, those opened longest ago first, until so many bytes more make no more than ``most``.

    None is removed that was opened in the last hours, for it may be open, here or in another process; and none at all
    where what is wanted is too much alone.

    Returns:
        A sentence naming what was removed and how it is measured again, or why there is not enough room; empty where
        nothing was removed and there is.
    """
    found, _ = list_evaluations()
    total = sum(one.size for one in found)
    limit = f"{most / 2**30:.3g} GiB"
    if wanted > most:
        return f"This evaluation alone takes more than the {limit} that all of them may take; no other was removed."
    removed = []
    idle = [one for one in found if one.opened < time.time() - OPEN_SECONDS]
    for one in sorted(idle, key=lambda one: (one.opened, one.folder.name)):
        if total + wanted <= most:
            break
        with contextlib.suppress(InputError):  # one that is open on Windows
            remove_evaluation(one.folder)
            total -= one.size
            removed.append(f"{one.record.title} of {one.record.measured[:10]}")
    sentences = []
    if removed:
        sentences.append(
            f"Removed to keep evaluations below {limit}, opened longest ago: {'; '.join(removed)}. Measure again to "
            "have them back."
        )
    if total + wanted > most:
        sentences.append(
            f"Evaluations take more than {limit}: those opened in the last {OPEN_SECONDS // 3600} hours are not "
            "removed."
        )
    return " ".join(sentences)


def _encoded(record: EvaluationRecord) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def _write(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write one file of the folder to the disk."""
    with path.open("xb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


def _header(count: int, classes: int) -> bytes:
    """The beginning of ``scores.npy``; as long for any number of pictures, for it is written before that is known."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": np.lib.format.dtype_to_descr(np.dtype(np.float32)), "fortran_order": False,
               "shape": (count, classes)},
    )  # fmt: skip
    return head.getvalue()


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _lock_of(folder: Path) -> Path:
    """The file that is locked while a folder is written; beside it, for a locked file cannot be renamed on Windows."""
    return folder.with_name(f"{folder.name}.lock")


def _release(lock: FileLock) -> None:
    lock.release()
    with contextlib.suppress(OSError):
        Path(lock.lock_file).unlink(missing_ok=True)


def _remove_abandoned() -> None:
    """Remove what processes that were killed have left."""
    for path in evaluations_folder().glob(f"*{TEMPORARY}*"):
        if path.suffix == ".lock" and path.with_suffix("").exists():
            continue
        folder = path.with_suffix("") if path.suffix == ".lock" else path
        lock = FileLock(_lock_of(folder))
        with contextlib.suppress(Timeout, OSError):
            lock.acquire(blocking=False)
            shutil.rmtree(folder, ignore_errors=True)
            _release(lock)


@contextlib.contextmanager
def disk_sentences(where: Path) -> Iterator[None]:
    """Say in a sentence what the disk refuses.

    Raises:
        InputError: instead of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise InputError(
            f"The evaluation cannot be written to {where}: {error.strerror or error}; free space there, or set "
            "RESNET_GUI_HOME to another folder."
        ) from error

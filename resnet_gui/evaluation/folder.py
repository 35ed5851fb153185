"""The folder of an evaluation: its record and its arrays; written whole or not at all, read, listed, removed.

``evaluation.json`` is the record; ``truth.npy``, ``scores.npy`` (log-probabilities) and ``files.json`` what was
answered; ``pictures.npz`` and ``confidences.npy`` what was computed of it, so that opening it costs nothing, and by
which number and state each picture is known. Other files of the folder (``depth_files``, ``robustness``) are read by
those who write them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.file_states import GONE, file_state
from resnet_gui.base.files import evaluations_folder, read_text
from resnet_gui.base.text import readable
from resnet_gui.evaluation.answers import Answers, PictureSources, PreparedFigures
from resnet_gui.evaluation.calibration import TEMPERATURES
from resnet_gui.evaluation.label_errors import LabelErrors
from resnet_gui.evaluation.picture_figures import PictureFigures
from resnet_gui.evaluation.record import EvaluationRecord

RECORD_FILE, FILES_FILE = "evaluation.json", "files.json"
TRUTH_FILE, SCORES_FILE = "truth.npy", "scores.npy"
PICTURES_FILE, CONFIDENCES_FILE = "pictures.npz", "confidences.npy"

TEMPORARY: Final = ".tmp-"
"""In the name of a folder that is being written, before a number of its own."""

MOST_BYTES: Final = 8 * 2**30
"""That all evaluations together take; of more, those that were opened longest ago are removed, which is said."""

MOST_CHECKED: Final = 20_000
"""Pictures whose files are looked at where somebody waits: a tenth of a second on a disk of one's own."""

Number = TypeVar("Number", bound=np.generic)


class Evaluation(NamedTuple):
    """An evaluation as it lies in its folder.

    Attributes:
        folder: where.
        record: what it is of.
        answers: about each picture.
    """

    folder: Path
    record: EvaluationRecord
    answers: Answers


class FoundAgain(NamedTuple):
    """An evaluation that was looked for.

    Attributes:
        folder: where it is; None where there is none that can be used.
        problems: a sentence for each that was passed over, since it is damaged.
    """

    folder: Path | None
    problems: tuple[str, ...] = ()


class FileNames(msgspec.Struct, frozen=True):
    """The content of ``files.json``.

    Attributes:
        names: of the pictures, as text.
        raw: number of a picture -> its path in bytes, of those whose path is no valid text.
    """

    names: list[str]
    raw: dict[int, bytes] = {}

    @classmethod
    def of_paths(cls, paths: Sequence[str]) -> FileNames:
        """Paths as the file system has them, apart from the names by which they are shown."""
        names = [readable(path) for path in paths]
        pairs = enumerate(zip(paths, names, strict=True))
        return cls(names, {number: os.fsencode(path) for number, (path, name) in pairs if path != name})

    def paths(self) -> tuple[str, ...]:
        """The paths as the file system has them.

        Raises:
            IndexError: a number in ``raw`` is that of no picture.
        """
        found = list(self.names)
        for number, path in self.raw.items():
            found[number] = os.fsdecode(path)
        return tuple(found)


class EvaluationSummary(NamedTuple):
    """An evaluation as a list shows it.

    Attributes:
        folder: where.
        record: what it is of.
        size: bytes of its files.
        opened: when it was opened last, in seconds since 1970.
    """

    folder: Path
    record: EvaluationRecord
    size: int
    opened: float


def read_record(folder: Path) -> EvaluationRecord:
    """Read ``evaluation.json`` alone.

    Raises:
        InputError: there is none, or it cannot be used.
    """
    path = folder / RECORD_FILE
    if not path.is_file():
        raise InputError(f"{folder} is no evaluation: it has no {RECORD_FILE}; measure the model again.")
    text = read_text(path, "record of an evaluation")
    try:
        record = msgspec.json.decode(text, type=EvaluationRecord)
    except msgspec.MsgspecError as error:
        fault = decoding_fault(error, text, EvaluationRecord)
        raise InputError(f"{path} cannot be used: {fault}; measure the model again.") from error
    if record.version != 1:
        raise InputError(f"{path} was written by another version of this program (format {record.version}).")
    return record


def read_evaluation(folder: Path) -> Evaluation:
    """Open an evaluation; its log-probabilities stay on disk until they are asked for.

    Raises:
        InputError: it is none, it is damaged, or it cannot be read.
    """
    record = read_record(folder)
    count, classes = record.pictures, len(record.labels)
    truth = _array(folder, TRUTH_FILE, (count,), np.int32)
    scores = _array(folder, SCORES_FILE, (count, classes), np.float32)
    confidences = _array(folder, CONFIDENCES_FILE, (len(TEMPERATURES), count), np.float32)
    try:
        names = msgspec.json.decode((folder / FILES_FILE).read_bytes(), type=FileNames)
        paths = names.paths()
        # Opened here, for NumPy leaves a file open that is no archive.
        with (folder / PICTURES_FILE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            pictures = PictureFigures(*(kept[name] for name in PictureFigures._fields))
            suspects = LabelErrors(*(kept[f"suspects_{name}"] for name in LabelErrors._fields))
            calibrated = kept["calibrated"]
            sources = PictureSources(tuple(names.names), paths, kept["numbers"], kept["states"], record.data_sha)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
        raise _damaged(folder, f"{FILES_FILE} or {PICTURES_FILE} cannot be read") from error
    whole = all(len(each) == count for each in (*sources[:-1], calibrated, *pictures))
    numbers = (truth, pictures.answer, suspects.suggested)
    if not whole or any(len(each) and not 0 <= each.min() <= each.max() < classes for each in numbers):
        raise _damaged(folder, "its files do not fit each other")
    prepared = PreparedFigures(pictures, confidences, record.temperature, calibrated, suspects)
    mark_opened(folder)
    answers = Answers(scores, truth, record.labels, sources, prepared=prepared, seed=record.split_seed)
    return Evaluation(folder, record, answers)


def mark_opened(folder: Path) -> None:
    """Keep an evaluation from being removed for others in the next hours, see ``writing.make_space``."""
    with contextlib.suppress(OSError):  # of a folder that may only be read
        os.utime(folder / RECORD_FILE)


def _array(folder: Path, name: str, shape: tuple[int, ...], kind: type[Number]) -> NDArray[Number]:
    """An array of the folder, left on disk.

    Raises:
        InputError: it is not there, or not what the record says.
    """
    try:
        found: NDArray[Number] = np.load(folder / name, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(folder, f"{name} cannot be read") from error
    if found.shape != shape or found.dtype != np.dtype(kind):
        raise _damaged(folder, f"{name} is not of the size that {RECORD_FILE} says")
    return found


def _damaged(folder: Path, why: str) -> InputError:
    return InputError(f"The evaluation {folder} is damaged: {why}; measure the model again.")


def list_evaluations() -> tuple[list[EvaluationSummary], list[str]]:
    """All evaluations, those measured last first, and a sentence for each damaged one."""
    found: list[EvaluationSummary] = []
    problems: list[str] = []
    with contextlib.suppress(FileNotFoundError):
        for folder in evaluations_folder().iterdir():
            if TEMPORARY in folder.name or not folder.is_dir():
                continue
            try:
                record = read_record(folder)
                found.append(EvaluationSummary(folder, record, *_size_and_time(folder)))
            except InputError as error:
                problems.append(str(error))
    found.sort(key=lambda one: (one.record.measured, one.folder.name), reverse=True)
    return found, sorted(problems)


def find_evaluation(wanted: EvaluationRecord) -> FoundAgain:
    """The evaluation that answers the same question and was measured last.

    Args:
        wanted: as it would be written; what is only known afterwards does not matter.
    """
    problems: list[str] = []
    for one in list_evaluations()[0]:
        if one.record.same_question(wanted):
            try:
                return FoundAgain(read_evaluation(one.folder).folder, tuple(problems))
            except InputError as error:
                problems.append(str(error))
    return FoundAgain(None, tuple(problems))


def has_changed(evaluation: Evaluation) -> bool:
    """Whether the model's file, the pictures or their folders are others than when they were measured."""
    return sources_changed(evaluation) or pictures_changed(evaluation)


def sources_changed(evaluation: Evaluation) -> bool:
    """Whether the model's file or the folders of the pictures are others than when they were measured."""
    model = evaluation.record.model
    known = {model.file: model.state, **evaluation.record.places}
    return any(path and state != GONE and file_state(path) != state for path, state in known.items())


def pictures_changed(evaluation: Evaluation) -> bool:
    """Whether files of pictures are others than when they were measured.

    It takes no longer than a look at ``MOST_CHECKED`` files: of more pictures as many are drawn evenly. An engine,
    which looks at all of them, may find the evaluation again nevertheless: where only an entry was changed.
    """
    sources = evaluation.answers.sources
    count = len(sources.paths)
    drawn = np.unique(np.linspace(0, count - 1, min(count, MOST_CHECKED), dtype=np.int64)).tolist()
    states = map(tuple, sources.states[drawn].tolist())
    return any(state != GONE and file_state(sources.paths[n]) != state for n, state in zip(drawn, states, strict=True))


def remove_evaluation(folder: Path) -> None:
    """Remove an evaluation; what is no evaluation is left as it is.

    Raises:
        InputError: it is none, or it cannot be removed.
    """
    if not (folder / RECORD_FILE).is_file():
        raise InputError(f"{folder} is no evaluation, so it was not removed.")
    try:
        # First the file without which it is none: what is removed by halves does not look whole.
        (folder / RECORD_FILE).unlink()
        shutil.rmtree(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be removed: {error.strerror or error}.") from error


def _size_and_time(folder: Path) -> tuple[int, float]:
    """Bytes of its files, and when it was opened last; another process may remove it meanwhile."""
    size, opened = 0, 0.0
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            found = path.stat()
            size += found.st_size
            if path.name == RECORD_FILE:
                opened = found.st_mtime
    return size, opened

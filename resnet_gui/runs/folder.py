"""The run folder: create, list, follow, replay.

``run.json`` says what is trained, ``events.jsonl`` how it goes, ``last.pt`` is the checkpoint to go on from,
``best.safetensors`` the weights to use, ``log.txt`` what libraries printed. The folder is the truth: a window that was
closed, or another program, learns from it all there is to know.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import platform
import re
import time
from datetime import datetime
from pathlib import Path

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import SWEEP_RUNS, lab_folder, occupied, read_text, runs_folder, sweeps_folder, write_atomic
from resnet_gui.base.jsonl import encode_line
from resnet_gui.data.grey_range import FULL_RANGE, GreyRange
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.data.preprocessing import Interpolation, Preprocess
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.runs.events import THREADS_VERSION, RunEnded, RunEvent, ThreadChange, decode_run_event
from resnet_gui.runs.history import EVENTS_FILE, Status, replay
from resnet_gui.runs.lock import LOCK_FILE, is_locked, writer_of
from resnet_gui.training.extension import Extension
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest

LOG = logging.getLogger(__name__)
RUN_FILE, LAST_FILE, BEST_FILE = "run.json", "last.pt", "best.safetensors"
LOG_FILE, STOP_FILE, PAUSE_FILE = "log.txt", "stop", "pause"

_TAIL = 65_536
FOREIGN_SECONDS = 300.0
"""A run of another computer whose events have not grown for so long is not going on any more."""


class DataIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """The identity of the pictures that a run learns from.

    Attributes:
        name: "digits" or the folder's name.
        classes: labels in the order of the outputs.
        sha256: digest over all pictures and labels as the network gets them.
        mean: of each channel of the training pictures, on the scale 0 to 1.
        std: of each channel.
        description: what the set holds and where from; None in runs of earlier builds.
        final_images: pictures that are tested once, at the end.
        greys: what is black and white among greys of more than 8 bits.
        final_sha256: digest over the pictures that are tested once; empty without any, and in runs of earlier builds.
        resize: pixels of the short side before the input is cut out, as ``Preprocess`` has it; 0 scales to the input.
        interpolation: how pixels are resampled.
        without_copies: whether training pictures that are held out too are left out; not in runs of earlier builds.
        sampled_sha256: of a set that is read while the training goes on, digest over the first MiB of files that are
            evenly spread over it; empty of others, and in runs of earlier builds.
        crops_from_files: whether random-resized crops are cut from the files where pictures are read while the run goes
            on; runs of earlier builds cut them from copies at the input's size, and go on so.
    """

    name: str
    classes: tuple[str, ...]
    train_images: int
    test_images: int
    sha256: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    description: DataDescription | None = None
    final_images: int = 0
    greys: GreyRange = FULL_RANGE
    final_sha256: str = ""
    resize: int = 0
    interpolation: Interpolation = "bilinear"
    crops_from_files: bool = False
    without_copies: bool = False
    sampled_sha256: str = ""

    def has_other_samples(self, now: DataIdentity) -> bool:
        """Whether files that were looked into are others in ``now``, as far as this one knows its own."""
        return bool(self.sampled_sha256) and self.sampled_sha256 != now.sampled_sha256

    def has_other_final_test(self, now: DataIdentity) -> bool:
        """Whether the pictures of the test at the end are not those of ``now``, as far as this one knows its own."""
        if self.description is None:
            return False
        unknown = self.final_images and not self.final_sha256
        return self.final_images != now.final_images or not (unknown or self.final_sha256 == now.final_sha256)


class StartInfo(StartRequest, frozen=True, kw_only=True):
    """The weights that a run began from: what was asked for, and what that was.

    Attributes:
        sha256: digest of its weights, in the order of its state_dict.
        sentences: what of it fitted, and what was made anew or changed.
    """

    sha256: str
    sentences: tuple[str, ...]


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``run.json``.

    Written when the run begins, and anew when it is extended, its pictures have moved or its count of threads changes.

    Attributes:
        device: that it began on.
        precision: number format that "auto" became.
        threads: of each process on the CPU when it began; others would round otherwise.
        threads_chosen: whether the user has chosen that count; runs of earlier builds, which do not say, keep theirs.
        thread_changes: other counts of threads from later steps on, in their order.
        processes: that share each batch.
        layout: of feature maps that "auto" became.
        start: weights that it began from; None where they were drawn.
        extensions: more epochs that it was given; the recipe has them already.
    """

    name: str
    spec: ResNetSpec
    recipe: Recipe
    data: DataIdentity
    device: str
    precision: str
    threads: int
    versions: dict[str, str]
    created: str
    processes: int = 1
    layout: str = "contiguous"
    threads_chosen: bool = True
    thread_changes: tuple[ThreadChange, ...] = ()
    start: StartInfo | None = None
    extensions: tuple[Extension, ...] = ()
    version: int = 1

    def threads_of_step(self, step: int) -> int:
        """Threads that a step is made with, counted from 1; a test after it is counted with as many."""
        changes = [change.threads for change in self.thread_changes if change.first <= step]
        return changes[-1] if changes else self.threads

    @property
    def preprocess(self) -> Preprocess:
        """How a picture becomes the network's input, in training, tests and answers."""
        data = self.data
        return Preprocess(
            mean=data.mean, std=data.std, resize=data.resize, interpolation=data.interpolation, greys=data.greys,
            fit=self.recipe.picture_fit,
        )  # fmt: skip


def write_run_info(folder: Path, info: RunInfo) -> None:
    """Write ``run.json``.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    write_atomic(folder / RUN_FILE, msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n")


def read_run_info(folder: Path) -> RunInfo:
    """Read ``run.json``.

    Raises:
        InputError: the folder is not a run, or is from another version.
    """
    if not folder.exists():
        raise InputError(f"There is no run {folder}.")
    if not (folder / RUN_FILE).is_file():
        raise InputError(f"{folder} is not a run folder: it has no {RUN_FILE}.")
    text = read_text(folder / RUN_FILE, "run file")
    try:
        info = msgspec.json.decode(text, type=RunInfo)
    except msgspec.MsgspecError as error:
        raise InputError(f"{folder / RUN_FILE} cannot be used: {decoding_fault(error, text, RunInfo)}.") from error
    if info.version not in {1, THREADS_VERSION}:
        raise InputError(f"{folder} was written by another version of this program (format {info.version}).")
    return info


def new_run_folder(name: str) -> Path:
    """A path for a new run that does not exist yet: time and name, under the program's own runs."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "run"
    stem = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{slug}"
    folder, number = runs_folder() / stem, 2
    while folder.exists():
        folder, number = runs_folder() / f"{stem}-{number}", number + 1
    return folder


def now_text() -> str:
    """The time with its zone, to the second, as ``run.json`` keeps it."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def prepare_run_folder(folder: Path) -> None:
    """Make an empty folder for a run, or take an empty one.

    Raises:
        InputError: it holds something already, or cannot be made.
    """
    try:
        # A process that was killed while it read the pictures leaves its lock, or half of its first file.
        there = list(folder.iterdir()) if folder.is_dir() else None
        torn = [path for path in there or () if path.name.startswith(f"{RUN_FILE}.tmp-")]
        if there is not None and {*there} <= {*torn, folder / LOCK_FILE} and not is_being_written(folder):
            for path in torn:
                path.unlink(missing_ok=True)
            return
        folder.mkdir(parents=True)
    except FileExistsError as error:
        command = "resnet-gui train --resume" if (folder / RUN_FILE).is_file() else ""
        raise occupied(folder, command) from error
    except OSError as error:
        raise InputError(f"The run folder {folder} cannot be made: {error.strerror or error}.") from error


def is_being_written(folder: Path) -> bool:
    """Whether a living process trains this run, on this computer or, by the age of its events, on another one."""
    if is_locked(folder):
        return True
    # Locks of another computer are not seen on every shared disk.
    host, _ = writer_of(folder)
    if host in {"", platform.node()}:
        return False
    try:
        quiet = time.time() - max((folder / name).stat().st_mtime for name in (EVENTS_FILE, LOCK_FILE))
    except OSError:
        return False
    return quiet < FOREIGN_SECONDS and _last_word(folder) is None


class EventLog:
    """The writer of a run's ``events.jsonl``, each line flushed.

    A file that somebody removes or replaces while the run goes on is put back with all that it held: it is open here,
    and the truth of the run.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / EVENTS_FILE
        _cut_torn_line(path)
        self._path = path
        self._file = path.open("a+b", buffering=0)

    def append(self, event: RunEvent) -> None:
        """Write one line.

        Raises:
            OSError: the disk is full.
        """
        line = encode_line(event)
        start = self._file.tell()
        try:
            written = self._file.write(line)
            if written != len(line):  # a disk that fills up takes a part
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        except OSError:
            # A torn line would swallow the start of the next one.
            with contextlib.suppress(OSError):
                self._file.truncate(start)
            raise

    def sync(self) -> None:
        """Have what was written on disk, before a checkpoint that builds on it.

        Raises:
            OSError: the disk is full, or the run's folder is gone.
        """
        self._put_back()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        try:
            self._put_back()
        except OSError as error:
            # The run has said its last word already; of a folder that is gone, whoever wrote last has said so.
            LOG.warning("%s was removed and cannot be written again: %s", self._path, error)
        finally:
            self._file.close()

    def _put_back(self) -> None:
        """Write the file anew if its name leads elsewhere by now."""
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(self._file.fileno()), self._path.stat()):
                return
        if not self._path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))
        self._file.seek(0)
        write_atomic(self._path, self._file.read())
        self._file.close()
        self._file = self._path.open("a+b", buffering=0)
        LOG.warning("%s was removed or replaced while the run went on; it is there again, whole", self._path)


def _cut_torn_line(path: Path) -> None:
    """Drop a last line without line feed, which a killed writer left, so that the next line stands alone."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        size = whole = file.seek(0, os.SEEK_END)
        while whole:
            start = max(0, whole - _TAIL)
            file.seek(start)
            found = file.read(whole - start).rfind(b"\n")
            whole = start + found + 1 if found >= 0 else start
            if found >= 0:
                break
        if whole < size:
            file.truncate(whole)


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run as a list shows it; ``error`` is the best test error so far (fraction), ``seconds`` its training time."""

    folder: Path
    info: RunInfo
    status: Status
    epoch: int
    error: float | None
    message: str = ""
    seconds: float | None = None

    @property
    def usable(self) -> bool:
        """Whether its best weights can classify pictures."""
        return (self.folder / BEST_FILE).is_file()


def summarise(folder: Path) -> RunSummary:
    """What a list shows of a run; reads only the end of the events where that is enough.

    Raises:
        InputError: the folder is not a run.
    """
    info = read_run_info(folder)
    alive = is_being_written(folder)
    ended = None if alive else _last_word(folder)
    if ended is not None and ended.result is not None:
        error: float | None = 1 - ended.result.best_top1
        return RunSummary(
            folder=folder,
            info=info,
            status=ended.status,
            epoch=ended.result.epochs,
            error=error,
            message=ended.message,
            seconds=ended.result.seconds,
        )
    state = replay(folder, steps=False)
    return RunSummary(
        folder=folder,
        info=info,
        status=state.status(alive=alive),
        epoch=state.last_epoch.epoch if state.last_epoch else 0,
        error=state.best_error,
        message=state.ended.message if state.ended else "",
        seconds=state.seconds,
    )


def _last_word(folder: Path) -> RunEnded | None:
    try:
        with (folder / EVENTS_FILE).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            lines = file.read().splitlines()
        event = decode_run_event(lines[-1]) if lines else None
    except (OSError, msgspec.MsgspecError):
        return None
    return event if isinstance(event, RunEnded) else None


def list_runs() -> tuple[list[RunSummary], list[str]]:
    """All runs, those of sweeps behind the others, the newest first; and a sentence for each that cannot be read."""
    found: list[RunSummary] = []
    problems: list[str] = []
    for path in run_folders():
        try:
            found.append(summarise(path))
        except InputError as error:
            problems.append(str(error))
    return found, problems


def run_folders() -> list[Path]:
    """The folders of all runs that lie in the program's own places: by themselves, in sweeps, in sweeps of the Lab."""
    places = [
        (runs_folder(), "*"),
        (sweeps_folder(), f"*/{SWEEP_RUNS}/*"),
        (lab_folder(), f"*/sweep/{SWEEP_RUNS}/*"),
    ]
    found = (sorted(folder.glob(f"{depth}/{RUN_FILE}"), reverse=True) for folder, depth in places)
    return [file.parent for files in found for file in files]

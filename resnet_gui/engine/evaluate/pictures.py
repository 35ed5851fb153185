"""Pictures of an evaluation: shown, given as files, copied into a folder."""

from __future__ import annotations

import contextlib
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import AtomicPath, data_folder, make_room, write_atomic
from resnet_gui.base.text import is_readable, readable
from resnet_gui.data.layouts.description import many
from resnet_gui.engine.data.set_thumbnails import as_png
from resnet_gui.engine.evaluate.opened import OpenedEvaluation, open_evaluated
from resnet_gui.engine.evaluate.progress import GoOn, JobProgress, Send
from resnet_gui.protocol.evaluation_events import PictureFile
from resnet_gui.protocol.evaluation_messages import CopyEvaluated, PrepareEvaluated, ShowEvaluated
from resnet_gui.protocol.events import JobDone, Thumbnail, ThumbnailsLoaded

MOST: Final = 64
"""Pictures in an answer."""

SIDE: Final = 128
"""Pixels of a thumbnail's longer side at most."""

MOST_CACHED: Final = 256 * 2**20
"""Bytes of the pictures that were written for Predict; the oldest go first."""

THREADS: Final = 4
LONGEST: Final = 40
"""Letters of a class, and of a picture's own name, in the name of its copy."""


def show_evaluated(job: ShowEvaluated) -> ThumbnailsLoaded:
    """Read pictures as the network gets them; those that cannot be read any more are left out.

    Raises:
        InputError: there is no such evaluation, or its model or its set is gone or has changed.
    """
    opened = open_evaluated(job.folder)
    opened.prepare_reading()

    def shown(number: int) -> Thumbnail | None:
        with contextlib.suppress(InputError):
            return Thumbnail(number, as_png(opened.pixels(number), SIDE), opened.evaluation.answers.files[number])
        return None

    with ThreadPoolExecutor(THREADS) as threads:
        return ThumbnailsLoaded(job.job, tuple(filter(None, threads.map(shown, job.numbers[:MOST]))))


def prepare_evaluated(job: PrepareEvaluated) -> PictureFile:
    """The file of a picture; one that is held in arrays is written as PNG into the program's cache.

    Raises:
        InputError: there is no such picture, it is gone, or the cache cannot be written.
    """
    opened = open_evaluated(job.folder)
    path = opened.path(job.number)
    if path is None:
        path = _cached(opened, job.number)
    elif not is_readable(str(path)):
        raise InputError(f"The name of the picture {readable(str(path))} is not valid text (UTF-8); rename it.")
    return PictureFile(job.job, job.number, str(path))


def _cached(opened: OpenedEvaluation, number: int) -> Path:
    folder = data_folder() / "cache" / "evaluated"
    path = folder / f"{opened.evaluation.record.data_sha[:16]}-{opened.data_number(number)}.png"
    if path.is_file():
        return path
    content = as_png(opened.array(number))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        make_room(folder.glob("*.png"), len(content), MOST_CACHED)
        write_atomic(path, content)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}; free space there.") from error
    return path


def copy_evaluated(job: CopyEvaluated, send: Send, go_on: GoOn) -> JobDone:
    """Copy pictures into a folder, which is made where there is none; a name that is taken gets a number.

    Names begin with the true class and the answer, since pictures of several folders may have one name.

    Raises:
        InputError: the folder cannot be written, or some pictures are gone; the sentence says how many were copied.
    """
    opened, target = open_evaluated(job.folder), Path(job.target)
    progress = JobProgress(job.job, send, go_on)
    lost: list[str] = []
    copied = 0
    for place, number in enumerate(dict.fromkeys(job.numbers)):
        progress.check()
        try:
            path = opened.path(number)
            content = None if path is not None else as_png(opened.array(number))
        except InputError as error:
            lost.append(str(error))
            continue
        try:
            target.mkdir(parents=True, exist_ok=True)
            _copy(path, content, _free_name(target, _copy_name(opened, number, path)))
        except OSError as error:
            done = f"; {many(copied, 'picture')} of {len(job.numbers):,} were copied" if copied else ""
            raise InputError(f"{target} cannot be written: {error.strerror or error}{done}.") from error
        copied += 1
        progress.reached("pictures copied", place + 1, len(job.numbers))
    if lost:
        raise InputError(f"{many(len(lost), 'picture')} of {len(job.numbers):,} could not be copied: {lost[0]}")
    return JobDone(job.job)


def _copy_name(opened: OpenedEvaluation, number: int, path: Path | None) -> str:
    """The name of a copy: ``cat-as-dog-0003.png``."""
    answers = opened.evaluation.answers
    label, answer = (
        re.sub(r"[^\w .+-]", "_", answers.labels[each[number]])[:LONGEST].strip(" .")
        for each in (answers.truth, answers.answer)
    )
    name = Path(f"picture-{number}.png") if path is None else path
    return f"{label}-as-{answer}-{name.stem[-LONGEST:]}{name.suffix[:LONGEST]}"


def _free_name(folder: Path, name: str) -> Path:
    """A name in a folder that is not taken: ``cat.png``, ``cat-2.png``, …."""
    path, number = folder / name, 2
    while path.exists() or path.is_symlink():
        path, number = folder / f"{Path(name).stem}-{number}{Path(name).suffix}", number + 1
    return path


def _copy(source: Path | None, content: bytes | None, target: Path) -> None:
    """Write a whole file or none."""
    with AtomicPath(target) as temporary:
        if source is not None:
            shutil.copyfile(source, temporary)
        else:
            temporary.write_bytes(content or b"")

"""Pictures of an evaluation that are among training pictures too: the same pixels, or nearly the same picture.

Near duplicates in test parts flatter: 3.3 % of CIFAR-10's test pictures have one among the training pictures (Barz and
Denzler 2020). They are found by a perceptual hash of 64 bits, the signs of the lowest frequencies of the grey picture
(pHash, Zauner 2010, section 3.2.1), and confirmed by the correlation of the small grey pictures.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable
from resnet_gui.data.layouts.splitting import EVERY_FIFTH, SplitRule
from resnet_gui.engine.data.datasets import array_parts, array_split
from resnet_gui.engine.data.folders import list_looked
from resnet_gui.engine.data.opened import Watch, open_data
from resnet_gui.engine.data.pictures import open_picture
from resnet_gui.engine.data.scaling.flat import flat_image
from resnet_gui.engine.evaluate.opened import OpenedEvaluation, open_evaluated
from resnet_gui.engine.evaluate.progress import GoOn, JobProgress, Send
from resnet_gui.engine.evaluate.tested_pictures import as_picture
from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.protocol.evaluation_events import CopiesFound, PictureCopy
from resnet_gui.protocol.evaluation_messages import FindCopies
from resnet_gui.runs.folder import RUN_FILE, read_run_info

SIDE: Final = 32
"""Pixels of a side of the grey picture that is hashed."""

SMALL: Final = 16
"""Pixels of a side of the grey picture that is kept."""

LOWEST: Final = 8
"""Frequencies in each direction whose signs make the hash."""

THRESHOLD: Final = 8
"""Bits of the hash that may differ."""

CORRELATION: Final = 0.9
"""Of the small grey pictures, at least: hashes of plain pictures agree by chance."""

PLAIN: Final = 2.0
"""Standard deviation, in levels of 255, below which a picture has nothing that a hash could hold."""

PIECE: Final = 256
"""Pictures that are read between two questions whether to go on."""

BLOCK: Final = 1 << 22
"""Pairs of hashes that are compared at a time."""

GATHERED: Final = 1 << 14
"""Pairs whose small pictures are compared at a time, 32 MiB of them."""


class PictureSketches(NamedTuple):
    """The digests, hashes and small copies of pictures, by which they are compared.

    Attributes:
        digests: of the pixels; empty where a picture cannot be read.
        hashes: uint64 (N,).
        small: float16 (N, SMALL²), of mean 0 and length 1; zeros where a picture is too plain.
    """

    digests: list[bytes]
    hashes: NDArray[np.uint64]
    small: NDArray[np.float16]

    @property
    def unreadable(self) -> int:
        """How many could not be read."""
        return sum(not digest for digest in self.digests)


class TrainingPictures(NamedTuple):
    """Pictures that were learnt from: how many, what reads one, and the name and the class of each."""

    pictures: int
    picture: Callable[[int], Image.Image]
    title: Callable[[int], str]
    label: Callable[[int], str]


def find_copies(job: FindCopies, send: Send, go_on: GoOn) -> CopiesFound:
    """Compare the pictures of an evaluation with training pictures.

    Raises:
        InputError: there is no such evaluation or no such data, there are no training pictures, or it was given up.
    """
    opened = open_evaluated(job.folder)
    opened.prepare_reading()
    progress = JobProgress(job.job, send, go_on)
    training = training_pictures(job.train_data, opened.evaluation.record, progress.watch)
    shared = 0
    if not job.train_data and not opened.evaluation.record.model.run:
        training, shared = training_alone(training, opened.evaluation.answers.files)
    count = len(opened.evaluation.answers)
    total = count + training.pictures

    def reached(done: int) -> None:
        progress.check()
        progress.reached("pictures compared", done, total)

    ours = sketches(count, lambda number: _evaluated_picture(opened, number), reached)
    theirs = sketches(training.pictures, training.picture, lambda done: reached(count + done))
    by_digest: dict[bytes, int] = {}
    for number, digest in enumerate(theirs.digests):
        by_digest.setdefault(digest, number)
    exact = {number: by_digest[digest] for number, digest in enumerate(ours.digests) if digest and digest in by_digest}
    near = [pair for pair in near_pairs(ours, theirs, progress.check) if pair[0] not in exact]
    return CopiesFound(
        job=job.job, pictures=count, training_pictures=training.pictures, threshold=THRESHOLD,
        shared=shared, unreadable=ours.unreadable + theirs.unreadable,
        exact=tuple(PictureCopy(ours_, training.title(other), training.label(other)) for ours_, other in exact.items()),
        near=tuple(
            PictureCopy(ours_, training.title(other), training.label(other), distance)
            for ours_, other, distance in sorted(near, key=lambda pair: (pair[2], pair[0]))
        ),
    )  # fmt: skip


def training_alone(training: TrainingPictures, evaluated: Sequence[str]) -> tuple[TrainingPictures, int]:
    """The training part of data of which other files were evaluated, without those that were; and how many those are.

    Raises:
        InputError: nothing is left.
    """
    own = set(map(readable, evaluated))
    alone = [number for number in range(training.pictures) if training.title(number) not in own]
    if not alone:
        raise InputError(
            "Every picture of this folder was evaluated, so none of it is for training alone; name the pictures that "
            "the model has learnt from."
        )
    kept = TrainingPictures(
        len(alone), lambda place: training.picture(alone[place]), lambda place: training.title(alone[place]),
        lambda place: training.label(alone[place]),
    )  # fmt: skip
    return kept, training.pictures - len(alone)


def _evaluated_picture(opened: OpenedEvaluation, number: int) -> Image.Image:
    path = opened.path(number)
    return open_picture(path) if path is not None else as_picture(opened.array(number))


def training_pictures(data: str, record: EvaluationRecord, watch: Watch) -> TrainingPictures:
    """The pictures that were learnt from.

    Args:
        data: as training reads it; empty for what the evaluated run learnt from, or for the training part of the data
            that were evaluated.
        record: of the evaluation.
        watch: told how far the look through files is; may raise to break off.

    Raises:
        InputError: there is no such data, or it has no training part.
    """
    split: SplitRule = EVERY_FIFTH
    run = Path(record.model.path)
    if not data and record.model.run and (run / RUN_FILE).is_file():
        recipe = read_run_info(run).recipe
        data, split = recipe.data, recipe.split
    # What is said of the training data was said when it was trained on.
    opened = open_data(data or record.data, watch)
    if opened.scan is None or opened.arrays is not None:
        held = array_parts(opened, split)
        part = array_split(held.parts["training"])
        labels = part.labels.tolist()
        return TrainingPictures(
            len(labels), lambda number: as_picture(part.images[number].numpy()), lambda number: f"picture {number}",
            lambda number: readable(held.classes[labels[number]]),
        )  # fmt: skip
    listing = list_looked(opened.scan, opened.named, split)
    files, tensor = listing.part("train")
    numbers = tensor.tolist()
    return TrainingPictures(
        len(files), lambda number: open_picture(files[number]), lambda number: readable(str(files[number])),
        lambda number: readable(listing.classes[numbers[number]]),
    )  # fmt: skip


def sketches(count: int, picture: Callable[[int], Image.Image], reached: Callable[[int], None]) -> PictureSketches:
    """What pictures are compared by; those that cannot be read have an empty digest.

    Args:
        count: how many.
        picture: reads one by its number, in several threads; may raise InputError.
        reached: called with how many are done; may raise to break off.
    """
    found = PictureSketches([], np.zeros(count, np.uint64), np.zeros((count, SMALL**2), np.float16))

    def sketch(number: int) -> tuple[bytes, NDArray[np.float32]]:
        try:
            colours = flat_image(picture(number), 3)
        except InputError:
            return b"", np.zeros((SIDE, SIDE), dtype=np.float32)
        grey = np.asarray(colours.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
        return hashlib.blake2b(repr(colours.size).encode() + colours.tobytes(), digest_size=16).digest(), grey

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as threads:
        for start in range(0, count, PIECE):
            reached(start)
            piece = list(threads.map(sketch, range(start, min(count, start + PIECE))))
            found.digests.extend(digest for digest, _ in piece)
            grey = np.stack([each for _, each in piece])
            found.hashes[start : start + len(piece)] = hashes(grey)
            found.small[start : start + len(piece)] = _normalised(grey)
    return found


def hashes(grey: NDArray[np.float32]) -> NDArray[np.uint64]:
    """The perceptual hash of small grey pictures (N, S, S): which of the lowest frequencies lie above their median.

    Of the two-dimensional discrete cosine transform (type II) the 8 × 8 lowest, the mean left out of the median.

    Returns:
        (N,) uint64.
    """
    side = grey.shape[1]
    at = np.arange(side) + 0.5
    waves = np.cos(np.pi / side * np.outer(np.arange(LOWEST), at)).astype(np.float32)
    low: NDArray[np.float32] = (waves @ grey @ waves.T).reshape(len(grey), LOWEST * LOWEST)
    bits = low > np.median(low[:, 1:], axis=1, keepdims=True) if len(grey) else low > 0
    return np.packbits(bits, axis=1).view(np.uint64).reshape(len(grey))


def _normalised(grey: NDArray[np.float32]) -> NDArray[np.float16]:
    """Grey pictures (N, SIDE, SIDE) at a smaller size, of mean 0 and length 1; zeros where they are too plain."""
    share = SIDE // SMALL
    flat = grey.reshape(len(grey), SMALL, share, SMALL, share).mean(axis=(2, 4)).reshape(len(grey), SMALL**2)
    flat = flat - flat.mean(axis=1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    plain = length < PLAIN * SMALL
    return np.where(plain, 0, flat / np.where(plain, 1, length)).astype(np.float16)


def near_pairs(
    ours: PictureSketches, theirs: PictureSketches, check: Callable[[], None] = lambda: None
) -> Sequence[tuple[int, int, int]]:
    """For each of our pictures that has one, the nearest of theirs: both numbers, and the bits that differ.

    Args:
        ours: of the pictures for which copies are looked for.
        theirs: of those that may be copies.
        check: called now and then; may raise to break off.
    """
    # Hashes of plain pictures are much the same: they would all be pairs, and none of them is near.
    mine, others = (np.flatnonzero(each.small.any(axis=1)) for each in (ours, theirs))
    found: list[tuple[int, int, int]] = []
    if not len(others):
        return found
    rows = max(1, BLOCK // len(others))
    for start in range(0, len(mine), rows):
        check()
        block = mine[start : start + rows]
        distances = np.bitwise_count(ours.hashes[block, None] ^ theirs.hashes[None, others])
        places, columns = np.nonzero(distances <= THRESHOLD)
        pairs = _alike_pairs(ours, theirs, block[places], others[columns], check)
        apart = distances[places[pairs], columns[pairs]]
        ordered = pairs[np.lexsort((columns[pairs], apart, places[pairs]))]
        _, first = np.unique(places[ordered], return_index=True)
        for place, column in zip(places[ordered[first]].tolist(), columns[ordered[first]].tolist(), strict=True):
            found.append((int(block[place]), int(others[column]), int(distances[place, column])))
    return found


def _alike_pairs(
    ours: PictureSketches, theirs: PictureSketches, mine: NDArray[np.int64], others: NDArray[np.int64],
    check: Callable[[], None],
) -> NDArray[np.int64]:  # fmt: skip
    """Which pairs of pictures (P,) and (P,) are alike, their places; gathered in pieces, for any two may be a pair."""
    alike = np.zeros(len(mine), dtype=np.bool_)
    for start in range(0, len(mine), GATHERED):
        check()
        piece = slice(start, start + GATHERED)
        small = (each.small[at[piece]].astype(np.float32) for each, at in ((ours, mine), (theirs, others)))
        alike[piece] = np.einsum("ij,ij->i", *small) >= CORRELATION
    return np.flatnonzero(alike)

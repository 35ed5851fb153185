"""What follows from a network's log-probabilities for each single picture, a block of pictures at a time."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.calibration import blocks, losses

SUM_TOLERANCE: Final = 1e-2
"""By which the probabilities of a picture may miss 1: a thousand float32 logarithms miss it by far less."""


class PictureFigures(NamedTuple):
    """The figures of each of some pictures; all (N,).

    Attributes:
        answer: the likeliest class, int32; of equal ones the first.
        confidence: its probability, float32.
        loss: −log of the probability of the truth, in nats, float32; at most that of the smallest float32, 103.3.
        rank: how many classes stand before the truth, int32; 0 is a right answer.
        brier: squared error of the probabilities, summed over the classes, float32.
    """

    answer: NDArray[np.int32]
    confidence: NDArray[np.float32]
    loss: NDArray[np.float32]
    rank: NDArray[np.int32]
    brier: NDArray[np.float32]


def picture_figures(scores: NDArray[np.float32], truth: NDArray[np.int32], first: int = 0) -> PictureFigures:
    """The figures of pictures.

    Args:
        scores: log-probabilities (N, K), finite or −inf (a probability of 0).
        truth: class of each picture (N,), from 0 to K − 1.
        first: number of the first of these pictures, for errors.

    Raises:
        InputError: something is no log-probability, or a class is none of the network's.
    """
    if scores.ndim != 2 or len(truth) != len(scores):
        raise InputError(f"Answers of shape {scores.shape} do not fit the classes of {len(truth):,} pictures.")
    count, classes = scores.shape
    if wrong := np.flatnonzero((truth < 0) | (truth >= classes))[:1].tolist():
        raise InputError(
            f"Picture {first + wrong[0]} is of class number {truth[wrong[0]]}, but the network has {classes} classes."
        )
    found = PictureFigures(
        np.empty(count, np.int32), np.empty(count, np.float32), np.empty(count, np.float32),
        np.empty(count, np.int32), np.empty(count, np.float32),
    )  # fmt: skip
    for rows, block in blocks(scores):
        for whole, part in zip(found, _of_block(block, truth[rows], first + rows.start), strict=True):
            whole[rows] = part
    return found


def _of_block(scores: NDArray[np.float32], truth: NDArray[np.int32], first: int) -> PictureFigures:
    with np.errstate(over="ignore"):
        likely = np.exp(scores)
    sums = likely.sum(axis=1)
    # Also finds what is not a number: nothing is near to that.
    wrong = np.flatnonzero(~(np.abs(sums - 1) <= SUM_TOLERANCE))
    if len(wrong):
        raise InputError(
            f"The network's answer about picture {first + int(wrong[0])} is no set of probabilities (their sum is "
            f"{sums[wrong[0]]:g}); its weights may be damaged."
        )
    at = np.arange(len(scores))
    answer = scores.argmax(axis=1).astype(np.int32)
    of_truth = scores[at, truth]
    before = scores > of_truth[:, None]
    # Of equal ones the first counts as likelier, as for the answer.
    before |= (scores == of_truth[:, None]) & (np.arange(scores.shape[1]) < truth[:, None])
    brier = np.einsum("ij,ij->i", likely, likely) - 2 * likely[at, truth] + 1
    return PictureFigures(
        answer, likely[at, answer], losses(of_truth), before.sum(axis=1, dtype=np.int32),
        np.maximum(brier, np.float32(0)),
    )  # fmt: skip

"""Whether probabilities are as often right as they say, and the temperature that makes them so (Guo et al. 2017)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError

Real = TypeVar("Real", np.float32, np.float64)

BINS: Final = 15
"""Of the calibration error, as Guo et al. 2017 have it."""

TEMPERATURES: Final = tuple(2.0 ** (step / 8) for step in range(-16, 17))
"""The grid of temperatures: from 1/4 to 4, 1 among them, evenly spaced in the logarithm."""

BLOCK: Final = 1 << 18
"""Log-probabilities that are worked on at a time: with what comes of them they stay in a processor's cache."""

SMALLEST: Final = float(np.log(np.finfo(np.float32).smallest_subnormal))
"""Log of the smallest probability above 0 that a float32 has, −103.3; a smaller one has the loss of this one."""

STEPS: Final = 60
"""Of the search for a temperature, at most."""

TOLERANCE: Final = 1e-9
"""Of 1/T, at which the search ends."""


class Reliability(msgspec.Struct, frozen=True):
    """The reliability diagram: how often answers of about one confidence are right.

    Attributes:
        edges: of the bins, one more than there are bins; a bin holds what is above its lower edge and up to its upper.
        count: pictures in each bin.
        accuracy: share of them that was answered rightly; None in an empty bin.
        confidence: mean probability of their answers; None in an empty bin.
        error: expected calibration error, from 0 to 1.
    """

    edges: tuple[float, ...]
    count: tuple[int, ...]
    accuracy: tuple[float | None, ...]
    confidence: tuple[float | None, ...]
    error: float


class Temperature(msgspec.Struct, frozen=True, kw_only=True):
    """The temperature that was fitted on one half of the pictures and judged on the other.

    Attributes:
        value: what the network's outputs are divided by.
        pictures: it was fitted on.
        held_out: pictures of the other half, of which the figures below are.
        seed: of the halves.
        ece_before, ece_after: calibration error of the other half at temperature 1 and at this one.
        loss_before, loss_after: log-loss of the other half, in nats.
        at_edge: whether it is an end of what was searched, so that the best lies there or beyond.
    """

    value: float
    pictures: int
    held_out: int
    seed: int
    ece_before: float
    ece_after: float
    loss_before: float
    loss_after: float
    at_edge: bool


def reliability(confidence: NDArray[np.float32], correct: NDArray[np.bool_], bins: int = BINS) -> Reliability:
    """The reliability diagram and the expected calibration error (Guo et al. 2017, equations 1 to 3).

    Bins are of equal width and closed above, ((m − 1)/M, m/M], as the paper has them; a confidence of 0 is in the
    first. (torchmetrics closes them below and gives exactly 1.0 a 16th bin of its own:
    ``findings/torchmetrics-bin-of-one.sh``.)

    Args:
        confidence: probability of each answer (N,), N at least 1.
        correct: whether it is right (N,).
        bins: how many.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.searchsorted(edges[1:-1], confidence.astype(np.float64), side="left")
    count = np.bincount(place, minlength=bins)
    right = np.bincount(place, weights=correct, minlength=bins)
    sure = np.bincount(place, weights=confidence, minlength=bins)
    error = float(np.abs(right - sure).sum()) / len(confidence)
    return Reliability(tuple(edges.tolist()), tuple(count.tolist()), _means(right, count), _means(sure, count), error)


def _means(sums: NDArray[np.number], count: NDArray[np.integer]) -> tuple[float | None, ...]:
    return tuple(
        total / number if number else None for total, number in zip(sums.tolist(), count.tolist(), strict=True)
    )


def calibration_error(confidence: NDArray[np.float32], correct: NDArray[np.bool_], bins: int = BINS) -> float:
    """The expected calibration error, from 0 to 1; see ``reliability``."""
    return reliability(confidence, correct, bins).error


def calibration_half(truth: NDArray[np.int32], seed: int) -> NDArray[np.bool_]:
    """Which pictures a temperature is fitted on: every second of a shuffled row that is sorted by class.

    So each class is halved, to one picture, and so are all. The row is shuffled by the generator that NumPy promises
    never to change (NEP 19), so that a seed names the same halves in years.

    Args:
        truth: class of each picture (N,).
        seed: of the shuffling.

    Returns:
        (N,), True for those that it is fitted on.
    """
    shuffled = np.random.RandomState(seed).permutation(len(truth))
    by_class = shuffled[np.argsort(truth[shuffled], kind="stable")]
    half = np.zeros(len(truth), dtype=np.bool_)
    half[by_class[::2]] = True
    return half


def confidences_at(scores: NDArray[np.float32], temperatures: Sequence[float]) -> NDArray[np.float32]:
    """Largest probability of each picture at each temperature, a block of pictures at a time.

    Args:
        scores: log-probabilities (N, K), finite or −inf, one of each picture finite.
        temperatures: what they are divided by, T of them.

    Returns:
        (T, N).
    """
    found = np.empty((len(temperatures), len(scores)), dtype=np.float32)
    for rows, block in blocks(scores):
        # A probability of 0 is 0 at every temperature.
        below = block - block.max(axis=1, keepdims=True)
        work = np.empty_like(below)
        for number, temperature in enumerate(temperatures):
            with np.errstate(over="ignore"):  # to −inf, which is a probability of 0
                np.multiply(below, np.float32(1 / temperature), out=work)
            np.exp(work, out=work)
            found[number, rows] = 1 / work.sum(axis=1)
    return found


def blocks(scores: NDArray[np.float32]) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Rows of a matrix (N, K) that may lie on disk, about BLOCK numbers at a time, and which rows they are."""
    size = max(1, BLOCK // max(scores.shape[1], 1))
    for start in range(0, len(scores), size):
        rows = slice(start, min(start + size, len(scores)))
        yield rows, scores[rows]


def losses(scores: NDArray[Real]) -> NDArray[Real]:
    """The losses of log-probabilities of the truth, in nats; of those below the smallest float32 has, that one's.

    So the likelier has never the larger loss, and no picture outweighs all others by a number without end.
    """
    found: NDArray[Real] = -np.maximum(scores, scores.dtype.type(SMALLEST))
    return found


def fit_temperature(scores: NDArray[np.float32], truth: NDArray[np.int32], seed: int = 0) -> Temperature:
    """The temperature that makes the truth of one half of the pictures likeliest (Guo et al. 2017, section 4.2).

    The negative log-likelihood is convex in 1/T, so Newton's steps within a bracket find the only minimum within
    TEMPERATURES. It is judged by ``losses``, at both temperatures.

    Args:
        scores: log-probabilities (N, K), finite or −inf.
        truth: class of each picture (N,).
        seed: of the halves.

    Raises:
        InputError: there is not one picture for each half.
    """
    if len(truth) < 2:
        raise InputError("A temperature is fitted on one half of the pictures and judged on the other; two are needed.")
    half = calibration_half(truth, seed)
    fitted = _Pictures(scores, truth, np.flatnonzero(half))
    others = _Pictures(scores, truth, np.flatnonzero(~half))
    sharpness, at_edge = _likeliest(fitted)
    before, after = others.judged(1.0), others.judged(sharpness)
    return Temperature(
        value=1 / sharpness, pictures=len(fitted.numbers), held_out=len(others.numbers), seed=seed,
        ece_before=before[0], ece_after=after[0], loss_before=before[1], loss_after=after[1], at_edge=at_edge,
    )  # fmt: skip


def _likeliest(pictures: _Pictures) -> tuple[float, bool]:
    """1/T at which the truth of some pictures is likeliest, and whether that is an end of the range."""
    low, high = 1 / TEMPERATURES[-1], 1 / TEMPERATURES[0]
    if pictures.slopes(low)[0] >= 0:
        return low, True
    if pictures.slopes(high)[0] <= 0:
        return high, True
    at = 1.0
    for _ in range(STEPS):
        slope, bend = pictures.slopes(at)
        low, high = (at, high) if slope < 0 else (low, at)
        step = at - slope / bend if bend > 0 else math.inf
        # Newton's step where it stays inside what is left of the range, else half of that.
        following = step if low < step < high else (low + high) / 2
        if abs(following - at) < TOLERANCE:
            return following, False
        at = following
    return at, False


class _Pictures:
    """Some of the pictures and what their log-probabilities say at a temperature; ``sharpness`` is 1/T."""

    def __init__(self, scores: NDArray[np.float32], truth: NDArray[np.int32], numbers: NDArray[np.int64]) -> None:
        self._scores, self._truth, self.numbers = scores, truth, numbers

    def _blocks(self) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int32]]]:
        """Log-probabilities over the largest of each picture, and the truth, of a block of the pictures at a time."""
        size = max(1, BLOCK // max(self._scores.shape[1], 1))
        for start in range(0, len(self.numbers), size):
            some = self.numbers[start : start + size]
            # A logarithm of 0 counts as the lowest number that a float32 has: nothing else follows from it.
            block = np.maximum(self._scores[some], np.finfo(np.float32).min).astype(np.float64)
            yield block - block.max(axis=1, keepdims=True), self._truth[some]

    def slopes(self, sharpness: float) -> tuple[float, float]:
        """First and second derivative by 1/T of the mean negative log-likelihood."""
        slope = bend = 0.0
        for below, truth in self._blocks():
            weights = np.exp(below * sharpness)
            weights /= weights.sum(axis=1, keepdims=True)
            mean = np.einsum("ij,ij->i", weights, below)
            spread = np.einsum("ij,ij,ij->i", weights, below, below) - mean * mean
            slope += float((mean - below[np.arange(len(truth)), truth]).sum())
            bend += float(spread.sum())
        return slope / len(self.numbers), bend / len(self.numbers)

    def judged(self, sharpness: float) -> tuple[float, float]:
        """Calibration error and log-loss."""
        sure, right, loss = [], [], 0.0
        for below, truth in self._blocks():
            total = np.exp(below * sharpness).sum(axis=1)
            sure.append((1 / total).astype(np.float32))
            right.append(below.argmax(axis=1) == truth)
            loss += float(losses(below[np.arange(len(truth)), truth] * sharpness - np.log(total)).sum())
        return calibration_error(np.concatenate(sure), np.concatenate(right)), loss / len(self.numbers)

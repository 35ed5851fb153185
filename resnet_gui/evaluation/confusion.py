"""Which classes are taken for which: counts, shares, and an order in which such classes lie together."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

Normalisation = Literal["counts", "rows", "columns"]

Counts = NDArray[np.int64]
"""Pictures by true class (rows) and answer (columns), (K, K)."""


class ConfusedPair(msgspec.Struct, frozen=True):
    """Two classes, one taken for the other.

    Attributes:
        truth: number of the true class.
        answer: number of the class that was answered.
        count: how many pictures.
        of: pictures of the true class.
    """

    truth: int
    answer: int
    count: int
    of: int


def confusion(truth: NDArray[np.int32], answer: NDArray[np.int32], classes: int) -> Counts:
    """The confusion matrix: pictures by true class (rows) and answer (columns).

    Args:
        truth: class of each picture (N,).
        answer: the network's class of each picture (N,).
        classes: how many the network knows; both are below that.

    Returns:
        (classes, classes).
    """
    cells = truth.astype(np.int64) * classes + answer
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def normalised(counts: Counts, by: Normalisation) -> NDArray[np.float64]:
    """The matrix as it is, or as shares of its rows (recall on the diagonal) or columns (precision).

    A row or column of no pictures has no shares: NaN.
    """
    if by == "counts":
        return counts.astype(np.float64)
    axis = 1 if by == "rows" else 0
    sums = counts.sum(axis=axis, keepdims=True).astype(np.float64)
    shares = np.full(counts.shape, np.nan)
    np.divide(counts, sums, out=shares, where=sums > 0)
    return shares


def most_confused(counts: Counts, most: int) -> tuple[ConfusedPair, ...]:
    """The pairs of classes that are confused most often, most pictures first; of equal ones by their numbers."""
    classes = len(counts)
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    cells = np.flatnonzero(wrong)
    chosen = cells[np.argsort(-wrong.ravel()[cells], kind="stable")[:most]]
    support = counts.sum(axis=1)
    return tuple(
        ConfusedPair(cell // classes, cell % classes, int(wrong.flat[cell]), int(support[cell // classes]))
        for cell in chosen.tolist()
    )


def order_by_confusion(counts: Counts) -> NDArray[np.int64]:
    """The classes in an order in which those that are taken for each other lie together.

    How alike two classes are is the share of each that is taken for the other, added. Clusters are merged by their
    average likeness (UPGMA, Sokal and Michener 1958, found by nearest-neighbour chains, Murtagh 1983), and each merge
    turns its two clusters so that of their ends the most alike touch (Gruvaeus and Wainer 1972). Classes that are
    never confused stay in the order of their numbers, after which clusters are ordered too. The same counts give the
    same order: of equal likenesses the lowest number counts.

    Returns:
        Numbers of classes, (K,).
    """
    return np.array(_chained(_likeness(counts)), dtype=np.int64)


def _likeness(counts: Counts) -> NDArray[np.float64]:
    shares = np.nan_to_num(normalised(counts, "rows"))
    np.fill_diagonal(shares, 0.0)
    return shares + shares.T


def _chained(likeness: NDArray[np.float64]) -> list[int]:
    """The leaves of the tree of merges from left to right; ``likeness`` (K, K) is symmetric with zeros inside."""
    classes = len(likeness)
    average = likeness.copy()
    np.fill_diagonal(average, -1.0)
    rows: list[list[int]] = [[number] for number in range(classes)]
    done: list[int] = []
    chain: list[int] = []
    left = dict.fromkeys(range(classes))
    while left:
        if not chain:
            chain.append(next(iter(left)))
        top = chain[-1]
        nearest = int(np.argmax(average[top]))
        best = average[top, nearest]
        if best <= 0:
            # Like none of the others: averages of nothing stay nothing, whatever else is merged.
            done.append(top)
            _leave(average, chain.pop(), left)
            continue
        if len(chain) > 1 and average[top, chain[-2]] >= best:
            other = chain[-2]
            del chain[-2:]
            kept, gone = min(top, other), max(top, other)
            _merge(average, rows, kept, gone)
            _leave(average, gone, left)
            rows[kept] = _joined(rows[kept], rows[gone], likeness)
        else:
            chain.append(nearest)
    return [number for cluster in sorted(done, key=lambda one: min(rows[one])) for number in rows[cluster]]


def _leave(average: NDArray[np.float64], cluster: int, left: dict[int, None]) -> None:
    """Take a cluster out of those that are still merged."""
    average[cluster, :] = average[:, cluster] = -1.0
    del left[cluster]


def _merge(average: NDArray[np.float64], rows: list[list[int]], kept: int, gone: int) -> None:
    """Have ``kept`` stand for both: the averages over all pairs of their classes."""
    sizes = len(rows[kept]), len(rows[gone])
    merged = (sizes[0] * average[kept] + sizes[1] * average[gone]) / sum(sizes)
    merged[average[kept] < 0] = -1.0
    merged[[kept, gone]] = -1.0
    average[kept, :] = average[:, kept] = merged


def _joined(first: list[int], second: list[int], likeness: NDArray[np.float64]) -> list[int]:
    """Two rows of classes behind each other, each turned or not, so that the most alike of their ends touch."""
    ways = (
        (likeness[first[-1], second[0]], False, False),
        (likeness[first[-1], second[-1]], False, True),
        (likeness[first[0], second[0]], True, False),
        (likeness[first[0], second[-1]], True, True),
    )
    _, turn_first, turn_second = max(ways, key=lambda way: way[0])
    return (first[::-1] if turn_first else first) + (second[::-1] if turn_second else second)

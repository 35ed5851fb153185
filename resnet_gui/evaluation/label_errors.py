"""Pictures whose label is probably wrong, by the answers about all of them (Northcutt et al. 2021)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnet_gui.evaluation.calibration import blocks


class LabelErrors(NamedTuple):
    """Probable label errors, the most probable first; all (M,).

    Attributes:
        numbers: of the pictures, int64.
        suggested: number of the class that they more probably show, int32.
        margin: probability of the label less the largest of the other classes, float32; the smallest is first.
    """

    numbers: NDArray[np.int64]
    suggested: NDArray[np.int32]
    margin: NDArray[np.float32]


def label_thresholds(scores: NDArray[np.float32], truth: NDArray[np.int32]) -> NDArray[np.float64]:
    """The mean probability of each class over the pictures that are labelled so (their equation 2); (K,).

    A class that no picture is labelled with has none: infinity, so no picture is counted to it.
    """
    classes = scores.shape[1]
    likely = np.exp(scores[np.arange(len(truth)), truth].astype(np.float64))
    count = np.bincount(truth, minlength=classes)
    sums = np.bincount(truth, weights=likely, minlength=classes)
    means = np.full(classes, np.inf)
    np.divide(sums, count, out=means, where=count > 0)
    return means


def label_errors(scores: NDArray[np.float32], truth: NDArray[np.int32]) -> LabelErrors:
    """The pictures off the diagonal of the confident joint.

    Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70,
    section 3.1: a picture is counted to the likeliest of the classes whose probability reaches their threshold, its
    mean over the pictures that are labelled so; one that is counted to another class than its label is a probable
    error (section 3.2, the method of the off-diagonals of the confident joint, not their baseline C_confusion, which
    takes every wrong answer). Ordered by the normalised margin of that section, p(label) − max p(other classes); the
    class with that maximum need not be the suggested one, for it may not reach its threshold. It supposes that the
    network has not learnt from these pictures.

    Args:
        scores: log-probabilities (N, K).
        truth: label of each picture (N,).
    """
    thresholds = label_thresholds(scores, truth)
    counted = np.empty(len(truth), dtype=np.int32)
    margins = [np.empty(0, dtype=np.float32)]
    for rows, block in blocks(scores):
        likely = np.exp(block)
        # float32 probabilities against a mean that is rounded to them, so that one class alone reaches its own.
        reached = np.where(likely >= thresholds.astype(np.float32), likely, np.float32(-1))
        best = reached.argmax(axis=1)
        counted[rows] = np.where(reached[np.arange(len(best)), best] >= 0, best, truth[rows])
        margins.append(_margins(likely, truth[rows], np.flatnonzero(counted[rows] != truth[rows])))
    numbers = np.flatnonzero(counted != truth)
    suggested, margin = counted[numbers], np.concatenate(margins)
    order = np.argsort(margin, kind="stable")
    return LabelErrors(numbers[order], suggested[order], margin[order])


def _margins(likely: NDArray[np.float32], truth: NDArray[np.int32], places: NDArray[np.int64]) -> NDArray[np.float32]:
    """Probability of the label less the largest of the other classes, of some rows of probabilities (B, K)."""
    others, at = likely[places], np.arange(len(places))
    own = others[at, truth[places]]
    others[at, truth[places]] = -np.inf
    margins: NDArray[np.float32] = own - others.max(axis=1)
    return margins

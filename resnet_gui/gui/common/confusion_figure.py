"""A confusion matrix as a figure for a paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from resnet_gui.gui.common.confusion_matrix import Normalisation
from resnet_gui.gui.kit.figures.matrix import MatrixFigure


def confusion_figure(
    counts: NDArray[np.int64],
    classes: Sequence[str],
    title: str,
    *,
    by: Normalisation = "counts",
    order: NDArray[np.int64] | None = None,
) -> MatrixFigure:
    """The matrix as a figure: rows are true classes, columns answers.

    Args:
        counts: (K, K), true class by answer.
        classes: their names.
        title: above it.
        by: whether the cells hold counts, or per cent of the true class or of the answer.
        order: numbers of the classes as they stand, from the top; None for their own order.
    """
    order = np.arange(len(counts)) if order is None else order
    axis = 0 if by == "columns" else 1
    shares = counts / np.maximum(1, counts.sum(axis, keepdims=True))
    shares, counts = shares[np.ix_(order, order)], counts[np.ix_(order, order)]
    if by == "counts":
        words = tuple(tuple(f"{count:,}" for count in line) for line in counts.tolist())
    else:
        words = tuple(tuple(f"{100 * share:.1f}" for share in line) for line in shares.tolist())
    colours = "of the answer" if by == "columns" else "of the true class"
    names = tuple(classes[number] for number in order.tolist())
    return MatrixFigure(shares, words, names, ("true class", "answer", colours), title)

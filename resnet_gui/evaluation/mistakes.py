"""The pictures that were answered wrongly, in orders worth looking through."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.selection import ALL, Selection

MistakeOrder = Literal["confidence", "class", "loss", "label"]

ORDERS: Final[dict[MistakeOrder, str]] = {
    "confidence": "most sure first",
    "loss": "largest loss first",
    "class": "by class",
    "label": "probable label errors",
}
"""Order -> its words."""


def mistakes(
    answers: Answers, order: MistakeOrder, selection: Selection = ALL, temperature: float = 1.0
) -> NDArray[np.int64]:
    """The wrongly answered pictures of a selection.

    Of a cell of the diagonal, whose pictures are all answered rightly, it is these; of pictures that were picked out
    all of them. The order "label" has the probable label errors alone, the most probable first.

    Args:
        answers: about all pictures.
        order: "confidence" and "loss" have the largest first; "class" goes by the true class, then the answer, and in
            each the most sure first. Equal ones by number.
        selection: which pictures.
        temperature: at which one is sure; the loss is the network's own.

    Returns:
        Numbers of pictures.
    """
    chosen = selection.mask(answers)
    if order == "label":
        suspects = answers.suspects.numbers
        return suspects[chosen[suspects]]
    on_diagonal = selection.truth is not None and selection.truth == selection.answer
    if selection.numbers is None and not on_diagonal:
        chosen = chosen & ~answers.correct
    numbers = np.flatnonzero(chosen)
    sure = answers.confidence_at(temperature)[numbers]
    match order:
        case "confidence":
            ranks = np.argsort(-sure, kind="stable")
        case "loss":
            ranks = np.argsort(-answers.loss[numbers], kind="stable")
        case "class":
            keys = (-sure, answers.answer[numbers], answers.truth[numbers])
            ranks = np.lexsort(keys)
    return numbers[ranks]

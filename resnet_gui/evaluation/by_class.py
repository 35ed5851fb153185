"""Precision, recall and F1 of every class, and their means."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from resnet_gui.evaluation.confusion import Counts
from resnet_gui.evaluation.intervals import Share, share


class ClassFigures(msgspec.Struct, frozen=True):
    """The figures of one class.

    Attributes:
        number: of the class.
        label: its name.
        precision: of the pictures with this answer, those that are right; None where it was never answered.
        recall: of the pictures of this class, those that were answered so; None where there are none.
        f1: harmonic mean of both, 2·right / (support + answered); None where there are no pictures of it.
        support: pictures of this class.
        answered: pictures with this answer.
    """

    number: int
    label: str
    precision: Share | None
    recall: Share | None
    f1: float | None
    support: int
    answered: int


class ClassMeans(msgspec.Struct, frozen=True):
    """The means over classes that have pictures, each class counting once (macro means).

    As scikit-learn's with ``labels`` of the classes that are there and ``zero_division=0``: a class that was never
    answered counts as a precision of 0.

    Attributes:
        precision, recall, f1: from 0 to 1.
        classes: over how many classes.
        never_answered: how many of them no picture was answered with.
    """

    precision: float
    recall: float
    f1: float
    classes: int
    never_answered: int


def class_figures(counts: Counts, labels: Sequence[str]) -> tuple[ClassFigures, ...]:
    """The figures of every class that the network knows, in the order of its outputs.

    Args:
        counts: pictures by true class (rows) and answer (columns), (K, K).
        labels: names of the K classes.
    """
    right = np.diagonal(counts).tolist()
    support, answered = counts.sum(axis=1).tolist(), counts.sum(axis=0).tolist()
    return tuple(
        ClassFigures(
            number, label, share(right[number], answered[number]), share(right[number], support[number]),
            2 * right[number] / (support[number] + answered[number]) if support[number] else None,
            support[number], answered[number],
        )
        for number, label in enumerate(labels)
    )  # fmt: skip


def class_means(figures: Sequence[ClassFigures]) -> ClassMeans | None:
    """The means over the classes that have pictures; None where none has."""
    present = [one for one in figures if one.support]
    if not present:
        return None
    count = len(present)
    return ClassMeans(
        sum(one.precision.value for one in present if one.precision is not None) / count,
        sum(one.recall.value for one in present if one.recall is not None) / count,
        sum(one.f1 for one in present if one.f1 is not None) / count,
        count,
        sum(one.precision is None for one in present),
    )


def hardest_class(figures: Sequence[ClassFigures]) -> ClassFigures | None:
    """The class with the smallest recall, the first of equal ones; None where no class has pictures."""
    present = [(one.recall.value, one.number, one) for one in figures if one.recall is not None]
    return min(present, key=lambda one: one[:2])[2] if present else None

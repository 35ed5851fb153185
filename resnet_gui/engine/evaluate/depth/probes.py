"""Linear probes of the features of an evaluation, on its own pictures (Alain and Bengio 2016)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_gui.engine.lab.probe import ridge_classifier, ridge_classifiers
from resnet_gui.evaluation.calibration import calibration_half
from resnet_gui.evaluation.depth import SEED, ProbeSplit
from resnet_gui.evaluation.intervals import Share, wilson

RIDGES: Final = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Penalties that are tried, of which the first is the Lab's."""

HELD_OUT: Final = 5
"""One in so many of the learnt pictures is held out while the penalty is chosen."""


class ProbeResult(NamedTuple):
    """The share of the tested pictures that a probe names rightly, and its penalty."""

    share: Share
    ridge: float


class ProbeHalves(NamedTuple):
    """The pictures that probes learn from and are tested with.

    Attributes:
        truth: (M,) int64, classes counted from 0 among those that the pictures have.
        learnt: (M,) whether the picture is learnt from; with the others they are tested.
        split: how that came about.
    """

    truth: NDArray[np.int64]
    learnt: NDArray[np.bool_]
    split: ProbeSplit


def probe_halves(truth: NDArray[np.integer[Any]]) -> ProbeHalves:
    """The two halves of the pictures of an evaluation.

    Args:
        truth: (M,) class of each picture that has features.
    """
    learnt = calibration_half(truth.astype(np.int32), SEED)
    classes, numbers = np.unique(truth, return_inverse=True)
    both = np.intersect1d(truth[learnt], truth[~learnt])
    split = ProbeSplit(
        learnt=int(learnt.sum()), tested=int((~learnt).sum()), classes=len(classes), classes_in_both=len(both),
        seed=SEED,
    )  # fmt: skip
    return ProbeHalves(numbers.astype(np.int64), learnt, split)


def probe_accuracy(features: NDArray[np.float32], halves: ProbeHalves) -> ProbeResult | None:
    """Pictures of the tested half whose class a linear classifier of the learnt half's features names.

    Its penalty is the one of ``RIDGES`` with which a fifth of the learnt half is named best by the other four, the
    smallest of equally good ones: one for all would fail where there are about as many channels as pictures.

    Args:
        features: (M, C).
        halves: which pictures are which.

    Returns:
        None where there is nothing to learn or to test, or the features are no finite numbers.
    """
    split = halves.split
    if not split.learnt or not split.tested or not np.isfinite(features).all():
        return None
    # Copies: torch warns of files that are mapped for reading alone.
    x, labels, learnt = (torch.from_numpy(np.array(each)) for each in (features, halves.truth, halves.learnt))
    ridge = _best_ridge(x[learnt], labels[learnt], split.classes)
    classifier = ridge_classifier(x[learnt], labels[learnt], split.classes, ridge)
    return ProbeResult(wilson(_right(classifier, x[~learnt], labels[~learnt]), split.tested), ridge)


def _best_ridge(x: Tensor, labels: Tensor, classes: int) -> float:
    """The penalty with which every fifth picture, of a row sorted by class, is named best by the others."""
    held = torch.zeros(len(x), dtype=torch.bool)
    held[labels.argsort(stable=True)[::HELD_OUT]] = True
    if held.all():
        return RIDGES[0]
    found = ridge_classifiers(x[~held], labels[~held], classes, RIDGES)
    right = [_right(classifier, x[held], labels[held]) for classifier in found]
    return RIDGES[right.index(max(right))]


def _right(classifier: tuple[Tensor, Tensor], x: Tensor, labels: Tensor) -> int:
    weight, bias = classifier
    return int(((x.double() @ weight + bias).argmax(1) == labels).sum())

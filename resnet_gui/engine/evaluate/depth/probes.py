"""Linear probes of the features of an evaluation, on its own pictures (Alain and Bengio 2016)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_gui.engine.lab.probe import ridge_classifier
from resnet_gui.evaluation.calibration import calibration_half
from resnet_gui.evaluation.depth import SEED, ProbeSplit
from resnet_gui.evaluation.intervals import Share, wilson
from resnet_gui.lab.measured.probe import ProbeSetup


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
        seed=SEED, ridge=ProbeSetup().ridge,
    )  # fmt: skip
    return ProbeHalves(numbers.astype(np.int64), learnt, split)


def probe_accuracy(features: NDArray[np.float32], halves: ProbeHalves) -> Share | None:
    """Pictures of the tested half whose class a linear classifier of the learnt half's features names.

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
    weight, bias = ridge_classifier(x[learnt], labels[learnt], split.classes, split.ridge)
    answers = (x[~learnt].double() @ weight + bias).argmax(1)
    return wilson(int((answers == labels[~learnt]).sum()), split.tested)

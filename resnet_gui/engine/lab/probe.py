"""Linear probes after the stem and after every block of a network (Alain and Bengio 2016)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from resnet_gui.base.errors import InputError
from resnet_gui.engine.lab.block_row import BlockRow
from resnet_gui.engine.lab.finished_run import (
    LabelledPictures,
    MeasuredNetwork,
    Report,
    unreported,
)
from resnet_gui.lab.measured.probe import DepthProbe, ProbesByDepth, ProbeSetup

FORWARD_SHARE: Final = 0.7
"""Part of the work that the forward passes are."""

POSITIVE: Final = 1e-8
"""Penalty from which on the normal equations are positive definite whatever rounding does, and solved as such."""


def probe_depths(
    network: MeasuredNetwork,
    train: LabelledPictures,
    test: LabelledPictures,
    setup: ProbeSetup,
    report: Report = unreported,
) -> ProbesByDepth:
    """Fit a linear classifier to the pooled features after the stem and after every block, and test it.

    Args:
        network: that was trained; its weights and statistics stay as they are.
        train: pictures that the probes learn from.
        test: pictures that they are tested with.
        setup: how they are fitted.
        report: takes how far it is.

    Raises:
        InputError: there are no pictures to learn from, or none to test with.
    """
    if not len(train.labels) or not len(test.labels):
        raise InputError("Probes need pictures to learn from and pictures to be tested with; name some of both.")
    row, total = BlockRow(network.model), len(train.labels) + len(test.labels)
    done = itertools.accumulate(map(len, _parts(network, train.images) + _parts(network, test.images)))

    def pooled(images: Tensor) -> tuple[Tensor, ...]:
        found = []
        for part in _parts(network, images):
            found.append(_pooled_features(row, network.input(part)))
            report(FORWARD_SHARE * next(done) / total)
        return tuple(torch.cat(parts) for parts in zip(*found, strict=True))

    with network.computing(), torch.inference_mode():
        *learnt, train_answers = pooled(train.images)
        *tested, test_answers = pooled(test.images)
        train_labels, test_labels = (pictures.labels.to(network.device) for pictures in (train, test))
        probes = []
        for number, (location, x, other) in enumerate(zip(("stem", *row.names), learnt, tested, strict=True)):
            weight, bias = ridge_classifier(x, train_labels, network.model.plan.spec.classes, setup.ridge)
            errors = [
                _error((each.double() @ weight + bias).argmax(1), labels)
                for each, labels in ((x, train_labels), (other, test_labels))
            ]
            probes.append(DepthProbe(location, x.shape[1], errors[0], errors[1]))
            report(FORWARD_SHARE + (1 - FORWARD_SHARE) * (number + 1) / len(learnt))
    return ProbesByDepth(
        setup=setup, train_pictures=len(train.labels), test_pictures=len(test.labels), probes=tuple(probes),
        train_error=_error(train_answers, train_labels), test_error=_error(test_answers, test_labels),
    )  # fmt: skip


def _parts(network: MeasuredNetwork, images: Tensor) -> tuple[Tensor, ...]:
    return torch.split(images, network.batch)


def _pooled_features(row: BlockRow, inputs: Tensor) -> tuple[Tensor, ...]:
    """Pooled features of each depth, (N, channels), and behind them the network's own answers, (N,)."""
    x = row.stem(inputs)
    pooled = [channel_means(x)]
    for placed in row.whole:
        x = row.block(placed, x)
        pooled.append(channel_means(x))
    return (*pooled, row.rest((), x).argmax(1))


def channel_means(x: Tensor) -> Tensor:
    """The mean over the map of each channel: (N, C, H, W) to (N, C), fp32."""
    return x.float().mean((2, 3))


def _error(answers: Tensor, labels: Tensor) -> float:
    return int((answers != labels).sum()) / len(labels)


def ridge_classifier(features: Tensor, labels: Tensor, classes: int, ridge: float) -> tuple[Tensor, Tensor]:
    """Ridge regression of classes on standardised features, in closed form and fp64.

    Minimises the mean over the pictures of |z W + b - y|² plus ``ridge`` · |W|², z the features less their mean over
    their deviation, y one-hot. b is not penalised.

    Args:
        features: (N, D); one that is the same for all pictures counts for nothing.
        labels: (N,) int64.
        classes: K.
        ridge: at least 0; with 0 the smallest solution is taken where there are many.

    Returns:
        Weights (D, K) and biases (K,) for the features as they are, fp64.
    """
    return next(ridge_classifiers(features, labels, classes, (ridge,)))


def ridge_classifiers(
    features: Tensor, labels: Tensor, classes: int, ridges: Sequence[float]
) -> Iterator[tuple[Tensor, Tensor]]:
    """``ridge_classifier`` of each of some penalties; what does not depend on them is computed once.

    Where there are fewer pictures than features, by the products of pictures: (ZᵀZ + λ)⁻¹ Zᵀ = Zᵀ (ZZᵀ + λ)⁻¹.
    """
    x, y = features.double(), functional.one_hot(labels, classes).double()
    mean, deviation = x.mean(0), x.std(0, correction=0)
    scale = torch.where(deviation > 1e-12 * mean.abs().clamp(min=1e-12), 1 / deviation, 0.0)
    z, target = (x - mean) * scale, y - y.mean(0)
    if len(z) < z.shape[1] and min(ridges) >= POSITIVE:
        gram = z @ z.T / len(z)
        for ridge in ridges:
            penalised = gram + ridge * torch.eye(len(gram), dtype=z.dtype, device=z.device)
            by_picture = torch.cholesky_solve(target / len(z), torch.linalg.cholesky(penalised))
            weight = (z.T @ by_picture) * scale[:, None]
            yield weight, y.mean(0) - mean @ weight
        return
    gram, crossed = z.T @ z / len(z), z.T @ target / len(z)
    for ridge in ridges:
        penalised = gram + ridge * torch.eye(len(gram), dtype=z.dtype, device=z.device)
        if ridge >= POSITIVE:
            solved = torch.cholesky_solve(crossed, torch.linalg.cholesky(penalised))
        else:
            solved = torch.linalg.pinv(penalised, hermitian=True) @ crossed
        weight = solved * scale[:, None]
        yield weight, y.mean(0) - mean @ weight

"""Methods that take gradients at many pictures: integrated gradients and SmoothGrad."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_gui.engine.explain.attribution.question import AttributionQuestion, AttributionValues, Passed
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.attribution_settings import Quadrature

Numbers = NDArray[np.float64]


@cache
def nodes(quadrature: Quadrature, steps: int) -> tuple[Numbers, Numbers]:
    """Places between 0 and 1 and their weights, whose sum is 1.

    Args:
        quadrature: "gauss-legendre" is exact for polynomials up to degree 2·steps − 1 (Abramowitz and Stegun 1964,
            25.4.29); "midpoint" takes the middles of equal parts; "trapezoid" both ends with half of a weight.
        steps: how many; of the trapezoid rule 2 at least.
    """
    if quadrature == "gauss-legendre":
        places, weights = np.polynomial.legendre.leggauss(steps)
        return (places + 1) / 2, weights / 2
    if quadrature == "midpoint":
        return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)
    weights = np.full(steps, 1 / (steps - 1))
    weights[[0, -1]] /= 2
    return np.linspace(0, 1, steps), weights


def integrated_gradients(network: ResNet, question: AttributionQuestion, passed: Passed) -> AttributionValues:
    """(x − x') · ∫₀¹ ∂y/∂x (x' + α(x − x')) dα (Sundararajan et al. 2017, eq. 1).

    They add up to y(x) − y(x') but for the error of the quadrature (proposition 1, completeness).
    """
    settings, x, start = question.settings, question.x, question.blank
    places, weights = (
        torch.from_numpy(numbers).to(x).view(-1, 1, 1, 1) for numbers in nodes(settings.quadrature, settings.steps)
    )
    total = torch.zeros_like(x[0])
    for part in question.batches(settings.steps):
        gradients = question.gradients(network, start + places[part] * (x - start))
        total += (weights[part] * gradients).sum(dim=0)
        passed(len(gradients))
    with torch.no_grad():
        here, there = question.logits(network, torch.cat((x, start))).double().tolist()
    return AttributionValues((total * (x - start)[0]).cpu(), here - there)


def smooth_grad(network: ResNet, question: AttributionQuestion, passed: Passed) -> AttributionValues:
    """The mean of the gradients at pictures with Gaussian noise (Smilkov et al. 2017, section 3).

    Noise is drawn on the CPU, so that a seed means the same pictures everywhere.
    """
    settings, x = question.settings, question.x
    deviation = settings.sigma * float(x.max() - x.min())
    generator = torch.Generator().manual_seed(settings.seed)
    total = torch.zeros_like(x[0])
    for part in question.batches(settings.samples):
        count = part.stop - part.start
        # One picture after the other: how many go through the network at once changes no draw.
        noise = torch.stack([torch.randn(x.shape[1:], generator=generator) for _ in range(count)]).to(x.device)
        total += question.gradients(network, x + deviation * noise).sum(dim=0)
        passed(count)
    return AttributionValues((total / settings.samples).cpu())

"""Histograms: how the weights of a layer, and its output on a picture, are distributed."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from resnet_gui.engine.explain.model import ExplainModel
from resnet_gui.protocol.explain_events import Histogram, Histograms
from resnet_gui.protocol.jobs import ShowHistograms

BINS: Final = 64


def _weight(module: nn.Module) -> Tensor | None:
    weight = getattr(module, "weight", None)
    return weight.detach().float() if isinstance(weight, Tensor) else None


def histogram(values: NDArray[np.float32]) -> Histogram:
    """Values in equal bins between their extremes."""
    finite = values[np.isfinite(values)].astype(np.float64).ravel()
    if not len(finite):
        return Histogram(0.0, 0.0, (0,) * BINS, 0.0, 0.0, 0.0, 0)
    low, high = float(finite.min()), float(finite.max())
    aside = 0.0 if high > low else max(0.5, abs(low) / 2)
    counts, _ = np.histogram(finite, bins=BINS, range=(low - aside, high + aside))
    return Histogram(
        low, high, tuple(counts.tolist()), float(finite.mean()), float(finite.std()), float((finite == 0).mean()),
        len(finite),
    )  # fmt: skip


@torch.no_grad()
def histograms(model: ExplainModel, job: ShowHistograms) -> Histograms:
    """Distributions of a layer's weights and of its output on a picture."""
    output = model.output_on(job.layer, job.image, flat=True).float().cpu().numpy()
    weight = _weight(model.network.get_submodule(job.layer))
    weights = None if weight is None else histogram(weight.cpu().numpy())
    return Histograms(job.job, job.image, job.layer, weights, histogram(output))

"""The gradient of a unit at the input: which pixels of a picture move it, and how near to it they lie."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_gui.analysis.locations import unit_centre
from resnet_gui.base.errors import InputError
from resnet_gui.engine.explain.model import ExplainModel
from resnet_gui.engine.explain.values import check_finite, to_bytes
from resnet_gui.protocol.explain_events import UnitGradient
from resnet_gui.protocol.jobs import ShowUnitGradient


def unit_gradient(model: ExplainModel, job: ShowUnitGradient) -> UnitGradient:
    """The gradient of a unit at the pixels of the input."""
    with torch.enable_grad():
        x = model.input(job.image).requires_grad_(True)
        output = model.output(job.layer, x)
        channels, height, width = output.shape
        if not (0 <= job.x < width and 0 <= job.y < height and -1 <= job.channel < channels):
            raise InputError(
                f"'{job.layer}' has {channels} channels of {width}×{height} units; there is none at channel "
                f"{job.channel}, column {job.x}, row {job.y}."
            )
        unit = output[:, job.y, job.x].sum() if job.channel < 0 else output[job.channel, job.y, job.x]
        (gradient,) = torch.autograd.grad(unit, [x])
    values = gradient[0].abs().sum(dim=0).float().cpu().numpy()
    check_finite(values, f"The gradient of a unit of '{job.layer}'")
    peak = float(values.max(initial=0.0))
    rows, columns = np.nonzero(values)
    box: tuple[int, ...] = ()
    if len(rows):
        box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    centre = unit_centre(model.plan, job.layer, job.x, job.y)
    return UnitGradient(
        job.job, job.image, job.layer, job.x, job.y, values.shape[0], values.shape[1],
        to_bytes(values, 0.0, peak).tobytes(), peak, box, _half(values, centre),
    )  # fmt: skip


def _half(values: NDArray[np.float32], centre: tuple[float, float]) -> int:
    """Side of the smallest square around a place that holds half of the sum of the values; 0 if all are 0."""
    total = float(values.sum(dtype=np.float64))
    if total <= 0:
        return 0
    rows, columns = np.indices(values.shape)
    distance = np.maximum(np.abs(columns - centre[0]), np.abs(rows - centre[1]))
    order = np.argsort(distance, axis=None, kind="stable")
    within = np.searchsorted(np.cumsum(values.ravel()[order], dtype=np.float64), total / 2)
    return int(2 * distance.ravel()[order[min(int(within), len(order) - 1)]]) + 1

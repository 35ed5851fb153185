"""The filters of the first convolution as pictures."""

from __future__ import annotations

import numpy as np

from resnet_gui.engine.explain.model import ExplainModel
from resnet_gui.engine.explain.values import check_finite
from resnet_gui.protocol.explain_events import Filters
from resnet_gui.protocol.jobs import ShowFilters


def filters(model: ExplainModel, job: ShowFilters) -> Filters:
    """The filters of the first convolution."""
    layer = next(path for path, layer in model.plan.layers() if layer.kind == "conv")
    values = model.network.state_dict()[f"{layer}.weight"].float().cpu().numpy()
    check_finite(values, "A filter")
    peak = float(np.abs(values).max())
    norms = tuple(float(np.linalg.norm(one.astype(np.float64))) for one in values)
    shown = values if values.shape[1] == 3 else values.mean(axis=1, keepdims=True)
    grey = np.round(np.clip(shown / (peak or 1.0) * 127.5 + 127.5, 0, 255)).astype(np.uint8)
    filters = tuple(one.transpose(1, 2, 0).tobytes() for one in grey)
    count, channels, height, width = values.shape
    return Filters(job.job, layer, (count, channels, height, width), filters, norms, peak)

"""Feature maps: what a layer makes of a picture, channel by channel."""

from __future__ import annotations

import numpy as np
import torch

from resnet_gui.engine.explain.model import ExplainModel
from resnet_gui.engine.explain.values import check_finite, to_bytes
from resnet_gui.protocol.explain_events import FeatureMap, FeatureMaps
from resnet_gui.protocol.jobs import MOST_MAPS, ShowMaps


@torch.no_grad()
def feature_maps(model: ExplainModel, job: ShowMaps) -> FeatureMaps:
    """Channels of a layer on a picture, in the order asked for."""
    output = model.output_on(job.layer, job.image).float().cpu()
    check_finite(output.numpy(), f"What '{job.layer}' makes of this picture")
    flat = output.reshape(output.shape[0], -1)
    order = torch.arange(len(flat))
    if job.order == "active":
        order = torch.argsort(flat.abs().mean(dim=1), descending=True, stable=True)
    start = max(0, job.start)
    maps = []
    for channel in order[start : start + max(0, min(job.count, MOST_MAPS))].tolist():
        values = output[channel].numpy()
        low, high = float(values.min()), float(values.max())
        active = float((values > 0).mean())
        mean = float(values.mean(dtype=np.float64))
        maps.append(FeatureMap(channel, mean, low, high, active, to_bytes(values, low, high).tobytes()))
    shape = (output.shape[0], output.shape[1], output.shape[2])
    return FeatureMaps(job.job, job.image, job.layer, shape, start, tuple(maps))

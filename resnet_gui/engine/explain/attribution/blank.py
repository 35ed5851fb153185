"""What stands for "nothing" in a picture: black, the mean, or the picture without its details."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.engine.predict.models import normalised
from resnet_gui.protocol.attribution_settings import Background


def blurred(x: Tensor) -> Tensor:
    """A picture (1, C, H, W) under a Gaussian whose deviation is an eighth of its shorter side, its edge repeated."""
    deviation = max(min(x.shape[2:]) / 8, 0.5)
    reach = int(3 * deviation + 0.5)
    places = torch.arange(-reach, reach + 1, dtype=x.dtype, device=x.device)
    weights = torch.exp(-0.5 * (places / deviation) ** 2)
    weights = weights / weights.sum()
    channels = x.shape[1]
    padded = functional.pad(x, (reach, reach, reach, reach), mode="replicate")
    rows = functional.conv2d(padded, weights.view(1, 1, 1, -1).expand(channels, -1, -1, -1), groups=channels)
    return functional.conv2d(rows, weights.view(1, 1, -1, 1).expand(channels, -1, -1, -1), groups=channels)


def blank(background: Background, x: Tensor, how: Preprocess) -> Tensor:
    """What stands for "nothing" where a normalised picture ``x`` (1, C, H, W) stands.

    "black" is a byte of 0; "mean" is the mean that preprocessing takes away, so 0 for the network (and for a network
    that was trained on such pictures, the mean colour of its training pictures); see ``blurred``.
    """
    if background == "blurred":
        return blurred(x)
    if background == "mean":
        return torch.zeros_like(x)
    return normalised(np.zeros(x.shape, dtype=np.uint8), how, x.device)

"""A map of attributions as bytes, signed and absolute."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from resnet_gui.engine.explain.values import to_bytes
from resnet_gui.protocol.explain_events import PixelMap

ZERO: Final = 128
"""The byte of a signed map that stands for 0."""


def pixel_map(values: NDArray[np.float32]) -> PixelMap:
    """The sums over the channels of (C, H, W) values, of the values and of their absolute values."""
    signed, absolute = values.sum(axis=0), np.abs(values).sum(axis=0)
    peak, absolute_peak = float(np.abs(signed).max()), float(absolute.max())
    steps = np.round(signed / (peak or 1.0) * (255 - ZERO))
    made = (ZERO + steps).astype(np.uint8)
    height, width = signed.shape
    return PixelMap(
        height, width, made.tobytes(), to_bytes(absolute, 0.0, absolute_peak).tobytes(), peak, absolute_peak
    )

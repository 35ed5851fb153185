"""A map of attributions as bytes, signed and absolute."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from resnet_gui.engine.explain.values import to_bytes
from resnet_gui.protocol.explain_events import PixelMap

ZERO: Final = 128
"""The byte of a signed map that stands for 0."""


MOST: Final = 99.0
"""Percentile at which the colours of pixels end (Smilkov et al. 2017, section 2.2): few of them outshine all others."""


def _peak(values: NDArray[np.float32], *, capped: bool) -> float:
    """The value at which colours end, of values that are not negative; never 0 where one is not."""
    cap = float(np.percentile(values, MOST)) if capped else 0.0
    return cap or float(values.max(initial=0.0))


def pixel_map(values: NDArray[np.float32], *, capped: bool = True) -> PixelMap:
    """The sums over the channels of (C, H, W) values, of the values and of their absolute values.

    ``capped`` ends the colours at a percentile, which a map of few and smooth values does not need.
    """
    signed, absolute = values.sum(axis=0), np.abs(values).sum(axis=0)
    peak, absolute_peak = _peak(np.abs(signed), capped=capped), _peak(absolute, capped=capped)
    steps = np.round(np.clip(signed / (peak or 1.0), -1, 1) * (255 - ZERO))
    made = (ZERO + steps).astype(np.uint8)
    height, width = signed.shape
    return PixelMap(
        height, width, made.tobytes(), to_bytes(absolute, 0.0, absolute_peak).tobytes(), peak, absolute_peak
    )

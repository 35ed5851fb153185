"""Values of a network on their way to the window: as bytes, and refused where they are no numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError

Image8 = NDArray[np.uint8]


def to_bytes(values: NDArray[np.float32], low: float, high: float) -> Image8:
    """Values between ``low`` and ``high`` as 0 to 255; all 0 where there is nothing between them."""
    if not high > low:
        return np.zeros(values.shape, dtype=np.uint8)
    scaled = np.nan_to_num((values - low) / (high - low)) * 255
    made: Image8 = np.round(np.clip(scaled, 0, 255)).astype(np.uint8)
    return made


def check_finite(values: NDArray[np.float32] | float, what: str) -> None:
    """Refuse what cannot be shown, nor told as JSON."""
    if not np.isfinite(values).all():
        raise InputError(f"{what} is no finite number: the weights are damaged or too large.")

"""The bounds of a design."""

from __future__ import annotations

from typing import Final

Shape = tuple[int, ...]
"""Channels, height, width in that order, without the batch; a flat tensor has its features only."""


MAX_STAGES: Final = 8
MAX_BLOCKS: Final = 10_000
MAX_WIDTH: Final = 8192
MAX_STRIDE: Final = 4
MAX_DILATION: Final = 64
MIN_EPS: Final = 1e-12
MAX_GROUPS: Final = 1024
MAX_INNER: Final = 65_536
MAX_SE_DIVISOR: Final = 64
MAX_GATE_BIAS: Final = 20
MAX_HIDDEN: Final = 4
MAX_CLASSES: Final = 100_000
MAX_CHANNELS: Final = 1024
MAX_SIZE: Final = 4096

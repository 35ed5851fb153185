"""The choices and bounds of a design: names that files and the command line use."""

from __future__ import annotations

from typing import Final, Literal

BlockKind = Literal["basic", "bottleneck"]
Order = Literal["original", "bn_after_addition", "relu_before_addition", "relu_only_preact", "full_preact"]
Shortcut = Literal["A", "B", "C", "none"]
Ablation = Literal["none", "scaling", "scaling_both", "exclusive_gating", "shortcut_gating", "dropout"]
Projection = Literal["conv", "avg_pool"]
StrideOn = Literal["3x3", "1x1"]
Stem = Literal["imagenet", "7x7", "deep", "cifar", "3x3"]
Norm = Literal["batch", "group", "none"]
Activation = Literal["relu", "leaky_relu", "gelu", "silu"]
Head = Literal["pool", "flatten"]
Shape = tuple[int, ...]
"""Channels, height, width in that order, without the batch; a flat tensor has its features only."""


EXPANSION: Final = {"basic": 1, "bottleneck": 4}
"""Output channels of a block over its width (He et al. 2015, Fig. 5)."""

CONVS_PER_BLOCK: Final = {"basic": 2, "bottleneck": 3}
PREACTIVATED: Final = frozenset({"relu_only_preact", "full_preact"})
"""Orders that activate before the convolution (He et al. 2016, Fig. 4 d and e)."""

STEM_STRIDES: Final[dict[str, tuple[int, ...]]] = {
    "imagenet": (2, 2), "7x7": (2,), "deep": (2, 2), "cifar": (), "3x3": (2,)
}  # fmt: skip
"""Strides other than 1 of each stem, in order; the pooling's is the last of two."""

MAX_STAGES: Final = 8
MAX_BLOCKS: Final = 1000
MAX_WIDTH: Final = 8192
MAX_STRIDE: Final = 4
MAX_GROUPS: Final = 1024
MAX_INNER: Final = 65_536
MAX_SE_DIVISOR: Final = 64
MAX_HIDDEN: Final = 4
MAX_CLASSES: Final = 100_000
MAX_CHANNELS: Final = 1024
MAX_SIZE: Final = 4096

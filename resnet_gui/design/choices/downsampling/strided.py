"""The convolution strides (He et al. 2015, section 3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import DownsamplingChoice

if TYPE_CHECKING:
    from resnet_gui.design.spec import ResNetSpec


def undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    """Whatever strides has no tensors."""
    if max(spec.stage_steps) > 1:
        taken = spec.downsampling
        yield (
            "downsampling",
            f"whether blocks stride by a convolution, a blur (anti-aliasing) or means; taken: {taken}.",
        )


STRIDED = DownsamplingChoice(
    key="strided_conv",
    title="strided convolution",
    help="The convolution itself looks at every second position (He et al. 2015, section 3.3).",
    rank=1,
    strides=True,
    undetermined=undetermined,
)

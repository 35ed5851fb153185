"""Layer normalisation over the channels of each position (Ba et al. 2016): a norm without groups or running values."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import TYPE_CHECKING

from resnet_gui.design.choice import NormChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import Tensor, nn

    from resnet_gui.design.structure import LayerPlan


@cache
def channel_norm_class() -> type[nn.Module]:
    """The torch module (N, C, H, W) -> the same shape; torch loads with it."""
    import torch
    from torch import nn
    from torch.nn import functional

    class ChannelNorm(nn.Module):
        """Mean 0 and variance 1 over the channels of each position, then a scale and a shift of each channel."""

        def __init__(self, channels: int) -> None:
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

        def forward(self, x: Tensor) -> Tensor:
            """From (N, C, H, W) to the same shape."""
            x = functional.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, 1e-6)
            return x.permute(0, 3, 1, 2)

    return ChannelNorm


def _statistics(layer: LayerPlan) -> int:
    """Bytes of mean and deviation of each position, for one picture (fp32)."""
    return 2 * 4 * prod(layer.output[1:])


KIND = LayerKind(
    key="channel_norm",
    title="ChannelNorm",
    short="CN",
    tensors=lambda layer: {"weight": layer.output[:1], "bias": layer.output[:1]},
    stored=True,
    is_norm=True,
    zeroed=True,
    saved_maps=lambda _layer: "input",
    side_output_bytes=_statistics,
    working=lambda layer: f"2 · {layer.output[0]}",
    working_note="scale and shift",
    torchinfo=lambda layer: 2 * layer.output[0],
    torchinfo_note="scales and shifts of norms",
    module=lambda layer: channel_norm_class()(layer.output[0]),
    code=lambda layer: f"ChannelNorm({layer.outputs})",
    source='''
class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each position."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = functional.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, 1e-6)
        return x.permute(0, 3, 1, 2)
''',
)

CHANNEL = NormChoice(
    key="channel",
    title="channel normalisation",
    option="channel",
    help="Over the channels of each position.",
    rank=9,
    kind=KIND,
)

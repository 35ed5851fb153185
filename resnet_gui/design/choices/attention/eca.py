"""Efficient channel attention (Wang et al. 2020, arXiv:1910.03151)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from resnet_gui.design.choice import AttentionChoice
from resnet_gui.design.kinds.pointwise import GATE, SIGMOID
from resnet_gui.design.kinds.pooling import AVG_POOL
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import Tensor, nn

    from resnet_gui.design.block import BlockBuilder, PartBuilder, WriteActivation
    from resnet_gui.design.spec import ResNetSpec
    from resnet_gui.design.structure import LayerPlan


def kernel_size(channels: int) -> int:
    """K = |log₂(C) / γ + b / γ|_odd with γ = 2, b = 1 (eq. 12); the next odd number above, as in the authors' code."""
    # ⌊(log₂ C + 1) / 2⌋ is half of the bits of C; an even one goes up by one.
    return channels.bit_length() // 2 // 2 * 2 + 1


@cache
def channel_conv_class() -> type[nn.Module]:
    """The torch module (N, C, 1, 1) -> (N, C, 1, 1); torch loads with it."""
    from torch import nn

    class ChannelConv(nn.Conv1d):
        """A convolution along the channels, one filter for all of them (Wang et al. 2020, eq. 9)."""

        def __init__(self, channels: int) -> None:
            size = kernel_size(channels)
            super().__init__(1, 1, size, padding=size // 2, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            """From (N, C, 1, 1) to the same shape."""
            return super().forward(x.flatten(1).unsqueeze(1)).transpose(1, 2).unsqueeze(3)

        def multiply_accumulates(self, output: tuple[int, ...]) -> int:
            """K for each of the channels of one picture."""
            return self.kernel_size[0] * output[1]

    return ChannelConv


def _size(layer: LayerPlan) -> int:
    return kernel_size(layer.input[0])


KIND = LayerKind(
    recognises=lambda shape: len(shape) == 3 and shape[:2] == (1, 1),
    key="channel_conv",
    title="Conv 1-D",
    short="Conv1d",
    tensors=lambda layer: {"weight": (1, 1, _size(layer))},
    macs=lambda layer: _size(layer) * layer.input[0],
    mixes=True,
    stored=True,
    saved_maps=lambda _layer: "input",
    working=lambda layer: str(_size(layer)),
    working_note="one filter for all channels",
    macs_working=lambda layer: f"{_size(layer)} · {layer.input[0]}",
    # torchinfo multiplies the filter by the positions of the output, of which a pooled map has one.
    torchinfo=lambda layer: _size(layer) - _size(layer) * layer.input[0],
    torchinfo_note="for convolutions along the channels, of which it counts one position,",
    written_by="the class of the part",
    module=lambda layer: channel_conv_class()(layer.input[0]),
)

_SOURCE = '''
class ECA(nn.Module):
    """Efficient channel attention (Wang et al. 2020)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        size = channels.bit_length() // 2 // 2 * 2 + 1  # |log2(channels) / 2 + 1 / 2|, odd
        self.conv = nn.Conv1d(1, 1, size, padding=size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate = x.mean((2, 3)).unsqueeze(1)
        return x * torch.sigmoid(self.conv(gate)).transpose(1, 2).unsqueeze(3)
'''


def _parts(part: PartBuilder) -> None:
    part.add("pool", AVG_POOL, part.channels)
    part.add("conv", KIND, part.channels)
    part.add("sigmoid", SIGMOID, part.channels)
    part.gate("scale", GATE)


def _source(_spec: ResNetSpec, _activation: WriteActivation) -> str:
    return _SOURCE


def _layers(builder: BlockBuilder) -> None:
    builder.part("eca", _parts, "ECA(outputs)", _source)


ECA = AttentionChoice(
    key="eca",
    title="efficient channel attention",
    short="ECA",
    help="A convolution along the channels of the pooled map and a sigmoid (Wang et al. 2020).",
    rank=2,
    identified_by=KIND,
    references=("Q. Wang et al.: ECA-Net: Efficient Channel Attention, 2020, arXiv:1910.03151",),
    layers=_layers,
)

"""Squeeze-and-excitation (Hu et al. 2017, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import AttentionChoice
from resnet_gui.design.kinds.convolution import CONV
from resnet_gui.design.kinds.pointwise import GATE, SIGMOID
from resnet_gui.design.kinds.pooling import AVG_POOL

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder, PartBuilder, WriteActivation
    from resnet_gui.design.spec import ResNetSpec

_SOURCE = """
class SqueezeExcitation(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        # channels / RATIO, rounded to a multiple of {divisor}
        squeezed = max({divisor}, int(channels / RATIO + {half:g}) // {divisor} * {divisor})
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1){more}

    def forward(self, x: Tensor) -> Tensor:
        gate = x.mean((2, 3), keepdim=True)
        gate = {activated}
        return x * torch.sigmoid(self.fc2(gate))
"""


def squeezed_width(channels: int, ratio: int, divisor: int = 8) -> int:
    """Channels between the two layers of squeeze-and-excitation.

    channels / ratio (Hu et al. 2017, section 3.2), rounded to a multiple of ``divisor`` that is at least that; 8 is
    timm's rule.
    """
    return max(divisor, int(channels / ratio + divisor / 2) // divisor * divisor)


def _parts(part: PartBuilder) -> None:
    """Global pooling, two 1×1 convolutions, sigmoid, and the product with the branch (Hu et al. 2017, Fig. 3)."""
    spec, channels = part.spec, part.channels
    part.add("pool", AVG_POOL, channels)
    part.add("fc1", CONV, squeezed_width(channels, spec.se_ratio, spec.se_divisor), kernel=1, bias=True)
    part.activate("act")
    part.add("fc2", CONV, channels, kernel=1, bias=True)
    part.add("sigmoid", SIGMOID, channels)
    part.gate("scale", GATE)


def _source(spec: ResNetSpec, activation: WriteActivation) -> str:
    divisor = spec.se_divisor
    activated, made = activation("self.fc1(gate)", "squeezed")
    more = f"\n        {made}" if made else ""
    return _SOURCE.format(divisor=divisor, half=divisor / 2, activated=activated, more=more)


def _layers(builder: BlockBuilder) -> None:
    if builder.spec.se_ratio:
        builder.part("se", _parts, "SqueezeExcitation(outputs)", _source)


def _phrase(spec: ResNetSpec) -> str:
    to = "" if spec.se_divisor == 8 else f" to multiples of {spec.se_divisor}"
    return f"squeeze-and-excitation, reduction {spec.se_ratio}{to}" if spec.se_ratio else ""


def _undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    if spec.se_ratio:
        rule = f"{spec.se_ratio}, to multiples of {spec.se_divisor}"
        yield "se_ratio", f"the ratio before rounding; taken: {rule}."
        yield "se_divisor", f"what the squeezed width is rounded to; taken: {rule}."
        yield (
            "se_activation",
            f"whether the activation inside the excitation is a ReLU in any case; taken: {spec.activation}.",
        )


SQUEEZE_EXCITATION = AttentionChoice(
    key="se",
    title="squeeze-and-excitation",
    option="squeeze-and-excitation",
    short="SE",
    help="Two 1×1 convolutions and a sigmoid, where it has a ratio (Hu et al. 2017, section 3).",
    rank=1,
    references=("SE",),
    acts=lambda spec: spec.se_ratio > 0,
    rated=True,
    layers=_layers,
    phrase=_phrase,
    undetermined=_undetermined,
)

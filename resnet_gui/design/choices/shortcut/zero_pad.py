"""Option A: zeros fill the new channels (He et al. 2015, section 4.1)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choice import ShortcutChoice
from resnet_gui.design.layer_kind import Geometry, LayerKind

if TYPE_CHECKING:
    from torch import Tensor, nn

    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec
    from resnet_gui.design.structure import LayerPlan


@cache
def zero_pad_class() -> type[nn.Module]:
    """The torch module (N, C, H, W) -> (N, C', ⌈H/stride⌉, ⌈W/stride⌉); torch loads with it."""
    from torch import nn
    from torch.nn import functional

    class ZeroPad(nn.Module):
        """Option A: every stride-th pixel, and zeros for the new channels (He et al. 2015, section 3.3).

        The paper leaves open where the zeros go. Half stand before and half after the old channels, as in the most
        used public CIFAR weights; the rest of an odd number goes after.
        """

        def __init__(self, new: int, stride: int) -> None:
            super().__init__()
            self.before, self.after, self.stride = new // 2, new - new // 2, stride

        def forward(self, x: Tensor) -> Tensor:
            """From (N, C, H, W) to (N, C', ⌈H/stride⌉, ⌈W/stride⌉)."""
            return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))

        def extra_repr(self) -> str:
            """What ``print`` shows."""
            return f"before={self.before}, after={self.after}, stride={self.stride}"

    return ZeroPad


def _pill(layer: LayerPlan) -> str:
    return f"pad to {layer.output[0]}" + (f", /{layer.stride}" if layer.stride > 1 else "")


def _channels(layer: LayerPlan) -> str:
    return f"{layer.input[0]} and {layer.output[0] - layer.input[0]} of zeros, half of them in front"


KIND = LayerKind(
    key="zero_pad",
    title="Zero-pad",
    on_shortcut="pad",
    pill=_pill,
    opens=lambda _layer: True,
    note=lambda _layer: "pad",
    geometry=lambda _layer: Geometry.WINDOW,
    channels=_channels,
    module=lambda layer: zero_pad_class()(layer.output[0] - layer.input[0], layer.stride),
    code=lambda layer: f"ZeroPad({layer.outputs} - {layer.inputs}, {layer.stride})",
    source='''
class ZeroPad(nn.Module):
    """Option A: every stride-th pixel, and zeros for the new channels, half of them in front."""

    def __init__(self, new: int, stride: int) -> None:
        super().__init__()
        self.before, self.after, self.stride = new // 2, new - new // 2, stride

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))
''',
)


def _refuse(spec: ResNetSpec) -> None:
    for stage, before, after in spec.shrinking_stages():
        raise SpecError(
            "shortcut",
            f"Option A pads with zeros, so it cannot go from {before} to {after} channels in stage {stage + 1}; "
            "use option B, or a width that does not shrink.",
            stage,
        )


def _layers(builder: BlockBuilder) -> None:
    # Every stride-th pixel, as a 1×1 window of that stride sees it, and zeros for the new channels.
    builder.window("downsample.0", KIND, builder.outputs, kernel=1, stride=builder.stride)


ZERO_PAD = ShortcutChoice(
    key="A",
    title="option A, zero-padding",
    option="A",
    pill="zeros",
    compared="A, zero-pad",
    short="A",
    latex="zero-padding",
    help="Zeros fill the new channels, identity everywhere else; no parameters.",
    rank=1,
    effect="zero-pad",
    effect_words="zero-padded shortcut",
    short_run="option A",
    named="option A",
    dash=(1.5, 3.0),
    refuse=_refuse,
    layers=_layers,
)

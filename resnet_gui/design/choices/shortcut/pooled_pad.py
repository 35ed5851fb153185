"""Average pooling and zeros behind the old channels (Han et al. 2017, PyramidNet; the same pooling as Shake-Shake)."""

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


@cache
def pad_behind_class() -> type[nn.Module]:
    """The torch module (N, C, H, W) -> (N, C', H, W); torch loads with it."""
    from torch import nn
    from torch.nn import functional

    class PadBehind(nn.Module):
        """Zeros for the new channels, behind the old ones (Han et al. 2017, section 3.3)."""

        def __init__(self, new: int) -> None:
            super().__init__()
            self.new = new

        def forward(self, x: Tensor) -> Tensor:
            """From (N, C, H, W) to (N, C + new, H, W)."""
            return functional.pad(x, (0, 0, 0, 0, 0, self.new))

        def extra_repr(self) -> str:
            """What ``print`` shows."""
            return f"new={self.new}"

    return PadBehind


KIND = LayerKind(
    key="pad_behind",
    title="Zero-pad",
    on_shortcut="pad",
    pill=lambda layer: f"pad to {layer.output[0]}",
    opens=lambda _layer: True,
    note=lambda _layer: "avg+pad",
    geometry=lambda _layer: Geometry.WINDOW,
    channels=lambda layer: f"{layer.input[0]} and {layer.output[0] - layer.input[0]} of zeros behind them",
    relevance="selects",
    module=lambda layer: pad_behind_class()(layer.output[0] - layer.input[0]),
    code=lambda layer: f"PadBehind({layer.outputs} - {layer.inputs})",
    source='''
class PadBehind(nn.Module):
    """Zeros for the new channels, behind the old ones (Han et al. 2017, section 3.3)."""

    def __init__(self, new: int) -> None:
        super().__init__()
        self.new = new

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x, (0, 0, 0, 0, 0, self.new))
''',
)


def _refuse(spec: ResNetSpec) -> None:
    for stage, before, after in spec.shrinking_stages():
        raise SpecError(
            "shortcut",
            f"This shortcut pads with zeros, so it cannot go from {before} to {after} channels in stage {stage + 1}; "
            "use option B, or a width that does not shrink.",
            stage,
        )


def _layers(builder: BlockBuilder) -> None:
    builder.average("downsample.0", builder.stride)
    builder.window("downsample.1", KIND, builder.outputs, kernel=1)


POOLED_PAD = ShortcutChoice(
    key="pool",
    title="average pooling and zero-padding where shapes change",
    option="Pool",
    pill="avg+pad",
    compared="pool, then zero-pad",
    short="average pooling and zero-padding",
    latex="average pooling and zero-padding where shapes change",
    help="Average pooling, zeros behind the old channels where the shape changes; no parameters (Han et al. 2017).",
    rank=3,
    effect="pooled-pad",
    effect_words="pooled shortcut",
    short_run="pooled shortcut",
    named="pooling with zero-padding",
    dash=(1.0, 2.0, 4.0, 2.0),
    references=("D. Han, J. Kim, J. Kim: Deep Pyramidal Residual Networks, 2017, arXiv:1610.02915",),
    refuse=_refuse,
    layers=_layers,
)

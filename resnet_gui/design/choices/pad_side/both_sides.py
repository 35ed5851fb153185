"""Half of the zeros in front and half behind, as the most used public CIFAR weights have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from resnet_gui.design.choice import PadSideChoice
from resnet_gui.design.layer_kind import Geometry, LayerKind

if TYPE_CHECKING:
    from torch import Tensor, nn

    from resnet_gui.design.spec import ResNetSpec
    from resnet_gui.design.structure import LayerPlan


@cache
def zero_pad_class() -> type[nn.Module]:
    """The torch module (N, C, H, W) -> (N, C', ⌈H/stride⌉, ⌈W/stride⌉); torch loads with it."""
    from torch import nn
    from torch.nn import functional

    class ZeroPad(nn.Module):
        """Option A: every stride-th pixel, and zeros for the new channels (He et al. 2015, section 3.3).

        The paper leaves open where the zeros go: ``before`` of the ``new`` channels stand in front of the old ones.
        """

        def __init__(self, new: int, before: int, stride: int) -> None:
            super().__init__()
            self.before, self.after, self.stride = before, new - before, stride

        def forward(self, x: Tensor) -> Tensor:
            """From (N, C, H, W) to (N, C', ⌈H/stride⌉, ⌈W/stride⌉)."""
            return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))

        def extra_repr(self) -> str:
            """What ``print`` shows."""
            return f"before={self.before}, after={self.after}, stride={self.stride}"

    return ZeroPad


def pill(layer: LayerPlan) -> str:
    """Channels and stride."""
    return f"pad to {layer.output[0]}" + (f", /{layer.stride}" if layer.stride > 1 else "")


def new_channels(layer: LayerPlan) -> int:
    """How many channels of zeros there are."""
    return layer.output[0] - layer.input[0]


def source(where: str, before: str) -> str:
    """Text of the class in an exported file, which says where the zeros go."""
    return f'''
class ZeroPad(nn.Module):
    """Option A: every stride-th pixel, and zeros for the new channels, {where}."""

    def __init__(self, new: int, stride: int) -> None:
        super().__init__()
        self.before, self.after, self.stride = {before}, stride

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))
'''


def undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    """Zeros have no tensors."""
    yield "pad_side", f"where option A puts its zeros, beside the old channels or on one side; taken: {spec.pad_side}."


def zero_pad_kind(key: str, where: str, before: Callable[[int], int], code: str) -> LayerKind:
    """The layer of a side.

    Args:
        key: of the kind.
        where: the zeros stand, in words.
        before: how many of so many new channels stand in front of the old ones.
        code: the numbers in front and behind in Python, of ``new`` channels.
    """
    return LayerKind(
        key=key,
        title="Zero-pad",
        on_shortcut="pad",
        pill=pill,
        opens=lambda _layer: True,
        note=lambda _layer: "pad",
        geometry=lambda _layer: Geometry.WINDOW,
        channels=lambda layer: f"{layer.input[0]} and {new_channels(layer)} of zeros, {where}",
        relevance="selects",
        module=lambda layer: zero_pad_class()(new_channels(layer), before(new_channels(layer)), layer.stride),
        code=lambda layer: f"ZeroPad({layer.outputs} - {layer.inputs}, {layer.stride})",
        source=source(where, code),
    )


# The rest of an odd number goes behind.
KIND = zero_pad_kind("zero_pad", "half of them in front", lambda new: new // 2, "new // 2, new - new // 2")

BOTH_SIDES = PadSideChoice(
    key="both_sides",
    title="half in front, half behind",
    help="Half of the zeros on either side, as the most used public CIFAR weights have it.",
    rank=1,
    kind=KIND,
    undetermined=undetermined,
)

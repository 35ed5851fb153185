"""Weight standardisation (Qiao et al. 2019, section 3.1; BiT, Kolesnikov et al. 2019)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import prod
from typing import TYPE_CHECKING

import msgspec

from resnet_gui.design.choice import ConvolutionChoice
from resnet_gui.design.kinds.convolution import CONV, conv_arguments

if TYPE_CHECKING:
    from torch import Tensor, nn

    from resnet_gui.design.layer_kind import CodeArguments
    from resnet_gui.design.spec import ResNetSpec
    from resnet_gui.design.structure import LayerPlan

_FP32 = 4


def standardised(weight: Tensor, eps: float) -> Tensor:
    """Filters (C', C, K, K) with mean 0 and variance 1 each (Qiao et al. 2019, eq. 1 to 3)."""
    from torch.nn import functional

    if weight[0].numel() == 1:
        # A single value is its own mean.
        return 0 * weight
    filters = weight.reshape(1, len(weight), -1)
    return functional.batch_norm(filters, None, None, training=True, eps=eps).reshape_as(weight)


@cache
def standardised_conv_class() -> type[nn.Module]:
    """The torch module: a convolution of the same arguments, and ``eps``; torch loads with it."""
    from torch import nn
    from torch.nn import functional

    class StandardisedConv(nn.Conv2d):
        """A convolution whose filters have mean 0 and variance 1 each (Qiao et al. 2019, eq. 1 to 3)."""

        def __init__(self, *sizes: int, eps: float, **options: int) -> None:
            super().__init__(*sizes, **options)  # type: ignore[arg-type]
            self.eps = eps

        def forward(self, x: Tensor) -> Tensor:
            """From (N, C, H, W) to (N, C', H', W')."""
            weight = standardised(self.weight, self.eps)
            return functional.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    return StandardisedConv


def _module(layer: LayerPlan) -> nn.Module:
    sizes = (layer.input[0], layer.output[0], layer.kernel)
    return standardised_conv_class()(
        *sizes, eps=layer.eps, stride=layer.stride, padding=layer.padding, dilation=layer.dilation,
        groups=layer.groups, bias=layer.bias,
    )  # fmt: skip


def _used_weight(module: nn.Module) -> Tensor:
    return standardised(module.get_parameter("weight"), getattr(module, "eps"))  # noqa: B009 (of this module's class)


def _code(layer: CodeArguments) -> str:
    return f"StandardisedConv({conv_arguments(layer)}, eps={layer.eps})"


def _values(layer: LayerPlan) -> tuple[int, int]:
    """Of the standardised weights, and of the mean and deviation of each filter where it has some."""
    weights = prod(CONV.tensors(layer)["weight"])
    return weights, 2 * layer.output[0] if weights > layer.output[0] else 0


KIND = msgspec.structs.replace(
    CONV,
    key="standardised_conv",
    title="Std-conv",
    fvcore=lambda layer: 4 * _values(layer)[0] * (_values(layer)[1] > 0),
    fvcore_note="for the weights that are standardised",
    saved_batch_bytes=lambda layer: _FP32 * _values(layer)[1],
    made_values=lambda layer: (sum(_values(layer)), _values(layer)[0]),
    used_weight=_used_weight,
    module=_module,
    code=_code,
    source='''
class StandardisedConv(nn.Conv2d):
    """A convolution whose filters have mean 0 and variance 1 each."""

    def __init__(self, *sizes: int, eps: float, **options: int) -> None:
        super().__init__(*sizes, **options)
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        if self.weight[0].numel() == 1:
            weight = 0 * self.weight  # a single value is its own mean
        else:
            filters = self.weight.reshape(1, self.out_channels, -1)
            weight = nn.functional.batch_norm(filters, None, None, training=True, eps=self.eps).reshape_as(self.weight)
        return nn.functional.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)
''',
)


def _undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "convolution", "whether weights are standardised before they are used (BiT); taken: yes."
    yield "conv_eps", f"what is added to the variance of a filter; taken: {spec.conv_eps:g}."


STANDARDISED = ConvolutionChoice(
    key="standardised",
    title="standardised weights",
    help="Each filter has mean 0 and variance 1 whenever it is used (Qiao et al. 2019, section 3.1; BiT).",
    rank=2,
    kind=KIND,
    standardises=True,
    references=("S. Qiao et al.: Micro-Batch Training with Weight Standardization, 2019, arXiv:1903.10520",),
    phrase=lambda _spec: "convolutions with standardised weights",
    undetermined=_undetermined,
)

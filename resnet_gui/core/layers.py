"""Layer kind -> torch module, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.spec.plan import LayerKind, LayerPlan


class Add(nn.Module):
    """The addition of a residual block, F(x) + x, as a module so that it can be seen, measured and hooked."""

    def forward(self, residual: Tensor, shortcut: Tensor) -> Tensor:
        """Element-wise sum of two tensors of one shape."""
        return residual + shortcut


class ZeroPad(nn.Module):
    """Option A: every stride-th pixel, and zeros for the new channels (He et al. 2015, section 3.3).

    The paper leaves open where the zeros go. Half stand before and half after the old channels, as in the most used
    public CIFAR weights; the rest of an odd number goes after.
    """

    def __init__(self, channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        new = out_channels - channels
        self.before, self.after = new // 2, new - new // 2

    def forward(self, x: Tensor) -> Tensor:
        """From (N, C, H, W) to (N, C', ⌈H/stride⌉, ⌈W/stride⌉)."""
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))

    def extra_repr(self) -> str:
        """What ``print`` shows."""
        return f"before={self.before}, after={self.after}, stride={self.stride}"


def _conv(layer: LayerPlan) -> nn.Module:
    return nn.Conv2d(
        layer.input[0],
        layer.output[0],
        layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        bias=layer.bias,
    )


MODULES: Final[dict[LayerKind, Callable[[LayerPlan], nn.Module]]] = {
    "conv": _conv,
    "bn": lambda layer: nn.BatchNorm2d(layer.output[0]),
    "relu": lambda _: nn.ReLU(inplace=True),
    "max_pool": lambda layer: nn.MaxPool2d(layer.kernel, stride=layer.stride, padding=layer.padding),
    "avg_pool": lambda _: nn.AdaptiveAvgPool2d((1, 1)),
    "flatten": lambda _: nn.Flatten(),
    "linear": lambda layer: nn.Linear(layer.input[0], layer.output[0], bias=layer.bias),
    "zero_pad": lambda layer: ZeroPad(layer.input[0], layer.output[0], layer.stride),
    "add": lambda _: Add(),
}


def build(layer: LayerPlan) -> nn.Module:
    """The torch module of a planned layer."""
    return MODULES[layer.kind](layer)


def initialise(module: nn.Module) -> None:
    """He initialisation (He et al. 2015, arXiv:1502.01852, eq. 10, fan-out), BN as the identity.

    The linear layer keeps torch's default, as in torchvision.
    """
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.ones_(module.weight)
        nn.init.zeros_(module.bias)

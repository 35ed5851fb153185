"""The residual block and its shortcuts."""

from __future__ import annotations

from torch import Tensor, nn

from resnet_gui.core.layers import build
from resnet_gui.spec.plan import BlockPlan


class Block(nn.Module):
    """y = ReLU(F(x) + shortcut(x)), or y = ReLU(F(x)) in a plain network (He et al. 2015, eq. 1 and 2).

    Layers carry the plan's names, so a state_dict is torchvision's; ``downsample`` holds the shortcut's layers.
    """

    def __init__(self, plan: BlockPlan) -> None:
        super().__init__()
        main = [layer for layer in plan.layers if layer.branch == "main"]
        # The ReLU after the addition is the last layer of the main path; F is all before it.
        self._residual = tuple(layer.name for layer in main[:-1])
        self._last = main[-1].name
        for layer in main[:-1]:
            self.add_module(layer.name, build(layer))
        shortcut = [build(layer) for layer in plan.layers if layer.branch == "shortcut"]
        if shortcut:
            self.add_module("downsample", nn.Sequential(*shortcut))
        for layer in plan.layers:
            if layer.branch == "join":
                self.add_module(layer.name, build(layer))
        self.add_module(self._last, build(main[-1]))
        self._shortcut = plan.shortcut

    def forward(self, x: Tensor) -> Tensor:
        """From the plan's input shape to its output shape, with the batch in front."""
        modules = self._modules
        out = x
        for name in self._residual:
            out = modules[name](out)  # type: ignore[misc]
        if self._shortcut != "none":
            shortcut = x if self._shortcut == "identity" else modules["downsample"](x)  # type: ignore[misc]
            out = modules["add"](out, shortcut)  # type: ignore[misc]
        y: Tensor = modules[self._last](out)  # type: ignore[misc]
        return y

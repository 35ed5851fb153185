"""The network: stem, stages of residual blocks, head, built from the plan."""

from __future__ import annotations

from torch import Tensor, nn

from resnet_gui.core.blocks import Block
from resnet_gui.core.layers import build, initialise
from resnet_gui.spec.plan import Plan


class ResNet(nn.Module):
    """A residual network (He et al. 2015); module names and state_dict are torchvision's where it has the network.

    Attributes:
        plan: what it is built from.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self._stem = tuple(layer.name for layer in plan.stem.layers)
        self._stages = tuple(stage.name for stage in plan.stages)
        self._head = tuple(layer.name for layer in plan.head.layers)
        for layer in plan.stem.layers:
            self.add_module(layer.name, build(layer))
        for stage in plan.stages:
            self.add_module(stage.name, nn.Sequential(*map(Block, stage.blocks)))
        for layer in plan.head.layers:
            self.add_module(layer.name, build(layer))
        self.apply(initialise)

    def forward(self, x: Tensor) -> Tensor:
        """From pictures (N, C, H, W), normalised, to logits (N, classes)."""
        for name in (*self._stem, *self._stages, *self._head):
            x = self._modules[name](x)  # type: ignore[misc]
        return x

"""The network: stem, stages of residual blocks, head, built from the plan."""

from __future__ import annotations

from torch import Tensor, nn

from resnet_gui.design.choices import KINDS
from resnet_gui.design.structure import Plan
from resnet_gui.network.block import Block
from resnet_gui.network.layers import attach, initialise


class ResNet(nn.Module):
    """A residual network (He et al. 2015); module names and state_dict are torchvision's where it has the network.

    Attributes:
        plan: what it is built from.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        attach(self, plan.stem.layers)
        for stage in plan.stages:
            self.add_module(stage.name, nn.Sequential(*map(Block, stage.blocks)))
        attach(self, plan.head.layers)
        if KINDS[plan.head.layers[0].kind].in_place:
            # The last sum is what Explain shows; the activation must not overwrite it.
            self.get_submodule(plan.head.layers[0].name).inplace = False  # type: ignore[assignment]
        self.apply(initialise)
        for module in self.modules():
            if isinstance(module, Block):
                module.initialise(zero=plan.spec.zero_init, gate_bias=plan.spec.gate_bias)

    def forward(self, x: Tensor) -> Tensor:
        """From pictures (N, C, H, W), normalised, to logits (N, classes), or without a head to features (N, C)."""
        for module in self.children():
            x = module(x)
        return x

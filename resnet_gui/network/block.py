"""The residual block and its shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import torch
from torch import Tensor, nn

from resnet_gui.design.choices import KINDS
from resnet_gui.design.structure import BlockPlan, LayerPlan
from resnet_gui.network.layers import attach

Branch = Literal["shared", "main", "shortcut", "out"]
"""A row of modules in a block."""


class ChannelAttention(nn.Module):
    """A map times what the layers before the last make of it, such as x · σ(W₂ act(W₁ mean(x))) (Hu et al. 2017)."""

    def forward(self, x: Tensor) -> Tensor:
        """From (N, C, H, W) to the same shape; the gate is (N, C, 1, 1)."""
        *squeeze, scale = self.children()
        gate = x
        for module in squeeze:
            gate = module(gate)
        y: Tensor = scale(x, gate)
        return y


def _tops(layers: Iterable[LayerPlan]) -> tuple[str, ...]:
    """Names of the block's own modules that hold some layers, in order."""
    return tuple(dict.fromkeys(layer.name.partition(".")[0] for layer in layers))


class Block(nn.Module):
    """y = out(F(s) + h(s)), s = shared(x); in a plain network y = out(F(s)) (He et al. 2016, eq. 1).

    ``shared`` is empty in post-activation orders; h is the shortcut. Layers carry the plan's names, so a state_dict is
    torchvision's; ``downsample`` holds what changes the shortcut's shape.

    Attributes:
        lesioned: whether the branch is turned off, so that only the shortcut is left (Veit et al. 2016, section 4.1);
            of a plain block, which must keep the shape then, nothing is left but its input.
        branch_share: α of y = out(α F(s) + h(s)): how much of what the branch adds is added. A plain block has nothing
            that it could be added to and answers y = out(α F(s)), so that at 0 nothing of its input is left. 1 is the
            block as it was trained, to the bit.
        multiply: the product of F(s) and α.
    """

    lesioned = False
    branch_share = 1.0
    multiply: Callable[[Tensor, float], Tensor] = staticmethod(torch.mul)

    def __init__(self, plan: BlockPlan) -> None:
        super().__init__()
        attach(self, plan.layers, {layer.part_of: ChannelAttention for layer in plan.layers if layer.part_of})
        self._shared, self._out = _tops(plan.on("shared")), _tops(plan.on("out"))
        self._residual, self._shortcut = _tops(plan.on("main")), _tops(plan.on("shortcut"))
        self._adds = plan.adds
        self._gates = bool(plan.on("gate"))
        self._gated = frozenset(layer.name for layer in plan.layers if KINDS[layer.kind].gates and not layer.part_of)
        zeroed = [layer.name for layer in plan.main() if KINDS[layer.kind].zeroed]
        self._last = zeroed[-1]
        _avoid_overwriting(self, plan)

    def forward(self, x: Tensor) -> Tensor:
        """From the plan's input shape to its output shape, with the batch in front."""
        if self.lesioned and not self._adds:
            return x
        gate = self.get_submodule("gate")(x) if self._gates else None
        shared = self._run(self._shared, x, gate)
        if self.lesioned:
            return self._run(self._out, self._run(self._shortcut, shared, gate), gate)
        out = self._run(self._residual, shared, gate)
        if self.branch_share != 1.0:
            out = self.multiply(out, self.branch_share)
        if self._adds:
            out = self.get_submodule("add")(out, self._run(self._shortcut, shared, gate))
        return self._run(self._out, out, gate)

    @property
    def is_plain(self) -> bool:
        """Whether all that it computes is its rows of modules and their sum."""
        return not self._gates and not self._gated and not self.lesioned and self.branch_share == 1.0

    @property
    def adds(self) -> bool:
        """Whether the branch is added to the shortcut."""
        return self._adds

    def modules_of(self, branch: Branch) -> list[nn.Module]:
        """The modules of a part of the block, in the order in which they compute."""
        names = {"shared": self._shared, "main": self._residual, "shortcut": self._shortcut, "out": self._out}
        return [self._modules[name] for name in names[branch]]  # type: ignore[misc]

    def _run(self, names: tuple[str, ...], x: Tensor, gate: Tensor | None) -> Tensor:
        modules = self._modules
        for name in names:
            module = modules[name]
            x = module(x, gate) if name in self._gated else module(x)  # type: ignore[misc]
        return x

    def initialise(self, *, zero: bool, gate_bias: float) -> None:
        """What the layers cannot begin with by themselves.

        Args:
            zero: the last norm of the branch, or where there is none its last convolution, begins at 0.
            gate_bias: of the gates (He et al. 2016, Table 1).
        """
        if self._gates:
            nn.init.constant_(self.get_parameter("gate.0.bias"), gate_bias)
        if zero:
            nn.init.zeros_(self.get_parameter(f"{self._last}.weight"))


def _avoid_overwriting(block: Block, plan: BlockPlan) -> None:
    """Let no activation work in place on the block's input where the shortcut, or a gate, still reads it."""
    leading = plan.on("shared") or plan.on("main")
    for layer in leading[:1]:
        module = block.get_submodule(layer.name)
        if KINDS[layer.kind].in_place:
            module.inplace = False  # type: ignore[assignment]

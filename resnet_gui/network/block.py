"""The residual block and its shortcuts."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, nn

from resnet_gui.design.structure import BlockPlan, LayerPlan
from resnet_gui.network.layers import GATE_BIAS, attach


class SqueezeExcitation(nn.Module):
    """x · σ(W₂ act(W₁ mean(x))) (Hu et al. 2017, eq. 2 to 4)."""

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
        lesioned: whether the branch is turned off, so that only the shortcut is left (Veit et al. 2016, section 4.1).
    """

    lesioned = False

    def __init__(self, plan: BlockPlan) -> None:
        super().__init__()
        attach(self, plan.layers, {"se": SqueezeExcitation})
        self._shared, self._out = _tops(plan.on("shared")), _tops(plan.on("out"))
        self._residual, self._shortcut = _tops(plan.on("main")), _tops(plan.on("shortcut"))
        self._adds = plan.shortcut != "none"
        self._gates = bool(plan.on("gate"))
        _avoid_overwriting(self, plan)

    def forward(self, x: Tensor) -> Tensor:
        """From the plan's input shape to its output shape, with the batch in front."""
        gate = self.get_submodule("gate")(x) if self._gates else None
        shared = self._run(self._shared, x, gate)
        if self.lesioned and self._adds:
            return self._run(self._out, self._run(self._shortcut, shared, gate), gate)
        out = self._run(self._residual, shared, gate)
        if self._adds:
            out = self.get_submodule("add")(out, self._run(self._shortcut, shared, gate))
        return self._run(self._out, out, gate)

    def _run(self, names: tuple[str, ...], x: Tensor, gate: Tensor | None) -> Tensor:
        modules = self._modules
        for name in names:
            module = modules[name]
            x = module(x, gate) if name in _GATED else module(x)  # type: ignore[misc]
        return x

    def initialise(self, *, zero: bool) -> None:
        """What the layers cannot begin with by themselves: closed gates, and with ``zero`` a branch that gives 0."""
        if self._gates:
            convolution = self.get_submodule("gate.0")
            if isinstance(convolution, nn.Conv2d) and convolution.bias is not None:
                nn.init.constant_(convolution.bias, GATE_BIAS)
        if zero:
            modules = [self._modules[name] for name in self._residual]
            last = [module for module in modules if isinstance(module, nn.Conv2d | nn.BatchNorm2d | nn.GroupNorm)][-1]
            nn.init.zeros_(last.weight)


_GATED = frozenset({"gate_branch", "gate_shortcut"})


def _avoid_overwriting(block: Block, plan: BlockPlan) -> None:
    """Let no activation work in place on the block's input where the shortcut, or a gate, still reads it."""
    leading = plan.on("shared") or plan.on("main")
    for layer in leading[:1]:
        module = block.get_submodule(layer.name)
        if isinstance(module, nn.ReLU | nn.LeakyReLU):
            module.inplace = False

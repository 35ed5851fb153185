"""Looks at a training step from inside: gradient norms by depth, and how much each block adds to what it reads."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn

from resnet_gui.design.choices import KINDS
from resnet_gui.network.layers import Add
from resnet_gui.network.resnet import ResNet

DIGITS: Final = 4
"""Significant digits that are kept: more cannot be seen in a strip of colours."""

TIMES: Final = 400
"""Probes in a run, about; more would be narrower than a pixel and cost time."""


def every(total: int) -> int:
    """Steps between two probes, of a run with so many steps.

    A probe costs a tenth of a step, so even short runs are probed at every tenth step only; the shortest, whose time
    does not matter, more often.
    """
    return max(-(-total // TIMES), min(10, max(1, total // 12)))


def shortened(values: Tensor) -> tuple[float, ...]:
    """Figures with few digits, for the events."""
    # An fp16 step that overflowed has no finite gradient; JSON knows no infinity.
    finite = torch.nan_to_num(values.float(), nan=0.0, posinf=0.0, neginf=0.0)
    return tuple(float(f"{value:.{DIGITS}g}") for value in finite.tolist())


class Probe:
    """A measurement of the signal in the steps that it is switched on for.

    Attributes:
        on: whether the present step is measured.
    """

    def __init__(self, model: ResNet) -> None:
        self.on = False
        mixing = [path for path, layer in model.plan.layers() if KINDS[layer.kind].mixes]
        weights = [model.get_parameter(f"{path}.weight") for path in mixing]
        self._weights = [weight for weight in weights if weight.requires_grad]
        self._ratios: dict[int, list[Tensor]] = {}
        additions = [each for each in model.modules() if isinstance(each, Add)]
        self._blocks = len(additions)
        for number, module in enumerate(additions):
            module.register_forward_hook(self._hook(number))

    def _hook(self, number: int) -> Any:
        @torch.no_grad()
        def measure(_module: nn.Module, inputs: tuple[Tensor, Tensor], _output: Tensor) -> None:
            if self.on:
                residual, shortcut = (each.detach().flatten(1).float().norm(dim=1) for each in inputs)
                ratio = (residual / shortcut.clamp_min(1e-12)).mean()
                self._ratios.setdefault(number, []).append(ratio)

        return measure

    def take(self, ratios: list[Tensor]) -> None:
        """Take what the script of a part of the batch measured in the last blocks."""
        for number, ratio in enumerate(ratios, self._blocks - len(ratios)):
            self._ratios.setdefault(number, []).append(ratio)

    @torch.no_grad()
    def gradients(self) -> tuple[float, ...]:
        """2-norm of the gradient at each convolution's and linear layer's weights, in the order of the network.

        Those of frozen layers are 0.
        """
        found = [weight.grad if weight.grad is not None else weight.new_zeros(1) for weight in self._weights]
        return shortened(torch.stack(torch._foreach_norm(found)))

    def ratios(self) -> tuple[float, ...]:
        """Norm of F(x) over norm of the shortcut of each block with an addition; the step's, mean over its pictures.

        Those of blocks that did not compute, as their outputs are cached, are 0; of none that did there is nothing.
        """
        if not self._ratios:
            return ()
        # Of each part of the batch; with recomputation each part is seen twice, to the same value.
        found = {number: torch.stack(ratios).mean() for number, ratios in self._ratios.items()}
        none = torch.zeros_like(next(iter(found.values())))
        self._ratios.clear()
        return shortened(torch.stack([found.get(number, none) for number in range(self._blocks)]))

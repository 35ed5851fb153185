"""Pictures changed against a network by the sign of its gradient: FGSM and PGD, in pixel space.

A picture is a point with one coordinate a value, from 0 (black) to 255 (white), before it is normalised; ε is the
largest change of any coordinate (L∞), and every step is put back into that box and into the range.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.evaluation.attacks import Attack

_START: Final = int.from_bytes(b"attack", "little")
"""Stream of the draws of where PGD begins."""


class GradientNetwork:
    """A network whose gradient at the pixels can be taken: neither folded nor fused, in fp32 and eval mode.

    Attributes:
        device: where it computes.
    """

    def __init__(self, network: nn.Module, how: Preprocess, device: torch.device) -> None:
        self.device = device
        self._network = copy.deepcopy(network).to(device).requires_grad_(False).eval()
        self._mean, self._std = (torch.tensor(each, device=device).view(-1, 1, 1) for each in (how.mean, how.std))

    def logits(self, levels: Tensor) -> Tensor:
        """Logits (N, classes) of pictures (N, C, H, W) in levels from 0 to 255; of one logit z, those of two classes.

        Their softmax is then σ(−z) and σ(z).
        """
        logits: Tensor = self._network((levels / 255 - self._mean) / self._std)
        return torch.cat((-logits / 2, logits / 2), dim=1) if logits.shape[1] == 1 else logits

    def gradient(self, levels: Tensor, truth: Tensor) -> Tensor:
        """Gradient of each picture's cross-entropy at its levels, (N, C, H, W)."""
        levels = levels.detach().requires_grad_(True)
        # The sum, not the mean: each picture's own gradient, whatever it is computed with.
        loss = functional.cross_entropy(self.logits(levels), truth, reduction="sum")
        (found,) = torch.autograd.grad(loss, levels)
        return found


def attacked(
    network: GradientNetwork,
    pixels: NDArray[np.uint8],
    truth: NDArray[np.int64],
    attack: Attack,
    draws: NDArray[np.float32] | None = None,
) -> Tensor:
    """Pictures changed so that the network's loss of their true class rises.

    With x the picture, one step of size α is x' = x + α sign ∂L/∂x, put back into [x − ε, x + ε] and [0, 255]: FGSM is
    one of size ε from the picture itself (Goodfellow et al. 2014, section 4), PGD several from a point drawn in the box
    (Madry et al. 2017, section 2.1).

    Args:
        network: that is attacked.
        pixels: (N, C, H, W) bytes.
        truth: (N,) classes whose loss rises.
        attack: ε, steps, their size.
        draws: (N, C, H, W) of where PGD begins, from -1 to 1 in units of ε; None to begin at the picture, as FGSM does.

    Returns:
        levels (N, C, H, W) from 0 to 255, not rounded, on the network's device.
    """
    plain = torch.from_numpy(pixels).to(network.device).float()
    classes = torch.from_numpy(truth).to(network.device)
    low, high = (plain - attack.epsilon).clamp(min=0), (plain + attack.epsilon).clamp(max=255)
    levels = plain
    if draws is not None:
        start = torch.from_numpy(draws).to(network.device) * attack.epsilon
        levels = (plain + start).clamp(low, high)
    for _ in range(attack.steps if attack.epsilon else 0):
        step = attack.step_size * network.gradient(levels, classes).sign()
        levels = (levels + step).clamp(low, high)
    return levels


def start_draws(numbers: Sequence[int], shape: Sequence[int], seed: int) -> NDArray[np.float32]:
    """Where PGD begins for each picture, (N, C, H, W) from -1 to 1: drawn with its number and a seed."""
    made = [np.random.default_rng((seed, number, _START)).uniform(-1, 1, tuple(shape)) for number in numbers]
    return np.stack(made).astype(np.float32)

"""How relevance goes back through a layer: a rule for each kind that a layer may be (``design.layer_kind.Relevance``).

A rule is given what a layer has read and written, and the relevance of what it has written; it returns that of what it
has read. What it gives to no input (a bias, a zero that the layer itself has put there) it adds to ``Absorbed``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.grad import conv2d_input

from resnet_gui.design.layer_kind import Relevance
from resnet_gui.protocol.attribution_settings import BiasShare, Split


@dataclass
class Absorbed:
    """The relevance that belongs to no pixel, collected over a whole network.

    Attributes:
        parts: a scalar each, in fp64, on the device.
    """

    parts: list[Tensor] = field(default_factory=list)

    def add(self, values: Tensor) -> None:
        """Take the sum of some relevances."""
        self.parts.append(values.sum(dtype=torch.float64))

    def total(self) -> float:
        """The sum of all."""
        return float(torch.stack(self.parts).sum()) if self.parts else 0.0


@dataclass(frozen=True)
class RuleSettings:
    """The settings of a layer's rule.

    Attributes:
        agree, other: what contributions count that have the sign of the unit that they contribute to, and those that
            have not: 1 and 1 is the epsilon rule (Bach et al. 2015, eq. 58), 1 + γ and 1 the gamma rule for inputs of
            both signs (Andéol et al. 2021), 1 and 0 the z+ rule (Montavon et al. 2017, eq. 13), which is the gamma
            rule of an infinite γ.
        epsilon: stabiliser, as a fraction of the root mean square of the denominators.
        split, biases: see ``AttributionSettings``.
        weight: that a layer with weights multiplies with.
        absorbed: takes what belongs to no input.
    """

    agree: float
    other: float
    epsilon: float
    split: Split
    biases: BiasShare
    absorbed: Absorbed
    weight: Tensor | None = None


Rule: TypeAlias = "Callable[[nn.Module, tuple[Tensor, ...], Tensor, Tensor, RuleSettings], tuple[Tensor | None, ...]]"


def stable_ratio(relevance: Tensor, below: Tensor, how: RuleSettings) -> Tensor:
    """Relevance over a denominator that is kept away from zero.

    Where the denominator is zero because nothing contributes, there is nobody to give the relevance to: a norm that no
    convolution has taken in has shifted a value away from zero. It is absorbed, as that of a bias.
    """
    nothing = below == 0
    if bool(nothing.any()):
        how.absorbed.add(relevance[nothing])
    size = below.square().mean().sqrt()
    stable = below + torch.where(below < 0, -1.0, 1.0) * how.epsilon * size
    return torch.where(nothing, 0.0, relevance / torch.where(nothing, 1.0, stable))


def _forward(module: nn.Module, x: Tensor, weight: Tensor) -> Tensor:
    """What a layer makes of an input with another weight and no bias."""
    if isinstance(module, nn.Conv2d):
        padding = module.padding
        return functional.conv2d(x, weight, None, module.stride, padding, module.dilation, module.groups)
    return functional.linear(x, weight)


def _backward(module: nn.Module, y: Tensor, weight: Tensor, like: Tensor) -> Tensor:
    """The transposed of ``_forward``: from the shape of an output to that of an input."""
    if isinstance(module, nn.Conv2d):
        how: Any = (module.stride, module.padding, module.dilation, module.groups)
        made: Tensor = conv2d_input(like.shape, weight, y, *how)  # type: ignore[no-untyped-call]
        return made
    return y @ weight


def _bias(module: nn.Module, like: Tensor) -> Tensor | None:
    """The bias of a layer as it is added to its output; None without one."""
    bias = getattr(module, "bias", None)
    return bias.detach().view(1, -1, *[1] * (like.dim() - 2)) if isinstance(bias, Tensor) else None


def _shares(
    above: Tensor, positive: Tensor, negative: Tensor, how: RuleSettings, relevance: Tensor
) -> tuple[Tensor, Tensor]:
    """What units give per contribution above zero, and per one below, of their ``relevance``.

    ``above`` is whether a unit is above zero; ``positive`` and ``negative`` are the sums of its contributions.
    """
    of_positive = torch.where(above, how.agree, how.other)
    of_negative = torch.where(above, how.other, how.agree)
    ratio = stable_ratio(relevance, of_positive * positive + of_negative * negative, how)
    return of_positive * ratio, of_negative * ratio


def weights_rule(
    module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor, relevance: Tensor, how: RuleSettings
) -> tuple[Tensor]:
    """In the shares of input times weight; a bias, with a norm folded into it, has a share where it absorbs one."""
    (x,), weight, bias = inputs, how.weight, _bias(module, output)
    if weight is None:
        raise TypeError(f"A {type(module).__name__} has no weight.")
    above = output >= 0
    if bias is not None and how.biases == "spread":
        output, bias = output - bias, None
    if how.agree == how.other:
        ratio = stable_ratio(relevance, output, how)
        if bias is not None:
            how.absorbed.add(bias * ratio)
        return (x * _backward(module, ratio, weight, x),)
    up, down = weight.clamp(min=0), weight.clamp(max=0)
    over, under = x.clamp(min=0), x.clamp(max=0)
    mixed = bool((under < 0).any())  # Behind a ReLU nothing is: half of the work.
    positive, negative = _forward(module, over, up), _forward(module, over, down)
    if mixed:
        positive, negative = positive + _forward(module, under, down), negative + _forward(module, under, up)
    if bias is not None:
        positive, negative = positive + bias.clamp(min=0), negative + bias.clamp(max=0)
    to_positive, to_negative = _shares(above, positive, negative, how, relevance)
    if bias is not None:
        how.absorbed.add(bias.clamp(min=0) * to_positive + bias.clamp(max=0) * to_negative)

    def back(first: Tensor, second: Tensor) -> Tensor:
        return _backward(module, to_positive, first, x) + _backward(module, to_negative, second, x)

    return (over * back(up, down) + (under * back(down, up) if mixed else 0),)


def averages_rule(
    module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor, relevance: Tensor, how: RuleSettings
) -> tuple[Tensor]:
    """In the shares of what is averaged."""
    (x,) = inputs
    if how.agree == how.other:
        return (x * _transposed(module, x, stable_ratio(relevance, output, how)),)
    over, under = x.clamp(min=0), x.clamp(max=0)
    positive, negative = module(over), module(under)
    to_positive, to_negative = _shares(output >= 0, positive, negative, how, relevance)
    return (over * _transposed(module, x, to_positive) + under * _transposed(module, x, to_negative),)


def selects_rule(
    module: nn.Module, inputs: tuple[Tensor, ...], _output: Tensor, relevance: Tensor, how: RuleSettings
) -> tuple[Tensor]:
    """To the value that was selected; what falls on a zero that the layer has put there is absorbed."""
    (x,) = inputs
    found = _transposed(module, x, relevance)
    how.absorbed.add(relevance)
    how.absorbed.add(-found)
    return (found,)


def _transposed(module: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """The transposed derivative of a layer at an input, applied to ``y``."""
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        (made,) = torch.autograd.grad(module(x), [x], y)
    return made


def keeps_rule(
    _module: nn.Module, _inputs: tuple[Tensor, ...], _output: Tensor, relevance: Tensor, _how: RuleSettings
) -> tuple[Tensor]:
    """Value by value."""
    return (relevance,)


def gates_rule(
    _module: nn.Module, _inputs: tuple[Tensor, ...], _output: Tensor, relevance: Tensor, _how: RuleSettings
) -> tuple[Tensor, None]:
    """All to the map, nothing to the gate."""
    return relevance, None


def adds_rule(
    _module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor, relevance: Tensor, how: RuleSettings
) -> tuple[Tensor, Tensor]:
    """In the shares of the two summands, F(x) and h(x); half and half where they add nothing.

    "absolute": |F| / (|F| + |h|), so that no share is larger than the whole (Otsuki et al. 2024, eq. 9); "signed":
    F / (F + h), the epsilon rule, which grows without bound where the two cancel.
    """
    first, second = inputs
    if how.split == "absolute":
        whole = first.abs() + second.abs()
        share = torch.where(whole == 0, 0.5, first.abs() / torch.where(whole == 0, 1.0, whole))
        return share * relevance, (1 - share) * relevance
    none = output == 0
    ratio = stable_ratio(torch.where(none, 0.0, relevance), output, how)
    half = torch.where(none, relevance / 2, 0.0)
    return first * ratio + half, second * ratio + half


RULES: Final[dict[Relevance, Rule]] = {
    "weights": weights_rule,
    "averages": averages_rule,
    "selects": selects_rule,
    "keeps": keeps_rule,
    "gates": gates_rule,
    "adds": adds_rule,
}

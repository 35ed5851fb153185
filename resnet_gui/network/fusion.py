"""A network for answers only: norms folded into convolutions, and on the CPU activations and additions too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from resnet_gui.design.choices import KINDS
from resnet_gui.design.kinds.convolution import CONV
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan
from resnet_gui.network.block import Block
from resnet_gui.network.copies import bare_copy, shared_copy
from resnet_gui.network.layers import build
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.traced_operators import SOURCE, is_tracing, traced_operators


def foldable(planned: Plan) -> list[tuple[str, str]]:
    """Paths of every convolution with the norm that alone reads it."""
    return [
        (prefix + first.name, prefix + second.name)
        for prefix, group in planned.groups()
        for first, second in zip(group.layers, group.layers[1:], strict=False)
        if first.kind == CONV.key and KINDS[second.kind].folds and first.branch == second.branch
    ]


def folded(model: ResNet) -> ResNet:
    """A copy in eval mode whose convolutions have the norms' scale and shift inside; equal but for rounding.

    y = γ(Wx − μ)/σ + β = (γ/σ)Wx + β − γμ/σ, with the running mean and variance (Ioffe and Szegedy 2015, section 3.1).
    All other values are shared with the network, see ``shared_copy``.
    """
    made = shared_copy(model).eval()
    for conv_path, norm_path in foldable(model.plan):
        conv, norm = made.get_submodule(conv_path), made.get_submodule(norm_path)
        if isinstance(conv, nn.Conv2d):
            # The norm may be of a module of its own; what is read of it is what its kind promises by ``folds``.
            read: Any = norm
            weight, bias = fuse_conv_bn_weights(
                conv.weight, conv.bias, read.running_mean, read.running_var, read.eps, read.weight, read.bias
            )
            conv.weight, conv.bias = weight.requires_grad_(False), bias.requires_grad_(False)
            replace_module(made, norm_path, nn.Identity())
    return made


def replace_module(model: nn.Module, path: str, module: nn.Module) -> None:
    """Put another module in the place of a path."""
    parent, _, name = path.rpartition(".")
    model.get_submodule(parent).add_module(name, module)


class FusedConv(nn.Module):
    """A convolution of oneDNN with the activation, or the addition and the activation, in the same pass.

    The weights lie in the order that oneDNN computes in, so that they are not put in order again for every picture. For
    several pictures it may want another order than for one: these weights are made when several come first, and kept
    where they differ. Measured with ResNet-50, six of its layers are so, and putting them in order again in every batch
    of 16 takes a tenth of the time.

    Attributes:
        overwrites: whether the sum is written over the map that is added, which nothing reads afterwards.
    """

    def __init__(self, conv: nn.Conv2d, shape: tuple[int, ...], activation: str, *, overwrites: bool = False) -> None:
        """Put the weights in order.

        Args:
            conv: what is computed.
            shape: of its input (C, H, W).
            activation: oneDNN's name of it, or "none".
            overwrites: the attribute.
        """
        super().__init__()
        self._how = (conv.padding, conv.stride, conv.dilation, conv.groups)
        self._bias = conv.bias
        # A trace takes weights in oneDNN's order from buffers only.
        self.register_buffer("_weight", None, persistent=False)
        self.register_buffer("_several", None, persistent=False)
        self._shape, self._activation = shape, activation
        self.overwrites = overwrites
        self._ops: Any = torch.ops.mkldnn
        self._order: Callable[[Tensor], Tensor] = self._ops._get_mkldnn_serialized_md
        self._weight: Tensor = self._in_order(conv.weight.detach().to_mkldnn(), 1)
        self._several: Tensor | None
        self._one_order = False

    def _in_order(self, weight: Tensor, pictures: int) -> Tensor:
        ops: Any = torch._C._nn
        made: Tensor = ops.mkldnn_reorder_conv2d_weight(weight, *self._how, [pictures, *self._shape])
        return made

    def _weight_for(self, pictures: int) -> Tensor:
        if pictures == 1 or self._one_order:
            return self._weight
        if self._several is None:
            made = self._in_order(self._weight.to_dense().to_mkldnn(), pictures)
            self._one_order = torch.equal(self._order(made), self._order(self._weight))
            if self._one_order:
                return self._weight
            self._several = made
        return self._several

    def forward(self, x: Tensor, added: Tensor | None = None) -> Tensor:
        """activation(W∗x + b), or activation(W∗x + b + added)."""
        weight = self._weight_for(len(x))
        if is_tracing():
            return self._traced(x, weight, added)
        if added is None:
            made: Tensor = self._ops._convolution_pointwise(x, weight, self._bias, *self._how, self._activation, [], "")
            return made
        how = (weight, self._bias, *self._how, "add", 1.0, None if self._activation == "none" else self._activation)
        if self._adds_in_place(added):
            written: Tensor = self._ops._convolution_pointwise_.binary(added, x, *how, [], "")
            return written
        total: Tensor = self._ops._convolution_pointwise.binary(x, added, *how, [], "")
        return total

    def _adds_in_place(self, added: Tensor) -> bool:
        # A map in another layout would be copied first.
        return self.overwrites and added.is_contiguous(memory_format=torch.channels_last)

    def _traced(self, x: Tensor, weight: Tensor, added: Tensor | None) -> Tensor:
        """The same by the functions that a trace can call."""
        padding, stride, dilation, groups = self._how
        how = (weight, self._bias, list(padding), list(stride), list(dilation), groups)
        operators = traced_operators(SOURCE)
        if added is None:
            made: Tensor = operators.convolved(x, *how, self._activation)
            return made
        add = operators.added_in_place if self._adds_in_place(added) else operators.added
        total: Tensor = add(x, added, *how, None if self._activation == "none" else self._activation)
        return total


def next_computing(layers: tuple[LayerPlan, ...], place: int) -> int:
    """Place of the next layer that computes something in eval mode once norms are folded."""
    place += 1
    while place < len(layers) and (
        KINDS[layers[place].kind].idle_in_evaluation or (KINDS[layers[place].kind].folds and _folds(layers, place))
    ):
        place += 1
    return place


def _folds(layers: tuple[LayerPlan, ...], place: int) -> bool:
    before = layers[place - 1]
    return before.kind == CONV.key and before.branch == layers[place].branch


def _fuse_group(model: nn.Module, prefix: str, group: BlockPlan) -> None:
    """Fuse the convolutions of a stem, block or head with what follows each of them."""
    layers = group.layers
    for place, layer in enumerate(layers):
        if layer.kind != CONV.key or layer.branch == "gate":
            continue
        conv = model.get_submodule(prefix + layer.name)
        behind = next_computing(layers, place)
        follower = layers[behind] if behind < len(layers) else None
        activation = KINDS[follower.kind].fused if follower is not None and follower.branch == layer.branch else ""
        if activation and follower is not None:
            replace_module(model, prefix + follower.name, nn.Identity())
        if isinstance(conv, nn.Conv2d):
            replace_module(model, prefix + layer.name, FusedConv(conv, layer.input, activation or "none"))


def _fuse_addition(block: Block, group: BlockPlan) -> None:
    """Let the last convolution of the branch add the shortcut, and activate the sum."""
    main, out = group.on("main"), group.on("out")
    last = next((place for place in reversed(range(len(main))) if main[place].kind == CONV.key), None)
    if last is None or not group.adds or next_computing(main, last) != len(main):
        return
    conv = block.get_submodule(main[last].name)
    activation = KINDS[out[0].kind].fused if out else ""
    if not isinstance(conv, nn.Conv2d):
        return
    # The block's input is read by branch and shortcut alone, and the shortcut's map is read by the addition alone; but
    # where the branch is one convolution, the map that it reads may be the one that is added.
    overwrites = any(layer.kind == CONV.key for layer in main[:last])
    block.add_module("add", FusedConv(conv, main[last].input, activation or "none", overwrites=overwrites))
    block.add_module(main[last].name, nn.Identity())
    if activation:
        block.add_module(out[0].name, nn.Identity())


def with_own_activation(block: Block, group: BlockPlan) -> Block:
    """A block around the same modules that activates by itself what comes out of the addition.

    Where a convolution adds and activates in one pass, the activation is a module again; without that addition, as in
    a lesioned block, it would else be lost.
    """
    made = bare_copy(block)
    out = group.on("out")
    if group.adds and out and isinstance(made.get_submodule("add"), FusedConv) and KINDS[out[0].kind].fused:
        made.add_module(out[0].name, build(out[0]).eval())
    return made


FUSING_ERRORS: Final = (RuntimeError, AttributeError, TypeError)
"""What ``fused``, and a network that it has made, raise where this torch, processor or device does not have it.

oneDNN's operators are private, so torch may lack one (AttributeError), take other arguments (TypeError), or have none
for this processor, device or number format (RuntimeError, with NotImplementedError among its kinds).
"""


def fused(model: ResNet) -> ResNet:
    """A folded network for the CPU whose convolutions activate and add by themselves; the argument is used up.

    Raises:
        RuntimeError, AttributeError, TypeError: there is no such thing here; see FUSING_ERRORS.
    """
    blocks = {name: module for name, module in model.named_modules() if isinstance(module, Block)}
    for location, group in model.plan.sections():
        block = blocks.get(location.path)
        if block is not None and not block.lesioned:
            _fuse_addition(block, group)
        _fuse_group(model, location.prefix, group)
    return model

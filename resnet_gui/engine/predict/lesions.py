"""Networks without some of their blocks, or with less of what all of them add."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn

from resnet_gui.analysis.deletions import deletion_kind
from resnet_gui.analysis.locations import blocks_of
from resnet_gui.base.errors import InputError
from resnet_gui.design.structure import Plan
from resnet_gui.network.block import Block
from resnet_gui.network.copies import bare_copy
from resnet_gui.network.fusion import with_own_activation
from resnet_gui.network.resnet import ResNet


def check_deletable(planned: Plan, names: Iterable[str]) -> None:
    """Refuse to delete what is no block, or what leaves no network behind.

    Raises:
        InputError: the sentence names the first of them.
    """
    blocks = dict(blocks_of(planned))
    for name in names:
        if name not in blocks:
            raise InputError(f"'{name}' is no block of this network; name one such as '{next(iter(blocks))}'.")
        block = blocks[name]
        if deletion_kind(block) == "none":
            raise InputError(
                f"'{name}' has no shortcut and turns a map of {_shape(block.input)} into {_shape(block.output)}, so "
                "nothing fits in its place; choose a block that keeps the shape."
            )


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def lesion(model: ResNet, lesions: Iterable[str]) -> ResNet:
    """A network whose named blocks are left with their shortcuts (Veit et al. 2016, section 4.1).

    A plain block, which has none, is bypassed where it keeps the shape. All other blocks, and all weights, are those of
    the given network, which stays as it is; that may be folded or fused.

    Raises:
        InputError: a name is no block, or a plain block that changes the shape.
    """
    names = tuple(lesions)
    check_deletable(model.plan, names)
    made = bare_copy(model)
    for stage in {name.rpartition(".")[0] for name in names}:
        made.add_module(stage, bare_copy(made.get_submodule(stage)))
    for location, planned in model.plan.blocks():
        block = model.get_submodule(location.path)
        if location.path in names and isinstance(block, Block):
            hurt = with_own_activation(block, planned)
            hurt.lesioned = True
            stage, _, number = location.path.rpartition(".")
            made.get_submodule(stage).add_module(number, hurt)
    return made


def set_branch_share(network: nn.Module, share: float) -> None:
    """Have every block of a network add so much of its branch: α F(x) + h(x), see ``Block.branch_share``.

    Where a norm follows a convolution, F(x) is what comes out of the norm, so nothing that was trained is undone by a
    norm behind it; what stands behind the addition (an activation, a norm) works on the sum as before.
    """
    for module in network.modules():
        if isinstance(module, Block):
            module.branch_share = share

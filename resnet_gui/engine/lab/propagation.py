"""Mean and variance of the signal behind each block of networks that were not trained (Brock et al. 2021)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.design.bounds import Shape
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import BlockPlan
from resnet_gui.engine.lab.finished_run import Report, unreported
from resnet_gui.engine.lab.networks import (
    CPU,
    check_finite,
    digits_of,
    draw_network,
    exact_arithmetic,
    seeded,
    use_batch_statistics,
    useful_threads_of,
)
from resnet_gui.lab.measured.propagation import (
    BlockSignal,
    DesignSignal,
    PropagationMeasured,
    PropagationSetup,
)
from resnet_gui.network.resnet import ResNet


def measure_propagation(
    designs: Sequence[tuple[str, ResNetSpec]],
    setup: PropagationSetup,
    seed: int,
    report: Report = unreported,
    device: torch.device = CPU,
) -> PropagationMeasured:
    """The signal behind each block of freshly drawn networks; of its maps only their figures are kept.

    Args:
        designs: names and designs, each with its own input.
        setup: what is sent through.
        seed: of the weights and of what is sent through.
        report: takes the share that is done, block by block.
        device: where it is computed.

    Raises:
        InputError: there is no design, or a signal overflows.
    """
    if not designs:
        raise InputError("Name at least one design to follow a signal through.")
    found: list[DesignSignal] = []
    for number, (name, spec) in enumerate(designs):

        def advance(share: float, done: int = number) -> None:
            report((done + share) / len(designs))

        network = draw_network(spec, seed, device)
        x = signal(setup, spec.input, seed).to(device)
        with exact_arithmetic(useful_threads_of(network.plan, setup.pictures)):
            stem, blocks = follow(network, x, advance)
        check_finite(torch.tensor([block.variance for block in blocks]), f"The signal in '{name}'")
        found.append(DesignSignal(name, spec.depth, spec.adds, stem, blocks))
    report(1.0)
    return PropagationMeasured(setup=setup, seed=seed, designs=tuple(found))


def signal(setup: PropagationSetup, shape: Shape, seed: int) -> Tensor:
    """What is sent through, (pictures, C, H, W), drawn by a seed; normalised if it is digits.

    Raises:
        InputError: there are not so many digits.
    """
    numbers = seeded("signal", seed)
    if setup.input == "gaussian":
        return torch.randn((setup.pictures, *shape), generator=numbers)
    pictures, _ = digits_of(shape)
    if len(pictures) < setup.pictures:
        raise InputError(f"There are {len(pictures):,} digits for training, not {setup.pictures:,}; take fewer.")
    return pictures[torch.randperm(len(pictures), generator=numbers)[: setup.pictures]]


@torch.no_grad()
def follow(network: ResNet, x: Tensor, advance: Report) -> tuple[float, tuple[BlockSignal, ...]]:
    """Average variance of a channel that the first block reads, and the signal behind each block.

    Args:
        network: its batch norms use the statistics of this batch.
        x: inputs (N, C, H, W).
        advance: takes the share of blocks that are done.
    """
    use_batch_statistics(network)
    blocks = tuple(network.plan.blocks())
    figures: dict[str, tuple[Tensor, Tensor, Tensor]] = {}
    stems: list[Tensor] = []

    def keep(path: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def measure(_module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            squared_mean, variance = channel_figures(output)
            branch = channel_figures(inputs[0])[1] if len(inputs) > 1 else variance
            figures[path] = squared_mean, variance, branch
            advance(len(figures) / len(blocks))

        return measure

    def read(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        stems.append(channel_figures(inputs[0])[1])

    handles = [network.get_submodule(blocks[0][0].path).register_forward_pre_hook(read)]
    for location, block in blocks:
        end = network.get_submodule(location.prefix + _end_of_branch(block))
        handles.append(end.register_forward_hook(keep(location.path)))
    try:
        network(x)
    finally:
        for handle in handles:
            handle.remove()
    return float(stems[0]), tuple(
        BlockSignal(location.path, int(location.stage), *map(float, figures[location.path])) for location, _ in blocks
    )


def _end_of_branch(block: BlockPlan) -> str:
    """The addition of a block, or of a plain one the module that its branch ends in."""
    if block.adds:
        return next(layer.name for layer in block.layers if layer.kind == "add")
    return block.on("main")[-1].name.partition(".")[0]


def channel_figures(values: Tensor) -> tuple[Tensor, Tensor]:
    """Average over channels of the squared mean, and of the variance, of maps (N, C, H, W)."""
    variance, mean = torch.var_mean(values, dim=(0, 2, 3), correction=0)
    return mean.square().mean(), variance.mean()

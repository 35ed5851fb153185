"""Gradients at the inputs along a line, in networks that were not trained (Balduzzi et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import shape_text
from resnet_gui.design.bounds import Shape
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.lab.finished_run import Report, unreported
from resnet_gui.engine.lab.networks import (
    CPU,
    check_finite,
    digits_of,
    draw_network,
    exact_arithmetic,
    fix_statistics,
    seeded,
    use_batch_statistics,
    useful_threads_of,
)
from resnet_gui.lab.measured.gradients import (
    DISTANCES,
    BatchNormMode,
    DesignGradients,
    GradientSeries,
    GradientSetup,
    GradientsMeasured,
    InputPair,
    residual_slope,
)
from resnet_gui.network.resnet import ResNet

ROUNDING: Final = 1e-6
"""Standard deviation over root mean square below which a gradient is the same at all points but for fp32's rounding."""


def measure_gradients(
    designs: Sequence[tuple[str, ResNetSpec]],
    setup: GradientSetup,
    seed: int,
    report: Report = unreported,
    device: torch.device = CPU,
) -> GradientsMeasured:
    """Gradients along a line in freshly drawn networks, and noise treated in the same way.

    Args:
        designs: names and designs, all with the input of the pair.
        setup: the line, and the statistics of batch norms.
        seed: of the weights, of the two digits and of the noise.
        report: takes the share that is done.
        device: where it is computed.

    Raises:
        InputError: there is no design, one has another input than the pair, or a gradient overflows or never changes.
    """
    if not designs:
        raise InputError("Name at least one design to measure gradients in.")
    pair = setup.pair or draw_pair(designs[0][1].input, setup.digits, seed)
    for name, spec in designs:
        if spec.input != pair.shape:
            raise InputError(
                f"'{name}' reads {shape_text(spec.input)}, but the line joins inputs of {shape_text(pair.shape)}; give "
                "all designs that input."
            )
    line, direction = points_between(pair, setup.points)
    found: list[DesignGradients] = []
    for number, (name, spec) in enumerate(designs):
        report(number / len(designs))
        network = draw_network(spec, seed, device)
        with exact_arithmetic(useful_threads_of(network.plan, setup.points)):
            gradients = input_gradients(network, line.to(device), setup.batch_norm)
        check_finite(gradients, f"The gradient of '{name}'")
        norm = float(gradients.norm(dim=1).mean())
        found.append(DesignGradients(name, spec.depth, spec.adds, series_of(gradients, direction, name), norm))
    normal = torch.randn(line.flatten(1).shape, dtype=torch.float64, generator=seeded("noise", seed))
    report(1.0)
    return GradientsMeasured(
        setup=setup,
        seed=seed,
        pair=pair,
        designs=tuple(found),
        white=series_of(normal, direction, "white noise"),
        brown=series_of(normal.cumsum(dim=0), direction, "brown noise"),
        residual_slope=residual_slope(found),
    )


def draw_pair(shape: Shape, digits: tuple[int, int], seed: int) -> InputPair:
    """Two training digits of the set inside at the size of an input, one of each class, drawn by a seed."""
    pictures, labels = digits_of(shape)
    order = torch.randperm(len(labels), generator=seeded("pair", seed))
    first = next(number for number in order.tolist() if labels[number] == digits[0])
    second = next(number for number in order.tolist() if labels[number] == digits[1] and number != first)
    return InputPair(
        shape,
        tuple(pictures[first].flatten().tolist()),
        tuple(pictures[second].flatten().tolist()),
        str(digits[0]),
        str(digits[1]),
    )


def points_between(pair: InputPair, count: int) -> tuple[Tensor, Tensor]:
    """Evenly spaced inputs (count, C, H, W) from the first of a pair to the second, and their direction (C·H·W,)."""
    first, second = (torch.tensor(each, dtype=torch.float64) for each in (pair.first, pair.second))
    along = torch.linspace(0, 1, count, dtype=torch.float64)[:, None]
    line = (1 - along) * first + along * second
    return line.float().view(count, *pair.shape), (second - first) / (second - first).norm()


def input_gradients(network: ResNet, points: Tensor, mode: BatchNormMode) -> Tensor:
    """Gradient of the sum of all outputs of all points at each point, (points, C·H·W) in double precision on the CPU.

    Without a batch norm on the batch's own statistics the points do not depend on each other, and each has the gradient
    of the sum of its own outputs.
    """
    if mode == "batch":
        use_batch_statistics(network)
    else:
        fix_statistics(network, lambda: network(points))
    x = points.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(network(x).sum(), [x])
    return gradient.flatten(1).double().cpu()


def agreement_by_block(spec: ResNetSpec, setup: GradientSetup, seed: int) -> tuple[float, ...]:
    """How alike the gradients at neighbouring points are that reach each block of a freshly drawn network.

    Args:
        spec: of the network.
        setup: the line; batch norms use the statistics of its points as a batch.
        seed: of the weights and, where no pair is given, of the two digits.

    Returns:
        For each block, input first, the correlation at its input, as ``GradientSeries.neighbours`` has it at the
        network's own.

    Raises:
        InputError: a gradient overflows.
    """
    pair = setup.pair or draw_pair(spec.input, setup.digits, seed)
    line, _ = points_between(pair, setup.points)
    network = draw_network(spec, seed, CPU)
    use_batch_statistics(network)
    inputs: list[Tensor] = []
    paths = [location.path for location, _ in network.plan.blocks()]
    handles = [
        network.get_submodule(path).register_forward_pre_hook(lambda _module, given: inputs.append(given[0]))
        for path in paths
    ]
    with exact_arithmetic(useful_threads_of(network.plan, setup.points)):
        total = network(line.requires_grad_(True)).sum()
        gradients = torch.autograd.grad(total, inputs)
    for handle in handles:
        handle.remove()
    found = [gradient.flatten(1).double() for gradient in gradients]
    for path, gradient in zip(paths, found, strict=True):
        check_finite(gradient, f"The gradient at {path}")
    return tuple(autocorrelation(gradient)[1] for gradient in found)


def series_of(gradients: Tensor, direction: Tensor, name: str) -> GradientSeries:
    """What is drawn and compared of gradients (points, values).

    Raises:
        InputError: they are the same at all points.
    """
    along = gradients @ direction
    std = along.std(correction=0)
    if not _changes(gradients).any() or not float(std):
        raise InputError(f"The gradient of '{name}' is the same at all points of the line, so it has no correlation.")
    return GradientSeries(tuple((along / std).tolist()), autocorrelation(gradients))


def _changes(gradients: Tensor) -> Tensor:
    return gradients.std(dim=0, correction=0) > ROUNDING * gradients.square().mean(dim=0).sqrt()


def autocorrelation(gradients: Tensor) -> tuple[float, ...]:
    """Sample autocorrelation at distances 0 to 16 of series (points, values), averaged over the values that change.

    At distance k it is the sum over points of the products of deviations from the series' mean, k points apart, over
    the sum of their squares (Box and Jenkins).
    """
    series = gradients[:, _changes(gradients)]
    deviations = series - series.mean(dim=0)
    squares = deviations.square().sum(dim=0)
    points = len(series)
    return tuple(
        float(((deviations[: points - k] * deviations[k:]).sum(dim=0) / squares).mean()) for k in range(DISTANCES + 1)
    )

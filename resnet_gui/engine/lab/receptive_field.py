"""Averaged gradients of a unit at the input, beside the theoretical receptive field (Luo et al. 2016)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from resnet_gui.analysis.costs import totals
from resnet_gui.analysis.locations import receptive_field_of, unit_centre
from resnet_gui.base.errors import InputError
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.structure import Plan
from resnet_gui.engine.lab.finished_run import Report, unreported
from resnet_gui.engine.lab.networks import (
    CPU,
    check_finite,
    draw_network,
    exact_arithmetic,
    fix_statistics,
    readable_copy,
    seeded,
    useful_threads_of,
)
from resnet_gui.lab.measured.receptive_field import (
    EffectiveField,
    ReceptiveFieldMeasured,
    ReceptiveFieldSetup,
)
from resnet_gui.network.resnet import ResNet

MOST_BYTES: Final = 64 * 2**20
"""Stored maps of the inputs that are computed at once, by the plan's convention; autograd keeps about twice as much."""


def measure_receptive_field(
    designs: Sequence[tuple[str, ResNetSpec]],
    trained: Sequence[tuple[str, ResNet]],
    setup: ReceptiveFieldSetup,
    seed: int,
    report: Report = unreported,
    device: torch.device = CPU,
) -> ReceptiveFieldMeasured:
    """Effective receptive fields of freshly drawn networks, then of trained ones.

    Args:
        designs: names and designs.
        trained: names and networks with their weights; they are copied, and stay as they are.
        setup: the inputs and the threshold.
        seed: of the weights and of the inputs.
        report: takes the share that is done.
        device: where it is computed.

    Raises:
        InputError: there is no network, the inputs are too small for one, or a gradient is 0 or overflows.
    """
    count = len(designs) + len(trained)
    if not count:
        raise InputError("Name at least one design or network to measure a receptive field of.")
    networks = [(name, spec, None) for name, spec in designs]
    fields: list[EffectiveField] = []
    for number, (name, spec, network) in enumerate([*networks, *((name, it.plan.spec, it) for name, it in trained)]):

        def advance(share: float, done: int = number) -> None:
            report((done + share) / count)

        planned = plan_at(spec, setup.edge)
        used = draw_network(spec, seed, device) if network is None else readable_copy(network, device)
        x = torch.randn((setup.inputs, *planned.spec.input), generator=seeded("inputs", seed))
        with exact_arithmetic(useful_threads_of(planned, batch_size(planned, setup.inputs))):
            values = unit_gradients(used, planned, x.to(device), advance, fresh=network is None)
        fields.append(_effective_field(name, planned, values, setup.threshold, trained=network is not None))
    report(1.0)
    return ReceptiveFieldMeasured(setup=setup, seed=seed, fields=tuple(fields))


def plan_at(spec: ResNetSpec, edge: int) -> Plan:
    """The plan of a design for square inputs of an edge; for its own input with 0.

    Raises:
        SpecError: the design needs larger inputs.
    """
    return plan(evolve(spec, input=(spec.input[0], edge, edge)) if edge else spec)


def batch_size(planned: Plan, inputs: int) -> int:
    """Inputs that are computed at once; the first of them give the statistics of batch norms."""
    return min(inputs, max(1, MOST_BYTES // totals(planned).cost.memory))


def last_map(network: ResNet, x: Tensor) -> Tensor:
    """The map (N, C, H, W) that the last stage puts out; a head, which may want one size of input, does not run."""
    last = network.plan.stages[-1].name
    for name, module in network.named_children():
        x = module(x)
        if name == last:
            break
    return x


def unit_gradients(network: ResNet, planned: Plan, x: Tensor, advance: Report, *, fresh: bool) -> Tensor:
    """Mean over inputs and channels of the middle unit's absolute gradient at each pixel, (H, W) in double precision.

    Args:
        network: in eval mode.
        planned: its plan for these inputs.
        x: inputs (N, C, H, W).
        advance: takes the share of inputs that are done.
        fresh: whether batch norms first get mean and variance of the first inputs as constants.
    """
    size = batch_size(planned, len(x))
    if fresh:
        fix_statistics(network, lambda: last_map(network, x[:size]))
    row, column = middle_of(planned)
    total = torch.zeros(x.shape[2:], dtype=torch.float64)
    for start in range(0, len(x), size):
        inputs = x[start : start + size].clone().requires_grad_(True)
        unit = last_map(network, inputs)[:, :, row, column].sum()
        (gradient,) = torch.autograd.grad(unit, [inputs])
        total += gradient.double().abs().sum(dim=(0, 1)).cpu()
        advance(min(start + size, len(x)) / len(x))
    return total / (len(x) * x.shape[1])


def middle_of(planned: Plan) -> tuple[int, int]:
    """Row and column of the middle unit of the last stage's map; of two middle ones the second."""
    _, height, width = planned.stages[-1].output
    return height // 2, width // 2


def _effective_field(name: str, planned: Plan, values: Tensor, threshold: float, *, trained: bool) -> EffectiveField:
    """What is said of a mean gradient (H, W).

    Raises:
        InputError: it is 0 everywhere, or overflowed.
    """
    check_finite(values, f"The gradient of '{name}'")
    peak = float(values.max())
    if not peak:
        raise InputError(f"No pixel moves the middle unit of '{name}'; its last activation lets nothing through.")
    shares = values / peak
    counted = shares > threshold
    row, column = middle_of(planned)
    location = planned.stages[-1].name
    return EffectiveField(
        name=name,
        depth=planned.spec.depth,
        residual=planned.spec.adds,
        trained=trained,
        theory=receptive_field_of(planned, location).size,
        height=values.shape[0],
        width=values.shape[1],
        centre=unit_centre(planned, location, column, row),
        values=tuple(shares.flatten().tolist()),
        radius=2 * spread_of(shares),
        area=int(counted.sum()),
        cut_off=bool(counted[1:-1, 1:-1].sum() < counted.sum()),
    )


def spread_of(values: Tensor) -> float:
    """The σ of weights (H, W): root of half their mean squared distance from their own middle (pixels)."""
    rows, columns = (torch.arange(count, dtype=torch.float64) for count in values.shape)
    along, down = values.sum(dim=0), values.sum(dim=1)
    total = values.sum()
    variance = [
        float((weights * (places - (weights * places).sum() / total).square()).sum() / total)
        for weights, places in ((down, rows), (along, columns))
    ]
    return math.sqrt(sum(variance) / 2)

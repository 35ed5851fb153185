"""The gradient that reaches the input on single paths through a trained network (Veit et al. 2016, section 4.3)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.base.errors import InputError
from resnet_gui.design.choices import HEADS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.lab.finished_run import LabelledPictures, MeasuredNetwork, Report, unreported
from resnet_gui.engine.lab.networks import check_finite, exact_arithmetic, readable_copy, seeded
from resnet_gui.lab.measured.paths import MOST_BLOCKS, LengthGradients, PathSetup, PathsMeasured, path_counts, shares
from resnet_gui.network.resnet import ResNet

MOST_EXPONENT: Final = 120
"""Powers of two that single precision holds in both directions."""

Path = tuple[int, ...]
"""Numbers of the blocks whose branch a path takes, counted from 0 in the order of computation, rising."""


def measure_paths(
    name: str,
    network: MeasuredNetwork,
    pictures: LabelledPictures,
    setup: PathSetup,
    seed: int,
    report: Report = unreported,
) -> PathsMeasured:
    """The gradient on drawn paths of each length, on all the pictures given.

    Args:
        name: of the network, for people.
        network: that was trained; it stays as it is.
        pictures: with their classes.
        setup: how many paths, of which lengths.
        seed: of the paths.
        report: takes the share that is done, path by path.

    Raises:
        InputError: there are no pictures, the network has blocks without a shortcut, more of them than can be counted,
            or no classes to be wrong about, a length is none of its, or its answers are no numbers.
    """
    spec = network.model.plan.spec
    check_unravels(name, spec)
    if not len(pictures.labels):
        raise InputError(f"There is no picture to measure the paths of '{name}' on; name one or more.")
    blocks = sum(spec.blocks)
    drawn = {length: draw_paths(blocks, length, setup.draws, seed) for length in lengths_of(setup, blocks)}
    with exact_arithmetic(network.threads):
        inputs, labels = network.input(pictures.images), pictures.labels.to(network.device)
        forward = ForwardPass(readable_copy(network.model, network.device), inputs, labels)
        check_finite(forward.gradient, f"The gradient of '{name}'")
        logs = path_norms(forward, [path for paths in drawn.values() for path in paths], report)
    report(1.0)
    return PathsMeasured(
        setup=setup,
        seed=seed,
        name=name,
        blocks=blocks,
        pictures=len(pictures.labels),
        lengths=_by_length(drawn, logs, path_counts(blocks)),
    )


def _by_length(
    drawn: Mapping[int, Sequence[Path]], logs: Mapping[Path, float], counts: Sequence[float]
) -> tuple[LengthGradients, ...]:
    """Norms and shares of lengths from the logarithms of the norms of the paths drawn."""
    norms = {length: tuple(logs[path] for path in paths) for length, paths in drawn.items()}
    parts = shares([_log_mean(each) + math.log(counts[length]) for length, each in norms.items()])
    return tuple(
        LengthGradients(length, counts[length], tuple(map(math.exp, each)), share)
        for (length, each), share in zip(norms.items(), parts, strict=True)
    )


def check_unravels(name: str, spec: ResNetSpec) -> None:
    """Refuse a network that has no paths, or whose answers cannot be wrong.

    Raises:
        InputError: why it cannot be measured.
    """
    if not spec.adds:
        raise InputError(f"'{name}' has no shortcuts, so only one path leads through it; choose a residual network.")
    if sum(spec.blocks) > MOST_BLOCKS:
        raise InputError(f"'{name}' has {sum(spec.blocks):,} blocks; paths are counted in up to {MOST_BLOCKS:,}.")
    if not HEADS[spec.head].classifies or spec.classes < 2:
        raise InputError(f"'{name}' does not tell two classes apart, so there is no loss to take a gradient of.")


def lengths_of(setup: PathSetup, blocks: int) -> tuple[int, ...]:
    """The lengths that are measured, from short to long.

    Raises:
        InputError: the network has no paths of such a length.
    """
    if setup.lengths is None:
        return tuple(range(blocks + 1))
    wrong = [length for length in setup.lengths if not 0 <= length <= blocks]
    if wrong:
        raise InputError(f"Paths through {blocks} blocks have lengths from 0 to {blocks}, not {wrong[0]}.")
    return tuple(sorted(setup.lengths))


def draw_paths(blocks: int, length: int, draws: int, seed: int) -> tuple[Path, ...]:
    """Different paths of a length, drawn by a seed; all of them where there are no more than that."""
    if math.comb(blocks, length) <= draws:
        return tuple(itertools.combinations(range(blocks), length))
    numbers = seeded(f"paths of length {length}", seed)
    found: dict[Path, None] = {}
    while len(found) < draws:
        found[tuple(sorted(torch.randperm(blocks, generator=numbers)[:length].tolist()))] = None
    return tuple(found)


def _log_mean(logs: Sequence[float]) -> float:
    return float(torch.tensor(logs, dtype=torch.float64).logsumexp(0)) - math.log(len(logs))


class BlockPass(NamedTuple):
    """The forward pass of one block by itself, through which gradients go back as often as wanted."""

    input: Tensor
    branch: Tensor
    shortcut: Tensor
    addition: Tensor
    output: Tensor

    def back(self, gradient: Tensor, *, through_branch: bool) -> Tensor:
        """From the gradient at the block's output to that at its input, on one of its two ways alone."""
        at_addition = _back(self.output, self.addition, gradient)
        return _back(self.branch if through_branch else self.shortcut, self.input, at_addition)


def _back(output: Tensor, source: Tensor, gradient: Tensor) -> Tensor:
    if output is source:
        return gradient
    (found,) = torch.autograd.grad([output], [source], [gradient], retain_graph=True)
    return found


class ForwardPass:
    """The forward pass of a network in pieces: stem, blocks, head.

    Attributes:
        input: the pictures (N, C, H, W).
        stem: what the first block reads.
        blocks: in the order of computation.
        gradient: that of each picture's cross-entropy at the end of the last block.
    """

    def __init__(self, network: ResNet, pictures: Tensor, labels: Tensor) -> None:
        stages = {stage.name for stage in network.plan.stages}
        self.input = pictures.clone().requires_grad_(True)
        self.blocks: list[BlockPass] = []
        x = stem = self.input
        for name, module in network.named_children():
            if name in stages:
                for block in module.children():
                    self.blocks.append(_block_pass(block, x.detach().requires_grad_(True)))
                    x = self.blocks[-1].output
                end = x = x.detach().requires_grad_(True)
            else:
                x = module(x)
            if not self.blocks:
                stem = x
        self.stem = stem
        # In eval mode no picture knows of another, so the sum gives each the gradient of its own loss.
        loss = functional.cross_entropy(x, labels, reduction="sum")
        (self.gradient,) = torch.autograd.grad(loss, [end])

    def norm_at_input(self, gradient: Tensor) -> float:
        """Euclidean norm at the pictures of a gradient at the first block, mean over pictures."""
        return float(_back(self.stem, self.input, gradient).flatten(1).double().norm(dim=1).mean())


def _block_pass(block: nn.Module, x: Tensor) -> BlockPass:
    terms: list[tuple[Tensor, Tensor, Tensor]] = []

    def keep(_module: nn.Module, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        terms.append((*inputs, output))

    handle = block.get_submodule("add").register_forward_hook(keep)
    try:
        output = block(x)
    finally:
        handle.remove()
    return BlockPass(x, *terms[0], output)


class _Gradient(NamedTuple):
    """A gradient times a power of two: deep inside, single precision could not hold it."""

    values: Tensor
    exponent: int

    def scaled(self) -> _Gradient:
        """The same with its largest value between 0.5 and 1, which loses nothing; a gradient of 0 as it is."""
        _, exponent = math.frexp(float(self.values.abs().max()))
        exponent = max(-MOST_EXPONENT, min(MOST_EXPONENT, exponent))
        return _Gradient(self.values * 2.0**-exponent, self.exponent + exponent)


def path_norms(forward: ForwardPass, paths: Sequence[Path], report: Report) -> dict[Path, float]:
    """Natural logarithm of the gradient's norm at the input, mean over pictures, of each path; minus infinity of 0.

    Paths that agree behind some block share what is computed there.
    """
    last = len(forward.blocks) - 1
    ways = {tuple(number in path for number in range(last, -1, -1)): path for path in map(frozenset, paths)}
    found: dict[Path, float] = {}
    gradients = [_Gradient(forward.gradient, 0).scaled()]
    before: tuple[bool, ...] = ()
    for number, way in enumerate(sorted(ways)):
        report(number / len(ways))
        shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(way, before, strict=False)))
        del gradients[shared + 1 :]
        for step in range(shared, len(way)):
            passed = forward.blocks[last - step].back(gradients[-1].values, through_branch=way[step])
            gradients.append(_Gradient(passed, gradients[-1].exponent).scaled())
        norm = forward.norm_at_input(gradients[-1].values)
        log = math.log(norm) + gradients[-1].exponent * math.log(2) if norm else -math.inf
        found[tuple(sorted(ways[way]))] = log
        before = way
    return found

"""One function that computes loss and gradients of a network, from its pictures to its first layer and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from resnet_gui.engine.data.loaders import IGNORED
from resnet_gui.engine.train.script.layers import PRELUDE, LayerScript
from resnet_gui.engine.train.script.writer import NotWrittenError, ScriptGradient, ScriptMap, ScriptWriter

_HEAD: Final = """
def step(
    x0: Tensor, labels: Tensor, others: Tensor, weights: Optional[Tensor], factors: Tuple[float, float], probing: bool,
    p: List[Tensor], b: List[Tensor]
) -> Tuple[Tensor, Tensor, List[Tensor], List[Future[Tensor]], List[Tensor]]:
    share, scale = factors
    ratios: List[Tensor] = []
    futures: List[Future[Tensor]] = []
"""


MOST_LINES: Final = 2500
"""Of a script: two to three hundred blocks. Torch takes a millisecond for each, in which no other thread runs."""


class LossTarget(NamedTuple):
    """The labels that a loss compares logits with.

    Attributes:
        labels: (N,) int64.
        others: those of the pictures that each is mixed with.
        share: weight of ``labels``, 1 where nothing is mixed.
        weights: (classes,) of the classes, or None.
    """

    labels: Tensor
    others: Tensor
    share: float
    weights: Tensor | None


class ScriptedStep:
    """Forward and backward pass of a network as a function of torch's interpreter.

    It computes what autograd computes, by the same operators in the same order, hence to the same bits; without Python
    and autograd between two operators, with feature maps that are written over where nobody reads them any more, and on
    request with less memory (maps behind a norm are made again) or on two cores (``forks``).

    Attributes:
        source: its text.
        ratios: norm of F(x) over norm of the shortcut in each addition, a mean over the pictures; of the last call.
    """

    def __init__(self, modules: Iterable[nn.Module], smoothing: float, *, renews: bool, forks: bool) -> None:
        """Write the script of modules in a row, which end in logits.

        Raises:
            NotWrittenError: one of them has none, or there are too many.
        """
        writer, modules = ScriptWriter(), list(modules)
        self.source = _source(writer, modules, smoothing, LayerScript(writer, renews=renews, forks=forks))
        if (lines := self.source.count("\n")) > MOST_LINES:
            raise NotWrittenError(f"{lines:,} lines")
        unit: Any = torch.jit.CompilationUnit()
        unit.define(self.source)
        self._step = unit.step
        # Kept until the next step: a thread of torch's that lets go of a tensor last would need Python for that.
        self._futures: list[Any] = []
        self.ratios: list[Tensor] = []
        self._learning = [writer.parameters[number] for number in writer.gradients]
        self._beside = [writer.parameters[number] for number in writer.futures]
        self._parameters = [value.detach() for value in writer.parameters]
        self._buffers = writer.buffers
        counts = (module.num_batches_tracked for each in modules for module in each.modules()
                  if isinstance(module, nn.BatchNorm2d))  # fmt: skip
        self._counts = [count for count in counts if count is not None]

    @torch.no_grad()
    def __call__(
        self, images: Tensor, target: LossTarget, scale: float, *, probing: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Add the gradients of a loss that is summed over the pictures and scaled to those of the parameters.

        Args:
            images: what the first module reads.
            target: of the loss.
            scale: of the loss.
            probing: whether ``ratios`` are measured.

        Returns:
            The summed loss, not scaled, and the logits.
        """
        if self._counts:
            torch._foreach_add_(self._counts, 1)
        # The optimiser of scripts gains nothing here, and lets maps live longer.
        with torch.jit.optimized_execution(should_optimize=False):  # type: ignore[attr-defined]
            loss, logits, gradients, self._futures, self.ratios = self._step(
                images, target.labels, target.others, target.weights, (target.share, scale), probing,
                self._parameters, self._buffers,
            )  # fmt: skip
        for value, gradient in zip(self._learning, gradients, strict=True):
            _add(value, gradient)
        for value, future in zip(self._beside, self._futures, strict=True):
            _add(value, future.wait())
        return loss, logits


def _add(value: Tensor, gradient: Tensor) -> None:
    """Add a gradient to that of a parameter, in its layout."""
    if value.grad is not None:
        value.grad.add_(gradient)
    elif gradient.stride() == value.stride():
        value.grad = gradient
    else:
        value.grad = torch.empty_like(value).copy_(gradient)


def _source(writer: ScriptWriter, modules: list[nn.Module], smoothing: float, script: LayerScript) -> str:
    """The text of a step."""
    ends = max((number + 1 for number, module in enumerate(modules) if script.has(module)), default=0)
    made, backwards = script.rows(modules[:ends], ScriptMap("x0", learns=False))
    writer.write("torch.ops.aten.set_grad_enabled(True)")
    writer.write(f"f = {made.name}.detach().requires_grad_(True)")
    logits, learning = _head(writer, modules[ends:])
    loss = "torch.ops.aten.cross_entropy_loss(%s, %s, weights, 2, %d, %r)"
    writer.write(f"loss = {loss % (logits, 'labels', IGNORED, smoothing)}")
    writer.write("if share != 1.0:")
    writer.write(f"    loss = share * loss + (1 - share) * {loss % (logits, 'others', IGNORED, smoothing)}")
    writer.write(f"found = torch.ops.aten.grad([loss * scale], [{', '.join(['f', *learning.values()])}])")
    writer.write("torch.ops.aten.set_grad_enabled(False)")
    for number, (parameter, name) in enumerate([("", "g0"), *((key, f"w_{name}") for key, name in learning.items())]):
        # The interpreter's own gradients may be missing; these cannot.
        writer.write(f"o{number} = found[{number}]")
        writer.write(f"assert o{number} is not None")
        writer.write(f"{name} = o{number}")
        if parameter:
            writer.grade(parameter, name)
    script.back(backwards, ScriptGradient("g0", own=False))
    for future in writer.futures.values():
        writer.write(f"futures.append({future})")
    writer.write(f"return loss.detach(), {logits}.detach(), [{', '.join(writer.gradients.values())}], futures, ratios")
    return PRELUDE + _HEAD + "".join(f"    {line}\n" for line in writer.lines)


def _head(writer: ScriptWriter, modules: list[nn.Module]) -> tuple[str, dict[str, str]]:
    """What follows the last feature map, which autograd computes: the variable of the logits, and of the parameters.

    Raises:
        NotWrittenError: one of the modules has no script.
    """
    x, learning = "f", {}
    for module in modules:
        made = writer.name("h")
        if type(module) is nn.AdaptiveAvgPool2d and module.output_size == (1, 1):
            writer.write(f"{made} = torch.ops.aten.adaptive_avg_pool2d({x}, [1, 1])")
        elif type(module) is nn.Flatten and (module.start_dim, module.end_dim) == (1, -1):
            writer.write(f"{made} = torch.flatten({x}, 1)")
        elif type(module) is nn.Linear:
            names = []
            for value in (module.weight, module.bias):
                key = writer.parameter(value)
                learning[key] = writer.name("p")
                names.append(learning[key])
                writer.write(f"{learning[key]} = {key}.detach().requires_grad_(True)")
            writer.write(f"{made} = torch.ops.aten.linear({x}, {', '.join(names)})")
        else:
            raise NotWrittenError(f"a layer of the kind {type(module).__name__} in the head")
        x = made
    return x, learning

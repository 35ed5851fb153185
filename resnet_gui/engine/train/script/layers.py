"""The script of each kind of layer: its forward line, and its backward lines as autograd would compute them.

torch's operators are called with the arguments that autograd calls them with, so that a step has the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from torch import nn

from resnet_gui.design.choices.pad_side.both_sides import zero_pad_class
from resnet_gui.engine.train.script.writer import Backward, NotWrittenError, ScriptGradient, ScriptMap, ScriptWriter
from resnet_gui.network.block import Block
from resnet_gui.network.layers import Layers
from resnet_gui.network.sampled import SampledConv

PRELUDE: Final = """
def weight_gradient(
    g: Tensor, x: Tensor, w: Tensor, stride: List[int], padding: List[int], dilation: List[int], groups: int
) -> Tensor:
    return torch.ops.aten.convolution_backward(
        g, x, w, None, stride, padding, dilation, False, [0, 0], groups, [False, True, False]
    )[1]

def ratio(branch: Tensor, shortcut: Tensor) -> Tensor:
    return (branch.flatten(1).norm(2, [1]) / shortcut.flatten(1).norm(2, [1]).clamp_min(1e-12)).mean()

def normalised(x: Tensor, mean: Tensor, inverse: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    scale = inverse * weight
    shift = (bias.double() - mean.double() * scale.double()).float()
    mean, variance = torch.zeros_like(scale), torch.ones_like(scale)
    return torch.native_batch_norm(x, scale, shift, mean, variance, False, 0.0, 0.0)[0]
"""
"""``normalised`` is what batch normalisation made of a batch, from the statistics that it kept: x · γ/σ + (β − μγ/σ),
which torch computes in evaluation for a mean of 0 and a variance of 1. Its shift is rounded once, hence the double."""


class LayerScript:
    """The script of layers, one after the other.

    Attributes:
        writer: of the lines.
        renews: whether maps that a norm can make again are not kept.
        forks: whether gradients of convolutions' weights are computed beside the way back.
    """

    def __init__(self, writer: ScriptWriter, *, renews: bool, forks: bool) -> None:
        self.writer, self.renews, self.forks = writer, renews, forks
        self._kinds: dict[type[nn.Module], Callable[[Any, ScriptMap], tuple[ScriptMap, Backward]]] = {
            nn.Conv2d: self._conv,
            SampledConv: self._sampled,
            nn.BatchNorm2d: self._norm,
            nn.ReLU: self._relu,
            nn.MaxPool2d: self._max_pool,
            nn.AvgPool2d: self._average_pool,
            zero_pad_class(): self._zero_pad,
            Block: self._block,
        }

    def has(self, module: nn.Module) -> bool:
        """Whether there is a script for a module, its inner ones not looked at."""
        return type(module) in self._kinds or isinstance(module, nn.Sequential | Layers)

    def rows(self, modules: Iterable[nn.Module], x: ScriptMap) -> tuple[ScriptMap, list[Backward]]:
        """The script of modules in a row, and their backward passes in the same order.

        Raises:
            NotWrittenError: one of them has none.
        """
        found: list[Backward] = []
        for module in modules:
            if type(module) in {nn.Sequential, Layers}:
                x, inner = self.rows(module.children(), x)
                found += inner
                continue
            write = self._kinds.get(type(module))
            if write is None or _is_watched(module):
                raise NotWrittenError(f"a layer of the kind {type(module).__name__}")
            x, backward = write(module, x)
            found.append(backward)
        return x, found

    def back(self, backwards: list[Backward], g: ScriptGradient) -> ScriptGradient:
        """The backward passes of a row, from its end to its beginning."""
        for backward in reversed(backwards):
            g = backward(g)
        return g

    # ---- convolutions

    def _conv(self, module: nn.Conv2d, x: ScriptMap) -> tuple[ScriptMap, Backward]:
        if module.padding_mode != "zeros" or isinstance(module.padding, str):
            raise NotWrittenError("a convolution with another padding than zeros")
        return self._convolve(module, x, x.name, list(module.stride))

    def _sampled(self, module: SampledConv, x: ScriptMap) -> tuple[ScriptMap, Backward]:
        """A strided 1×1 convolution as one of every stride-th pixel."""
        writer, (high, wide) = self.writer, module.stride
        part = f"[:, :, ::{high}, ::{wide}]"
        line = f"{x.name}{part}.contiguous(memory_format=torch.channels_last)"
        y, backward = self._convolve(module, x, line, [1, 1])

        def back(g: ScriptGradient) -> ScriptGradient:
            inner = backward(g)
            return inner if not x.learns else self._spread(inner, writer.need(x), part)

        return y, back

    def _spread(self, g: ScriptGradient, of: str, part: str) -> ScriptGradient:
        """A gradient of a part of a map as one of the whole map, which is 0 elsewhere."""
        whole = self.writer.name("g")
        self.writer.write(f"{whole} = torch.zeros_like({of})")
        self.writer.write(f"{whole}{part}.copy_({g.name})")
        return ScriptGradient(whole, own=True)

    def _convolve(self, module: nn.Conv2d, x: ScriptMap, read: str, stride: list[int]) -> tuple[ScriptMap, Backward]:
        writer, sampled = self.writer, read != x.name
        weight = writer.parameter(module.weight)
        bias = writer.parameter(module.bias) if module.bias is not None else "None"
        how = f"{stride}, {list(module.padding)}, {list(module.dilation)}"
        y, source = writer.name("z"), writer.name("x") if sampled else x.name
        if sampled:
            writer.write(f"{source} = {read}")
        writer.write(f"{y} = torch.conv2d({source}, {weight}, {bias}, {how}, {module.groups})")

        def back(g: ScriptGradient) -> ScriptGradient:
            inner = source if sampled else writer.need(x)
            made, of_weight, of_bias = writer.name("g"), writer.name("w"), writer.name("w")
            forked = self.forks and module.bias is None
            if forked:
                # Without their Python objects, which a thread that lets go of them last would need the interpreter for.
                read = f"{g.name}, {inner}.detach(), {weight}.detach()"
                call = f"torch.jit.fork(weight_gradient, {read}, {how}, {module.groups})"
                writer.write(f"{of_weight} = {call}")
            if x.learns or not forked:
                sizes = "None" if module.bias is None else f"[{module.out_channels}]"
                mask = f"[{x.learns}, {not forked}, {module.bias is not None}]"
                names = ", ".join((made, "_" if forked else of_weight, of_bias if module.bias is not None else "_"))
                writer.write(
                    f"{names} = torch.ops.aten.convolution_backward({g.name}, {inner}, {weight}, {sizes}, "
                    f"{how}, False, [0, 0], {module.groups}, {mask})"
                )
            writer.grade(weight, of_weight, future=forked)
            if module.bias is not None:
                writer.grade(bias, of_bias)
            return ScriptGradient(made, own=True)

        return ScriptMap(y, spare=True), back

    # ---- norms and activations

    def _norm(self, module: nn.BatchNorm2d, x: ScriptMap) -> tuple[ScriptMap, Backward]:
        writer = self.writer
        mean, variance = module.running_mean, module.running_var
        if mean is None or variance is None or module.momentum is None or not module.training:
            raise NotWrittenError("a norm without running statistics")
        weight, bias = writer.parameter(module.weight), writer.parameter(module.bias)
        y, m, v = writer.name("y"), writer.name("m"), writer.name("v")
        kept = f"{writer.buffer(mean)}, {writer.buffer(variance)}"
        writer.write(
            f"{y}, {m}, {v} = torch.native_batch_norm("
            f"{x.name}, {weight}, {bias}, {kept}, True, {module.momentum!r}, {module.eps!r})"
        )

        def back(g: ScriptGradient) -> ScriptGradient:
            made, of_weight, of_bias = writer.name("g"), writer.name("w"), writer.name("w")
            writer.write(
                f"{made}, {of_weight}, {of_bias} = torch.ops.aten.native_batch_norm_backward({g.name}, "
                f"{writer.need(x)}, {weight}, None, None, {m}, {v}, True, {module.eps!r}, [{x.learns}, True, True])"
            )
            writer.grade(weight, of_weight)
            writer.grade(bias, of_bias)
            return ScriptGradient(made, own=True)

        again = (*x.again, f"{y} = normalised({x.name}, {m}, {v}, {weight}, {bias})") if self.renews else ()
        return ScriptMap(y, spare=True, again=again), back

    def _relu(self, module: nn.ReLU, x: ScriptMap) -> tuple[ScriptMap, Backward]:
        writer, y = self.writer, self.writer.name("y")
        line = f"{y} = torch.relu{'_' if module.inplace else ''}({x.name})"
        writer.write(line)
        made = ScriptMap(y, again=(*x.again, line) if x.again else ())

        def back(g: ScriptGradient) -> ScriptGradient:
            found = writer.name("g")
            over = f", grad_input={g.name}" if g.own else ""
            writer.write(f"{found} = torch.ops.aten.threshold_backward({g.name}, {writer.need(made)}, 0{over})")
            return ScriptGradient(found, own=True)

        return made, back

    # ---- pooling, padding

    def _max_pool(self, module: nn.MaxPool2d, x: ScriptMap) -> tuple[ScriptMap, Backward]:
        writer, y, places = self.writer, self.writer.name("y"), self.writer.name("i")
        how = [[size, size] if isinstance(size, int) else list(size) for size in _window(module)]
        words = f"{how[0]}, {how[1]}, {how[2]}, {how[3]}, {module.ceil_mode}"
        writer.write(f"{y}, {places} = torch.ops.aten.max_pool2d_with_indices({x.name}, {words})")

        def back(g: ScriptGradient) -> ScriptGradient:
            found = writer.name("g")
            call = "torch.ops.aten.max_pool2d_with_indices_backward"
            writer.write(f"{found} = {call}({g.name}, {writer.need(x)}, {words}, {places})")
            return ScriptGradient(found, own=True)

        return ScriptMap(y), back

    def _average_pool(self, module: nn.AvgPool2d, x: ScriptMap) -> tuple[ScriptMap, Backward]:
        writer, y = self.writer, self.writer.name("y")
        how = [[size, size] if isinstance(size, int) else list(size) for size in
               (module.kernel_size, module.stride, module.padding)]  # fmt: skip
        words = f"{how[0]}, {how[1]}, {how[2]}, {module.ceil_mode}, {module.count_include_pad}, None"
        writer.write(f"{y} = torch.ops.aten.avg_pool2d({x.name}, {words})")

        def back(g: ScriptGradient) -> ScriptGradient:
            found = writer.name("g")
            writer.write(f"{found} = torch.ops.aten.avg_pool2d_backward({g.name}, {writer.need(x)}, {words})")
            return ScriptGradient(found, own=True)

        return ScriptMap(y), back

    def _zero_pad(self, module: Any, x: ScriptMap) -> tuple[ScriptMap, Backward]:
        """Option A: every stride-th pixel, and zeros for the new channels."""
        writer, y, step = self.writer, self.writer.name("y"), module.stride
        part = f"[:, :, ::{step}, ::{step}]"
        edges = f"[0, 0, 0, 0, {module.before}, {module.after}]"
        writer.write(f"{y} = torch.constant_pad_nd({x.name}{part}, {edges}, 0)")

        def back(g: ScriptGradient) -> ScriptGradient:
            found = writer.name("g")
            old = f"[:, {module.before}:{g.name}.size(1) - {module.after}]"
            writer.write(f"{found} = {g.name}{old}")
            return ScriptGradient(found, own=False, where=part)

        return ScriptMap(y), back

    # ---- blocks

    def _block(self, block: Block, x: ScriptMap) -> tuple[ScriptMap, Backward]:
        if not block.is_plain:
            raise NotWrittenError("a block with a gate, or that is partly turned off")
        shared, in_shared = self.rows(block.modules_of("shared"), x)
        made, in_main = self.rows(block.modules_of("main"), shared)
        in_short: list[Backward] = []
        if block.adds:
            short, in_short = self.rows(block.modules_of("shortcut"), shared)
            total = self.writer.name("s")
            self.writer.write("if probing:")
            self.writer.write(f"    ratios.append(ratio({made.name}, {short.name}))")
            self.writer.write(f"{total} = {made.name}.{'add_' if made.spare else 'add'}({short.name})")
            made = ScriptMap(total)
        y, in_out = self.rows(block.modules_of("out"), made)

        def back(g: ScriptGradient) -> ScriptGradient:
            g = self.back(in_out, g)
            if not block.adds:
                return self.back(in_shared, self.back(in_main, g))
            both = ScriptGradient(g.name, own=False)
            through = self.back(in_short, both)
            if not shared.learns:
                return self.back(in_main, both)
            return self.back(in_shared, self._sum(self.back(in_main, both), through, shared))

        return y, back

    def _sum(self, main: ScriptGradient, short: ScriptGradient, of: ScriptMap) -> ScriptGradient:
        if short.where and not main.own:
            short = self._spread(short, self.writer.need(of), short.where)
        if main.own:
            self.writer.write(f"{main.name}{short.where}.add_({short.name})")
            return main
        found = self.writer.name("g")
        self.writer.write(f"{found} = torch.add({main.name}, {short.name})")
        return ScriptGradient(found, own=True)


def _window(module: nn.MaxPool2d) -> tuple[Any, Any, Any, Any]:
    return module.kernel_size, module.stride, module.padding, module.dilation


def _is_watched(module: nn.Module) -> bool:
    """Whether something looks at what a module computes."""
    return bool(module._forward_hooks or module._forward_pre_hooks or module._backward_hooks)

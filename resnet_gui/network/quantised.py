"""A network for fast answers whose convolutions multiply integers of 8 bits.

A number x is kept as q = round(x / scale) + zero, cut to 0..255 (Jacob et al. 2018, arXiv:1712.05877, eq. 1). Weights
have a scale for each output channel and zero 0. Maps stay in 8 bits from convolution to convolution, through maximum
pooling and additions, wherever nothing stands between that needs more; elsewhere they are fp32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from resnet_gui.design.choices import KINDS
from resnet_gui.design.kinds.convolution import CONV
from resnet_gui.design.kinds.pooling import MAX_POOL
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan
from resnet_gui.network.activation_ranges import ActivationRanges, Range
from resnet_gui.network.fusion import next_computing, replace_module
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.traced_operators import BYTES_SOURCE, is_tracing, traced_operators

STEPS: Final = 255


class Quantisation(NamedTuple):
    """The way in which numbers are kept in a byte: x ≈ scale · (q − zero)."""

    scale: float
    zero: int

    def of(self, x: Tensor) -> Tensor:
        """Bytes of numbers, in channels-last layout."""
        q = (x * (1 / self.scale)).add_(self.zero).round_().clamp_(0, STEPS).to(torch.uint8)
        return q.contiguous(memory_format=torch.channels_last)

    def back(self, q: Tensor) -> Tensor:
        """Numbers of bytes."""
        return (q.float() - self.zero) * self.scale


PLAIN: Final = Quantisation(1.0, 0)
"""What oneDNN is told of a map that is fp32."""


class MapFormats(NamedTuple):
    """The ways in which the maps around a convolution are kept.

    Attributes:
        input: what it reads.
        output: what it writes; None for fp32.
        added: what it adds before its activation; None if it adds nothing.
    """

    input: Quantisation
    output: Quantisation | None = None
    added: Quantisation | None = None


def quantisation(ends: Range) -> Quantisation:
    """The steps that cover a range, in which 0 is exact, as padding needs it.

    Raises:
        RuntimeError: an end is no finite number, as in a network whose maps overflow.
    """
    low, high = min(ends[0], 0.0), max(ends[1], 0.0)
    scale = max((high - low) / STEPS, 1e-12)
    if not (math.isfinite(ends[0]) and math.isfinite(ends[1]) and math.isfinite(scale)):
        raise RuntimeError(f"no steps cover a range from {ends[0]} to {ends[1]}")
    return Quantisation(scale, round(-low / scale))


@cache
def weight_steps() -> int:
    """Largest integer of a weight with which this processor adds up products right.

    Without instructions for it (VNNI), oneDNN adds two products of a byte and a weight in 16 bits, which hold 2·255·63
    but not 2·255·127; so it is asked for a sum that would not fit.
    """
    edge = torch.full((1, 64, 4, 4), STEPS, dtype=torch.uint8).contiguous(memory_format=torch.channels_last)
    conv = nn.Conv2d(64, 16, 1, bias=False)
    with torch.no_grad():
        conv.weight.fill_(1.0)
    made = QuantisedConv(conv, (64, 4, 4), MapFormats(Quantisation(1.0, 0)), steps=127)
    right = bool((made(edge) - 64.0 * STEPS).abs().max() < 1)
    return 127 if right else 63


class QuantisedConv(nn.Module):
    """A convolution of bytes by oneDNN, with the activation, or the addition and the activation, in the same pass.

    It reads bytes in its own quantisation, or fp32, which it quantises.
    """

    def __init__(
        self,
        conv: nn.Conv2d,
        shape: tuple[int, ...],
        formats: MapFormats,
        activation: str = "none",
        steps: int | None = None,
    ) -> None:
        """Take over a convolution.

        Args:
            conv: the convolution; not changed.
            shape: of its input, (C, H, W).
            formats: of the maps around it.
            activation: behind it, as oneDNN calls it; "none" without one.
            steps: largest integer of a weight, if not as this processor has it.
        """
        super().__init__()
        weight = conv.weight.detach().float()
        most = steps if steps is not None else weight_steps()
        self._scales = weight.abs().amax(dim=(1, 2, 3)).clamp_(min=1e-12) / most
        whole = (weight / self._scales.view(-1, 1, 1, 1)).round_().to(torch.int8)
        self._how = (list(conv.stride), list(conv.padding), list(conv.dilation), conv.groups)
        self._ops: Any = torch.ops.onednn
        packed: Tensor = self._ops.qconv_prepack(whole, self._scales, *formats.input, *self._how, [1, *shape])
        # A trace takes weights in oneDNN's order from buffers only.
        self.register_buffer("_weight", packed, persistent=False)
        self._zeros = torch.zeros(len(weight), dtype=torch.int32)
        self._bias = None if conv.bias is None else conv.bias.detach().float()
        self._activation = activation
        self._formats = formats

    def forward(self, x: Tensor, added: Tensor | None = None) -> Tensor:
        """activation(W∗x + b), or activation(W∗x + b + added), the sum of bytes kept otherwise made in fp32."""
        formats = self._formats
        q = x if x.dtype == torch.uint8 else formats.input.of(x)
        weights = (self._weight, self._scales, self._zeros)
        written = (*(formats.output or PLAIN), torch.uint8 if formats.output is not None else torch.float32)
        tracing = is_tracing()
        if added is None:
            read = (q, *formats.input, *weights, self._bias, *self._how, *written, self._activation)
            convolve = traced_operators(BYTES_SOURCE).convolved if tracing else self._convolve
            made: Tensor = convolve(*read)
            return made
        kept = formats.added or PLAIN
        summed = (q, *formats.input, *weights, added, self._bias, *self._how, *written, *kept, self._activation)
        add = traced_operators(BYTES_SOURCE).added if tracing else self._add
        total: Tensor = add(*summed)
        return total

    def _convolve(self, *read: object) -> Tensor:
        *what, activation = read
        made: Tensor = self._ops.qconv2d_pointwise(*what, activation, [], "")
        return made

    def _add(self, *read: object) -> Tensor:
        *what, activation = read
        total: Tensor = self._ops.qconv2d_pointwise.binary(*what, "sum", 1.0, activation, [], "")
        return total


class Dequantised(nn.Module):
    """A layer that computes in fp32, behind maps of bytes."""

    def __init__(self, kept: Quantisation, layer: nn.Module) -> None:
        super().__init__()
        self._kept, self.layer = kept, layer

    def forward(self, q: Tensor) -> Tensor:
        """From bytes to what the layer makes of their numbers."""
        made: Tensor = self.layer(self._kept.back(q) if q.dtype == torch.uint8 else q)
        return made


class MaxPoolBytes(nn.Module):
    """Maximum pooling of bytes; torch's own refuses most sizes of them.

    It pads with the smallest byte, which no maximum prefers.
    """

    def __init__(self, layer: LayerPlan) -> None:
        super().__init__()
        self._kernel, self._stride, self._padding = layer.kernel, layer.stride, layer.padding

    def forward(self, q: Tensor) -> Tensor:
        """From (N, C, H, W) to (N, C, H', W'), channels last."""
        x = q.permute(0, 2, 3, 1)
        pad = self._padding
        x = nn.functional.pad(x, (0, 0, pad, pad, pad, pad)) if pad else x
        for axis in (1, 2):
            count = (x.shape[axis] - self._kernel) // self._stride + 1
            parts = [_steps(x, axis, first, count, self._stride) for first in range(self._kernel)]
            x = parts[0].clone(memory_format=torch.contiguous_format)
            for part in parts[1:]:
                torch.maximum(x, part, out=x)
        return x.permute(0, 3, 1, 2)


def _steps(x: Tensor, axis: int, first: int, count: int, stride: int) -> Tensor:
    """Every ``stride``-th slice along an axis."""
    index: list[slice] = [slice(None)] * x.dim()
    index[axis] = slice(first, first + (count - 1) * stride + 1, stride)
    return x[tuple(index)]


def _computing(layers: Sequence[LayerPlan]) -> list[LayerPlan]:
    """The layers that compute something in eval mode once norms are folded."""
    places = [place for place in range(len(layers)) if next_computing(tuple(layers), place - 1) == place]
    return [layers[place] for place in places]


def _is_fused(layer: LayerPlan) -> bool:
    """Whether it is an activation that oneDNN computes with the convolution before it."""
    return bool(KINDS[layer.kind].fused)


def _selects(layer: LayerPlan) -> bool:
    """Whether it hands on numbers of its input, and zeros, as they are, so that it does the same with bytes."""
    return KINDS[layer.kind].relevance == "selects" and layer.kind != MAX_POOL.key


def _is_row(layers: Sequence[LayerPlan]) -> bool:
    """Whether there are convolutions alone, each with an activation behind it or not."""
    if not layers or layers[0].kind != CONV.key or any(layer.part_of for layer in layers):
        return False
    pairs = pairwise(layers)
    return all(layer.kind == CONV.key or (_is_fused(layer) and before.kind == CONV.key) for before, layer in pairs)


def keeps_bytes(planned: Plan) -> bool:
    """Whether all maps from stem to head can stay in 8 bits: post-activation blocks without anything between."""
    stem = _computing(planned.stem.layers)
    if stem and stem[-1].kind == MAX_POOL.key:
        stem = stem[:-1]
    return _is_row(stem) and _is_fused(stem[-1]) and all(_block_keeps_bytes(block) for _, block in planned.blocks())


def _block_keeps_bytes(block: BlockPlan) -> bool:
    main, shortcut, out = (_computing(block.on(branch)) for branch in ("main", "shortcut", "out"))
    if block.on("shared", "gate") or not _is_row(main) or len(out) > 1 or not all(map(_is_fused, out)):
        return False
    if not block.adds:
        return bool(out) or _is_fused(main[-1])
    arrives = not shortcut or shortcut[-1].kind == CONV.key or all(_selects(layer) for layer in shortcut)
    return main[-1].kind == CONV.key and bool(out) and arrives


def _rows(layers: Sequence[LayerPlan]) -> list[list[LayerPlan]]:
    """The stretches of convolutions, each with an activation behind it or not."""
    rows: list[list[LayerPlan]] = []
    before: LayerPlan | None = None
    for layer in layers:
        if layer.kind == CONV.key and not layer.part_of:
            if before is None:
                rows.append([])
            rows[-1].append(layer)
            before = layer
        elif before is not None and before.kind == CONV.key and _is_fused(layer) and not layer.part_of:
            rows[-1].append(layer)
            before = layer
        else:
            before = None
    return rows


class _Conversion:
    """A folded network whose convolutions become ones of bytes, section by section."""

    def __init__(self, model: ResNet, ranges: ActivationRanges) -> None:
        self._model, self._ranges = model, ranges
        self._bytes = keeps_bytes(model.plan)

    def run(self) -> None:
        """Convert all sections."""
        kept: Quantisation | None = None
        for location, group in self._model.plan.sections():
            if location.stage == "head":
                self._dequantise(location.prefix + group.layers[0].name, kept)
                continue
            end = self._end(location.path, location.prefix, group) if self._bytes else None
            if end is None:
                for branch in (_computing(group.on("main")), _computing(group.on("shortcut"))):
                    for row in _rows(branch):
                        self._row(location.prefix, row, None, None)
            else:
                self._section(location.prefix, group, kept, end)
            kept = end

    def _end(self, path: str, prefix: str, group: BlockPlan) -> Quantisation:
        """How what leaves a section is kept; the stem is no module of its own, and a maximum changes no range."""
        if path in self._ranges.outputs:
            return quantisation(self._ranges.outputs[path])
        return self._made(prefix, [layer for layer in _computing(group.layers) if layer.kind != MAX_POOL.key][-1])

    def _made(self, prefix: str, layer: LayerPlan) -> Quantisation:
        return quantisation(self._ranges.outputs[prefix + layer.name])

    def _section(self, prefix: str, group: BlockPlan, kept: Quantisation | None, end: Quantisation) -> None:
        """Convert a stem or block that reads bytes, or fp32 in front of everything, and writes bytes."""
        main, shortcut, out = (_computing(group.on(branch)) for branch in ("main", "shortcut", "out"))
        if not group.adds:
            self._row(prefix, main + out, kept, end)
            return
        added = kept
        if kept is not None and kept.zero and any(map(_selects, shortcut)):
            raise RuntimeError("zeros beside a map would not be the byte 0")
        if shortcut and shortcut[-1].kind == CONV.key:
            added = self._made(prefix, shortcut[-1])
            self._row(prefix, shortcut, kept, added)
        self._row(prefix, [*main, *out], kept, end, added)

    def _row(
        self,
        prefix: str,
        layers: Sequence[LayerPlan],
        kept: Quantisation | None,
        end: Quantisation | None,
        added: Quantisation | None = None,
    ) -> None:
        """Convert layers that follow each other.

        Args:
            prefix: of their paths.
            layers: convolutions, the activations behind them, and what else stands in the way.
            kept: how their input is kept; fp32 if None.
            end: how the output of the last convolution is kept; fp32 if None.
            added: how the map is kept that the last convolution adds before its activation; None if it adds none.
        """
        last = max(place for place, layer in enumerate(layers) if layer.kind == CONV.key)
        for place, layer in enumerate(layers):
            path = prefix + layer.name
            if layer.kind != CONV.key:
                if kept is not None and layer.kind == MAX_POOL.key:
                    replace_module(self._model, path, MaxPoolBytes(layer))
                elif kept is not None and not _is_fused(layer):
                    self._dequantise(path, kept)
                    kept = None
                continue
            active = next((after for after in layers[place + 1 : place + 2] if _is_fused(after)), None)
            output = end if place == last else self._made(prefix, active or layer)
            conv = self._model.get_submodule(path)
            if not isinstance(conv, nn.Conv2d):
                raise TypeError(f"{path} is no plain convolution")
            given = kept or quantisation(self._ranges.inputs[path])
            formats = MapFormats(given, output, added if place == last else None)
            activation = KINDS[active.kind].fused if active is not None else "none"
            made: nn.Module = QuantisedConv(conv, layer.input, formats, activation)
            if active is not None:
                replace_module(self._model, prefix + active.name, nn.Identity())
            if place == last and added is not None:
                # The block's addition is this convolution's now; its branch ends before it.
                replace_module(self._model, prefix + "add", made)
                made = nn.Identity()
            replace_module(self._model, path, made)
            kept = output

    def _dequantise(self, path: str, kept: Quantisation | None) -> None:
        if kept is not None:
            replace_module(self._model, path, Dequantised(kept, self._model.get_submodule(path)))


QUANTISING_ERRORS: Final = (RuntimeError, AttributeError, TypeError)
"""What ``quantised``, and a network that it has made, raise where this torch or processor does not have it."""


def quantised(model: ResNet, ranges: ActivationRanges) -> ResNet:
    """A folded network for the CPU whose convolutions multiply bytes; the argument is used up.

    Args:
        model: the network, folded (``network.fusion.folded``), in fp32.
        ranges: of its maps, measured on the folded network.

    Raises:
        RuntimeError, AttributeError, TypeError: there is no such thing here; see QUANTISING_ERRORS.
    """
    _Conversion(model, ranges).run()
    return model

"""``plan(spec)``: every layer with its shapes; pure arithmetic, and the only place where shapes are computed.

Names are torchvision's where it has one, so that state_dicts fit; equal blocks of a stage share one ``BlockPlan``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from resnet_gui.spec.arch import EXPANSION, ResNetSpec, Shape

LayerKind = Literal["conv", "bn", "relu", "max_pool", "avg_pool", "flatten", "linear", "zero_pad", "add"]
Branch = Literal["main", "shortcut", "join"]
ShortcutKind = Literal["identity", "projection", "zero-pad", "none"]
GroupKind = Literal["stem", "basic", "bottleneck", "head"]


class LayerPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One layer.

    Attributes:
        name: attribute path inside its block, such as ``conv1`` or ``downsample.0``.
        kind: what it computes.
        input: shape that it reads, without the batch.
        output: shape that it writes.
        kernel: edge of the square window; 0 where there is none.
        stride: step of the window, the same in both directions.
        padding: zeros (for pooling: minus infinity) added on each side.
        bias: whether a bias is learned.
        branch: where it stands in a residual block; the addition is the "join".
    """

    name: str
    kind: LayerKind
    input: Shape
    output: Shape
    kernel: int = 0
    stride: int = 1
    padding: int = 0
    bias: bool = False
    branch: Branch = "main"


class BlockPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A residual block, or the stem or head; layers in the order of computation, the shortcut before the addition.

    Attributes:
        shortcut: how the input reaches the addition; "none" where nothing is added.
    """

    kind: GroupKind
    layers: tuple[LayerPlan, ...]
    shortcut: ShortcutKind = "none"

    @property
    def input(self) -> Shape:
        """Shape that the block reads."""
        return self.layers[0].input

    @property
    def output(self) -> Shape:
        """Shape that the block writes."""
        return self.layers[-1].output

    @property
    def stride(self) -> int:
        """Product of the strides on the main path."""
        stride = 1
        for layer in self.layers:
            if layer.branch == "main":
                stride *= layer.stride
        return stride


class StagePlan(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive blocks of one width; ``index`` counts from 0."""

    index: int
    blocks: tuple[BlockPlan, ...]

    @property
    def name(self) -> str:
        """Module name, as in torchvision: ``layer1``."""
        return f"layer{self.index + 1}"

    @property
    def paper_name(self) -> str:
        """The paper's name, ``conv2_x`` for the first stage (He et al. 2015, Table 1)."""
        return f"conv{self.index + 2}_x"

    @property
    def output(self) -> Shape:
        """Shape that the last block writes."""
        return self.blocks[-1].output


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a spec: stem, stages of blocks, head."""

    spec: ResNetSpec
    stem: BlockPlan
    stages: tuple[StagePlan, ...]
    head: BlockPlan

    def groups(self) -> Iterator[tuple[str, BlockPlan]]:
        """Stem, every block and head in order, with the prefix of their layers' paths (empty, or ``layer1.0.``)."""
        yield "", self.stem
        for stage in self.stages:
            for number, block in enumerate(stage.blocks):
                yield f"{stage.name}.{number}.", block
        yield "", self.head

    def layers(self) -> Iterator[tuple[str, LayerPlan]]:
        """Every layer in order with its full path, such as ``layer3.0.downsample.1``."""
        for prefix, group in self.groups():
            for layer in group.layers:
                yield prefix + layer.name, layer


def window(size: int, kernel: int, stride: int, padding: int) -> int:
    """Positions of a window along one axis: ⌊(size + 2·padding − kernel) / stride⌋ + 1 (pixels)."""
    return (size + 2 * padding - kernel) // stride + 1


class _Chain:
    """Writes layers one after the other, each reading what the last one wrote."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.layers: list[LayerPlan] = []

    def _add(self, layer: LayerPlan) -> None:
        self.layers.append(layer)
        self.shape = layer.output

    def sliding(
        self, name: str, kind: LayerKind, channels: int, geometry: tuple[int, int, int], branch: Branch
    ) -> None:
        """A convolution or max-pooling; ``geometry`` is kernel, stride, padding."""
        kernel, stride, padding = geometry
        _, height, width = self.shape
        output = (channels, window(height, kernel, stride, padding), window(width, kernel, stride, padding))
        self._add(
            LayerPlan(
                name=name, kind=kind, input=self.shape, output=output,
                kernel=kernel, stride=stride, padding=padding, branch=branch,
            )
        )  # fmt: skip

    def conv(self, name: str, channels: int, kernel: int, stride: int = 1, branch: Branch = "main") -> None:
        """A convolution with the padding that keeps the size at stride 1."""
        self.sliding(name, "conv", channels, (kernel, stride, kernel // 2), branch)

    def same(self, name: str, kind: LayerKind, branch: Branch = "main") -> None:
        """A layer that keeps the shape."""
        self._add(LayerPlan(name=name, kind=kind, input=self.shape, output=self.shape, branch=branch))

    def to(self, name: str, kind: LayerKind, output: Shape, **options: int | bool) -> None:
        """A layer whose output is known."""
        self._add(LayerPlan(name=name, kind=kind, input=self.shape, output=output, **options))  # type: ignore[arg-type]


def _stem(spec: ResNetSpec) -> BlockPlan:
    chain = _Chain(spec.input)
    if spec.stem == "imagenet":
        chain.conv("conv1", spec.stem_width, kernel=7, stride=2)
    else:
        chain.conv("conv1", spec.stem_width, kernel=3)
    chain.same("bn1", "bn")
    chain.same("relu", "relu")
    if spec.stem == "imagenet":
        chain.sliding("maxpool", "max_pool", spec.stem_width, (3, 2, 1), "main")
    return BlockPlan(kind="stem", layers=tuple(chain.layers))


def _shortcut(spec: ResNetSpec, source: Shape, channels: int, stride: int) -> tuple[ShortcutKind, list[LayerPlan]]:
    """The shortcut's kind and layers (He et al. 2015, section 3.2 and 4.1, options A to C)."""
    changes = stride != 1 or source[0] != channels
    if spec.shortcut == "none":
        return "none", []
    chain = _Chain(source)
    if spec.shortcut == "C" or (spec.shortcut == "B" and changes):
        chain.conv("downsample.0", channels, kernel=1, stride=stride, branch="shortcut")
        chain.same("downsample.1", "bn", "shortcut")
        return "projection", chain.layers
    if changes:
        # Every stride-th pixel, as a 1×1 window of that stride sees it, and zeros for the new channels.
        chain.sliding("downsample.0", "zero_pad", channels, (1, stride, 0), "shortcut")
        return "zero-pad", chain.layers
    return "identity", []


def _block(spec: ResNetSpec, source: Shape, width: int, stride: int) -> BlockPlan:
    chain = _Chain(source)
    channels = width * EXPANSION[spec.block]
    if spec.block == "basic":
        convs = [(width, 3, stride), (channels, 3, 1)]
    else:
        convs = [(width, 1, 1), (width, 3, stride), (channels, 1, 1)]
    for number, (outputs, kernel, step) in enumerate(convs, start=1):
        chain.conv(f"conv{number}", outputs, kernel, step)
        chain.same(f"bn{number}", "bn")
        if number < len(convs):
            chain.same(f"relu{number}", "relu")
    kind, layers = _shortcut(spec, source, channels, stride)
    chain.layers.extend(layers)
    if kind != "none":
        chain.same("add", "add", "join")
    chain.same(f"relu{len(convs)}", "relu")
    return BlockPlan(kind=spec.block, layers=tuple(chain.layers), shortcut=kind)


def _head(spec: ResNetSpec, source: Shape) -> BlockPlan:
    chain = _Chain(source)
    chain.to("avgpool", "avg_pool", (source[0], 1, 1))
    chain.to("flatten", "flatten", (source[0],))
    chain.to("fc", "linear", (spec.classes,), bias=True)
    return BlockPlan(kind="head", layers=tuple(chain.layers))


def plan(spec: ResNetSpec) -> Plan:
    """Compute every layer of a design."""
    stem = _stem(spec)
    shape = stem.output
    stages: list[StagePlan] = []
    for index, (count, width) in enumerate(zip(spec.blocks, spec.widths, strict=True)):
        first = _block(spec, shape, width, stride=1 if index == 0 else 2)
        shape = first.output
        blocks: tuple[BlockPlan, ...] = (first,)
        if count > 1:
            blocks += (_block(spec, shape, width, stride=1),) * (count - 1)
        stages.append(StagePlan(index=index, blocks=blocks))
    return Plan(spec=spec, stem=stem, stages=tuple(stages), head=_head(spec, shape))

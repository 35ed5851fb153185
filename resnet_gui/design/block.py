"""The one description of a residual network's parts, said to a builder that writes a plan or the text of a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeAlias

from resnet_gui.design.choices import (
    ABLATIONS,
    ATTENTIONS,
    BLOCKS,
    BRANCH_SCALES,
    CONVOLUTIONS,
    DOWNSAMPLINGS,
    ORDERS,
    PAD_SIDES,
    PROJECTIONS,
    SHORTCUTS,
    STEM_POOLS,
    STEMS,
    STRIDES,
)
from resnet_gui.design.kinds.convolution import CONV
from resnet_gui.design.kinds.pointwise import DROPOUT, SIGMOID

if TYPE_CHECKING:
    from resnet_gui.design.choice import ShortcutChoice, SignalLayer
    from resnet_gui.design.layer_kind import LayerKind
    from resnet_gui.design.spec import ResNetSpec
    from resnet_gui.design.structure import Branch

Size: TypeAlias = Any
"""A number of channels or a stride: an ``int`` for a plan, an expression for a text."""


WriteActivation: TypeAlias = "Callable[[str, str], tuple[str, str]]"
"""Writes the design's activation of an expression with so many channels, both as text: its call, and the line that the
constructor needs for it, empty if none."""

PartSource: TypeAlias = "Callable[[ResNetSpec, WriteActivation], str]"
"""Writes the class of a part for the exported file."""


class Sharing(Enum):
    """The blocks that activate their input for both paths (He et al. 2016, appendix; "both_preact" in its code)."""

    NEVER = auto()
    CHANGED = auto()
    """Where the shape changes."""
    FIRST_OR_CHANGED = auto()
    """There, and in the first block, whose input nobody has activated."""
    ALWAYS = auto()


def sharing(spec: ResNetSpec) -> Sharing:
    """Which blocks of a design share their activated input."""
    shortcut = SHORTCUTS[spec.shortcut]
    if not spec.preactivated or spec.raw_projection or not shortcut.adds:
        return Sharing.NEVER
    if shortcut.everywhere:
        return Sharing.ALWAYS
    return Sharing.FIRST_OR_CHANGED if spec.shared_first and not spec.activated_stem else Sharing.CHANGED


class PartBuilder(ABC):
    """A writer of a part of a branch that ends in a product with the map that it has read, such as an excitation.

    Attributes:
        spec: the design.
        channels: of the map.
    """

    spec: ResNetSpec
    channels: int

    @abstractmethod
    def add(self, name: str, kind: LayerKind, channels: int, *, kernel: int = 0, bias: bool = False) -> None:
        """A layer on the pooled map (C, 1, 1); the first one pools."""

    @abstractmethod
    def activate(self, name: str) -> None:
        """The design's activation."""

    @abstractmethod
    def gate(self, name: str, kind: LayerKind) -> None:
        """The product of the map with what the part has made of it."""


class BlockBuilder(ABC):
    """A writer of layers, one after the other.

    Attributes:
        spec: the design.
        inner: channels of a block's inner convolutions.
        outputs: channels that the block, or the stem, puts out.
        stride: of the block.
        groups: of a grouped convolution.
        dilation: of the windows of a block.
        entry_dilation: of the first of them, which in the first block of a stage is that of the stage before.
        first_stride: of the next convolution, where the design says it; None where the convolution itself does.
        conv_channels: that the last convolution put out.
        branch: of the layers that come next.
    """

    spec: ResNetSpec
    inner: Size
    outputs: Size
    stride: Size
    groups: Size
    dilation: Size = 1
    entry_dilation: Size = 1
    first_stride: Size | None = None
    conv_channels: Size = 0
    branch: Branch

    @abstractmethod
    def begin(self, branch: Branch) -> None:
        """The layers that follow stand on another branch."""

    @abstractmethod
    def line(self) -> AbstractContextManager[None]:
        """Layers that a reader sees as one: a convolution with its norm and activation."""

    @abstractmethod
    def window(
        self,
        name: str,
        kind: LayerKind,
        channels: Size,
        *,
        kernel: Size,
        stride: Size = 1,
        padding: Size = 0,
        **more: Size,
    ) -> None:
        """A window over the map."""

    @abstractmethod
    def divided(self, size: Size, divisor: int) -> Size:
        """The whole part of a quotient."""

    @abstractmethod
    def kernel_where_strided(self, strided: int, other: int) -> Size:
        """The edge of a window that is another one in blocks that stride, or dilate in place of striding."""

    @abstractmethod
    def average(self, name: str, stride: Size) -> None:
        """Average pooling that covers the map, where the stride is more than 1."""

    @abstractmethod
    def where_strided(self, name: str, write: Callable[[], None]) -> None:
        """A row of layers of that name in the blocks that stride."""

    @abstractmethod
    def add(self, name: str, kind: LayerKind, *, rate: float = 0.0) -> None:
        """A layer that keeps the shape."""

    @abstractmethod
    def norm(self, name: str) -> None:
        """The design's normalisation, if it has one."""

    @abstractmethod
    def activate(self, place: int | str, *, named: bool = False) -> None:
        """The design's activation, called after itself and the place (``relu1``), or ``named`` as the place says."""

    @abstractmethod
    def part(self, name: str, layers: Callable[[PartBuilder], None], code: str, source: PartSource) -> None:
        """A part with layers of its own.

        Args:
            name: of the module that holds it.
            layers: says its layers.
            code: constructor of the class that it is in the exported file.
            source: text of that class.
        """

    @abstractmethod
    def share(self, which: Sharing, write: Callable[[], None]) -> bool:
        """Write the shared layers where there are some; whether the first convolution reads what they wrote."""

    @abstractmethod
    def shortcut(self, choice: ShortcutChoice) -> None:
        """The shortcut's own layers, where it has some."""

    @abstractmethod
    def drop_path(self) -> None:
        """Stochastic depth at the end of the branch."""

    @abstractmethod
    def join(self) -> None:
        """The addition."""

    # ---- what is made of the above

    def conv(
        self, name: str, channels: Size, kernel: Size, stride: Size = 1, groups: Size = 1, dilation: Size = 1
    ) -> None:
        """A convolution with the padding that keeps the size at stride 1."""
        spec = self.spec
        bias = spec.projects_with_bias if self.branch == "shortcut" else spec.conv_bias
        if self.first_stride is not None:
            stride, self.first_stride = self.first_stride, None
        choice = CONVOLUTIONS[spec.convolution]
        more = {"eps": spec.conv_eps} if choice.standardises else {}
        if 1 not in (kernel, dilation):
            more |= {"dilation": dilation}
        self.window(
            name, choice.kind, channels, kernel=kernel, stride=stride, padding=self.divided(kernel, 2), groups=groups,
            bias=bias, **more,
        )  # fmt: skip
        self.conv_channels = channels

    def pad_channels(self, name: str) -> None:
        """Every stride-th pixel, as a 1×1 window of that stride sees it, and zeros for the new channels."""
        self.window(name, PAD_SIDES[self.spec.pad_side].kind, self.outputs, kernel=1, stride=self.stride)

    def project(self) -> None:
        """A projection with its norm (He et al. 2015, eq. 2)."""
        place = PROJECTIONS[self.spec.projection].layers(self)
        if self.spec.projects_with_norm:
            self.norm(f"downsample.{place}")

    def run(self, letters: str, place: int) -> None:
        """Norm (n) and activation (a) of a place."""
        for letter in letters:
            if letter == "n":
                self.norm(f"bn{place}")
            else:
                self.activate(place)

    def signal(self, layer: SignalLayer | None) -> None:
        """What is done to a signal, if something is."""
        if layer is not None:
            self.add(layer.name, layer.kind, rate=layer.rate)


def residual_block(b: BlockBuilder) -> None:
    """Y = out(F(s) + h(s)), s = shared(x) (He et al. 2016, eq. 1).

    Order of the layers: the gate, what both paths share, the main path, the shortcut, the addition, what follows.
    """
    spec = b.spec
    ablation = ABLATIONS[spec.ablation]
    order, shortcut = ORDERS[spec.order], SHORTCUTS[spec.shortcut]
    if ablation.gated:
        # g(x) = σ(1×1 convolution of the block's input) (He et al. 2016, section 3.1).
        b.begin("gate")
        b.window("gate.0", CONV, b.outputs, kernel=1, stride=b.stride, bias=True)
        b.add("gate.1", SIGMOID)
    shared = b.share(sharing(spec), lambda: b.run(order.before, 1))
    b.begin("main")
    _convolutions(b, shared=shared)
    ATTENTIONS[spec.attention].layers(b)
    b.signal(ablation.branch)
    scale = BRANCH_SCALES[spec.branch_scale].kind
    if scale is not None:
        b.add("branch_scale", scale)
    if spec.stochastic_depth:
        b.drop_path()
    if shortcut.adds:
        b.begin("shortcut")
        b.shortcut(shortcut)
        b.signal(ablation.shortcut)
        b.join()
    b.begin("out")
    # Where an activation stands before the addition too, the one behind it has the next number; without an addition
    # it would do nothing.
    twice = "a" in order.last and "a" in order.out
    if shortcut.adds or not twice:
        b.run(order.out, len(BLOCKS[spec.block].units) + twice)


def _convolutions(b: BlockBuilder, *, shared: bool) -> None:
    """The convolutions of the branch with what stands around them; ``shared`` is what stands before the first one."""
    spec = b.spec
    units, order, downsampling = BLOCKS[spec.block].units, ORDERS[spec.order], DOWNSAMPLINGS[spec.downsampling]
    strided = STRIDES[spec.stride_on].unit if BLOCKS[spec.block].grouped else 0
    dilation = b.entry_dilation
    for place, unit in enumerate(units):
        number, last = place + 1, place + 1 == len(units)
        with b.line():
            if not (shared and number == 1):
                b.run(order.before, number)
            if place == strided + 1 and not downsampling.strides:
                b.where_strided("aa", lambda: downsampling.layers(b))
            if last and spec.dropout:
                b.add("dropout", DROPOUT, rate=spec.dropout)
            channels = b.outputs if unit.widens else b.divided(b.inner, unit.divisor)
            stride = b.stride if place == strided and downsampling.strides else 1
            wide = unit.kernel > 1
            b.conv(
                f"conv{number}", channels, unit.kernel, stride, b.groups if unit.grouped else 1,
                dilation if wide else 1,
            )  # fmt: skip
            dilation = b.dilation if wide else dilation
            b.run(order.last if last else order.behind, number)


def stem(b: BlockBuilder) -> None:
    """The layers before the first stage."""
    spec, choice = b.spec, STEMS[b.spec.stem]
    b.first_stride = spec.stem_stride
    with b.line():
        choice.layers(b)
        # Full pre-activation begins its first block with norm and activation; ReLU-only with the activation alone.
        letters = "na" if spec.activated_stem else ORDERS[spec.order].stem
        if "n" in letters:
            b.norm("bn1")
        if "a" in letters:
            b.activate("")
    if choice.pools:
        STEM_POOLS[spec.stem_pool].layers(b)


def last_activation(b: BlockBuilder) -> None:
    """What follows the last block of pre-activation orders (He et al. 2016, appendix, "an extra activation")."""
    if b.spec.preactivated and b.spec.final_activation:
        with b.line():
            # The last block leaves its sum as it is.
            if "n" in ORDERS[b.spec.order].before:
                b.norm("norm")
            b.activate("act", named=True)

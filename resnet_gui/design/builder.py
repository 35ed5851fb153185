"""The builder that writes a plan; the one place where shapes are computed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from resnet_gui.design.block import BlockBuilder, PartBuilder, PartSource, Sharing
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choice import ShortcutChoice
from resnet_gui.design.choices import ACTIVATIONS, NORMS
from resnet_gui.design.kinds.pointwise import ADD, DROP_PATH
from resnet_gui.design.kinds.pooling import AVG_POOL
from resnet_gui.design.layer_kind import LayerKind
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import Branch, LayerPlan


def window(size: int, kernel: int, stride: int, padding: int) -> int:
    """Positions of a window along one axis: ⌊(size + 2·padding − kernel) / stride⌋ + 1 (pixels)."""
    return (size + 2 * padding - kernel) // stride + 1


def ceil_window(size: int, kernel: int, stride: int) -> int:
    """Positions along one axis where the last window may stick out: ⌈(size − kernel) / stride⌉ + 1 (pixels)."""
    return -((kernel - size) // stride) + 1


_NO_LINE: Final = nullcontext()
"""One for all: it holds nothing."""


class PlanBuilder(BlockBuilder):
    """The builder that plans the layers of a stem, block or head, each reading what the last of its branch wrote.

    Attributes:
        shape: what the last layer wrote.
        layers: written so far.
        effect: how the input reaches the addition: "identity", what the shortcut's choice is called, or "none".
        drop: probability of dropping the branch.
        first: whether the block follows the stem.
    """

    def __init__(self, spec: ResNetSpec, source: Shape, outputs: int = 0, *, inner: int = 0, stride: int = 1) -> None:
        self.spec = spec
        self.shape = self._source = source
        self.inner, self.outputs, self.stride, self.groups = inner, outputs, stride, spec.groups
        self.branch: Branch = "main"
        self.layers: list[LayerPlan] = []
        self.effect = "none"
        self.drop = 0.0
        self.first = False
        self._end = source
        norm = NORMS[spec.norm]
        self._norm = norm.kind.key if norm.kind is not None else None
        self._norm_groups = spec.norm_groups if norm.groups else 1
        self._activation = ACTIVATIONS[spec.activation].kind.key

    @property
    def _changes(self) -> bool:
        """Whether the block changes the shape."""
        return bool(self.stride != 1 or self._source[0] != self.outputs)

    def write(self, name: str, kind: LayerKind, output: Shape | None = None, **options: float | str) -> None:
        """A layer whose output is known; it keeps the shape unless told otherwise."""
        layer = LayerPlan(
            name=name,
            kind=kind.key,
            input=self.shape,
            output=self.shape if output is None else output,
            branch=self.branch,
            **options,  # type: ignore[arg-type]
        )
        self.layers.append(layer)
        self.shape = layer.output

    def _keep(self, name: str, kind: str, groups: int = 1, eps: float = 1e-5) -> None:
        """A layer that keeps the shape, of a kind that needs no other figure, as most layers do."""
        shape = self.shape
        self.layers.append(
            LayerPlan(name=name, kind=kind, input=shape, output=shape, groups=groups, eps=eps, branch=self.branch)
        )

    def begin(self, branch: Branch) -> None:
        """The layers that follow stand on another branch, which reads the block's input or the branch's end."""
        if self.branch == "main":
            self._end = self.shape
        self.branch = branch
        # The shortcut reads what the shared layers wrote, which has the shape of the block's input.
        self.shape = self._end if branch in {"join", "out"} else self._source

    def line(self) -> AbstractContextManager[None]:
        """Means nothing to a plan."""
        return _NO_LINE

    def window(
        self,
        name: str,
        kind: LayerKind,
        channels: int,
        *,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        **more: float,
    ) -> None:
        """A window over the map."""
        shape, dilation = self.shape, int(more.get("dilation", 1))
        padding *= dilation
        if kind.ceil:
            self.shape = (channels, *(ceil_window(size, kernel, stride) for size in shape[1:]))
        else:
            span = dilation * (kernel - 1) + 1
            self.shape = (channels, *(window(size, span, stride, padding) for size in shape[1:]))
        layer = LayerPlan(
            name=name,
            kind=kind.key,
            input=shape,
            output=self.shape,
            kernel=kernel,
            stride=stride,
            padding=padding,
            branch=self.branch,
            **more,  # type: ignore[arg-type]
        )
        self.layers.append(layer)

    def divided(self, size: int, divisor: int) -> int:
        """The whole part of a quotient."""
        return size // divisor

    def kernel_where_strided(self, strided: int, other: int) -> int:
        """One of the two; a block that dilates in place of striding has the window that it would stride with."""
        return strided if self.stride > 1 or self.dilation != self.entry_dilation else other

    def average(self, name: str, stride: int) -> None:
        """Average pooling; windows that stick out count only what lies inside (ceil mode)."""
        if stride > 1:
            size = tuple(-(-edge // stride) for edge in self.shape[1:])
            self.write(name, AVG_POOL, (self.shape[0], *size), kernel=stride, stride=stride)

    def where_strided(self, name: str, write: Callable[[], None]) -> None:
        """A row of layers, if this block strides."""
        if self.stride > 1:
            write()

    def add(self, name: str, kind: LayerKind, *, rate: float = 0.0) -> None:
        """A layer that keeps the shape."""
        self.write(name, kind, rate=rate)

    def norm(self, name: str) -> None:
        """The design's normalisation, if it has one."""
        if self._norm is not None:
            self._keep(name, self._norm, self._norm_groups, self.spec.norm_eps)

    def activate(self, place: int | str, *, named: bool = False) -> None:
        """The design's activation."""
        self._keep(str(place) if named else f"{self.spec.activation}{place}", self._activation)

    def part(self, name: str, layers: Callable[[PartBuilder], None], code: str, source: PartSource) -> None:
        """A part with layers of its own."""
        layers(_PlanPart(self, name))

    def share(self, which: Sharing, write: Callable[[], None]) -> bool:
        """Write the shared layers where this block has them."""
        match which:
            case Sharing.NEVER:
                shares = False
            case Sharing.CHANGED:
                shares = self._changes
            case Sharing.FIRST_OR_CHANGED:
                shares = self._changes or self.first
            case Sharing.ALWAYS:
                shares = True
        if shares:
            self.begin("shared")
            write()
        return shares

    def shortcut(self, choice: ShortcutChoice) -> None:
        """The shortcut's own layers, where the block's shape or the choice wants them."""
        self.effect = "identity"
        if choice.everywhere or self._changes:
            self.effect = choice.effect
            choice.layers(self)

    def drop_path(self) -> None:
        """Stochastic depth at the end of the branch."""
        if self.drop:
            self.write("drop_path", DROP_PATH, rate=self.drop)

    def join(self) -> None:
        """The addition."""
        self.begin("join")
        self._keep("add", ADD.key)


class _PlanPart(PartBuilder):
    """The builder that plans the layers of a part on the pooled map."""

    def __init__(self, builder: PlanBuilder, name: str) -> None:
        self._builder, self._name = builder, name
        self._read = builder.shape
        self.spec, self.channels = builder.spec, builder.shape[0]

    def add(self, name: str, kind: LayerKind, channels: int, *, kernel: int = 0, bias: bool = False) -> None:
        """A layer on the pooled map (C, 1, 1); the first one pools."""
        self._builder.write(
            f"{self._name}.{name}", kind, (channels, 1, 1), kernel=kernel, bias=bias, part_of=self._name
        )

    def activate(self, name: str) -> None:
        """The design's activation."""
        kind = ACTIVATIONS[self.spec.activation].kind
        self._builder.write(f"{self._name}.{name}", kind, part_of=self._name)

    def gate(self, name: str, kind: LayerKind) -> None:
        """The product with the map that the part has read."""
        self._builder.shape = self._read
        self._builder.write(f"{self._name}.{name}", kind, part_of=self._name)

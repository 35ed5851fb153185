"""The builder that writes the layers of a network as lines of Python, channels and strides by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from textwrap import indent
from typing import Final

from resnet_gui.design.block import BlockBuilder, PartBuilder, PartSource, Sharing
from resnet_gui.design.choice import ShortcutChoice
from resnet_gui.design.choices import ACTIVATIONS, BLOCKS, NORMS
from resnet_gui.design.kinds.pointwise import DROP_PATH
from resnet_gui.design.kinds.pooling import AVG_POOL
from resnet_gui.design.layer_kind import CodeArguments, LayerKind
from resnet_gui.design.spec import DEFAULTS, ResNetSpec
from resnet_gui.design.structure import Branch

WIDEST: Final = 100
"""Characters of a row of modules that stands in one line."""

LONGEST: Final = 120
"""Characters of a line."""

CHANGES: Final = "stride != 1 or inputs != outputs"


def regrouped(spec: ResNetSpec) -> bool:
    """Whether the inner channels of a design follow from groups and their width."""
    return BLOCKS[spec.block].grouped and (spec.groups != 1 or spec.width_per_group != 64)


def sequential(name: str, modules: Sequence[str]) -> list[str]:
    """A row of modules as an attribute, in one line if it is not too long."""
    made = f"self.{name} = nn.Sequential({', '.join(modules)})"
    if len(made) <= WIDEST:
        return [made]
    return [f"self.{name} = nn.Sequential(", *(f"    {module}," for module in modules), ")"]


def _fitted(lines: Sequence[str], margin: int) -> Iterator[str]:
    """Lines of a constructor; where one is too long behind a margin, its arguments have lines of their own."""
    for line in lines:
        head, bracket, rest = line.partition("(")
        if not bracket or margin + len(line) <= LONGEST:
            yield line
            continue
        arguments, _, end = rest.rpartition(")")
        inside = " " * (4 + len(line) - len(line.lstrip()))
        yield f"{head}("
        row = inside
        for argument in arguments.split(", "):
            if margin + len(row) + len(argument) + 1 > LONGEST:
                yield row.rstrip()
                row = inside
            row += f"{argument}, "
        yield row.rstrip(", ")
        yield f"{inside[4:]}){end}"


class SourceBuilder(BlockBuilder):
    """The writer of what a constructor makes and what ``forward`` computes.

    Attributes:
        made: lines of the constructor.
        forward: lines of ``forward``.
        sources: texts of classes and functions that both need.
        value: expression of what the last layer computed.
        channels: expression of its channels.
    """

    def __init__(self, spec: ResNetSpec, inputs: str, outputs: str, variable: str = "out") -> None:
        self.spec = spec
        self.outputs, self.stride = outputs, "stride"
        self.inner = "inner" if BLOCKS[spec.block].grouped else "width"
        self.groups = "GROUPS" if regrouped(spec) else 1
        if spec.dilated_stages:
            self.dilation, self.entry_dilation = "dilation", "entry"
        self.branch: Branch = "main"
        self.made: list[str] = []
        self.forward: list[str] = []
        self.sources: list[str] = []
        self.value, self.channels = "x", inputs
        self._inputs, self._variable = inputs, variable
        self._in_line = False
        self._where_strided = ""
        self._rows: dict[str, dict[int, str]] = {}
        self._sharing = Sharing.NEVER
        self._shares: list[str] = []

    # ---- lines

    @contextmanager
    def line(self) -> Iterator[None]:
        """One statement of ``forward``."""
        self._in_line = True
        yield
        self._in_line = False
        self.end_line()

    def end_line(self) -> None:
        """Give what has been computed so far a name."""
        self._close_rows()
        if self.value not in {self._variable, "x", "activated"}:
            self.forward.append(f"{self._variable} = {self.value}")
            self.value = self._variable

    def _apply(self, name: str, kind: LayerKind, layer: CodeArguments) -> None:
        """A layer reads the value; it is a module, one of a row of modules, or an expression."""
        if kind.source and kind.source not in self.sources:
            self.sources.append(kind.source)
        row, _, place = name.rpartition(".")
        if row:
            if row not in self._rows:
                self._rows[row] = {}
                self.value = f"self.{row}({self.value})"
            self._rows[row][int(place)] = self._module(kind, layer)
        elif kind.call:
            self.value = kind.call.format(
                x=self.value, rate=layer.rate, kernel=layer.kernel, stride=layer.stride or 1, padding=layer.padding or 0
            )
        else:
            self._close_rows()
            self.made.append(f"self.{name} = {self._module(kind, layer)}")
            self.value = f"self.{name}({self.value})"
        if not self._in_line and not row:
            self.end_line()

    @staticmethod
    def _module(kind: LayerKind, layer: CodeArguments) -> str:
        if kind.code is None:
            raise KeyError(f"no module is written for layers of kind {kind.key}")
        return kind.code(layer)

    def _close_rows(self) -> None:
        for name, modules in self._rows.items():
            row = [modules.get(place, "nn.Identity()") for place in range(max(modules) + 1)]
            made = sequential(name, row)
            if name == self._where_strided:
                made = [f"self.{name}: nn.Module = nn.Identity()", "if stride > 1:", *(f"    {line}" for line in made)]
            self.made += made
        self._rows.clear()

    # ---- what a builder is told

    def begin(self, branch: Branch) -> None:
        """The layers that follow stand on another branch; what stands behind the addition ends in the return."""
        self._in_line = branch == "out"
        if not self._in_line:
            self.end_line()
        self.branch = branch
        match branch:
            case "gate" | "shared":
                self._variable, self.value = {"gate": "gate", "shared": "activated"}[branch], "x"
                self.channels = self._inputs
            case "main":
                self._variable, self.channels = "out", self._inputs
                self.value = "x" if self._sharing == Sharing.NEVER else "activated"
            case "shortcut":
                self._variable, self.channels = "shortcut", self._inputs
            case _:
                self._variable, self.channels = "out", self.outputs

    def window(
        self,
        name: str,
        kind: LayerKind,
        channels: int | str,
        *,
        kernel: int | str,
        stride: int | str = 1,
        padding: int | str = 0,
        **more: float | str,
    ) -> None:
        """A window over the map."""
        groups, dilation, eps = more.get("groups", 1), str(more.get("dilation", "")), more.get("eps")
        edge = f"{padding} * {dilation}" if dilation and padding != 1 else dilation or str(padding)
        layer = CodeArguments(
            self.channels, str(channels), str(kernel), stride="" if stride == 1 else str(stride),
            padding=edge if padding else "", groups="" if groups == 1 else str(groups),
            bias=bool(more.get("bias", False)), dilation=dilation, eps="" if eps is None else f"{eps!r}",
        )  # fmt: skip
        self._apply(name, kind, layer)
        self.channels = str(channels)

    def divided(self, size: int | str, divisor: int) -> int | str:
        """The whole part of a quotient."""
        if isinstance(size, int):
            return size // divisor
        return size if divisor == 1 else f"{size} // {divisor}"

    def kernel_where_strided(self, strided: int, other: int) -> str:
        """A name for one of the two."""
        dilates = " or dilation != entry" if self.spec.dilated_stages else ""
        self.made.append(f"kernel = {strided} if stride > 1{dilates} else {other}")
        return "kernel"

    def average(self, name: str, stride: int | str) -> None:
        """Average pooling where the stride is more than 1."""
        row, _, place = name.rpartition(".")
        layer = CodeArguments(self.channels, self.channels, str(stride), str(stride))
        if self._where_strided:
            self._apply(name, AVG_POOL, layer)
            return
        self.made.append(f"pool = {self._module(AVG_POOL, layer)}")
        self._apply(name, AVG_POOL, layer)
        self._rows[row][int(place)] = f"pool if {stride} > 1 else nn.Identity()"

    def where_strided(self, name: str, write: Callable[[], None]) -> None:
        """A row of modules that is the identity in the blocks that do not stride."""
        self._where_strided = name
        write()
        self._close_rows()
        self._where_strided = ""

    def add(self, name: str, kind: LayerKind, *, rate: float = 0.0) -> None:
        """A layer that keeps the shape."""
        self._apply(name, kind, CodeArguments(self.channels, self.channels, rate=str(rate)))

    def norm(self, name: str) -> None:
        """The design's normalisation, if it has one."""
        kind = NORMS[self.spec.norm].kind
        if kind is not None:
            spec = self.spec
            eps = "" if spec.norm_eps == DEFAULTS["norm_eps"] else f", eps={spec.norm_eps!r}"
            self._apply(name, kind, CodeArguments(self.channels, self.channels, groups=str(spec.norm_groups), eps=eps))

    def activate(self, place: int | str, *, named: bool = False) -> None:
        """The design's activation."""
        name = str(place) if named else f"{self.spec.activation}{place}"
        self._apply(name, ACTIVATIONS[self.spec.activation].kind, CodeArguments(self.channels, self.channels))

    def part(self, name: str, layers: Callable[[PartBuilder], None], code: str, source: PartSource) -> None:
        """A part with layers of its own: a class of the file."""
        self.sources.append(source(self.spec, self._write_activation))
        self.made.append(f"self.{name} = {code}")
        self.forward.append(f"out = self.{name}({self.value})")
        self.value = "out"

    def _write_activation(self, expression: str, channels: str) -> tuple[str, str]:
        kind = ACTIVATIONS[self.spec.activation].kind
        if kind.source and kind.source not in self.sources:
            self.sources.append(kind.source)
        if kind.call:
            return kind.call.format(x=expression), ""
        return f"self.act({expression})", f"self.act = {self._module(kind, CodeArguments(channels, channels))}"

    def share(self, which: Sharing, write: Callable[[], None]) -> bool:
        """The activated input, which the main path reads in every block, and the shortcut of those that share it."""
        self._sharing = which
        if which == Sharing.NEVER:
            return False
        self.begin("shared")
        with self.line():
            write()
        if which != Sharing.ALWAYS:
            first = "first or " if which == Sharing.FIRST_OR_CHANGED else ""
            self._shares = [f"self.shares = {first}{CHANGES}  # both paths read the activated input"]
        return True

    def shortcut(self, choice: ShortcutChoice) -> None:
        """The shortcut's own layers, under the condition that the choice has."""
        sources = {Sharing.NEVER: "x", Sharing.ALWAYS: "activated"}
        read = sources.get(self._sharing, "activated if self.shares else x")
        self.value = read
        before = len(self.made)
        choice.layers(self)
        self._close_rows()
        if not choice.everywhere:
            inside = [f"    {line}" for line in self.made[before:]]
            del self.made[before:]
            self.made += ["self.downsample: nn.Module = nn.Identity()", f"if {CHANGES}:", *inside]
        self.made += self._shares
        self.forward.append(f"shortcut = self.downsample({read})")
        self.value = "shortcut"

    def drop_path(self) -> None:
        """Stochastic depth at the end of the branch."""
        self.made.append("self.drop = drop")
        self._apply("drop_path", DROP_PATH, CodeArguments(self.channels, self.channels))

    def join(self) -> None:
        """The addition."""
        self.begin("join")
        self.value = "out + shortcut"

    def finish(self) -> None:
        """``forward`` returns what has been computed."""
        self._close_rows()
        self.forward.append(f"return {self.value}")

    def result(self) -> tuple[str, str]:
        """Constructor and ``forward``, indented as methods."""
        return indent("\n".join(_fitted(self.made, 8)), " " * 8), indent("\n".join(self.forward), " " * 8)

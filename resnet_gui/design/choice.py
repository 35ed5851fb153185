"""What a choice of the design space is: one value object a choice, read by everything that plans, words or draws it.

A choice is a file in ``design/choices/FIELD/``. It is registered by being there (``design.choices``); no other file
names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

import msgspec

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.layer_kind import LayerKind
    from resnet_gui.design.spec import ResNetSpec


def always(_spec: ResNetSpec) -> bool:
    """Of what depends on nothing else."""
    return True


def no_refusal(_spec: ResNetSpec) -> None:
    """Of a choice that goes with every other."""


def no_question(_spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    """Of a choice that tensors tell."""
    return iter(())


class Choice(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """One value of a field of a spec.

    Attributes:
        field: the spec's field that it is a value of.
        key: the value, as files and the command line have it.
        title: in a sentence: "option A, zero-padding".
        option: in the form; the title if empty.
        short: where there is little room; the option if empty.
        compared: in the table of comparisons; the short word if empty.
        latex: in a caption; the title if empty.
        help: a sentence that says what it does, with its source: in its field's tooltip, of a shortcut below the
            control too.
        rank: its place among the others of the field.
        identified_by: a kind of layer that only this choice has, and whose lone weight in a file identifies it.
        references: the papers that it comes from: keys of ``design.papers.PAPERS``, or a reference itself.
        phrase: what a list of the unusual says of it; field and title if None, nothing for the first of a field.
        refuse: raises a SpecError where it contradicts another choice.
        undetermined: what tensors leave open of it: field and sentence.
    """

    field: ClassVar[str]
    key: str
    title: str
    help: str
    option: str = ""
    short: str = ""
    compared: str = ""
    latex: str = ""
    rank: int = 100
    identified_by: LayerKind | None = None
    references: tuple[str, ...] = ()
    phrase: Callable[[ResNetSpec], str] | None = None
    refuse: Callable[[ResNetSpec], None] = no_refusal
    undetermined: Callable[[ResNetSpec], Iterator[tuple[str, str]]] = no_question

    @property
    def option_text(self) -> str:
        """What the form offers."""
        return self.option or self.title

    @property
    def short_text(self) -> str:
        """Where there is little room."""
        return self.short or self.option_text

    @property
    def compared_text(self) -> str:
        """In the table of comparisons."""
        return self.compared or self.short_text

    @property
    def latex_text(self) -> str:
        """In a caption."""
        return self.latex or self.title


class ConvUnit(msgspec.Struct, frozen=True):
    """A convolution of a block.

    Attributes:
        kernel: edge of its window.
        widens: whether it puts out the block's channels, instead of the inner ones.
        grouped: whether it has the design's groups.
        divisor: by how much the inner channels are divided to give those that it puts out.
    """

    kernel: int
    widens: bool = False
    grouped: bool = False
    divisor: int = 1


class BlockChoice(Choice, frozen=True, eq=False, kw_only=True):
    """A residual block.

    Attributes:
        units: its convolutions in order.
        expansion: channels that it puts out over its width (He et al. 2015, Fig. 5).
        grouped: whether it has a convolution that may be grouped.
        imagenet_blocks: depth -> blocks per stage of the ImageNet networks that are made of it (He et al. 2015,
            Table 1; 200 layers: He et al. 2016, Table 5).
        cifar_depths: depths that the papers print for CIFAR networks of it.
    """

    field: ClassVar[str] = "block"
    units: tuple[ConvUnit, ...]
    expansion: int
    grouped: bool = False
    imagenet_blocks: Mapping[int, tuple[int, ...]] = msgspec.field(default_factory=dict)
    cifar_depths: tuple[int, ...] = ()

    @property
    def divisor(self) -> int:
        """By how much the inner channels are divided in its narrowest convolution."""
        return max(unit.divisor for unit in self.units)


class OrderChoice(Choice, frozen=True, eq=False, kw_only=True):
    """An order of convolution, norm (n) and activation (a) (He et al. 2016, Fig. 4).

    Attributes:
        before: in front of each convolution.
        behind: behind each convolution.
        last: behind the last one.
        out: behind the addition.
        stem: behind the stem's convolution, if the stem is not to be activated.
    """

    field: ClassVar[str] = "order"
    before: str = ""
    behind: str = ""
    last: str = ""
    out: str = ""
    stem: str = "na"

    @property
    def preactivated(self) -> bool:
        """Whether blocks activate before their convolutions."""
        return "a" in self.before

    @property
    def norms_first(self) -> bool:
        """Whether norms stand before convolutions, which they then take their channels from."""
        return "n" in self.before


class StrideChoice(Choice, frozen=True, eq=False, kw_only=True):
    """The convolution of a block that strides; ``unit`` is its place among those of the bottleneck."""

    field: ClassVar[str] = "stride_on"
    unit: int = 0


def no_layers(_builder: BlockBuilder) -> None:
    """Of a choice that adds none."""


class ShortcutChoice(Choice, frozen=True, eq=False, kw_only=True):
    """A shortcut: the way of a block's input to its addition (He et al. 2015, section 4.1).

    Attributes:
        pill: second line of its button in the form.
        effect: what the shortcut of a block that has its layers is called; "none" where nothing is added.
        effect_words: the same in words.
        dash: of the line in the diagram: lengths of strokes and gaps; () is unbroken.
        everywhere: whether blocks that keep the shape have its layers too.
        pads: whether it puts zeros on a side that ``pad_side`` says.
        projects: whether it learns a projection.
        short_run: in the line about a run.
        named: in a sentence about shortcuts whose tensors are the same.
        layers: its layers where it acts, said to a builder.
    """

    field: ClassVar[str] = "shortcut"
    pill: str
    effect: str
    effect_words: str
    dash: tuple[float, ...] = ()
    everywhere: bool = False
    pads: bool = False
    projects: bool = False
    short_run: str = ""
    named: str
    layers: Callable[[BlockBuilder], None] = no_layers

    @property
    def adds(self) -> bool:
        """Whether there is an addition at all."""
        return self.effect != "none"


class ProjectionChoice(Choice, frozen=True, eq=False, kw_only=True):
    """The layers of a projection shortcut before its norm.

    Attributes:
        kernels: edge of its convolution's window; where it is another one in blocks that do not stride, that too.
        layers: says it to a builder and returns the next place.
    """

    field: ClassVar[str] = "projection"
    kernels: tuple[int, ...] = (1,)
    layers: Callable[[BlockBuilder], int]


class SignalLayer(msgspec.Struct, frozen=True):
    """A layer that changes a signal: its name in the block, its kind and its constant."""

    name: str
    kind: LayerKind
    rate: float = 0.0


class AblationChoice(Choice, frozen=True, eq=False, kw_only=True):
    """A change of the shortcut's signal before the addition (He et al. 2016, Table 1).

    Attributes:
        gated: whether a gate g(x) = σ(1×1 convolution of the block's input) is learned.
        branch: what is done to the branch.
        shortcut: what is done to the shortcut.
    """

    field: ClassVar[str] = "ablation"
    gated: bool = False
    branch: SignalLayer | None = None
    shortcut: SignalLayer | None = None


class StemPoolChoice(Choice, frozen=True, eq=False, kw_only=True):
    """The pooling of stride 2 at the end of a stem that pools.

    Attributes:
        floors: whether it drops what is left of an odd map; else its last window sticks out.
        layers: said to a builder.
    """

    field: ClassVar[str] = "stem_pool"
    floors: bool = False
    layers: Callable[[BlockBuilder], None]


class DownsamplingChoice(Choice, frozen=True, eq=False, kw_only=True):
    """A way in which the branch of a block that strides does so.

    Attributes:
        strides: whether its convolution strides.
        layers: what else does, before the convolution behind that one, said to a builder; as rows of ``aa``.
    """

    field: ClassVar[str] = "downsampling"
    strides: bool = False
    layers: Callable[[BlockBuilder], None] = no_layers


class ConvolutionChoice(Choice, frozen=True, eq=False, kw_only=True):
    """The convolutions of stem, branches and projections.

    Attributes:
        standardises: whether ``conv_eps`` acts on it.
    """

    field: ClassVar[str] = "convolution"
    kind: LayerKind
    standardises: bool = False


class PadSideChoice(Choice, frozen=True, eq=False, kw_only=True):
    """The side of the old channels on which option A puts the zeros of the new ones."""

    field: ClassVar[str] = "pad_side"
    kind: LayerKind


class StemChoice(Choice, frozen=True, eq=False, kw_only=True):
    """The layers before the first stage.

    Attributes:
        pill: in the form's buttons: title and second line, if it has a button of its own.
        large: whether it is of the ImageNet family (four stages), and not of the CIFAR one (three).
        inner: channels of its convolutions but the last.
        strides: strides other than 1, in order; the pooling's is the last of two.
        pools: whether a pooling of stride 2 follows, of which ``stem_pool`` says what it is.
        layers: its convolutions, said to a builder.
    """

    field: ClassVar[str] = "stem"
    pill: tuple[str, str] | None = None
    large: bool = False
    inner: Callable[[ResNetSpec], tuple[int, ...]] = lambda _spec: ()
    strides: tuple[int, ...] = ()
    pools: bool = False
    layers: Callable[[BlockBuilder], None]

    @property
    def picture(self) -> int:
        """Edge of the pictures that the papers train networks of its family on (pixels)."""
        return 224 if self.large else 32


def require_constructor(kind: LayerKind) -> None:
    """Refuse a kind of layer that an exported file has no module of.

    Raises:
        TypeError: it has no ``code``; a fault of the program, met when it starts.
    """
    if kind.code is None:
        raise TypeError(f"layers of kind '{kind.key}' may stand in a row of modules; give their constructor in 'code'")


class NormChoice(Choice, frozen=True, eq=False, kw_only=True):
    """A normalisation; ``kind`` is None for none.

    Attributes:
        groups: whether it cuts the channels into ``norm_groups``.
    """

    field: ClassVar[str] = "norm"
    kind: LayerKind | None
    groups: bool = False

    def __post_init__(self) -> None:
        """Refuse a norm that an exported file could not make."""
        if self.kind is not None:
            require_constructor(self.kind)

    @property
    def parts(self) -> frozenset[str]:
        """Tensors of each of its layers by their last name, such as "weight"; without counts, which files may lack."""
        from resnet_gui.design.structure import LayerPlan

        if self.kind is None:
            return frozenset()
        layer = LayerPlan(name=self.key, kind=self.kind.key, input=(1, 1, 1), output=(1, 1, 1))
        return frozenset(part for part, shape in self.kind.tensors(layer).items() if shape)


class ActivationChoice(Choice, frozen=True, eq=False, kw_only=True):
    """An activation: the function behind the norms."""

    field: ClassVar[str] = "activation"
    kind: LayerKind

    def __post_init__(self) -> None:
        """Refuse an activation that an exported file could not make: some stand in a row of modules."""
        require_constructor(self.kind)


class AttentionChoice(Choice, frozen=True, eq=False, kw_only=True):
    """A gate for each channel at the end of the branch.

    Attributes:
        acts: whether a design has it.
        rated: whether ``se_ratio`` and ``se_divisor`` act on it.
        layers: said to a builder, as a part of the block.
    """

    field: ClassVar[str] = "attention"
    acts: Callable[[ResNetSpec], bool] = always
    rated: bool = False
    layers: Callable[[BlockBuilder], None]


class BranchScaleChoice(Choice, frozen=True, eq=False, kw_only=True):
    """A factor at the end of the branch, behind the attention; ``kind`` is None for none."""

    field: ClassVar[str] = "branch_scale"
    kind: LayerKind | None = None


class HeadChoice(Choice, frozen=True, eq=False, kw_only=True):
    """A head: from the last map to a row of values.

    Attributes:
        pools: whether it begins with global pooling.
        classifies: whether linear layers follow, the last of which has an output for each class.
        call: what the export writes.
    """

    field: ClassVar[str] = "head"
    pools: bool = False
    classifies: bool = True
    call: str = ""

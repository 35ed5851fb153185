"""What a kind of layer is: one value object, read by everything that counts, draws, words or builds layers."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from math import prod
from typing import TYPE_CHECKING, Literal

import msgspec

from resnet_gui.design.bounds import Shape

if TYPE_CHECKING:
    from torch import Tensor, nn

    from resnet_gui.design.structure import LayerPlan


class Geometry(Enum):
    """A rule by which the shape that a layer writes follows from the one that it reads."""

    SAME = auto()
    """Each value for itself."""
    WINDOW = auto()
    """⌊(size + 2·padding − kernel) / stride⌋ + 1 (Dumoulin and Visin 2016, relationship 6)."""
    CEIL = auto()
    """⌈(size − kernel) / stride⌉ + 1: the last window may stick out of the map."""
    COVER = auto()
    """⌈size / stride⌉: windows that stick out count what lies inside."""
    GLOBAL = auto()
    """One value a channel."""
    FLATTEN = auto()
    """All values in a row."""
    LINEAR = auto()
    """One value a row of the weight matrix."""
    SUM = auto()
    """The sum of two maps of one shape."""


SavedMaps = Literal["nothing", "input", "output", "mask", "input and gate"]
"""What autograd saves of a layer for the backward pass; a mask is a new map of the output's shape."""


Relevance = Literal["", "weights", "averages", "selects", "keeps", "gates", "adds"]
"""How layer-wise relevance propagation goes through a layer, from what it writes to what it reads (Bach et al. 2015):

- "weights": in the shares of input times weight, of a layer that is linear in what it reads, with a weight and perhaps
  a bias;
- "averages": the same, of fixed weights that are not negative, without a bias;
- "selects": each value that it writes is one that it has read, or a zero of its own: back to that one;
- "keeps": value by value, of activations, scales and norms that no convolution takes in;
- "gates": to the map and nothing to the gate (Arras et al. 2017, section 2.2, "signal takes it all");
- "adds": to the two summands in the shares of what they add;
- empty: no rule is known.
"""


def module_weight(module: nn.Module) -> Tensor:
    """The weight of a layer as it stands in its module."""
    return module.get_parameter("weight")


class CodeArguments(msgspec.Struct, frozen=True):
    """The arguments of a layer in the exported Python file; numbers and names of numbers as text.

    ``eps`` of a norm is a whole argument, with a comma in front, or nothing where it is the usual one.
    """

    inputs: str
    outputs: str
    kernel: str = ""
    stride: str = ""
    padding: str = ""
    groups: str = ""
    bias: bool = False
    rate: str = ""
    dilation: str = ""
    eps: str = ""


def no_tensors(_layer: LayerPlan) -> dict[str, Shape]:
    """Of a layer that learns nothing."""
    return {}


def nothing(_layer: LayerPlan) -> int:
    """A figure of a layer that has none."""
    return 0


def no_note(_layer: LayerPlan) -> str:
    """Of a layer that nothing need be said of."""
    return ""


def as_many(_layer: LayerPlan) -> str:
    """Where the channels come from, of a layer that leaves their number."""
    return "as many as it reads"


class LayerKind(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A kind of layer.

    Attributes:
        key: what a plan, the CSV table and JSON call it.
        title: in the table of layers.
        short: where there is less room; the title if empty.
        on_shortcut: what a layer of a shortcut is called there; the key if empty.
        pill: text of the layer in an unfolded block, from the layer; the short title if None.
        opens: whether it begins a new pill of an unfolded block, as a convolution does; such a text stands in bold.
        note: what stands on the arc of a shortcut that has such a layer.
        ceil: whether its last window may stick out of the map (``Geometry.CEIL``).
        geometry: how the output's shape follows.
        channels: where its output channels come from, in words.
        tensors: part of the state_dict -> shape, in torch's order; the scalar count of batches has the shape ().
        macs: multiply-accumulates for one picture.
        mixes: whether it mixes channels, a convolution or linear layer: its outputs are "activations".
        stored: whether its output counts as stored (fp32) by the table's convention.
        working: how many weights it has, as a product with its own numbers; ``working_note`` says what they are.
        macs_working: the product that its MACs are; weights times positions if None.
        grouped: whether it has groups.
        mirrors: whether its padding is the map itself, mirrored at its border.
        is_norm: whether it is a normalisation.
        saved_maps: what autograd saves.
        in_place: whether it may write over what it reads.
        idle_in_evaluation: whether it hands its input on when nothing is trained.
        complements: whether it makes 1 − g, a map of its own.
        side_output_bytes: bytes for one picture that it makes beside its output, and that are saved: where the maxima
            stood, statistics of groups.
        saved_bytes: more bytes that are saved for one picture.
        saved_batch_bytes: bytes that are saved once for a whole batch.
        made_values: values of weights that it makes for a whole batch: alive while they are made, and then until its
            output is there; these are saved.
        torchinfo: what torchinfo 1.8 counts of it beyond our MACs, for one picture; ``torchinfo_note`` says of what,
            behind a number: "scales and shifts of norms".
        fvcore: what fvcore 0.1.5 counts of it beyond our MACs, in evaluation, for one picture; ``fvcore_note`` says
            what for.
        gates: whether it reads a gate as its second input.
        folds: whether it is a norm that in evaluation is a scale and a shift of each channel, from tensors named as
            batch normalisation's and an ``eps``, which the convolution before it can take in.
        fused: what oneDNN calls it where a convolution can compute it in the same pass; empty where none can.
        zeroed: whether a branch that ends in it can begin at zero (its weight is set to 0).
        relevance: how relevance goes back through it, see ``Relevance``.
        used_weight: the weight that its module multiplies with, of a layer with weights.
        recognises: whether a weight of this shape, alone in its module, is one of this kind.
        module: the torch module of a layer, with the values that it begins with; None where nothing can be built.
        call: its expression in the exported file, with ``{x}`` for what it reads, ``{rate}``, ``{kernel}``,
            ``{stride}`` and ``{padding}``; a module is made where empty.
        code: constructor of its module in the exported file.
        written_by: whose text has it in the exported file, if it has neither call nor code.
        source: text of a class or function that ``code`` or ``call`` needs.
    """

    key: str
    title: str
    short: str = ""
    on_shortcut: str = ""
    pill: Callable[[LayerPlan], str] | None = None
    opens: Callable[[LayerPlan], bool] = lambda _layer: False
    note: Callable[[LayerPlan], str] = no_note
    ceil: bool = False
    geometry: Callable[[LayerPlan], Geometry] = lambda _layer: Geometry.SAME
    channels: Callable[[LayerPlan], str] = as_many
    tensors: Callable[[LayerPlan], dict[str, Shape]] = no_tensors
    macs: Callable[[LayerPlan], int] = nothing
    mixes: bool = False
    stored: bool = False
    working: Callable[[LayerPlan], str] | None = None
    working_note: str = ""
    macs_working: Callable[[LayerPlan], str] | None = None
    grouped: bool = False
    mirrors: bool = False
    is_norm: bool = False
    saved_maps: Callable[[LayerPlan], SavedMaps] = lambda _layer: "nothing"
    in_place: bool = False
    idle_in_evaluation: bool = False
    complements: bool = False
    side_output_bytes: Callable[[LayerPlan], int] = nothing
    saved_bytes: Callable[[LayerPlan], int] = nothing
    saved_batch_bytes: Callable[[LayerPlan], int] = nothing
    made_values: Callable[[LayerPlan], tuple[int, int]] = lambda _layer: (0, 0)
    torchinfo: Callable[[LayerPlan], int] = nothing
    torchinfo_note: str = ""
    fvcore: Callable[[LayerPlan], int] = nothing
    fvcore_note: str = ""
    gates: bool = False
    folds: bool = False
    fused: str = ""
    zeroed: bool = False
    relevance: Relevance = ""
    used_weight: Callable[[nn.Module], Tensor] = module_weight
    recognises: Callable[[Shape], bool] = lambda _shape: False
    module: Callable[[LayerPlan], nn.Module] | None = None
    call: str = ""
    code: Callable[[CodeArguments], str] | None = None
    written_by: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse a kind that something which reads it later could not use.

        Raises:
            TypeError: what is missing; a fault of the program, met when it starts.
        """
        if self.code is None and not self.call and not self.written_by:
            raise TypeError(f"layers of kind '{self.key}' have no text in an exported file; give code or call")
        if self.tensors is not no_tensors and self.working is None:
            raise TypeError(f"layers of kind '{self.key}' have tensors; say in 'working' how many values they hold")
        if self.torchinfo is not nothing and not self.torchinfo_note:
            raise TypeError(f"torchinfo counts layers of kind '{self.key}'; say of what in 'torchinfo_note'")
        if self.fvcore is not nothing and not self.fvcore_note:
            raise TypeError(f"fvcore counts layers of kind '{self.key}'; say what for in 'fvcore_note'")

    @property
    def short_title(self) -> str:
        """What a layer is, short enough for a card of several."""
        return self.short or self.title

    def params(self, layer: LayerPlan) -> int:
        """Trainable values of a layer: those of its tensors that are no running statistics."""
        if self.tensors is no_tensors:
            # Most layers of a plan: this is on the road of every edit.
            return 0
        tensors = self.tensors(layer)
        weight, bias = tensors.get("weight"), tensors.get("bias")
        return (prod(weight) if weight is not None else 0) + (prod(bias) if bias is not None else 0)

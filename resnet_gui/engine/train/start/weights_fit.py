"""What of a network that was read fits a design: each tensor, counted, in sentences, and where nothing can begin."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from resnet_gui.base.text import shape_text, shortened
from resnet_gui.design.bounds import Shape
from resnet_gui.design.nearest import effective
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.design.words import FIELD_TITLES, field_word
from resnet_gui.engine.predict.models import LoadedModel
from resnet_gui.engine.train.start.head_rows import HeadFit, fit_head, in_head, last_layer
from resnet_gui.protocol.start_messages import FittedTensor, TensorState
from resnet_gui.training.start import StartRequest

FREE: Final = frozenset({"classes", "input", "head", "hidden", "dropout", "stochastic_depth", "zero_init", "gate_bias"})
"""Fields of a design that say nothing about what its stem and stages compute with given weights."""

MOST_MISFITS: Final = 3
"""Differences of two designs that one sentence names."""

MOST_NAMES: Final = 4
"""Tensors or classes that one sentence names."""

BY_STAGE: Final = ("blocks", "widths", "strides")
NO_WEIGHTS: Final = ("running_mean", "running_var", "num_batches_tracked")
TAKEN: Final[frozenset[TensorState]] = frozenset({"fits", "channels", "zeros"})
"""States of a tensor that is the weights' own."""


class WeightsFit(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a network that fits a design.

    Attributes:
        table: every tensor of the design in its order, then those of the network that are not used.
        head: what of its head is taken.
        refused: why the design cannot begin from it, a sentence; empty where it can.
        fit_params, new_params: trainable values that are taken, and that begin as they are drawn.
        new: what is new, in words; empty where nothing is.
        sentences: what fits, what is new, what is not used and what was changed, one each; empty where it is refused.
    """

    table: tuple[FittedTensor, ...]
    head: HeadFit
    refused: str
    fit_params: int
    new_params: int
    new: str = ""
    sentences: tuple[str, ...] = ()

    @property
    def fit_tensors(self) -> int:
        """Tensors of the design that the network fills."""
        return sum(row.state in TAKEN for row in self.table)

    @property
    def tensors(self) -> int:
        """Tensors of the design."""
        return sum(row.ours is not None for row in self.table)


def fit_weights(start: StartRequest, loaded: LoadedModel, spec: ResNetSpec, classes: tuple[str, ...]) -> WeightsFit:
    """Compare a network that was read with a design.

    Args:
        start: names the network in sentences, and says what is done with its head.
        loaded: the network.
        spec: of the design.
        classes: names of its outputs; empty while nobody knows them.
    """
    wanted = tensor_shapes(plan(spec))
    head = fit_head(start, loaded, spec, classes, wanted)
    table = tuple(_table(wanted, loaded, head))
    refused = _refusal(start.model, loaded.model.plan.spec, spec)
    differing = next((row for row in table if row.state == "differs"), None)
    if not refused and differing is not None:
        refused = _shape_refusal(start.model, differing)
    fit, new = _params(table, head)
    found = WeightsFit(table=table, head=head, refused=refused, fit_params=fit, new_params=new)
    if refused:
        return found
    found = msgspec.structs.replace(found, new=_new_words(found))
    sentences = (*_sentences(start.model, found, loaded.classes, classes), *loaded.notices)
    return msgspec.structs.replace(found, sentences=sentences)


def _table(wanted: Mapping[str, Shape], loaded: LoadedModel, head: HeadFit) -> Iterator[FittedTensor]:
    """Every tensor of the design in its order, then those of the network that are not used."""
    source = {name: tuple(tensor.shape) for name, tensor in loaded.model.state_dict().items()}
    stem = next(iter(wanted))
    for name, ours in wanted.items():
        theirs = source.get(name)
        there = "" if theirs is None else loaded.names.get(name, name)
        if in_head(name) and not head.kept:
            rows = bool(head.rows)
            state: TensorState = "rows" if rows and last_layer(name) else "fits" if rows else "new"
            if state == "new":
                yield FittedTensor(state=state, name=name, ours=ours)
                continue
        elif name in loaded.lacking:
            state, there = "zeros", ""
        elif theirs == ours:
            state = "fits"
        else:
            # The first convolution of a stem may read other channels.
            state = "channels" if name == stem and theirs is not None and _alike(theirs, ours) else "differs"
        yield FittedTensor(state=state, name=name, ours=ours, source=there, theirs=theirs)
    new_head = not head.kept and not head.rows
    for name, theirs in source.items():
        if name not in wanted or (in_head(name) and new_head):
            yield FittedTensor(state="unused", source=loaded.names.get(name, name), theirs=theirs)
    yield from (FittedTensor(state="unused", source=name) for name in loaded.unused)


def _alike(theirs: Shape, ours: Shape) -> bool:
    """Whether two weights (O, C, K, K) differ in nothing but their input channels."""
    return len(theirs) == len(ours) == 4 and (theirs[0], *theirs[2:]) == (ours[0], *ours[2:])


def _params(table: Sequence[FittedTensor], head: HeadFit) -> tuple[int, int]:
    """Trainable values that are taken, and that begin as they are drawn."""
    fit = new = 0
    for row in table:
        if row.ours is None or row.name.endswith(NO_WEIGHTS):
            continue
        count = math.prod(row.ours)
        if row.state in TAKEN:
            fit += count
        elif row.state == "rows":
            taken = count // row.ours[0] * len(head.rows)
            fit, new = fit + taken, new + count - taken
        elif row.state == "new":
            new += count
    return fit, new


def _new_words(found: WeightsFit) -> str:
    """What is new; empty where nothing is."""
    if not found.new_params:
        return ""
    if found.head.rows:
        count = next(row.ours[0] for row in found.table if row.state == "rows" and row.ours) - len(found.head.rows)
        return f"{count:,} row{'s' if count > 1 else ''} of the head, {found.head.words}"
    return f"the head, {found.head.words}"


def _sentences(model: str, found: WeightsFit, theirs: Sequence[str], ours: Sequence[str]) -> Iterator[str]:
    """What a run says of the weights that it begins from."""
    head = found.head
    yield f"{found.fit_tensors} of {found.tensors} tensors of {model} fit, {found.fit_params:,} parameters"
    if head.kept:
        yield f"the head is kept: {head.words}"
    if head.rows:
        names = [
            ours[here] if ours[here] == theirs[there] else f"{ours[here]} ({theirs[there]})"
            for here, there in head.rows
        ]
        yield f"kept rows of the head, by name: {len(names):,} of {len(ours):,} classes, {_listed(names)}"
    if found.new:
        yield f"new: {found.new}, {found.new_params:,} parameters, random"
    unused = [row.source for row in found.table if row.state == "unused"]
    if unused:
        yield f"not used: {_listed(unused)} of the file"
    zeros = [row.name for row in found.table if row.state == "zeros"]
    if zeros:
        yield f"not in the file, zero here: {_listed(zeros)}"
    for row in found.table:
        if row.state == "channels" and row.ours and row.theirs:
            yield _channels_sentence(row.theirs[1], row.ours[1])


def _listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return shortened(", ".join(names[:MOST_NAMES])) + more


def _channels_sentence(had: int, has: int) -> str:
    takes = f"the stem takes {has} channel{'s' if has > 1 else ''}, not {had}"
    return f"{takes}: its weights are " + ("summed over colour" if has == 1 else "repeated and scaled")


def _shape_refusal(model: str, row: FittedTensor) -> str:
    there = "none" if row.theirs is None else shape_text(row.theirs)
    return (
        f"{model} cannot begin this design: {row.name} is {shape_text(row.ours or ())} in the design, {there} in the "
        "weights. Choose the design of the weights."
    )


def _refusal(model: str, theirs: ResNetSpec, ours: ResNetSpec) -> str:
    """Why weights of another stem or other stages are refused; empty if they are the design's."""
    misfits = list(_misfits(theirs, ours))
    if not misfits:
        return ""
    more = f"; and {len(misfits) - MOST_MISFITS} more" if len(misfits) > MOST_MISFITS else ""
    differ = "; ".join(misfits[:MOST_MISFITS])
    return f"{model} cannot begin this design: {differ}{more}. Choose the design of the weights."


def _misfits(theirs: ResNetSpec, ours: ResNetSpec) -> Iterator[str]:
    """What differs between the stems and stages of two designs, a phrase each."""
    before, after = effective(theirs), effective(ours)
    if len(before.blocks) != len(after.blocks):
        yield f"the weights have {len(before.blocks)} stages, the design has {len(after.blocks)}"
        return
    for stage, (had, has) in enumerate(zip(_stages(before), _stages(after), strict=True), start=1):
        if had != has:
            in_weights, in_design = _stage_words(had), _stage_words(has)
            yield f"stage {stage} has other blocks: {in_weights} in the weights, {in_design} in the design"
    for field in before.__struct_fields__:
        if field in FREE or field in BY_STAGE or getattr(before, field) == getattr(after, field):
            continue
        had_word, has_word = (field_word(field, getattr(spec, field)) for spec in (before, after))
        yield f"{FIELD_TITLES.get(field, field)}: {had_word} in the weights, {has_word} in the design"


def _stages(spec: ResNetSpec) -> list[tuple[int, int, int]]:
    return list(zip(spec.blocks, spec.widths, spec.stage_strides, strict=True))


def _stage_words(stage: tuple[int, int, int]) -> str:
    blocks, width, stride = stage
    return f"{blocks} of width {width}" + (f" with stride {stride}" if stride > 1 else "")

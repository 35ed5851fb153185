"""Weights that a training begins from: what of another network fits a design, and what is made anew."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_there
from resnet_gui.data.preprocessing import Preprocess, for_channels
from resnet_gui.design.choices import HEADS
from resnet_gui.design.nearest import effective
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.design.words import FIELD_TITLES, field_word
from resnet_gui.engine.predict.models import LoadedModel, open_network, weights_file
from resnet_gui.engine.train.checkpoint import last_network
from resnet_gui.network.weights import weights_sha256
from resnet_gui.runs.folder import RUN_FILE, RunInfo, StartInfo, read_run_info
from resnet_gui.training.start import LAST, StartRequest

FREE: Final = frozenset({"classes", "input", "head", "hidden", "dropout", "stochastic_depth", "zero_init", "gate_bias"})
"""Fields of a design that say nothing about what its stem and stages compute with given weights."""

MOST_MISFITS: Final = 3
"""Differences of two designs that one sentence names."""

BY_STAGE: Final = ("blocks", "widths", "strides")


class StartingWeights(msgspec.Struct, frozen=True, kw_only=True):
    """The weights of another network in a design.

    Attributes:
        state: name -> tensor for what is taken; the rest of the network begins as it is drawn.
        preprocess: how the other network's pictures were normalised.
        normalised: whether its file tells that; else it is a suggestion.
        sha256: digest of the other network's weights, in the order of its state_dict.
        sentences: what fits, what is made anew and what was changed, one each.
    """

    state: dict[str, Tensor]
    preprocess: Preprocess
    normalised: bool
    sha256: str
    sentences: tuple[str, ...]

    def put_into(self, network: nn.Module) -> None:
        """Copy the tensors into a network that has them, bit for bit."""
        own = network.state_dict()
        with torch.no_grad():
            for name, tensor in self.state.items():
                own[name].copy_(tensor)


def read_starting_weights(start: StartRequest, spec: ResNetSpec, classes: tuple[str, ...]) -> StartingWeights:
    """Read the weights that a design is to begin from.

    Args:
        start: whose weights.
        spec: of the design, with as many classes as ``classes``.
        classes: names of the outputs of the design.

    Raises:
        InputError: the weights cannot be read, or are of a network whose stem or stages differ.
    """
    return fitted(start, open_start(start), spec, classes)


def open_start(start: StartRequest) -> LoadedModel:
    """The network whose weights a training begins from, as it was read.

    Raises:
        InputError: it cannot be read, or the last weights of what is no run are asked for.
    """
    if start.weights != LAST:
        return open_network(weights_file(start.model), start.key, start.assigned)
    folder = Path(start.model)
    if not (folder / RUN_FILE).is_file():
        raise InputError(f"'{start.model}' is not a run folder: only a run has last weights beside its best ones.")
    if start.key or start.assigned:
        raise InputError(f"The run {folder} tells its network itself; leave out what is said of it.")
    network, info = last_network(folder), read_run_info(folder)
    data = info.data
    return LoadedModel(
        model=network, name=info.name, spec=info.spec, classes=data.classes, data=data.name, own=True, named=True,
        normalised=True, preprocess=Preprocess(mean=data.mean, std=data.std, greys=data.greys),
    )  # fmt: skip


def read_again(start: StartInfo, spec: ResNetSpec, classes: tuple[str, ...]) -> StartingWeights:
    """The weights that a run began from, for one that was cut off before its first checkpoint.

    Raises:
        InputError: they cannot be read, or are others now.
    """
    weights = read_starting_weights(start, spec, classes)
    if weights.sha256 != start.sha256:
        raise InputError(f"The weights '{start.model}' have changed since this run began from them; start a new run.")
    return weights


def begun_from(info: RunInfo, request: StartRequest, weights: StartingWeights) -> RunInfo:
    """A run that begins from weights: its pictures are normalised as theirs were."""
    how = weights.preprocess
    said = "" if weights.normalised else " (a suggestion: the weights do not tell it)"
    sentence = f"pictures are normalised as for these weights, mean {_numbers(how.mean)}, deviation {_numbers(how.std)}"
    path = Path(request.model)
    # A run goes on from wherever; a network that is known by name has no place.
    placed = msgspec.structs.replace(request, model=str(path.absolute()) if is_there(path) else request.model)
    start = StartInfo(
        **msgspec.structs.asdict(placed), sha256=weights.sha256, sentences=(*weights.sentences, sentence + said)
    )
    data = msgspec.structs.replace(info.data, mean=how.mean, std=how.std)
    return msgspec.structs.replace(info, data=data, start=start)


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


def fitted(start: StartRequest, loaded: LoadedModel, spec: ResNetSpec, classes: tuple[str, ...]) -> StartingWeights:
    """What of a network that was read fits a design; ``start`` names it and says what is done with its head.

    Raises:
        InputError: its stem or stages differ.
    """
    model, theirs = start.model, loaded.model.plan.spec
    misfits = list(_misfits(theirs, spec))
    if misfits:
        more = f"; and {len(misfits) - MOST_MISFITS} more" if len(misfits) > MOST_MISFITS else ""
        raise InputError(
            f"{model} cannot begin this design: {'; '.join(misfits[:MOST_MISFITS])}{more}. "
            "Choose the design of the weights."
        )
    source: dict[str, Tensor] = loaded.model.state_dict()
    wanted = tensor_shapes(plan(spec))
    keeps_head, word = (False, "the head is new, as was asked") if start.head == "new" else _head(loaded, spec, classes)
    state: dict[str, Tensor] = {}
    sentences: list[str] = []
    for name, shape in wanted.items():
        if not keeps_head and _in_head(name):
            continue
        found = source[name]
        if found.shape != shape:  # the first convolution of a stem for other channels
            found = with_channels(found, shape[1])
            sentences.append(_channels_sentence(theirs.input[0], shape[1]))
        state[name] = found.clone()
    counted = [name for name in wanted if not name.endswith("num_batches_tracked")]
    fit = sum(name in state for name in counted)
    first = f"{fit} of {len(counted)} tensors of {model} fit"
    return StartingWeights(
        state=state, preprocess=for_channels(loaded.preprocess, spec.input[0]), normalised=loaded.normalised,
        sha256=weights_sha256(source), sentences=(f"{first}; {word}", *sentences),
    )  # fmt: skip


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


def _in_head(name: str) -> bool:
    return name.startswith(("fc.", "hidden."))


def _head(loaded: LoadedModel, spec: ResNetSpec, classes: tuple[str, ...]) -> tuple[bool, str]:
    """Whether the head is taken as it is, and what is said of it."""
    theirs = loaded.model.plan.spec
    if not HEADS[theirs.head].classifies:
        return False, "the head is new: the weights have none"
    if theirs.classes != spec.classes:
        return False, f"the head is new: {theirs.classes:,} → {spec.classes:,} classes"
    same = {"head", "hidden"} & {field for field in FREE if getattr(theirs, field) != getattr(spec, field)}
    if same:
        return False, "the head is new: its layers are others"
    if not loaded.named:
        return True, f"the head is kept: {spec.classes:,} classes, whose names the weights do not tell"
    if loaded.classes != classes:
        return False, f"the head is new: its {spec.classes:,} classes are others"
    return True, "the head is kept: it has the same classes"


def with_channels(weight: Tensor, channels: int) -> Tensor:
    """The weight (O, C, K, K) of a stem's first convolution for pictures of other channels.

    For one channel it is summed over the colours, so that a grey picture gives what it gave as three equal colours;
    for more, its channels are repeated in turn and scaled so that the sum over all of them stays.
    """
    had = weight.shape[1]
    if channels == 1:
        return weight.sum(1, keepdim=True)
    repeated = weight.repeat(1, math.ceil(channels / had), 1, 1)[:, :channels]
    counts = torch.bincount(torch.arange(channels) % had, minlength=had).to(weight.dtype)
    scale = counts[torch.arange(channels) % had].view(1, -1, 1, 1)
    missing = weight[:, channels:].sum(1, keepdim=True) / channels if channels < had else 0.0
    return repeated / scale + missing


def _channels_sentence(had: int, has: int) -> str:
    takes = f"the stem takes {has} channel{'s' if has > 1 else ''}, not {had}"
    return f"{takes}: its weights are " + ("summed over colour" if has == 1 else "repeated and scaled")

"""Weights that a training begins from: what of another network fits a design, and what is made anew."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_there
from resnet_gui.data.preprocessing import Preprocess, Scaling, at_input, for_channels, size_steps
from resnet_gui.design.nearest import effective
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.design.words import assignment, read_assignments
from resnet_gui.engine.predict.models import LoadedModel, open_last, open_network, weights_file
from resnet_gui.engine.train.start.weights_fit import FREE, TAKEN, fit_weights
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import weights_sha256
from resnet_gui.protocol.jobs import Train
from resnet_gui.protocol.start_messages import FitWeights, WeightsFitted
from resnet_gui.runs.folder import RUN_FILE, RunInfo, StartInfo
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import LAST, StartRequest


class StartingWeights(msgspec.Struct, frozen=True, kw_only=True):
    """The weights of another network in a design.

    Attributes:
        state: name -> tensor for what is taken; the rest of the network begins as it is drawn.
        rows: name -> tensor of which only rows are taken, as the other network has it.
        row_numbers: which rows: numbers in this network and in the other one.
        preprocess: how the other network's pictures were normalised.
        normalised: whether its file tells that; else it is a suggestion.
        sha256: digest of the other network's weights, in the order of its state_dict.
        sentences: what fits, what is made anew and what was changed, one each.
    """

    state: dict[str, Tensor]
    rows: dict[str, Tensor]
    row_numbers: tuple[tuple[int, int], ...]
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
            here, there = ([pair[side] for pair in self.row_numbers] for side in (0, 1))
            for name, tensor in self.rows.items():
                own[name][here] = tensor[there].to(own[name].device)


def read_starting_weights(start: StartRequest, spec: ResNetSpec, classes: tuple[str, ...]) -> StartingWeights:
    """Read the weights that a design is to begin from.

    Args:
        start: whose weights.
        spec: of the design, with as many classes as ``classes``.
        classes: names of the outputs of the design.

    Raises:
        InputError: the weights cannot be read, or are of a network whose stem or stages differ.
    """
    return fitted(start, open_start(start, spec), spec, classes)


def open_start(start: StartRequest, spec: ResNetSpec) -> LoadedModel:
    """The network whose weights a training begins from, as it was read.

    What a file leaves open of its network is taken from the design, where that fits its tensors, and told by a notice.

    Raises:
        InputError: it cannot be read, or the last weights of what is no run are asked for.
    """
    if start.weights != LAST:
        return _open_for(start, spec)
    folder = Path(start.model)
    if not (folder / RUN_FILE).is_file():
        raise InputError(f"'{start.model}' is not a run folder: only a run has last weights beside its best ones.")
    if start.key or start.assigned:
        raise InputError(f"The run {folder} tells its network itself; leave out what is said of it.")
    return open_last(folder)


def _open_for(start: StartRequest, spec: ResNetSpec) -> LoadedModel:
    """A weights file with what it leaves open as the design has it."""
    path = weights_file(start.model)
    loaded = open_network(path, start.key, start.assigned)
    said, theirs, ours = read_assignments(start.assigned), effective(loaded.spec), effective(spec)
    taken = tuple(
        assignment(field, getattr(spec, field))
        for field in loaded.opened
        if field not in FREE and field not in said and getattr(theirs, field) != getattr(ours, field)
    )
    if not taken:
        return loaded
    try:
        other = open_network(path, start.key, (*start.assigned, *taken))
    except InputError:
        return loaded  # does not fit the tensors: refused by the comparison, which names the difference
    notice = f"the file leaves open, taken as the design has it: {', '.join(taken)}"
    return msgspec.structs.replace(other, notices=(*other.notices, notice))


def read_again(start: StartInfo, spec: ResNetSpec, classes: tuple[str, ...]) -> StartingWeights:
    """The weights that a run began from, for one that was cut off before its first checkpoint.

    Raises:
        InputError: they cannot be read, or are others now.
    """
    weights = read_starting_weights(start, spec, classes)
    if weights.sha256 != start.sha256:
        raise InputError(f"The weights '{start.model}' have changed since this run began from them; start a new run.")
    return weights


def followed(loaded: LoadedModel, job: Train) -> tuple[Recipe, Scaling]:
    """How pictures are brought to the input of a run that begins from weights: as for these weights.

    The margin is in proportion to the input. Where the recipe says "auto", the fit is that of the weights.
    """
    scaling = job.recipe.scaled(at_input(loaded.preprocess, loaded.spec.input, job.spec.input))
    return msgspec.structs.replace(job.recipe, fit=scaling.fit), scaling


def begun_from(info: RunInfo, request: StartRequest, weights: StartingWeights) -> RunInfo:
    """A run that begins from weights: its pictures, which are resized as theirs were, are normalised as they were."""
    how = weights.preprocess
    said = "" if weights.normalised else " (a suggestion: the weights do not tell it)"
    sentence = f"pictures are normalised as for these weights, mean {_numbers(how.mean)}, deviation {_numbers(how.std)}"
    if info.preprocess.resize or info.recipe.picture_fit != "crop":
        steps = "; ".join(f"{word.lower()}: {done}" for word, done in size_steps(info.spec.input, info.preprocess))
        said += f"; they are brought to the input as for these weights ({steps})"
    path = Path(request.model)
    # A run goes on from wherever; a network that is known by name has no place.
    placed = msgspec.structs.replace(request, model=str(path.absolute()) if is_there(path) else request.model)
    start = StartInfo(
        **msgspec.structs.asdict(placed), sha256=weights.sha256, sentences=(*weights.sentences, sentence + said)
    )
    data = msgspec.structs.replace(info.data, mean=how.mean, std=how.std)
    return msgspec.structs.replace(info, data=data, start=start)


def first_network(info: RunInfo, weights: StartingWeights | None) -> ResNet:
    """The network of a run before its first step: drawn by its seed, with the weights that it begins from."""
    torch.manual_seed(info.recipe.seed)
    model = ResNet(plan(info.spec))
    if weights is not None:
        weights.put_into(model)
    return model


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


def fitted(start: StartRequest, loaded: LoadedModel, spec: ResNetSpec, classes: tuple[str, ...]) -> StartingWeights:
    """What of a network that was read fits a design; ``start`` names it and says what is done with its head.

    Raises:
        InputError: its stem or stages differ.
    """
    found = fit_weights(start, loaded, spec, classes)
    if found.refused:
        raise InputError(found.refused)
    source: dict[str, Tensor] = loaded.model.state_dict()
    state, rows = {}, {}
    for row in found.table:
        if row.state in TAKEN:
            taken = source[row.name]
            state[row.name] = with_channels(taken, spec.input[0]) if row.state == "channels" else taken.clone()
        elif row.state == "rows":
            rows[row.name] = source[row.name].clone()
    return StartingWeights(
        state=state, rows=rows, row_numbers=found.head.rows, preprocess=for_channels(loaded.preprocess, spec.input[0]),
        normalised=loaded.normalised, sha256=weights_sha256(source), sentences=found.sentences,
    )  # fmt: skip


def weights_fitted(job: FitWeights) -> WeightsFitted:
    """What of a network's weights fits a design.

    Raises:
        InputError: they cannot be read, or no design is found for them.
    """
    loaded = open_start(job.start, job.spec)
    found = fit_weights(job.start, loaded, job.spec, job.classes)
    return WeightsFitted(
        job=job.job, design=Design(name=loaded.name, spec=loaded.spec), fit_tensors=found.fit_tensors,
        tensors=found.tensors, fit_params=found.fit_params, new_params=found.new_params, new=found.new,
        sentences=found.sentences, table=found.table, preprocess=for_channels(loaded.preprocess, job.spec.input[0]),
        normalised=loaded.normalised, refused=found.refused,
    )  # fmt: skip


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

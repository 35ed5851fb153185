"""Weights of any origin in our network: read, identified, matched by structure, loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import torch
from torch import Tensor

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.beside import BesideValues
from resnet_gui.checkpoints.identify import Identification, identify
from resnet_gui.checkpoints.normalisation import scaled, stored_normalisation
from resnet_gui.checkpoints.reader import Checkpoint, read_checkpoint
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.choices import HEADS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.design.words import AssignmentError, read_assignments
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import check_values, checked_info, find_unusable, is_real, load_model, network_with

USELESS: Final = "such weights give no answers"
"""How a notice ends of values with which nothing can be computed."""

NORMALISED: Final = "The file's own normalisation"
NAMED: Final = "The file's own names of classes"
"""How the notice begins that a file's mean and deviation are used."""


def examine(
    path: Path, key: str = "", assigned: Sequence[str] = (), *, checked: bool = False
) -> tuple[Checkpoint, Identification]:
    """Read a weights file and find its design; one of this program says it itself.

    Args:
        path: the file, or the index or folder of a set.
        key: which of several networks in it, see ``read_checkpoint``.
        assigned: ``field=value`` of what its tensors leave open.
        checked: whether the values are compared with the file's checksums; names and shapes, which a design is found
            by, always are.

    Raises:
        InputError: it cannot be read or is no residual network; the sentence names the file and the first tensor that
            cannot belong.
    """
    checkpoint = read_checkpoint(path, key, checked=checked)
    info = checked_info(checkpoint.metadata, checkpoint.state, path)
    if info is not None and assigned:
        raise InputError(
            f"--set {assigned[0]}: {path} was written by this program and tells its design itself; leave it out."
        )
    if info is not None:
        preset = next((name for name, preset in PRESETS.items() if preset.spec == info.spec), "")
        params = totals(plan(info.spec)).cost.params
        names = {name: name for name in checkpoint.state}
        return checkpoint, Identification(
            spec=info.spec, preset=preset, params=params, names=names, unmatched=(), undetermined=(),
            notices=_of_values(checkpoint.state, names),
        )  # fmt: skip
    wanted = read_assignments(assigned)
    try:
        shapes = {name: tuple(tensor.shape) for name, tensor in checkpoint.state.items()}
        found = identify(shapes, wanted)
    except AssignmentError as error:
        raise AssignmentError(f"{path}: {error}") from error
    except InputError as error:
        raise InputError(f"{path} is not a residual network that this program knows: {error}.") from error
    found = _with_beside(_with_normalisation(found, checkpoint.state), checkpoint.beside)
    used = {key for key in checkpoint.beside.keys if f"'{key}'" in " ".join(found.notices)}
    others = tuple(f"{name} (no tensor of the network)" for name in checkpoint.others if name not in used)
    notices = (*_of_values(checkpoint.state, found.names), *checkpoint.notes, *found.notices)
    return checkpoint, msgspec.structs.replace(
        found, unmatched=(*found.unmatched, *others), notices=notices,
        networks=checkpoint.networks, key=checkpoint.key,
    )  # fmt: skip


def find_refusal(path: Path, checkpoint: Checkpoint, found: Identification) -> str:
    """Why nobody can use the values of a file whose names and shapes were read; empty where they can.

    Reads all of them, which names and shapes do not need.
    """
    try:
        info = checked_info(checkpoint.metadata, checkpoint.state, path)
        if info is not None:
            check_values(info, checkpoint.state, path)
            return ""
        read_checkpoint(path, found.key)
    except InputError as error:
        return str(error)
    for name in found.names.values():
        tensor = checkpoint.state[name]
        if is_real(tensor) and (fault := find_unusable(tensor)):
            return f"Tensor '{name}' {fault}: {USELESS}."
    return ""


def _of_values(state: Mapping[str, Tensor], names: Mapping[str, str]) -> tuple[str, ...]:
    """What deserves a look in the values that a design takes from a file: kinds of numbers, and what gives no answers.

    Args:
        state: of the file.
        names: of the design's tensors -> in the file.
    """
    taken = {name: state[names[name]] for name in names if not name.endswith("num_batches_tracked")}
    notices = list(_not_finite(state, names))
    strange = [name for name, tensor in taken.items() if not is_real(tensor)]
    if strange:
        said = _those(strange, names)
        notices.append(f"{said} of {_kind(taken[strange[0]])}, not of floating-point numbers: {USELESS}.")
    below = [
        name
        for name, tensor in taken.items()
        if name.endswith("running_var") and is_real(tensor) and bool((tensor.float() < 0).any())
    ]
    if below:
        notices.append(f"{_those(below, names)} a variance and below zero somewhere: {USELESS}.")
    doubles = [name for name, tensor in taken.items() if tensor.dtype == torch.float64]
    if doubles:
        notices.append(f"{_those(doubles, names)} of float64: the values are rounded to float32.")
    return tuple(notices)


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _those(ours: Sequence[str], names: Mapping[str, str]) -> str:
    """The first of some tensors by its name in the file, and how many there are, before what they are."""
    first = names[ours[0]]
    return f"Tensor '{first}' is" if len(ours) == 1 else f"{len(ours):,} tensors, the first '{first}', are"


def _not_finite(state: Mapping[str, Tensor], names: Mapping[str, str]) -> tuple[str, ...]:
    """A notice if weights hold values that are no numbers, which a training that diverged leaves everywhere.

    Of windows and matrices the first one's values are read here: they are nearly all of a file, and to read it once
    takes twice the time that it takes to open it. Whoever computes with them looks at every value.
    """
    for name in names.values():
        tensor = state[name]
        if not is_real(tensor):
            continue
        if fault := find_unusable(tensor if tensor.ndim < 2 else tensor[:1]):
            return (f"Tensor '{name}' {fault}: {USELESS}.",)
    return ()


def _with_normalisation(found: Identification, state: Mapping[str, Tensor]) -> Identification:
    """The same with the mean and deviation of the pictures that the file holds, if they can be such."""
    used = set(found.names.values())
    beside = {name: tensor for name, tensor in state.items() if name not in used}
    stored = stored_normalisation(beside, found.spec.input[0])
    if stored is None:
        return found
    words = " and ".join(f"'{name}'" for name in stored.names)
    if not stored.mean:
        said = f"The file's own mean and deviation, {words}, can be none of pictures and are not used."
        return msgspec.structs.replace(found, notices=(*found.notices, said))
    figures = "; ".join(f"{name} {_numbers(values)}" for name, values in (("mean", stored.mean), ("std", stored.std)))
    return msgspec.structs.replace(
        found,
        mean=stored.mean,
        std=stored.std,
        notices=(*found.notices, f"{NORMALISED}, {words}, is used: {figures}."),
        unmatched=tuple(line for line in found.unmatched if line not in stored.names),
        undetermined=tuple(line for line in found.undetermined if not line.startswith("normalisation: ")),
    )


def _with_beside(found: Identification, beside: BesideValues) -> Identification:
    """The same with names of classes, mean and deviation that stand beside the weights, if they fit the network."""
    classes_key, mean_key, std_key = beside.keys
    mean, std = scaled(beside.mean, beside.std) if beside.mean else ((), ())
    if mean and not found.mean and len(mean) in {1, found.spec.input[0]}:
        mean, std = (values * found.spec.input[0] if len(values) == 1 else values for values in (mean, std))
        figures = f"mean {_numbers(mean)}; std {_numbers(std)}"
        found = msgspec.structs.replace(
            found, mean=mean, std=std,
            notices=(*found.notices, f"{NORMALISED}, '{mean_key}' and '{std_key}', is used: {figures}."),
            undetermined=tuple(line for line in found.undetermined if not line.startswith("normalisation: ")),
        )  # fmt: skip
    if not beside.classes or not HEADS[found.spec.head].classifies:
        return found
    count = len(beside.classes)
    if count != found.spec.classes and (found.spec.classes, count) != (1, 2):
        said = f"The file names {count:,} classes in '{classes_key}', the network has {found.spec.classes:,}: not used."
        return msgspec.structs.replace(found, notices=(*found.notices, said))
    return msgspec.structs.replace(
        found, classes=beside.classes,
        notices=(*found.notices, f"{NAMED}, '{classes_key}', are used."),
        undetermined=tuple(line for line in found.undetermined if not line.startswith("labels: ")),
    )  # fmt: skip


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def adopt(state: Mapping[str, Tensor], found: Identification) -> ResNet:
    """Our network with the weights of a file, in eval mode on the CPU, in fp32.

    A bias that the file lacks is zero; a linear layer and a 1×1 convolution on one pixel are the same and are reshaped.

    Raises:
        InputError: a weight is not a finite floating-point number.
    """
    planned = plan(found.spec)
    filled: dict[str, Tensor] = {}
    for name, shape in tensor_shapes(planned).items():
        counts = name.endswith(".num_batches_tracked")
        dtype = torch.int64 if counts else torch.float32
        if name not in found.names and not counts and not name.endswith(".bias"):
            raise InputError(f"tensor '{name}' is missing, and nothing can stand in for it.")
        if name not in found.names:
            filled[name] = torch.zeros(shape, dtype=dtype)
            continue
        tensor = state[found.names[name]]
        if not counts and not is_real(tensor):
            raise InputError(f"tensor '{found.names[name]}' is of {tensor.dtype}, not of floating-point numbers.")
        if not counts and (fault := find_unusable(tensor)):
            raise InputError(f"tensor '{found.names[name]}' {fault}.")
        tensor = tensor.to(dtype).reshape(shape)
        if name.endswith("running_var") and (tensor < 0).any():
            raise InputError(f"tensor '{found.names[name]}' is a variance and holds negative values.")
        filled[name] = tensor
    return network_with(planned, filled)


class LoadedWeights(msgspec.Struct, frozen=True):
    """A network of any origin, in eval mode on the CPU.

    Attributes:
        info: what a file of this program says of itself.
        sha256: digest of the network's weights where it was compared; empty where it is not known.
    """

    model: ResNet
    found: Identification
    info: ModelInfo | None
    sha256: str = ""


def load_any(path: Path, key: str = "", assigned: Sequence[str] = ()) -> LoadedWeights:
    """A weights file of any origin as our network.

    Args:
        path: the file.
        key: which of several networks in it, see ``read_checkpoint``.
        assigned: ``field=value`` of what its tensors leave open.

    Raises:
        InputError: it cannot be read, is no residual network, or holds values that are no numbers.
    """
    checkpoint, found = examine(path, key, assigned, checked=True)
    if checked_info(checkpoint.metadata, checkpoint.state, path) is not None:
        model, info = load_model(path)
        alike = all(checkpoint.state[name].dtype == tensor.dtype for name, tensor in model.state_dict().items())
        return LoadedWeights(model, found, info, info.sha256 if alike else "")
    try:
        return LoadedWeights(adopt(checkpoint.state, found), found, None)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def load_foreign(path: Path, key: str = "", assigned: Sequence[str] = ()) -> tuple[ResNet, Identification]:
    """``load_any`` without what the file says of itself."""
    loaded = load_any(path, key, assigned)
    return loaded.model, loaded.found

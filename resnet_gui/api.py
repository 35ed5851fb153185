"""The program's functions for people who write code: designs by name, plans, networks, weights of any origin."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.plan import plan as _plan
from resnet_gui.design.presets import PRESETS, find_design, find_preset
from resnet_gui.design.spec import Design, ResNetSpec, load_design
from resnet_gui.design.structure import Plan
from resnet_gui.export.design_summary import DesignSummary

if TYPE_CHECKING:
    from resnet_gui.checkpoints.identify import Identification
    from resnet_gui.network.resnet import ResNet

DesignLike = str | Path | Design | ResNetSpec
"""A preset's name or a design file, both as the command line's DESIGN; or a design, or its spec."""

ModelLike = str | Path
"""The command line's MODEL: a run folder, a weights file of any origin, or weights by name.

Names are ``cifar10-resnet20``, the network inside, and torchvision's, such as ``resnet50-v2``
(``data.weights_catalogue``).
"""

_WEIGHTS: Final = ("best", "last")


def presets() -> tuple[str, ...]:
    """Names of the published designs, in the order of the window's list."""
    return tuple(PRESETS)


def preset(name: str) -> Design:
    """A published design by its name, such as ``resnet50``.

    Raises:
        InputError: there is none; the sentence names the nearest.
    """
    if not isinstance(name, str):
        raise InputError(f"A preset has a name, a text, not {type(name).__name__}.")
    return find_preset(name).design


def _design(design: DesignLike) -> Design:
    match design:
        case Design():
            return design
        case ResNetSpec():
            return Design(name="design", spec=design)
        case str():
            return find_design(design)
        case Path():
            return load_design(design)
    raise InputError(f"A design is a preset's name, a path, a Design or a ResNetSpec, not {type(design).__name__}.")


def plan(design: DesignLike) -> Plan:
    """Every layer of a design with the shape that it reads and writes (channels, height, width); no torch is loaded.

    Raises:
        InputError: no preset has this name, or the file holds no design.
    """
    return _plan(_design(design).spec)


def summary(design: DesignLike) -> DesignSummary:
    """The figures of a design, in all and of every layer; it shows itself as ``resnet-gui summary`` prints it.

    Parameters, multiply-accumulates, memory (bytes) and receptive field (pixels), each for one picture; conventions
    are those of ``analysis.costs`` and ``analysis.memory``. No torch is loaded.

    Raises:
        InputError: no preset has this name, or the file holds no design.
    """
    found = _design(design)
    return DesignSummary(found.name, _plan(found.spec))


def build(design: DesignLike) -> ResNet:
    """The network of a design with freshly drawn weights (He et al. 2015b), in training mode on the CPU, in fp32.

    It maps pictures (N, C, H, W), normalised, to logits (N, classes); its state_dict has torchvision's names where
    torchvision has the network.

    Raises:
        InputError: no preset has this name, or the file holds no design.
    """
    from resnet_gui.network.resnet import ResNet

    return ResNet(plan(design))


def identify(model: ModelLike, *, key: str = "") -> Identification:
    """Which design weights of whatever origin belong to; only tensors are read, no code of a pickle runs.

    Args:
        model: of a run folder the best weights are looked at; their card says the design.
        key: which of several networks in a file; the sentence for one that is not there names all.

    Raises:
        InputError: it cannot be read, or is no residual network (the sentence names the tensor that cannot belong), or
            its weights are not on this computer: nothing is fetched, the sentence says which command does.
    """
    from resnet_gui.engine.export.files import identify_file

    return identify_file(_model_text(model), key)


def load_model(model: ModelLike, *, weights: Literal["best", "last"] = "best", key: str = "") -> ResNet:
    """The network of a run, a weights file of any origin or known weights, in evaluation mode on the CPU, in fp32.

    It maps pictures (N, C, H, W), normalised, to logits (N, classes), or without a head to features (N, C).

    Args:
        model: what the command line calls MODEL.
        weights: which of a run folder: those with the least test error so far, or those of its last checkpoint (their
            average where the recipe keeps one). A file or a name holds one set of weights, its best.
        key: which of several networks in a file.

    Raises:
        InputError: it cannot be read, is no residual network, or a weight is no finite number; or its weights are not
            on this computer: nothing is fetched, the sentence says which command does.
    """
    if weights not in _WEIGHTS:
        raise InputError(f"weights is {weights!r}; it must be 'best' or 'last'.")
    if weights == "last":
        from resnet_gui.engine.checkpoint import last_network

        return last_network(Path(_model_text(model)))
    from resnet_gui.checkpoints.load import load_any
    from resnet_gui.engine.predict.models import weights_file

    return load_any(weights_file(_model_text(model)), key).model


def _model_text(model: ModelLike) -> str:
    if not isinstance(model, str | Path):
        raise InputError(f"A model is a run folder, a weights file or a name, not {type(model).__name__}.")
    return str(model)


def save_model(model: ResNet, path: str | Path, info: ModelInfo) -> None:
    """Write a network with its card (labels, normalisation, accuracy) as safetensors, whole or not at all.

    The card's digest is worked out anew. What ``load_model`` would refuse is not written.

    Raises:
        InputError: it is no network of this program, a layer was replaced, a weight is no finite number, or the card
            does not fit the network.
        OSError: the disk is full or the folder cannot be written.
    """
    from resnet_gui.network import resnet, weights

    if not isinstance(model, resnet.ResNet):
        raise InputError(f"A network that build or load_model has made can be saved, not {type(model).__name__}.")
    if not isinstance(info, ModelInfo):
        raise InputError(f"The card must be a ModelInfo, not {type(info).__name__}.")
    try:
        # As it will be read: what the file's reader would refuse is refused now.
        msgspec.convert(msgspec.to_builtins(info), ModelInfo)
    except (msgspec.MsgspecError, TypeError) as error:
        raise InputError(
            f"The card cannot be written: {decoding_fault(error, msgspec.to_builtins(info), ModelInfo)}."
        ) from error
    state = model.state_dict()
    if misfit := weights.find_misfit(model.plan, state):
        raise InputError(
            f"tensor '{misfit}' is not as the network's plan has it; build the network that you mean from a design, "
            "say with other classes, instead of replacing its layers."
        )
    if broken := weights.find_not_finite(state):
        raise InputError(f"tensor '{broken}' holds values that are not finite numbers.")
    _check_card(info, model.plan.spec)
    card = msgspec.structs.replace(info, sha256=weights.weights_sha256(state))
    weights.save_model(Path(path), state, card)


def _check_card(info: ModelInfo, spec: ResNetSpec) -> None:
    channels = spec.input[0]
    if not 0 <= info.top1 <= 1:
        raise InputError(f"The card's top1 is {info.top1}; it is a fraction from 0 to 1.")
    if info.spec != spec:
        raise InputError("The card's spec is not the network's; take model.plan.spec.")
    if not info.is_labelled:
        raise InputError(f"The card has {len(info.classes)} labels, but the network has {spec.classes} classes.")
    if len(info.mean) != channels or len(info.std) != channels:
        raise InputError(
            f"The card's mean has {len(info.mean)} and its std {len(info.std)} values, but the network's input has "
            f"{channels} channels."
        )
    if not all(map(math.isfinite, (*info.mean, *info.std))) or min(info.std) <= 0:
        raise InputError("The card's mean and std must be finite numbers, and std above 0.")

"""The program's functions for people who write code: designs by name, plans, networks, weights of any origin."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from resnet_gui.base.errors import InputError
from resnet_gui.design.plan import plan as _plan
from resnet_gui.design.presets import PRESETS, find_preset
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.design.structure import Plan
from resnet_gui.design.tensors import tensor_shapes

if TYPE_CHECKING:
    from resnet_gui.checkpoints.identify import Identification
    from resnet_gui.data.model_card import ModelInfo
    from resnet_gui.network.resnet import ResNet

DesignLike = str | Design | ResNetSpec
"""The name of a preset, a design or its spec."""


def presets() -> tuple[str, ...]:
    """Names of the published designs, in the order of the window's list."""
    return tuple(PRESETS)


def preset(name: str) -> Design:
    """A published design by its name, such as ``resnet50``.

    Raises:
        InputError: there is none; the sentence names the nearest.
    """
    return find_preset(name).design


def _spec(design: DesignLike) -> ResNetSpec:
    if isinstance(design, str):
        return preset(design).spec
    return design.spec if isinstance(design, Design) else design


def plan(design: DesignLike) -> Plan:
    """Every layer of a design with the shape that it reads and writes (channels, height, width); no torch is loaded.

    Raises:
        InputError: no preset has this name.
    """
    return _plan(_spec(design))


def summary(design: DesignLike) -> str:
    """A table of every layer: shape, parameters, multiply-accumulates for one picture, receptive field (pixels).

    Conventions are those of ``analysis.costs``.

    Raises:
        InputError: no preset has this name.
    """
    from resnet_gui.export.text_report import summary_lines

    name = design if isinstance(design, str) else design.name if isinstance(design, Design) else "design"
    return "\n".join(summary_lines(name, plan(design)))


def build(design: DesignLike) -> ResNet:
    """The network of a design with freshly drawn weights (He et al. 2015b), in training mode on the CPU, in fp32.

    It maps pictures (N, C, H, W), normalised, to logits (N, classes); its state_dict has torchvision's names where
    torchvision has the network.

    Raises:
        InputError: no preset has this name.
    """
    from resnet_gui.network.resnet import ResNet

    return ResNet(plan(design))


def identify(path: str | Path) -> Identification:
    """Which design a file of weights holds, of whatever origin; only tensors are read, no code of a pickle runs.

    Raises:
        InputError: it cannot be read, or is no residual network; the sentence names the tensor that cannot belong.
    """
    from resnet_gui.checkpoints.load import examine

    return examine(Path(path))[1]


def load_model(path: str | Path) -> ResNet:
    """The network of a file of weights of any origin, in evaluation mode on the CPU, in fp32.

    Raises:
        InputError: it cannot be read, is no residual network, or a weight is no finite number.
    """
    from resnet_gui.checkpoints.load import load_any

    return load_any(Path(path)).model


def save_model(model: ResNet, path: str | Path, info: ModelInfo) -> None:
    """Write a network with its card (labels, normalisation, accuracy) as safetensors, whole or not at all.

    The card's digest is worked out anew. What ``load_model`` would refuse is not written.

    Raises:
        InputError: a layer was replaced, a weight is no finite number, or the card does not fit the network.
        OSError: the disk is full or the folder cannot be written.
    """
    import msgspec

    from resnet_gui.network.weights import save_model as save
    from resnet_gui.network.weights import weights_sha256

    _check_weights(model)
    _check_card(info, model.plan.spec)
    state = model.state_dict()
    save(Path(path), state, msgspec.structs.replace(info, sha256=weights_sha256(state)))


def _check_weights(model: ResNet) -> None:
    expected, state = tensor_shapes(model.plan), model.state_dict()
    for name in (*expected, *state):
        if name not in state or name not in expected or tuple(state[name].shape) != expected[name]:
            raise InputError(
                f"tensor '{name}' is not as the network's plan has it; build the network that you mean from a design, "
                "say with other classes, instead of replacing its layers."
            )
    broken = next((name for name, tensor in state.items() if not tensor.isfinite().all()), None)
    if broken is not None:
        raise InputError(f"tensor '{broken}' holds values that are not finite numbers.")


def _check_card(info: ModelInfo, spec: ResNetSpec) -> None:
    channels = spec.input[0]
    if info.spec != spec:
        raise InputError("The card's spec is not the network's; take model.plan.spec.")
    if len(info.classes) != spec.classes:
        raise InputError(f"The card has {len(info.classes)} labels, but the network has {spec.classes} classes.")
    if len(info.mean) != channels or len(info.std) != channels:
        raise InputError(
            f"The card's mean has {len(info.mean)} and its std {len(info.std)} values, but the network's input has "
            f"{channels} channels."
        )
    if not all(map(math.isfinite, (*info.mean, *info.std))) or min(info.std) <= 0:
        raise InputError("The card's mean and std must be finite numbers, and std above 0.")

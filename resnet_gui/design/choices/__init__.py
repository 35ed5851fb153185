"""The choices of the design space: every file below is one, found by being there.

``CHOICES`` has them all by field and key, in the order of their ranks; the typed tables are the same by field.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from resnet_gui.design.choice import (
    AblationChoice,
    ActivationChoice,
    AttentionChoice,
    BlockChoice,
    BranchScaleChoice,
    Choice,
    ConvolutionChoice,
    DownsamplingChoice,
    HeadChoice,
    NormChoice,
    OrderChoice,
    PadSideChoice,
    ProjectionChoice,
    ShortcutChoice,
    StemChoice,
    StemPoolChoice,
    StrideChoice,
)
from resnet_gui.design.layer_kind import LayerKind

C = TypeVar("C", bound=Choice)


def _modules(folder: str, package: str) -> Iterator[str]:
    """Names of all modules inside a package; as ``pkgutil`` finds them, which takes longer to load than this to run."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        name, suffix = os.path.splitext(entry.name)  # noqa: PTH122
        if suffix == ".py" and name != "__init__":
            yield f"{package}.{name}"
        elif not suffix and os.path.isfile(os.path.join(entry.path, "__init__.py")):  # noqa: PTH113, PTH118
            yield f"{package}.{name}"
            yield from _modules(entry.path, f"{package}.{name}")


def _found() -> tuple[list[Choice], list[LayerKind]]:
    """Every choice and every kind of layer that a module of this folder, or of ``design.kinds``, holds."""
    choices: dict[int, Choice] = {}
    kinds: dict[int, LayerKind] = {}
    for name in (__name__, f"{__name__.rpartition('.')[0]}.kinds"):
        package = importlib.import_module(name)
        for module in _modules(next(iter(package.__path__)), name):
            for value in vars(importlib.import_module(module)).values():
                if isinstance(value, Choice):
                    choices[id(value)] = value
                elif isinstance(value, LayerKind):
                    kinds[id(value)] = value
    return sorted(choices.values(), key=lambda choice: (choice.rank, choice.key)), list(kinds.values())


_choices, _kinds = _found()

KINDS: Final[dict[str, LayerKind]] = {kind.key: kind for kind in _kinds}
"""Kinds of layers by their key."""

CHOICES: Final[dict[str, dict[str, Any]]] = {}
"""Field -> key -> choice."""

for _choice in _choices:
    CHOICES.setdefault(_choice.field, {})[_choice.key] = _choice


def _of(kind: type[C]) -> dict[str, C]:
    return CHOICES[kind.field]


BLOCKS: Final = _of(BlockChoice)
ORDERS: Final = _of(OrderChoice)
STRIDES: Final = _of(StrideChoice)
SHORTCUTS: Final = _of(ShortcutChoice)
PROJECTIONS: Final = _of(ProjectionChoice)
ABLATIONS: Final = _of(AblationChoice)
STEMS: Final = _of(StemChoice)
NORMS: Final = _of(NormChoice)
ACTIVATIONS: Final = _of(ActivationChoice)
ATTENTIONS: Final = _of(AttentionChoice)
BRANCH_SCALES: Final = _of(BranchScaleChoice)
HEADS: Final = _of(HeadChoice)
STEM_POOLS: Final = _of(StemPoolChoice)
DOWNSAMPLINGS: Final = _of(DownsamplingChoice)
CONVOLUTIONS: Final = _of(ConvolutionChoice)
PAD_SIDES: Final = _of(PadSideChoice)

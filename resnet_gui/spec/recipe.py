"""How a network is trained: the recipe and its learning-rate schedule."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Literal, get_args

import msgspec

from resnet_gui.spec.errors import RecipeError

Schedule = Literal["constant", "step", "cosine"]
Augmentation = Literal["none", "shift", "shift-flip"]
Precision = Literal["auto", "fp32", "bf16"]
DIGITS: Final = "digits"
"""Name of the data set that is inside; any other name is a folder."""

STEP_AT: Final = (0.5, 0.75)
"""Fractions of the training at which the step schedule divides by ten: 32k and 48k of 64k in He et al. 2015, 4.2."""

DEFAULT_LR: Final = 0.1
DEFAULT_EPOCHS: Final = 20
DEFAULT_BATCH: Final = 64


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stochastic gradient descent with momentum on cross-entropy.

    Attributes:
        data: "digits", or the path of a folder of class folders.
        epochs: passes over the training pictures.
        batch_size: pictures a step.
        lr: learning rate at the start.
        momentum: of SGD.
        weight_decay: L2 penalty on every parameter, as in He et al. 2015.
        schedule: of the learning rate: "constant", "step" (÷10 at a half and three quarters), "cosine" (to zero).
        augment: "none"; "shift", a random crop after padding by an eighth; "shift-flip", mirrored at random as well.
        seed: of the initial weights, the order of pictures and the augmentation.
        precision: "fp32", "bf16" (autocast), or "auto": bf16 on a GPU that has it, else fp32.

    Raises:
        RecipeError: a value is out of range; its ``field`` names it.
    """

    data: str = DIGITS
    epochs: int = DEFAULT_EPOCHS
    batch_size: int = DEFAULT_BATCH
    lr: float = DEFAULT_LR
    momentum: float = 0.9
    weight_decay: float = 5e-4
    schedule: Schedule = "cosine"
    augment: Augmentation = "shift"
    seed: int = 1
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        for field, accepts, rule in _RULES:
            value = getattr(self, field)
            if isinstance(value, bool) or not accepts(value):
                raise RecipeError(field, f"{field} is {value!r}; it must be {rule}.")


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and low <= value <= high


def _number(low: float, high: float, *, above: bool = False) -> Callable[[object], bool]:
    def accepts(value: object) -> bool:
        return isinstance(value, int | float) and low <= value <= high and not (above and value == low)

    return accepts


def _one_of(kind: object) -> tuple[Callable[[object], bool], str]:
    allowed = get_args(kind)
    return (lambda value: value in allowed), "one of " + ", ".join(allowed)


_RULES: Final[tuple[tuple[str, Callable[[object], bool], str], ...]] = (
    ("data", lambda value: isinstance(value, str) and value.strip() != "", "'digits' or a folder"),
    ("epochs", _whole(1, 100_000), "a whole number from 1 to 100,000"),
    (
        "batch_size",
        _whole(2, 65_536),
        "a whole number from 2 to 65,536 (batch normalisation needs two pictures)",
    ),
    ("lr", _number(0, 100, above=True), "a number above 0 and at most 100"),
    ("momentum", _number(0, 0.9999), "a number from 0 to 0.9999"),
    ("weight_decay", _number(0, 1), "a number from 0 to 1"),
    ("schedule", *_one_of(Schedule)),
    ("augment", *_one_of(Augmentation)),
    ("seed", _whole(0, 2**31 - 1), "a whole number from 0 to 2,147,483,647"),
    ("precision", *_one_of(Precision)),
)


def lr_at(recipe: Recipe, done: float) -> float:
    """Learning rate when the fraction ``done`` (0 to 1) of all steps is behind."""
    match recipe.schedule:
        case "constant":
            return recipe.lr
        case "step":
            return recipe.lr / float(10 ** sum(done >= at for at in STEP_AT))
        case "cosine":
            return recipe.lr * 0.5 * (1 + math.cos(math.pi * done))

"""Starters of the Train page: which designs, by which recipe, on which data."""

from __future__ import annotations

from typing import Final

import msgspec

from resnet_gui.data.datasets import DIGITS
from resnet_gui.design.presets import PRESETS, Preset
from resnet_gui.training.named_recipes import RECIPES
from resnet_gui.training.recipe import Recipe


class Starter(msgspec.Struct, frozen=True):
    """A design and a recipe to begin with.

    Attributes:
        key: of the starter.
        title: for people.
        words: what it is for.
        button: what starting it is called.
        designs: names of presets; each is a run.
        recipe: with the data.
        lines: names and values that are told of it beside its time.
    """

    key: str
    title: str
    words: str
    button: str
    designs: tuple[str, ...]
    recipe: Recipe
    lines: tuple[tuple[str, str], ...]

    def presets(self) -> tuple[Preset, ...]:
        """Its designs."""
        return tuple(PRESETS[name] for name in self.designs)


_PAPER: Final = msgspec.structs.replace(RECIPES["paper-cifar"].recipe, data="cifar10")

STARTERS: Final = (
    Starter(
        "quick",
        "Quick look",
        "The small network on the digits inside, to see that everything works.",
        "Start",
        ("digits-resnet",),
        Recipe(data=DIGITS),
        (("Design", "digits ResNet"), ("Length", f"{Recipe().epochs} epochs")),
    ),
    Starter(
        "paper",
        "Paper recipe",
        "The CIFAR-10 training of He et al. 2015.",
        "Start paper recipe",
        ("resnet20",),
        _PAPER,
        (("Design", "ResNet-20"), ("Length", "164 epochs, 64k steps"), ("Paper", "8.75 % error")),
    ),
    Starter(
        "degradation",
        "Degradation",
        "Plain-56 against ResNet-56, the key experiment.",
        "Queue four runs",
        ("plain20", "plain56", "resnet20", "resnet56"),
        _PAPER,
        (("Designs", "4"), ("Length", "4 × 164 epochs")),
    ),
)

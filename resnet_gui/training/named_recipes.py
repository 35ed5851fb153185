"""Recipes by name, with where they come from."""

from __future__ import annotations

import difflib
from typing import Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.training.phases import BACKBONE, Phase
from resnet_gui.training.recipe import Recipe


class NamedRecipe(msgspec.Struct, frozen=True):
    """A recipe that has a name.

    Attributes:
        name: for the command line.
        title: for people.
        source: where it is described.
        recipe: its data, seed, device and precision are the user's and not the recipe's.
    """

    name: str
    title: str
    source: str
    recipe: Recipe


OWN: Final = (
    "data", "seed", "precision", "layout", "compile", "recompute", "sync_bn", "accumulate", "validation", "test",
    "split_seed", "split_groups",
)  # fmt: skip
"""What a named recipe leaves as the user has it: what is learnt from and how it is computed, not how it is learnt."""

_PAPER: Final = Recipe(
    epochs=164, steps=64_000, batch_size=128, lr=0.1, momentum=0.9, weight_decay=1e-4, schedule="step",
    step_at=(0.5, 0.75), augment="shift-flip",
)  # fmt: skip

_ALL: Final = (
    NamedRecipe(
        "quick",
        "Quick look",
        "Three epochs with one cycle of the learning rate, to see that everything works.",
        Recipe(epochs=3, batch_size=128, lr=0.2, nesterov=True, schedule="one-cycle", augment="shift"),
    ),
    NamedRecipe(
        "standard",
        "Standard, 20 epochs",
        "SGD with momentum, cosine; 99 % on the digits inside.",
        Recipe(),
    ),
    NamedRecipe(
        "fine-tune",
        "Fine-tune",
        "From trained weights on a hundred to ten thousand pictures: the head first, on features that are computed "
        "once; then all layers, the lower the slower.",
        Recipe(
            epochs=15,
            batch_size=32,
            lr=0.01,
            weight_decay=1e-4,
            label_smoothing=0.1,
            augment="shift-flip",
            phases=(Phase(epochs=3, frozen=BACKBONE, cached=True), Phase(rates=(1.0, 0.3, 0.1))),
        ),
    ),
    NamedRecipe(
        "linear-probe",
        "Linear probe",
        "The head alone, on features of trained weights that are computed once: seconds. AdamW, whose steps depend "
        "least on how large features are: those of one network are twenty times another's.",
        Recipe(
            epochs=30,
            batch_size=64,
            lr=0.01,
            optimizer="adamw",
            weight_decay=0.01,
            augment="none",
            phases=(Phase(frozen=BACKBONE, cached=True),),
        ),
    ),
    NamedRecipe(
        "paper-cifar",
        "Paper, CIFAR (He et al. 2015)",
        "He et al. 2015, section 4.2: 64,000 steps of 128 pictures, learning rate 0.1, ÷10 at 32,000 and 48,000.",
        _PAPER,
    ),
    NamedRecipe(
        "paper-cifar-110",
        "Paper, CIFAR, 110 layers",
        "As the paper's, after 400 steps at a learning rate of 0.01 (He et al. 2015, section 4.2).",
        msgspec.structs.replace(_PAPER, warmup=400, warmup_shape="constant"),
    ),
    NamedRecipe(
        "imagenet",
        "ImageNet, 90 epochs",
        "He et al. 2015, section 3.4 (batch 256, learning rate 0.1, weight decay 1e-4), as it is commonly run: "
        "90 epochs, ÷10 after 30 and 60 (Goyal et al. 2017, section 5.1). Crops are cut from the pictures on "
        "disk where they do not fit into memory; where they do, from copies at the input's size, which costs accuracy.",
        Recipe(
            epochs=90,
            batch_size=256,
            lr=0.1,
            momentum=0.9,
            weight_decay=1e-4,
            schedule="step",
            step_at=(1 / 3, 2 / 3),
            augment="resized-crop",
        ),
    ),
)
FINE_TUNE: Final = "fine-tune"
"""The recipe of a training that begins from weights, where no other is named."""

LINEAR_PROBE: Final = "linear-probe"

RECIPES: Final = {named.name: named for named in _ALL}


def find_recipe(name: str) -> NamedRecipe:
    """A recipe by its name.

    Raises:
        InputError: there is none of that name.
    """
    if name not in RECIPES:
        near = difflib.get_close_matches(name, RECIPES, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(RECIPES)}."
        raise InputError(f"There is no recipe '{name}'; {hint}")
    return RECIPES[name]


def with_recipe(recipe: Recipe, named: NamedRecipe) -> Recipe:
    """A named recipe on the data and with the seed and number formats of ``recipe``."""
    kept = {field: getattr(recipe, field) for field in OWN}
    if kept["accumulate"] > named.recipe.batch_size // 2:
        kept["accumulate"] = 1
    return msgspec.structs.replace(named.recipe, **kept)


def recipe_of(recipe: Recipe) -> NamedRecipe | None:
    """The named recipe that this one is, data, seed and number formats aside; None if it is nobody's."""
    return next((named for named in RECIPES.values() if with_recipe(recipe, named) == recipe), None)

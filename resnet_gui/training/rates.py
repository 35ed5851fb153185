"""Learning rates that fit an optimiser: what it gets when nobody says, and what is said of one that is far off."""

from __future__ import annotations

from typing import Final

import msgspec

from resnet_gui.training.recipe import DEFAULT_LR, Optimizer, Recipe


class UsualRates(msgspec.Struct, frozen=True):
    """The learning rates that an optimiser learns with.

    Attributes:
        title: of the optimiser, for people.
        usual: what it gets when nobody says.
        low, high: beyond these it learns hardly or not at all, whatever the network.
        source: where the usual rate is from.
    """

    title: str
    usual: float
    low: float
    high: float
    source: str


USUAL_RATES: Final[dict[Optimizer, UsualRates]] = {
    "sgd": UsualRates("SGD", DEFAULT_LR, 1e-4, 2.0, "He et al. 2015, section 4.2"),
    "adamw": UsualRates("AdamW", 1e-3, 1e-6, 0.02, "torch.optim.AdamW; Kingma and Ba 2014, section 2"),
}
BATCH: Final = 256
"""Up to this batch ``high`` holds; SGD's grows with larger ones (Goyal et al. 2017, section 2.1)."""


def with_usual_rate(recipe: Recipe) -> Recipe:
    """The recipe with the rate that its optimiser gets when nobody says."""
    return msgspec.structs.replace(recipe, lr=USUAL_RATES[recipe.optimizer].usual)


def rate_warning(recipe: Recipe) -> str:
    """A sentence about a learning rate that is far off what the optimiser learns with; empty for any other."""
    rates = USUAL_RATES[recipe.optimizer]
    high = rates.high * (max(1.0, recipe.batch_size / BATCH) if recipe.optimizer == "sgd" else 1.0)
    if rates.low <= recipe.lr <= high:
        return ""
    word = "high" if recipe.lr > high else "low"
    return (
        f"A learning rate of {recipe.lr:g} is very {word} for {rates.title}, which usually learns with {rates.usual:g}."
    )


FEW_STEPS: Final = 10
"""Steps an epoch below which SGD at its usual rate is too fast for random weights."""

SMALLER_RATE: Final = 0.01
"""With so few steps; as the paper begins its deepest network (He et al. 2015, section 4.2)."""


def few_steps_warning(recipe: Recipe, pictures: int) -> str:
    """A sentence about random weights that SGD learns too fast with on few pictures; empty for any other recipe.

    After a few steps at a high rate the statistics of the batch norms, which a test uses, lag behind weights that have
    moved far: the test's loss is in the hundreds.

    Args:
        recipe: of a training from random weights.
        pictures: that it learns from.
    """
    steps = -(-pictures // recipe.batch_size)
    if recipe.optimizer != "sgd" or steps >= FEW_STEPS or recipe.lr < 5 * SMALLER_RATE or recipe.warmup:
        return ""
    count = _steps(recipe, pictures)
    return (
        f"{pictures:,} pictures are {count} an epoch: from random weights, a learning rate of {recipe.lr:g} may give "
        f"losses in the hundreds. Take a smaller one, or start from trained weights with the fine-tune recipe."
    )


def few_steps_note(recipe: Recipe, pictures: int) -> str:
    """The same in few words, where it stands beside what can be done about it."""
    return f"{_steps(recipe, pictures)} an epoch at a rate of {recipe.lr:g}: losses may be in the hundreds."


def _steps(recipe: Recipe, pictures: int) -> str:
    steps = -(-pictures // recipe.batch_size)
    return "1 step" if steps == 1 else f"{steps} steps"


class RateMemory:
    """The rates of a form in which the optimiser is changed: each has its own, and the user's is left alone.

    Args:
        recipe: that the form shows.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._optimizer, self._own = recipe.optimizer, recipe.lr
        self._left: dict[Optimizer, float] = {}

    def rate_for(self, recipe: Recipe) -> float:
        """The rate for a recipe whose optimiser was just changed.

        It stays where the user has set it and it may fit; else it is what this optimiser had before, or gets when
        nobody says.
        """
        users = recipe.lr != self._own
        self._left[self._optimizer] = recipe.lr
        self._optimizer = recipe.optimizer
        if users and not rate_warning(recipe):
            return recipe.lr
        self._own = self._left.get(recipe.optimizer, USUAL_RATES[recipe.optimizer].usual)
        return self._own

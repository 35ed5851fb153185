"""Starters of the Train page: which designs, by which recipe, on which data."""

from __future__ import annotations

from typing import Final

import msgspec

from resnet_gui.data.datasets import DIGITS
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.training.named_recipes import RECIPES
from resnet_gui.training.recipe import Recipe


class Starter(msgspec.Struct, frozen=True, kw_only=True):
    """Designs and a recipe to begin with; each design is a run.

    Attributes:
        key: of the starter.
        title: for people.
        words: what it is for.
        button: what starting it is called.
        designs: with their names.
        recipe: with the data.
        lines: names and values that are told of it beside its time.
        larger: the same question on more data; None for none.
    """

    key: str
    title: str
    words: str
    button: str
    designs: tuple[Design, ...]
    recipe: Recipe
    lines: tuple[tuple[str, str], ...] = ()
    larger: Starter | None = None


def _presets(*names: str) -> tuple[Design, ...]:
    return tuple(PRESETS[name].design for name in names)


def _on_digits(preset: str, name: str = "", **changes: object) -> Design:
    """A preset of CIFAR for the 8×8 digits inside."""
    found = PRESETS[preset].design
    title = (name or found.name).removesuffix(" (CIFAR)")
    return Design(name=f"{title} on 8×8", spec=evolve(found.spec, input=(1, 8, 8), **changes))


_PAPER: Final = msgspec.structs.replace(RECIPES["paper-cifar"].recipe, data="cifar10")

_ON_DIGITS: Final = Recipe(data=DIGITS, epochs=15, batch_size=32, lr=0.02)
"""By this recipe ResNet-56 has 0.6 % errors and plain-56 70 % (seed 1, measured with this program)."""

STARTERS: Final = (
    Starter(
        key="quick",
        title="Quick look",
        words="The small network on the digits inside, to see that everything works.",
        button="Start",
        designs=_presets("digits-resnet"),
        recipe=Recipe(data=DIGITS),
        lines=(("Design", "digits ResNet"), ("Length", f"{Recipe().epochs} epochs")),
    ),
    Starter(
        key="paper",
        title="Paper recipe",
        words="The CIFAR-10 training of He et al. 2015.",
        button="Start paper recipe",
        designs=_presets("resnet20"),
        recipe=_PAPER,
        lines=(("Design", "ResNet-20"), ("Length", "164 epochs, 64k steps"), ("Paper", "8.75 % error")),
    ),
)
"""For the first run."""

COMPARISONS: Final = (
    Starter(
        key="degradation",
        title="Degradation",
        words="Deeper plain networks learn worse, residual ones do not.",
        button="Queue 4 runs",
        designs=(_on_digits("plain20"), _on_digits("plain56"), _on_digits("resnet20"), _on_digits("resnet56")),
        recipe=_ON_DIGITS,
        larger=Starter(
            key="degradation-cifar10",
            title="Degradation",
            words="The same on CIFAR-10, as in Fig. 6 of He et al. 2015.",
            button="Queue 4 runs",
            designs=_presets("plain20", "plain56", "resnet20", "resnet56"),
            recipe=_PAPER,
        ),
    ),
    Starter(
        key="depth",
        title="Depth",
        words="8, 20 and 56 layers: what more depth brings.",
        button="Queue 3 runs",
        designs=(_on_digits("resnet20", "ResNet-8", blocks=(1, 1, 1)), _on_digits("resnet20"), _on_digits("resnet56")),
        recipe=_ON_DIGITS,
        larger=Starter(
            key="depth-cifar10",
            title="Depth",
            words="ResNet-20, 56 and 110 on CIFAR-10, as in Table 6 of He et al. 2015.",
            button="Queue 3 runs",
            designs=_presets("resnet20", "resnet56", "resnet110"),
            recipe=_PAPER,
        ),
    ),
    Starter(
        key="norms-off",
        title="Batch norm off",
        words="ResNet-20 with its norms, and without them.",
        button="Queue 2 runs",
        designs=(_on_digits("resnet20"), _on_digits("resnet20", "ResNet-20 without norms", norm="none")),
        recipe=_ON_DIGITS,
    ),
)
"""Of several designs, whose curves answer a question."""

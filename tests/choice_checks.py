"""Choices of the design space as tests take them: all of them, each on a small design on which it acts."""

from __future__ import annotations

import itertools
from typing import Any, Final

from resnet_gui.base.errors import SpecError
from resnet_gui.design.applies import applies
from resnet_gui.design.choice import Choice
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.spec import ResNetSpec, evolve

FIRST: Final[dict[str, Any]] = {field: next(iter(known)) for field, known in CHOICES.items()}
"""The first choice of each field."""
_SMALL: Final = ResNetSpec(
    **FIRST, blocks=(1, 2), widths=(8, 16), se_ratio=2, norm_groups=2, classes=3, input=(3, 18, 17)
)  # fmt: skip
"""Blocks that change the shape and one that keeps it; squeezing, and groups that fit every norm."""


def every_choice() -> list[tuple[str, str]]:
    """Field and key of everything that is registered."""
    return [(field, key) for field, known in CHOICES.items() for key in known]


def unusual_choices() -> list[tuple[str, str]]:
    """All but the first of each field, beside which a choice shows."""
    return [(field, key) for field, key in every_choice() if key != FIRST[field]]


def design_with(field: str, key: str) -> ResNetSpec:
    """A small design on which a choice acts; the other fields have their first choices, if it acts on those."""
    for block, shortcut in itertools.product(CHOICES["block"], CHOICES["shortcut"]):
        try:
            spec = evolve(_SMALL, **({"block": block, "shortcut": shortcut} | {field: key}))
        except SpecError:
            continue
        if applies(spec, field):
            return spec
    raise AssertionError(f"{field}={key} acts on no small design")


def usual_beside(spec: ResNetSpec, field: str) -> ResNetSpec:
    """The same design with the first choice of a field."""
    return evolve(spec, **{field: FIRST[field]})


def choice_of(spec: ResNetSpec, field: str) -> Choice:
    """What a design has chosen of a field."""
    choice: Choice = CHOICES[field][getattr(spec, field)]
    return choice

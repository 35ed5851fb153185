"""A sweep that is being put together: its fields with their values, its seeds, and what is compared with what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import Design
from resnet_gui.gui.train.sweeps.fields import SweepField, axis_title, axis_word, value_label
from resnet_gui.sweeps.settings import converted
from resnet_gui.sweeps.sweep import LARGEST_SEED, Axis, AxisValue, Sweep
from resnet_gui.training.recipe import Recipe

FEW: Final = 8
"""So many seeds have a chip each."""

MOST_CHIPS: Final = 24
"""More chips than these are one chip with all seeds."""


@dataclass
class DraftAxis:
    """A field with the values that it is to have."""

    field: SweepField
    values: list[object]

    def labels(self) -> list[str]:
        """Its values in words."""
        return [value_label(self.field, value) for value in self.values]

    def take(self, text: str) -> None:
        """Add values that were typed, with commas between; what is there already changes nothing.

        Raises:
            InputError: a value is none of the field's, or cannot be told from another one.
        """
        parts = [text] if self._whole(text) else [part for part in text.replace(";", ",").split(",") if part.strip()]
        if not parts:
            raise InputError(f"{self.field.title}: type a value, or several with commas between.")
        for part in parts:
            self.add(msgspec.to_builtins(converted(self.field.name, _value(part.strip()), text=True)))

    def _whole(self, text: str) -> bool:
        """Whether a text with commas is one value, as the widths of stages are."""
        return "[" in text

    def add(self, value: object) -> None:
        """Add a value, if it is another one.

        Raises:
            InputError: it is another one, but is written like one that is there.
        """
        text = value_label(self.field, value)
        if value in self.values:
            return
        if text in self.labels():
            raise InputError(
                f"{self.field.title} {value} is written {text}, like a value that is there already; "
                "choose one that differs in its first six digits."
            )
        self.values.append(value)

    def axis(self) -> Axis:
        """The axis of a sweep."""
        labels = self.labels()
        values = (AxisValue(label, {self.field.name: value}) for label, value in zip(labels, self.values, strict=True))
        return Axis(self.field.name, tuple(values))


def _value(text: str) -> object:
    """A typed value: a list or null as JSON has it, or the text, which the field reads."""
    if text.startswith("["):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise InputError(f"'{text}' is no list; write it as [16, 32, 64].") from error
    return None if text == "null" else text


@dataclass
class SweepDraft:
    """The sweep as it stands in the builder.

    Attributes:
        axes: in their order.
        seeds: in the order of running.
        baseline: name of a field and label of one of its values; None where nothing is compared.
    """

    axes: list[DraftAxis] = field(default_factory=list)
    seeds: list[int] = field(default_factory=lambda: [1, 2, 3])
    baseline: tuple[str, str] | None = None

    @property
    def runs(self) -> int:
        """How many runs that are, those that cannot be among them."""
        return prod(len(axis.values) for axis in self.axes) * len(self.seeds)

    def product_words(self) -> str:
        """How they come about: ``3 × 2 × 2 × 3 =``."""
        return f"{' × '.join(str(len(axis.values)) for axis in self.axes)} × {len(self.seeds)} =".removeprefix(" × ")

    def name(self) -> str:
        """What it is called: ``Shortcut × depth``."""
        titles = [axis_title(axis.field.name) for axis in self.axes]
        words = [axis_word(axis.field.name) for axis in self.axes]
        return " × ".join(titles[:1] + words[1:]) or "Seeds"

    def baselines(self) -> list[tuple[str, str]]:
        """Everything that it can be compared with: each value of each field that has several."""
        return [(axis.field.name, label) for axis in self.axes if len(axis.values) > 1 for label in axis.labels()]

    def sweep(self, design: Design, recipe: Recipe, device: str) -> Sweep:
        """The sweep, as the command line would write it.

        Raises:
            InputError: it cannot be.
        """
        if not self.axes:
            raise InputError("Nothing is varied yet: add a field, then its values.")
        baseline = dict([self.baseline]) if self.baseline in self.baselines() else {}
        return Sweep(
            name=self.name(),
            design=design,
            recipe=recipe,
            axes=tuple(axis.axis() for axis in self.axes),
            seeds=tuple(self.seeds),
            baseline=baseline,
            device=device,
        )


def typed_seeds(text: str, known: list[int]) -> list[int]:
    """Seeds that were typed, such as ``4, 5`` or ``4-8``; those that are there already are left out.

    Raises:
        InputError: these are no seeds.
    """
    found: list[int] = []
    for part in text.replace(";", ",").split(","):
        first, dash, last = (each.strip() for each in part.partition("-"))
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise InputError(f"'{part.strip()}' is no seed; seeds are whole numbers, such as 4, 5 or 4-8.")
        low, high = int(first), int(last or first)
        if not low <= high <= min(LARGEST_SEED, low + 999):
            raise InputError(f"'{part.strip()}' are no seeds; write the smaller number first, at most 1,000 at once.")
        found += [seed for seed in range(low, high + 1) if seed not in known and seed not in found]
    return found


def seed_chips(seeds: Sequence[int]) -> list[tuple[str, tuple[int, ...]]]:
    """The chips of seeds: what is typed for each, such as ``7`` or ``1-300``, and its seeds."""
    if len(seeds) <= FEW:
        return [(str(seed), (seed,)) for seed in seeds]
    stretches: list[list[int]] = []
    for seed in seeds:
        if stretches and seed == stretches[-1][-1] + 1:
            stretches[-1].append(seed)
        else:
            stretches.append([seed])
    chips = [(f"{each[0]}-{each[-1]}" if len(each) > 1 else str(each[0]), tuple(each)) for each in stretches]
    return chips if len(chips) <= MOST_CHIPS else [(", ".join(text for text, _ in chips), tuple(seeds))]

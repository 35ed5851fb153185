"""A sweep: values of fields of a design and a recipe, times seeds; and the runs that follow from it.

Beside the agreed names: what cannot be is an ``ImpossibleConfiguration`` (``LeftOut`` is a class of the data sets).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import read_text
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.sweeps.settings import Settings, checked, configured, locate
from resnet_gui.training.recipe import Recipe

MANY_RUNS: Final = 200
"""Runs above which a sweep is warned of."""

MOST_RUNS: Final = 10_000
"""Runs above which it is refused: what it made would not be looked at by anybody."""

MOST_THREADS: Final = 1024
LARGEST_SEED: Final = 2**31 - 1


class AxisValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value of an axis: its label, and the fields of design and recipe that it sets, as JSON has them.

    Attributes:
        label: as tables and plots show it, such as "plain-20".
        settings: field -> value; ``settings.locate`` says how fields are named. Empty leaves all as it is.
    """

    label: str
    settings: Settings


class Axis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is varied: a field, or several that change together, as a network's depth and shortcut do."""

    name: str
    values: tuple[AxisValue, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Those of its values, in their order."""
        return tuple(value.label for value in self.values)


def field_axis(field: str, values: Mapping[str, Any]) -> Axis:
    """The axis of one field.

    Args:
        field: its name.
        values: label -> value, as JSON has it.
    """
    return Axis(field, tuple(AxisValue(label, {field: value}) for label, value in values.items()))


class Sweep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A design and a recipe, every combination of the axes' values, with every seed; the content of ``sweep.json``.

    Attributes:
        name: for people.
        design: that is varied.
        recipe: that is varied; its seed is not used.
        axes: what is varied; none trains the design alone.
        seeds: of the initial weights, the order of pictures and the augmentation; in the order of running.
        baseline: axis -> label: each configuration is compared with the one that has these labels and the rest equal;
            empty compares nothing.
        device: of all runs.
        threads: of each run on the CPU; 0 is one: with as many runs at once as there are cores, the fastest.

    Raises:
        InputError: it cannot be; one sentence.
    """

    name: str
    design: Design
    recipe: Recipe
    axes: tuple[Axis, ...] = ()
    seeds: tuple[int, ...] = (1, 2, 3)
    baseline: dict[str, str] = {}
    device: str = "auto"
    threads: int = 0
    format: Literal["resnet-explorer-sweep"] = "resnet-explorer-sweep"
    version: Literal[1] = 1

    def __post_init__(self) -> None:
        _check_axes(self.axes)
        _check_baseline(self)
        if not self.name.strip():
            raise InputError("A sweep needs a name.")
        if not self.seeds:
            raise InputError("A sweep needs a seed at least.")
        for seed in self.seeds:
            if not 0 <= seed <= LARGEST_SEED:
                raise InputError(f"seed {seed} is no seed; seeds are whole numbers from 0 to {LARGEST_SEED:,}.")
            if self.seeds.count(seed) > 1:
                raise InputError(f"Seed {seed} stands twice; the same seed gives the same run.")
        if not 0 <= self.threads <= MOST_THREADS:
            raise InputError(f"threads is {self.threads}; it must be a whole number from 0 to {MOST_THREADS:,}.")
        if self.combinations * len(self.seeds) > MOST_RUNS:
            raise InputError(
                f"This sweep has {self.combinations * len(self.seeds):,} runs; it may have {MOST_RUNS:,}. "
                "Leave out values, fields or seeds."
            )

    @property
    def combinations(self) -> int:
        """How many combinations of values there are, those that cannot be among them."""
        return prod(len(axis.values) for axis in self.axes)

    def axis(self, name: str) -> Axis:
        """The axis of a name that is there."""
        return next(axis for axis in self.axes if axis.name == name)


def _check_axes(axes: tuple[Axis, ...]) -> None:
    for axis in axes:
        if not axis.name.strip():
            raise InputError("A field that is varied needs a name.")
        if sum(other.name == axis.name for other in axes) > 1:
            raise InputError(f"'{axis.name}' is varied twice; write all its values together.")
        if not axis.values:
            raise InputError(f"'{axis.name}' has no values.")
        for value in axis.values:
            if axis.labels.count(value.label) > 1:
                raise InputError(f"'{axis.name}' has the value {value.label} twice.")
            checked(value.settings)
    setters: dict[tuple[str, str], str] = {}
    for axis in axes:
        for field in {locate(name) for value in axis.values for name in value.settings}:
            key = field.of, field.name
            if key in setters:
                raise InputError(f"'{setters[key]}' and '{axis.name}' both set {field.name}; only one of them may.")
            setters[key] = axis.name


def _check_baseline(sweep: Sweep) -> None:
    names = [axis.name for axis in sweep.axes]
    for name, label in sweep.baseline.items():
        if name not in names:
            what = f"varied are {', '.join(names)}" if names else "nothing is varied"
            raise InputError(f"The baseline names '{name}', but {what}.")
        if label not in sweep.axis(name).labels:
            known = ", ".join(sweep.axis(name).labels)
            raise InputError(f"The baseline names {name}={label}, but its values are {known}.")


class Configuration(msgspec.Struct, frozen=True):
    """One combination of values, to be trained with every seed.

    Attributes:
        number: from 1, among all combinations in their order, those that cannot be among them: it stays the same.
        labels: one an axis.
        name: for people, such as "depth 20, B".
    """

    number: int
    labels: tuple[str, ...]
    name: str
    spec: ResNetSpec
    recipe: Recipe


class ImpossibleConfiguration(msgspec.Struct, frozen=True):
    """A combination that cannot be trained; ``reason`` is a sentence."""

    name: str
    reason: str


class Expansion(msgspec.Struct, frozen=True):
    """All that a sweep trains, and what it leaves out as it cannot be."""

    configurations: tuple[Configuration, ...]
    left_out: tuple[ImpossibleConfiguration, ...] = ()


def expanded(sweep: Sweep) -> Expansion:
    """The configurations of a sweep, the last axis changing fastest.

    Raises:
        InputError: none of them can be.
    """
    found: list[Configuration] = []
    left_out: list[ImpossibleConfiguration] = []
    for number, values in enumerate(itertools.product(*(axis.values for axis in sweep.axes)), start=1):
        labels = tuple(value.label for value in values)
        name = configuration_name(sweep, labels)
        settings = {field: setting for value in values for field, setting in value.settings.items()}
        try:
            spec, recipe = configured(sweep.design.spec, sweep.recipe, settings)
        except InputError as error:
            left_out.append(ImpossibleConfiguration(name, str(error)))
        else:
            found.append(Configuration(number, labels, name, spec, recipe))
    if not found:
        first, count = left_out[0], len(left_out)
        none = f"None of the {count} configurations can" if count > 1 else "The only configuration cannot"
        raise InputError(f"{none} be trained; {first.name}: {first.reason}")
    return Expansion(tuple(found), tuple(left_out))


def configuration_name(sweep: Sweep, labels: tuple[str, ...]) -> str:
    """A configuration in words: labels that say by themselves what they are stand alone."""
    words = (
        label if _speaks(label) else f"{axis.name.replace('_', ' ')} {label}"
        for axis, label in zip(sweep.axes, labels, strict=True)
    )
    return ", ".join(words) or sweep.design.name


def _speaks(label: str) -> bool:
    """Whether a label says what it is without its axis: a word does, a number or a letter does not."""
    return len(label) > 2 and label[0].isalpha() and label not in {"true", "false", "none", "null", "auto"}


def decode_sweep(text: str | bytes, source: str) -> Sweep:
    """Read a sweep from JSON; ``source`` names it in errors.

    Raises:
        InputError: this is not a sweep, or one that cannot be.
    """
    try:
        return msgspec.json.decode(text, type=Sweep)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        fault = f"it is not a sweep of this version: {decoding_fault(error, text, Sweep)}."
        said = str(cause) if isinstance(cause, InputError) else fault
        raise InputError(f"{source}: {said}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{source} is not a sweep file: {decoding_fault(error, text)}.") from error


def load_sweep(path: Path) -> Sweep:
    """Read a sweep file.

    Raises:
        InputError: it cannot be read or is not a sweep.
    """
    return decode_sweep(read_text(path, "sweep file"), path.name)


def encode_sweep(sweep: Sweep) -> bytes:
    """The content of a sweep file: indented JSON."""
    return msgspec.json.format(msgspec.json.encode(sweep), indent=2) + b"\n"

"""Which parts of a network learn when: the phases of a training, and the rates of its parts.

The parts of a network are its stem (0), its stages (1 to n) and its head (n + 1): the layers behind the pooling. Frozen
is always a number of parts from the stem on, for what lies below a part that learns needs its gradient anyway.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

import msgspec

NOTHING: Final = "nothing"
STEM: Final = "stem"
BACKBONE: Final = "backbone"
"""All but the head."""

LARGEST_RATE: Final = 1000.0
WRITTEN: Final = "EPOCHS:FROZEN[:RATES][:cached], such as 3:backbone,7:stage3:1/0.1,nothing:1/0.5/0.1"
_STAGE: Final = re.compile(r"stage([1-9]\d{0,2})")


class Phase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Epochs in which the same parts of a network learn.

    Attributes:
        epochs: how many; 0 for the last phase, which goes on to the end of the training.
        frozen: the last part that does not learn, everything below it with it: "nothing", "stem", "stage1" ... or
            "backbone", which is all but the head.
        rates: factors of the recipe's learning rate for the head, the last stage, the one before it and so on; the last
            of them holds for all parts below.
        cached: whether what the frozen part makes of each picture is computed once, of the picture as it is tested: it
            is not augmented in this phase. Only where something is frozen.
    """

    epochs: int = 0
    frozen: str = NOTHING
    rates: tuple[float, ...] = (1.0,)
    cached: bool = False


WHOLE: Final = Phase()
"""The only phase of a training that names none."""


def frozen_rank(frozen: str) -> float:
    """How much is frozen, for comparing where no design is known: parts from the stem on; infinity for the backbone.

    Raises:
        ValueError: this is no such word.
    """
    if frozen in {NOTHING, STEM}:
        return float(frozen == STEM)
    if frozen == BACKBONE:
        return math.inf
    found = _STAGE.fullmatch(frozen)
    if found is None:
        raise ValueError(frozen)
    return float(found[1]) + 1


def frozen_parts(frozen: str, stages: int) -> int:
    """How many parts of a network with so many stages are frozen, the stem being the first: 0 to ``stages`` + 1.

    Raises:
        ValueError: this is no such word, or a stage that the network does not have.
    """
    rank = frozen_rank(frozen)
    if math.isinf(rank):
        return stages + 1
    if rank > stages + 1:
        raise ValueError(frozen)
    return int(rank)


def frozen_word(parts: int, stages: int) -> str:
    """The word for so many frozen parts of a network with so many stages: what ``frozen_parts`` reads."""
    if parts > stages:
        return BACKBONE
    return (NOTHING, STEM)[parts] if parts < 2 else f"stage{parts - 1}"


def rate_if_learning(phase: Phase, part: int, stages: int) -> float:
    """The factor of the learning rate of a part in a phase in which it learns."""
    return phase.rates[min(stages + 1 - part, len(phase.rates) - 1)]


def rate_factor(phase: Phase, part: int, stages: int) -> float:
    """The factor of the learning rate of a part (0 stem, 1 to ``stages``, ``stages`` + 1 head); 0 where it is frozen.

    Raises:
        ValueError: the phase names a stage that the network does not have.
    """
    if part < frozen_parts(phase.frozen, stages):
        return 0.0
    return rate_if_learning(phase, part, stages)


def phases_problem(phases: tuple[Phase, ...], epochs: int) -> str:
    """What is wrong with the phases of a training of so many epochs, as what they must be; empty if nothing is."""
    if not phases:
        return ""
    for phase in phases:
        try:
            frozen_rank(phase.frozen)
        except ValueError:
            return f"of what is frozen nothing, stem, stage1, stage2 … or backbone, not '{phase.frozen}'"
        if not phase.rates or not all(0 < rate <= LARGEST_RATE for rate in phase.rates):
            return f"with rates (factors of the learning rate) above 0 and at most {LARGEST_RATE:g}"
        if phase.cached and phase.frozen == NOTHING:
            return "cached only where something is frozen"
    if any(phase.epochs < 1 for phase in phases[:-1]):
        return "of at least one epoch each, but for the last one, which goes on to the end (0)"
    if phases[-1].epochs:
        return "without a number of epochs for the last one: it goes on to the end (0)"
    if sum(phase.epochs for phase in phases) >= epochs:
        return f"shorter than the training: {epochs} epochs leave the last phase none"
    ranks = [frozen_rank(phase.frozen) for phase in phases]
    if ranks != sorted(ranks, reverse=True):
        return "such that a later phase freezes no more than the one before it"
    return ""


def fitted_phases(phases: tuple[Phase, ...], meant: int, epochs: int) -> tuple[Phase, ...]:
    """The phases of a training of ``meant`` epochs in one of so many; those that fit stay as they are.

    The others are shortened in proportion, to one epoch at least; where that is still too long the first are left out.
    """
    before = phases[:-1]
    if sum(phase.epochs for phase in before) >= epochs:
        before = tuple(
            msgspec.structs.replace(phase, epochs=max(1, phase.epochs * epochs // meant)) for phase in before
        )
    while before and sum(phase.epochs for phase in before) >= epochs:
        before = before[1:]
    return before + phases[-1:]


def first_epochs(phases: tuple[Phase, ...]) -> tuple[int, ...]:
    """The epoch (from 0) that each phase begins with."""
    return tuple(sum(phase.epochs for phase in phases[:number]) for number in range(len(phases)))


def onset_words(epochs: Sequence[int]) -> str:
    """``from epoch 4 on``, ``from epochs 4 and 11 on``: the epochs, counted from 1, that phases begin with."""
    numbers = [f"{epoch:,}" for epoch in epochs]
    before = ", ".join(numbers[:-1])
    return f"from epochs {before} and {numbers[-1]} on" if before else f"from epoch {numbers[-1]} on"


def phase_number(phases: tuple[Phase, ...], epoch: int) -> int:
    """The number of the phase that an epoch (from 0) lies in; 0 where none are named."""
    return max((number for number, first in enumerate(first_epochs(phases)) if first <= epoch), default=0)


def phase_at(phases: tuple[Phase, ...], epoch: int) -> Phase:
    """The phase that an epoch (from 0) lies in."""
    return phases[phase_number(phases, epoch)] if phases else WHOLE


def parse_phases(text: str) -> tuple[Phase, ...]:
    """Phases as they are written on the command line.

    Raises:
        ValueError: they are written otherwise.
    """
    return tuple(_parsed(part.strip()) for part in text.split(",") if part.strip())


def _parsed(text: str) -> Phase:
    words = text.split(":")
    epochs = int(words.pop(0)) if words[0].isdecimal() else 0
    if words and words[-1] == "cached":
        return msgspec.structs.replace(_rated(words[:-1], epochs), cached=True)
    return _rated(words, epochs)


def _rated(words: list[str], epochs: int) -> Phase:
    match words:
        case [frozen]:
            return Phase(epochs=epochs, frozen=frozen)
        case [frozen, rates]:
            return Phase(epochs=epochs, frozen=frozen, rates=tuple(float(rate) for rate in rates.split("/")))
    raise ValueError(":".join(words))


def phases_text(phases: tuple[Phase, ...]) -> str:
    """What ``parse_phases`` reads."""
    return ",".join(map(_text, phases))


def _text(phase: Phase) -> str:
    words = [str(phase.epochs)] if phase.epochs else []
    words.append(phase.frozen)
    if phase.rates != WHOLE.rates:
        words.append("/".join(f"{rate!r}" for rate in phase.rates))
    return ":".join([*words, "cached"] if phase.cached else words)

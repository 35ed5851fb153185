"""Phases as a person changes them, one after the other: what each edit makes of the rest, and phases in words."""

from __future__ import annotations

from typing import Final

import msgspec

from resnet_gui.analysis.costs import block_cost, layer_cost, stage_costs
from resnet_gui.design.structure import Plan
from resnet_gui.training.phases import (
    BACKBONE,
    NOTHING,
    WHOLE,
    Phase,
    frozen_parts,
    frozen_rank,
    frozen_word,
    rate_if_learning,
)

Phases = tuple[Phase, ...]

HEAD_EPOCHS: Final = 3
"""Epochs of a new phase in which the head learns alone."""


def rows_of(phases: Phases) -> Phases:
    """The phases one by one; a training that names none has one."""
    return phases or (WHOLE,)


def epochs_of(phases: Phases, epochs: int) -> tuple[int, ...]:
    """How many epochs each of ``rows_of`` has in a training of so many."""
    before = tuple(phase.epochs for phase in phases[:-1])
    return (*before, epochs - sum(before))


def parts_of(phase: Phase, stages: int) -> int:
    """How many parts are frozen in a network with so many stages, at most all but the head."""
    return min(stages + 1, int(min(frozen_rank(phase.frozen), stages + 1)))


def _tidied(rows: Phases) -> Phases:
    """One phase that does nothing of its own is none."""
    return () if rows == (WHOLE,) else rows


def _changed(rows: Phases, row: int, **changes: object) -> Phases:
    made = msgspec.structs.replace(rows[row], **changes)
    return _tidied((*rows[:row], made, *rows[row + 1 :]))


def with_frozen(phases: Phases, row: int, parts: int, stages: int) -> Phases:
    """The phases with so many parts frozen in one; no more than in the phase before, no less than in the next one.

    What was computed once still is, as long as anything is frozen.
    """
    rows = rows_of(phases)
    most = parts_of(rows[row - 1], stages) if row else stages + 1
    least = parts_of(rows[row + 1], stages) if row + 1 < len(rows) else 0
    parts = max(least, min(most, parts))
    word = frozen_word(parts, stages)
    return _changed(rows, row, frozen=word, cached=rows[row].cached and word != NOTHING)


def with_cached(phases: Phases, row: int, *, on: bool) -> Phases:
    """The phases with or without features that are computed once in one of them, where it freezes anything."""
    rows = rows_of(phases)
    return _changed(rows, row, cached=on and rows[row].frozen != NOTHING)


def with_rate(phases: Phases, row: int, part: int, factor: float, stages: int) -> Phases:
    """The phases with another factor of the learning rate for one part (0 stem, ``stages`` + 1 head) of one of them."""
    rows = rows_of(phases)
    rates = [rate_if_learning(rows[row], stages + 1 - place, stages) for place in range(stages + 2)]
    rates[stages + 1 - part] = factor
    while len(rates) > 1 and rates[-1] == rates[-2]:
        rates.pop()
    return _changed(rows, row, rates=tuple(rates))


def with_epochs(phases: Phases, total: int, row: int, epochs: int) -> tuple[Phases, int]:
    """The phases with so many epochs in one, and the epochs of the whole training then; the others keep theirs."""
    rows = rows_of(phases)
    total += epochs - epochs_of(rows, total)[row]
    return (phases if row == len(rows) - 1 else _changed(rows, row, epochs=epochs)), total


def with_phase(phases: Phases, total: int) -> tuple[Phases, int]:
    """The phases with one more, and the epochs of the whole training then.

    A last phase that freezes something is followed by one that freezes nothing and takes half of its epochs; before one
    that freezes nothing the head learns alone for some epochs, or what was frozen before stays frozen for as long.
    """
    rows = rows_of(phases)
    last = epochs_of(rows, total)[-1]
    if rows[-1].frozen != NOTHING:
        kept = (last + 1) // 2
        former = msgspec.structs.replace(rows[-1], epochs=kept)
        return (*rows[:-1], former, WHOLE), total + (kept == last)
    frozen = rows[-2].frozen if len(rows) > 1 else BACKBONE
    taken = min(HEAD_EPOCHS, last - 1)
    more = 0 if taken else HEAD_EPOCHS
    return (*rows[:-1], Phase(epochs=taken or HEAD_EPOCHS, frozen=frozen), rows[-1]), total + more


def without_phase(phases: Phases, total: int, row: int) -> tuple[Phases, int]:
    """The phases without one, and the epochs of the whole training without its own."""
    rows = rows_of(phases)
    counts = epochs_of(rows, total)
    if len(rows) == 1:
        return (), total
    left = [phase for number, phase in enumerate(rows) if number != row]
    left[-1] = msgspec.structs.replace(left[-1], epochs=0)
    return _tidied(tuple(left)), total - counts[row]


def is_probe(phases: Phases) -> bool:
    """Whether the first phase is a linear probe: the head learns on features that are computed once."""
    return bool(phases) and phases[0].cached and phases[0].frozen == BACKBONE


def with_probe(phases: Phases, total: int, *, on: bool) -> tuple[Phases, int]:
    """The phases with or without a linear probe before the others, which keep their epochs."""
    rows = rows_of(phases)
    if on == is_probe(phases):
        return phases, total
    if not on:
        return without_phase(phases, total, 0)
    return (Phase(epochs=HEAD_EPOCHS, frozen=BACKBONE, cached=True), *rows), total + HEAD_EPOCHS


# ---- words and figures


def title_of(phase: Phase) -> str:
    """A phase in a word or two."""
    if phase.frozen == NOTHING:
        return "All"
    return ("Probe" if phase.cached else "Head") if phase.frozen == BACKBONE else "Fine-tune"


def learning_words(phase: Phase, stages: int) -> str:
    """Which parts of a network with so many stages learn: ``head only``, ``stage 4 and head``, ``all parts``."""
    parts = parts_of(phase, stages)
    if parts > stages:
        return "head only"
    if parts == 0:
        return "all parts"
    first = max(parts, 1)
    return f"stage {stages} and head" if first == stages else f"stages {first}–{stages}, head"


def stage_problem(phases: Phases, stages: int) -> str:
    """A sentence if a phase freezes a stage that a network with so many stages does not have, else empty."""
    for phase in phases:
        try:
            frozen_parts(phase.frozen, stages)
        except ValueError:
            return f"A phase freezes {phase.frozen}; the design has {stages} stages. Move its handle."
    return ""


def part_parameters(plan: Plan) -> tuple[int, ...]:
    """Trainable values of stem, stages and head, which begins behind the pooling."""
    head = sum(layer_cost(layer).params for layer in plan.learning_head())
    stages = [cost.params for cost in stage_costs(plan)]
    stages[-1] += block_cost(plan.head).params - head
    return (block_cost(plan.stem).params, *stages, head)

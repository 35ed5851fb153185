"""What a training needs of a device's memory, and what would fit where it does not: computed, never guessed."""

from __future__ import annotations

from math import prod
from typing import Final

import msgspec

from resnet_gui.analysis.memory import Memory, kept_memory, training_memory
from resnet_gui.analysis.memory import Optimizer as Slots
from resnet_gui.analysis.memory import Precision as Format
from resnet_gui.design.structure import Plan
from resnet_gui.training.phases import Phase, frozen_rank
from resnet_gui.training.recipe import Recipe

RESERVE: Final = 0.9
"""Fraction of the free memory that a training may plan with: libraries' workspaces and fragmentation want the rest."""


MAPS: Final = 2**25
"""Numbers of the largest feature map of pictures whose features are computed together: 128 MB for the 32 of ResNet-18
at 224×224; measured on two cores, 1.5 times as fast as 16 pictures."""

MOST_TOGETHER: Final = 256


def feature_batch(plan: Plan) -> int:
    """Pictures whose features are computed together, whatever the batch of the training; a power of two."""
    largest = max(prod(layer.output) for _, layer in plan.layers())
    most = min(MOST_TOGETHER, max(1, MAPS // largest))
    return 1 << (most.bit_length() - 1)


class MemoryFix(msgspec.Struct, frozen=True):
    """A change that makes a training fit.

    Attributes:
        title: what would be done, as on a button.
        consequence: what that means.
        recipe: changed.
        needed: bytes.
        device: where; empty for the device that was asked for.
        short: for a button.
    """

    title: str
    consequence: str
    recipe: Recipe
    needed: int
    device: str = ""
    short: str = ""


def run_memory(plan: Plan, recipe: Recipe, precision: str, processes: int = 1) -> Memory:
    """What one process of a training needs at the moment when the backward pass begins, in the phase that needs most.

    Args:
        plan: of the design.
        recipe: with batch, parts and optimiser.
        precision: "fp32", "bf16" or "fp16"; "auto" counts as fp32.
        processes: that share a batch.
    """
    slots: Slots = "adamw" if recipe.optimizer == "adamw" else "momentum" if recipe.momentum else "sgd"
    kind: Format = precision if precision in {"bf16", "fp16"} else "fp32"  # type: ignore[assignment]
    part = max(1, -(-recipe.batch_size // (recipe.accumulate * processes)))
    whole = training_memory(plan, part, kind, slots, recompute=recipe.recompute)
    everything = whole.gradients  # as many bytes as the parameters
    found: list[Memory] = []
    for frozen, cached in sorted({(_frozen(phase, plan), phase.cached) for phase in recipe.phases} or {(0, False)}):
        batch = feature_batch(plan) if cached else part
        memory = training_memory(plan, batch, kind, slots, recompute=recipe.recompute, frozen=frozen)
        if cached:  # the features are computed first, and then learnt from in larger batches
            kept = kept_memory(plan, part, kind, recompute=recipe.recompute, frozen=frozen)
            memory = msgspec.structs.replace(memory, activations=max(memory.activations, kept))
        # Frozen parts whose norms keep their statistics compute by a copy with the norms inside the convolutions.
        copied = everything - memory.gradients if recipe.frozen_norms == "keep" else 0
        more = copied + (everything if recipe.ema else 0)
        found.append(msgspec.structs.replace(memory, weights=memory.weights + more))
    return max(found, key=lambda memory: memory.total)


def _frozen(phase: Phase, plan: Plan) -> int:
    """How many parts a phase freezes; all but the head for a stage that is not there, which is refused elsewhere."""
    return int(min(frozen_rank(phase.frozen), len(plan.stages) + 1))


def fits(memory: Memory, capacity: int) -> bool:
    """Whether a training fits into so many free bytes."""
    return memory.total <= RESERVE * capacity


def memory_fixes(plan: Plan, recipe: Recipe, precision: str, capacity: int, *, ram: int = 0) -> tuple[MemoryFix, ...]:
    """What makes a training fit into so many bytes, the mildest first; empty where nothing does.

    Args:
        plan: of the design.
        recipe: that does not fit.
        precision: that it would run in.
        capacity: bytes that are free on the device.
        ram: bytes of main memory, if the device was a GPU and the CPU is a way out; 0 if not.
    """
    found: list[MemoryFix] = []
    parts = _in_parts(plan, recipe, precision, capacity)
    if parts is not None:
        found.append(parts)
    again = msgspec.structs.replace(recipe, recompute=True)
    if not recipe.recompute and fits(run_memory(plan, again, precision), capacity):
        text = f"Keeps batch {recipe.batch_size}; every block is computed twice, about a third slower"
        needed = run_memory(plan, again, precision).total
        title = "Recompute activations in the backward pass"
        found.append(MemoryFix(title, text, again, needed, short="recomputation"))
    if precision == "fp32":
        half = msgspec.structs.replace(recipe, precision="bf16")
        if fits(run_memory(plan, half, "bf16"), capacity):
            needed = run_memory(plan, half, "bf16").total
            text = "Half the memory for feature maps, rounded to 8 significant bits"
            found.append(MemoryFix("bf16 instead of fp32", text, half, needed, short="bf16"))
    if not found:
        found.extend(_both(plan, recipe, precision, capacity))
    if ram and fits(run_memory(plan, recipe, "fp32"), ram):
        needed = run_memory(plan, recipe, "fp32").total
        found.append(MemoryFix("CPU instead of the GPU", "Much slower", recipe, needed, "cpu", "the CPU"))
    return tuple(found)


def _in_parts(plan: Plan, recipe: Recipe, precision: str, capacity: int) -> MemoryFix | None:
    parts = 2 * recipe.accumulate
    while recipe.batch_size >= 2 * parts:
        smaller = msgspec.structs.replace(recipe, accumulate=parts)
        memory = run_memory(plan, smaller, precision)
        if fits(memory, capacity):
            size = -(-recipe.batch_size // parts)
            words = {2: "two", 4: "four", 8: "eight"}.get(parts, f"{parts:,}")
            text = f"Effective batch stays {recipe.batch_size}, batch norm sees {size}. A little slower"
            return MemoryFix(
                f"Batch {size}, {words} steps accumulated", text, smaller, memory.total, short=f"batch {size}"
            )
        parts *= 2
    return None


def _both(plan: Plan, recipe: Recipe, precision: str, capacity: int) -> list[MemoryFix]:
    """Parts and recomputation together, where neither is enough."""
    again = msgspec.structs.replace(recipe, recompute=True)
    both = _in_parts(plan, again, precision, capacity) if not recipe.recompute else None
    if both is None:
        return []
    return [
        msgspec.structs.replace(
            both, title=f"{both.title}, and recomputation", consequence=f"{both.consequence}: every block twice"
        )
    ]

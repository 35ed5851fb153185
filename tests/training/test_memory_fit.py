"""What is offered where a training does not fit: each offer fits by its own figures and learns from the same batch."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.analysis.memory import Memory, kept_memory, training_memory
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.training.memory_fit import RESERVE, MemoryFix, feature_batch, fits, memory_fixes, run_memory
from resnet_gui.training.phases import Phase
from resnet_gui.training.recipe import Recipe
from tests.conftest import examples

PLANS = {name: plan(PRESETS[name].spec) for name in ("resnet50", "resnet18", "digits-resnet", "preact_resnet164")}


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Recipe, str, int, int]:
    """A design, a recipe, a precision, and room on the device that is less than it needs; and main memory."""
    name = draw(st.sampled_from(sorted(PLANS)))
    batch = draw(st.integers(2, 2048))
    recipe = Recipe(
        batch_size=batch,
        accumulate=draw(st.integers(1, max(1, batch // 2))),
        optimizer=draw(st.sampled_from(["sgd", "adamw"])),
        ema=draw(st.sampled_from([0.0, 0.999])),
        recompute=draw(st.booleans()),
    )
    precision = draw(st.sampled_from(["fp32", "bf16", "fp16"]))
    needed = run_memory(PLANS[name], recipe, precision).total
    capacity = int(needed / RESERVE * draw(st.floats(0, 0.999)))
    return name, recipe, precision, capacity, draw(st.sampled_from([0, needed, 10**15]))


def runs_in(fix: MemoryFix, precision: str) -> str:
    return "bf16" if fix.recipe.precision == "bf16" else precision


@given(cases())
@examples(50)
def test_every_offer_fits_by_its_own_figures_and_keeps_the_batch(case: tuple[str, Recipe, str, int, int]) -> None:
    name, recipe, precision, capacity, ram = case
    for fix in memory_fixes(PLANS[name], recipe, precision, capacity, ram=ram):
        on_cpu = fix.device == "cpu"
        room = ram if on_cpu else capacity
        memory = run_memory(PLANS[name], fix.recipe, "fp32" if on_cpu else runs_in(fix, precision))
        assert memory.total == fix.needed
        assert fits(memory, room)
        assert fix.needed <= RESERVE * room
        changed = {field for field in Recipe.__struct_fields__ if vary(fix.recipe, recipe, field)}
        assert changed <= {"accumulate", "recompute", "precision"}
        assert fix.recipe.batch_size == recipe.batch_size
        assert changed or on_cpu
        assert fix.title
        assert fix.short
        assert fix.consequence


def vary(one: Recipe, other: Recipe, field: str) -> bool:
    return bool(getattr(one, field) != getattr(other, field))


@given(cases())
def test_accumulated_parts_are_as_large_as_they_are_called(case: tuple[str, Recipe, str, int, int]) -> None:
    name, recipe, precision, capacity, _ = case
    for fix in memory_fixes(PLANS[name], recipe, precision, capacity):
        parts = fix.recipe.accumulate
        if parts == recipe.accumulate:
            continue
        largest = -(-recipe.batch_size // parts)
        assert fix.title.startswith(f"Batch {largest},")
        assert f"stays {recipe.batch_size}, batch norm sees {largest}" in fix.consequence
        # The mildest: half as many parts do not fit.
        milder = msgspec.structs.replace(fix.recipe, accumulate=parts // 2)
        assert not fits(run_memory(PLANS[name], milder, precision), capacity)


@given(st.sampled_from(sorted(PLANS)), st.integers(0, 1000), st.sampled_from(["fp32", "bf16", "fp16"]))
@examples(10)
def test_nothing_is_offered_where_nothing_fits(name: str, capacity: int, precision: str) -> None:
    assert memory_fixes(PLANS[name], Recipe(batch_size=256), precision, capacity) == ()
    assert memory_fixes(PLANS[name], Recipe(batch_size=256), precision, capacity, ram=capacity) == ()


def test_what_is_done_already_is_not_offered_again() -> None:
    recipe = Recipe(batch_size=64, accumulate=32, recompute=True)
    needed = run_memory(PLANS["resnet50"], recipe, "bf16").total
    assert memory_fixes(PLANS["resnet50"], recipe, "bf16", needed) == ()


def test_a_training_that_is_a_little_too_large_is_offered_all_ways_the_mildest_first() -> None:
    recipe = Recipe(batch_size=256)
    needed = run_memory(PLANS["resnet50"], recipe, "fp32").total
    found = memory_fixes(PLANS["resnet50"], recipe, "fp32", needed, ram=10**13)
    assert [fix.short for fix in found] == ["batch 128", "recomputation", "bf16", "the CPU"]
    assert found[0].title == "Batch 128, two steps accumulated"
    assert found[-1].device == "cpu"


def test_memory_falls_with_parts_processes_recomputation_and_half_precision_and_grows_with_an_average() -> None:
    planned = plan(evolve(PRESETS["resnet50"].spec, classes=10))
    plain = run_memory(planned, Recipe(batch_size=64), "fp32").total
    parts = run_memory(planned, Recipe(batch_size=64, accumulate=4), "fp32").total
    assert parts == run_memory(planned, Recipe(batch_size=64), "fp32", processes=4).total < plain
    assert run_memory(planned, Recipe(batch_size=64, recompute=True), "fp32").total < plain
    assert run_memory(planned, Recipe(batch_size=64), "bf16").total < plain
    assert run_memory(planned, Recipe(batch_size=64, ema=0.9), "fp32").total > plain
    assert run_memory(planned, Recipe(batch_size=64), "auto").total == plain


def test_a_training_in_phases_needs_what_the_phase_needs_that_needs_most() -> None:
    planned = PLANS["resnet50"]
    head, last, whole = Phase(epochs=2, frozen="backbone"), Phase(frozen="stage3"), Phase()

    def needed(*phases: Phase, **changes: object) -> Memory:
        recipe = msgspec.structs.replace(Recipe(batch_size=64, phases=phases), **changes)
        return run_memory(planned, recipe, "fp32")

    assert needed(head, whole) == needed(whole) == needed()
    assert needed(head, last) == needed(last)
    assert needed(head, last).total < needed().total / 2
    parameters = needed().gradients
    copied = parameters - needed(last).gradients
    assert needed(last).weights == needed().weights + copied
    assert needed(last, frozen_norms="measure").weights == needed().weights
    assert needed(last, ema=0.9).weights == needed(last).weights + parameters


def test_a_cached_phase_needs_no_more_for_a_larger_batch() -> None:
    planned = PLANS["resnet18"]

    def needed(batch: int, *, cached: bool) -> int:
        phases = (Phase(frozen="backbone", cached=cached),)
        return run_memory(planned, Recipe(batch_size=batch, phases=phases), "fp32").total

    assert needed(16, cached=True) == needed(2048, cached=True) == needed(feature_batch(planned), cached=False)
    assert needed(2048, cached=False) > needed(2048, cached=True)


def test_features_are_computed_in_batches_that_depend_on_the_design_alone() -> None:
    assert feature_batch(PLANS["resnet18"]) == 32
    assert feature_batch(plan(PRESETS["resnet20"].spec)) == 256
    assert feature_batch(plan(evolve(PRESETS["resnet18"].spec, input=(3, 4096, 4096)))) == 1


def test_a_cached_phase_needs_what_its_features_need_or_what_learns_from_them() -> None:
    planned = PLANS["resnet18"]

    def needed(frozen: str, batch: int) -> Memory:
        return run_memory(planned, Recipe(batch_size=batch, phases=(Phase(frozen=frozen, cached=True),)), "fp32")

    small, large = needed("stage3", 2), needed("stage3", 2048)
    assert large.activations == kept_memory(planned, 2048, frozen=4) > small.activations
    assert small.activations == training_memory(planned, feature_batch(planned), frozen=4).activations

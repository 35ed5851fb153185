"""The recipe: what it refuses, and the learning rate that it gives."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.errors import RecipeError
from resnet_gui.training.recipe import Recipe, lr_at, total_steps

BAD: dict[str, list[object]] = {
    "data": ["", "   ", None, 3, b"digits"],
    "epochs": [0, -1, 100_001, 1.5, True, "3", None],
    "batch_size": [0, 1, 65_537, 64.0, True, "64", None],
    "lr": [0, 0.0, -0.1, 100.1, math.nan, math.inf, True, "0.1", None, [0.1]],
    "momentum": [-0.1, 1, 0.99999, math.nan, False, None],
    "weight_decay": [-1e-9, 1.01, math.nan, math.inf, True, "0", None],
    "schedule": ["linear", "", None, 0],
    "augment": ["flip", "", None, True],
    "seed": [-1, 2**31, 1.0, True, "1", None],
    "precision": ["fp8", "", None, 32],
    "steps": [-1, 10**9 + 1, 1.0, True, None],
    "accumulate": [0, 33, 40_000, 1.5, True, None],
    "optimizer": ["adam", "", None],
    "step_at": [(0.0,), (1.0,), (0.5, 0.5), (0.75, 0.5), ("a",), 0.5, [0.5], None],
    "warmup": [-1, 10**7 + 1, 0.5, True],
    "warmup_shape": ["cosine", None],
    "label_smoothing": [-0.1, 0.91, math.nan, True],
    "ema": [-0.1, 1.0, math.nan, True],
    "clip": [-1.0, math.inf, math.nan, True],
    "colour": [-0.1, 0.91, math.nan],
    "cutout": [-0.1, 0.91, math.nan],
    "mixup": [-0.1, 10.1, math.nan],
    "cutmix": [-0.1, 10.1, math.nan],
    "layout": ["nhwc", "", None],
}


@pytest.mark.parametrize("field", BAD)
def test_a_wrong_value_is_refused_in_its_field(field: str) -> None:
    for value in BAD[field]:
        values: dict[str, Any] = {field: value}
        with pytest.raises(RecipeError, match=f"^{field} is ") as caught:
            Recipe(**values)
        assert caught.value.field == field, value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 1), ("epochs", 100_000), ("batch_size", 2), ("batch_size", 65_536), ("lr", 1e-9), ("lr", 100),
        ("momentum", 0), ("momentum", 0.9999), ("weight_decay", 0), ("weight_decay", 1), ("seed", 0),
        ("seed", 2**31 - 1),
    ],
)  # fmt: skip
def test_the_ends_of_a_range_are_accepted(field: str, value: float) -> None:
    values: dict[str, Any] = {field: value}
    assert getattr(Recipe(**values), field) == value


def test_a_recipe_comes_back_from_json_and_one_with_an_unknown_field_does_not() -> None:
    recipe = Recipe(data="/some/folder", epochs=3, lr=0.25, schedule="step", seed=7)
    text = msgspec.json.encode(recipe)
    assert msgspec.json.decode(text, type=Recipe) == recipe
    with pytest.raises(msgspec.ValidationError, match="warm_up"):
        msgspec.json.decode(text.replace(b'"epochs"', b'"warm_up":1,"epochs"'), type=Recipe)


def test_a_constant_rate_stays() -> None:
    recipe = Recipe(lr=0.2, schedule="constant")
    assert [lr_at(recipe, done, 1000) for done in (0, 500, 999, 1000)] == [0.2] * 4


def test_a_rate_in_steps_falls_to_a_tenth_at_a_half_and_to_a_hundredth_at_three_quarters() -> None:
    recipe = Recipe(lr=0.2, schedule="step")
    found = [lr_at(recipe, done, 10_000) for done in (0, 4999, 5000, 7499, 7500, 10_000)]
    assert found == pytest.approx([0.2, 0.2, 0.02, 0.02, 0.002, 0.002], rel=1e-15)


def test_a_cosine_rate_is_half_at_a_half_and_nothing_at_the_end() -> None:
    recipe = Recipe(lr=0.2, schedule="cosine")
    found = [lr_at(recipe, done, 6) for done in (0, 2, 3, 4, 6)]
    assert found == pytest.approx([0.2, 0.15, 0.1, 0.05, 0], abs=1e-15)


@given(
    schedule=st.sampled_from(["constant", "step", "cosine"]),
    lr=st.floats(1e-6, 100),
    first=st.integers(0, 1000),
    second=st.integers(0, 1000),
)
def test_no_schedule_rises_goes_below_zero_or_above_its_start(
    schedule: str, lr: float, first: int, second: int
) -> None:
    recipe = Recipe(lr=lr, schedule=schedule)  # type: ignore[arg-type]
    early, late = lr_at(recipe, min(first, second), 1000), lr_at(recipe, max(first, second), 1000)
    assert 0 <= late <= early <= lr


def test_a_linear_warm_up_rises_to_the_rate_and_a_constant_one_is_a_tenth() -> None:
    linear = Recipe(lr=0.2, schedule="constant", warmup=4)
    assert [lr_at(linear, step, 100) for step in range(6)] == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.2, 0.2])
    constant = Recipe(lr=0.2, schedule="constant", warmup=2, warmup_shape="constant")
    assert [lr_at(constant, step, 100) for step in range(4)] == pytest.approx([0.02, 0.02, 0.2, 0.2])


def test_one_cycle_is_that_of_torch() -> None:
    import torch

    parameter = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([parameter], lr=0.1)
    total = 50
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 0.3, total_steps=total + 1, pct_start=0.3, cycle_momentum=False
    )
    recipe = Recipe(lr=0.3, schedule="one-cycle")
    for step in range(total):
        # torch counts its rise to one step before 30 %; both are the same curve, a step apart at most.
        assert lr_at(recipe, step, total) == pytest.approx(cycle.get_last_lr()[0], abs=0.3 * 0.12)
        optimiser.step()
        cycle.step()
    assert lr_at(recipe, 0, total) == pytest.approx(0.3 / 25)
    assert lr_at(recipe, total, total) == pytest.approx(0.3 / 250_000)


def test_settings_that_exclude_each_other_are_refused_in_their_field() -> None:
    for field, values in (
        ("accumulate", {"batch_size": 8, "accumulate": 5}),
        ("nesterov", {"nesterov": True, "momentum": 0.0}),
        ("warmup", {"warmup": 5, "schedule": "one-cycle"}),
    ):
        with pytest.raises(RecipeError, match=f"^{field} is ") as caught:
            Recipe(**values)
        assert caught.value.field == field


def test_steps_end_a_training_within_an_epoch_and_never_prolong_it() -> None:
    assert total_steps(Recipe(epochs=164, steps=64_000), 391) == 64_000
    assert total_steps(Recipe(epochs=2, steps=64_000), 391) == 782
    assert total_steps(Recipe(epochs=3), 10) == 30

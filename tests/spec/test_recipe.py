"""The recipe: what it refuses, and the learning rate that it gives."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.spec.errors import RecipeError
from resnet_gui.spec.recipe import Recipe, lr_at

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
    "precision": ["fp16", "", None, 32],
}
CASES = [(field, value) for field, values in BAD.items() for value in values]


@pytest.mark.parametrize(("field", "value"), CASES, ids=repr)
def test_a_wrong_value_is_refused_in_its_field(field: str, value: object) -> None:
    values: dict[str, Any] = {field: value}
    with pytest.raises(RecipeError, match=f"^{field} is ") as caught:
        Recipe(**values)
    assert caught.value.field == field


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
    with pytest.raises(msgspec.ValidationError, match="warmup"):
        msgspec.json.decode(text.replace(b'"epochs"', b'"warmup":1,"epochs"'), type=Recipe)


def test_a_constant_rate_stays() -> None:
    recipe = Recipe(lr=0.2, schedule="constant")
    assert [lr_at(recipe, done) for done in (0, 0.5, 0.999, 1)] == [0.2] * 4


def test_a_rate_in_steps_falls_to_a_tenth_at_a_half_and_to_a_hundredth_at_three_quarters() -> None:
    recipe = Recipe(lr=0.2, schedule="step")
    found = [lr_at(recipe, done) for done in (0, 0.4999, 0.5, 0.7499, 0.75, 1)]
    assert found == pytest.approx([0.2, 0.2, 0.02, 0.02, 0.002, 0.002], rel=1e-15)


def test_a_cosine_rate_is_half_at_a_half_and_nothing_at_the_end() -> None:
    recipe = Recipe(lr=0.2, schedule="cosine")
    found = [lr_at(recipe, done) for done in (0, 1 / 3, 0.5, 2 / 3, 1)]
    assert found == pytest.approx([0.2, 0.15, 0.1, 0.05, 0], abs=1e-15)


@given(
    schedule=st.sampled_from(["constant", "step", "cosine"]),
    lr=st.floats(1e-6, 100),
    first=st.floats(0, 1),
    second=st.floats(0, 1),
)
def test_no_schedule_rises_goes_below_zero_or_above_its_start(
    schedule: str, lr: float, first: float, second: float
) -> None:
    recipe = Recipe(lr=lr, schedule=schedule)  # type: ignore[arg-type]
    early, late = lr_at(recipe, min(first, second)), lr_at(recipe, max(first, second))
    assert 0 <= late <= early <= lr

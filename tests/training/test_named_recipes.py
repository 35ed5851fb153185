"""The named recipes: what their papers say, and what they leave to the user."""

from __future__ import annotations

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.training.named_recipes import OWN, RECIPES, find_recipe, recipe_of, with_recipe
from resnet_gui.training.recipe import Recipe, lr_at, total_steps


def test_the_papers_cifar_recipe_is_64k_steps_of_128_with_the_rate_divided_at_32k_and_48k() -> None:
    recipe = RECIPES["paper-cifar"].recipe
    total = total_steps(recipe, -(-50_000 // 128))
    assert (total, recipe.batch_size, recipe.momentum, recipe.weight_decay) == (64_000, 128, 0.9, 1e-4)
    rates = [lr_at(recipe, step, total) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)]
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])
    assert (recipe.augment, recipe.optimizer, recipe.decay_norm) == ("shift-flip", "sgd", True)


def test_the_recipe_of_110_layers_begins_with_400_steps_at_a_tenth() -> None:
    recipe = RECIPES["paper-cifar-110"].recipe
    assert [lr_at(recipe, step, 64_000) for step in (0, 399, 400)] == pytest.approx([0.01, 0.01, 0.1])
    assert msgspec.structs.replace(recipe, warmup=0, warmup_shape="linear") == RECIPES["paper-cifar"].recipe


def test_the_imagenet_recipe_divides_after_30_and_60_of_90_epochs() -> None:
    recipe = RECIPES["imagenet"].recipe
    per_epoch = 5_004
    total = total_steps(recipe, per_epoch)
    assert total == 90 * per_epoch
    rates = [lr_at(recipe, epoch * per_epoch, total) for epoch in (29, 30, 59, 60, 89)]
    assert rates == pytest.approx([0.1, 0.01, 0.01, 0.001, 0.001])


@pytest.mark.parametrize("name", RECIPES)
def test_a_named_recipe_keeps_what_is_the_users_and_is_known_again(name: str) -> None:
    mine = Recipe(data="/pictures", seed=9, precision="bf16", layout="contiguous", recompute=True, accumulate=2)
    made = with_recipe(mine, RECIPES[name])
    assert {field: getattr(made, field) for field in OWN} == {field: getattr(mine, field) for field in OWN}
    assert recipe_of(made) is RECIPES[name]
    assert recipe_of(msgspec.structs.replace(made, lr=made.lr / 3)) is None


def test_parts_that_a_named_recipes_batch_cannot_have_become_one() -> None:
    mine = Recipe(batch_size=60_000, accumulate=20_000)
    assert with_recipe(mine, RECIPES["quick"]).accumulate == 1


def test_a_name_that_nearly_is_one_is_suggested() -> None:
    with pytest.raises(InputError, match=r"no recipe 'paper-cifr'; did you mean 'paper-cifar'\?"):
        find_recipe("paper-cifr")

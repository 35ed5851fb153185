"""Learning rates that fit an optimiser."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.cli.train_options import rate_words, read_recipe
from resnet_gui.training.launch import train_words
from resnet_gui.training.named_recipes import RECIPES
from resnet_gui.training.rates import USUAL_RATES, RateMemory, rate_warning
from resnet_gui.training.recipe import Optimizer, Recipe
from tests.cli.test_train_options import BASE, options, recipe_of, settings


def test_every_optimiser_has_usual_rates() -> None:
    assert set(USUAL_RATES) == set(get_args(Optimizer))
    assert USUAL_RATES["sgd"].usual == Recipe().lr
    assert all(not rate_warning(named.recipe) for named in RECIPES.values())


def test_an_optimiser_gets_its_usual_rate_where_nobody_says_one() -> None:
    assert settings("optimizer=adamw").lr == 0.001
    assert settings("optimizer=sgd").lr == 0.1
    assert recipe_of("--recipe", "imagenet", "--set", "optimizer=adamw").lr == 0.001
    assert recipe_of("--set", "optimizer=adamw", "--lr", "0.1").lr == 0.1
    assert settings("optimizer=adamw", "lr=0.003").lr == 0.003


def test_a_recipe_file_that_says_no_rate_gets_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"optimizer": "adamw"}')
    (tmp_path / "b.json").write_text('{"optimizer": "adamw", "lr": 0.1}')
    assert read_recipe(tmp_path / "a.json").lr == 0.001
    assert read_recipe(tmp_path / "b.json").lr == 0.1


@pytest.mark.parametrize(
    ("recipe", "word"),
    [
        (Recipe(optimizer="adamw", lr=0.1), "high"),
        (Recipe(optimizer="adamw", lr=1e-7), "low"),
        (Recipe(lr=5.0), "high"),
        (Recipe(lr=1e-5), "low"),
        (Recipe(lr=5.0, batch_size=8192), ""),
        (Recipe(optimizer="adamw", lr=0.01), ""),
    ],
)
def test_a_rate_that_is_far_off_is_said(recipe: Recipe, word: str) -> None:
    said = rate_warning(recipe)
    assert (f"very {word}" in said and "learning rate" in said) if word else said == ""
    assert rate_words(recipe)[:1] == ((said,) if word else rate_words(recipe)[:1])


def test_the_rate_of_another_optimiser_is_said_before_a_training_and_that_of_sgd_is_not() -> None:
    assert rate_words(Recipe()) == ()
    assert rate_words(settings("optimizer=adamw")) == (
        "AdamW learns with a learning rate of 0.001 (--lr sets another).",
    )


@pytest.mark.parametrize("lr", [0.1, 0.001, 0.02])
@pytest.mark.parametrize("optimizer", get_args(Optimizer))
def test_a_line_for_other_machines_names_every_rate_that_is_not_the_usual_one(optimizer: Optimizer, lr: float) -> None:
    recipe = Recipe(optimizer=optimizer, lr=lr, data="digits")
    words = train_words("digits-resnet", recipe, "run")
    assert ("--lr" in words) is (lr != USUAL_RATES[optimizer].usual)
    assert recipe_of(*words[4:]) == recipe


def test_a_form_gives_each_optimiser_its_rate_and_the_first_its_own_back() -> None:
    memory = RateMemory(Recipe(lr=0.2))
    assert memory.rate_for(Recipe(lr=0.2, optimizer="adamw")) == 0.001
    assert memory.rate_for(Recipe(lr=0.001)) == 0.2


def test_a_form_leaves_a_rate_that_the_user_has_set_and_that_fits() -> None:
    memory = RateMemory(Recipe())
    assert memory.rate_for(Recipe(lr=0.003, optimizer="adamw")) == 0.003
    assert memory.rate_for(Recipe(lr=0.003)) == 0.003
    assert RateMemory(Recipe()).rate_for(Recipe(lr=0.05, optimizer="adamw")) == 0.001


def test_train_takes_another_input_and_refuses_one_that_the_design_cannot_have() -> None:
    from resnet_gui.cli.train_options import resume_job, train_job

    job = train_job(options(*BASE, "--input", "3x64x48"))
    assert job.spec.input == (3, 64, 48)
    assert train_job(options(*BASE)).spec.input == (1, 8, 8)
    with pytest.raises(InputError, match=r"^--input: "):
        train_job(options(*BASE, "--input", "3x0x48"))
    with pytest.raises(InputError, match=r"leave out --input"):
        resume_job(options("train", "--resume", "run", "--input", "3x64x64"))
    assert msgspec.json.decode(msgspec.json.encode(job), type=type(job)) == job

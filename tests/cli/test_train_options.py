"""The words of the command line become a training, or one sentence that names the option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.errors import InputError
from resnet_gui.cli.main import build_parser, main
from resnet_gui.cli.train_options import phase_words, read_recipe, resume_job, shortened_words, train_job
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import find_preset
from resnet_gui.design.spec import evolve
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.training.named_recipes import RECIPES, find_recipe
from resnet_gui.training.phases import Phase
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from tests.runs.test_runs import make_run

BASE = ["train", "digits-resnet", "--data", "digits"]


def options(*words: str) -> dict[str, Any]:
    return vars(build_parser().parse_args(list(words)))


def recipe_of(*words: str) -> Recipe:
    return train_job(options(*BASE, *words)).recipe


def settings(*pairs: str) -> Recipe:
    return recipe_of(*(word for pair in pairs for word in ("--set", pair)))


def test_without_options_a_training_is_the_standard_one_in_a_folder_of_its_own(home: Path) -> None:
    job = train_job(options(*BASE))
    design = find_preset("digits-resnet").design
    assert job == Train(0, job.run, design.name, design.spec, Recipe(), "auto")
    assert Path(job.run).parent == home / "runs"
    assert not Path(job.run).exists()


def test_every_field_can_be_set_by_name_with_a_dash_or_an_underscore() -> None:
    found = settings(
        "nesterov=true", "step-at=0.2,0.6", "label_smoothing=0.1", "ema=0.99", "augment=shift-flip", "warmup=7",
        "decay-norm=false", "accumulate=2", "warmup-shape=constant", "batch-size=32", " lr =0.5",
    )  # fmt: skip
    assert found == Recipe(
        nesterov=True, step_at=(0.2, 0.6), label_smoothing=0.1, ema=0.99, augment="shift-flip", warmup=7,
        decay_norm=False, accumulate=2, warmup_shape="constant", batch_size=32, lr=0.5,
    )  # fmt: skip


def test_an_option_outdoes_a_recipe_and_a_setting_outdoes_an_option() -> None:
    found = recipe_of("--recipe", "paper-cifar", "--lr", "0.3", "--epochs", "5", "--set", "lr=0.4")
    assert found == msgspec.structs.replace(RECIPES["paper-cifar"].recipe, lr=0.4, epochs=5)


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("lr", r"^--set lr: write field=value with one of the fields accumulate, "),
        ("", r"^--set : write field=value"),
        ("learning_rate=1", r"^--set learning_rate=1: write field=value"),
        ("epochs=three", r"^--set epochs=three: epochs must be a whole number"),
        ("epochs=1.5", r"^--set epochs=1\.5: epochs must be a whole number"),
        ("nesterov=perhaps", r"^--set nesterov=perhaps: nesterov must be true or false"),
        ("augment=blur", r"^--set augment=blur: augment must be one of none, shift, "),
        ("step_at=0.5;0.6", r"^--set step_at=0\.5;0\.6: step_at must be numbers"),
        ("ema=2", r"^--set ema: ema is 2\.0; it must be a number from 0 to 0\.99999\.$"),
        ("ema=nan", r"^--set ema: ema is nan; it must be"),
        ("clip=-1", r"^--set clip: clip is -1\.0; it must be"),
        ("step_at=0.7,0.5", r"^--set step_at: step_at is \(0\.7, 0\.5\); it must be rising fractions"),
        ("accumulate=64", r"^--set accumulate: accumulate is 64; it must be at most 32 for a batch of 64"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(pair: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        settings(pair)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_wrong_option_is_named_as_it_was_given() -> None:
    with pytest.raises(InputError, match=r"^--batch-size: batch_size is 1; it must be"):
        recipe_of("--batch-size", "1")
    with pytest.raises(InputError, match=r"^--set batch_size: batch_size is 1; it must be"):
        settings("batch_size=1")


@given(st.text(), st.sampled_from([field.name for field in msgspec.structs.fields(Recipe)]))
def test_whatever_is_set_gives_a_recipe_or_a_sentence(text: str, field: str) -> None:
    values, said = options(*BASE) | {"set": [f"{field}={text}"]}, "--"
    try:
        train_job(values)
    except InputError as error:
        said = str(error)
    assert said.startswith("--")


def test_a_recipe_is_taken_by_its_name_from_a_file_or_from_a_run(tmp_path: Path) -> None:
    own = Recipe(lr=0.123, epochs=7)
    (tmp_path / "mine.json").write_bytes(msgspec.json.encode(own))
    assert recipe_of("--recipe", str(tmp_path / "mine.json")) == own
    run = make_run(tmp_path / "run")
    assert recipe_of("--recipe", str(run)) == Recipe(epochs=3)
    assert recipe_of("--recipe", "quick") == RECIPES["quick"].recipe
    with pytest.raises(InputError, match=r"There is no recipe 'quik'; did you mean 'quick'\?"):
        recipe_of("--recipe", "quik")
    with pytest.raises(InputError, match=r"There is no recipe .*none\.json\."):
        read_recipe(tmp_path / "none.json")


@pytest.mark.parametrize("content", ["", "[]", "3", "null", '{"lr": "x"}', '{"recipe": 3}', '{"lr": 0}', '{"more": 1}'])
def test_a_file_that_holds_no_recipe_is_refused_by_its_path(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.json holds no recipe that can be used: ") as refused:
        read_recipe(path)
    assert "\n" not in str(refused.value)


def test_a_run_goes_on_with_its_own_recipe_and_nothing_else() -> None:
    assert resume_job(options("train", "--resume", "run")) == Resume(0, "run", None)
    assert resume_job(options("train", "--resume", "run", "--device", "cpu")) == Resume(0, "run", "cpu")
    assert resume_job(options("train", "--resume", "run", "--data", "digits")) == Resume(0, "run", None, "digits")
    for more in (["--lr", "1"], ["--set", "ema=0.9"], ["--recipe", "quick"], ["--run", "x"], ["--epochs", "3"]):
        with pytest.raises(InputError, match="--resume goes on with the run's own design and recipe; leave out"):
            resume_job(options("train", "--resume", "run", *more))


def test_a_training_without_a_design_or_data_says_what_is_missing() -> None:
    for words in (["train"], ["train", "digits-resnet"], ["train", "--data", "digits"]):
        with pytest.raises(InputError, match="'train' needs a DESIGN or --init MODEL, and --data; or --resume FOLDER"):
            train_job(options(*words))


# ---- what learns


def test_what_is_frozen_becomes_a_phase_and_a_head_that_learns_first_another_before_it() -> None:
    assert recipe_of("--freeze", "stage2").phases == (Phase(frozen="stage2"),)
    head = Phase(epochs=3, frozen="backbone")
    assert recipe_of("--head-first", "3").phases == (head, Phase())
    assert recipe_of("--head-first", "3", "--freeze", "stem").phases == (head, Phase(frozen="stem"))
    assert recipe_of("--freeze", "nothing").phases == recipe_of("--head-first", "0").phases == ()


def test_rates_of_the_recipe_stay_when_something_else_is_frozen(tmp_path: Path) -> None:
    own = Recipe(epochs=9, phases=(Phase(epochs=2, frozen="backbone", cached=True), Phase(rates=(1.0, 0.1))))
    (tmp_path / "mine.json").write_bytes(msgspec.json.encode(own))
    words = ("--recipe", str(tmp_path / "mine.json"))
    head = Phase(epochs=2, frozen="backbone", cached=True)
    assert recipe_of(*words, "--freeze", "stem").phases == (head, Phase(frozen="stem", rates=(1.0, 0.1)))
    assert recipe_of(*words, "--freeze", "stem", "--head-first", "0").phases == (
        Phase(frozen="stem", rates=(1.0, 0.1)),
    )
    assert recipe_of(*words, "--head-first", "1").phases[1] == Phase(rates=(1.0, 0.1))


def test_the_phases_are_said_and_that_frozen_weights_are_random() -> None:
    job = train_job(options("train", "digits-resnet", "--data", "digits", "--freeze", "stem"))
    said = list(phase_words(job))
    assert said[0].startswith("phases: stem (")
    assert said[1:] == ["frozen parts keep the random weights that they are drawn with; --init names trained ones"]
    begun = train_job(options("train", "--init", "cifar10-resnet20", "--data", "digits"))
    assert len(list(phase_words(begun))) == 1
    assert list(phase_words(train_job(options("train", "digits-resnet", "--data", "digits")))) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--freeze", "half"], r"^--freeze: phases must be of what is frozen nothing, stem, stage1, .* not 'half'\.$"),
        (["--head-first", "20"], r"^--head-first: phases must be shorter than the training: 20 epochs leave the last"),
        (["--head-first", "-1"], r"^--head-first: phases must be of at least one epoch each"),
        (
            ["--freeze", "stem", "--set", "phases=2:stem,nothing"],
            r"^--set phases says what learns when; leave out --",
        ),
    ],
)
def test_what_cannot_be_frozen_is_one_sentence_that_names_the_option(words: list[str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        recipe_of(*words)
    with pytest.raises(InputError, match=r"leave out --"):
        resume_job(options("train", "--resume", "run", "--freeze", "stem"))


# ---- from weights


def test_a_training_from_weights_needs_no_design_and_has_a_recipe_of_its_own(trained_run: Path) -> None:
    job = train_job(options("train", "--data", "digits", "--init", str(trained_run)))
    assert (job.start, job.spec, job.name) == (
        StartRequest(model=str(trained_run)),
        find_preset("digits-resnet").spec,
        find_preset("digits-resnet").design.name
    )  # fmt: skip
    assert job.recipe == find_recipe("fine-tune").recipe
    named = train_job(options("train", "resnet20", "--data", "digits", "--init", "x.pt", "--recipe", "quick"))
    assert (named.start, named.spec, named.recipe) == (
        StartRequest(model="x.pt"), find_preset("resnet20").spec, find_recipe("quick").recipe
    )  # fmt: skip
    with pytest.raises(InputError, match=r"leave out --init"):
        resume_job(options("train", "--resume", str(trained_run), "--init", "x.pt"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--epochs", "2"], "2 epochs are too few for the phases 3:backbone:cached,nothing:1.0/0.3/0.1; they are "
         "1:backbone:cached,nothing:1.0/0.3/0.1 now"),
        (["--epochs", "1"], "1 epoch is too few for the phases 3:backbone:cached,nothing:1.0/0.3/0.1; they are "
         "nothing:1.0/0.3/0.1 now"),
        (["--epochs", "4"], ""),
        (["--epochs", "2", "--set", "phases=stage1"], ""),
    ],
)  # fmt: skip
def test_phases_that_are_longer_than_the_training_are_shortened_which_is_said(words: list[str], said: str) -> None:
    given = options("train", "resnet20", "--data", "digits", "--init", "x.pt", *words)
    assert list(shortened_words(given, train_job(given).recipe)) == [said] * bool(said)


def test_what_fits_is_said_before_the_first_step(
    trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "--init", str(trained_run), "--data", "digits", "--epochs", "1", "--set", "steps=2"]
    assert main([*words, "--run", str(tmp_path / "run")]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert "the recipe is fine-tune" in lines[0]
    fits = next(number for number, line in enumerate(lines) if " tensors of " in line)
    assert fits < next(number for number, line in enumerate(lines) if " training and " in line)


def test_with_weights_set_also_tells_what_their_file_leaves_open(tmp_path: Path) -> None:
    spec = evolve(find_preset("resnet20").spec, blocks=(1, 1, 1), widths=(2, 4, 8))
    torch.save({f"net.{name}": value for name, value in ResNet(plan(spec)).state_dict().items()}, tmp_path / "w.pth")
    words = (
        "train",
        "--data",
        "digits",
        "--init",
        str(tmp_path / "w.pth"),
        "--set",
        "activation=silu",
        "--set",
        "ema=0.9",
    )
    job = train_job(options(*words))
    assert (job.spec.activation, job.recipe.ema) == ("silu", 0.9)
    assert job.start == StartRequest(model=str(tmp_path / "w.pth"), assigned=("activation=silu",))
    with pytest.raises(InputError, match="--set activation=silu"):
        train_job(options("train", "resnet20", "--data", "digits", "--set", "activation=silu"))
    with pytest.raises(InputError, match="--set block=bottleneck"):
        train_job(options(*words, "--set", "block=bottleneck"))

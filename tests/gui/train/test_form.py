"""The form of a new run: named recipes, every field, what is wrong in one, the data set, the schedule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QFileDialog, QSpinBox
from pytestqt.qtbot import QtBot

from resnet_gui.base.errors import RecipeError
from resnet_gui.data.datasets import KNOWN, known_folder
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.recipe.combos import CUSTOM
from resnet_gui.gui.train.recipe.fields import ALL, MORE, SWITCHES
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.gui.train.recipe.schedule_preview import POINTS
from resnet_gui.protocol.events import Fit
from resnet_gui.protocol.jobs import Train
from resnet_gui.training.named_recipes import OWN, RECIPES
from resnet_gui.training.recipe import Recipe, lr_at
from tests.conftest import examples
from tests.gui.driving import set_field
from tests.gui.train.test_control import idle
from tests.gui.train.test_plots import Opener, open_page

__all__ = ["open_page"]
TITLES = {field.name: field.title for field in ALL}


@pytest.fixture
def form(qtbot: QtBot, theme: Theme) -> RecipeForm:
    made = RecipeForm(theme, "digits")
    qtbot.addWidget(made)
    made.resize(280, 700)
    made.show()
    return made


def choose(combo: QComboBox, key: str) -> None:
    """As a user does."""
    combo.setCurrentIndex(combo.findData(key))
    combo.activated.emit(combo.currentIndex())


# ---- recipes by name


@pytest.mark.parametrize("name", RECIPES)
def test_a_named_recipe_sets_all_its_fields_and_the_box_says_its_name(form: RecipeForm, name: str) -> None:
    choose(form.named, name)
    assert form.named.currentData() == name
    assert form.named.toolTip() == RECIPES[name].source
    found, wanted = form.recipe(), RECIPES[name].recipe
    for field in Recipe.__struct_fields__:
        if field not in OWN:
            assert getattr(found, field) == getattr(wanted, field), field


def test_what_is_the_users_own_stays_when_a_named_recipe_is_chosen(form: RecipeForm) -> None:
    set_field(form, "seed", 77)
    set_field(form, "precision", "bf16")
    set_field(form, "recompute", value=True)
    choose(form.named, "paper-cifar")
    found = form.recipe()
    assert (found.seed, found.precision, found.recompute, found.epochs) == (77, "bf16", True, 164)
    assert form.named.currentData() == "paper-cifar"


def test_another_value_makes_it_custom_and_the_old_one_gives_the_name_back(form: RecipeForm) -> None:
    choose(form.named, "quick")
    for name, other in (("epochs", 4), ("optimizer", "adamw"), ("nesterov", False), ("lr", "0.21")):
        before = getattr(form.recipe(), name)
        set_field(form, name, other)
        assert form.named.currentText() == "Custom", name
        set_field(form, name, before)
        assert form.named.currentData() == "quick", name
        assert form.named.findData(CUSTOM) < 0


def test_a_named_recipe_takes_the_place_of_a_wrong_number_and_its_sentence(form: RecipeForm) -> None:
    set_field(form, "seed", 5)
    set_field(form, "lr", "fast")
    assert not form.error.isHidden()
    choose(form.named, "standard")
    assert form.recipe() == Recipe(seed=5), "the seed is the user's own also then"
    assert form.error.isHidden()
    assert form.field("lr").property("invalid") != "true"


def test_another_optimiser_gets_a_rate_that_fits_it_and_the_first_its_own_back(form: RecipeForm) -> None:
    set_field(form, "optimizer", "adamw")
    assert form.recipe().lr == 0.001
    assert form.field("lr").text() == "0.001"  # type: ignore[attr-defined]
    assert form.caution.isHidden()
    set_field(form, "lr", "0.1")
    assert not form.caution.isHidden()
    assert "A learning rate of 0.1 is very high for AdamW" in form.caution.words.text()
    set_field(form, "lr", "0.001")
    set_field(form, "optimizer", "sgd")
    assert form.recipe() == Recipe()


# ---- every field


def test_every_field_of_a_recipe_is_in_the_form(form: RecipeForm) -> None:
    assert {field.name for field in ALL} | {"data"} == set(Recipe.__struct_fields__)
    for field in ALL:
        widget = form.field(field.name)
        assert widget.accessibleName() == field.title
        assert widget.toolTip() == field.tip
    for field in (*MORE, *SWITCHES):
        assert form.more.isAncestorOf(form.field(field.name))


def numbers(low: float, high: float, *, above: bool = False) -> st.SearchStrategy[float]:
    return st.floats(low, high, exclude_min=above, allow_nan=False)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    values: dict[str, Any] = {
        "epochs": draw(st.integers(1, 100_000)),
        "steps": draw(st.integers(0, 10**9)),
        "batch_size": draw(st.integers(2, 65_536)),
        "accumulate": draw(st.sampled_from([1, 2, 4, 32_768]) | st.integers(1, 32_768)),
        "lr": draw(numbers(0, 100, above=True)),
        "momentum": draw(numbers(0, 0.9999)),
        "weight_decay": draw(numbers(0, 1)),
        "step_at": tuple(sorted(draw(st.sets(st.floats(0, 1, exclude_min=True, exclude_max=True), max_size=5)))),
        "warmup": draw(st.integers(0, 10**7)),
        "label_smoothing": draw(numbers(0, 0.9)),
        "ema": draw(numbers(0, 0.99999)),
        "clip": draw(numbers(0, 1e6)),
        "colour": draw(numbers(0, 0.9)),
        "cutout": draw(numbers(0, 0.9)),
        "mixup": draw(numbers(0, 10)),
        "cutmix": draw(numbers(0, 10)),
        "seed": draw(st.integers(0, 2**31 - 1)),
    }
    for field in ALL:
        if field.kind == "choice":
            values[field.name] = draw(st.sampled_from([key for key, _ in field.options]))
        elif field.kind == "switch":
            values[field.name] = draw(st.booleans())
    try:
        return Recipe(**values)
    except RecipeError:
        assume(False)  # what contradicts itself is no recipe
        raise


def test_any_recipe_goes_through_the_form_unchanged_whatever_it_has_shown_before(form: RecipeForm) -> None:
    @examples(60)
    @given(recipe=recipes())
    def check(recipe: Recipe) -> None:
        form.take_recipe(recipe)
        assert form.recipe() == recipe

    check()


# ---- what is wrong


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lr", "fast"), ("lr", "-1"), ("lr", "0"), ("lr", "nan"), ("lr", "inf"), ("lr", ""), ("lr", "101"),
        ("weight_decay", "2"), ("momentum", "1"), ("step_at", "0.7, 0.5"), ("step_at", "1.5"), ("step_at", "half"),
        ("label_smoothing", "1"), ("ema", "1"), ("clip", "-3"), ("colour", "x"), ("cutout", "0.95"), ("mixup", "11"),
        ("cutmix", "-0.1"), ("accumulate", 40),
    ],
)  # fmt: skip
def test_a_wrong_number_is_refused_in_its_field_and_nothing_is_started(
    qtbot: QtBot, form: RecipeForm, name: str, text: str
) -> None:
    asked: list[Recipe] = []
    form.start_requested.connect(lambda recipe, _repeats: asked.append(recipe))
    before = getattr(form.recipe(), name)
    set_field(form, name, text)
    form.start.click()
    assert asked == []
    assert form.field(name).property("invalid") == "true"
    sentence = form.error.text()
    assert sentence.startswith((name, TITLES[name]))
    assert sentence.endswith(".")
    assert "must be" in sentence
    assert form.error.isVisible()
    assert form.field(name).isVisible(), "a field of the advanced part is opened"
    marked = [field.name for field in ALL if form.field(field.name).property("invalid") == "true"]
    assert marked == [name]
    set_field(form, name, ", ".join(map(str, before)) if isinstance(before, tuple) else before)
    assert form.error.isHidden()
    form.start.click()
    assert len(asked) == 1


def test_values_that_contradict_each_other_are_refused_in_one_of_their_fields(form: RecipeForm) -> None:
    set_field(form, "schedule", "one-cycle")
    set_field(form, "warmup", 5)
    assert form.field("warmup").property("invalid") == "true"
    assert "one-cycle" in form.error.text()
    set_field(form, "warmup", 0)
    set_field(form, "momentum", "0")
    set_field(form, "nesterov", value=True)
    assert form.field("nesterov").property("invalid") == "true"
    assert "momentum" in form.error.text()


# ---- repeats


def test_undo_in_a_field_whose_number_is_refused_takes_the_number_back(qtbot: QtBot, form: RecipeForm) -> None:
    parts = form.field("accumulate")
    assert isinstance(parts, QSpinBox)
    set_field(form, "accumulate", 9999)
    with pytest.raises(RecipeError):
        form.recipe()
    assert parts.property("invalid") == "true"
    qtbot.keyClick(parts, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert form.recipe() == Recipe()
    assert parts.property("invalid") == "false"


def test_repeats_are_runs_with_one_seed_after_the_other(open_page: Opener, session: Session) -> None:
    page = open_page()
    set_field(page.form, "seed", 2**31 - 2)
    page.form.repeats.setValue(4)
    page.form.start.click()
    jobs = [*idle(page).trained, *page.queue.jobs]
    assert all(isinstance(job, Train) for job in jobs)
    seeds = [job.recipe.seed for job in jobs if isinstance(job, Train)]
    assert seeds == [2**31 - 2, 2**31 - 1, 0, 1]
    assert len({job.run for job in jobs}) == 4
    assert page.runs.rows()[-1].name == f"{session.design.name}, seed {2**31 - 2}"


# ---- the data set


def test_the_five_known_sets_say_what_they_hold_and_what_a_download_costs(form: RecipeForm) -> None:
    combo = form.choice.combo
    assert [combo.itemData(number) for number in range(combo.count())] == [*KNOWN, "folder"]
    asked: list[str] = []
    form.download_requested.connect(asked.append)
    for known in KNOWN.values():
        choose(combo, known.name)
        assert form.data == known.name
        assert f"{known.train_images:,} + {known.test_images:,}" in form.choice.about.text()
        assert f"{known.classes} classes" in form.choice.about.text()
        assert form.choice.download.isVisible() == form.choice.missing.isVisible() == (known.name != "digits")
        if known.name != "digits":
            assert f"{known.megabytes:.0f} MB" in form.choice.missing.text()
            form.choice.download.click()
    assert asked == [name for name in KNOWN if name != "digits"]
    known_folder("cifar10").mkdir(parents=True)
    (known_folder("cifar10") / "complete").touch()
    choose(combo, "cifar10")
    assert not form.choice.download.isVisible()


def test_a_folder_that_is_not_chosen_after_all_leaves_the_data_set(
    form: RecipeForm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: "")
    for data in ("mnist", str(tmp_path)):
        form.choice.choose(data)
        choose(form.choice.combo, "folder")
        assert form.data == data


def test_the_design_is_fitted_to_the_data_and_that_can_be_undone(open_page: Opener, session: Session) -> None:
    page = open_page()
    session.choose_preset(PRESETS["resnet18"])
    choose(page.form.choice.combo, "cifar100")
    assert page.form.choice.fit.isVisible()
    assert page.form.choice.fit_line.text() == (
        "The design reads 3×224×224: pictures are resized, its 1000 classes become 100."
    )
    page.form.choice.fit.click()
    assert (session.spec.input, session.spec.classes) == ((3, 32, 32), 100)
    assert not page.form.choice.fit.isVisible()
    session.undo.undo()
    assert session.spec == PRESETS["resnet18"].spec
    assert page.form.choice.fit.isVisible()


def test_what_was_said_of_a_design_that_cannot_be_fitted_goes_with_that_design(
    open_page: Opener, session: Session
) -> None:
    page = open_page()
    session.choose_preset(PRESETS["resnet50"])
    choose(page.form.choice.combo, "digits")
    page.form.choice.fit.click()
    assert page.form.error.isVisible()
    assert page.form.error.text().startswith("The design cannot be fitted")
    session.choose_preset(PRESETS["plain20"])
    assert not page.form.error.isVisible()


# ---- the schedule


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "one-cycle"])
def test_the_preview_is_the_learning_rate_of_the_schedule(form: RecipeForm, schedule: str) -> None:
    form.show_fit(Fit((1, 8, 8), 10, 6400, 100))  # a hundred steps an epoch
    set_field(form, "schedule", schedule)
    set_field(form, "epochs", 24)
    recipe = form.recipe()
    assert form.preview._rates == [lr_at(recipe, 10 * point, 2400) for point in range(POINTS)]
    assert [text for _, text in form.preview._marks] == (["epoch 12", "18"] if schedule == "step" else [])
    assert "2,400 steps" in form.preview.toolTip()
    set_field(form, "steps", 480)
    assert "480 steps" in form.preview.toolTip()


def test_a_design_of_the_datas_size_is_told_only_what_its_classes_become(open_page: Opener, session: Session) -> None:
    page = open_page()
    session.choose_preset(PRESETS["resnet20"])
    page.setup._know(Fit((3, 32, 32), 4, 600, 60))
    assert page.form.choice.fit_line.text() == "The design's 10 classes become 4."


def test_the_first_epoch_of_a_smaller_rate_is_written_beside_the_line(form: RecipeForm) -> None:
    form.show_fit(Fit((3, 32, 32), 10, 50000, 10000))
    choose(form.named, "paper-cifar")
    preview = form.preview

    def picture() -> QImage:
        return preview.grab().toImage()

    def different(one: QImage, other: QImage) -> set[tuple[int, int]]:
        every = ((x, y) for x in range(one.width()) for y in range(one.height()))
        return {place for place in every if one.pixel(*place) != other.pixel(*place)}

    assert [text for _, text in preview._marks] == ["epoch 82", "123"]
    whole = picture()
    preview._marks = []
    line = picture()
    preview._rates = []
    words, drawn = different(whole, line), different(line, picture())
    assert words
    assert drawn
    assert not words & drawn

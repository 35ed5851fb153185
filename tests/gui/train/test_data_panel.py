"""The data of a new run on the page: classes, counts, pictures, and what deserves a look."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from resnet_gui.data.layouts.description import (
    ClassCount,
    CopiedPicture,
    DataDescription,
    LabelContradiction,
    LeftOut,
    PartSource,
)
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.data.cards import notices
from resnet_gui.gui.train.data.class_list import NAME, ClassList, ClassModel, counts_sentence, few_classes
from resnet_gui.gui.train.data.panel import split_words
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.protocol.events import ClassShown, DataSetListed, Failed, JobDone, Progressed, Thumbnail
from resnet_gui.protocol.jobs import Describe, ShowClassPictures
from resnet_gui.training.recipe import Recipe
from tests.gui.train.test_control import idle
from tests.gui.train.test_form_cost import question
from tests.gui.train.test_plots import SOON, Opener, open_page, started, write_run

__all__ = ["open_page"]

FRUIT = DataDescription(
    name="fruit",
    labels="folder names",
    classes=(ClassCount("apple", 137, 0, 34), ClassCount("lemon", 59, 0, 15), ClassCount("pear", 77, 0, 20)),
    parts=(PartSource("training", 273, ""), PartSource("test", 69, "every fifth picture of each class")),
    left_out=(LeftOut("files that are no pictures", 4, ("a.txt", "b.txt")),),
)


def png() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(held, "PNG")
    return held.getvalue()


def choose_fruit(qtbot: QtBot, page: TrainPage, folder: Path) -> Describe:
    page.form.choice.choose_folder(folder)
    job = question(qtbot, page, Describe)
    assert isinstance(job, Describe)
    return job


def pictures_asked(page: TrainPage) -> list[ShowClassPictures]:
    return [job for job in idle(page).asked if isinstance(job, ShowClassPictures)]


def test_a_folder_s_classes_stand_with_their_counts_and_pictures_beside_the_curves(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    panel = page.centre.data
    assert not panel.isVisible()
    job = choose_fruit(qtbot, page, tmp_path / "fruit")
    assert panel.isVisible()
    page._engines.answered.emit(job, Progressed(job.job, "files found", 312, 616))
    assert panel.about.text() == "fruit, files found: 312 of 616"
    page._engines.answered.emit(job, DataSetListed(job.job, job.data, FRUIT))
    assert panel.about.text() == "fruit, 346 files found"
    assert panel.split.text() == "split 80 / 20, evenly spaced"
    assert [row.count.name for row in panel.model.rows] == ["apple", "lemon", "pear"]
    assert [row.few for row in panel.model.rows] == [False, True, False]
    qtbot.waitUntil(lambda: bool(pictures_asked(page)), timeout=SOON)
    asked = pictures_asked(page)[-1]
    assert (asked.classes, asked.pictures, asked.shape) == ((0, 1, 2), 8, page._session.spec.input)
    shown = ClassShown(asked.job, 1, 3, FRUIT.classes[1], (Thumbnail(0, png()),), ("l02.png is no picture.",))
    page._engines.answered.emit(asked, shown)
    assert len(panel.model.rows[1].pictures) == 1
    page._engines.answered.emit(asked, JobDone(asked.job))
    assert [card.notice.title for card in panel.cards.cards] == [
        "At least 1 of the 2 looked at cannot be read", "Left out: 4 files that are no pictures",
        "Few pictures of lemon",
    ]  # fmt: skip
    panel.grab()  # painted without a warning


def test_balance_changes_the_recipe_and_the_card_says_what_is_done_then(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    job = choose_fruit(qtbot, page, tmp_path / "fruit")
    page._engines.answered.emit(job, DataSetListed(job.job, job.data, FRUIT))
    card = page.centre.data.cards.cards[-1]
    assert card.link.text() == "Balance"
    card.link.click()
    assert page.form.recipe().balance == "weights"
    now = page.centre.data.cards.cards[-1]
    assert (now.notice.action, now.notice.lines[1]) == (
        "", "The loss of each picture is weighted by the inverse share of its class.",
    )  # fmt: skip


def test_a_folder_without_classes_says_what_was_found_and_which_tree_is_expected(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    job = choose_fruit(qtbot, page, tmp_path / "fruit")
    page._engines.answered.emit(job, Failed(job.job, "fruit holds 3 pictures and no folder of a class."))
    panel, start = page.centre.data, page.form.start
    assert (start.isEnabled(), start.toolTip()) == (False, panel.found.text())
    assert panel.found.isVisible()
    assert panel.found.text() == "fruit holds 3 pictures and no folder of a class."
    assert panel.tree.text().startswith("fruit/\n    apple/")
    assert pictures_asked(page) == []
    panel.again.click()
    assert start.isEnabled(), "nobody knows yet"
    again = [job for job in idle(page).asked if isinstance(job, Describe)][-1]
    assert again.job != job.job
    page._engines.answered.emit(again, DataSetListed(again.job, again.data, FRUIT))
    assert start.isEnabled()
    assert not panel.found.isVisible()


def test_a_second_look_clears_that_the_pictures_of_a_known_set_could_not_be_read(
    qtbot: QtBot, open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    panel = page.centre.data
    monkeypatch.setattr(panel, "isVisible", lambda: True)
    page.preview.look()
    qtbot.waitUntil(lambda: bool(pictures_asked(page)), timeout=SOON)
    first = pictures_asked(page)[-1]
    page._engines.answered.emit(first, Failed(first.job, "The pictures cannot be read."))
    assert panel.found.isVisibleTo(panel)
    panel.again.click()
    assert not panel.found.isVisibleTo(panel)


def test_pictures_are_asked_for_anew_when_the_crop_or_the_split_is_another(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    job = choose_fruit(qtbot, page, tmp_path / "fruit")
    page._engines.answered.emit(job, DataSetListed(job.job, job.data, FRUIT))
    qtbot.waitUntil(lambda: len(pictures_asked(page)) == 1, timeout=SOON)
    first = pictures_asked(page)[-1]
    page._engines.answered.emit(first, JobDone(first.job))
    page.form.change_recipe(fit="pad")
    qtbot.waitUntil(lambda: len(pictures_asked(page)) == 2, timeout=SOON)
    assert pictures_asked(page)[-1].scaling.fit == "pad"


def test_archives_and_arrays_are_offered_beside_folders(
    open_page: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    kinds: list[str] = []

    def choose(_parent: object, _title: str, _start: str, wanted: str) -> tuple[str, str]:
        kinds.append(wanted)
        return str(tmp_path / "fruit.zip"), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    page.form.choice.browse.menu().actions()[1].trigger()
    assert page.form.data == str(tmp_path / "fruit.zip")
    for suffix in ("*.zip", "*.tar.gz", "*.npz", "*ubyte.gz"):
        assert suffix in kinds[0]


def held_out(recipe: Recipe) -> DataDescription:
    """The same pictures split by a recipe's rule."""
    where = recipe.split.words(recipe.validation)
    return msgspec.structs.replace(FRUIT, parts=(*FRUIT.parts[:1], PartSource("validation", 69, where)))


def test_copies_across_the_split_have_a_card_of_their_own() -> None:
    copies = (CopiedPicture("b07.jpg", "b07_2.jpg", "test"),)
    left = LeftOut("copy of a held-out picture, which would flatter", 1, ("b07.jpg = b07_2.jpg",))
    (card, _) = notices(msgspec.structs.replace(FRUIT, copies=copies, left_out=(left,)), (), "none")
    assert (card.title, card.lines, card.more) == (
        "1 duplicate across the split",
        ("training: b07.jpg", "validation: b07_2.jpg", "left out of training, else it would flatter"),
        "b07.jpg = b07_2.jpg",
    )


def test_pictures_under_two_classes_have_a_card_that_names_both_classes() -> None:
    pairs = (LabelContradiction("a/1.png", "a", "b/2.png", "b"), LabelContradiction("a/3.png", "a", "c/4.png", "c"))
    (card, *_) = notices(msgspec.structs.replace(FRUIT, contradictions=pairs, contradicted=2), (), "none")
    assert (card.token, card.title) == ("err", "2 pictures of two classes")
    assert card.lines == ("a: a/1.png", "b: b/2.png", "the same picture each, so labels are wrong")
    assert card.more == "a/1.png ('a') = b/2.png ('b')\na/3.png ('a') = c/4.png ('c')"


def test_counts_and_splits_in_words() -> None:
    assert counts_sentence(ClassCount("a", 3, 1, 2)) == "a: 3 to train, 1 to validate, 2 to test"
    assert few_classes([ClassCount("a", 100), ClassCount("b", 50), ClassCount("c", 49)]) == [ClassCount("c", 49)]
    assert split_words(Recipe(split_seed=1), held_out(Recipe(split_seed=1))) == "split 80 / 20 by seed 1"
    three = Recipe(validation=0.1, test=0.2)
    assert split_words(three, held_out(three)) == "split 70 / 10 / 20, evenly spaced"
    own = msgspec.structs.replace(FRUIT, parts=(*FRUIT.parts[:1], PartSource("test", 3, "val/")))
    assert split_words(Recipe(), own) == ""
    assert notices(None, (), "none") == []


def test_how_many_cannot_be_read_is_said_of_the_pictures_that_were_looked_at() -> None:
    every = sum(each.training + each.validation + each.test for each in FRUIT.classes)
    problems = ("a.png is no picture.", "b.png is no picture.")
    titles = [notices(FRUIT, problems, "none", looked_at)[0].title for looked_at in (24, every)]
    assert titles == ["At least 2 of the 24 looked at cannot be read", "2 cannot be read"]


def test_when_a_run_begins_its_data_fold_and_the_list_of_runs_and_all_plots_are_seen(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    write_run("old", started(2, 20))
    page = open_page()
    for _ in range(2):
        job = choose_fruit(qtbot, page, tmp_path / "fruit")
        page._engines.answered.emit(job, DataSetListed(job.job, job.data, FRUIT))
        panel = page.centre.data
        assert not panel.fold.isChecked()
        assert not page.side.listed.button.isChecked()
        assert not page.plots.halves[1].isVisible()
        settings = Settings()
        page.remember(settings)
        assert min(settings.panels) > 0
        page.preparation.show_started()
        assert page.centre.data.fold.isChecked()
        assert panel.isVisible()
        assert panel.height() < 50
        assert page.side.listed.button.isChecked()
        assert page.plots.rate.isVisible()
        assert min(half.height() for half in page.plots.halves) > 100
        panel.fold.click()
        assert not page.centre.data.fold.isChecked()
        page.form.choice.choose_folder(tmp_path / "other")
    again = open_page(settings)
    assert again.centre.data.is_folded
    assert again.plots.rate.height() > 60


@pytest.mark.parametrize("panels", [[597, 0, 500, 500, 500, 500], [0, 0, 1, 1, 700, 0]])
def test_no_plot_is_hidden_by_a_size_of_nought_that_was_kept(open_page: Opener, panels: list[int]) -> None:
    write_run("old", started(2, 20))
    page = open_page(Settings(panels=panels))
    for half in page.plots.halves:
        assert half.height() > 100
    for plot in (page.plots.loss, page.plots.error, page.plots.rate, page.plots.internals):
        assert plot.isVisible()
        assert plot.width() > 100
    page.plots._enlarge(page.plots.rate)
    kept = page.plots.sizes()
    assert min(kept) > 0
    page.plots._enlarge(page.plots.rate)
    assert min(half.height() for half in page.plots.halves) > 100


def test_a_long_class_name_has_the_room_that_there_is(qtbot: QtBot, theme: Theme) -> None:
    model = ClassModel()
    shown = ClassList(theme, model)
    qtbot.addWidget(shown)
    shown.resize(900, 200)
    shown.show()
    model.show_counts([ClassCount("cat", 5, 0, 1)])
    assert shown.name_width == NAME
    model.show_counts([ClassCount("cat_50_long_whiskers", 5, 0, 1)])
    assert shown.name_width > ink("cat_50_long_whiskers", 13, 500).width
    shown.resize(400, 200)
    assert shown.name_width <= 100
    shown.grab()

"""What a new run begins from: the choice, the card of what fits, and what the form makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.data.weights_catalogue import SHIPPED, published_file
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.start.fitting import CHECKING, MISFIT
from resnet_gui.gui.train.start.offers import named_weights
from resnet_gui.gui.train.start.tensors_dialog import cells_of
from resnet_gui.protocol.events import Failed, JobDone
from resnet_gui.protocol.jobs import ShowClassPictures, Train
from resnet_gui.protocol.start_messages import FittedTensor, FitWeights, WeightsFitted
from resnet_gui.runs.folder import StartInfo
from resnet_gui.training.phases import parse_phases
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from tests.gui.train.test_control import idle
from tests.gui.train.test_plots import SOON, Opener, info_of, open_page, press, row_of, write_run

__all__ = ["open_page"]

TABLE = (
    FittedTensor(state="fits", name="conv1.weight", ours=(16, 3, 3, 3), source="conv1.weight", theirs=(16, 3, 3, 3)),
    FittedTensor(state="new", name="fc.weight", ours=(10, 64)),
    FittedTensor(state="unused", source="fc.weight", theirs=(7, 64)),
    FittedTensor(state="unused", source="fc.bias", theirs=(7,)),
)


def answer(job: FitWeights, **changes: Any) -> WeightsFitted:
    values: dict[str, Any] = {
        "job": job.job, "design": PRESETS["resnet20"].design, "fit_tensors": 120, "tensors": 122,
        "fit_params": 11_176_512, "new_params": 2_565, "new": "head, 7 → 10 classes", "sentences": ("120 of 122 fit",),
        "table": TABLE, "preprocess": Preprocess(mean=(0.5,), std=(0.5,)), "normalised": True,
    }  # fmt: skip
    return WeightsFitted(**values | changes)


def question(qtbot: QtBot, page: TrainPage) -> FitWeights:
    """The last question about weights, once the form rests."""
    qtbot.waitUntil(lambda: not page.fitting._resting.is_pending(), timeout=SOON)
    return [job for job in idle(page).asked if isinstance(job, FitWeights)][-1]


def begin_from(qtbot: QtBot, page: TrainPage, path: Path) -> FitWeights:
    page.form.begin.choose(StartRequest(model=str(path)))
    return question(qtbot, page)


def test_weights_by_name_that_have_the_design_s_layers_come_first_and_the_rest_says_so() -> None:
    offers = named_weights(PRESETS["resnet50"].spec)
    assert [offer.name for offer in offers[:2]] == ["resnet50-v1", "resnet50-v2"]
    assert [offer.fits for offer in offers[:3]] == [True, True, False]
    assert offers[0].title == "ResNet-50, IMAGENET1K_V1, 76.13 %"
    assert named_weights(PRESETS["resnet20"].spec)[0].name == SHIPPED


def test_the_weights_by_name_follow_the_design_until_the_user_has_chosen_some(
    qtbot: QtBot, open_page: Opener, session: Session
) -> None:
    page = open_page()
    begin = page.form.begin
    session.choose_preset(PRESETS["resnet50"])
    press(qtbot, begin.segment, "named")
    assert begin.model == "resnet50-v1"
    session.choose_preset(PRESETS["resnet20"])
    qtbot.waitUntil(lambda: begin.model == SHIPPED, timeout=SOON)
    assert question(qtbot, page).start.model == SHIPPED, "it is here and fits: nothing is to be fetched"
    begin.named.setCurrentIndex(begin.named.findData("resnet50-v2"))
    begin.named.activated.emit(begin.named.currentIndex())
    session.choose_preset(PRESETS["resnet18"])
    qtbot.waitUntil(lambda: begin.named.itemData(0) == "resnet18-v1", timeout=SOON)
    assert begin.model == "resnet50-v2"


def test_weights_choose_the_recipe_fine_tune_and_say_so_and_their_absence_the_usual_one(
    qtbot: QtBot, open_page: Opener, session: Session
) -> None:
    page = open_page()
    said: list[str] = []
    session.message.connect(lambda sentence, _level: said.append(sentence))
    press(qtbot, page.form.begin.segment, "named")
    assert page.form.named.currentData() == "fine-tune"
    assert "Fine-tune, as the run begins from weights" in said[-1]
    assert page.form.table.isVisible()
    press(qtbot, page.form.begin.segment, "random")
    assert page.form.named.currentData() == "standard"
    assert not page.form.table.isVisible()
    assert page.form.begin.request is None


def test_the_card_says_what_fits_what_is_new_and_what_is_not_used_and_the_run_begins_from_it(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    job = begin_from(qtbot, page, tmp_path / "w.pth")
    assert job.spec.classes == 10
    page._engines.answered.emit(job, answer(job))
    card = page.form.begin.card
    assert (card.fits.what.text(), card.fits.note.text()) == ("120 of 122 tensors fit", "11,176,512 parameters")
    for width, both in ((400, True), (220, False)):
        card.fits.resize(width, 20)
        assert card.fits.note.isVisibleTo(card.fits) == both, "what fits is read before how much that is"
    assert (card.new.what.text(), card.new.note.text()) == ("New: head, 7 → 10 classes", "2,565, random")
    assert card.unused.what.text() == "Not used: fc.weight, fc.bias of the file"
    assert page.form.start.isEnabled()
    page.form.start.click()
    (train,) = idle(page).trained
    assert isinstance(train, Train)
    assert train.start == StartRequest(model=str(tmp_path / "w.pth"))


def test_weights_of_another_design_stop_the_start_with_the_reason_until_their_design_is_taken(
    qtbot: QtBot, open_page: Opener, session: Session, tmp_path: Path
) -> None:
    page = open_page()
    job = begin_from(qtbot, page, tmp_path / "w.pth")
    sentence = "w.pth cannot begin this design: stage 3 has other blocks."
    page._engines.answered.emit(job, answer(job, refused=sentence))
    card = page.form.begin.card
    assert (card.words.text(), card.property("wrong")) == (sentence, "true")
    assert (page.form.start.isEnabled(), page.form.warning.text()) == (False, MISFIT)
    card.design.click()
    assert session.design == PRESETS["resnet20"].design
    again = question(qtbot, page)
    assert again.job != job.job
    page._engines.answered.emit(again, answer(again))
    assert page.form.start.isEnabled()
    assert card.property("wrong") == "false"
    assert page.form.warning.isHidden()


def test_a_file_that_cannot_be_read_is_an_error_card_without_a_design(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    job = begin_from(qtbot, page, tmp_path / "w.pth")
    page._engines.answered.emit(job, Failed(job.job, "w.pth ends after 18 kB."))
    assert page.form.begin.card.words.text() == "w.pth ends after 18 kB."
    assert page.form.begin.card.design.isHidden()
    assert not page.form.start.isEnabled()
    page.form.begin.choose(None)
    assert page.form.start.isEnabled()


def test_weights_that_are_not_here_say_what_they_cost_to_fetch_and_stop_the_start(
    qtbot: QtBot, open_page: Opener, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.choose_preset(PRESETS["resnet18"])
    page = open_page()
    press(qtbot, page.form.begin.segment, "named")
    card = page.form.begin.card
    assert page.form.begin.model == "resnet18-v1"
    assert "44.7 MB" in card.words.text()
    assert not page.form.start.isEnabled()
    fetched: list[str] = []
    monkeypatch.setattr(page.setup.downloads, "start", fetched.append)
    card.fetch.click()
    assert fetched == ["resnet18-v1"]
    assert card.cancel.isVisible()
    published_file("resnet18-v1").parent.mkdir(parents=True)
    published_file("resnet18-v1").touch()
    page.setup.downloads.ended.emit("resnet18-v1", "")
    assert question(qtbot, page).start.model == "resnet18-v1"


def test_the_last_weights_of_a_run_the_key_and_the_rows_of_the_head_are_asked_for(
    qtbot: QtBot, open_page: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(tmp_path / "w.pth"), ""))
    press(qtbot, page.form.begin.segment, "file")
    assert page.form.warning.text() == "Choose the weights file to start from."
    page.form.begin.browse.click()
    page.form.begin.key.setFocus()
    qtbot.keyClicks(page.form.begin.key, "teacher")
    page.form.begin.key.editingFinished.emit()
    page.form.begin.rows.click()
    asked = question(qtbot, page).start
    assert asked == StartRequest(model=str(tmp_path / "w.pth"), key="teacher", head="rows")


def test_every_tensor_can_be_read_with_both_shapes(
    qtbot: QtBot, open_page: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cells_of(TABLE[0]) == ("conv1.weight", "16×3×3×3", "conv1.weight", "16×3×3×3", "fits")
    assert cells_of(TABLE[2]) == ("–", "–", "fc.weight", "7×64", "not used")
    page = open_page()
    job = begin_from(qtbot, page, tmp_path / "w.pth")
    page._engines.answered.emit(job, answer(job, design=Design(name="x", spec=PRESETS["resnet20"].spec)))
    shown: list[int] = []
    monkeypatch.setattr(QDialog, "exec", lambda dialog: shown.append(dialog.table.model().rowCount()))
    page.form.begin.card.all.click()
    assert shown == [len(TABLE)]


# ---- a start that comes from elsewhere


def test_answers_about_a_file_and_the_last_weights_of_a_run_that_is_not_listed_are_kept(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    begin = page.form.begin
    begin.choose(StartRequest(model="ok.pt", assigned=("stem_pool=max",)))
    assert question(qtbot, page).start == StartRequest(model="ok.pt", assigned=("stem_pool=max",))
    gone = StartRequest(model=str(tmp_path / "gone"), weights="last", head="rows")
    begin.choose(gone)
    assert begin.request == gone
    begin._take_file("other.pt")
    assert begin.request == StartRequest(model="other.pt", head="rows"), "they are answers about one file"


def began_from(start: StartRequest) -> StartInfo:
    return StartInfo(**msgspec.structs.asdict(start), sha256="00", sentences=())


def test_the_weights_of_a_run_are_taken_with_its_recipe_and_one_without_is_drawn_again(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    start = StartRequest(model=str(tmp_path / "gone.pt"), key="ema", head="rows", assigned=("stem_pool=max",))
    recipe = Recipe(epochs=7, lr=0.02, phases=parse_phases("3:backbone,nothing"))
    began = write_run("a", info=msgspec.structs.replace(info_of("a", recipe), start=began_from(start)))
    drawn = write_run("b", info=info_of("b", Recipe(epochs=9)))
    page = open_page()
    page.actions_of_runs.duplicated.emit(row_of(page, began))
    assert (page.form.begin.request, page.form.recipe()) == (start, recipe)
    job = question(qtbot, page)
    assert job.start == start
    page._engines.answered.emit(job, Failed(job.job, "There is no file gone.pt."))
    assert page.form.begin.card.words.text() == "There is no file gone.pt."
    assert not page.form.start.isEnabled()
    page.actions_of_runs.duplicated.emit(row_of(page, drawn))
    assert (page.form.begin.request, page.form.recipe()) == (None, Recipe(epochs=9))
    assert page.form.start.isEnabled()


def test_the_form_has_its_weights_again_after_a_restart_and_what_waits_keeps_its_own(
    open_page: Opener, tmp_path: Path
) -> None:
    start = StartRequest(model=str(tmp_path / "w.pt"), weights="last", assigned=("stem_pool=max",))
    page, settings = open_page(), Settings()
    page.form.take_training(Recipe(phases=parse_phases("3:backbone,nothing")), start)
    page.remember(settings)
    kept = msgspec.json.decode(msgspec.json.encode(settings), type=Settings)
    again = open_page(kept)
    assert (again.form.begin.request, again.form.recipe()) == (start, page.form.recipe())
    job = Train(1, str(tmp_path / "waits"), "waits", PRESETS["digits-resnet"].spec, Recipe(), start=start)
    page.actions_of_runs.duplicated.emit(page.runs.add(job, queued=True))
    assert page.form.begin.request == start


def test_nothing_starts_before_it_is_known_that_the_weights_fit(
    qtbot: QtBot, open_page: Opener, session: Session, tmp_path: Path
) -> None:
    page = open_page()
    page.form.begin.choose(StartRequest(model=str(tmp_path / "w.pth")))
    waits = (False, CHECKING)
    assert (page.form.start.isEnabled(), page.form.warning.text()) == waits, "while the form has not come to rest"
    job = question(qtbot, page)
    assert (page.form.start.isEnabled(), page.form.warning.text()) == waits, "while the engine compares"
    page._engines.answered.emit(job, answer(job))
    assert page.form.start.isEnabled()
    before = session.spec
    session.edit("other", classes=3, input=(1, 28, 28))
    assert (page.form.start.isEnabled(), page.form.warning.text()) == waits, "the design is another one"
    session.edit("back", classes=before.classes, input=before.input)
    assert page.form.start.isEnabled(), "what is known of this design still holds"
    page.form.choice.choose_folder(tmp_path)
    assert (page.form.start.isEnabled(), page.form.warning.text()) == waits, "the classes are others"


def test_the_same_weights_chosen_again_keep_their_answer_and_the_switch_of_the_rows(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    job = begin_from(qtbot, page, tmp_path / "w.pth")
    page._engines.answered.emit(job, answer(job))
    assert page.form.begin.rows.isVisible()
    assert begin_from(qtbot, page, tmp_path / "w.pth") == job
    assert page.form.begin.rows.isVisible()
    assert page.form.begin.card.fits.isVisible()
    assert page.form.start.isEnabled()


def test_pictures_are_shown_as_the_weights_want_them_unless_the_recipe_has_a_fit_of_its_own(
    qtbot: QtBot, open_page: Opener, session: Session, tmp_path: Path
) -> None:
    session.choose_preset(PRESETS["resnet20"])
    page = open_page()

    def asked() -> tuple[str, int]:
        qtbot.waitUntil(lambda: not page.preview._resting.is_pending(), timeout=SOON)
        job = [job for job in idle(page).asked if isinstance(job, ShowClassPictures)][-1]
        page._engines.answered.emit(job, JobDone(job.job))
        return job.scaling.fit, job.scaling.resize

    job = begin_from(qtbot, page, tmp_path / "w.pth")
    page.preview.look()
    assert asked() == ("crop", 0)
    how = Preprocess(mean=(0.5,), std=(0.5,), resize=256, fit="pad")
    theirs = Design(name="r18", spec=PRESETS["resnet18"].spec)
    page._engines.answered.emit(job, answer(job, design=theirs, preprocess=how))
    assert asked() == ("pad", 37), "256 of 224 pixels are 37 of 32"
    page.form.change_recipe(fit="squeeze")
    assert asked() == ("squeeze", 37)
    other = begin_from(qtbot, page, tmp_path / "other.pth")
    page._engines.answered.emit(other, answer(other, refused="It has other blocks."))
    assert asked() == ("squeeze", 0)


def test_parts_that_are_frozen_as_they_were_drawn_are_warned_of_and_may_start(
    open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    card = page.form._plan.random
    page.form.change_recipe(epochs=9, phases=parse_phases("9:nothing"))
    assert not card.isVisible()
    page.form.change_recipe(phases=parse_phases("3:backbone,nothing"))
    assert card.isVisible()
    assert card.notice.lines == ("The frozen parts keep random weights: nothing was learnt there.",)
    assert page.form.start.isEnabled()
    page.form.begin.choose(StartRequest(model=str(tmp_path / "w.pth")))
    page.form.change_recipe(phases=parse_phases("3:backbone,nothing"))
    assert not card.isVisible()

"""The pages are rows of a list, and what is dropped has one road."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from resnet_gui.base.files import assets
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import save_design
from resnet_gui.gui.shell.pages import PAGES
from tests.gui.driving import Opener, copy_run, drop, files, predict_page
from tests.gui.evaluate.evaluating import kept


def test_every_row_is_a_button_that_shows_its_page_and_each_page_is_made_once(open_window: Opener) -> None:
    window = open_window(engine=False)
    in_rail = [spec for spec in PAGES if spec.in_rail]
    assert list(window.rail.buttons) == [spec.key for spec in in_rail]
    pages: list[QWidget] = []
    for spec in in_rail:
        button = window.rail.buttons[spec.key]
        assert (button.text(), spec.tip in button.toolTip()) == (spec.title, True)
        button.click()
        assert window.shows(spec.key)
        assert button.isChecked()
        pages.append(window.page(spec.key))
    assert len(set(map(type, pages))) == len(in_rail)
    assert [window.page(spec.key) for spec in in_rail] == pages


def test_a_page_that_is_not_there_is_an_error_and_no_other_page(open_window: Opener) -> None:
    window = open_window(engine=False)
    with pytest.raises(KeyError):
        window.show_page("nowhere")
    assert window.shows("design")


def test_weights_and_runs_are_opened_as_designs_and_on_the_predict_page_they_are_its_network(
    open_window: Opener, trained_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_run(trained_run)
    window, opened = open_window(engine=False), list[Path]()
    monkeypatch.setattr(window.files, "open", opened.append)
    drop(window, files(run))
    assert opened == [run]
    assert window.shows("design")
    window.show_page("predict")
    for path in (run, run / "best.safetensors"):
        drop(window, files(path))
        assert predict_page(window).models.model == str(path)
    assert opened == [run]
    design = tmp_path / "mine.json"
    save_design(PRESETS["resnet18"].design, design)
    drop(window, files(design))
    assert opened == [run, design], "a design is opened wherever it is dropped"


def test_on_the_evaluate_page_weights_are_the_model_and_a_folder_is_the_data(
    open_window: Opener, trained_run: Path, tmp_path: Path
) -> None:
    run = copy_run(trained_run)
    (tmp_path / "photos").mkdir()
    window = open_window(engine=False)
    window.show_page("evaluate")
    question = window.evaluate_page().question
    for path in (run / "best.safetensors", run):
        drop(window, files(path))
        assert question.model is not None
        assert question.model.model == str(path)
    assert window.shows("evaluate")
    drop(window, files(tmp_path / "photos"))
    assert question.data == str(tmp_path / "photos")
    evaluation = kept()
    window.show_page("design")
    drop(window, files(evaluation.folder))
    assert window.shows("evaluate")
    assert window.evaluate_page().state.folder == evaluation.folder
    window.show_page("train")
    row = window.session.runs.row(run)
    assert row is not None
    entries = {action.text(): action for action in window.train_page().actions_of_runs.menu(row).actions()}
    entries["Evaluate this"].trigger()
    assert window.shows("evaluate")
    assert question.model is not None
    assert (question.model.model, question.data) == (str(run), "digits"), "a run is measured on its own data first"


def test_what_hangs_over_the_window_lights_the_drop_zone_and_a_drop_puts_it_out(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("predict")
    zone, lit = predict_page(window).zone, list[object]()
    window.window.dragged.connect(lambda _: lit.append(zone.property("over")))
    text, pixels = QMimeData(), QMimeData()
    text.setText("a cat")
    pixels.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    for mime in (text, pixels):
        drop(window, mime)
    QApplication.processEvents()
    assert lit == ["false", "false", "true", "false"], "only what the page takes lights it"
    assert predict_page(window).pictures.rowCount() == 1


def test_an_address_or_a_text_is_refused_in_a_sentence_and_a_text_changes_no_page(open_window: Opener) -> None:
    window = open_window(engine=False)
    text, address = QMimeData(), QMimeData()
    text.setText("a cat")
    address.setUrls([QUrl("https://example.invalid/cat.png")])
    drop(window, text)
    assert "That is text and no picture" in window.status.sentence.text()
    assert window.shows("design")
    drop(window, address)
    assert "save the picture first" in window.status.sentence.text()
    assert predict_page(window).pictures.pictures() == []


def test_designs_that_are_dropped_together_or_with_pictures_are_said_and_pictures_are_taken(
    open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    said: list[str] = []
    window.session.message.connect(lambda sentence, _level: said.append(sentence))
    designs = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in designs:
        save_design(PRESETS["resnet20"].design, path)
    before = window.session.design
    drop(window, files(*designs))
    alone = "a design, weights file or run is dropped by itself, one at a time."
    assert said == [f"2 files were dropped, and a.json is one of them: {alone}"]
    assert window.session.design is before
    picture = tmp_path / "c.png"
    shutil.copyfile(assets() / "samples" / "digit-3.png", picture)
    drop(window, files(designs[1], picture))
    assert said[1] == f"b.json is left out: {alone}"
    assert window.shows("predict")
    assert [one.path for one in predict_page(window).pictures.pictures()] == [picture]
    assert not any("not a picture" in sentence for sentence in said)

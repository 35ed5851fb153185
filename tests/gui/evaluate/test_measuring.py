"""The Evaluate page on a real engine: measured, looked at, written down; classes that do not fit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.evaluation.folder import list_evaluations
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.settings import Settings
from tests.gui.driving import START
from tests.gui.evaluate.evaluating import EvaluateDriver
from tests.gui.predict.predicting import WarmEngine

CLASSES = ("bird", "cat", "ship")
EACH = 4


def write_pictures(folder: Path, names: tuple[str, ...]) -> Path:
    """Folders of noise in colours of their own, the same each time; one file is no picture."""
    for number, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for picture in range(EACH):
            noise = np.random.default_rng(10 * number + picture).integers(0, 90, (32, 32, 3))
            noise[..., number % 3] += 120
            Image.fromarray(noise.astype(np.uint8)).save(folder / name / f"{picture}.png")
    (folder / names[0] / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.fixture
def driver(
    qtbot: QtBot, warm: WarmEngine, theme: Theme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[EvaluateDriver]:
    """The page on an engine that is warm already, with pictures that nobody has measured."""
    monkeypatch.setenv("RESNET_GUI_HOME", str(warm.home))
    data = write_pictures(tmp_path / "photos", CLASSES)
    settings = Settings(evaluated=SHIPPED, evaluated_data=str(data))
    made = EvaluateDriver(qtbot, theme, warm.engines, settings)
    yield made
    made.page.measuring.stop()
    made.close()


def test_pictures_are_measured_shown_opened_copied_and_written_down(driver: EvaluateDriver, tmp_path: Path) -> None:
    page, state = driver.page, driver.page.state
    page.bar.measure.click()
    driver.wait(lambda: state.answers is not None and not page.measuring.busy, START)
    assert state.answers is not None
    assert state.evaluation is not None
    assert len(state.answers) == len(CLASSES) * EACH
    right = int(state.answers.correct.sum())
    assert driver.card(0).number == f"{100 * right / 12:.1f}"
    assert "1 entry was left out" in page.banner.text.text()
    assert "broken.png" in page.banner.text.text()
    assert [one.folder for one in list_evaluations()[0]][:1] == [state.folder]
    wrong = page.gallery.pictures.numbers
    assert len(wrong) == 12 - right > 0
    driver.wait(lambda: (found := page.gallery.thumbnails.get(int(wrong[0]))) is not None and not found.isNull(), START)
    # Opened in Predict, copied to a folder, written as a report and as a table.
    state.picture_requested.emit(int(wrong[0]))
    driver.wait(lambda: bool(driver.opened), START)
    assert driver.opened == [(SHIPPED, Path(state.answers.files[int(wrong[0])]))]
    (tmp_path / "copies").mkdir()
    page.exports.copy_to(wrong, str(tmp_path / "copies"))
    driver.wait(lambda: any("copied to" in sentence for sentence in driver.said), START)
    assert len(list((tmp_path / "copies").rglob("*.png"))) == len(wrong)
    page.exports.report(tmp_path / "report.html")
    driver.wait((tmp_path / "report.html").is_file, START)
    assert "data:image/png" in (tmp_path / "report.html").read_text(encoding="utf-8")
    page.exports.table(tmp_path / "answers.csv")
    assert len((tmp_path / "answers.csv").read_text(encoding="utf-8").splitlines()) == 1 + 12


def test_classes_that_the_network_does_not_know_are_asked_for(driver: EvaluateDriver, tmp_path: Path) -> None:
    page = driver.page
    data = write_pictures(tmp_path / "other", ("kitty", "sparrow"))
    page.question.choose_data(str(data))
    page.bar.measure.click()
    driver.wait(lambda: page.banner.isVisible() and not page.measuring.busy, START)
    unmatched = page.measuring.unmatched
    assert unmatched is not None
    assert unmatched.data_classes == ("kitty", "sparrow")
    assert page.banner.action.text() == "Choose classes"
    page.measuring.measure_with({"kitty": "cat", "sparrow": ""})
    driver.wait(lambda: page.state.answers is not None and not page.measuring.busy, START)
    assert page.state.answers is not None
    assert {page.state.answers.labels[number] for number in page.state.answers.truth} == {"cat"}

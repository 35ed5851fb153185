"""What the page opens with, what it says that the network knows, and which of many pictures it shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QPoint, Qt
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.gui.common.network_list import NetworkList
from resnet_gui.gui.common.network_model import FETCH, NetworkModel
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.answer.known_classes import KnownClasses
from resnet_gui.gui.predict.answer.top5 import Top5Bars
from resnet_gui.gui.predict.opening_sample import DIGIT, PICTURE
from resnet_gui.gui.predict.page import PredictPage
from resnet_gui.gui.predict.pictures.drop_zone import DropZone
from resnet_gui.gui.predict.pictures.filter import FAILED, WRONG
from resnet_gui.gui.predict.predictions import keep_pasted, pasted_folder
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.events import Score
from resnet_gui.protocol.jobs import ModelRequest
from tests.gui.predict.predicting import CAR, SAMPLES, SHIP, PredictDriver


def test_the_page_opens_with_a_sample_answered_and_explained_which_gives_way(driver: PredictDriver) -> None:
    page = driver.page
    driver.settle()
    page.sample.wanted = True
    page.state.model_loaded.emit()
    driver.settle()
    assert page.gallery.chosen() is driver.picture(SAMPLES / PICTURE)
    assert page.answer.bars.scores()[0].label == "cat"
    assert page.canvas.scene.overlay is not None, "Grad-CAM is on"
    assert page.loses() == "", "nobody loses a sample"
    known = page.answer.known
    assert (known.isVisible(), known.count.text()) == (True, "10 classes")
    assert known.limits.isVisible()
    assert known.limits.text() == "Whatever a picture shows, the answer is one of these."
    assert known.chips.accessibleDescription().endswith("; the answer is cat")
    driver.drop(SHIP)
    assert [one.path for one in page.pictures.pictures()] == [SHIP]
    page.strip.clear.click()
    page.state.model_loaded.emit()
    driver.settle()
    assert page.pictures.rowCount() == 0, "who has cleared the page wants no sample"


@pytest.mark.prove
def test_another_network_gets_a_sample_that_it_can_know(driver: PredictDriver) -> None:
    page = driver.page
    driver.settle()
    page.sample.wanted = True
    page.state.model_loaded.emit()
    driver.settle()
    page.show_plain()
    driver.wait(lambda: page.pictures.find(SAMPLES / DIGIT) is not None)
    driver.settle()
    assert [one.path.name for one in page.pictures.pictures()] == [DIGIT]


def test_few_classes_are_chips_many_are_a_list_that_can_be_searched(theme: Theme, qtbot: QtBot) -> None:
    known = KnownClasses(theme)
    qtbot.addWidget(known)
    clicked: list[int] = []
    known.class_clicked.connect(clicked.append)
    known.resize(300, 300)
    known.show()
    known.show_classes(("cat", "dog", "a very long name of a class that no chip has room for at all"))
    known.show_answer(1)
    assert known.chips.isVisible()
    assert not known.search.isVisible()
    cells = known.chips._cells(300)
    assert all(cell.right() <= 300 for cell in cells)
    qtbot.mouseClick(known.chips, Qt.MouseButton.LeftButton, pos=cells[0].center().toPoint())
    qtbot.keyClick(known.chips, Qt.Key.Key_Right)
    qtbot.keyClick(known.chips, Qt.Key.Key_Return)
    assert clicked == [0, 1]
    assert known.chips.accessibleDescription().endswith("the answer is dog")

    known.show_classes(tuple(f"class {number}" for number in range(1000)))
    known.show_answer(437)
    assert (known.count.text(), known.chips.isVisible()) == ("1,000 classes", False)
    assert known.search.list.currentIndex().data() == "class 437"
    known.search.search.setText("99")
    expected = [*(f"class {n}99" for n in range(1, 9)), *(f"class {n}" for n in range(990, 1000))]
    assert known.search.found() == ["class 99", *expected]
    known.search.list.clicked.emit(known.search._found.index(1, 0))
    assert clicked[-1] == 199
    known.search.search.setText("no such")
    assert known.search.nothing.isVisible()
    known.show_classes(())
    assert not known.isVisible()


def test_of_many_pictures_those_of_an_answer_the_wrong_and_the_unreadable_can_be_shown(
    driver: PredictDriver, tmp_path: Path
) -> None:
    page, strip = driver.page, driver.page.strip
    for folder, paths in (("ship", (SHIP, CAR)), ("Automobile", (CAR,))):
        (tmp_path / folder).mkdir()
        for path in paths:
            shutil.copy(path, tmp_path / folder)
    (tmp_path / "ship" / "bad.png").write_bytes(b"no picture")
    driver.drop(*sorted(tmp_path.rglob("*.*")))
    strip.show_counts(*page.pictures.counts(), busy=False)
    assert strip.words.text() == "4 pictures, 1 without an answer"
    texts = [strip.filter.itemText(number) for number in range(strip.filter.count())]
    assert texts == ["All (4)", "Wrong only (1)", "Without an answer (1)", "automobile (2)", "ship (1)"]

    def shown(key: str) -> list[str]:
        strip.filter.show_key(key)
        strip.filter.activated.emit(strip.filter.currentIndex())
        model = strip.shown
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    bad = driver.picture(tmp_path / "ship" / "bad.png")
    cells = [page.pictures.index(bad.row, column).data() for column in range(7)]
    assert cells[:2] == ["bad.png", bad.error.removeprefix(f"{bad.path} ")], "its name stands once"
    assert cells[2:] == [""] * 5
    assert shown(WRONG) == ["automobile.jpg"]
    assert shown(FAILED) == ["bad.png"]
    assert shown("class automobile") == ["automobile.jpg", "automobile.jpg"]
    assert page.table.table.model().rowCount() == 2, "the table shows the same"
    page.gallery.choose(driver.picture(tmp_path / "ship" / "ship.jpg"))
    assert strip.shown.rowCount() == 4, "a picture that is wanted is shown, whatever was chosen before"


def test_weights_to_download_are_one_line_until_they_are_wanted(theme: Theme, qtbot: QtBot) -> None:
    model = NetworkModel()
    networks = NetworkList(theme, model)
    qtbot.addWidget(networks)
    networks.resize(280, 600)
    networks.show()
    model.load(())
    inside = [entry.title for entry in model.entries() if entry.kind == "shipped"]
    assert inside[1:] == ["ResNet-20", "plain-20"], "the recorded networks with weights"
    networks.choose(model.entries()[1].key)
    chosen = networks.chosen()
    line = next(number for number, entry in enumerate(model.entries()) if entry.key == FETCH)
    networks.setCurrentIndex(model.index(line))
    assert networks.chosen() == chosen, "keys that walk over the line choose nothing else"
    qtbot.keyClick(networks, Qt.Key.Key_Return)
    assert len([entry for entry in model.entries() if entry.kind == "published"]) == 17
    assert networks.chosen() == chosen
    model.unfold(on=False)
    assert networks.choose("resnet50-v2"), "what is asked for by name is unfolded"
    assert model.unfolded


def test_a_pasted_picture_is_named_by_when_it_was_pasted(driver: PredictDriver) -> None:
    from PySide6.QtGui import QImage

    kept = [keep_pasted(QImage(str(SHIP))) for _ in range(2)]
    for path in kept:
        assert isinstance(path, Path)
        assert path.parent == pasted_folder()
        assert path.name.startswith("Pasted ")
    assert len(set(kept)) == 2


def test_the_share_of_picture_and_explanation_is_kept(driver: PredictDriver, theme: Theme) -> None:
    page = driver.page
    page.viewer.setSizes([300, 400])
    settings = Settings()
    page.remember(settings)
    kept = page.viewer.sizes()
    assert settings.explained == kept
    again = PredictPage(driver.session, driver.warm.engines, theme, settings)
    again.resize(page.size())
    again.sample.wanted = False
    again.show()
    assert again.viewer.sizes() == kept
    again.leave()
    again.hide()
    again.deleteLater()


def test_the_table_gives_its_spare_width_to_the_names_and_cuts_nothing_else(driver: PredictDriver) -> None:
    page = driver.page
    driver.drop(SHIP, CAR)
    page.strip.set_table(on=True)
    page.resize(1800, 800)
    driver.settle()
    table = page.table.table
    wide = [table.columnWidth(number) for number in range(7)]
    assert wide[0] > 400
    for column in range(1, 7):
        assert table.sizeHintForColumn(column) <= wide[column]
        assert table.horizontalHeader().sectionSizeHint(column) <= wide[column]


def test_a_remembered_network_that_cannot_be_used_any_more_leaves_no_empty_page(
    driver: PredictDriver, theme: Theme, tmp_path: Path
) -> None:
    driver.settle()
    gone = str(tmp_path / "gone.pth")
    kept = Settings(theme="dark", network=gone, network_request=ModelRequest(model=gone))
    again = PredictDriver(driver.qtbot, driver.warm, theme, kept)
    again.page.sample.wanted = True
    again.wait(lambda: again.page.pictures.rowCount() > 0)
    again.settle()
    assert again.page.models.model == SHIPPED
    assert any("gone.pth" in said and said.endswith("another network is chosen.") for said in again.said)
    assert again.page.answer.bars.scores()[0].label == "cat"
    again.close()


def test_a_picture_that_cannot_be_shown_says_so_in_the_middle_though_no_network_is_chosen(
    driver: PredictDriver, tmp_path: Path
) -> None:
    driver.settle()
    driver.page.state.set_model_request(None)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    driver.drop(broken)
    assert driver.picture(broken).sentence == "", "nobody was asked"
    assert driver.page.canvas.words.startswith("broken.jpg cannot be shown")


def test_the_bars_say_of_which_output_a_class_is(theme: Theme, qtbot: QtBot) -> None:
    bars, data = Top5Bars(theme), QBuffer()
    qtbot.addWidget(bars)
    bars.resize(300, bars.height())
    bars.show_scores((Score("dog", 5, 0.677), Score("cat", 3, 0.2)))
    drawn = QSvgGenerator()  # keeps texts as texts
    drawn.setOutputDevice(data)
    painter = QPainter(drawn)
    bars.render(painter, QPoint())
    painter.end()
    assert re.findall(r">([^<>]+)</text>", bytes(data.data().data()).decode()) == [
        "67.7 %", "dog", "class 5", "20.0 %", "cat", "class 3",
    ]  # fmt: skip


def test_the_digits_beside_the_samples_are_called_what_no_run_has_seen(theme: Theme, qtbot: QtBot) -> None:
    zone = DropZone(theme, sorted(SAMPLES.iterdir()))
    qtbot.addWidget(zone)
    captions = [made.text() for made in zone.findChildren(QLabel)]
    assert "handwritten digits of the test part, from which no run learns" in captions

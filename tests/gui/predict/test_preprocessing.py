"""What the network sees of a picture, step by step, and that nothing old stays on the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from resnet_gui.data.preprocessing import PREPROCESSES, CropBox, crop_boxes, describe_steps
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.answer.preprocessing import WIDE, PreprocessingView
from resnet_gui.gui.predict.explain.lesions import LesionView
from tests.engine.data.picture_files import png as deep_png
from tests.gui.predict.predicting import PLANE, SHIP, PredictDriver, pick, small_pictures


def png(image: QImage, path: Path) -> bytes:
    assert image.save(str(path))
    return path.read_bytes()


@pytest.fixture
def view(qtbot: QtBot, theme: Theme, tmp_path: Path) -> PreprocessingView:
    """A picture of 80×40, red at the left and blue at the right, whose middle square is the input of 8×8."""
    view = PreprocessingView(theme)
    qtbot.addWidget(view)
    original = QImage(80, 40, QImage.Format.Format_RGB32)
    original.fill(QColor("red"))
    for x in range(40, 80):
        for y in range(40):
            original.setPixelColor(x, y, QColor("blue"))
    cut = original.copy(20, 0, 40, 40).scaled(8, 8)
    view.show_input(png(cut, tmp_path / "cut.png"))
    view.show_original(original, (160, 80), CropBox(40, 0, 80, 80))
    return view


def test_the_picture_after_each_step_is_shown_and_again_the_input(view: PreprocessingView) -> None:
    how = PREPROCESSES["imagenet"].preprocess
    view.show_steps(describe_steps((3, 8, 8), how))
    view.show_normal(how)
    assert (view.picture().width(), view.picture().height()) == (8, 8)
    view.choose(0)
    framed = view.picture()
    assert (framed.width(), framed.height()) == (80, 40), "resized: the whole picture, with the crop on it"
    assert framed.pixelColor(20, 20).lightness() > 200
    assert framed.pixelColor(5, 20) == QColor("red")
    view.choose(1)
    assert view.picture() == view.image()
    view.choose(3)
    normal = view.picture()
    for x, colour in ((1, (1.0, 0.0, 0.0)), (6, (0.0, 0.0, 1.0))):
        wanted = (np.array(colour) - how.mean) / how.std * (127.5 / WIDE) + 127.5
        shown = normal.pixelColor(x, 4)
        assert np.abs(np.array([shown.red(), shown.green(), shown.blue()]) - wanted.clip(0, 255)).max() <= 1.01
    view.choose(3)
    assert view.picture() == view.image()


def test_where_a_picture_is_fitted_its_first_step_is_the_part_that_is_cut_out(view: PreprocessingView) -> None:
    view.show_steps(describe_steps((3, 8, 8), PREPROCESSES["cifar10"].preprocess))
    view.choose(0)
    cut = view.picture()
    assert (cut.width(), cut.height()) == (40, 40)
    assert (cut.pixelColor(2, 20), cut.pixelColor(37, 20)) == (QColor("red"), QColor("blue"))


def test_with_ten_crops_the_heat_lies_on_the_one_crop_that_is_explained(driver: PredictDriver) -> None:
    page = driver.page
    driver.drop(SHIP)
    page.models.choices.views._choose(1)
    driver.settle()
    scene, size = page.canvas.scene, driver.picture(SHIP).size
    (one,) = crop_boxes(size, (3, 32, 32), driver.known.preprocess)
    assert scene.explained == one
    assert one not in scene.crops
    target, crop = page.canvas._target(), page.canvas.crop_rect()
    assert crop.width() == pytest.approx(one.width * target.width() / size[0])
    assert scene.overlay is not None


def test_a_picture_of_deep_colours_is_said_to_be_cut_to_eight_bits_and_others_are_not(
    driver: PredictDriver, tmp_path: Path
) -> None:
    view = driver.page.answer.preprocessing
    (tmp_path / "deep.png").write_bytes(deep_png((8, 8), 16, 2, (b"\0" + bytes(48)) * 8))
    for path, said in ((SHIP, False), (tmp_path / "deep.png", True), (PLANE, False)):
        driver.drop(path)
        assert ("Deep colours: the upper 8 of 16 bits" in view.accessibleDescription()) is said


def test_another_network_leaves_nothing_of_the_old_one_on_the_page_while_it_is_loaded(driver: PredictDriver) -> None:
    page = driver.page

    def shown() -> tuple[bool, int, bool]:
        """Heat, classes to explain, maps."""
        scene = page.canvas.scene
        return (
            scene.overlay is not None,
            page.bar.target.count(),
            bool(driver.maps.grid.tiles()),
        )

    driver.drop(SHIP)
    assert shown() == (True, 11, True)
    assert "ship" in page.bar.target.itemText(0)
    pick(page.models.choices.preprocess, "half")
    assert shown() == (False, 1, False), "before anything was answered"
    driver.settle()
    assert shown() == (True, 11, True)


def test_a_folder_that_comes_while_no_network_can_be_used_is_classified_with_the_next_one(
    driver: PredictDriver, tmp_path: Path
) -> None:
    page = driver.page
    page.models.list.choose(next(iter(WEIGHTS)))
    driver.settle()
    assert page.state.model_request is None
    folder = small_pictures(tmp_path / "many", 5)
    page.take_mime(_files(folder))
    assert page.pictures.rowCount() == 0
    page.models.list.choose(SHIPPED)
    driver.settle()
    assert {one.path for one in page.pictures.pictures()} == set(folder.iterdir())
    assert all(one.top for one in page.pictures.pictures())


def test_with_lesions_the_answer_of_one_picture_never_stands_beside_another(
    driver: PredictDriver, tmp_path: Path
) -> None:
    page = driver.page
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no")
    driver.drop(SHIP, broken)
    driver.choose(SHIP)
    page.state.set_view("lesions")
    page.explain.widget(LesionView).switches.toggle("layer1.1")
    driver.settle()
    assert page.answer.bars._whole
    driver.choose(broken)
    assert page.answer.bars.scores() == ()
    assert "is not a picture" in page.answer.hint.text()


def test_files_of_another_computer_are_no_local_files(driver: PredictDriver) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl(f"file://elsewhere{PLANE}")])
    driver.page.take_mime(mime)
    assert driver.page.pictures.rowCount() == 0
    assert "an address on the network" in driver.said[-1]


def _files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime

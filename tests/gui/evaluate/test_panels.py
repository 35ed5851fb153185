"""Matrix, table of classes, reliability diagram and gallery of the Evaluate page."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from resnet_gui.evaluation.calibration import TEMPERATURES
from resnet_gui.evaluation.record import LeftOutPicture
from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.common.confusion_matrix import DARK, LIGHT, ConfusionMatrix, number_colour, pooled
from resnet_gui.gui.evaluate.cards.card import CardContent, CardTrack, EvaluationCard
from resnet_gui.gui.evaluate.classes.model import F1, PRECISION, ClassFiguresModel
from resnet_gui.gui.evaluate.gallery.thumbnails import AT_ONCE
from resnet_gui.gui.evaluate.left_out_dialog import left_out_sentence
from resnet_gui.gui.kit.colormap import contrast, viridis
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.evaluation_events import CopiesFound, PictureCopy
from resnet_gui.protocol.evaluation_messages import FindCopies, ShowEvaluated
from resnet_gui.protocol.events import Failed, ThumbnailsLoaded
from tests.evaluation.made_evaluation import made_record
from tests.gui.evaluate.evaluating import EvaluateDriver, answers_of, kept
from tests.gui.evaluate.measured_folders import make_answers


@pytest.fixture
def matrix(qtbot: QtBot, theme: Theme) -> ConfusionMatrix:
    made = ConfusionMatrix(theme, standing_names=True)
    qtbot.addWidget(made)
    made.resize(360, 300)
    made.show()
    return made


def test_a_matrix_in_another_order_still_names_classes_by_their_numbers(matrix: ConfusionMatrix, qtbot: QtBot) -> None:
    matrix.set_counts(np.arange(9).reshape(3, 3), ("a", "b", "c"))
    matrix.set_order(np.array([2, 0, 1]))
    chosen: list[tuple[int, int]] = []
    matrix.cell_chosen.connect(lambda true, given: chosen.append((true, given)))
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix.box(0, 2).center().toPoint())
    assert chosen == [(0, 2)]
    assert matrix.box(2, 2).left() < matrix.box(0, 0).left() < matrix.box(1, 1).left()
    assert "2 of 3 pictures of 'a' were taken for 'c'" in matrix.accessibleDescription()


def test_arrows_move_over_the_matrix_and_enter_chooses(matrix: ConfusionMatrix, qtbot: QtBot) -> None:
    matrix.set_counts(np.ones((4, 4), dtype=np.int64), tuple("abcd"))
    chosen: list[tuple[int, int]] = []
    matrix.cell_chosen.connect(lambda true, given: chosen.append((true, given)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(matrix, key)
    assert chosen == [(1, 2)]


def test_a_thousand_classes_are_drawn_as_one_picture_and_zoomed_into_until_numbers_have_room(
    matrix: ConfusionMatrix, qtbot: QtBot
) -> None:
    counts = np.zeros((1000, 1000), dtype=np.int64)
    np.fill_diagonal(counts, 50)
    counts[700, 20] = 3
    matrix.set_counts(counts, tuple(f"n{number}" for number in range(1000)))
    matrix.grab()
    matrix.select((700, 20))
    for _ in range(14):
        qtbot.keyClick(matrix, Qt.Key.Key_Plus)
    assert matrix.seen <= 12
    assert matrix.rect().contains(matrix.box(700, 20).center().toPoint())
    matrix.grab()
    qtbot.keyClick(matrix, Qt.Key.Key_0)
    assert matrix.seen == 1000


def test_what_one_pixel_stands_for_is_the_largest_of_its_cells() -> None:
    values = np.zeros((1000, 1000))
    values[999, 3] = 0.5
    small = pooled(values, 100, 250)
    assert small.shape == (100, 250)
    assert (small[99, 0], small.sum()) == (0.5, 0.5)
    assert pooled(values[:5, :5], 100, 100).shape == (5, 5)


def test_numbers_read_well_on_every_colour_of_the_matrix() -> None:
    for step in range(256):
        fill = viridis(step / 255)
        assert contrast(number_colour(fill), fill) == max(contrast(DARK, fill), contrast(LIGHT, fill))
        assert contrast(number_colour(fill), fill) > 4.2


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [
        (86.83, 88.12, (85, 90)), (99.2, 99.6, (98, 100)), (0.0, 0.4, (0, 2)), (40.0, 60.0, (0, 100)),
        (49.5, 50.5, (40, 60)),
    ],
)  # fmt: skip
def test_a_track_names_a_round_range_around_the_interval(low: float, high: float, ends: tuple[int, int]) -> None:
    assert CardTrack((low + high) / 2, low, high).ends == ends


def test_classes_without_a_figure_are_last_in_either_order(qtbot: QtBot) -> None:
    answer = np.array([0, 0, 1, 0, 2, 2], dtype=np.int32)
    answers = answers_of(answer, 3)
    figures = [*answers.by_class]
    figures[1] = type(figures[1])(1, "class 1", None, None, None, 0, 0)
    model = ClassFiguresModel()
    model.show_figures(figures)
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        for column in (PRECISION, F1):
            model.sort(column, order)
            assert model.figures(2).label == "class 1"
            assert model.data(model.index(2, column)) == "–"


def test_the_table_of_classes_is_copied_as_it_is_sorted(shown: EvaluateDriver) -> None:
    shown.page.classes.copy.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["Class", "Precision", "Recall", "F1", "Support"]
    assert [line.split("\t")[0] for line in lines[1:]] == [
        shown.page.classes.classes.figures(row).label for row in range(3)
    ] + ["Mean"]
    assert lines[-1].split("\t") == ["Mean", "90.0", "90.0", "90.0", "60"]
    assert "3 classes" in shown.said[-1]


def test_the_slider_shows_the_diagram_at_its_temperature_and_best_at_the_fitted_one(shown: EvaluateDriver) -> None:
    panel, state = shown.page.reliability, shown.page.state
    assert panel.fitted is not None
    assert state.temperature == panel.fitted.value
    panel.slider.setValue(0)
    assert state.temperature == TEMPERATURES[0]
    shown.wait(lambda: panel.value.text() == f"{TEMPERATURES[0]:.2f}")
    assert state.answers is not None
    assert panel.diagram._heated == state.answers.reliability(TEMPERATURES[0])
    panel.best.click()
    assert state.temperature == panel.fitted.value


def test_a_bin_of_the_diagram_says_how_sure_and_how_right_its_answers_are(shown: EvaluateDriver) -> None:
    diagram = shown.page.reliability.diagram
    x = diagram.plot_box().left() + 0.82 * diagram.plot_box().width()
    assert diagram.reading(x).startswith("60 answers of 80.0 to 86.7 %: 90.0 % of them right")
    assert "less sure than right" in diagram.reading(x)
    assert diagram.reading(diagram.plot_box().left() + 2) == "No answer has a confidence of 0.0 to 6.7 %"


@pytest.mark.usefixtures("home")
def test_of_thousands_of_wrong_pictures_only_those_on_screen_are_asked_for(qtbot: QtBot, theme: Theme) -> None:
    truth = np.sort(np.arange(3_000) % 10)
    kept(answers_of(((truth + 1) % 10).astype(np.int32), 10))
    driver = EvaluateDriver(qtbot, theme)
    gallery = driver.page.gallery
    assert gallery.pictures.rowCount() == 3_000
    driver.wait(lambda: len(driver.asked(ShowEvaluated)) == 1)
    (first,) = driver.asked(ShowEvaluated)
    assert len(first.numbers) <= AT_ONCE
    assert set(first.numbers) <= set(gallery.pictures.numbers[:AT_ONCE].tolist())
    gallery.gallery.scrollToBottom()
    driver.turn()
    driver.answer(ThumbnailsLoaded(first.job, ()))
    driver.wait(lambda: len(driver.asked(ShowEvaluated)) == 2)
    second = driver.asked(ShowEvaluated)[1].numbers
    assert set(gallery.pictures.numbers[-8:].tolist()) <= set(second)
    assert len(second) <= AT_ONCE
    driver.close()


def test_the_diagonal_shows_right_answers_and_what_was_picked_out_all_of_them(shown: EvaluateDriver) -> None:
    gallery, state = shown.page.gallery, shown.page.state
    state.select(Selection(truth=1, answer=1))
    assert gallery.orders.text() == "Right, most sure first"
    assert len(gallery.pictures.numbers) == 18
    state.select(Selection(numbers=(0, 1, 2)))
    assert gallery.orders.text() == "Chosen, most sure first"
    assert sorted(gallery.pictures.numbers.tolist()) == [0, 1, 2]


def test_pictures_that_are_in_training_too_are_asked_for_once_and_named(shown: EvaluateDriver) -> None:
    gallery = shown.page.gallery
    gallery.set_order("copies")
    gallery.set_order("confidence")
    gallery.set_order("copies")
    (asked,) = shown.asked(FindCopies)
    exact, near = PictureCopy(7, "cat/1.png", "cat"), PictureCopy(4, "dog/2.png", "dog", 9)
    shown.answer(
        CopiesFound(job=asked.job, exact=(exact,), near=(near,), pictures=60, training_pictures=500, threshold=12)
    )
    assert gallery.pictures.numbers.tolist() == [7, 4]
    tiles = [gallery.pictures.tile(row) for row in range(2)]
    assert [tile.first for tile in tiles if tile is not None] == ["same pixels", "9 of 64 bits"]
    shown.page.state.select(Selection(truth=2))
    assert gallery.words.text() == "None of these pictures is among the 500 training pictures, nor nearly so."
    gallery.compare_with("elsewhere")
    again = shown.asked(FindCopies)[-1]
    assert again.train_data == "elsewhere"
    assert gallery.training.isHidden()
    shown.answer(Failed(again.job, "There is no folder 'elsewhere'."))
    shown.wait(lambda: gallery.words.text() == "There is no folder 'elsewhere'.")
    assert not gallery.training.isHidden()


def test_a_zoomed_matrix_is_moved_by_the_middle_button(matrix: ConfusionMatrix, qtbot: QtBot) -> None:
    matrix.set_counts(np.ones((100, 100), dtype=np.int64), tuple(str(number) for number in range(100)))
    matrix.zoom(5, QPointF(100, 100))
    before = matrix.box(50, 50).topLeft()
    qtbot.mousePress(matrix, Qt.MouseButton.MiddleButton, pos=QPoint(200, 200))
    qtbot.mouseMove(matrix, QPoint(160, 160))
    qtbot.mouseRelease(matrix, Qt.MouseButton.MiddleButton, pos=QPoint(160, 160))
    after = matrix.box(50, 50).topLeft()
    assert after.x() < before.x()
    assert after.y() < before.y()


def test_tab_reaches_the_tools_of_a_panel_before_what_it_shows(shown: EvaluateDriver) -> None:
    gallery = shown.page.gallery
    for before, after in ((gallery.orders, gallery.filter), (gallery.filter, gallery.gallery)):
        one = before.nextInFocusChain()
        while one is not None and one.focusPolicy() == Qt.FocusPolicy.NoFocus:
            one = one.nextInFocusChain()
        assert one is after


@pytest.mark.usefixtures("home")
def test_a_count_of_five_digits_is_read_whole(qtbot: QtBot, theme: Theme) -> None:
    truth = np.sort(np.arange(12_000) % 3)
    kept(answers_of(((truth + 1) % 3).astype(np.int32), 3))
    driver = EvaluateDriver(qtbot, theme)
    gallery = driver.page.gallery
    for order in ("confidence", "loss"):
        gallery.set_order(order)
        driver.turn()
        assert gallery.about.text() == "12,000"
        assert gallery.about.width() >= gallery.about.fontMetrics().horizontalAdvance("12,000")
        assert gallery.minimumSizeHint().width() <= gallery.width()
    driver.close()


def test_a_banner_takes_its_height_from_the_panels_of_a_usual_window(shown: EvaluateDriver) -> None:
    page = shown.page
    page.banner.show_sentence("Something deserves a look.")
    shown.turn()
    assert page.scroll_area.verticalScrollBar().maximum() == 0


def test_the_name_of_the_hardest_class_is_cut_and_not_dropped(qtbot: QtBot, theme: Theme) -> None:
    card = EvaluationCard(theme, CardContent("Hardest class"))
    qtbot.addWidget(card)
    card.resize(160, 74)
    blank = card.grab().toImage()
    pictures = []
    for unit in ("% of cat", "% of a class with a name that is much longer than the card"):
        card.show_content(CardContent("Hardest class", "78.0", unit))
        pictures.append(card.grab().toImage())
    card.show_content(CardContent("Hardest class", "78.0"))
    assert card.grab().toImage() not in [blank, *pictures]


def test_what_was_left_out_is_named_once_in_a_sentence_with_one_stop() -> None:
    path = "/pictures/cat/broken.png"
    record = made_record(
        make_answers(), left_out=(LeftOutPicture(path, f"{path} is not a picture that can be read."),), pictures=60
    )
    sentence = left_out_sentence(record)
    assert (
        sentence == "1 entry was left out, 60 pictures are counted: cat/broken.png is not a picture that can be read."
    )


def test_a_sentence_that_is_too_long_for_a_line_of_the_banner_has_a_second_one(shown: EvaluateDriver) -> None:
    banner = shown.page.banner
    banner.show_sentence("Short.", "Choose classes")
    shown.turn()
    assert banner.text.lines() == ("Short.",)
    sentence = " ".join(f"word{number}" for number in range(40))
    banner.show_sentence(sentence, "Choose classes")
    shown.turn()
    assert " ".join(banner.text.lines()) == sentence
    banner.show_sentence(f"{sentence} {sentence} {sentence}", "Choose classes")
    assert len(banner.text.lines()) == 2
    assert banner.text.lines()[1].endswith("…")
    banner.grab()

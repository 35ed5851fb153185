"""The slider of how much of F(x) is added, with a real engine, and the plain network that does not survive it."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.deletions import deletion_kind
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.block_switches import BlockSwitches
from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.predict.plain_network import PLAIN, digit, plain_network
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.explain_events import Explanation
from resnet_gui.protocol.jobs import Explain, Predict
from tests.gui.predict.predicting import SHIP, PredictDriver


def settle(driver: PredictDriver) -> None:
    driver.wait(lambda: not driver.page.shares.busy)
    driver.settle()


def test_answer_and_map_follow_the_slider_and_at_1_both_are_the_exact_ones(driver: PredictDriver) -> None:
    page, view = driver.page, driver.page.explain.widget(LesionView)
    page.state.set_view("lesions")
    driver.drop(SHIP)
    whole, heat = page.answer.bars.scores(), page.canvas.scene.overlay
    assert heat is not None
    view.slider.setValue(40)
    assert view.share.text() == "α = 0.40"
    settle(driver)
    scaled, overlay = page.answer.bars.scores(), page.canvas.scene.overlay
    assert scaled != whole
    assert overlay is not None
    assert overlay.values != heat.values
    assert (page.state.branch_share, page.answer.title.text()) == (0.4, "Top 5, altered network")
    assert view.words.text().startswith("α = 0.40: ship ")
    assert page.answer.bars._whole == {score.index: score.probability for score in whole}
    assert driver.picture(SHIP).top == whole, "the strip keeps what the whole network says"
    view.reset.click()
    settle(driver)
    assert (page.answer.bars.scores(), page.answer.title.text()) == (whole, "Top 5")
    back = page.canvas.scene.overlay
    assert back is not None
    assert back.values == heat.values
    assert not view.reset.isEnabled()


def test_of_the_places_that_a_hand_passes_the_last_is_always_answered_and_few_are_asked(
    driver: PredictDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, view = driver.page, driver.page.explain.widget(LesionView)
    page.state.set_view("lesions")
    driver.drop(SHIP)
    asked: list[float] = []
    ask = driver.warm.engines.ask

    def listen(make: object) -> int:
        job = make(0)  # type: ignore[operator]
        if isinstance(job, Predict | Explain):
            asked.append(job.model_request.branch_share)
        return ask(make)  # type: ignore[arg-type]

    monkeypatch.setattr(driver.warm.engines, "ask", listen)
    view.slider.setSliderDown(True)
    for value in range(95, 20, -1):
        view.slider.setValue(value)
    view.slider.setSliderDown(False)
    settle(driver)
    assert page.state.branch_share == 0.21
    assert set(asked) == {0.95, 0.21}, "while nothing is answered, nothing more is asked"
    assert [one.score for one in driver.heard if isinstance(one, Explanation)], "maps came with the answers"


def test_with_another_network_everything_is_added_again(driver: PredictDriver) -> None:
    page, view = driver.page, driver.page.explain.widget(LesionView)
    driver.settle()
    view.slider.setValue(30)
    assert page.state.branch_share == 0.3
    loaded = driver.known
    page.state.set_loaded(msgspec.structs.replace(loaded, spec=evolve(loaded.spec, blocks=(2, 2, 2))))
    assert (page.state.branch_share, view.slider.value(), view.share.text()) == (1.0, 100, "α = 1.00")


def test_a_plain_network_says_what_is_scaled_and_its_answer_falls_to_chance(driver: PredictDriver) -> None:
    page, view = driver.page, driver.page.explain.widget(LesionView)
    page.state.set_view("lesions")
    folder = plain_network()
    assert folder is not None
    assert "adds α F(x) to its shortcut" in view.meaning.text()
    assert view.plain.isVisibleTo(view)
    driver.drop(SHIP)
    view.switches.toggle("layer1.1")
    view.slider.setValue(50)
    settle(driver)
    view.plain.setFocus()
    view.plain.click()
    driver.wait(lambda: page.state.loaded is not None and page.state.loaded.name == PLAIN)
    settle(driver)
    assert page.models.model == str(folder)
    assert page.state.picture is not None
    assert page.state.picture.path == digit()
    assert (page.state.lesions, page.state.branch_share) == (("layer1.1",), 0.5), "the same is done to it"
    assert "passes α F(x) on" in view.meaning.text()
    assert not view.plain.isVisibleTo(view)
    assert page.focusWidget() is view.slider
    assert driver.known.name == PLAIN
    view.reset.click()
    settle(driver)
    whole = page.answer.bars.scores()
    assert whole[0].label == "7"
    assert whole[0].probability > 0.9
    view.slider.setValue(0)
    settle(driver)
    seven = page.answer.bars.scores()
    driver.drop(digit().with_name("digit-2.png"))
    page.gallery.choose(driver.picture(digit().with_name("digit-2.png")))
    settle(driver)
    assert page.answer.bars.scores() == seven, "nothing of the picture is left: all have one answer"


def test_where_nothing_was_altered_the_plain_network_loses_one_block(driver: PredictDriver) -> None:
    page = driver.page
    driver.drop(digit())
    page.show_plain()
    driver.wait(lambda: bool(page.state.lesions))
    planned = page.state.plan
    assert planned is not None
    able = [location.path for location, block in planned.blocks() if deletion_kind(block) != "none"]
    assert page.state.lesions == (able[len(able) // 2],)
    settle(driver)
    assert page.answer.bars.scores()[0].probability < driver.picture(digit()).top[0].probability


def test_a_long_stage_breaks_into_lines_and_every_block_can_be_clicked(theme: Theme, qtbot: QtBot) -> None:
    switches = BlockSwitches(theme)
    qtbot.addWidget(switches)
    switches.show()
    switches.show_network(plan(PRESETS["resnet50"].spec))
    for width in (300, 700):
        switches.resize(width, 500)
        cells = switches._cells()
        assert len(cells) == 16
        assert all(cell.right() <= width for cell in cells)
        assert not any(one.intersects(other) for number, one in enumerate(cells) for other in cells[:number])
        assert switches.heightForWidth(width) >= cells[-1].bottom()
        qtbot.mouseClick(switches, Qt.MouseButton.LeftButton, pos=cells[15].center().toPoint())
    assert switches.off() == (), "clicked twice"


@pytest.mark.parametrize("preset", ["resnet20", "resnet50"])
def test_the_switches_scroll_only_where_they_would_not_fit_without_a_scroll_bar(
    theme: Theme, qtbot: QtBot, preset: str
) -> None:
    view = LesionView(theme, PredictState(None, view="lesions"))
    qtbot.addWidget(view)
    view.show_network(plan(PRESETS[preset].spec))
    view.show()
    area = view.findChild(QScrollArea)
    assert area is not None
    for width in range(400, 760, 28):
        view.resize(width, 150)
        QApplication.processEvents()
        assert area.verticalScrollBar().isVisible()
        room = area.contentsRect()
        view.resize(width, view.height() + view.switches.heightForWidth(room.width()) - room.height())
        QApplication.processEvents()
        assert not area.verticalScrollBar().isVisible(), width

"""An explanation on a projector: it is worked with the mouse there, and its answer stands beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt

from resnet_gui.gui.common.presentation import EnlargedGroup
from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.shell.presentation import PresentationWindow
from tests.gui.driving import drawn_at
from tests.gui.predict.predicting import SHIP, PredictDriver


def test_the_slider_is_dragged_on_the_projector_and_answer_and_map_beside_it_follow(driver: PredictDriver) -> None:
    page, view = driver.page, driver.page.explain.widget(LesionView)
    page.state.set_view("lesions")
    driver.drop(SHIP)
    whole, size = page.answer.bars.scores(), page.explain.size()
    window = PresentationWindow(page, driver.theme, page)
    window.resize(1280, 720)
    window.show()
    window.show_pane([pane.title for pane in page.panes()].index("Explanation"))
    group = window.pane
    assert isinstance(group, EnlargedGroup)
    main, bars, picture = group.parts
    driver.wait(lambda: main.width() > bars.width() > 200 and main.shown.width() > 600)
    before = [part.grab().toImage() for part in (bars, picture)]
    ends = [drawn_at(main, page.explain, view.slider, share) for share in (0.98, 0.3)]
    driver.qtbot.mousePress(main, Qt.MouseButton.LeftButton, pos=ends[0])
    driver.qtbot.mouseMove(main, ends[1])
    driver.wait(lambda: view.slider.value() < 40)
    driver.qtbot.mouseRelease(main, Qt.MouseButton.LeftButton, pos=ends[1])
    driver.wait(lambda: not page.shares.busy)
    driver.settle()
    assert page.state.branch_share == view.slider.value() / 100
    assert page.answer.bars.scores() != whole
    for part, was in zip((bars, picture), before, strict=True):
        part.refresh()
        assert part.grab().toImage() != was
    driver.qtbot.mouseClick(main, Qt.MouseButton.LeftButton, pos=drawn_at(main, page.explain, view.reset))
    driver.wait(lambda: not page.shares.busy)
    driver.settle()
    assert page.answer.bars.scores() == whole
    assert page.explain.size() == size, "the page is as it was"
    window.close()

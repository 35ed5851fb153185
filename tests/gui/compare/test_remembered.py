"""What the window remembers of the Compare page."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.compare.page import ComparePage
from resnet_gui.gui.kit.theme import Mode
from tests.gui.driving import Opener


def test_pins_and_baseline_are_remembered_by_the_window(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.session.choose_preset(PRESETS["resnet50"])
    window.top.pin.click()
    window.session.pin(PRESETS["resnet18"].design)
    assert window.session.baseline == PRESETS["resnet50"].design
    window.window.close()
    from resnet_gui.gui.settings import load_settings

    again = open_window(load_settings(), engine=False)
    assert again.session.pins == (PRESETS["resnet50"].design, PRESETS["resnet18"].design)
    assert again.session.baseline == PRESETS["resnet50"].design
    again.show_page("compare")
    page = again.page("compare")
    assert isinstance(page, ComparePage)
    page.design_requested.emit(PRESETS["resnet18"].design)
    assert again.session.design == PRESETS["resnet18"].design
    assert again.window.stack.currentIndex() == 0
    again.show_page("compare")
    QApplication.processEvents()
    page.splitter.setSizes([700, 680])
    page.splitter.splitterMoved.emit(700, 1)
    sizes = page.splitter.sizes()
    again.window.close()
    assert load_settings().compared == sizes
    third = open_window(load_settings(), engine=False)
    third.show_page("compare")
    QApplication.processEvents()
    restored = third.page("compare")
    assert isinstance(restored, ComparePage)
    assert restored.splitter.sizes() == sizes
    modes: tuple[Mode, ...] = ("light", "dark")
    for mode in modes:
        again.show_page("compare")
        again.theme.set_mode(mode)
        QApplication.processEvents()

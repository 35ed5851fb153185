"""What the Predict page calls the parts of a network, and what it says where one has no such part."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.cam_by_depth import INSIDE, NOTHING_INSIDE, CamByDepthView
from resnet_gui.gui.predict.state import PredictState


def test_of_a_plain_network_it_is_said_that_there_is_no_sum_to_look_inside(qtbot: QtBot, theme: Theme) -> None:
    view = CamByDepthView(theme, PredictState())
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()
    shown = []
    for name in ("plain20", "resnet20"):
        view.show_network(plan(PRESETS[name].spec))
        QApplication.processEvents()
        shown.append((view.block.isVisible(), view.words.text()))
    assert shown == [(False, NOTHING_INSIDE), (True, INSIDE)]

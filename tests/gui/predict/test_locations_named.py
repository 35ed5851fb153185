"""What the Predict page calls the parts of a network, and what it says where one has no such part."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.cam_by_depth import INSIDE, NOTHING_INSIDE, CamByDepthView
from resnet_gui.gui.predict.explain.feature_maps import FeatureMapsView
from resnet_gui.gui.predict.explain.histograms import HistogramView
from resnet_gui.gui.predict.explain.receptive_field import ReceptiveFieldView
from resnet_gui.gui.predict.page import PredictPage
from resnet_gui.gui.predict.state import PredictState
from tests.gui.predict.predicting import PredictDriver


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


def test_layers_and_blocks_are_called_as_in_the_layer_table_everywhere_and_their_paths_are_tooltips(
    driver: PredictDriver,
) -> None:
    page: PredictPage = driver.page
    driver.wait(lambda: page.state.plan is not None)
    page.state.set_view("cam_by_depth")
    explain = page.explain
    layers = [
        explain.widget(FeatureMapsView).layer, explain.widget(HistogramView).layer,
        explain.widget(ReceptiveFieldView).layer,
    ]  # fmt: skip
    cam = page.explain.widget(CamByDepthView)

    def names() -> set[str]:
        found = {layer.itemText(layer.findData("layer3.0.conv2")) for layer in layers}
        places = [page.bar.location.itemText(page.bar.location.findData(path)) for path in ("layer3", cam.state.block)]
        return found | {places[0].split(",")[0], places[1].split(",")[0], cam.cams._locations[2].title}

    assert names() == {"conv4_1 conv2", "conv4_x", cam.block.currentText(), "Stage 3, conv4_x"}
    assert cam.block.currentText().startswith("conv4_")
    place = page.bar.location.findData("layer3")
    assert page.bar.location.itemData(place, Qt.ItemDataRole.ToolTipRole) == "layer3"
    driver.session.set_naming("torch")
    assert names() == {"layer3.0.conv2", "layer3", cam.state.block}
    assert cam.block.currentText() == cam.state.block

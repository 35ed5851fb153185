"""Switches of the blocks of a plain network, which has no shortcuts to be left with."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from pytestqt.qtbot import QtBot

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.block_switches import BlockSwitches


def test_a_plain_block_can_be_turned_off_where_it_keeps_the_shape(theme: Theme, qtbot: QtBot) -> None:
    switches = BlockSwitches(theme)
    qtbot.addWidget(switches)
    spec = evolve(PRESETS["plain56"].spec, blocks=(2, 2, 1))
    switches.show_network(plan(spec))
    switches.resize(400, 200)

    def tip(name: str) -> str:
        place = [block.location.path for block in switches._blocks].index(name)
        at = QPointF(switches._cells()[place].center())
        left = Qt.MouseButton.NoButton
        event = QMouseEvent(QMouseEvent.Type.MouseMove, at, at, left, left, Qt.KeyboardModifier.NoModifier)
        switches.mouseMoveEvent(event)
        return switches.toolTip()

    for name in ("layer1.1", "layer2.0"):
        switches.toggle(name)
    assert switches.off() == ("layer1.1",)
    assert tip("layer1.1") == "layer1.1: off, it is bypassed"
    assert tip("layer1.0") == "layer1.0: on"
    assert tip("layer2.0") == "layer2.0 has no shortcut and changes the shape, so nothing would be left of it"

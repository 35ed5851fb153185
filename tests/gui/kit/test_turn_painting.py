"""Costly widgets are painted one a turn, and none is forgotten."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.window.turn_painting import TurnPainting


class CostlyWidget(QWidget):
    """A widget that notes in which turn of the event loop it is painted."""

    def __init__(self, turn: list[int], painted: list[int]) -> None:
        super().__init__()
        self._turn, self._painted = turn, painted

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Note it."""
        self._painted.append(self._turn[0])


def test_widgets_are_painted_one_a_turn(qtbot: QtBot) -> None:
    turn, painted, whole = [0], list[int](), QWidget()
    qtbot.addWidget(whole)
    layout = QVBoxLayout(whole)
    parts = [CostlyWidget(turn, painted) for _ in range(3)]
    for part in parts:
        layout.addWidget(part)
    painting = TurnPainting(whole, parts)
    whole.resize(200, 200)
    whole.show()
    qtbot.waitUntil(lambda: len(painted) >= 3 and not painting.is_pending)
    painted.clear()
    clock = QTimer(whole)
    clock.timeout.connect(lambda: turn.__setitem__(0, turn[0] + 1))
    clock.start(0)
    painting.begin()
    painting.begin()
    for part in parts:
        part.update()
    assert painting.is_pending
    qtbot.waitUntil(lambda: len(painted) >= 3 and not painting.is_pending)
    assert len(set(painted)) == 3, "no two of them in one turn"
    assert all(part.updatesEnabled() for part in parts)

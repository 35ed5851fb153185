"""The panel "Classes by depth" driven by tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from resnet_gui.evaluation.depth_files import DEPTH_FILE
from resnet_gui.gui.evaluate.depth.panel import DepthPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.theme import Theme
from tests.gui.evaluate.measured_folders import (
    make_evaluation,
    measure_depth,
)
from tests.gui.train.test_plots import IdleEngines


class DepthDriver:
    """A panel with engines that are asked and never answer by themselves."""

    def __init__(self, qtbot: QtBot, theme: Theme, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.state, self.engines = EvaluateState(), IdleEngines()
        self.panel = DepthPanel(theme, self.state, self.engines)
        qtbot.addWidget(self.panel)
        self.panel.resize(790, 356)

    def show(self, *, features: bool = True) -> None:
        """Show an evaluation, with what the engine writes by depth or without."""
        folder = self.folder / "first"
        folder.mkdir()
        if features:
            measure_depth(folder)
        self.state.show_evaluation(make_evaluation(folder), "net")

    def show_beside(self, paths: tuple[str, ...], *, measured: bool = True) -> None:
        folder = self.folder / "second"
        folder.mkdir()
        measure_depth(folder, paths)
        if not measured:
            (folder / DEPTH_FILE).unlink()
        self.state.show_other(make_evaluation(folder), "other net")

    def answer(self, event: Any) -> None:
        self.engines._take(event)

    @property
    def shown_places(self) -> NDArray[np.floating]:
        """The points of the cloud in the order of their pictures."""
        assert self.panel._shown is not None
        return self.panel._shown.cloud.places[np.argsort(self.panel._shown.pictures)]

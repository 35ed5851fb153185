"""The large picture under its bar, and the explain views below it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.panel import ExplainPanel
from resnet_gui.gui.predict.pictures.bar import PictureToolBar
from resnet_gui.gui.predict.pictures.canvas import PictureCanvas
from resnet_gui.gui.predict.pictures.heat_scale import HeatScale
from resnet_gui.gui.predict.state import PredictState

HEIGHTS = (460, 270)
HANDLE = 5
"""Pixels that a hand can take hold of."""


class PictureViewer(QSplitter):
    """The splitter of the large picture and the explain views, which share the height."""

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setHandleWidth(HANDLE)
        self.setChildrenCollapsible(False)
        upper = QWidget()
        above = column(upper)
        self.bar = PictureToolBar(theme)
        above.addWidget(self.bar)
        line = row(gap=0)
        self.canvas, self.scale = PictureCanvas(theme), HeatScale(theme)
        line.addWidget(self.canvas, 1)
        line.addWidget(self.scale)
        above.addLayout(line, 1)
        self.explain = ExplainPanel(theme, state)
        self.addWidget(upper)
        self.addWidget(self.explain)
        self.setSizes(HEIGHTS)
        self.setStretchFactor(0, 1)
        self.canvas.hovered.connect(self.scale.show_value)

"""The large picture under its bar, and the looks into the network below it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.panel import ExplainPanel
from resnet_gui.gui.predict.pictures.bar import PictureToolBar
from resnet_gui.gui.predict.pictures.canvas import HeatScale, PictureCanvas

HEIGHTS = (480, 250)


class PictureViewer(QSplitter):
    """Two parts that share the height."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setHandleWidth(1)
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
        self.look = ExplainPanel(theme)
        self.addWidget(upper)
        self.addWidget(self.look)
        self.setSizes(HEIGHTS)
        self.setStretchFactor(0, 1)
        self.canvas.hovered.connect(self.scale.show_value)

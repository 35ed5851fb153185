"""The middle of the Train page: the data of a new run above the curves, or one of both where there is little room."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from resnet_gui.gui.common.banner import Banner
from resnet_gui.gui.kit.basic import column, panel, row
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.data.panel import FOLDED, DataSetPanel
from resnet_gui.gui.train.plots.panels import RunPlots

DATA, CURVES = "data", "curves"
LEAST_WIDTH: Final = 557
"""Pixels that are left to the plots where the runs are pulled wide; their bars fold."""

LOW: Final = 600
"""Height below which a replay leaves room for the upper two plots alone."""

LEAST: Final = 420
"""Pixels that header and curves need beside the data."""


class TrainCentre(QWidget):
    """The middle of the page.

    Attributes:
        banner: a sentence across the page.
        data: of the new run.
        stack: the invitation to a first run, or the chosen run.
        tabs: data or curves, in a narrow window.

    Signals:
        data_shown: the panel of the data is on screen now.
    """

    data_shown = Signal()

    def __init__(self, theme: Theme, stack: QStackedWidget, plots: RunPlots) -> None:
        super().__init__()
        self.setMinimumWidth(LEAST_WIDTH)
        self._plots, self._preparing, self._narrow = plots, False, False
        self._seen = self._replaying = False
        self.stack = stack
        layout = column(self)
        self.banner = Banner(theme)
        self._bar = panel("panelHeader")
        self._bar.setFixedHeight(37)
        line = row(self._bar, (12, 0, 12, 0))
        self.tabs = SegmentedControl(theme, [(DATA, "Data set", ""), (CURVES, "Curves", "")], height=24)
        self.tabs.setFixedWidth(200)
        self.tabs.setAccessibleName("Data set or curves")
        self.tabs.chosen.connect(lambda _key: self._arrange())
        line.addWidget(self.tabs)
        line.addStretch()
        self.data = DataSetPanel(theme)
        self.data.model.modelReset.connect(self._arrange)
        self.data.folded.connect(lambda _on: self._arrange())
        stack.currentChanged.connect(lambda _index: self._arrange())
        for widget in (self.banner, self._bar, self.data):
            layout.addWidget(widget)
        layout.addWidget(stack, 1)
        self._arrange()

    def set_preparing(self, *, on: bool, narrow: bool) -> None:
        """Whether the data of a new run are to be seen, and whether there is room for only one of both."""
        if (on, narrow) != (self._preparing, self._narrow):
            self._preparing, self._narrow = on, narrow
            self._arrange()

    def set_replaying(self, *, on: bool) -> None:
        """Give losses and errors the room of a low window while runs are replayed, over which a bar stands."""
        self._replaying = on
        self._arrange()

    def show_tab(self, key: str) -> None:
        """Show data or curves where there is room for only one of both."""
        self.tabs.set_key(key)
        self._arrange()

    def _arrange(self) -> None:
        tabbed = self._preparing and self._narrow
        shown = self._preparing and (not tabbed or self.tabs.key == DATA)
        self._bar.setVisible(tabbed)
        before, folded = self._seen, self.data.is_folded and not tabbed
        self._seen = shown and not folded
        self.data.setVisible(shown)
        self.data.show_bar_alone(on=folded)
        # The invitation to a first run has no room beside data, and is not needed by whoever prepares one.
        alone = self._seen and self.stack.currentIndex() == 0
        self.stack.setVisible((not tabbed or self.tabs.key == CURVES) and not alone)
        if shown and not tabbed and not alone:
            wanted = max(200, min(self.data.wanted_height, self.height() - LEAST))
            self.data.setFixedHeight(FOLDED if folded else wanted)
        else:
            self.data.setMinimumHeight(0)
            self.data.setMaximumHeight(16_777_215)
        low = self._replaying and self.height() < LOW
        self._plots.set_compact(on=low or (self._seen and not tabbed and not alone))
        if self._seen and not before:
            self.data_shown.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._arrange()

"""Below the picture: what the network makes of it, one tab a way of looking."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QTabBar, QWidget

from resnet_gui.analysis.locations import all_layers, layer_points
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import column, panel, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.cam_by_depth import CamByDepthView
from resnet_gui.gui.predict.explain.feature_maps import FeatureMapsView, FiltersView
from resnet_gui.gui.predict.explain.histograms import HistogramView
from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.predict.explain.receptive_field import ReceptiveFieldView

TABS = (
    ("maps", "Feature maps", "What the channels of a layer make of this picture"),
    ("ladder", "Ladder", "Grad-CAM at every stage and inside a block"),
    ("filters", "Filters", "The filters of the first convolution"),
    ("spread", "Histograms", "How weights and outputs of a layer are spread"),
    ("reach", "Receptive field", "What a unit can see, and what moves it on this picture"),
    ("lesions", "Lesions", "Turn residual branches off and see the answer change"),
)
"""Key, title and tooltip of each tab."""

SHORT = {"maps": "Maps", "reach": "Field", "spread": "Values"}
"""Titles where there is too little room for all."""

WIDE = 600


class ExplainPanel(QFrame):
    """The panel.

    Signals:
        tab_changed: key of the tab that is shown now.
    """

    tab_changed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("topLine")
        layout = column(self)
        layout.setContentsMargins(0, 1, 0, 0)
        bar = panel("panelHeader")
        bar.setFixedHeight(35)
        line = row(bar, (8, 0, 8, 1), 0)
        self.tabs = QTabBar()
        self.tabs.setProperty("small", "true")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        for number, (_, title, tip) in enumerate(TABS):
            self.tabs.addTab(title)
            self.tabs.setTabToolTip(number, tip)
        line.addWidget(self.tabs, 1)
        layout.addWidget(bar)
        self.maps, self.ladder, self.filters = FeatureMapsView(theme), CamByDepthView(theme), FiltersView(theme)
        self.spread, self.reach, self.lesions = HistogramView(theme), ReceptiveFieldView(theme), LesionView(theme)
        self._views: dict[str, QWidget] = {
            "maps": self.maps, "ladder": self.ladder, "filters": self.filters, "spread": self.spread,
            "reach": self.reach, "lesions": self.lesions,
        }  # fmt: skip
        self.stack = QStackedWidget()
        for view in self._views.values():
            self.stack.addWidget(view)
        layout.addWidget(self.stack, 1)
        self.tabs.currentChanged.connect(self._show)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow panel the titles are shorter, so that every tab can be seen."""
        for number, (key, title, _) in enumerate(TABS):
            self.tabs.setTabText(number, title if self.width() >= WIDE else SHORT.get(key, title))
        super().resizeEvent(event)

    @property
    def key(self) -> str:
        """Key of the tab that is shown."""
        return TABS[self.tabs.currentIndex()][0]

    def show_tab(self, key: str) -> None:
        """Show a tab."""
        self.tabs.setCurrentIndex([known for known, *_ in TABS].index(key))

    def show_network(self, planned: Plan) -> None:
        """Take the layers and blocks of a network."""
        points = layer_points(planned)
        # The end of the first stage: still near to the picture, and already more than edges.
        self.maps.show_layers(points, planned.stages[0].last_block.path)
        self.spread.show_layers(all_layers(planned))
        self.reach.show_network(planned, points)
        self.ladder.show_network(planned)
        self.lesions.show_network(planned)

    def clear(self, words: str) -> None:
        """Show nothing, but why."""
        self.clear_picture(words)
        self.filters.clear(words)

    def clear_picture(self, words: str) -> None:
        """Show nothing of a picture, but why."""
        self.maps.clear(words)
        self.spread.clear(words)
        self.reach.show_traced(None)

    def _show(self, number: int) -> None:
        self.stack.setCurrentIndex(number)
        self.tab_changed.emit(TABS[number][0])

"""Below the picture: what the network makes of it, one tab an explain view."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QTabBar

from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import column, panel, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.views import VIEWS
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.state import PredictState

W = TypeVar("W", bound=ExplainWidget)

WIDE = 600
"""Pixels from which on there is room for all titles."""


class ExplainPanel(QFrame):
    """The panel of the explain views, a tab each.

    Attributes:
        tabs: one a view, in the order of ``VIEWS``.
        widgets: of the views, by key.
    """

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__()
        self._state = state
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
        line.addWidget(self.tabs, 1)
        layout.addWidget(bar)
        self.stack = QStackedWidget()
        self.widgets: dict[str, ExplainWidget] = {}
        for view in VIEWS:
            self.tabs.setTabToolTip(self.tabs.addTab(view.title), view.tip)
            self.widgets[view.key] = view.widget(theme, state)
            self.stack.addWidget(self.widgets[view.key])
        layout.addWidget(self.stack, 1)
        self.tabs.currentChanged.connect(lambda place: state.set_view(VIEWS[place].key))
        state.view_changed.connect(self._show_view)
        self._show_view()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow panel the titles are shorter, so that every tab can be seen."""
        for place, view in enumerate(VIEWS):
            self.tabs.setTabText(place, view.title if self.width() >= WIDE else view.short or view.title)
        super().resizeEvent(event)

    def widget(self, kind: type[W]) -> W:
        """The widget of a class.

        Raises:
            LookupError: no view has one.
        """
        for found in self.widgets.values():
            if isinstance(found, kind):
                return found
        raise LookupError(f"No explain view has a {kind.__name__}.")

    @property
    def current(self) -> ExplainWidget:
        """The widget of the view on show."""
        return self.widgets[self._state.view]

    def show_network(self, planned: Plan) -> None:
        """Take the layers and blocks of a network."""
        for widget in self.widgets.values():
            widget.show_network(planned)

    def _show_view(self) -> None:
        self.tabs.setCurrentIndex([view.key for view in VIEWS].index(self._state.view))
        self.stack.setCurrentWidget(self.current)

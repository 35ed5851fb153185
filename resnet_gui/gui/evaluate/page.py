"""The Evaluate page: a model on labelled pictures, and where and why it fails."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.network_model import NetworkModel
from resnet_gui.gui.evaluate.area import NARROW, PanelArea, Place
from resnet_gui.gui.evaluate.bar.bar import EvaluationBar
from resnet_gui.gui.evaluate.cards.cards import CardRow
from resnet_gui.gui.evaluate.panel import EvaluationPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import column, scrolled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings


class EvaluatePage(QWidget):
    """The Evaluate page.

    Signals:
        train_requested: there is no run yet and the user wants one.
    """

    train_requested = Signal()

    def __init__(self, session: Session, engines: Engines, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._session, self._engines, self._theme, self._settings = session, engines, theme, settings
        self.state = EvaluateState(self)
        self.networks = NetworkModel(self)
        layout = column(self)
        self.bar = EvaluationBar(theme, self.networks, self._load_runs)
        layout.addWidget(self.bar)
        self.cards = CardRow(theme)
        panels: dict[Place, QWidget] = {
            "confusion": EvaluationPanel("Confusion", "rows are true, columns answers"),
            "classes": EvaluationPanel("By class"),
            "reliability": EvaluationPanel("Reliability"),
            "gallery": EvaluationPanel("Wrong"),
            # Here the folders depth/ and robustness/ plug in: Panel(theme, self.state, engines).
            "depth": EvaluationPanel("Classes by depth"),
            "robustness": EvaluationPanel("Corruption"),
        }
        self.area = PanelArea(theme, panels)
        body = QWidget()
        inside = column(body)
        inside.addWidget(self.cards)
        inside.addWidget(self.area, 1)
        self.scroll = scrolled(body)
        layout.addWidget(self.scroll, 1)

    def _load_runs(self) -> None:
        self._session.runs.load(self._settings.followed)
        self.networks.load(self._session.runs.rows())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window has its panels in two columns."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow != self.area.narrow:
            self.bar.set_narrow(narrow=narrow)
            self.cards.set_narrow(narrow=narrow)
            self.area.set_narrow(narrow=narrow)

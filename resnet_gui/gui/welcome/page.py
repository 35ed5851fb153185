"""The welcome page: why shortcuts matter, three ways to begin, and what was done last."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QWidget

from resnet_gui.gui.kit.basic import column, label, panel, scrolled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings


class WelcomePage(QWidget):
    """The welcome page."""

    def __init__(self, session: Session, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._session, self._theme, self._settings = session, theme, settings
        body = panel("canvas")
        layout = column(body, (32, 16, 32, 16), 16)
        layout.addWidget(label("Design, train and understand residual networks", "number"))
        self.at_start = QCheckBox("Show this page at the start")
        self.at_start.setChecked(settings.welcome)
        self.at_start.toggled.connect(self._keep_start)
        layout.addWidget(self.at_start)
        layout.addStretch()
        column(self).addWidget(scrolled(body))

    def _keep_start(self, on: bool) -> None:  # noqa: FBT001
        self._settings.welcome = on

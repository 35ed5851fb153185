"""Remembers the designs that somebody works on, for the welcome page and the palette."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QObject, QTimer

from resnet_gui.gui.first_settings import RecentDesign
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings

STAY_MS: Final = 5000
"""A design that is on screen for so long is worked on; what is passed on the way to another is not."""

MOST: Final = 8


class DesignMemory(QObject):
    """The memory of the recent designs, kept with the settings."""

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__(session)
        self._session, self._settings = session, settings
        self._stay = QTimer(self, singleShot=True, interval=STAY_MS)
        self._stay.timeout.connect(self.keep)
        session.design_changed.connect(self._stay.start)

    def keep(self) -> None:
        """Put the present design first; one of the same name, or the same network, gives way."""
        design = self._session.design
        others = [
            one for one in self._settings.recent_designs
            if one.design.name != design.name and one.design.spec != design.spec
        ]  # fmt: skip
        self._settings.recent_designs = [RecentDesign(design, time.time()), *others][:MOST]

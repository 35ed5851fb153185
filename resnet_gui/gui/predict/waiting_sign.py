"""Says what the page waits for, where the engine takes longer than a hand expects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from resnet_gui.gui.predict.state import PredictState

PATIENCE_MS: Final = 300
"""What comes sooner needs no sign, which would only flicker."""

LOADING: Final = "The network is being loaded …"
ANSWERING: Final = "The network has not answered about this picture yet …"
FOLLOWING: Final = "The answer is on its way …"


class WaitingSign(QObject):
    """The sign that what is on show is not yet the answer to what was chosen last.

    Signals:
        changed: a sentence to be shown; empty for none.
    """

    changed = Signal(str)

    def __init__(self, state: PredictState, is_following: Callable[[], bool], parent: QObject) -> None:
        """Follow the state; ``is_following`` says whether the slider's last move is still to be answered."""
        super().__init__(parent)
        self._state, self._is_following = state, is_following
        self.shown = ""
        self.timer = QTimer(self, interval=PATIENCE_MS, singleShot=True)
        self.timer.timeout.connect(self._show)
        state.changed.connect(self.look)

    def sentence(self) -> str:
        """What is waited for now; empty for nothing."""
        state = self._state
        if state.model_request is None:
            return ""
        if state.loaded is None:
            return LOADING
        if state.picture is None:
            return ""
        if not state.picture.answered:
            return ANSWERING
        return FOLLOWING if self._is_following() else ""

    def look(self) -> None:
        """Something has changed: take the sign away, or show it where that takes long."""
        if not self.sentence():
            self.timer.stop()
            self._show()
        elif self.shown:
            self._show()
        elif not self.timer.isActive():
            self.timer.start()

    def _show(self) -> None:
        if (sentence := self.sentence()) != self.shown:
            self.shown = sentence
            self.changed.emit(sentence)

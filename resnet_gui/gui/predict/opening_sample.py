"""The sample that the page opens with, answered and explained, so that there is something to see at once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from resnet_gui.base.files import assets
from resnet_gui.gui.predict.pictures.model import Picture
from resnet_gui.gui.predict.predictions import Predictions
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.events import ModelLoaded

DIGIT: Final = "digit-7.png"
PICTURE: Final = "cat.jpg"


def samples() -> list[Path]:
    """The samples that come with the program, pictures first."""
    folder = assets() / "samples"
    return [*sorted(folder.glob("*.jpg")), *sorted(folder.glob("*.png"))]


def sample_for(loaded: ModelLoaded) -> Path:
    """A sample that a network can know: a digit where it reads grey pictures, else the cat."""
    return assets() / "samples" / (DIGIT if loaded.spec.input[0] == 1 else PICTURE)


class OpeningSample(QObject):
    """The sample of a page to which nobody has given a picture yet; it gives way to the first that is given.

    Attributes:
        wanted: whether a page without pictures shows one when its network is loaded.

    Signals:
        shown: the sample, which is to be looked at: also while a slow engine has not answered yet.
    """

    shown = Signal(object)

    def __init__(self, state: PredictState, predictions: Predictions, *, wanted: bool) -> None:
        super().__init__(predictions)
        self._state, self._predictions = state, predictions
        self._path: Path | None = None
        self.wanted = wanted
        state.model_loaded.connect(self._show)

    @property
    def alone(self) -> bool:
        """Whether the sample is the only picture of the page."""
        pictures = self._predictions.pictures.pictures()
        return self._path is not None and [picture.path for picture in pictures] == [self._path]

    def others(self) -> list[Path]:
        """The pictures of the page that the user has given."""
        return [] if self.alone else [picture.path for picture in self._predictions.pictures.pictures()]

    def _show(self) -> None:
        """Show the sample that fits the network, in the place of one that did not."""
        loaded = self._state.loaded
        if loaded is None or not self.wanted or not (self.alone or not self._predictions.pictures.rowCount()):
            return
        path = sample_for(loaded)
        if self.alone and path != self._path:
            self._predictions.clear()
            self._state.set_picture(None)
        if not self.alone:
            self._path = path
            added = self._predictions.add([path])
            # When all others know the network too: the picture's class is asked for before its map is.
            QTimer.singleShot(0, self, lambda: self._look_at(added))

    def _look_at(self, added: Picture | None) -> None:
        if added is not None and self.alone and self._state.picture is None:
            self.shown.emit(added)

    def give_way(self) -> None:
        """The user gives pictures, or wants none."""
        if self.alone:
            self._predictions.clear()
            self._state.set_picture(None)
        self.wanted = False

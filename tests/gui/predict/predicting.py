"""Ways to drive the Predict page in tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import assets
from resnet_gui.gui.client.downloads import Downloads
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.feature_maps import FeatureMapsView
from resnet_gui.gui.predict.page import PredictPage
from resnet_gui.gui.predict.pictures.model import Picture
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.events import Event, ModelLoaded, Ready
from tests.gui.driving import START, files

SAMPLES = assets() / "samples"
SHIP, PLANE, CAR = (SAMPLES / f"{name}.jpg" for name in ("ship", "airplane", "automobile"))


@dataclass
class WarmEngine:
    """One engine for all tests of a process, with what it said when it was ready, and its folder."""

    engines: Engines
    ready: Ready
    home: Path


@dataclass
class PredictDriver:
    """A page of its own on an engine that is warm already.

    Attributes:
        said: sentences of page and engine, in order.
        heard: answers of the engine other than those to predictions.
    """

    qtbot: QtBot
    warm: WarmEngine
    theme: Theme
    settings: Settings = field(default_factory=lambda: Settings(theme="dark"))
    said: list[str] = field(default_factory=list)
    heard: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = Session()
        self.session.set_devices(self.warm.ready.devices, self.warm.ready.no_cuda)
        self.session.message.connect(self._hear_words)
        self.session.offered.connect(self._hear_words)
        self.warm.engines.message.connect(self._hear_words)
        self.warm.engines.answered.connect(self._hear)
        self.page = PredictPage(self.session, self.warm.engines, self.theme, self.settings)
        self.page.setMinimumSize(1, 1)  # as the window, whose least size is its own
        self.page.sample.wanted = False  # pages with it have tests of their own
        self.page.state.set_view("feature_maps")
        self.page.resize(1380, 828)
        self.page.show()

    def _hear_words(self, sentence: str, _level: str = "", _actions: object = ()) -> None:
        self.said.append(sentence)

    def _hear(self, _job: object, event: Event) -> None:
        self.heard.append(event)

    def close(self) -> None:
        self.warm.engines.message.disconnect(self._hear_words)
        self.warm.engines.answered.disconnect(self._hear)
        self.page.predictions.clear()
        self.page.leave()
        self.page.hide()
        self.page.deleteLater()
        self.session.close()

    @property
    def known(self) -> ModelLoaded:
        """What the engine has said of the network."""
        found = self.page.state.loaded
        assert found is not None
        return found

    @property
    def maps(self) -> FeatureMapsView:
        """The view of the feature maps."""
        return self.page.explain.widget(FeatureMapsView)

    @property
    def downloads(self) -> Downloads:
        return self.page.network.downloads

    def wait(self, ready: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(ready, timeout=START)

    def settle(self) -> None:
        """Wait until every question is answered, and what follows from the answers is shown."""
        engines = self.warm.engines
        self.wait(lambda: engines.state == "ready" and not engines._pending and not self.page.predictions.busy)
        self.page.canvas.reader._pool.waitForDone()
        QApplication.processEvents()
        if engines._pending:
            self.settle()

    def drop(self, *paths: Path) -> None:
        """Drop files on the page, and wait for all answers."""
        self.page.take_mime(files(*paths))
        self.settle()

    def picture(self, path: Path) -> Picture:
        found = self.page.pictures.find(path)
        assert found is not None
        return found

    def choose(self, path: Path) -> None:
        """Look at a picture that is there."""
        self.page.gallery.choose(self.picture(path))
        self.settle()


def pick(combo: QComboBox, data: object) -> None:
    """Choose an entry of a combo box as a user does."""
    place = combo.findData(data)
    assert place >= 0, f"{data} is not among {[combo.itemData(number) for number in range(combo.count())]}"
    combo.setCurrentIndex(place)
    combo.activated.emit(place)


def small_pictures(folder: Path, count: int, side: int = 16) -> Path:
    """Pictures of noise, all different."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(count)
    for number in range(count):
        pixels = generator.integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:04}.bmp")
    return folder

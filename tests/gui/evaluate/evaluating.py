"""The Evaluate page driven by tests, with evaluations that were made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.folder import Evaluation, read_evaluation
from resnet_gui.evaluation.record import ModelIdentity
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.evaluate.cards.card import CardContent
from resnet_gui.gui.evaluate.page import EvaluatePage
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.jobs import ModelRequest
from tests.evaluation.made_evaluation import made_record, written_evaluation
from tests.gui.evaluate.measured_folders import make_answers
from tests.gui.train.test_plots import IdleEngines

DATA = "pictures"
BESIDE = "beside.safetensors"


def answers_of(answer: np.ndarray[Any, np.dtype[np.int32]], classes: int, confidence: float = 0.8) -> Answers:
    """Answers about as many pictures, spread over the classes in a row, each as sure."""
    pictures = len(answer)
    truth = np.sort(np.arange(pictures) % classes).astype(np.int32)
    odds = np.full((pictures, classes), (1 - confidence) / (classes - 1), dtype=np.float32)
    odds[np.arange(pictures), answer] = confidence
    return Answers(np.log(odds), truth, tuple(f"class {number}" for number in range(classes)))


def kept(
    answers: Answers | None = None, model: str = SHIPPED, identity: ModelIdentity | None = None, **changes: object
) -> Evaluation:
    """An evaluation in the program's folder, as the engine writes one for a model on ``DATA``."""
    answers = answers or make_answers()
    identity = identity or ModelIdentity(name="ResNet-20", path=model, weights_sha256=f"digest of {model}")
    record = made_record(
        answers, model=identity,
        asked=msgspec.to_builtins(ModelRequest(model=model)), **({"data": DATA} | changes),
    )  # fmt: skip
    return read_evaluation(written_evaluation(answers, record))


@dataclass
class EvaluateDriver:
    """A page of its own with its engines.

    Attributes:
        said: sentences for the status bar.
        opened: models and pictures that Predict is to show.
    """

    qtbot: QtBot
    theme: Theme
    engines: Engines = field(default_factory=IdleEngines)
    settings: Settings = field(default_factory=lambda: Settings(evaluated=SHIPPED, evaluated_data=DATA))
    said: list[str] = field(default_factory=list)
    opened: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = Session()
        self.session.message.connect(lambda sentence, _level: self.said.append(sentence))
        self.session.offered.connect(lambda sentence, _level, _actions: self.said.append(sentence))
        self.page = EvaluatePage(self.session, self.engines, self.theme, self.settings)
        self.page.picture_opened.connect(lambda asked, path: self.opened.append((asked.model, path)))
        self.qtbot.addWidget(self.page)
        self.page.resize(1380, 828)
        self.page.show()
        self.turn()

    def close(self) -> None:
        self.page.leave()
        self.session.close()

    def turn(self) -> None:
        """Let what was put off be done."""
        for _ in range(3):
            QApplication.processEvents()

    def wait(self, ready: Callable[[], bool], timeout: int = 5000) -> None:
        self.qtbot.waitUntil(ready, timeout=timeout)

    def card(self, number: int) -> CardContent:
        self.turn()
        return self.page.cards.cards[number].content

    def press(self, widget: Any, key: Qt.Key) -> None:
        self.qtbot.keyClick(widget, key)
        self.turn()

    def asked(self, kind: type) -> list[Any]:
        """Questions of a kind that an idle engine was asked."""
        assert isinstance(self.engines, IdleEngines)
        return [job for job in self.engines.asked if isinstance(job, kind)]

    def answer(self, event: Any) -> None:
        """Have the idle engine say something."""
        self.engines._take(event)
        self.turn()

"""A network that another page has asked about is asked about in the same way by the Predict page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.data.preprocessing import PREPROCESSES, Preprocess
from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.network.panel import ModelPanel
from resnet_gui.gui.session import Session
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE
from tests.gui.train.test_control import finished_run

NAMED = next(iter(PREPROCESSES.values())).preprocess


@pytest.fixture
def run(home: Path) -> str:
    """A run that keeps its best and its last weights."""
    made = finished_run("mine")
    for name in (BEST_FILE, LAST_FILE):
        (made / name).write_bytes(b"weights")
    return str(made)


@pytest.fixture
def models(qtbot: QtBot, theme: Theme, run: str) -> Iterator[ModelPanel]:
    """The list of networks without an engine."""
    session = Session()
    session.runs.load()
    made = ModelPanel(theme, session.runs)
    qtbot.addWidget(made)
    made.load()
    yield made
    session.close()


@pytest.mark.parametrize(
    "fields",
    [
        {"weights": "last"},
        {"views": 10, "mode": "fast", "preprocess": NAMED, "labels": "imagenet"},
        {"preprocess": Preprocess(mean=(0.1, 0.2, 0.3), std=(0.5, 0.5, 0.5)), "input": (3, 48, 48)},
    ],
)  # fmt: skip
def test_a_run_is_asked_as_it_was_elsewhere_until_another_is_chosen(
    models: ModelPanel, run: str, fields: dict[str, object]
) -> None:
    wanted = msgspec.structs.replace(ModelRequest(model=run), **fields)
    models.show_request(wanted)
    assert models.model_request() == wanted
    models.load(SHIPPED)
    models.load(run)
    again = models.model_request()
    assert again is not None
    assert (again.weights, again.input, again.preprocess) == ("best", None, None)


def test_a_file_is_asked_with_its_network_and_its_open_fields(models: ModelPanel, tmp_path: Path) -> None:
    (tmp_path / "net.pth").touch()
    wanted = ModelRequest(model=str(tmp_path / "net.pth"), key="ema", assigned=("activation=relu",))
    models.show_request(wanted)
    assert models.model_request() == wanted

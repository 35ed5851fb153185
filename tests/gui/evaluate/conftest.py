"""Fixtures of the Evaluate page's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.theme import Theme
from tests.gui.evaluate.depth_driver import DepthDriver
from tests.gui.evaluate.evaluating import EvaluateDriver, kept


@pytest.fixture
def empty(qtbot: QtBot, theme: Theme, home: Path) -> Iterator[EvaluateDriver]:
    """The page, with a model and data chosen that were never measured."""
    made = EvaluateDriver(qtbot, theme)
    yield made
    made.close()


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme, home: Path) -> Iterator[EvaluateDriver]:
    """The page with an evaluation that it has found: 60 pictures of three classes, every tenth answered wrongly."""
    kept()
    made = EvaluateDriver(qtbot, theme)
    yield made
    made.close()


@pytest.fixture
def depth(qtbot: QtBot, theme: Theme, tmp_path: Path) -> DepthDriver:
    """The panel "Classes by depth" by itself, with nothing to show yet."""
    return DepthDriver(qtbot, theme, tmp_path)

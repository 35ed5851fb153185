"""Fixtures of the engine's tests."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.tiny_run import Run


@pytest.fixture
def new_run(picture_folder: Path, tmp_path: Path) -> Callable[[], Run]:
    numbers = itertools.count(1)
    return lambda: Run(picture_folder, tmp_path / f"run-{next(numbers)}")

"""Fixtures of the engine's tests."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resnet_gui.runs.events import RunEnded
from tests.conftest import draw_pictures
from tests.engine.data.local_server import Site
from tests.engine.train.tiny_run import PlainRun, Run


@pytest.fixture
def new_run(picture_folder: Path, tmp_path: Path) -> Callable[[], Run]:
    numbers = itertools.count(1)
    return lambda: Run(picture_folder, tmp_path / f"run-{next(numbers)}")


@pytest.fixture(scope="module")
def plain_run(tmp_path_factory: pytest.TempPathFactory) -> PlainRun:
    """Runs that nothing stops, beside which others are held that are: each is trained once for all tests of a file."""
    folder = tmp_path_factory.mktemp("plain")
    pictures = draw_pictures(folder / "pictures")
    made: dict[str, tuple[Run, RunEnded]] = {}

    def train_once(**changes: object) -> tuple[Run, RunEnded]:
        key = repr(changes)
        if key not in made:
            run = Run(pictures, folder / f"run-{len(made)}")
            made[key] = run, run.start(**changes)
        return made[key]

    return train_once


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.02,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()

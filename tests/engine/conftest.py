"""Fixtures of the engine's tests."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.data.local_server import Site
from tests.engine.train.tiny_run import Run


@pytest.fixture
def new_run(picture_folder: Path, tmp_path: Path) -> Callable[[], Run]:
    numbers = itertools.count(1)
    return lambda: Run(picture_folder, tmp_path / f"run-{next(numbers)}")


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.02,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()

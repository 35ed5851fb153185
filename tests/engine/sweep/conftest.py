"""Pictures, and a sweep that has come to its end; runs are forks of the tests' process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnet_gui.sweeps.state import SweepState
from tests.engine.sweep.tiny_sweep import fork_workers, made, run, tiny_sweep


@pytest.fixture(autouse=True)
def _forked(monkeypatch: pytest.MonkeyPatch) -> None:
    fork_workers(monkeypatch)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "pictures"
    generator = np.random.default_rng(0)
    for name, lift in (("dark", 0), ("light", 100)):
        (folder / name).mkdir(parents=True)
        for number in range(10):
            grey = generator.integers(0, 150, (8, 8), dtype=np.uint8) + np.uint8(lift)
            Image.fromarray(grey).save(folder / name / f"{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def finished(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepState]:
    """A sweep that has come to its end, one run after the other; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        fork_workers(patch)
        patch.setenv("RESNET_GUI_HOME", str(tmp_path_factory.mktemp("home")))
        yield run(made(tmp_path_factory.mktemp("sweep") / "finished", tiny_sweep(pictures)))

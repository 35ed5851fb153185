"""What the tests of the sweeps' view share: its engines, sweeps of shortcuts, and waits."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from pytestqt.qtbot import QtBot

from resnet_gui.gui.train.sweeps.model import SweepItem
from resnet_gui.gui.train.sweeps.view import SweepView
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.sweeps.state import RunCell
from resnet_gui.sweeps.sweep import Sweep
from tests.gui.train.sweeps.sweeping import axis, made_sweep
from tests.gui.train.test_plots import IdleEngines
from tests.waiting import PATIENCE_MS

FINAL = {"A": 0.02, "B": 0.021, "none": 0.3}


def error(cell: RunCell, epoch: int) -> float:
    """A run's test error: that of its shortcut, with a spread between seeds that all configurations share."""
    final = FINAL.get(cell.configuration.labels[-1], 0.05)
    own = zlib.crc32(f"{cell.configuration.labels}{cell.seed}".encode()) % 5
    return final + cell.seed / 359 + own / 3590 + 0.4 * 0.3**epoch


def shortcuts(*, seeds: int = 3, depths: tuple[int, ...] = (8, 14)) -> Sweep:
    axes = (axis("depth", *depths), axis("shortcut", "A", "B", "none"))
    return made_sweep(*axes, seeds=seeds, baseline={"shortcut": "A"})


class SweepEngines(IdleEngines):
    """Engines that are asked for sweeps and do nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.swept: list[RunSweep] = []
        self.sent: list[tuple[str, str]] = []

    def run_sweep(self, job: RunSweep) -> None:
        self.swept.append(job)
        self._runs[job.folder] = None  # type: ignore[assignment]

    def pause(self, run: str) -> None:
        self.sent.append(("pause", run))

    def unpause(self, run: str) -> None:
        self.sent.append(("unpause", run))

    def stop(self, run: str) -> None:
        self.sent.append(("stop", run))

    def end_sweep(self, folder: str, sentence: str = "") -> None:
        """The engine of a sweep is gone."""
        del self._runs[folder]
        self.sweep_engine_ended.emit(folder, sentence)


ViewOpener = Callable[..., tuple[SweepView, SweepEngines]]


def settle(qtbot: QtBot, view: SweepView) -> None:
    """Wait until what has come is drawn."""
    qtbot.waitUntil(lambda: not view.centre._drawing.is_pending() and not view.centre._stale, timeout=PATIENCE_MS)


def cell_states(view: SweepView) -> list[str]:
    return [cell.state for cell in view.centre.head.cells.cells]


def statuses(*items: SweepItem) -> list[str]:
    return [item.status for item in items]


def chosen_state(view: SweepView) -> Any:
    assert view.model.chosen is not None
    return view.model.chosen.state

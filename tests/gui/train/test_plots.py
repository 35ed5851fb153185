"""The plots of the Train page: what is drawn is what the run's file says, however long it is, and no more than that."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import data_folder
from resnet_gui.base.jsonl import encode_line
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.curve_plot import CurvePlot
from resnet_gui.gui.kit.curves import Points, thinned
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.protocol.jobs import Training
from resnet_gui.runs.events import Answered, EpochDone, Probed, RunEnded, RunEvent, RunStarted, StepDone
from resnet_gui.runs.folder import DataIdentity, RunInfo, write_run_info
from resnet_gui.runs.history import EVENTS_FILE, RunState, pack, replay
from resnet_gui.runs.lock import writing
from resnet_gui.training.recipe import Recipe
from tests.waiting import PATIENCE_MS, stretched

SOON = PATIENCE_MS
GAP_SECONDS = 0.25
MEMORY = 150e6


# ---- runs written by hand, and a page on them


class IdleEngines(Engines):
    """Engines that are asked and never answer: no process is started."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Any] = []
        self.trained: list[Training] = []

    def _ask(self, job: Any) -> int:
        self.asked.append(job)
        self._pending[job.job] = job
        return int(job.job)

    def train(self, job: Training) -> None:
        self.trained.append(job)
        self._runs[job.run] = None  # type: ignore[assignment]

    def end(self, run: str, sentence: str = "") -> None:
        """The engine of a run is gone."""
        del self._runs[run]
        self.run_engine_ended.emit(run, sentence)


def info_of(name: str, recipe: Recipe | None = None, preset: str = "digits-resnet") -> RunInfo:
    classes = tuple("0123456789")
    data = DataIdentity(
        name="digits", classes=classes, train_images=1438, test_images=20, sha256="00", mean=(0.5,), std=(0.2,)
    )
    return RunInfo(
        name=name, spec=PRESETS[preset].spec, recipe=recipe or Recipe(), data=data, device="cpu", precision="fp32",
        threads=2, versions={"torch": "2"}, created="2026-01-01T00:00:00+00:00",
    )  # fmt: skip


def add_events(folder: Path, *events: RunEvent) -> None:
    with (folder / EVENTS_FILE).open("ab") as file:
        file.write(b"".join(map(encode_line, events)))


def write_run(name: str, *events: RunEvent, info: RunInfo | None = None) -> Path:
    """A run among the runs of this test's folder; later names are newer ones."""
    folder = data_folder() / "runs" / f"20260101-000000-{name}"
    folder.mkdir(parents=True)
    write_run_info(folder, info or info_of(name))
    add_events(folder, *events)
    return folder


def started(epochs: int, per_epoch: int, *, step: int = 0) -> RunStarted:
    return RunStarted(
        step, epochs, per_epoch, 1438, 20, "cpu", "fp32", seconds=step / 10, total_steps=epochs * per_epoch,
        labels=pack(np.arange(20, dtype="<u2").tobytes()),
    )  # fmt: skip


def step(number: int, loss: float, error: float = 0.5, lr: float = 0.1) -> StepDone:
    return StepDone(number, loss, error, lr, number / 10)


def epoch(number: int, at: int, loss: float, error: float) -> EpochDone:
    return EpochDone(number, at, loss, error, loss, error, 100.0, at / 10)


Opener = Callable[..., TrainPage]


@pytest.fixture
def open_page(qtbot: QtBot, session: Session, theme: Theme) -> Iterator[Opener]:
    """Opens a Train page at the reference size, with engines that never answer."""

    sessions = [session]

    def make(settings: Settings | None = None, *, shown: bool = True) -> TrainPage:
        # A page that is opened again is one of the program's next start, with a session of its own.
        page = TrainPage(sessions[-1], IdleEngines(), theme, settings or Settings())
        sessions.append(Session())
        qtbot.addWidget(page)
        page.resize(1380, 828)
        if shown:
            page.show()
        return page

    yield make
    for each in sessions:
        each.close()


def settle(qtbot: QtBot, page: TrainPage) -> None:
    """Wait until all files are read and drawn."""
    qtbot.wait(20)
    qtbot.waitUntil(
        lambda: not page._stale and not page._drawing.is_pending() and not any(row.behind for row in page.runs.rows()),
        timeout=SOON,
    )


def drawn(plot: CurvePlot, key: str) -> Points:
    """What pyqtgraph has of a curve."""
    x, y = plot._lines[key].getOriginalDataset()
    return Points(x, y)


def press(qtbot: QtBot, choice: SegmentedControl, key: str) -> None:
    number = [known for known, *_ in choice._options].index(key)
    qtbot.mouseClick(choice, Qt.MouseButton.LeftButton, pos=choice._segment(number).center().toPoint())


def row_of(page: TrainPage, folder: Path) -> RunRow:
    row = page.runs.row(folder)
    assert row is not None
    return row


def seen(page: TrainPage, folder: Path) -> RunState:
    """What the page has read of a run so far."""
    state = row_of(page, folder).state
    assert state is not None
    return state


# ---- a long run

EPOCHS, PER_EPOCH = 100, 500


def long_losses() -> list[float]:
    """Falling, with peaks in odd places: the first step, the last ones, and between."""
    generator = np.random.default_rng(0)
    losses = 0.05 + 2.0 * np.exp(-np.arange(50_000) / 9000) + 0.02 * generator.random(50_000)
    for place in (0, 777, 12_345, 31_999, 49_990):
        losses[place] = 40.0 + place / 50_000
    losses[40_404] = 0.001
    return [float(f"{loss:.7g}") for loss in losses]


def long_events(losses: list[float]) -> list[RunEvent]:
    answers = pack(np.arange(20, dtype="<u2").tobytes())
    events: list[RunEvent] = [started(EPOCHS, PER_EPOCH)]
    for number, loss in enumerate(losses, start=1):
        events.append(step(number, loss, error=round(min(1.0, loss / 3), 4)))
        if number % 125 == 1:
            events.append(Probed(number, tuple(0.1 + depth / 10 for depth in range(10)), (0.5, 0.4, 0.3)))
        if number % PER_EPOCH == 0:
            done = number // PER_EPOCH
            events += [epoch(done, number, loss, 0.9 / done), Answered(done, number, answers)]
    return [*events, RunEnded("stopped", len(losses))]


class Pulse:
    """The longest time that this thread worked between two beats; its own work, whatever else the machine does."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.thread_time()
        self._timer = QTimer(interval=10)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.thread_time()
        self.longest, self._last = max(self.longest, now - self._last), now


def test_fifty_thousand_steps_never_hold_up_the_window_are_all_there_and_are_drawn_with_all_their_peaks(
    qtbot: QtBot, open_page: Opener
) -> None:
    open_page()  # what is loaded and built once, whatever is shown
    # What thousands of tests have left in this process is not the window's to look through.
    gc.collect()
    gc.freeze()
    losses = long_losses()
    folder = write_run("long", *long_events(losses))
    before = psutil.Process().memory_info().rss
    page = open_page(shown=False)
    page.plots.bar.smoothing.setValue(0)
    page.plots.bar.axis._choose(0)
    pulse = Pulse()
    page.show()
    qtbot.waitUntil(lambda: row_of(page, folder).behind, timeout=SOON)
    settle(qtbot, page)
    assert pulse.longest < stretched(GAP_SECONDS)
    assert psutil.Process().memory_info().rss - before < MEMORY
    whole, state = replay(folder), seen(page, folder)
    for name, curve in whole.curves.items():
        assert state.curves[name].x == curve.x, name
        assert state.curves[name].y == curve.y, name
    assert state.curves["train_loss"].y.tolist() == losses
    assert (state.gradients.steps, state.gradients.values) == (whole.gradients.steps, whole.gradients.values)
    assert len(state.answers) == row_of(page, folder).epoch == EPOCHS
    for plot in (page.plots.loss, page.plots.error, page.plots.rate):
        assert plot.curves()
        for drawn_curve in plot.curves():
            assert 0 < len(drawn_curve.points.x) <= 2 * plot.pixels + 1
            assert np.isfinite(drawn_curve.points.y).all()
    x, y = drawn(page.plots.loss, f"{folder}/train")
    assert (np.diff(x) > 0).all()
    assert [losses[int(at) - 1] for at in x] == y.tolist()
    peaks = {number + 1 for number, loss in enumerate(losses) if loss > 30 or loss < 0.01}
    assert peaks | {len(losses)} <= set(x.astype(int).tolist())
    test = drawn(page.plots.error, f"{folder}/test")
    assert test.x.tolist() == [number * PER_EPOCH for number in range(1, EPOCHS + 1)]
    assert test.y.tolist() == pytest.approx([90 / number for number in range(1, EPOCHS + 1)])


@pytest.mark.parametrize("count", [1, 2, 999, 1000, 1001, 1003, 1999, 2501, 50_000])
def test_thinning_keeps_the_lowest_and_the_highest_of_wherever_they_are(count: int) -> None:
    for place in {0, count // 3, count // 2, max(0, count - 2), count - 1}:
        for peak in (9.0, -9.0):
            y = np.sin(np.arange(count, dtype=float))
            y[place] = peak
            found = thinned(Points(np.arange(count, dtype=float), y), 500)
            assert len(found.x) <= 2 * 500 + 1
            assert place in found.x, (place, peak)


# ---- what changes, and what does not


@pytest.fixture
def set_data(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The lines that were given data."""
    calls: list[Any] = []
    real = pg.PlotDataItem.setData

    def counted(self: Any, *args: Any, **words: Any) -> None:
        calls.append(self)
        real(self, *args, **words)

    monkeypatch.setattr(pg.PlotDataItem, "setData", counted)
    return calls


def test_only_curves_that_have_changed_are_drawn_again(qtbot: QtBot, open_page: Opener, set_data: list[Any]) -> None:
    old = write_run("a", started(2, 20), *(step(n, 1.0) for n in range(1, 41)), epoch(1, 20, 1.0, 0.2))
    live = write_run("b", started(4, 20), *(step(n, 2.0) for n in range(1, 21)), epoch(1, 20, 1.0, 0.2))
    with writing(live):
        page = open_page()
        settle(qtbot, page)
        plots = page.plots
        set_data.clear()
        page._draw()
        settle(qtbot, page)
        ahead = plots.rate._lines[f"{live}/ahead"]
        assert [line for line in set_data if line is not ahead] == []
        add_events(live, step(21, 1.5), step(22, 1.5))
        qtbot.waitUntil(lambda: seen(page, live).step == 22, timeout=SOON)
        settle(qtbot, page)
        changed = {key for plot in (plots.loss, plots.error, plots.rate) for key, line in plot._lines.items()
                   if line in set_data}  # fmt: skip
        assert not any(key.startswith(str(old)) for key in changed)
        assert {f"{live}/train", f"{live}/train/raw", str(live)} <= changed
        assert f"{live}/test" not in changed


def test_nothing_is_drawn_on_a_hidden_page_and_all_of_it_when_it_is_shown(
    qtbot: QtBot, open_page: Opener, set_data: list[Any]
) -> None:
    live = write_run("b", started(4, 20), *(step(n, 2.0) for n in range(1, 21)))
    with writing(live):
        page = open_page()
        page.plots.bar.smoothing.setValue(0)
        settle(qtbot, page)
        page.hide()
        set_data.clear()
        add_events(live, *(step(number, 1.0) for number in range(21, 41)))
        qtbot.waitUntil(lambda: seen(page, live).step == 40, timeout=SOON)
        qtbot.wait(250)
        assert set_data == []
        page.show()
        settle(qtbot, page)
        assert len(drawn(page.plots.loss, f"{live}/train").x) == 40

"""The runs of a session: one reading of the disk for all pages, and one colour a run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import runs_folder
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.page import PredictPage
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.runs.lock import writing
from tests.gui.train.test_plots import IdleEngines, Opener, add_events, open_page, started, step, write_run

__all__ = ["open_page"]


def copies(source: Path, *names: str) -> list[Path]:
    made = [runs_folder() / f"20260101-00000{number}-{name}" for number, name in enumerate(names)]
    for folder in made:
        if not folder.exists():
            shutil.copytree(source, folder)
    return made


def colours(runs: RunModel) -> dict[Path, tuple[str, bool]]:
    return {row.folder: (row.token, row.dashed) for row in runs.rows()}


def test_a_run_keeps_its_colour_however_often_the_runs_are_read_and_when_it_comes_back_from_the_trash(
    qtbot: QtBot, session: Session, trained_run: Path
) -> None:
    copies(trained_run, "a", "b", "c")
    session.runs.load()
    first = colours(session.runs)
    assert sorted(token for token, _ in first.values()) == ["r0", "r1", "r2"]
    session.runs.load()
    assert colours(session.runs) == first
    gone = session.runs.rows()[1]
    session.runs.remove(gone)
    *_, new = copies(trained_run, "a", "b", "c", "d")
    session.runs.load()
    assert colours(session.runs) == {**first, new: ("r3", False)}


def test_both_pages_show_a_run_in_one_colour_and_one_timer_reads_the_runs(
    qtbot: QtBot, session: Session, theme: Theme, trained_run: Path
) -> None:
    copies(trained_run, "a", "b")
    engines, settings = IdleEngines(), Settings()
    predict = PredictPage(session, engines, theme, settings)
    train = TrainPage(session, engines, theme, settings)
    for page in (predict, train):
        qtbot.addWidget(page)
    predict.show()
    copies(trained_run, "a", "b", "c")
    predict.models.load()
    listed = {Path(e.key): (e.token, e.dashed) for e in predict.models._networks.entries() if e.kind == "run"}
    assert len(listed) == 3
    assert listed == colours(train.runs)
    for page in (predict, train):
        assert not page.findChildren(RunModel)
    assert len(session.runs.findChildren(QTimer)) == 1
    session.undo.blockSignals(True)


def test_a_session_reads_no_run_and_loads_no_numpy_before_a_page_wants_them() -> None:
    words = "import sys, resnet_gui.gui.session as s; s.Session(); print(sorted({'numpy', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_what_an_engine_of_this_window_has_written_is_read_when_it_says_so_and_not_by_the_clock(
    qtbot: QtBot, open_page: Opener
) -> None:
    folder = write_run("going", started(3, 10), step(1, 2.0))
    with writing(folder):
        page = open_page()
        run = page.runs.row(folder)
        assert run is not None
        page.runs.own(str(folder))
        assert page.runs._timer.interval() >= 1000, "no clock reads its file many times a second"
        page.runs._timer.stop()
        add_events(folder, step(2, 1.5))
        page._engines.run_appended.emit(str(folder))
        assert run.state is not None
        assert run.state.step == 2


def test_folders_that_cannot_be_read_are_told_on_the_train_page_though_another_page_has_read_them(
    open_page: Opener, session: Session
) -> None:
    for name in ("a", "b"):
        (write_run(name, started(3, 10)) / "run.json").write_text("{")
    session.runs.load()
    page = open_page()
    assert page.banner.isVisible()
    assert page.banner.text.text().endswith("(1 more: see the tooltip)")
    assert page.banner.text.toolTip().count("\n") == 1
    session.undo.blockSignals(True)

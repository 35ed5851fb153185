"""The runs of a session: one reading of the disk for all pages, and one colour a run."""

from __future__ import annotations

import shutil
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
from tests.gui.train.test_plots import IdleEngines


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
    import subprocess
    import sys

    words = "import sys, resnet_gui.gui.session as s; s.Session(); print(sorted({'numpy', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"

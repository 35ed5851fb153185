"""Trainings from the window, with real engines: controls, deaths, folders, and what outlives the window."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import data_folder
from resnet_gui.engine.event_loop import GRACE_SECONDS
from resnet_gui.runs.events import RunPaused, RunUnpaused, StepDone
from resnet_gui.runs.folder import is_being_written
from resnet_gui.runs.history import RunReader, replay
from tests.forks import Forks
from tests.gui.driving import (
    START,
    Opener,
    copy_run,
    set_field,
    start_digits,
    train_page,
)
from tests.waiting import PATIENCE, stretched


def test_a_training_engine_that_is_killed_leaves_an_interrupted_run_which_resumes(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    # So many that it cannot end before it is paused, however seldom this process has its turn.
    page, run = start_digits(window, 15)
    qtbot.waitUntil(lambda: run.status == "running", timeout=START)
    page.header.button("pause").click()
    qtbot.waitUntil(lambda: run.status in {"paused", "finished"}, timeout=START)
    assert run.status == "paused"
    step = run.look().step
    engine = window.engines._runs[str(run.folder)]
    os.kill(engine.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: run.status == "interrupted", timeout=START)
    assert "SIGKILL" in page.banner.text.text()
    assert page.header.button("resume").isVisible()
    page.header.button("resume").click()
    qtbot.waitUntil(lambda: run.status == "running", timeout=START)
    assert run.look().step >= step
    qtbot.waitUntil(lambda: run.status == "finished", timeout=START)
    assert run.epoch == 15
    assert list(run.look().curves["train_loss"].x) == list(range(1, 15 * 23 + 1))


def test_pause_holds_go_on_goes_on_and_stop_ends_with_a_checkpoint(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    page, run = start_digits(window, 500)
    qtbot.waitUntil(lambda: run.epoch >= 1, timeout=START)
    page.header.button("pause").click()
    qtbot.waitUntil(lambda: run.status == "paused", timeout=START)
    held = run.look().step
    page.header.button("go_on").click()
    qtbot.waitUntil(lambda: run.look().step > held, timeout=START)
    assert made_while_paused(run.folder) == [held]
    page.header.button("stop").click()
    assert page.header.button("stop").isVisible()
    assert page.header.button("stop").text() == "Stopping, saving …"
    assert page.header.texts()[2] == "Stopping"
    qtbot.waitUntil(lambda: run.status == "stopped", timeout=START)
    assert run.resumable
    assert run.usable
    qtbot.waitUntil(lambda: not window.engines.running(), timeout=START)
    stopped_at = run.look().step
    page.header.button("resume").click()
    assert run.status == "starting"
    assert not page.header.button("resume").isVisible()
    page.header.requested.emit("resume")  # a second click that was on its way
    assert len(window.engines.running()) == 1
    qtbot.waitUntil(lambda: run.status == "running" and run.look().step > stopped_at, timeout=START)
    assert page.header.button("pause").isVisible()
    page.header.button("stop").click()
    qtbot.waitUntil(lambda: run.status == "stopped", timeout=START)
    assert "another process" not in page.banner.text.text()


def made_while_paused(folder: Path) -> list[int]:
    """The numbers of the events from the first pause of a run to its end: that of the pause, then those of steps."""
    events = RunReader(folder).read()
    first = next(number for number, event in enumerate(events) if isinstance(event, RunPaused))
    held = itertools.takewhile(lambda event: not isinstance(event, RunUnpaused), events[first:])
    return [event.step for event in held if isinstance(event, RunPaused | StepDone)]


def test_a_run_folder_that_is_removed_while_the_run_goes_on_ends_it_in_words(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    page, run = start_digits(window, 500)
    qtbot.waitUntil(lambda: run.epoch >= 1, timeout=START)
    shutil.rmtree(run.folder)
    qtbot.waitUntil(lambda: "was removed" in window.status.sentence.text(), timeout=START)
    qtbot.waitUntil(lambda: page.runs.rows() == [], timeout=START)
    assert not run.folder.exists()


def test_a_run_that_another_process_begins_appears_in_the_list(
    qtbot: QtBot, open_window: Opener, trained_run: Path
) -> None:
    window = open_window(engine=False)
    window.show_page("train")
    page = train_page(window)
    assert page.runs.rows() == []
    run = copy_run(trained_run)
    qtbot.waitUntil(lambda: [row.folder for row in page.runs.rows()] == [run], timeout=START)


def test_runs_are_listed_again_after_a_restart(open_window: Opener, trained_run: Path) -> None:
    run = copy_run(trained_run)
    row = train_page(open_window(engine=False)).runs.rows()[0]
    told = replay(run)
    assert (row.folder, row.status) == (run, "finished")
    assert row.error == pytest.approx(told.best_error)
    assert list(row.look().curves["test_error"].y) == list(told.curves["test_error"].y)
    again = train_page(open_window(engine=False)).runs.rows()
    assert [(other.folder, other.status, other.error) for other in again] == [(row.folder, row.status, row.error)]


def test_a_folder_without_classes_is_refused_in_words_and_leaves_no_run(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    window = open_window()
    window.show_page("train")
    page = train_page(window)
    page.form.choice.choose_folder(tmp_path / "empty")
    page.form.start.click()
    qtbot.waitUntil(lambda: "one folder of pictures for each" in page.banner.text.text(), timeout=START)
    qtbot.waitUntil(lambda: page.runs.rows() == [], timeout=START)
    assert "one folder of pictures" in page.form.error.text()
    assert list((data_folder() / "runs").iterdir()) == []


def test_a_recipe_that_cannot_be_is_refused_in_its_field(open_window: Opener) -> None:
    window = open_window(engine=False)
    page = train_page(window)
    set_field(page.form, "lr", "fast")
    page.form.start.click()
    assert "Learning rate is 'fast'" in page.form.error.text()
    set_field(page.form, "lr", "-1")
    page.form.start.click()
    assert "Learning rate is -1.0" in page.form.error.text()
    assert page.form.field("lr").property("invalid") == "true"
    assert page.runs.rows() == []


SCRIPT = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from resnet_gui.gui.app import fill, make_application
from resnet_gui.gui.shell.main_window import MainWindow
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve

app = make_application()
theme = Theme(app, "dark")
frame = MainWindow(theme)
frame.show()
window = fill(frame, theme)
spec = evolve(PRESETS["digits-resnet"].spec, blocks=(1,), widths=(8,))
window.session.open_design(Design(name="small", spec=spec))
window.show_page("train")
page = window.page("train")
page.form.field("epochs").setValue(int(sys.argv[1]))
page.form.start.click()
run = page.runs.rows()[0]

def look():
    if window.engines.state == "ready" and run.epoch >= 1:
        engine = window.engines._runs[str(run.folder)]
        print(window.engines.main_pid, engine.pid, run.folder, "torch" in sys.modules, flush=True)
        timer.stop()
        if sys.argv[2] == "keep":
            QTimer.singleShot(500, answer)
            frame.close()

def answer():
    box = QApplication.activeModalWidget()
    next(button for button in box.buttons() if button.text() == "Keep running").click()

timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
app.exec()
window.after_close()
"""


FORKED = """
from resnet_gui.gui.client import process
from tests import forks

if forks.possible():
    forks.fork_early()
process.subprocess = forks.Forks().subprocess
"""
"""Has a window that is a fork start its engines as forks."""


def start_window(
    epochs: int, how: str, script: str = SCRIPT, popen: type[subprocess.Popen[Any]] = subprocess.Popen
) -> tuple[subprocess.Popen[str], int, int, Path]:
    process = popen([sys.executable, "-c", script, str(epochs), how], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as words:
        main, trainer, folder, torch_loaded = words.readline().split()
    assert torch_loaded == str(popen is not subprocess.Popen)
    return process, int(main), int(trainer), Path(folder)


def gone(pid: int) -> bool:
    """Whether a process has ended; a zombie that nobody has waited for counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def seconds_of(folder: Path) -> float:
    """How long a run has trained, by its last step."""
    steps = [event for event in RunReader(folder).read() if isinstance(event, StepDone)]
    return steps[-1].seconds


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the process table of Linux")
def test_when_the_window_is_killed_its_engines_end_by_themselves_within_three_seconds() -> None:
    process, main, trainer, folder = start_window(100_000, "die")
    process.kill()
    process.wait()
    end = time.monotonic() + stretched(3)
    while time.monotonic() < end and not (gone(main) and gone(trainer)):
        time.sleep(0.02)
    assert gone(main)
    assert gone(trainer)
    assert replay(folder).status(alive=False) == "stopped"
    assert (folder / "last.pt").is_file()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the process table of Linux")
def test_a_run_that_the_user_asked_to_keep_outlives_the_window_and_a_new_window_follows_it(
    qtbot: QtBot, open_window: Opener, forks: Forks
) -> None:
    process, main, trainer, folder = start_window(100_000, "keep", FORKED + SCRIPT, forks.popen)
    assert process.wait(PATIENCE) == 0
    qtbot.waitUntil(lambda: gone(main), timeout=START)
    # An engine that is not told to keep its run is gone by then, and trains no more.
    last = seconds_of(folder) + GRACE_SECONDS + 0.5
    qtbot.waitUntil(lambda: gone(trainer) or seconds_of(folder) > last, timeout=START)
    assert not gone(trainer)
    assert is_being_written(folder)
    window = open_window()
    window.show_page("train")
    page = train_page(window)
    run = page.runs.rows()[0]
    assert run.folder == folder
    qtbot.waitUntil(lambda: run.status == "running", timeout=START)
    step = run.look().step
    qtbot.waitUntil(lambda: run.look().step > step, timeout=START)
    page.header.button("stop").click()
    qtbot.waitUntil(lambda: run.status == "stopped", timeout=START)
    qtbot.waitUntil(lambda: gone(trainer), timeout=START)

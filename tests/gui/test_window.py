"""The whole window with real engines: the main job, and engines that die."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from resnet_gui.gui.pages.predict import PredictPage
from resnet_gui.gui.pages.train import TrainPage
from resnet_gui.gui.settings import Settings, load_settings
from resnet_gui.gui.theme import Mode
from resnet_gui.gui.workbench import Workbench
from resnet_gui.spec.arch import load_design
from resnet_gui.spec.files import assets, data_folder
from resnet_gui.spec.history import replay
from resnet_gui.spec.presets import PRESETS
from resnet_gui.spec.runs import is_being_written

START = 90_000
"""Milliseconds for an engine to load torch on a busy machine."""

Opener = Callable[..., Workbench]


def train_page(window: Workbench) -> TrainPage:
    page = window.page(1)
    assert isinstance(page, TrainPage)
    return page


def predict_page(window: Workbench) -> PredictPage:
    page = window.page(2)
    assert isinstance(page, PredictPage)
    return page


def wait_ready(qtbot: QtBot, window: Workbench) -> None:
    qtbot.waitUntil(lambda: window.engines.state == "ready", timeout=START)


def wait_verified(qtbot: QtBot, window: Workbench) -> None:
    qtbot.waitUntil(lambda: window.design.headline.verdict.text() == "verified", timeout=START)


def drop(window: Workbench, mime: QMimeData) -> None:
    """A drop as Qt delivers it: it enters first."""
    place = QPointF(300, 300)
    enter = QDragEnterEvent(
        place.toPoint(), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.window.dropEvent(
        QDropEvent(place, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    )


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_the_main_job_choose_resnet20_train_it_on_digits_drop_a_picture_read_the_label(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    window.design.form.preset.preset_chosen.emit(PRESETS["resnet20"])
    assert window.design.headline.cards["Params"].number() == "269,722"
    wait_ready(qtbot, window)
    wait_verified(qtbot, window)

    window.design.form.train.click()
    page = train_page(window)
    assert window.window.stack.currentWidget() is page
    page.form.fit_asked.emit()
    assert window.session.spec.input == (1, 8, 8)
    page.form.epochs.setValue(5)
    page.form.start.click()
    run = page.runs.rows()[0]
    assert page.list.chosen() is run
    qtbot.waitUntil(lambda: run.status == "running", timeout=START)
    qtbot.waitUntil(lambda: len(run.look().curves["train_loss"].x) > 5, timeout=START)
    assert page.plots.loss.curves()
    qtbot.waitUntil(lambda: run.status == "finished", timeout=START)
    qtbot.waitUntil(lambda: not window.engines.running(), timeout=START)
    assert run.error is not None
    assert run.error < 0.2
    drawn = {curve.key.rsplit("/", 1)[1]: len(curve.x) for curve in page.plots.error.curves()}
    assert drawn == {"train": 5 * 23, "test": 5}

    page.header.button("predict").click()
    predict = predict_page(window)
    drop(window, files(assets() / "samples" / "digit-0.png"))
    qtbot.waitUntil(lambda: bool(predict.bars.scores()), timeout=START)
    assert predict.bars.scores()[0].label == "0"
    assert len(predict.bars.scores()) == 5
    assert predict.pictures.pictures()[0].answer == "0"


def test_kill_9_of_the_engine_leaves_window_and_design_says_so_and_the_next_job_works(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    wait_verified(qtbot, window)
    window.session.edit("change classes", classes=17)
    before, pid = window.session.design, window.engines.main_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: "SIGKILL" in window.status.sentence.text(), timeout=START)
    assert "killed" in window.status.sentence.text()
    assert "design is unchanged" in window.status.sentence.text()
    assert window.window.isVisible()
    assert window.session.design is before
    wait_ready(qtbot, window)
    assert window.engines.main_pid != pid
    window.session.edit("change classes", classes=18)
    wait_verified(qtbot, window)


def test_an_engine_that_hangs_is_replaced_and_the_next_job_works(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(patience=4.0)
    wait_verified(qtbot, window)
    pid = window.engines.main_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    said: list[str] = []
    window.engines.said.connect(lambda sentence, _level: said.append(sentence))
    qtbot.waitUntil(lambda: any("does not answer" in sentence for sentence in said), timeout=START)
    qtbot.waitUntil(lambda: window.engines.main_pid not in {pid, None}, timeout=START)
    wait_ready(qtbot, window)
    window.session.edit("change classes", classes=19)
    wait_verified(qtbot, window)


def test_a_training_engine_that_is_killed_leaves_an_interrupted_run_which_resumes(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    window.session.choose_preset(PRESETS["digits-resnet"])
    window.show_page(1)
    page = train_page(window)
    page.form.epochs.setValue(3)
    page.form.start.click()
    run = page.runs.rows()[0]
    qtbot.waitUntil(lambda: run.epoch >= 1, timeout=START)
    page.header.button("pause").click()
    qtbot.waitUntil(lambda: run.status == "paused", timeout=START)
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
    assert run.epoch == 3
    assert list(run.look().curves["train_loss"].x) == list(range(1, 3 * 23 + 1))


def test_pause_holds_go_on_goes_on_and_stop_ends_with_a_checkpoint(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    window.session.choose_preset(PRESETS["digits-resnet"])
    window.show_page(1)
    page = train_page(window)
    page.form.epochs.setValue(500)
    page.form.start.click()
    run = page.runs.rows()[0]
    qtbot.waitUntil(lambda: run.epoch >= 1, timeout=START)
    page.header.button("pause").click()
    qtbot.waitUntil(lambda: run.status == "paused", timeout=START)
    held = run.look().step
    qtbot.wait(700)
    assert run.look().step == held
    page.header.button("go_on").click()
    qtbot.waitUntil(lambda: run.look().step > held, timeout=START)
    page.header.button("stop").click()
    assert page.header.button("kill").isVisible()
    qtbot.waitUntil(lambda: run.status == "stopped", timeout=START)
    assert run.resumable
    assert run.usable
    qtbot.waitUntil(lambda: not window.engines.running(), timeout=START)
    stopped_at = run.look().step
    page.header.button("resume").click()
    assert run.status == "starting"
    assert not page.header.button("resume").isVisible()
    page.header.resume_asked.emit()  # a second click that was on its way
    assert len(window.engines.running()) == 1
    qtbot.waitUntil(lambda: run.status == "running" and run.look().step > stopped_at, timeout=START)
    assert page.header.button("pause").isVisible()
    page.header.button("stop").click()
    qtbot.waitUntil(lambda: run.status == "stopped", timeout=START)
    assert "another process" not in page.banner.text.text()


def test_a_run_folder_that_is_removed_while_the_run_goes_on_ends_it_in_words(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    window.session.choose_preset(PRESETS["digits-resnet"])
    window.show_page(1)
    page = train_page(window)
    page.form.epochs.setValue(500)
    page.form.start.click()
    run = page.runs.rows()[0]
    qtbot.waitUntil(lambda: run.epoch >= 1, timeout=START)
    shutil.rmtree(run.folder)
    qtbot.waitUntil(lambda: "was removed" in window.status.sentence.text(), timeout=START)
    qtbot.waitUntil(lambda: page.runs.rows() == [], timeout=START)
    assert not run.folder.exists()


def test_a_run_that_another_process_begins_appears_in_the_list(
    qtbot: QtBot, open_window: Opener, trained_run: Path
) -> None:
    window = open_window()
    window.show_page(1)
    page = train_page(window)
    assert page.runs.rows() == []
    run = copy_run(trained_run)
    qtbot.waitUntil(lambda: [row.folder for row in page.runs.rows()] == [run], timeout=START)


def test_runs_are_listed_again_after_a_restart(open_window: Opener, trained_run: Path) -> None:
    run = copy_run(trained_run)
    row = train_page(open_window()).runs.rows()[0]
    told = replay(run)
    assert (row.folder, row.status) == (run, "finished")
    assert row.error == pytest.approx(told.best_error)
    assert list(row.look().curves["test_error"].y) == list(told.curves["test_error"].y)
    again = train_page(open_window()).runs.rows()
    assert [(other.folder, other.status, other.error) for other in again] == [(row.folder, row.status, row.error)]


def test_a_folder_without_classes_is_refused_in_words_and_leaves_no_run(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    window = open_window()
    window.show_page(1)
    page = train_page(window)
    page.form.choose_folder(tmp_path / "empty")
    page.form.start.click()
    qtbot.waitUntil(lambda: "one folder of pictures for each" in page.banner.text.text(), timeout=START)
    qtbot.waitUntil(lambda: page.runs.rows() == [], timeout=START)
    assert "one folder of pictures" in page.form.error.text()
    assert list((data_folder() / "runs").iterdir()) == []


def test_a_recipe_that_cannot_be_is_refused_in_its_field(open_window: Opener) -> None:
    window = open_window()
    page = train_page(window)
    page.form.lr.setText("fast")
    page.form.start.click()
    assert "Learning rate is 'fast'" in page.form.error.text()
    page.form.lr.setText("-1")
    page.form.start.click()
    assert "lr is -1.0" in page.form.error.text()
    assert page.form.lr.property("invalid") == "true"
    assert page.runs.rows() == []


def test_pictures_are_taken_from_files_folders_pixels_and_the_clipboard_and_broken_ones_get_a_sentence(
    qtbot: QtBot, open_window: Opener, trained_run: Path, tmp_path: Path
) -> None:
    copy_run(trained_run)
    window = open_window()
    window.show_page(2)
    page = predict_page(window)
    assert page.run() is not None
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    drop(window, files(assets() / "samples", broken))
    qtbot.waitUntil(lambda: len(page.pictures.pictures()) == 11, timeout=START)
    qtbot.waitUntil(lambda: all(p.top or p.error for p in page.pictures.pictures()), timeout=START)
    right = [p.answer == p.path.stem[-1] for p in page.pictures.pictures() if p.top]
    assert sum(right) >= 7
    assert "broken.png is not a picture" in next(p.error for p in page.pictures.pictures() if p.path == broken)
    pixels = QMimeData()
    pixels.setImageData(QImage(str(assets() / "samples" / "digit-1.png")))
    drop(window, pixels)
    QApplication.clipboard().setImage(QImage(str(assets() / "samples" / "digit-7.png")))
    qtbot.keyClick(page, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(page.pictures.pictures()) == 13, timeout=START)
    qtbot.waitUntil(lambda: all(p.top or p.error for p in page.pictures.pictures()), timeout=START)
    pasted = page.pictures.pictures()[-2:]
    assert all(data_folder() in p.path.parents for p in pasted)
    remote = QMimeData()
    remote.setUrls([QUrl("https://example.invalid/cat.png")])
    page.take_mime(remote)
    assert "save the picture first" in window.status.sentence.text()
    assert len(page.pictures.pictures()) == 13


def test_a_run_that_vanished_gives_a_sentence_and_the_window_stays(
    qtbot: QtBot, open_window: Opener, trained_run: Path
) -> None:
    run = copy_run(trained_run)
    window = open_window()
    window.show_page(2)
    page = predict_page(window)
    wait_ready(qtbot, window)
    for path in run.iterdir():
        path.unlink()
    page.add_files([assets() / "samples" / "digit-2.png"])
    qtbot.waitUntil(lambda: "is not a run folder" in window.status.sentence.text(), timeout=START)
    assert page.pictures.pictures()


def test_design_files_open_by_drop_and_are_saved_and_bad_ones_change_nothing(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window()
    window.session.choose_preset(PRESETS["resnet34"])
    window.session.edit("change classes", classes=5)
    path = tmp_path / "mine.json"
    window.files.save(path)
    assert load_design(path).spec == window.session.spec
    window.session.choose_preset(PRESETS["resnet18"])
    drop(window, files(path))
    assert window.session.spec.classes == 5
    before = window.session.design
    bad = tmp_path / "bad.json"
    bad.write_text('{"name": "x", "spec": {"block": "basic", "blocks": [0], "widths": [4]}}')
    drop(window, files(bad))
    assert "bad.json: blocks, stage 1: 0" in window.status.sentence.text()
    assert window.session.design is before


def test_closing_remembers_design_theme_and_device_and_a_broken_settings_file_is_kept_aside(
    open_window: Opener,
) -> None:
    window = open_window(Settings(theme="dark"))
    window.session.choose_preset(PRESETS["resnet50"])
    window.session.edit("change classes", classes=3)
    window.window.close()
    settings = load_settings()
    assert settings.theme == "dark"
    assert settings.design == window.session.design
    assert settings.preset == "resnet50"
    (data_folder() / "settings.json").write_text("{broken")
    assert load_settings() == Settings()
    assert (data_folder() / "settings.json.bad").read_text() == "{broken"


def test_the_theme_can_be_changed_while_every_page_is_open(open_window: Opener) -> None:
    window = open_window()
    for number in range(3):
        window.show_page(number)
    modes: tuple[Mode, ...] = ("light", "dark", "system", "dark")
    for mode in modes:
        window.theme.set_mode(mode)
        QApplication.processEvents()
    assert window.theme.name == "dark"


SCRIPT = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from resnet_gui.gui.app import fill, make_application
from resnet_gui.gui.main_window import MainWindow
from resnet_gui.gui.theme import Theme
from resnet_gui.spec.presets import PRESETS

app = make_application()
theme = Theme(app, "dark")
frame = MainWindow(theme)
frame.show()
window = fill(frame, theme)
window.session.choose_preset(PRESETS["digits-resnet"])
window.show_page(1)
page = window.page(1)
page.form.epochs.setValue(int(sys.argv[1]))
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


def start_window(epochs: int, how: str) -> tuple[subprocess.Popen[str], int, int, Path]:
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(epochs), how], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as words:
        main, trainer, folder, torch_loaded = words.readline().split()
    assert torch_loaded == "False"
    return process, int(main), int(trainer), Path(folder)


def gone(pid: int) -> bool:
    """Whether a process has ended; a zombie that nobody has waited for counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the process table of Linux")
def test_when_the_window_is_killed_its_engines_end_by_themselves_within_three_seconds() -> None:
    process, main, trainer, folder = start_window(100_000, "die")
    process.kill()
    process.wait()
    end = time.monotonic() + 3.0
    while time.monotonic() < end and not (gone(main) and gone(trainer)):
        time.sleep(0.02)
    assert gone(main)
    assert gone(trainer)
    assert replay(folder).status(alive=False) == "stopped"
    assert (folder / "last.pt").is_file()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the process table of Linux")
def test_a_run_that_the_user_asked_to_keep_outlives_the_window_and_a_new_window_follows_it(
    qtbot: QtBot, open_window: Opener
) -> None:
    process, main, trainer, folder = start_window(100_000, "keep")
    assert process.wait(20) == 0
    time.sleep(3.5)
    assert gone(main)
    assert not gone(trainer)
    assert is_being_written(folder)
    window = open_window()
    window.show_page(1)
    page = train_page(window)
    run = page.runs.rows()[0]
    assert run.folder == folder
    qtbot.waitUntil(lambda: run.status == "running", timeout=START)
    step = run.look().step
    qtbot.waitUntil(lambda: run.look().step > step, timeout=START)
    page.header.button("stop").click()
    qtbot.waitUntil(lambda: run.status == "stopped", timeout=START)
    qtbot.waitUntil(lambda: gone(trainer), timeout=START)


def test_the_window_opens_without_torch() -> None:
    script = (
        "import sys\n"
        "from resnet_gui.gui.app import fill, make_application\n"
        "from resnet_gui.gui.main_window import MainWindow\n"
        "from resnet_gui.gui.theme import Theme\n"
        "app = make_application()\n"
        "theme = Theme(app, 'dark')\n"
        "frame = MainWindow(theme)\n"
        "frame.show()\n"
        "app.processEvents()\n"
        "window = fill(frame, theme)\n"
        "app.processEvents()\n"
        "assert 'pyqtgraph' not in sys.modules, 'pyqtgraph comes after the paint'\n"
        "for number in range(3):\n"
        "    window.show_page(number)\n"
        "    app.processEvents()\n"
        "print(sorted({'torch', 'torchvision', 'torchinfo'} & set(sys.modules)))\n"
        "window.engines.shutdown(keep_runs=False)\n"
        "window.after_close()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_a_display_the_command_says_so_in_one_sentence() -> None:
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    done = subprocess.run([sys.executable, "-m", "resnet_gui"], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "xvfb-run" in done.stderr


def test_pyside_loses_no_reference_to_none(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for number in range(500):
        label.setText(str(number))
    assert before - sys.getrefcount(None) < 50


def copy_run(source: Path) -> Path:
    """A finished run among the runs of this test's own folder."""
    target = data_folder() / "runs" / "20260101-000000-copy"
    shutil.copytree(source, target)
    return target

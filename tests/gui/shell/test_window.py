"""The whole window with real engines: the main job, and engines that die."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import assets, data_folder
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve, load_design
from resnet_gui.gui.common.presentation import Presents
from resnet_gui.gui.settings import Settings, load_settings
from resnet_gui.gui.shell.presentation import PresentationWindow
from resnet_gui.protocol.events import Latency, Predicted, Score
from tests.gui.driving import (
    START,
    Opener,
    copy_run,
    drop,
    files,
    predict_page,
    set_field,
    train_page,
    wait_ready,
    wait_verified,
)


def test_the_main_job_choose_resnet20_train_it_on_digits_drop_a_picture_read_the_label(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    window.title.preset_chosen.emit(PRESETS["resnet20"])
    assert window.design.headline.cards["Params"].number() == "269,722"
    wait_ready(qtbot, window)
    wait_verified(qtbot, window)

    window.design.form.train.click()
    page = train_page(window)
    assert window.window.stack.currentWidget() is page
    page.form.fit_requested.emit("data")
    assert window.session.spec.input == (1, 8, 8)
    set_field(page.form, "epochs", 3)
    page.plots.bar.smoothing.setValue(0)
    page.form.start.click()
    run = page.runs.rows()[0]
    assert page.state.run is run
    # On a busy machine it may be over before this is asked, and much is read before any of it is drawn.
    qtbot.waitUntil(lambda: run.status in {"running", "finished"}, timeout=START)
    qtbot.waitUntil(lambda: len(run.look().curves["train_loss"].x) > 5, timeout=START)
    qtbot.waitUntil(lambda: bool(page.plots.loss.curves()), timeout=START)
    qtbot.waitUntil(lambda: run.status == "finished", timeout=START)
    qtbot.waitUntil(lambda: not window.engines.running(), timeout=START)
    assert run.error is not None
    assert run.error < 0.2

    def drawn() -> dict[str, int]:
        return {curve.key.rsplit("/", 1)[1]: len(curve.points.x) for curve in page.plots.error.curves()}

    qtbot.waitUntil(lambda: drawn() == {"train": 3 * 23, "test": 3}, timeout=START)

    page.header.button("predict").click()
    predict = predict_page(window)
    drop(window, files(assets() / "samples" / "digit-0.png"))
    # Until the picture is answered, what was answered before may stand there.
    qtbot.waitUntil(lambda: [each.answered for each in predict.pictures.pictures()] == [True], timeout=START)
    qtbot.waitUntil(lambda: bool(predict.answer.bars.scores()), timeout=START)
    assert predict.answer.bars.scores()[0].label == "0"
    assert len(predict.answer.bars.scores()) == 5
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
    window.engines.message.connect(lambda sentence, _level: said.append(sentence))
    qtbot.waitUntil(lambda: any("does not answer" in sentence for sentence in said), timeout=START)
    qtbot.waitUntil(lambda: window.engines.main_pid not in {pid, None}, timeout=START)
    wait_ready(qtbot, window)
    window.session.edit("change classes", classes=19)
    wait_verified(qtbot, window)


def test_pictures_are_taken_from_files_folders_pixels_and_the_clipboard_and_broken_ones_get_a_sentence(
    qtbot: QtBot, open_window: Opener, trained_run: Path, tmp_path: Path
) -> None:
    run = copy_run(trained_run)
    window = open_window()
    page = predict_page(window)
    page.choose_run(run)
    window.show_page("predict")
    assert page.models.model == str(run)
    broken, digits = tmp_path / "broken.png", tmp_path / "digits"
    broken.write_bytes(b"no picture")
    digits.mkdir()
    for path in (assets() / "samples").glob("digit-*.png"):
        shutil.copy(path, digits)
    drop(window, files(digits, broken))
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
    page = predict_page(window)
    page.choose_run(run)
    window.show_page("predict")
    wait_ready(qtbot, window)
    for path in run.iterdir():
        path.unlink()
    page.add_files([assets() / "samples" / "digit-2.png"])
    qtbot.waitUntil(lambda: "is not a run folder" in window.status.sentence.text(), timeout=START)
    assert page.pictures.pictures()


def test_design_files_open_by_drop_and_are_saved_and_bad_ones_change_nothing(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(engine=False)
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
    window = open_window(Settings(theme="dark"), engine=False)
    window.session.choose_preset(PRESETS["resnet50"])
    window.session.edit("change classes", classes=3)
    window.window.close()
    settings = load_settings()
    assert settings.theme == "dark"
    assert settings.design == window.session.design
    assert settings.preset == "resnet50"
    (data_folder() / "settings.json").write_text("{broken")
    told: list[str] = []
    assert load_settings(told.append) == Settings()
    assert (data_folder() / "settings.json.bad").read_text() == "{broken"
    assert not (data_folder() / "settings.json").exists()
    assert told == [
        "The settings of last time cannot be read; the file is kept as settings.json.bad. "
        "Everything begins with the defaults."
    ]


def test_the_window_opens_without_torch() -> None:
    script = (
        "import sys\n"
        "from resnet_gui.gui.app import fill, make_application\n"
        "from resnet_gui.gui.shell.main_window import MainWindow\n"
        "from resnet_gui.gui.kit.theme import Theme\n"
        "app = make_application()\n"
        "theme = Theme(app, 'dark')\n"
        "frame = MainWindow(theme)\n"
        "frame.show()\n"
        "app.processEvents()\n"
        "window = fill(frame, theme)\n"
        "app.processEvents()\n"
        "assert 'pyqtgraph' not in sys.modules, 'pyqtgraph comes after the paint'\n"
        "for key in ('design', 'train', 'predict'):\n"
        "    window.show_page(key)\n"
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


def test_an_answer_to_a_question_that_was_withdrawn_is_not_shown(open_window: Opener) -> None:
    window = open_window(engine=False)
    page = predict_page(window)
    window.engines.predicted.emit(Predicted(999, "cleared.png", (Score("3", 3, 1.0),), Latency(1.0, 1.0), (8, 8)))
    assert page.pictures.pictures() == []


def test_showing_the_predict_page_again_asks_nothing_again(
    qtbot: QtBot, open_window: Opener, trained_run: Path
) -> None:
    run = copy_run(trained_run)
    window = open_window()
    page = predict_page(window)
    page.choose_run(run)
    window.show_page("predict")
    page.add_files([assets() / "samples" / "digit-0.png"])
    qtbot.waitUntil(lambda: bool(page.pictures.pictures()[0].top), timeout=START)
    window.show_page("design")
    window.show_page("predict")
    assert page.models.model == str(run)
    assert page.pictures.pictures()[0].top


@pytest.mark.parametrize(
    "settings",
    [
        {"recent": ["/" + "y" * 300 + "/d.json", "a\x00b", ""]},
        {"splitter": [10**12, 5]},
        {"splitter": [-1, 0, 7], "compared": [10**15, 1], "plotted": [1]},
        {"pins": [], "baseline": 99},
        {"colouring": "none", "naming": "x", "columns": ["no such"]},
    ],
)  # fmt: skip
def test_odd_remembered_things_do_not_keep_the_window_from_opening(
    open_window: Opener, settings: dict[str, object]
) -> None:
    data_folder().mkdir(parents=True, exist_ok=True)
    (data_folder() / "settings.json").write_text(json.dumps(settings))
    window = open_window(load_settings(), engine=False)
    assert window.design.isVisible()
    window.menus.main.aboutToShow.emit()
    window.files.recent()
    window.show_page("compare")
    window.window.close()


def test_what_is_neither_a_picture_nor_a_design_is_refused_where_it_was_dropped(
    open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    text, empty, named = tmp_path / "notes.txt", tmp_path / "empty", tmp_path / "dir.json"
    text.write_text("words")
    empty.mkdir()
    named.mkdir()
    for path in (text, empty, named):
        drop(window, files(path))
        words = f"{path.name} is neither" if path == text else f"The folder {path.name} is empty"
        assert words in window.status.sentence.text()
        assert window.window.stack.currentIndex() == 0


def test_f5_presents_the_page_on_screen_and_says_so_where_it_has_nothing_to_show(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window(engine=False)
    window.menus.actions["presentation"].trigger()
    made = window.window.findChild(PresentationWindow)
    assert made is not None
    assert made.isFullScreen()
    assert made.title.text().startswith("Network")
    qtbot.keyClick(made, Qt.Key.Key_F5)
    assert not made.isVisible()
    for page in ("compare", "lab"):
        window.show_page(page)
        shown: object = window.window.stack.currentWidget()
        assert isinstance(shown, Presents)
        assert shown.panes()


def test_a_design_from_a_file_begins_as_what_it_resembles(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.session.choose_preset(PRESETS["resnet152"])
    window.session.open_design(Design(name="my net", spec=evolve(PRESETS["resnet20"].spec, classes=7)))
    assert window.session.preset is PRESETS["resnet20"]
    window.session.edit("change classes", classes=8)
    assert window.session.preset is PRESETS["resnet20"]
    window.session.undo.undo()
    window.session.undo.undo()
    assert window.session.preset is PRESETS["resnet152"]

"""An error that nobody caught, in a real window: logged, shown once, and the window lives on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui import __version__
from resnet_gui.base.log import Failure, log_path
from resnet_gui.gui.shell.errors import UncaughtErrorDialog, UncaughtErrors, open_log
from resnet_gui.gui.shell.help import HelpDialog
from resnet_gui.protocol.events import Device, Ready

WINDOW = """
import json, sys, threading
from PySide6.QtCore import QRunnable, QThreadPool, QTimer, qWarning
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui import app as program
from resnet_gui.gui.shell import dialogs as questions
from resnet_gui.gui.shell.errors import UncaughtErrorDialog

seen = {}

def dialogs():
    return [each for each in QApplication.topLevelWidgets()
            if isinstance(each, UncaughtErrorDialog) and each.isVisible()]

def says(text):
    return any(text in each.sentence.text() for each in dialogs())

class Painting(QWidget):
    def paintEvent(self, event):
        raise ArithmeticError("in a paint")

class Task(QRunnable):
    def run(self):
        raise LookupError("in a pool")

def work():
    raise OSError("in a thread")

def slot():
    raise ZeroDivisionError("in a slot")

real = program.open_in_steps

def try_out(bench):
    window = bench.window
    bench.engines.shutdown(keep_runs=False)
    press = QPushButton(window)
    press.clicked.connect(slot)
    painting = Painting(window)

    def steps():
        press.click()
        yield lambda: says("in a slot")
        seen["sentence"] = dialogs()[0].sentence.text()
        seen["status"] = window.status.sentence.text()
        for _ in range(199):
            press.click()
        yield lambda: "200 times" in dialogs()[0].note.text()
        seen["dialogs"] = len(dialogs())
        for name, start in (("in a thread", lambda: threading.Thread(target=work, name="worker").start()),
                            ("in a pool", lambda: QThreadPool.globalInstance().start(Task())),
                            ("in a paint", painting.show)):
            start()
            yield lambda name=name: says(name)
        painting.hide()
        qWarning("a warning of Qt")
        seen["several"] = len(dialogs())
        seen["details"] = dialogs()[0].details()
        bench.design.choose_preset(PRESETS["resnet50"])
        seen["design"] = bench.session.design.name
        dialogs()[0].close_button.click()
        window.status.say("", "info")
        press.click()
        yield lambda: "in a slot" in window.status.sentence.text()
        seen["after"] = len(dialogs())
        seen["visible"] = window.isVisible()
        window.close()

    going = steps()
    wanted = [next(going)]

    def look():
        if wanted[0]():
            try:
                wanted[0] = next(going)
            except StopIteration:
                watch.stop()
            except Exception:
                watch.stop()
                window.close()
                raise

    watch = QTimer(window)
    watch.timeout.connect(look)
    watch.start(5)

def open_in_steps(window, theme, filled):
    real(window, theme, lambda bench: (filled(bench), try_out(bench)))

program.open_in_steps = open_in_steps
# Where nothing can be written, a window that is closed asks whether it may.
questions.ask_to_close_unkept = lambda _parent, _problem: True
code = program.run()
seen["code"] = code
seen["hooks"] = sys.excepthook is sys.__excepthook__
print(json.dumps(seen))
"""


def run_window(home: Path) -> tuple[dict[str, Any], str]:
    """What the window of ``WINDOW`` saw, and its standard error."""
    env = dict(os.environ, RESNET_GUI_HOME=str(home))
    done = subprocess.run(
        [sys.executable, "-c", WINDOW], capture_output=True, text=True, check=False, env=env, timeout=150
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_errors_of_slots_threads_and_paints_are_logged_and_shown_once_and_the_window_lives_on(home: Path) -> None:
    seen, _printed = run_window(home)
    said = "An error inside the program: ZeroDivisionError: in a slot. The window goes on."
    assert (seen["sentence"], seen["status"]) == (said, said)
    assert (seen["dialogs"], seen["several"]) == (1, 1), "a storm is one dialog, and so are several errors"
    assert (seen["after"], seen["visible"]) == (0, True), "after it was closed, the same error is a line in the bar"
    assert (seen["code"], seen["hooks"]) == (0, True)
    assert seen["design"] == "ResNet-50"
    for each in ("ZeroDivisionError: in a slot", "OSError: in a thread", "LookupError: ", "ArithmeticError: "):
        assert each in seen["details"]
    logged = log_path().read_text(encoding="utf-8")
    assert logged.startswith("--- ResNet Explorer ")
    assert logged.count("ZeroDivisionError: in a slot\nTraceback (most recent call last):") == 5 + 2
    assert "Thread worker failed: OSError: in a thread\nTraceback (most recent call last):" in logged
    for each in ("LookupError: in a pool", "ArithmeticError: in a paint", "Qt: a warning of Qt", "in work"):
        assert each in logged


def test_a_window_whose_folder_cannot_be_written_lives_on_and_says_its_errors_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    seen, printed = run_window(tmp_path / "file" / "home")
    assert (seen["dialogs"], seen["visible"], seen["code"]) == (1, True, 0)
    assert "resnet-gui.log cannot be written" in printed
    assert "ZeroDivisionError: in a slot" in printed


# ---- the dialog


def failure(text: str = "ValueError: wrong", line: int = 1, times: int = 1) -> Failure:
    return Failure(
        text, f"Traceback (most recent call last):\n  line {line}\n{text}\n", ("ValueError", "a.py", line), times
    )


def test_details_on_the_clipboard_hold_versions_and_every_traceback(qtbot: QtBot) -> None:
    dialog = UncaughtErrorDialog(None)
    qtbot.addWidget(dialog)
    dialog.add(failure())
    dialog.add(failure(times=7))
    dialog.add(failure("ValueError: other", 2))
    assert dialog.sentence.text() == "An error inside the program: ValueError: other. The window goes on."
    assert dialog.note.text() == "The details hold 1 other error too. Designs, runs and settings are kept."
    dialog.copy_button.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("ResNet Explorer ")
    assert "\n7 ×\nTraceback (most recent call last):\n  line 1\nValueError: wrong\n" in copied
    assert "\n1 ×\nTraceback (most recent call last):\n  line 2\nValueError: other\n" in copied
    assert not dialog.isModal()


def test_of_endless_different_errors_a_dialog_keeps_so_many(qtbot: QtBot) -> None:
    dialog = UncaughtErrorDialog(None)
    qtbot.addWidget(dialog)
    for line in range(100):
        dialog.add(failure(f"ValueError: number {line}", line))
        assert f"number {line}\n" in dialog.details() + "\n", "what its sentence says"
    assert len(dialog.places()) == 20
    assert dialog.details().count("Traceback") == 20


def test_the_log_is_opened_and_its_folder_while_there_is_none(
    home: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return False

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    assert not open_log()
    home.mkdir()
    open_log()
    log_path().write_text("an entry\n")
    dialog = UncaughtErrorDialog(None)
    qtbot.addWidget(dialog)
    dialog.log_button.click()
    assert opened == [str(home.parent), str(home), str(log_path())]
    assert str(log_path()) in dialog.note.text(), "where nothing opens it, its path is said"


def test_an_error_while_a_modal_dialog_is_open_belongs_to_that_dialog(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    help_dialog = HelpDialog(window, None)
    errors = UncaughtErrors()
    errors.window = window
    help_dialog.setModal(True)
    help_dialog.show()
    errors._take(failure())
    qtbot.waitUntil(lambda: errors.dialog is not None)
    assert errors.dialog is not None
    assert errors.dialog.parent() is help_dialog
    help_dialog.deleteLater()
    qtbot.waitUntil(lambda: not QApplication.activeModalWidget())
    first = errors.dialog
    errors._take(failure("ValueError: again"))
    qtbot.waitUntil(lambda: errors.dialog is not first)
    assert errors.dialog.parent() is window


def test_an_error_that_cannot_be_shown_is_logged_and_does_not_come_back_for_ever(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_dialog: UncaughtErrorDialog, _failure: Failure) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(UncaughtErrorDialog, "add", refuse)
    errors = UncaughtErrors()
    errors._take(failure())
    qtbot.waitUntil(lambda: "could not be shown: ValueError: wrong" in caplog.text)


def test_help_says_where_the_log_is(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = HelpDialog(window, None)
    assert dialog._versions["Log"] == str(log_path())
    assert dialog.log_button.text() == "Open log"


GPU = Device("cuda:0", "NVIDIA H200")


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        (None, "the engine is not ready"),
        (Ready(1, {"torch": "2.9.0"}, (Device("cpu", "CPU"),), "This PyTorch was built without CUDA."),
         "This PyTorch was built without CUDA."),
        (Ready(1, {"torch": "2.9.0", "cuda": "12.8"}, (Device("cpu", "CPU"), GPU)), "NVIDIA H200 (CUDA 12.8)"),
    ],
)  # fmt: skip
def test_versions_that_are_copied_tell_of_torch_and_of_the_gpu_what_the_engine_told(
    qtbot: QtBot, engine: Ready | None, words: str
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = HelpDialog(window, engine)
    dialog.copy_button.click()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert f"GPU: {words}" in copied
    assert f"torch: {'2.9.0' if engine is not None else 'the engine is not ready'}" in copied
    assert {f"ResNet Explorer: {__version__}", f"Log: {log_path()}"} <= set(copied)

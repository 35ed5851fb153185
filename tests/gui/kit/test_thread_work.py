"""Work in a thread: waited for while the event loop turns, and what it raises is raised."""

import threading

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.window.thread_work import done_in_thread


def test_the_event_loop_turns_while_work_is_done_in_another_thread(qtbot: QtBot) -> None:
    turned = threading.Event()
    QTimer.singleShot(0, turned.set)

    def work() -> tuple[bool, bool]:
        return turned.wait(20), threading.current_thread() is threading.main_thread()

    assert done_in_thread(work) == (True, False)


def test_what_the_work_raises_is_raised_to_the_caller(qtbot: QtBot) -> None:
    def work() -> None:
        raise ValueError("no place")

    with pytest.raises(ValueError, match="no place"):
        done_in_thread(work)

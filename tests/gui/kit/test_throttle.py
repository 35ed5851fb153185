"""Postponed work is done once for many requests; which request decides the moment tells debounce from throttle.

No test sleeps: all timers of a thread fire in the order in which they are due, however late they are looked at, so the
order of the calls shows what each waited for.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Qt, QTimer
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.throttle import Debounce, Throttle

INTERVAL = 40


@pytest.fixture
def owner(qapp: object) -> QObject:
    return QObject()


@pytest.fixture
def calls() -> list[str]:
    return []


def _halfway(owner: QObject, work: Callable[[], object]) -> None:
    """Do something when half an interval is over."""
    timer = QTimer(owner, singleShot=True, interval=INTERVAL // 2, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(work)
    timer.start()


def test_a_debounce_waits_for_the_last_request_and_a_throttle_for_the_first(
    qtbot: QtBot, owner: QObject, calls: list[str]
) -> None:
    debounce = Debounce(owner, INTERVAL, lambda: calls.append("debounce"))
    throttle = Throttle(owner, INTERVAL, lambda: calls.append("throttle"))

    def request() -> None:
        for _ in range(3):
            debounce.request()
            throttle.request()

    request()
    _halfway(owner, request)
    qtbot.waitUntil(lambda: "debounce" in calls)
    assert calls == ["throttle", "debounce"]
    assert not debounce.is_pending()
    assert not throttle.is_pending()


def test_a_throttle_answers_a_request_after_its_call_with_another_call(
    qtbot: QtBot, owner: QObject, calls: list[str]
) -> None:
    def work() -> None:
        calls.append("call")
        if len(calls) == 1:
            throttle.request()

    throttle = Throttle(owner, 1, work)
    throttle.request()
    qtbot.waitUntil(lambda: len(calls) == 2)


def test_a_request_soon_goes_before_one_that_waits_and_answers_it(
    qtbot: QtBot, owner: QObject, calls: list[str]
) -> None:
    throttle = Throttle(owner, INTERVAL, lambda: calls.append("throttle"))
    later = Debounce(owner, INTERVAL, lambda: calls.append("later"))
    throttle.request()
    _halfway(owner, lambda: calls.append("halfway"))
    throttle.request_soon()
    throttle.request()
    later.request()
    qtbot.waitUntil(lambda: "later" in calls)
    assert calls == ["throttle", "halfway", "later"]
    assert throttle.interval == INTERVAL


def test_a_call_now_answers_a_request_that_waits(qtbot: QtBot, owner: QObject, calls: list[str]) -> None:
    debounce = Debounce(owner, 0, lambda: calls.append("work"))
    later = Debounce(owner, 0, lambda: calls.append("later"))
    debounce.request()
    assert debounce.is_pending()
    debounce.call_now()
    assert calls == ["work"]
    later.request()
    qtbot.waitUntil(lambda: "later" in calls)
    assert calls == ["work", "later"]


@pytest.mark.parametrize("made", [Debounce, Throttle])
def test_nothing_is_called_after_the_end_of_the_owner(
    qtbot: QtBot, owner: QObject, calls: list[str], made: type[Debounce | Throttle]
) -> None:
    ending = QObject(owner)
    made(ending, 0, lambda: calls.append("ended")).request()
    later = Debounce(owner, 0, lambda: calls.append("later"))
    with qtbot.waitSignal(ending.destroyed):
        ending.deleteLater()
    later.request()
    qtbot.waitUntil(lambda: "later" in calls)
    assert calls == ["later"]

"""Work in a thread that a caller waits for while the window answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from PySide6.QtCore import QEventLoop, QTimer

T = TypeVar("T")

POLL_MS: Final = 10
PATIENCE_SECONDS: Final = 0.02
"""What is done within this needs no turn of the event loop."""


def done_in_thread(work: Callable[[], T]) -> T:
    """Do work that touches no widget in a thread, and give what it gives; the event loop turns meanwhile.

    Whoever calls this sees to it that nothing can be pressed that must not be pressed twice.

    Raises:
        Exception: whatever the work raises.
    """
    results: list[T] = []
    failures: list[BaseException] = []

    def do() -> None:
        try:
            results.append(work())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=do, name="work", daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    if thread.is_alive():
        loop, poll = QEventLoop(), QTimer(interval=POLL_MS)
        poll.timeout.connect(lambda: None if thread.is_alive() else loop.quit())
        poll.start()
        loop.exec()
        # The loop also ends when the program does; what has been begun is written.
        thread.join()
    if failures:
        raise failures[0]
    return results[0]

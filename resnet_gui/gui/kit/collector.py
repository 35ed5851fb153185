"""Collection of cycles of objects by the thread of the window alone."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 300
"""Between two looks at the counters; a look takes a microsecond."""


class CycleCollector(QObject):
    """Python's collector of cycles, run by this object's thread instead of by whichever thread allocates.

    A thread that reads what an engine says would otherwise free widgets that hold each other, and Qt objects that are
    destroyed outside the thread they live in crash the process, at once or at a later event. Python collects by itself
    again after ``stop``.
    """

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(collect_where_due)
        self._timer.start()

    def stop(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()


def collect_where_due() -> None:
    """Collect the oldest generation whose counter has passed its threshold, as Python does by itself."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if counts[generation] > thresholds[generation]:
            gc.collect(generation)
            return

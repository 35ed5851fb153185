"""The folders of runs read at the start: in slices while the window answers, or at once for whoever needs them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import Final

from PySide6.QtCore import QObject, QTimer

from resnet_gui.runs.folder import RunSummary
from resnet_gui.runs.scan import error_words, scan_runs

LOG = logging.getLogger(__name__)

SLICE_SECONDS: Final = 0.008
"""How long folders are read at a time."""


class RunReading(QObject):
    """The reading of all folders of runs, once in a session."""

    def __init__(self, take: Callable[[list[RunSummary], list[str]], object], parent: QObject) -> None:
        """Prepare it; ``take`` gets the runs, the newest first, and a sentence for each that cannot be read."""
        super().__init__(parent)
        self._take = take
        self._scan: Iterator[RunSummary | str] | None = None
        self._found: list[RunSummary] = []
        self._problems: list[str] = []
        self._ended = self._waits = False

    def begin(self) -> None:
        """Read them in slices; once, however many ask for it."""
        if not self._ended:
            self._scan = self._scan or scan_runs()
            self._wait()

    def finish(self) -> None:
        """Read what is left of them now."""
        if not self._ended:
            self._scan = self._scan or scan_runs()
            self._read(until=math.inf)

    def _wait(self) -> None:
        """Go on when the event loop turns; once, however many ask for it."""
        if not self._waits:
            self._waits = True
            QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        self._waits = False
        if self._scan is not None:
            self._read(until=time.monotonic() + SLICE_SECONDS)
        if self._scan is not None:
            self._wait()

    def _read(self, *, until: float) -> None:
        """Read folders until a time of the monotonic clock, or to the last of them."""
        while self._scan is not None and time.monotonic() < until:
            try:
                found = next(self._scan, None)
            except Exception as error:
                # What has been found is shown; pages wait for the end of the reading, which must come.
                LOG.exception("The folders of runs could not be read")
                self._problems.append(f"The folders of runs cannot all be read: {error_words(error)}.")
                found = None
            if isinstance(found, RunSummary):
                self._found.append(found)
            elif found is not None:
                self._problems.append(found)
            else:
                self._scan, self._ended = None, True
                self._take(self._found, self._problems)

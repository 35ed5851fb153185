"""What may be asked of a training while it runs: pause, go on, stop."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from resnet_gui.spec.errors import InputError
from resnet_gui.spec.runs import RUN_FILE, STOP_FILE


class Control:
    """Flags that other threads set and the training reads between two steps.

    A file ``stop`` in the run folder also stops it, so that a window that did not start the run can.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._paused = threading.Event()
        self._changed = threading.Event()
        self._looked = 0.0

    def stop(self) -> None:
        """End after this step."""
        self._stop.set()
        self._changed.set()

    def pause(self) -> None:
        """Hold after this step."""
        self._paused.set()

    def unpause(self) -> None:
        """Go on."""
        self._paused.clear()
        self._changed.set()

    @property
    def paused(self) -> bool:
        """Whether the training shall hold."""
        return self._paused.is_set()

    def stopping(self, folder: Path) -> bool:
        """Whether the training shall end; looks for the file five times a second at most.

        Raises:
            InputError: somebody has removed the folder.
        """
        now = time.monotonic()
        if not self._stop.is_set() and now - self._looked > 0.2:
            self._looked = now
            if not (folder / RUN_FILE).exists():
                raise InputError(f"The run folder {folder} was removed while the run was going on.")
            if (folder / STOP_FILE).exists():
                self._stop.set()
        return self._stop.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep until something changes, at most so long."""
        self._changed.wait(seconds)
        self._changed.clear()

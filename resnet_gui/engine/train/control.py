"""What may be asked of a training while it runs: pause, one step, go on, stop."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

from resnet_gui.base.errors import InputError
from resnet_gui.runs.folder import PAUSE_FILE, RUN_FILE, STOP_FILE
from resnet_gui.runs.lock import LOCK_FILE

TOUCH_SECONDS = 10.0


class Control:
    """Flags that other threads set and the training reads between two steps.

    A file ``stop`` in the run folder also stops it, and a file ``pause`` holds it as long as it is there, so that a
    window that did not start the run can, also from another computer.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._paused = threading.Event()
        self._by_file = False
        self._singles = 0
        self._counting = threading.Lock()
        self._changed = threading.Event()
        self._looked = self._touched = 0.0

    def stop(self) -> None:
        """End after this step."""
        self._stop.set()
        self._changed.set()

    def pause(self) -> None:
        """Hold after this step."""
        self._paused.set()

    def unpause(self) -> None:
        """Go on."""
        with self._counting:
            self._singles = 0
        self._paused.clear()
        self._changed.set()

    def step_once(self) -> None:
        """Make one step of a held training, and hold again."""
        self._paused.set()
        with self._counting:
            self._singles += 1
        self._changed.set()

    def take_single(self) -> bool:
        """Whether a step was asked for that was not made yet; it counts as made."""
        with self._counting:
            asked = self._singles > 0
            self._singles -= asked
        return asked

    @property
    def stopped(self) -> bool:
        """Whether somebody has said so; the run folder is not looked at."""
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        """Whether the training shall hold."""
        return self._paused.is_set() or self._by_file

    def stopping(self, folder: Path) -> bool:
        """Whether the training shall end; looks for the files five times a second at most.

        Raises:
            InputError: somebody has removed the folder.
        """
        now = time.monotonic()
        if not self._stop.is_set() and now - self._looked > 0.2:
            self._looked = now
            if not (folder / RUN_FILE).exists():
                raise InputError(f"The run folder {folder} was removed while the run was going on.")
            if now - self._touched > TOUCH_SECONDS:
                self._touched = now
                with contextlib.suppress(OSError):  # a window on another computer tells by its age who lives
                    os.utime(folder / LOCK_FILE)
            if (folder / STOP_FILE).exists():
                self._stop.set()
            self._by_file = (folder / PAUSE_FILE).exists()
        return self._stop.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep until something changes, at most so long."""
        self._changed.wait(seconds)
        self._changed.clear()

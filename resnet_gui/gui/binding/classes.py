"""The classes of PySide, which it makes when they are first used, made beforehand in one thread.

While PySide makes a class, Python code runs in between, for its enums. A second thread that uses the same class in that
moment, or its base, has it made once more: the process crashes or stands still, with PySide 6.11.3 nearly always where
two threads look up all classes at once. What has been made may be used by any thread, also as a base.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Final

MODULES: Final = (
    "PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets", "PySide6.QtSvg",
    "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtTest",
)  # fmt: skip
"""Modules of PySide that the window loads; the last three by pyqtgraph."""


def make_classes() -> Iterator[None]:
    """Make every class of these modules, in the thread that asks for the next; 60 ms in all, at most 5 ms for one."""
    for name in MODULES:
        module = importlib.import_module(name)
        yield
        for each in dir(module):
            # Some stand in a list and are not there on this system.
            getattr(module, each, None)
            yield

"""The classes of PySide, which it makes when they are first used, made beforehand in one thread.

While PySide makes a class, Python code runs in between, for its enums. A second thread that uses the same class in that
moment, or its base, has it made once more: the process crashes or stands still, with PySide 6.11.3 nearly always where
two threads look up all classes at once. What has been made may be used by any thread, also as a base.
"""

from __future__ import annotations

from collections.abc import Iterator


def make_classes() -> Iterator[None]:
    """Make every class of the modules that the window loads, in the thread that asks for the next.

    It takes 60 ms in all, and at most 5 ms for one.
    """
    from PySide6 import QtCore, QtGui, QtSvg, QtWidgets

    yield
    # Loaded by pyqtgraph.
    from PySide6 import QtOpenGL, QtOpenGLWidgets, QtTest

    yield
    for module in (QtCore, QtGui, QtWidgets, QtSvg, QtOpenGL, QtOpenGLWidgets, QtTest):
        for name in dir(module):
            # Some stand in a list and are not there on this system.
            getattr(module, name, None)
            yield

"""The libraries of numbers and plots that the pages need, imported before anybody asks for a page."""

from __future__ import annotations


def load_libraries() -> None:
    """Import them, pyqtgraph with numpy; for a thread, since it takes long. None of their classes has an object yet."""
    import pyqtgraph  # noqa: F401

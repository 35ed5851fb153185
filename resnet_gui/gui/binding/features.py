"""The names that PySide offers on demand, such as ``snake_case``, which nothing here selects."""

from __future__ import annotations

import sys


def skip_search() -> None:
    """Spare PySide the search for them.

    It reads the source of each module that is imported to see whether that uses PySide, 30 ms until the first page is
    there. Where a later PySide does it otherwise, nothing happens.
    """
    feature = sys.modules.get("__feature__")
    if hasattr(feature, "_mod_uses_pyside"):
        setattr(feature, "_mod_uses_pyside", lambda _module: False)  # noqa: B010 (typed by nobody)

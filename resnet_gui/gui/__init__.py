"""The window: asks engines and shows what they answer; no torch."""

from __future__ import annotations

import sys

import PySide6.QtCore  # noqa: F401 (makes the module of features)


def _skip_feature_search() -> None:
    """Spare PySide the search for its optional names, such as ``snake_case``, which nothing here selects.

    It reads the source of each module that is imported to see whether that uses PySide, 30 ms until the first page is
    there. Where a later PySide does it otherwise, nothing happens.
    """
    feature = sys.modules.get("__feature__")
    if hasattr(feature, "_mod_uses_pyside"):
        setattr(feature, "_mod_uses_pyside", lambda _module: False)  # noqa: B010 (typed by nobody)


_skip_feature_search()

"""The names that PySide offers on demand, such as ``snake_case``, which nothing here selects."""

from __future__ import annotations

import builtins
import sys


def skip_search() -> None:
    """Spare PySide the search for modules that could select them.

    It reads the source of each module that is imported to see whether that uses PySide, 30 ms until the first page is
    there. Where a later PySide does it otherwise, nothing happens.
    """
    for name in ("__feature__", "shibokensupport.feature"):
        feature = sys.modules.get(name)
        if hasattr(feature, "_mod_uses_pyside"):
            setattr(feature, "_mod_uses_pyside", lambda _module: False)  # noqa: B010 (typed by nobody)


def import_directly() -> None:
    """Let Python import by itself again: PySide's own ``__import__`` asks at every import whether it selects a name."""
    python, pyside = (getattr(builtins, name, None) for name in ("__orig_import__", "__feature_import__"))
    if python is not None and builtins.__import__ is pyside:
        setattr(builtins, "__import__", python)  # noqa: B010

"""The window: asks engines and shows what they answer; no torch."""

from __future__ import annotations

from resnet_gui.gui.binding import compiled, enums, features

enums.install()
with compiled.compiled_once():
    import PySide6.QtCore  # noqa: F401 (loads the modules of the binding)
features.skip_search()

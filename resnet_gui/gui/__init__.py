"""The window: asks engines and shows what they answer; no torch."""

from __future__ import annotations

from resnet_gui.base import module_cache

modules = module_cache.installed()

from resnet_gui.gui.binding import compiled, enums, features, late  # noqa: E402 (found through the cache)

enums.install()
with late.stand_ins(late.PYSIDES), compiled.compiled_once():
    import logging  # noqa: F401 (so that it takes no traceback before there is one)

    import PySide6.QtWidgets  # noqa: F401 (loads the modules of the binding)
features.skip_search()
features.import_directly()

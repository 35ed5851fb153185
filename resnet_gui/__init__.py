"""ResNet Explorer: design, see, train and use residual networks.

What a notebook needs is imported from here, and loads only when it is used: importing the package itself loads neither
torch nor Qt. See ``resnet_gui.api`` and docs/api.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resnet_gui.api import build, identify, load_model, plan, preset, presets, save_model, summary

__version__ = "0.1.0"

__all__ = ["build", "identify", "load_model", "plan", "preset", "presets", "save_model", "summary"]

# Hidden from type checkers: for them a module with a __getattr__ has every name, so that no wrong one is found.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Fetch a function of the interface at its first use."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from resnet_gui import api

        return getattr(api, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})

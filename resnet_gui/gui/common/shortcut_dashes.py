"""How a shortcut is drawn: solid where it is the identity, in dashes where layers lie on it."""

from __future__ import annotations

from typing import Final

from resnet_gui.design.choices import SHORTCUTS

DASHES: Final = {choice.effect: choice.dash for choice in SHORTCUTS.values()}
"""Dash patterns of the shortcuts, in pixels."""

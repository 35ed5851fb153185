"""What the first paint needs of the settings; read without the libraries that the rest of them needs."""

from __future__ import annotations

import json
from pathlib import Path

from resnet_gui.base.files import data_folder
from resnet_gui.gui.kit.theme import MODES, Mode


def settings_path() -> Path:
    """Where the settings are kept."""
    return data_folder() / "settings.json"


def appearance() -> tuple[Mode, str]:
    """Theme and geometry as they were left; the defaults where they cannot be read."""
    try:
        found = json.loads(settings_path().read_bytes())
        mode, geometry = found["theme"], found["geometry"]
    except (OSError, ValueError, KeyError, TypeError):
        return "system", ""
    known: Mode = next((name for name in MODES if name == mode), "system")
    return known, geometry if isinstance(geometry, str) and geometry.isascii() else ""

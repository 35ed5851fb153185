"""What the first paint needs of the settings; read without the libraries that the rest of them needs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from resnet_gui.base.files import data_folder
from resnet_gui.gui.kit.theme import MODES, Mode

TEXT_SIZES: Final = (100, 110, 125, 150, 175, 200)
"""Per cent of the size that the system asks for."""

USUAL_SIZE: Final = TEXT_SIZES[0]
SCALE_VARIABLE: Final = "QT_SCALE_FACTOR"


def known_size(found: object) -> int:
    """A remembered size, or the usual one where it is none that can be chosen."""
    return found if isinstance(found, int) and found in TEXT_SIZES else USUAL_SIZE


@contextmanager
def text_size_applied(percent: int, environment: MutableMapping[str, str] = os.environ) -> Iterator[None]:
    """While Qt's application is made, have it read a scale factor: the user's own times the text size.

    Afterwards the variable is as it was, so that processes that are started later, the next window among them, find
    what the user has set.
    """
    own = environment.get(SCALE_VARIABLE)
    try:
        factor = float(own) if own else 1.0
    except ValueError:  # as Qt does with it
        factor = 1.0
    if percent != USUAL_SIZE:
        environment[SCALE_VARIABLE] = f"{(factor if factor > 0 else 1.0) * percent / 100:.6g}"
    try:
        yield
    finally:
        if own is None:
            environment.pop(SCALE_VARIABLE, None)
        else:
            environment[SCALE_VARIABLE] = own


def settings_path() -> Path:
    """Where the settings are kept."""
    return data_folder() / "settings.json"


def text_size() -> int:
    """The size of text as it was chosen, in per cent; the usual one where it cannot be read."""
    try:
        return known_size(json.loads(settings_path().read_bytes())["text_size"])
    except (OSError, ValueError, KeyError, TypeError):
        return USUAL_SIZE


def appearance() -> tuple[Mode, str]:
    """Theme and geometry as they were left; the defaults where they cannot be read."""
    try:
        found = json.loads(settings_path().read_bytes())
        mode, geometry = found["theme"], found["geometry"]
    except (OSError, ValueError, KeyError, TypeError):
        return "system", ""
    known: Mode = next((name for name in MODES if name == mode), "system")
    return known, geometry if isinstance(geometry, str) and geometry.isascii() else ""

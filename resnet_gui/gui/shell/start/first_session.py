"""The session that a window begins with."""

from __future__ import annotations

from pathlib import Path

from resnet_gui.design.spec import Design
from resnet_gui.gui.first_settings import FirstSettings
from resnet_gui.gui.session import Session
from resnet_gui.gui.undo_steps import DesignFile


def session_of(settings: FirstSettings) -> Session:
    """A session with the design and the pins of an earlier time."""
    session = Session(settings.design, settings.device, settings.preset, _file_of(settings))
    session.set_pins(tuple(settings.pins), kept_baseline(settings))
    return session


def _file_of(settings: FirstSettings) -> DesignFile | None:
    """The file of the design of an earlier time; None where an older version has not written it down."""
    if settings.design_saved is None:
        return None
    return DesignFile(Path(settings.design_path) if settings.design_path else None, settings.design_saved)


def kept_baseline(settings: FirstSettings) -> Design | None:
    """The pin that is the baseline; None where none is."""
    return settings.pins[settings.baseline] if 0 <= settings.baseline < len(settings.pins) else None

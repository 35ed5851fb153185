"""How long tests wait: for what has to come, as good as for ever; for what is promised in seconds, as a busy machine
allows.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

PATIENCE: Final = 420.0
"""Seconds to wait for an event, an answer or an end; one that comes costs nothing of it.

A training gives way to everything else (it is "nice"): beside eight other programs it gets a fortieth of a core. Below
the 600 seconds that a test may take, so that a wait fails in its own words.
"""

PATIENCE_MS: Final = round(PATIENCE * 1000)
"""The same for Qt."""


def stretched(seconds: float) -> float:
    """What the program promises within so many seconds of a machine of its own, where others want its cores too.

    The share of a core that is left is that of all who run now, and of all of the last minute if they were more.
    """
    try:
        running = int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[0])
        wanted = max(running, os.getloadavg()[0])
    except (OSError, ValueError):  # no Linux
        return seconds * 5
    return seconds * max(1.0, wanted / (os.cpu_count() or 1))

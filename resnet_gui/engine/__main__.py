"""``python -m resnet_gui.engine``: jobs on standard input, events on standard output, one JSON line each.

An engine ends within three seconds when its standard input closes, unless it was told to keep its run.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Run an engine until its standard input closes."""
    # Importing torch makes a million objects and no garbage; looking for some again and again takes a seventh of it.
    gc.disable()
    from resnet_gui.engine.event_loop import run

    return run()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Threads that wait on a pipe must not keep a finished engine alive.
    os._exit(code)

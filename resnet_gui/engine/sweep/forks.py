"""The process that has loaded torch once, and is forked for each run. Loads no torch itself."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import sys
from functools import cache
from multiprocessing import forkserver
from typing import Any, Final

PRELOADED: Final = "resnet_gui.engine.sweep.preload"
MAINS: Final = ("resnet_gui.cli.main", "resnet_gui.engine.handlers")
"""Each new process imports what the main module of the one that asked for it imports."""


@cache
def process_context() -> Any:
    """How processes are started: forked from one that has loaded torch once, on Linux; else each loads it anew.

    A fork of this very process would not do: it has threads, and perhaps a GPU, of which a fork has nothing.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED, *(name for name in MAINS if name in sys.modules)])
    return context


def start_loading() -> None:
    """Have that process load torch from now on, beside this one."""
    if process_context().get_start_method() == "forkserver":
        forkserver.ensure_running()


def end_without_collection() -> None:
    """Have this process not look through what torch has made when it ends: 0.4 s for nothing."""
    atexit.register(gc.freeze)

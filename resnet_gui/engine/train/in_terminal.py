"""A training and a download without a window: progress on stderr, signals that stop in order, ranks of torchrun."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.engine.data.download import download
from resnet_gui.engine.process import stop_on_signals
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.run import train
from resnet_gui.engine.train.terminal_bar import Progress, bar
from resnet_gui.protocol.jobs import Train, Training
from resnet_gui.runs.events import RunEnded
from resnet_gui.runs.folder import read_run_info

DEEP: Final = 250
"""Layers of a network that is built in more than a moment."""


def train_here(job: Training, complain: Callable[[str], None]) -> tuple[RunEnded, int]:
    """Train in this process; returns the run's last word and the number of this rank.

    The first Ctrl+C, or SIGTERM, ends the training after its step, with a checkpoint; a second one ends it at once.
    Ranks that do not write the run folder stop when the first one says so, all after the same step.

    Raises:
        InputError: the run could not even begin.
    """
    control = Control()
    with RankGroup.from_environment(job.device or "auto") as ranks:
        stop_on_signals(control.stop, "stopping after this step", quiet=not ranks.first)
        progress = Progress(complain, building_words(job) if ranks.first else "")
        watch, tell = (progress.watch, progress.tell_data) if ranks.first else (None, None)
        ended = train(job, progress, control, ranks, watch, tell)
    if not ranks.first and ended.status == "failed":
        # The first rank may be the one that is gone.
        complain(f"rank {ranks.rank}: {ended.message}")
    return ended, ranks.rank


def building_words(job: Training) -> str:
    """What comes between the pictures and the first step of a very deep network; empty for any other."""
    spec = job.spec if isinstance(job, Train) else read_run_info(Path(job.run)).spec
    layers = totals(plan(spec)).depth
    if layers < DEEP:
        return ""
    return f"building the network of {layers:,} layers and preparing its first step, which takes a while"


def download_here(name: str) -> Path:
    """Fetch a known data set with a bar on stderr; returns where it lies.

    Raises:
        InputError: it cannot be fetched.
    """
    live = sys.stderr.isatty()

    def report(done: int, total: int) -> None:
        if live:
            sys.stderr.write(f"\r{bar(done / total)} {done / 1e6:,.1f} / {total / 1e6:,.1f} MB ")

    folder = download(name, report)
    if live:
        sys.stderr.write("\n")
    return folder

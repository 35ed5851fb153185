"""What the window asks of an engine that trains a sweep; Pause, Unpause, Stop and Keep are those of a training."""

from __future__ import annotations

import msgspec

from resnet_gui.protocol.answers import answered_by
from resnet_gui.protocol.events import JobDone, SweepProgressed


@answered_by(JobDone, pieces=(SweepProgressed,))
class RunSweep(msgspec.Struct, frozen=True, tag="run_sweep"):
    """Train the runs of a sweep that are not over, several at once; Pause, Unpause and Stop are for all of them.

    Attributes:
        folder: of the sweep, whose file says what is trained.
        workers: runs at once; 0 for as many as are of use.
        retry: whether runs that failed are trained again too.
    """

    job: int
    folder: str
    workers: int = 0
    retry: bool = False

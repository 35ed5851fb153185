"""Answers about finished runs' networks without some of their blocks, each within a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from resnet_gui.engine.devices import resolve_device
from resnet_gui.engine.lab.finished_run import open_run
from resnet_gui.engine.lab.lesions import LesionBench
from resnet_gui.engine.predict.models import weights_file
from resnet_gui.lab.measured.lesions import MEASURING_PICTURES, Lesions
from resnet_gui.protocol.lab_events import LesionMeasured
from resnet_gui.protocol.lab_messages import DeleteBlocks

KEPT: Final = 2
"""Networks that are kept ready: the residual and the plain one that stand beside each other."""

_Key = tuple[str, str, str, int]


class LesionService:
    """Networks that are kept ready for lesions, the last few of them."""

    def __init__(self) -> None:
        self._benches: dict[_Key, LesionBench] = {}

    def answer(self, job: DeleteBlocks) -> LesionMeasured:
        """The error of a run's network with lesions.

        Raises:
            InputError: the run or its pictures cannot be used, or a block cannot be changed so.
        """
        bench = self._bench(job)
        found = bench.test(Lesions(job.blocks, job.swaps))
        return LesionMeasured(job.job, job.blocks, job.swaps, found.error, found.tau, bench.intact, bench.pictures)

    def _bench(self, job: DeleteBlocks) -> LesionBench:
        device = resolve_device(job.device)
        # A run that goes on has other weights by and by.
        stamp = Path(weights_file(job.run)).stat().st_mtime_ns
        key = (job.run, job.statistics, str(device), stamp)
        bench = self._benches.pop(key, None)
        if bench is None:
            run = open_run(Path(job.run), device)
            again = job.statistics == "remeasured"
            bench = LesionBench(run.network, run.test(), run.train(MEASURING_PICTURES) if again else None)
        self._benches[key] = bench  # the last one asked for is the last to go
        while len(self._benches) > KEPT:
            del self._benches[next(iter(self._benches))]
        return bench

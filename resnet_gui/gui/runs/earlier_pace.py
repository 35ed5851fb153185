"""How long a run will take by what earlier ones of the same took on this computer."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from resnet_gui.base.files import runs_folder
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.protocol.events import Fit
from resnet_gui.training.recipe import Recipe, steps_in_epoch, total_steps

MOST: Final = 5
"""Runs whose pace counts, the newest; the middle one of them is no outlier."""

FREE: Final = (
    "epochs", "steps", "lr", "momentum", "nesterov", "weight_decay", "decay_norm", "schedule", "step_at", "warmup",
    "warmup_shape", "label_smoothing", "clip", "seed", "patience", "split_seed",
)  # fmt: skip
"""Fields of a recipe on which the time of a step does not depend."""


class Wanted(NamedTuple):
    """A run that is about to begin.

    Attributes:
        spec: of its design, with the classes of its data.
        recipe: how it is trained.
        fit: what its data hold.
        device: where, "cpu" or "cuda:0".
        threads: on the CPU; 0 where that is not known.
    """

    spec: ResNetSpec
    recipe: Recipe
    fit: Fit
    device: str
    threads: int = 0


class EarlierPace(NamedTuple):
    """The time that earlier runs promise one that is about to begin.

    Attributes:
        seconds: that it will take, tests included.
        runs: their names, the newest first.
        busy: whether other programs wanted the cores meanwhile: alone it takes no longer than that.
    """

    seconds: float
    runs: tuple[str, ...]
    busy: bool = False

    @property
    def words(self) -> str:
        """Where the time is from."""
        if self.busy:
            return "as an earlier run took on the busy computer"
        return "as an earlier run took" if len(self.runs) == 1 else "as earlier runs took"


def earlier_pace(rows: Iterable[RunRow], wanted: Wanted) -> EarlierPace | None:
    """The pace of finished runs of the same design, pictures and batch on this computer; None where there are none.

    A run whose count of threads changed because other programs wanted the cores counts where none had the computer to
    itself or all of those took longer: of such runs the quickest, which was kept waiting least. Runs whose count of
    threads was chosen are no measure, nor are those of several processes.
    """
    own = runs_folder()
    alone: list[tuple[float, str]] = []
    kept_off: list[tuple[float, str]] = []
    for row in rows:
        if len(alone) == MOST:
            break
        if row.status == "finished" and not row.recorded and row.folder.parent == own:
            seconds = _step_seconds(row, wanted)
            if seconds is not None and row.info is not None:
                (kept_off if row.info.thread_changes else alone).append((seconds, row.name))
    steps = total_steps(wanted.recipe, _epoch(wanted.recipe, wanted.fit.train_images))
    typical = statistics.median(each for each, _ in alone) if alone else math.inf
    quickest = min(kept_off[:MOST], default=(math.inf, ""))
    if quickest[0] < typical:
        return EarlierPace(quickest[0] * steps, (quickest[1],), busy=True)
    return EarlierPace(typical * steps, tuple(name for _, name in alone)) if alone else None


def _step_seconds(row: RunRow, wanted: Wanted) -> float | None:
    """Seconds of a step of a run that is the same but for what costs no time; None where it is another."""
    info = row.info
    if info is None or not row.seconds or info.spec != wanted.spec or info.device != wanted.device:
        return None
    if info.threads_chosen or info.processes != 1:
        return None
    if wanted.threads not in {0, info.threads}:
        return None
    fit, data = wanted.fit, info.data
    if (data.train_images, data.test_images) != (fit.train_images, fit.test_images):
        return None
    # Phases are cheaper than the whole, and say in which epochs they are.
    free = FREE if not wanted.recipe.phases else FREE[2:]
    same = {name: getattr(wanted.recipe, name) for name in free}
    if msgspec.structs.replace(info.recipe, **same) != wanted.recipe or not row.is_local:
        return None
    epoch = _epoch(info.recipe, data.train_images)
    steps = min(total_steps(info.recipe, epoch), row.epoch * epoch)
    return row.seconds / steps if steps else None


def _epoch(recipe: Recipe, images: int) -> int:
    return steps_in_epoch(images, min(recipe.batch_size, images), recipe.accumulate)

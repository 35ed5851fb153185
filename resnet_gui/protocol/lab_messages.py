"""What the Lab asks of an engine; what is measured goes to the experiment's folder."""

from __future__ import annotations

from typing import Any

import msgspec

from resnet_gui.lab.measured.norm_statistics import NormStatistics
from resnet_gui.lab.results import ScaleKey
from resnet_gui.protocol.answers import answered_by
from resnet_gui.protocol.events import JobDone, SweepProgressed
from resnet_gui.protocol.lab_events import LesionMeasured, MeasureProgressed, SeedMeasured


@answered_by(JobDone, pieces=(SweepProgressed, MeasureProgressed, SeedMeasured))
class MeasureExperiment(msgspec.Struct, frozen=True, kw_only=True, tag="measure_experiment"):
    """Run an experiment of the Lab at a scale, as far as its folder lacks results; its prediction is locked first.

    Pause, Unpause and Stop are for all of it; what was begun is gone on with the next time.

    Attributes:
        experiment: its key.
        scale: key of its scale.
        seeds: more of them are added to those that the folder has; none for these.
        options: fields of the set-up that differ from the scale's own, as JSON has them; None for those of the folder.
            Other options than before measure anew.
        runs: folders of finished runs that are measured; none for those of the folder, or for networks of its own.
        data: what its networks learn from, instead of the scale's own; empty for that of the folder.
        device: where it computes.
        answers: question -> what is predicted, kept and locked with the others; of an experiment that has run, none.
        again: whether it begins anew: all that the folder has is done again, with what is asked for here or the scale's
            own, and nothing of what was asked for before.
    """

    job: int
    experiment: str
    scale: ScaleKey = "quick"
    seeds: tuple[int, ...] = ()
    options: dict[str, Any] | None = None
    runs: tuple[str, ...] = ()
    data: str = ""
    device: str = "auto"
    answers: dict[str, str] = {}
    again: bool = False


@answered_by(LesionMeasured)
class DeleteBlocks(msgspec.Struct, frozen=True, kw_only=True, tag="delete_blocks"):
    """Say how many test pictures a finished run's network answers wrongly with some of its blocks changed.

    Attributes:
        run: its folder.
        blocks: paths of those that are deleted, as "layer2.0".
        swaps: pairs of paths whose blocks change places, one after the other.
        statistics: of the batch norms: as trained, or measured again over training pictures.
        device: where it computes.
    """

    job: int
    run: str
    blocks: tuple[str, ...] = ()
    swaps: tuple[tuple[str, str], ...] = ()
    statistics: NormStatistics = "trained"
    device: str = "auto"

"""What an engine answers the Lab; what was measured lies in the experiment's folder, where it is read."""

from __future__ import annotations

import msgspec


class MeasureProgressed(msgspec.Struct, frozen=True, tag="measure_progressed"):
    """The progress of an experiment.

    Attributes:
        experiment: its key.
        seed: that is being measured; 0 while networks are trained.
        fraction: of all that is to be done, 0 to 1.
        doing: in a few words, such as "training networks" or "measuring residual".
    """

    job: int
    experiment: str
    seed: int
    fraction: float
    doing: str = ""


class SeedMeasured(msgspec.Struct, frozen=True, tag="seed_measured"):
    """A file in the experiment's folder holds what was measured with a seed, or a further part of it.

    Attributes:
        experiment: its key.
        seed: that was measured.
        whole: whether all of it is there.
    """

    job: int
    experiment: str
    seed: int
    whole: bool = True


class LesionMeasured(msgspec.Struct, frozen=True, tag="lesion_measured"):
    """The error of a run's network with lesions.

    Attributes:
        deleted: paths of the blocks that were deleted.
        swapped: pairs of paths whose blocks changed places.
        error: fraction of the test pictures that it answers wrongly.
        tau: Kendall's rank correlation of its blocks' order with the trained one.
        intact: error of the whole network, with the statistics of its training.
        pictures: that were tested.
    """

    job: int
    deleted: tuple[str, ...]
    swapped: tuple[tuple[str, str], ...]
    error: float
    tau: float
    intact: float
    pictures: int

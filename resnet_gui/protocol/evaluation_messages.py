"""What the Evaluate page asks of an engine; what is measured goes to the evaluation's folder."""

from __future__ import annotations

from typing import Literal

import msgspec

from resnet_gui.protocol.answers import answered_by
from resnet_gui.protocol.evaluation_events import (
    CkaMeasured,
    ClassesUnmatched,
    CopiesFound,
    DepthMeasured,
    DepthProjected,
    EvaluationCounted,
    EvaluationMeasured,
    PictureAttacked,
    PictureCorrupted,
    PictureFile,
    RobustnessCounted,
    RobustnessMeasured,
    SettingsMeasured,
)
from resnet_gui.protocol.events import DataSetListed, JobDone, Progressed, ThumbnailsLoaded
from resnet_gui.protocol.model_request import ModelRequest

ProjectionMethod = Literal["pca", "t-sne"]


@answered_by(EvaluationMeasured, pieces=(Progressed, DataSetListed, EvaluationCounted, ClassesUnmatched))
class MeasureEvaluation(msgspec.Struct, frozen=True, kw_only=True, tag="measure_evaluation"):
    """Answer all labelled pictures of a data set and keep what was answered.

    One that was measured before, of the same weights, pictures and settings, is found again. Drop gives it up, with
    nothing kept. Where classes do not fit, ClassesUnmatched comes before Failed.

    Attributes:
        model_request: the model; its ``weights`` are those of a run's best or last epoch, and its ``temperature`` is
            left aside: what is kept are the network's own probabilities, which any temperature is applied to later.
        data: a known set, a folder, an archive, a table or a file of arrays, as training reads them.
        mapping: data class -> network class, or "" for a class that is not counted; None to match them by name.
        again: whether it is measured anew though it was measured before.
        folder: where it is kept; empty for a folder of its own beside the others.
    """

    job: int
    model_request: ModelRequest
    data: str
    mapping: dict[str, str] | None = None
    again: bool = False
    folder: str = ""


@answered_by(ThumbnailsLoaded)
class ShowEvaluated(msgspec.Struct, frozen=True, tag="show_evaluated"):
    """Read pictures of an evaluation by their numbers, as the network gets them; 64 at most.

    A picture that has gone or changed since is left out of the answer.
    """

    job: int
    folder: str
    numbers: tuple[int, ...]


@answered_by(PictureFile)
class PrepareEvaluated(msgspec.Struct, frozen=True, tag="prepare_evaluated"):
    """Give a picture of an evaluation as a file; one that is held in arrays is written as PNG into the cache."""

    job: int
    folder: str
    number: int


@answered_by(JobDone, pieces=(Progressed,))
class CopyEvaluated(msgspec.Struct, frozen=True, tag="copy_evaluated"):
    """Copy pictures of an evaluation into a folder, which may be new; none is written over.

    Attributes:
        numbers: of the pictures.
        target: the folder.
    """

    job: int
    folder: str
    numbers: tuple[int, ...]
    target: str


@answered_by(CopiesFound, pieces=(Progressed,))
class FindCopies(msgspec.Struct, frozen=True, tag="find_copies"):
    """Say which pictures of an evaluation are among training pictures too, exactly or nearly.

    Attributes:
        train_data: what was learnt from, as training reads it; empty for the training part of the evaluation's data,
            or that of the run which is evaluated.
    """

    job: int
    folder: str
    train_data: str = ""


# ---- by depth


@answered_by(DepthMeasured, pieces=(Progressed,))
class MeasureDepth(msgspec.Struct, frozen=True, tag="measure_depth"):
    """Project the features of all sections (PCA) and fit a linear probe to each."""

    job: int
    folder: str


@answered_by(DepthProjected, pieces=(Progressed,))
class ProjectDepth(msgspec.Struct, frozen=True, tag="project_depth"):
    """Project the features of one section."""

    job: int
    folder: str
    section: str
    method: ProjectionMethod = "pca"


@answered_by(CkaMeasured, pieces=(Progressed,))
class CompareDepth(msgspec.Struct, frozen=True, tag="compare_depth"):
    """Measure the likeness (linear CKA, Kornblith et al. 2019) of all sections.

    Attributes:
        folder: of an evaluation.
        other: of another one on the same pictures; empty to compare the network with itself.
    """

    job: int
    folder: str
    other: str = ""


# ---- robustness


@answered_by(RobustnessMeasured, pieces=(Progressed, RobustnessCounted))
class MeasureRobustness(msgspec.Struct, frozen=True, tag="measure_robustness"):
    """Count right answers under corruptions at five severities.

    Attributes:
        corruptions: their keys; empty for all.
        pictures: how many are corrupted, evenly drawn; 0 for all.
    """

    job: int
    folder: str
    corruptions: tuple[str, ...] = ()
    pictures: int = 0


@answered_by(PictureCorrupted)
class CorruptPicture(msgspec.Struct, frozen=True, tag="corrupt_picture"):
    """Corrupt one picture and answer it.

    Attributes:
        settings: key of a corruption -> its value, in the unit that the corruption names.
    """

    job: int
    folder: str
    number: int
    settings: dict[str, float]


@answered_by(SettingsMeasured, pieces=(Progressed,))
class MeasureSettings(msgspec.Struct, frozen=True, tag="measure_settings"):
    """Count right answers on pictures that are corrupted with some settings together; see CorruptPicture."""

    job: int
    folder: str
    settings: dict[str, float]
    pictures: int = 0


@answered_by(PictureAttacked)
class AttackPicture(msgspec.Struct, frozen=True, tag="attack_picture"):
    """Change a picture against the network's answer by the sign of the gradient.

    Attributes:
        epsilon: largest change of a value, in units of 1/255.
        steps: 1 is FGSM (Goodfellow et al. 2015), more are PGD (Madry et al. 2018).
    """

    job: int
    folder: str
    number: int
    epsilon: float
    steps: int = 1


QuickEvaluationJob = ShowEvaluated | PrepareEvaluated | CorruptPicture | AttackPicture
"""What is answered soon, also while an evaluation is being measured."""

EvaluationJob = (
    MeasureEvaluation | CopyEvaluated | FindCopies | MeasureDepth | ProjectDepth | CompareDepth | MeasureRobustness
    | MeasureSettings | QuickEvaluationJob
)  # fmt: skip

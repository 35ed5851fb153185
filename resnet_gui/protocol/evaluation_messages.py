"""What the Evaluate page asks of an engine; what is measured goes to the evaluation's folder."""

from __future__ import annotations

from typing import Literal

import msgspec

from resnet_gui.evaluation.attacks import EPSILONS
from resnet_gui.evaluation.corruptions import PICTURES
from resnet_gui.protocol.answers import answered_by
from resnet_gui.protocol.evaluation_events import (
    AttackCounted,
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
    """

    job: int
    model_request: ModelRequest
    data: str
    mapping: dict[str, str] | None = None
    again: bool = False


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
    """Project the features after the stem and after every block, fit a linear probe to each, and compare them by CKA.

    The features were kept when the evaluation was measured; all of this takes a moment for those of a small network.
    """

    job: int
    folder: str


@answered_by(DepthProjected, pieces=(Progressed,))
class ProjectDepth(msgspec.Struct, frozen=True, tag="project_depth"):
    """Project the features of one location into a plane.

    Attributes:
        path: of the location: "stem", or the path of the block that it lies behind.
        method: "pca" is there with the features; "t-sne" is made, of 1,000 pictures at most, and kept.
    """

    job: int
    folder: str
    path: str
    method: ProjectionMethod = "pca"


@answered_by(CkaMeasured, pieces=(Progressed,))
class CompareDepth(msgspec.Struct, frozen=True, tag="compare_depth"):
    """Measure the likeness (linear CKA, Kornblith et al. 2019) of every location with every one.

    Attributes:
        folder: of an evaluation.
        other: of another one, of which the same pictures are compared; empty to compare the network with itself.
    """

    job: int
    folder: str
    other: str = ""


# ---- robustness


@answered_by(RobustnessMeasured, pieces=(Progressed, RobustnessCounted))
class MeasureRobustness(msgspec.Struct, frozen=True, kw_only=True, tag="measure_robustness"):
    """Count right answers on a sample under corruptions, at severity 0 to 5 each.

    What the folder has of the same sample is not measured again; of another sample, all is.

    Attributes:
        corruptions: their keys; empty for all.
        pictures: how many are drawn, evenly over the set; 0 for all.
        seed: of the draw, and of what is drawn for each picture.
    """

    job: int
    folder: str
    corruptions: tuple[str, ...] = ()
    pictures: int = PICTURES
    seed: int = 0


@answered_by(PictureCorrupted)
class CorruptPicture(msgspec.Struct, frozen=True, kw_only=True, tag="corrupt_picture"):
    """Corrupt one picture and answer it.

    Attributes:
        number: of the picture in the evaluation.
        settings: key of a corruption -> its setting; see ``evaluation.corruptions``.
        seed: of what is drawn for the picture.
    """

    job: int
    folder: str
    number: int
    settings: dict[str, float]
    seed: int = 0


@answered_by(SettingsMeasured, pieces=(Progressed,))
class MeasureSettings(msgspec.Struct, frozen=True, kw_only=True, tag="measure_settings"):
    """Count right answers on a sample with several corruptions together.

    Attributes:
        settings: as in CorruptPicture.
        pictures, seed: as in MeasureRobustness.
    """

    job: int
    folder: str
    settings: dict[str, float]
    pictures: int = PICTURES
    seed: int = 0


@answered_by(PictureAttacked)
class AttackPicture(msgspec.Struct, frozen=True, kw_only=True, tag="attack_picture"):
    """Change a picture by the sign of the gradient so that the loss of its true class rises.

    Attributes:
        number: of the picture in the evaluation.
        epsilon: largest change of a value, in units of 1/255.
        steps: 1 is FGSM (Goodfellow et al. 2014), more are PGD (Madry et al. 2017).
        seed: of where PGD begins.
    """

    job: int
    folder: str
    number: int
    epsilon: float
    steps: int = 1
    seed: int = 0


@answered_by(RobustnessMeasured, pieces=(Progressed, AttackCounted))
class MeasureAttacks(msgspec.Struct, frozen=True, kw_only=True, tag="measure_attacks"):
    """Count right answers on a sample under an attack with several ε, and without it.

    Attributes:
        epsilons: as in AttackPicture; 0, no attack, is measured too.
        steps: as in AttackPicture.
        pictures, seed: as in MeasureRobustness.
    """

    job: int
    folder: str
    epsilons: tuple[float, ...] = EPSILONS
    steps: int = 1
    pictures: int = PICTURES
    seed: int = 0


QuickEvaluationJob = ShowEvaluated | PrepareEvaluated | CorruptPicture | AttackPicture
"""What is answered soon, also while an evaluation is being measured."""

EvaluationJob = (
    MeasureEvaluation | CopyEvaluated | FindCopies | MeasureDepth | ProjectDepth | CompareDepth | MeasureRobustness
    | MeasureSettings | MeasureAttacks | QuickEvaluationJob
)  # fmt: skip

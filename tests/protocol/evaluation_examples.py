"""One of each message about evaluations, for the tests of the pipe."""

from __future__ import annotations

from resnet_gui.protocol.evaluation_events import (
    AttackCounted,
    CkaMeasured,
    ClassesUnmatched,
    CopiesFound,
    DepthMeasured,
    DepthProjected,
    EvaluationCounted,
    EvaluationEvent,
    EvaluationMeasured,
    PictureAttacked,
    PictureCopy,
    PictureCorrupted,
    PictureFile,
    RobustnessCounted,
    RobustnessMeasured,
    SettingsMeasured,
)
from resnet_gui.protocol.evaluation_messages import (
    AttackPicture,
    CompareDepth,
    CopyEvaluated,
    CorruptPicture,
    EvaluationJob,
    FindCopies,
    MeasureAttacks,
    MeasureDepth,
    MeasureEvaluation,
    MeasureRobustness,
    MeasureSettings,
    PrepareEvaluated,
    ProjectDepth,
    ShowEvaluated,
)
from resnet_gui.protocol.model_request import ModelRequest
from resnet_gui.protocol.scores import Score

FOLDER = "/evaluations/né 1"
SCORES = (Score("seven", 7, 0.75), Score("one", 1, 0.25))
EVALUATION_EVENTS: tuple[EvaluationEvent, ...] = (
    EvaluationCounted(job=3, done=256, total=1000, correct=200, near=250, left_out=2, images_per_second=812.5),
    ClassesUnmatched(
        job=3, data_classes=("kitty", "dog"), network_classes=("cat", "dog"), suggested={"kitty": "", "dog": "dog"},
        pictures=(3, 4), sentence="The network has no class 'kitty'.",
    ),
    EvaluationMeasured(3, FOLDER, found=True),
    PictureFile(3, 17, "/a/b c.png"),
    CopiesFound(
        job=3, exact=(PictureCopy(1, "a.png", "cat"),), near=(PictureCopy(2, "picture 7", "dog", 4),), pictures=10,
        training_pictures=50, unreadable=1, threshold=10,
    ),
    DepthMeasured(3, FOLDER),
    DepthProjected(3, FOLDER, "layer1.0", "t-sne"),
    CkaMeasured(
        job=3, folder=FOLDER, other="", rows=("stem",), columns=("stem", "layer1.0"), values=((0.5, None),),
        pictures=10, of=12,
    ),
    RobustnessCounted(job=3, corruption="gaussian_blur", severity=5, correct=70, pictures=100, done=3, total=35),
    RobustnessMeasured(3, FOLDER),
    AttackCounted(job=3, epsilon=0.5, steps=10, correct=70, pictures=100, done=3, total=6),
    PictureCorrupted(
        job=3, number=17, before_png=b"\x89PNG", after_png=b"\x89", before=SCORES, after=SCORES[::-1], truth=7
    ),
    SettingsMeasured(3, 70, 100),
    PictureAttacked(
        job=3, number=17, epsilon=2.0, steps=10, step_size=0.5, before_png=b"\x89PNG", after_png=b"\x89",
        difference_png=b"\x89", factor=63, largest=2.0, before=SCORES, after=SCORES[::-1], truth=7,
    ),
)  # fmt: skip
EVALUATION_MESSAGES: tuple[EvaluationJob, ...] = (
    MeasureEvaluation(
        job=3, model_request=ModelRequest(model="/runs/a", temperature=1.5, weights="last"), data="cifar10",
        mapping={"kitty": "cat", "dog": ""}, again=True,
    ),
    ShowEvaluated(3, FOLDER, (1, 17)),
    PrepareEvaluated(3, FOLDER, 17),
    CopyEvaluated(3, FOLDER, (1, 17), "/copies"),
    FindCopies(3, FOLDER, "cifar10"),
    MeasureDepth(3, FOLDER),
    ProjectDepth(3, FOLDER, "layer1.0", "t-sne"),
    CompareDepth(3, FOLDER, "/evaluations/2"),
    MeasureRobustness(job=3, folder=FOLDER, corruptions=("gaussian_blur",), pictures=500, seed=1),
    CorruptPicture(job=3, folder=FOLDER, number=17, settings={"rotation": 10.0}, seed=1),
    MeasureSettings(job=3, folder=FOLDER, settings={"rotation": 10.0, "brightness": 0.1}, pictures=500),
    AttackPicture(job=3, folder=FOLDER, number=17, epsilon=2.0, steps=10),
    MeasureAttacks(job=3, folder=FOLDER, epsilons=(0.5, 8.0), steps=10, pictures=500, seed=1),
)  # fmt: skip

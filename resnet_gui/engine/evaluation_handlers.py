"""What an engine does for the jobs of the Evaluate page: one function a kind, merged into the table of ``handlers``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from resnet_gui.protocol.answers import check_complete
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
from resnet_gui.protocol.jobs import Job

if TYPE_CHECKING:
    from resnet_gui.engine.handlers import JobContext


def _measure_evaluation(context: JobContext, job: MeasureEvaluation) -> None:
    from resnet_gui.engine.evaluate.measuring import evaluated

    context.send(evaluated(job, context.send, context.interruptible(job.job)))


def _show_evaluated(context: JobContext, job: ShowEvaluated) -> None:
    from resnet_gui.engine.evaluate.pictures import show_evaluated

    context.send(show_evaluated(job))


def _prepare_evaluated(context: JobContext, job: PrepareEvaluated) -> None:
    from resnet_gui.engine.evaluate.pictures import prepare_evaluated

    context.send(prepare_evaluated(job))


def _copy_evaluated(context: JobContext, job: CopyEvaluated) -> None:
    from resnet_gui.engine.evaluate.pictures import copy_evaluated

    context.send(copy_evaluated(job, context.send, context.interruptible(job.job)))


def _find_copies(context: JobContext, job: FindCopies) -> None:
    from resnet_gui.engine.evaluate.near_duplicates import find_copies

    context.send(find_copies(job, context.send, context.interruptible(job.job)))


def _measure_depth(context: JobContext, job: MeasureDepth) -> None:
    from resnet_gui.engine.evaluate.depth.service import measure_depth

    context.send(measure_depth(job, context.send, context.interruptible(job.job)))


def _project_depth(context: JobContext, job: ProjectDepth) -> None:
    from resnet_gui.engine.evaluate.depth.service import project_depth

    context.send(project_depth(job, context.send, context.interruptible(job.job)))


def _compare_depth(context: JobContext, job: CompareDepth) -> None:
    from resnet_gui.engine.evaluate.depth.service import compare_depth

    context.send(compare_depth(job, context.send, context.interruptible(job.job)))


def _measure_robustness(context: JobContext, job: MeasureRobustness) -> None:
    from resnet_gui.engine.evaluate.robustness.service import measure_robustness

    context.send(measure_robustness(job, context.send, context.interruptible(job.job)))


def _corrupt_picture(context: JobContext, job: CorruptPicture) -> None:
    from resnet_gui.engine.evaluate.robustness.service import corrupt_picture

    context.send(corrupt_picture(job, context.send, context.interruptible(job.job)))


def _measure_settings(context: JobContext, job: MeasureSettings) -> None:
    from resnet_gui.engine.evaluate.robustness.service import measure_settings

    context.send(measure_settings(job, context.send, context.interruptible(job.job)))


def _attack_picture(context: JobContext, job: AttackPicture) -> None:
    from resnet_gui.engine.evaluate.robustness.service import attack_picture

    context.send(attack_picture(job, context.send, context.interruptible(job.job)))


def _measure_attacks(context: JobContext, job: MeasureAttacks) -> None:
    from resnet_gui.engine.evaluate.robustness.service import measure_attacks

    context.send(measure_attacks(job, context.send, context.interruptible(job.job)))


EVALUATION_HANDLERS: Final[dict[type[Job], Callable[[JobContext, Any], None]]] = {
    MeasureEvaluation: _measure_evaluation,
    ShowEvaluated: _show_evaluated,
    PrepareEvaluated: _prepare_evaluated,
    CopyEvaluated: _copy_evaluated,
    FindCopies: _find_copies,
    MeasureDepth: _measure_depth,
    ProjectDepth: _project_depth,
    CompareDepth: _compare_depth,
    MeasureRobustness: _measure_robustness,
    CorruptPicture: _corrupt_picture,
    MeasureSettings: _measure_settings,
    AttackPicture: _attack_picture,
    MeasureAttacks: _measure_attacks,
}
"""Kind of job -> the function that does it and sends its answer.

A service is called with the job, ``send`` for the pieces, and ``go_on``, which is asked between two batches: it answers
short questions meanwhile and says whether to go on. It returns the event that ends the job, and raises InputError where
``go_on`` said no, which is answered by JobDone.
"""

check_complete(EVALUATION_HANDLERS, EvaluationJob, "a function that does it")

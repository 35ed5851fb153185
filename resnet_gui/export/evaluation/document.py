"""The document that ``evaluate --json`` prints: every figure of an evaluation."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator, Sequence
from importlib import metadata
from typing import Final

import msgspec

from resnet_gui import __version__
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.evaluation.by_class import ClassMeans, class_means, hardest_class
from resnet_gui.evaluation.calibration import Reliability, Temperature
from resnet_gui.evaluation.comparison import PairedComparison, right_where
from resnet_gui.evaluation.confusion import most_confused
from resnet_gui.evaluation.depth import CkaRecord, DepthRecord
from resnet_gui.evaluation.intervals import Share, wilson
from resnet_gui.evaluation.mistakes import mistakes
from resnet_gui.evaluation.record import LeftOutPicture, ModelIdentity
from resnet_gui.evaluation.robustness import RobustnessRecord
from resnet_gui.export.evaluation.command import repeat_command
from resnet_gui.export.evaluation.source import EvaluationSource
from resnet_gui.protocol.evaluation_events import CopiesFound

PAIRS: Final = 50
"""Most confused pairs of the document; all of them are in the matrix."""


class AnsweredPicture(msgspec.Struct, frozen=True):
    """A picture, its true class, and what was answered.

    Attributes:
        image: its file, or its number in the test part.
        label: its true class.
        answer: the likeliest class.
        probability: of the answer.
        label_probability: of the true class.
        label_rank: place of the true class among the answers, 1 for a right one.
        number: of the picture.
    """

    image: str
    label: str
    answer: str
    probability: float
    label_probability: float
    label_rank: int
    number: int


class ClassResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a class that has pictures.

    Attributes:
        label: its name.
        pictures: of it; the support.
        correct: answered rightly.
        accuracy: their share; the recall.
        recall_interval: Wilson's, 95 %.
        precision: of the pictures with this answer, those that are right; None where it was never answered.
        precision_interval: Wilson's, 95 %; None where it was never answered.
        f1: harmonic mean of both.
        answered: pictures with this answer.
    """

    label: str
    pictures: int
    correct: int
    accuracy: float
    recall_interval: tuple[float, float]
    precision: float | None
    precision_interval: tuple[float, float] | None
    f1: float
    answered: int


class NamedPair(msgspec.Struct, frozen=True):
    """A class that was taken for another: ``count`` of its ``of`` pictures."""

    label: str
    answer: str
    count: int
    of: int


class ProbableLabelError(msgspec.Struct, frozen=True):
    """A picture whose label is probably wrong, the class that it more probably shows, and the margin (negative)."""

    image: str
    label: str
    suggested: str
    margin: float
    number: int


class CalibrationFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures that say what probabilities are worth.

    Attributes:
        at: temperature of the reliability diagram and its error, and of nothing else here.
        reliability: the diagram; its error is the ECE.
        log_loss, brier: of the network's own probabilities (temperature 1).
        temperature: that was fitted; None of a single picture.
    """

    at: float
    reliability: Reliability
    log_loss: float
    brier: float
    temperature: Temperature | None


class ModelComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Another model on the same pictures.

    Attributes:
        model: the other one.
        pictures: that both have answered.
        top1, other_top1: accuracies on these.
        outcome: the table of who is right where, McNemar's test, and the difference with its interval.
        sentence: the outcome.
        first_alone, second_alone: pictures that only the first, only the other model answers rightly.
    """

    model: ModelIdentity
    pictures: int
    top1: Share
    other_top1: Share
    outcome: PairedComparison
    sentence: str
    first_alone: tuple[str, ...]
    second_alone: tuple[str, ...]


class EvaluationDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Every figure of an evaluation; shares are fractions of the pictures that were counted.

    Attributes:
        labels: the network's classes.
        classes: results of each class that the data has.
        confusion: pictures by true class (rows) and answer (columns), both in the order of ``labels``.
        top5: share of pictures whose class is among the five likeliest; 1, which says nothing, where the network has
            no more than five classes.
        wrong: every picture that was not answered rightly.
        unreadable: pictures that could not be read.
        notices: what one should know first about the network.
        undetermined: what its file leaves open and what was taken, each as ``field=value``.
        top5_interval: None where the network has no more than five classes.
        means: over classes that have pictures, each counting once.
        hardest: class with the smallest recall.
        most_confused: pairs of classes, most pictures first.
        label_errors: pictures whose label is probably wrong (Northcutt et al. 2021), the most probable first.
        left_out: what was not counted, and why.
        mapping: class of the data -> class of the network, empty for one that was not counted.
        mapped_by: how that was found.
        copies: pictures that are among training pictures too; None where nobody looked.
        depth, cka, cka_with_other, robustness, comparison: None where it was not measured.
        command: the line that measures the same again.
        folder: where the evaluation is kept.
        measured: when.
        versions: of what computed it and what counts it.
    """

    model: str
    data: str
    pictures: int
    correct: int
    top1: float
    top5: float
    unreadable: int
    seconds: float
    images_per_second: float
    computed: str
    description: DataDescription | None
    labels: tuple[str, ...]
    classes: tuple[ClassResult, ...]
    confusion: tuple[tuple[int, ...], ...]
    wrong: tuple[AnsweredPicture, ...]
    notices: tuple[str, ...] = ()
    undetermined: tuple[str, ...] = ()
    top1_interval: tuple[float, float]
    top5_interval: tuple[float, float] | None
    means: ClassMeans | None
    hardest: str
    most_confused: tuple[NamedPair, ...]
    calibration: CalibrationFigures
    label_errors: tuple[ProbableLabelError, ...]
    left_out: tuple[LeftOutPicture, ...]
    mapping: dict[str, str]
    mapped_by: str
    copies: CopiesFound | None = None
    depth: DepthRecord | None = None
    cka: CkaRecord | None = None
    cka_with_other: CkaRecord | None = None
    robustness: RobustnessRecord | None = None
    comparison: ModelComparison | None = None
    identity: ModelIdentity
    command: str
    folder: str
    measured: str
    versions: dict[str, str]


def evaluation_document(source: EvaluationSource) -> EvaluationDocument:
    """Every figure of an evaluation."""
    record, answers = source.record, source.answers
    hardest = hardest_class(answers.by_class)
    return EvaluationDocument(
        model=source.typed.model, data=source.typed.data, pictures=len(answers), correct=answers.top1.count,
        top1=answers.top1.value, top5=1.0 if answers.top5 is None else answers.top5.value,
        unreadable=unreadable(source), seconds=record.seconds, images_per_second=record.images_per_second,
        computed=record.computed, description=record.description, labels=answers.labels,
        classes=tuple(_classes(source)), confusion=tuple(map(tuple, answers.counts.tolist())),
        wrong=tuple(answered_pictures(source, right=False)), notices=record.notices,
        undetermined=record.undetermined, top1_interval=_ends(answers.top1),
        top5_interval=None if answers.top5 is None else _ends(answers.top5), means=class_means(answers.by_class),
        hardest="" if hardest is None else hardest.label, most_confused=named_pairs(source, PAIRS),
        calibration=_calibration(source), label_errors=tuple(probable_errors(source)), left_out=record.left_out,
        mapping={name: record.labels[number] if number >= 0 else "" for name, number in
                 zip(record.data_classes, record.mapping, strict=True)},
        mapped_by=record.mapped_by, copies=source.copies, depth=source.depth, cka=source.cka,
        cka_with_other=source.beside.likeness,
        robustness=source.robustness, comparison=model_comparison(source), identity=record.model,
        command=repeat_command(source, private=False).text, folder=str(source.evaluation.folder),
        measured=record.measured, versions=versions(source),
    )  # fmt: skip


def versions(source: EvaluationSource) -> dict[str, str]:
    """Of the program that measured, and of what counts now."""
    return {
        "measured by": source.record.program, "counted by": __version__, "python": platform.python_version(),
        "torch": metadata.version("torch"),
    }  # fmt: skip


def unreadable(source: EvaluationSource) -> int:
    """Pictures that could not be read; classes that a mapping leaves out are not among them."""
    return len(source.record.left_out) - sum(number < 0 for number in source.record.mapping)


def _ends(share: Share) -> tuple[float, float]:
    return share.low, share.high


def _classes(source: EvaluationSource) -> Iterator[ClassResult]:
    for each in source.answers.by_class:
        if each.recall is None or each.f1 is None:
            continue
        yield ClassResult(
            label=each.label, pictures=each.support, correct=each.recall.count, accuracy=each.recall.value,
            recall_interval=_ends(each.recall), precision=each.precision.value if each.precision else None,
            precision_interval=_ends(each.precision) if each.precision else None, f1=each.f1, answered=each.answered,
        )  # fmt: skip


def named_pairs(source: EvaluationSource, most: int) -> tuple[NamedPair, ...]:
    """The pairs of classes that are confused most often, by name."""
    labels = source.answers.labels
    return tuple(
        NamedPair(labels[pair.truth], labels[pair.answer], pair.count, pair.of)
        for pair in most_confused(source.answers.counts, most)
    )


def repeated_pairs(pairs: Sequence[NamedPair]) -> tuple[NamedPair, ...]:
    """Those that were confused more than once: a single picture makes no class one that is often taken for another."""
    return tuple(pair for pair in pairs if pair.count > 1)


def loss_text(loss: float, digits: int = 4) -> str:
    """A loss as it is printed; that of weights that are too large has no row of digits."""
    return f"{loss:.{digits}f}" if loss < 1e6 else f"{loss:.3g}"


def temperature_remark(fitted: Temperature) -> str:
    """What is to be said of a fitted temperature, after its figures; empty where nothing is."""
    remark = "; it is an end of what was searched" if fitted.at_edge else ""
    if fitted.loss_after > fitted.loss_before:
        return f"{remark}; it makes the log-loss of the other half larger, so 1 is the better one here"
    if fitted.ece_after > fitted.ece_before:
        return f"{remark}; it makes the log-loss of the other half smaller and the ECE larger"
    return remark


def contradiction_words(outcome: PairedComparison) -> str:
    """A sentence where McNemar's test and the interval of the difference say different things; else empty."""
    without = outcome.difference.low > 0 or outcome.difference.high < 0
    if outcome.differs == without:
        return ""
    return (
        f"The interval {'has no 0 in it' if without else 'has 0 in it'} though McNemar's test shows "
        f"{'a' if outcome.differs else 'no'} difference: two methods at the edge of 5 %, so these pictures do not "
        "decide."
    )


def answered_pictures(source: EvaluationSource, *, right: bool = True, most: int = 0) -> Iterator[AnsweredPicture]:
    """Pictures with their answers, at the temperature of the source.

    Args:
        source: the evaluation.
        right: whether those that were answered rightly are among them, all in the order of the data.
        most: the wrong ones that the network was surest of, so many; 0 for all, in the order of the data.
    """
    answers = source.answers
    numbers = list(range(len(answers)))
    if not right:
        numbers = mistakes(answers, "confidence").tolist()
        numbers = numbers[:most] if most else sorted(numbers)
    likely = answers.confidence_at(source.temperature)
    for number in numbers:
        yield _answered(source, number, float(likely[number]))


def _answered(source: EvaluationSource, number: int, likely: float) -> AnsweredPicture:
    answers = source.answers
    own, loss = float(answers.confidence[number]), float(answers.loss[number])
    # Both logits are divided by the temperature, and so is their difference; the label's is never the larger one.
    below = min(0.0, -loss - math.log(own))
    of_label = likely if answers.correct[number] else likely * math.exp(below / source.temperature)
    return AnsweredPicture(
        source.image_name(number), answers.labels[answers.truth[number]], answers.labels[answers.answer[number]],
        likely, of_label, int(answers.rank[number]) + 1, number,
    )  # fmt: skip


def _calibration(source: EvaluationSource) -> CalibrationFigures:
    answers = source.answers
    return CalibrationFigures(
        at=source.temperature, reliability=answers.reliability(source.temperature), log_loss=answers.log_loss,
        brier=answers.brier, temperature=answers.temperature,
    )  # fmt: skip


def probable_errors(source: EvaluationSource, most: int = 0) -> Iterator[ProbableLabelError]:
    """Pictures whose label is probably wrong, the most probable first; so many, or all of them for 0."""
    answers = source.answers
    for number, suggested, margin in list(zip(*(each.tolist() for each in answers.suspects), strict=True))[
        : most or None
    ]:
        label = answers.labels[answers.truth[number]]
        yield ProbableLabelError(source.image_name(number), label, answers.labels[suggested], margin, number)


def model_comparison(source: EvaluationSource) -> ModelComparison | None:
    """Another model on the same pictures; None where there is none.

    Raises:
        InputError: the two share no picture.
    """
    if source.compared is None or source.other is None:
        return None
    pairs, outcome = source.compared
    answers, other = source.answers, source.other.answers
    alone = {
        group: tuple(source.image_name(number) for number in right_where(answers, other, pairs, group).tolist())
        for group in ("first", "second")
    }
    first, second = (wilson(outcome.both + one, outcome.pictures) for one in (outcome.first, outcome.second))
    return ModelComparison(
        model=source.other.record.model, pictures=outcome.pictures, top1=first, other_top1=second, outcome=outcome,
        sentence=outcome.sentence(source.record.model.name, source.other_name), first_alone=alone["first"],
        second_alone=alone["second"],
    )  # fmt: skip

"""An evaluation in the lines of a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from resnet_gui.data.layouts.description import many, name_text, quoted
from resnet_gui.evaluation.by_class import ClassFigures, class_means
from resnet_gui.evaluation.corruptions import CORRUPTIONS
from resnet_gui.evaluation.depth import DepthRecord
from resnet_gui.evaluation.intervals import Share
from resnet_gui.export.evaluation.document import (
    answered_pictures,
    contradiction_words,
    loss_text,
    model_comparison,
    named_pairs,
    probable_errors,
    repeated_pairs,
    temperature_remark,
    unreadable,
)
from resnet_gui.export.evaluation.source import EvaluationSource

SHOWN: Final = 20
"""Classes that are printed: of more, those that are answered worst."""

CONFUSED: Final = 3
"""Wrong answers that are named beside a class."""

NAMED: Final = 5
"""Pictures, pairs or classes that a line or a block names."""


def evaluation_lines(source: EvaluationSource) -> Iterator[str]:
    """All that is said of an evaluation, the counts first."""
    yield count_line(source)
    yield from class_lines(source)
    yield from _precision_lines(source)
    yield from _calibration_lines(source)
    yield from _confusion_lines(source)
    yield from _picture_lines(source)
    yield from _left_out_lines(source)
    yield from _copy_lines(source)
    yield from _depth_lines(source)
    yield from _robustness_lines(source)
    yield from _comparison_lines(source)


def count_line(source: EvaluationSource) -> str:
    """How many were right, and how fast they were answered."""
    record, answers = source.record, source.answers
    top5 = f"{1:.2%} (of {class_words(answers.classes)})" if answers.top5 is None else f"{answers.top5.value:.2%}"
    lost = unreadable(source)
    return (
        f"{answers.top1.count:,} of {len(answers):,} right: top-1 {answers.top1.value:.2%}, top-5 {top5}; "
        f"{record.images_per_second:,.0f} images/s ({record.computed})"
        + (f"; {lost:,} could not be read" if lost else "")
    )


def class_words(count: int) -> str:
    """``1 class``, ``2 classes``."""
    return "1 class" if count == 1 else f"{count:,} classes"


def worst_classes(source: EvaluationSource, most: int) -> list[ClassFigures]:
    """The classes that have pictures; of more than ``most`` those that are answered worst, the worst first."""
    present = [each for each in source.answers.by_class if each.recall is not None]
    if len(present) <= most:
        return present
    return sorted(present, key=_recall)[:most]


def _classes_words(source: EvaluationSource) -> str:
    """The line above a list of some of the classes; empty above all of them."""
    count = sum(each.recall is not None for each in source.answers.by_class)
    return f"the {SHOWN} of {count:,} classes that are answered worst:" if count > SHOWN else ""


def class_lines(source: EvaluationSource) -> Iterator[str]:
    """A line for each class with what it is taken for; of many classes, for those that are answered worst."""
    answers, classes = source.answers, worst_classes(source, SHOWN)
    if words := _classes_words(source):
        yield words
    width = max(len(name_text(each.label)) for each in classes)
    for each in classes:
        row = answers.counts[each.number].tolist()
        # Two classes may have one name, so that numbers tell them apart.
        others = sorted((-count, number) for number, count in enumerate(row) if count and number != each.number)
        taken = [f"{quoted(answers.labels[number])} {-count:,}" for count, number in others]
        worst = ", ".join(taken[:CONFUSED])
        share = row[each.number] / each.support
        yield (
            f"  {name_text(each.label):{width}}  {row[each.number]:,} of {each.support:,} right, {share:.1%}"
            + (f"; taken for {worst}" if worst else "")
        )


def _precision_lines(source: EvaluationSource) -> Iterator[str]:
    answers, classes = source.answers, worst_classes(source, SHOWN)
    yield f"95 % interval (Wilson): top-1 {_interval(answers.top1)}" + (
        f", top-5 {_interval(answers.top5)}" if answers.top5 is not None else ""
    )
    width = max(len(name_text(each.label)) for each in classes)
    yield f"  {'':{width}}  precision   recall       F1  pictures"
    for each in classes:
        yield f"  {name_text(each.label):{width}}  {_figures(each)}"
    means = class_means(answers.by_class)
    if means is not None:
        never = f"; never answered: {means.never_answered:,}" * bool(means.never_answered)
        yield (
            f"means over {class_words(means.classes)}: precision {means.precision:.1%}, recall {means.recall:.1%}, "
            f"F1 {means.f1:.1%}{never}"
        )


def _figures(each: ClassFigures) -> str:
    cells = [each.precision.value if each.precision else None, each.recall.value if each.recall else None, each.f1]
    shown = "".join(f"{'–' if cell is None else f'{cell:.1%}':>9}" for cell in cells)
    return f"{shown}  {each.support:>8,}"


def _interval(share: Share) -> str:
    return f"{share.low:.2%} to {share.high:.2%}"


def _calibration_lines(source: EvaluationSource) -> Iterator[str]:
    answers, fitted = source.answers, source.answers.temperature
    found = answers.reliability(source.temperature)
    # Each figure with its own temperature: the two losses are those of the network's own probabilities.
    at, own = (
        (f" at temperature {source.temperature:.3g}", " at temperature 1") if source.temperature != 1 else ("", "")
    )
    yield (
        f"calibration: ECE {found.error:.2%} in {len(found.count)} bins{at}; log-loss {loss_text(answers.log_loss)}, "
        f"Brier {answers.brier:.4f}{own}"
    )
    if fitted is None:
        yield "no temperature is fitted to a single picture"
        return
    yield (
        f"temperature {fitted.value:.3f}, fitted on {fitted.pictures:,} pictures: of the other {fitted.held_out:,} the "
        f"ECE goes from {fitted.ece_before:.2%} to {fitted.ece_after:.2%}, the log-loss from "
        f"{loss_text(fitted.loss_before)} to {loss_text(fitted.loss_after)}" + temperature_remark(fitted)
    )


def _confusion_lines(source: EvaluationSource) -> Iterator[str]:
    pairs = named_pairs(source, NAMED)
    if not pairs:
        yield "no class is taken for another"
        return
    often = repeated_pairs(pairs)
    words = [f"{quoted(pair.label)} taken for {quoted(pair.answer)} {pair.count:,} of {pair.of:,}" for pair in often]
    more = int((source.answers.counts > 0).sum() - (source.answers.counts.diagonal() > 0).sum()) - len(often)
    rest = f"{many(more, 'more pair')}" if often else f"no class is taken twice for another; {many(more, 'pair')} once"
    yield f"most confused: {', '.join(words)}{'; ' * bool(often and more)}{rest * bool(more)}"
    hardest = [
        f"{quoted(each.label)} {each.recall.value:.1%} ({each.recall.low:.1%} to {each.recall.high:.1%})"
        for each in sorted(worst_classes(source, len(source.answers.labels)), key=_recall)[:CONFUSED]
        if each.recall is not None
    ]
    yield f"hardest classes: {', '.join(hardest)}"


def _recall(each: ClassFigures) -> float:
    return each.recall.value if each.recall else 0.0


def _picture_lines(source: EvaluationSource) -> Iterator[str]:
    sure = list(answered_pictures(source, right=False, most=NAMED))
    if sure:
        yield "most sure and wrong:"
    for picture in sure:
        yield f"  {picture.image}: {quoted(picture.answer)} {picture.probability:.1%}, is {quoted(picture.label)}"
    count = len(source.answers.suspects.numbers)
    if count:
        yield f"probable label errors (confident learning): {count:,}, the most probable first:"
    for suspect in probable_errors(source, NAMED):
        yield f"  {suspect.image}: labelled {quoted(suspect.label)}, more probably {quoted(suspect.suggested)}"


def _left_out_lines(source: EvaluationSource) -> Iterator[str]:
    reasons = Counter(each.reason for each in source.record.left_out)
    if reasons:
        words = ", ".join(f"{count:,} ({reason})" for reason, count in reasons.most_common(NAMED))
        yield f"left out: {words}" + ("; more reasons in --json" if len(reasons) > NAMED else "")


def _copy_lines(source: EvaluationSource) -> Iterator[str]:
    found = source.copies
    if found is None:
        return
    yield (
        f"among {found.training_pictures:,} training pictures: {len(found.exact):,} of {found.pictures:,} exactly, "
        f"{len(found.near):,} nearly (hashes differ in at most {found.threshold} bits){found.shared_words}"
    )
    for copy in (*found.exact, *found.near)[:NAMED]:
        name = source.image_name(copy.number)
        label = source.answers.labels[source.answers.truth[copy.number]]
        other = f", there {quoted(copy.training_class)}" * (copy.training_class != label)
        yield f"  {name}: {copy.training}{other}" + (f" ({copy.distance} bits)" if copy in found.near else "")


def _depth_lines(source: EvaluationSource) -> Iterator[str]:
    for name, depth in ((source.record.model.name, source.depth), (source.other_name, source.other_depth)):
        if depth is not None:
            yield depth_line(depth) + (f" [{name}]" if source.other is not None else "")
    if source.cka is not None:
        yield "likeness of all blocks (CKA) is in --json and the report"


def depth_line(depth: DepthRecord) -> str:
    """Accuracy of a linear probe after each block."""
    shares = [f"{each.number} {'–' if each.probe is None else f'{each.probe.value:.1%}'}" for each in depth.locations]
    split = depth.probes
    return (
        f"linear probe by depth, fitted on {split.learnt:,} and tested on {split.tested:,} pictures: "
        f"{', '.join(shares)}"
    )


def _robustness_lines(source: EvaluationSource) -> Iterator[str]:
    found = source.robustness
    if found is None or not found.curves:
        return
    yield f"top-1 at severity 0 to 5, {found.sample.words}:"
    width = max(len(CORRUPTIONS[curve.key].title) for curve in found.curves)
    for curve in found.curves:
        shares = "".join(f"{share.value:>8.1%}" for share in curve.shares(found.sample.pictures))
        yield f"  {CORRUPTIONS[curve.key].title:{width}}{shares}"


def _comparison_lines(source: EvaluationSource) -> Iterator[str]:
    found = model_comparison(source)
    if found is None:
        return
    outcome, first, second = found.outcome, source.record.model.name, source.other_name
    yield (
        f"{first} {found.top1.value:.2%} ({_interval(found.top1)}), {second} {found.other_top1.value:.2%} "
        f"({_interval(found.other_top1)})"
    )
    yield found.sentence
    by, low, high = (100 * each for each in (outcome.difference.value, outcome.difference.low, outcome.difference.high))
    yield f"difference {by:+.2f} points ({low:+.2f} to {high:+.2f}, 95 % interval of Tango 1998)"
    yield (
        f"right are both {outcome.both:,}, {first} alone {outcome.first:,}, {second} alone {outcome.second:,}, neither "
        f"{outcome.neither:,}"
    )
    if contradiction := contradiction_words(outcome):
        yield contradiction
    if outcome.notice:
        yield outcome.notice

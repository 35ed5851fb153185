"""The sections of the report that follow from the answers alone: figures, matrix, classes, calibration, pictures."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from resnet_gui.data.layouts.description import name_text
from resnet_gui.evaluation.by_class import ClassFigures, class_means, hardest_class
from resnet_gui.evaluation.calibration import Reliability
from resnet_gui.evaluation.confusion import order_by_confusion
from resnet_gui.evaluation.intervals import Share
from resnet_gui.export.evaluation.charts import ReliabilityBar, clipped, interval_svg, matrix_svg, reliability_svg
from resnet_gui.export.evaluation.document import (
    answered_pictures,
    loss_text,
    named_pairs,
    probable_errors,
    repeated_pairs,
    temperature_remark,
)
from resnet_gui.export.evaluation.lines import worst_classes
from resnet_gui.export.evaluation.private import picture_words
from resnet_gui.export.evaluation.source import EvaluationSource
from resnet_gui.export.report.drawing import COLOURS
from resnet_gui.export.report.parts import html_table

WHOLE_MATRIX: Final = 30
"""Most classes of which the whole matrix is drawn."""

MATRIX_PART: Final = 20
"""Of more, so many: those with the most wrong answers."""

TABLE_ROWS: Final = 20
"""Most classes of the table: of more, those that are answered worst."""

PAIRS, ERRORS, COPIES = 6, 8, 6
"""Rows of the most confused pairs, probable label errors and copies."""

NAME: Final = 26
"""Letters of a class in a table of pictures, whose rows are a line each."""

GALLERY: Final = 18
"""Wrong pictures that are shown, the most sure first."""


def percent(share: float, digits: int = 1) -> str:
    """A share as it is printed: ``87.5 %``."""
    return f"{100 * share:.{digits}f} %"


def interval_words(share: Share, digits: int = 1) -> str:
    """The ends of an interval in percent: ``86.8 to 88.1``."""
    return f"{100 * share.low:.{digits}f} to {100 * share.high:.{digits}f}"


def _tile(title: str, value: str, words: str, drawn: str = "") -> str:
    return (
        f'<div class="tile"><p class="t2 s11">{escape(title)}</p><p class="big">{value}</p>{drawn}'
        f'<p class="t2 s11">{escape(words)}</p></div>'
    )


def _share_tile(title: str, share: Share) -> str:
    words = f"{interval_words(share, 2)}, 95 % interval; {share.count:,} of {share.of:,} pictures"
    return _tile(title, percent(share.value, 2), words, interval_svg(share.value, share.low, share.high))


def tiles(source: EvaluationSource) -> Iterator[str]:
    """The figures that are read first, each with the number of pictures that it stands on."""
    answers, record = source.answers, source.record
    yield '<div class="tiles">'
    yield _share_tile("Top-1 accuracy", answers.top1)
    if answers.top5 is not None:
        yield _share_tile("Top-5 accuracy", answers.top5)
    found, fitted = answers.reliability(source.temperature), answers.temperature
    at = f"at temperature {source.temperature:.3g}; " if source.temperature != 1 else ""
    after = "" if fitted is None else f"; {percent(fitted.ece_after)} at {fitted.value:.2f} on {fitted.held_out:,}"
    yield _tile("Calibration error, ECE", percent(found.error), f"{at}{len(answers):,} pictures{after}")
    hardest = hardest_class(answers.by_class)
    if hardest is not None and hardest.recall is not None:
        yield _tile(
            "Hardest class", escape(clipped(hardest.label, 16)),
            f"{percent(hardest.recall.value)} of {hardest.support:,} ({interval_words(hardest.recall)})",
        )  # fmt: skip
    own = "at temperature 1; " if source.temperature != 1 else ""
    losses = f"{loss_text(answers.log_loss, 3)}, {answers.brier:.3f}"
    yield _tile("Log-loss, Brier", losses, f"{own}{len(answers):,} pictures, nats")
    yield _tile("Speed", f"{record.images_per_second:,.0f} images/s", f"{record.computed}, {record.seconds:,.1f} s")
    yield "</div>"


def answer_words(source: EvaluationSource) -> str:
    """What came out, in sentences."""
    answers = source.answers
    said = [
        f"{answers.top1.count:,} of {len(answers):,} pictures are answered rightly, "
        f"{percent(answers.top1.value, 2)} ({interval_words(answers.top1, 2)})."
    ]
    pairs = repeated_pairs(named_pairs(source, 1))
    if pairs:
        pair = pairs[0]
        said.append(
            f"Most often “{name_text(pair.label)}” is taken for “{name_text(pair.answer)}”: {pair.count:,} of "
            f"{pair.of:,}."
        )
    fitted = answers.temperature
    if fitted is not None:
        said.append(
            f"Divided by the temperature {fitted.value:.2f}, fitted on {fitted.pictures:,} of the pictures, "
            f"probabilities miss by {percent(fitted.ece_after)} instead of {percent(fitted.ece_before)} on the other "
            f"{fitted.held_out:,}{temperature_remark(fitted)}."
        )
    if source.compared is not None:
        said.append(source.compared.outcome.sentence(source.record.model.name, source.other_name))
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in said)
    return f'<div class="note"><b>Answer.</b><ul>{items}</ul></div>'


def matrix(source: EvaluationSource) -> Iterator[str]:
    """The confusion matrix, or the part of it that is most confused."""
    answers = source.answers
    counts = answers.counts
    rows, words = list(range(answers.classes)), ""
    if answers.classes > WHOLE_MATRIX:
        wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
        rows = sorted((-wrong).argsort(kind="stable")[:MATRIX_PART].tolist())
        rows = [rows[place] for place in order_by_confusion(counts[rows][:, rows]).tolist()]
        words = (
            f" The {len(rows)} of {answers.classes:,} classes with the most wrong answers, those that are taken for "
            "each other side by side; --json has all."
        )
    yield "<h2>Confusion</h2>"
    yield matrix_svg(
        counts[rows][:, rows].tolist(), [answers.labels[row] for row in rows], counts[rows].sum(axis=1).tolist()
    )
    yield (
        f'<p class="t2 s11">Rows are true classes, columns answers; {len(answers):,} pictures; colour by the root of '
        f"the share of the row; grey rows have no picture.{words}</p>"
    )


def classes(source: EvaluationSource) -> Iterator[str]:
    """Precision, recall, F1 and support of each class, and the most confused pairs."""
    answers = source.answers
    present = [each for each in answers.by_class if each.support]
    shown = sorted(worst_classes(source, TABLE_ROWS), key=lambda each: each.f1 or 0.0)
    some = f", the {len(shown)} of {len(present):,} with pictures that are answered worst" * (len(shown) < len(present))
    yield f'<h2>By class</h2><p class="t2 s11">%, smallest F1 first{some}; the bar is the recall with its interval</p>'
    rows = [_class_row(each) for each in shown]
    means = class_means(answers.by_class)
    if means is not None:
        cells = (f"<b>{100 * each:.1f}</b>" for each in (means.precision, means.recall))
        f1 = f"<b>{100 * means.f1:.1f}</b>"
        rows.append((f"<b>Mean of {means.classes:,}</b>", "", *cells, "", f1, f"<b>{len(answers):,}</b>"))
    yield html_table(("Class", "", "Precision", "Recall", "95 % interval", "F1", "Pictures"), rows, numbers=2)
    absent = [each for each in answers.by_class if not each.support]
    if absent:
        there = sum(each.answered for each in absent)
        yield (
            f'<p class="t2 s11">{len(absent):,} of the network’s {answers.classes:,} classes have no picture here; '
            f"{there:,} pictures were answered with one of them.</p>"
        )
    pairs = repeated_pairs(named_pairs(source, PAIRS))
    if pairs:
        words = (
            f"{escape(name_text(pair.label))} for {escape(name_text(pair.answer))} <b>{pair.count:,}</b> of {pair.of:,}"
            for pair in pairs
        )
        yield f'<p class="s11"><span class="t2">Most often taken for another:</span> {"; ".join(words)}.</p>'


def _class_row(each: ClassFigures) -> Sequence[str]:
    recall = each.recall
    if recall is None:
        return (escape(clipped(each.label, 40)), interval_svg(None), "–", "–", "–", "–", "0")
    return (
        escape(clipped(each.label, 40)),
        interval_svg(recall.value, recall.low, recall.high, COLOURS[0]),
        "–" if each.precision is None else f"{100 * each.precision.value:.1f}",
        f"{100 * recall.value:.1f}",
        f'<span class="t2">{interval_words(recall)}</span>',
        "–" if each.f1 is None else f"<b>{100 * each.f1:.1f}</b>",
        f"{each.support:,}",
    )


def _bars(found: Reliability) -> list[ReliabilityBar]:
    edges = zip(found.edges, found.edges[1:], strict=False)
    figures = zip(edges, found.count, found.confidence, found.accuracy, strict=True)
    return [ReliabilityBar(low, high, count, sure, right) for (low, high), count, sure, right in figures]


def calibration(source: EvaluationSource) -> Iterator[str]:
    """The reliability diagram with the temperature that was fitted."""
    answers, fitted = source.answers, source.answers.temperature
    found = answers.reliability(source.temperature)
    after = _bars(answers.reliability(fitted.value)) if fitted is not None else []
    rows = [
        ("ECE", f"{percent(found.error, 2)} at temperature {source.temperature:.3g}, {len(found.count)} bins, "
         f"{len(answers):,} pictures"),
        ("Log-loss, Brier", f"{loss_text(answers.log_loss)} nats, {answers.brier:.4f}, at temperature 1"),
    ]  # fmt: skip
    if fitted is None:
        rows.append(("Temperature", "none: a single picture cannot be halved"))
    else:
        rows += [
            ("Temperature", f"{fitted.value:.3f}, fitted on {fitted.pictures:,} pictures, half of each class, drawn "
             f"with seed {fitted.seed}"),
            (f"The other {fitted.held_out:,}", f"ECE {percent(fitted.ece_before, 2)} → {percent(fitted.ece_after, 2)}, "
             f"log-loss {loss_text(fitted.loss_before)} → {loss_text(fitted.loss_after)}{temperature_remark(fitted)}"),
        ]  # fmt: skip
    line = f"; line: all pictures at temperature {fitted.value:.2f}" if fitted is not None else ""
    yield (
        f'<h2>Reliability</h2><div class="cards"><div class="figure">{reliability_svg(_bars(found), after)}</div>'
        f'<div class="figure">{html_table(("", ""), [(escape(name), escape(text)) for name, text in rows])}'
        f'<p class="t2 s11">Bars: accuracy % of the pictures of a confidence; hatched: too sure{line}. Calibration '
        "error and temperature: Guo et al. 2017.</p></div></div>"
    )


def wrong_pictures(source: EvaluationSource, pictures: Mapping[int, bytes]) -> Iterator[str]:
    """The wrong answers that the network was surest of, as pictures where there are some.

    Args:
        source: the evaluation.
        pictures: PNG of pictures by their numbers.
    """
    record, total = source.record, len(source.answers) - source.answers.top1.count
    shown = list(answered_pictures(source, right=False, most=GALLERY))
    if not shown:
        return
    yield f'<h2>Wrong, most sure first</h2><p class="t2 s11">{len(shown):,} of {total:,} wrong answers</p>'
    if not pictures:
        yield html_table(
            ("Picture", "Answer", "Probability", "Is"),
            [
                (escape(picture_words(each.image, record)), escape(clipped(each.answer, NAME)),
                 percent(each.probability), escape(clipped(each.label, NAME)))
                for each in shown
            ],
        )  # fmt: skip
        return
    yield '<div class="shots">'
    for each in shown:
        name = escape(picture_words(each.image, record))
        drawn = "(cannot be read any more)"
        if each.number in pictures:
            data = base64.b64encode(pictures[each.number]).decode()
            drawn = f'<img alt="{name}" title="{name}" src="data:image/png;base64,{data}">'
        yield (
            f'<div class="shot">{drawn}<i>{percent(each.probability)}</i><b>{escape(clipped(each.answer, 18))}</b><br>'
            f'<span class="t2">is {escape(clipped(each.label, 16))}</span></div>'
        )
    yield "</div>"


def label_errors(source: EvaluationSource) -> Iterator[str]:
    """Pictures whose label is probably wrong."""
    record, total = source.record, len(source.answers.suspects.numbers)
    if not total:
        return
    shown = list(probable_errors(source, ERRORS))
    yield (
        f'<h2>Probable label errors</h2><p class="t2 s11">{len(shown):,} of {total:,}, the most probable first; '
        "confident learning (Northcutt et al. 2021), which supposes that the network has not learnt from them</p>"
    )
    yield html_table(
        ("Picture", "Labelled", "More probably", "Margin"),
        [
            (escape(picture_words(each.image, record)), escape(clipped(each.label, NAME)),
             escape(clipped(each.suggested, NAME)), f"{each.margin:+.2f}".replace("-", "−"))
            for each in shown
        ], numbers=3,
    )  # fmt: skip

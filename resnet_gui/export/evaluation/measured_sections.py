"""The sections of the report about what is measured beside the answers: another model, depth, corruptions, copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from resnet_gui.data.layouts.description import name_text
from resnet_gui.evaluation.comparison import PairedComparison
from resnet_gui.evaluation.corruptions import CORRUPTIONS
from resnet_gui.evaluation.depth import CkaRecord, DepthLocation, DepthRecord
from resnet_gui.evaluation.intervals import Share
from resnet_gui.evaluation.robustness import CorruptionCurve
from resnet_gui.export.evaluation.answer_sections import COPIES, interval_words, percent
from resnet_gui.export.evaluation.charts import (
    WIDE,
    CurveAxes,
    CurvePoint,
    ShareCurve,
    clipped,
    curves_svg,
    likeness_svg,
)
from resnet_gui.export.evaluation.document import contradiction_words, model_comparison
from resnet_gui.export.evaluation.private import picture_words
from resnet_gui.export.evaluation.source import EvaluationSource
from resnet_gui.export.report.parts import badge, html_table

UPRIGHT: Final = 14
"""More places on an axis than these have their names turned."""


def comparison(source: EvaluationSource) -> Iterator[str]:
    """Another model on the same pictures: both accuracies, who is right where, McNemar's test."""
    found = model_comparison(source)
    if found is None:
        return
    first, second, outcome = source.record.model.name, source.other_name, found.outcome
    by = outcome.difference
    points = f"{100 * by.value:+.2f} points ({100 * by.low:+.2f} to {100 * by.high:+.2f})".replace("-", "−")
    yield f"<h2>Against {escape(clipped(second, 40))}</h2><p>{escape(found.sentence)}</p>"
    verdict = badge("≠ differs", "run") if outcome.differs else badge("∼ cannot tell", "warn")
    models = ((first, found.top1, outcome.first), (second, found.other_top1, outcome.second))
    rows = [
        (escape(name), f"<b>{percent(share.value, 2)}</b>", interval_words(share, 2), f"{alone:,}")
        for name, share, alone in models
    ]
    rows.append(("Difference", f"<b>{points}</b>", "", verdict))
    yield html_table(("", "Top-1", "95 % interval", "Alone right"), rows, numbers=1)
    yield (
        f'<p class="t2 s11">{_shared(outcome)} McNemar 1947; interval of the difference: Tango 1998. '
        f"{escape(' '.join(filter(None, (contradiction_words(outcome), outcome.notice))))}</p>"
    )


def _shared(outcome: PairedComparison) -> str:
    return (
        f"Of {outcome.pictures:,} pictures both are right on {outcome.both:,}, neither on {outcome.neither:,}; one of "
        f"them on {outcome.first + outcome.second:,}."
    )


def _point(x: float, share: Share) -> CurvePoint:
    return CurvePoint(x, share.value, share.low, share.high)


def depth(source: EvaluationSource) -> Iterator[str]:
    """Linear probes after each block, and the likeness of blocks."""
    found, other = source.depth, source.other_depth
    if found is None:
        return
    curves = [_probes(source.record.model.name, found, 1)]
    curves += [_probes(source.other_name, other, 4)] if other is not None else []
    curves = [curve for curve in curves if curve.points]
    yield "<h2>By depth</h2>"
    if curves:
        same = other is None or [each.path for each in other.locations] == [each.path for each in found.locations]
        longest = found if same or other is None or len(found.locations) >= len(other.locations) else other
        names = [each.number for each in longest.locations] if same else list(map(str, range(len(longest.locations))))
        places = tuple((float(place), name) for place, name in enumerate(names))
        axes = CurveAxes(places, "after" if same else "blocks before it", turned=len(places) > UPRIGHT)
        yield f'<div class="figure wide">{curves_svg(curves, axes, WIDE)}</div>'
    split = found.probes
    yield (
        f'<p class="t2 s11">Accuracy % of a linear probe after each block (ridge regression on its pooled features), '
        f"fitted on {split.learnt:,} and tested on {split.tested:,} pictures of {split.classes:,} classes, drawn with "
        f"seed {split.seed} from {found.pictures:,} of {found.of:,}; band: 95 % interval.</p>"
    )
    yield from _likeness(source)


def _probes(name: str, found: DepthRecord, colour: int) -> ShareCurve:
    points = [_point(place, each.probe) for place, each in enumerate(found.locations) if each.probe is not None]
    return ShareCurve(clipped(name, 18), tuple(points), colour)


def _likeness(source: EvaluationSource) -> Iterator[str]:
    """CKA of the network's blocks, and with those of the other one."""
    if source.cka is None:
        return
    yield '<div class="cards">'
    yield _likeness_figure(source.cka, "Likeness of all blocks")
    if source.beside.likeness is not None:
        words = f"Rows: {source.record.model.name}; columns: {source.other_name}"
        yield _likeness_figure(source.beside.likeness, words)
    yield (
        '</div><p class="t2 s11">Linear CKA (Kornblith et al. 2019), debiased (Nguyen et al. 2021); dark is 0, yellow '
        "1, grey where a block's features are all the same. The same features in another turn or size are alike.</p>"
    )


def _likeness_figure(found: CkaRecord, title: str) -> str:
    rows, columns = (
        [DepthLocation(path=path, channels=0).number for path in paths] for paths in (found.rows, found.columns)
    )
    values = [[None if value is None else min(max(value, 0.0), 1.0) for value in row] for row in found.values]
    return (
        f'<div class="figure"><p><b>{escape(title)}</b> <span class="t2 s11">{found.pictures:,} of {found.of:,} '
        f"pictures</span></p>{likeness_svg(values, rows, columns)}</div>"
    )


def robustness(source: EvaluationSource) -> Iterator[str]:
    """Accuracy under corruptions."""
    found = source.robustness
    if found is None or not found.curves:
        return
    size = found.sample.pictures
    yield f'<h2>Corruption</h2><p class="t2 s11">Top-1 %, {escape(found.sample.words)}</p>'
    curves = []
    for place, each in enumerate(found.curves):
        points = tuple(_point(severity, share) for severity, share in enumerate(each.shares(size)))
        if points:
            curves.append(ShareCurve(CORRUPTIONS[each.key].title, points, place))
    places = tuple((float(severity), str(severity)) for severity in range(6))
    axes = CurveAxes(places, "severity", (found.chance, "chance"))
    yield f'<div class="figure wide">{curves_svg(curves, axes, WIDE)}</div>'
    rows = [_severities(each, size) for each in found.curves]
    yield html_table(("Severity", *map(str, range(6)), "Mean of 1 to 5"), rows, numbers=1)
    known = [CORRUPTIONS[each.key] for each in found.curves]
    sources = "; ".join(f"{each.title}: {each.source}" for each in known)
    yield f'<p class="t2 s11">Band: 95 % interval (Wilson). {escape(sources)}.</p>'
    yield from _attacks(source)


def _severities(curve: CorruptionCurve, pictures: int) -> Sequence[str]:
    """A row of the table: accuracy and setting at each severity, and the mean."""
    known = CORRUPTIONS[curve.key]
    cells = [
        f'{100 * share.value:.1f}<br><span class="t3 s11">{escape(known.words(value))}</span>'
        for share, value in zip(curve.shares(pictures), curve.values, strict=False)
    ]
    mean = curve.mean(pictures)
    return known.title, *cells, *["–"] * (6 - len(cells)), "–" if mean is None else f"<b>{100 * mean:.1f}</b>"


def _attacks(source: EvaluationSource) -> Iterator[str]:
    found = source.robustness
    if found is None or not found.attacks:
        return
    rows = []
    for each in found.attacks:
        share = found.share(each.correct)
        rows.append((escape(each.attack.words), f"<b>{percent(share.value)}</b>", interval_words(share)))
    how = f" ({escape(found.attacks_computed)})" if found.attacks_computed else ""
    yield f"<p><b>Attacks by the gradient</b>{how}</p>" + html_table(("", "Top-1", "95 % interval"), rows, numbers=1)


def copies(source: EvaluationSource) -> Iterator[str]:
    """Pictures that are among training pictures too."""
    found, record, answers = source.copies, source.record, source.answers
    if found is None:
        return
    yield (
        f'<h2>Among training pictures too</h2><p class="t2 s11">Of {found.pictures:,} pictures compared with '
        f"{found.training_pictures:,} training pictures, {len(found.exact):,} have the same pixels and "
        f"{len(found.near):,} nearly (perceptual hashes differ in at most {found.threshold} bits)"
        f"{found.shared_words}</p>"
    )
    shown = [*((each, "the same pixels") for each in found.exact),
             *((each, f"{each.distance} bits differ") for each in found.near)][:COPIES]  # fmt: skip
    if shown:
        yield html_table(
            ("Picture", "Class", "Training picture", "Its class", ""), [
                _copy_row(picture_words(answers.name(each.number), record), answers.labels[answers.truth[each.number]],
                          picture_words(each.training, record), each.training_class, words)
                for each, words in shown
            ],
        )  # fmt: skip


def _copy_row(*cells: str) -> Sequence[str]:
    return [escape(name_text(cell)) for cell in cells]

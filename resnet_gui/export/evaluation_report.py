"""The report of an evaluation: one static HTML file, A4, which fetches nothing, runs nothing, and repeats itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.evaluation.mistakes import mistakes
from resnet_gui.export.evaluation import answer_sections, measured_sections, setup_sections
from resnet_gui.export.evaluation.private import data_words, model_words
from resnet_gui.export.evaluation.source import EvaluationSource
from resnet_gui.export.report.parts import head, html_file, sheets

KIND = "Evaluation"


def report_pictures(evaluation: Evaluation) -> tuple[int, ...]:
    """Numbers of the pictures that a report shows: the wrong ones that the network was surest of."""
    return tuple(mistakes(evaluation.answers, "confidence")[: answer_sections.GALLERY].tolist())


def evaluation_report(source: EvaluationSource, pictures: Mapping[int, bytes], written: str) -> str:
    """The report of an evaluation as the text of an HTML file; no path of this computer stands in it.

    Depth and robustness are in it as far as they were measured.

    Args:
        source: the evaluation with what was measured beside it.
        pictures: PNG of ``report_pictures`` by number; without any there is a table in their place.
        written: date and time, as the report shows it.

    Raises:
        InputError: the other model has seen none of the pictures, or a file of the evaluation is damaged.
    """
    pages = [page for page in map(list, _pages(source, pictures, written)) if page]
    title = f"{model_words(source.record)} on {data_words(source.record)}, evaluation, ResNet Explorer"
    return html_file(title, sheets(pages, KIND, written))


def _pages(source: EvaluationSource, pictures: Mapping[int, bytes], written: str) -> Iterator[Iterable[str]]:
    """The parts of each sheet; a sheet for which nothing was measured is empty."""
    yield [
        *_head(source, written), *answer_sections.tiles(source), *answer_sections.matrix(source),
    ]  # fmt: skip
    yield [*answer_sections.classes(source), *answer_sections.calibration(source)]
    yield [*answer_sections.wrong_pictures(source, pictures), *answer_sections.label_errors(source)]
    yield [*measured_sections.comparison(source), *measured_sections.depth(source)]
    yield [*measured_sections.robustness(source), *measured_sections.copies(source)]
    yield [
        *setup_sections.setup(source), *setup_sections.left_out(source), *setup_sections.versions(source),
        *setup_sections.repeat(source), *setup_sections.limits(),
    ]  # fmt: skip


def _head(source: EvaluationSource, written: str) -> Iterator[str]:
    record = source.record
    about = f"{record.pictures:,} pictures, {len(record.labels):,} classes"
    about += f", beside {source.other_name}" if source.other is not None else ""
    about += f"; measured {setup_sections.measured_text(record)}; written {written}"
    yield head(KIND, f"{model_words(record)} on {data_words(record)}")
    yield f'<p class="t2 s11">{escape(about)}</p>{answer_sections.answer_words(source)}'

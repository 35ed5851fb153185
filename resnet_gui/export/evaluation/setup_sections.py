"""The sections of the report that say what was measured on what, what was left out, and how it is measured again."""

from __future__ import annotations

import platform
import shlex
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from html import escape
from importlib import metadata
from typing import Any, Final

from resnet_gui import __version__
from resnet_gui.data.layouts.description import name_text
from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.export.evaluation.command import repeat_command
from resnet_gui.export.evaluation.private import data_words, model_words, picture_words, sentence_words
from resnet_gui.export.evaluation.source import EvaluationSource, is_public_data, is_public_model
from resnet_gui.export.report.parts import html_table, moment_text

MOST_CLASSES: Final = 30
"""Classes whose matching is listed."""

MOST_LEFT_OUT: Final = 8
"""Pictures that were left out and are named; the others are counted by reason."""

REPORT_NAME: Final = "REPORT.html"

MAPPED: Final = {
    "name": "by name",
    "place": "by place, as the network names none",
    "wnid": "by WordNet number",
    "user": "as the user said",
}
"""How classes were matched -> in words."""

LIMITS: Final = (
    "Intervals are for drawing other pictures of the same kind; they say nothing about pictures of another kind, nor "
    "about training the network anew.",
    "Where the network was chosen by its accuracy on these pictures, or has learnt from some of them, it is better "
    "here than elsewhere.",
)
SOURCES: Final = (
    "E. B. Wilson, “Probable inference, the law of succession, and statistical inference”, 1927 (intervals). C. Guo, "
    "G. Pleiss, Y. Sun, K. Q. Weinberger, “On Calibration of Modern Neural Networks”, 2017 (reliability, "
    "temperature). C. G. Northcutt, L. Jiang, I. L. Chuang, “Confident Learning”, 2021 (label errors)."
)


def setup(source: EvaluationSource) -> Iterator[str]:
    """The model, the pictures, how classes were matched, and how it was computed."""
    record = source.record
    yield "<h2>Model and pictures</h2>"
    rows = [("Model", escape(_model(record)))]
    if source.other is not None:
        rows.append(("Beside it", escape(_model(source.other.record))))
    rows += [("Pictures", escape(_pictures(record))), ("Classes", escape(_classes(record)))]
    rows.append(("Computed", escape(f"{record.computed}, {record.device}; {_options(record.asked)}".rstrip("; "))))
    if record.undetermined:
        rows.append(("The file leaves open", escape(", ".join(record.undetermined))))
    rows += [("To know first", escape(sentence_words(each, record))) for each in dict.fromkeys(record.notices)]
    yield html_table(("", ""), rows)


def measured_text(record: EvaluationRecord) -> str:
    """When it was measured, as a report shows it."""
    try:
        return moment_text(datetime.fromisoformat(record.measured))
    except ValueError:
        return record.measured or "–"


def _model(record: EvaluationRecord) -> str:
    model = record.model
    parts = [model_words(record)]
    if model.weights:
        parts.append(
            f"{model.weights} weights of a run" + (f", epoch {model.epoch}" if model.epoch is not None else "")
        )
    if model.key:
        parts.append(f"key {model.key}")
    digits = f"; SHA-256 of the weights {model.weights_sha256[:16]}…" if model.weights_sha256 else ""
    return f"{', '.join(parts)}; {len(record.labels):,} classes{digits}"


def _pictures(record: EvaluationRecord) -> str:
    words = f"{data_words(record)}: {record.pictures:,} counted"
    if record.description is not None:
        words += f", {len(record.data_classes):,} classes by {record.description.labels}"
        where = [part.where for part in record.description.parts if part.where]
        words += f"; {sentence_words(where[-1], record)}" if where else ""
    return f"{words}; SHA-256 {record.data_sha[:16]}…"


def _classes(record: EvaluationRecord) -> str:
    pairs = [
        (name_text(name), name_text(record.labels[number]) if number >= 0 else "not counted")
        for name, number in zip(record.data_classes, record.mapping, strict=True)
    ]
    changed = [f"{name} → {label}" for name, label in pairs if name != label]
    words = f"matched {MAPPED[record.mapped_by]}"
    if not changed:
        return words
    more = f", … {len(changed) - MOST_CLASSES:,} more" if len(changed) > MOST_CLASSES else ""
    return f"{words}: {', '.join(changed[:MOST_CLASSES])}{more}"


def _options(asked: dict[str, Any]) -> str:
    """What was asked for otherwise than usual, in words."""
    changes = asked.get("changes") or {}
    parts = [
        "ten crops" if asked.get("views") == 10 else "",
        f"input {'×'.join(map(str, asked['input']))}" if asked.get("input") else "",
        f"resized to {changes['resize']} px" if changes.get("resize") is not None else "",
        "own mean and deviation" if changes.get("mean") or changes.get("std") else "",
        f"blocks {', '.join(asked['lesions'])} turned off" if asked.get("lesions") else "",
    ]
    return ", ".join(filter(None, parts))


def left_out(source: EvaluationSource) -> Iterator[str]:
    """What was not counted, and why."""
    record = source.record
    yield "<h2>Left out</h2>"
    found = record.left_out
    reasons = [sentence_words(each.reason.replace(each.path, "it"), record) for each in found]
    rows = [
        (escape(picture_words(each.path, record)), escape(reason))
        for each, reason in zip(found[:MOST_LEFT_OUT], reasons, strict=False)
    ]
    rest = Counter(reasons[MOST_LEFT_OUT:])
    rows += [(f"{count:,} more", escape(reason)) for reason, count in rest.most_common(MOST_LEFT_OUT)]
    groups = record.description.left_out if record.description is not None else ()
    rows += [(f"{each.count:,} found", escape(sentence_words(each.why, record))) for each in groups[:MOST_LEFT_OUT]]
    yield html_table(("What", "Why"), rows) if rows else "<p>Nothing: every picture was counted.</p>"


def versions(source: EvaluationSource) -> Iterator[str]:
    """What computed it, and when."""
    record = source.record
    libraries = f"Python {platform.python_version()}, torch {metadata.version('torch')}"
    yield "<h2>Versions and machine</h2>"
    rows = [
        ("ResNet Explorer", f"{escape(record.program)}; report by {escape(__version__)}"),
        ("Measured", escape(measured_text(record))),
        ("System", escape(f"{platform.system()} {platform.machine()}, {libraries}")),
    ]
    yield html_table(("", ""), rows)


def repeat(source: EvaluationSource) -> Iterator[str]:
    """The command that measures the same and writes this report again."""
    found = repeat_command(source, private=True, report=REPORT_NAME)
    names = dict.fromkeys((*found.own, REPORT_NAME))
    own = f" {', '.join(names)} {'stand' if len(names) > 1 else 'stands'} for files of your own: put their names there."
    lacking = f" The command line has no option for {', '.join(found.lacking)}." if found.lacking else ""
    data, model = is_public_data(source.record.data), is_public_model(source.record.model.path)
    sums = "" if data and model else " Whether they are the same ones, the digests above say."
    # No break of a line within a word: "--" alone at the end of one is no option.
    words = " ".join(f"<span>{escape(shlex.quote(word))}</span>" for word in found.words)
    yield (
        f"<h2>Measure it again</h2><p>This command measures everything in this report again and writes it to "
        f"<code>{REPORT_NAME}</code>.{escape(own + sums + lacking)}</p><pre>{words}</pre>"
    )


def limits() -> Iterator[str]:
    """What the figures do not show, and whose they are."""
    yield "<h2>What this does not show</h2>" + "".join(f"<p>{escape(sentence)}</p>" for sentence in LIMITS)
    yield f"<h2>Sources</h2><p>{escape(SOURCES)}</p>"

"""What a test of a network has found: the document, the lines for people, and the table of wrong answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

import msgspec

from resnet_gui.data.layouts.description import DataDescription, name_text, quoted

SHOWN: Final = 20
"""Classes that are printed: of more, those that are answered worst."""

CONFUSED: Final = 3
"""Wrong answers that are named beside a class."""


class WrongAnswer(msgspec.Struct, frozen=True):
    """A test picture that was not answered rightly: its true class, and the answer with its probability."""

    image: str
    label: str
    answer: str
    probability: float


class ClassResult(msgspec.Struct, frozen=True):
    """The result of a class: how many pictures of it there were, how many were answered rightly, and their share."""

    label: str
    pictures: int
    correct: int
    accuracy: float


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """The document that ``evaluate --json`` prints; accuracies are fractions of the pictures that could be read.

    Attributes:
        labels: the network's classes.
        classes: results of each class that the data has.
        confusion: pictures by true class (rows) and answer (columns), both in the order of ``labels``.
        wrong: every picture that was not answered rightly.
        notices: what one should know first about the network.
        undetermined: what its file leaves open and what was taken, each as ``field=value``.
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
    description: DataDescription
    labels: tuple[str, ...]
    classes: tuple[ClassResult, ...]
    confusion: tuple[tuple[int, ...], ...]
    wrong: tuple[WrongAnswer, ...]
    notices: tuple[str, ...] = ()
    undetermined: tuple[str, ...] = ()


def class_lines(found: TestResult) -> list[str]:
    """A line for each class with what it is taken for; of many classes, for those that are answered worst."""
    places = {label: number for number, label in enumerate(found.labels)}
    classes = list(found.classes)
    many = len(classes) > SHOWN
    if many:
        classes = sorted(classes, key=lambda each: each.accuracy)[:SHOWN]
    width = max(len(name_text(each.label)) for each in classes)
    lines = [f"the {SHOWN} of {len(found.classes):,} classes that are answered worst:"] if many else []
    for each in classes:
        row = found.confusion[places[each.label]]
        others = sorted((-count, label) for count, label in zip(row, found.labels, strict=True) if count)
        taken = [f"{quoted(label)} {-count:,}" for count, label in others if label != each.label]
        worst = ", ".join(taken[:CONFUSED])
        lines.append(
            f"  {name_text(each.label):{width}}  {each.correct:,} of {each.pictures:,} right, {each.accuracy:.1%}"
            + (f"; taken for {worst}" if worst else "")
        )
    return lines


def wrong_csv(wrong: Sequence[WrongAnswer]) -> str:
    """One row a picture that was not answered rightly."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["image", "label", "answer", "probability"])
    for each in wrong:
        writer.writerow([each.image, each.label, each.answer, f"{each.probability:.6f}"])
    return out.getvalue()

"""What a data set holds, in words and figures that a person can check before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from resnet_gui.base.text import printable, readable

PartName = Literal["training", "validation", "test"]

IMBALANCE: Final = 10
"""A class with so many times the pictures of another is told."""

SHOWN: Final = 12
"""Classes that a text names one by one."""


NAMED: Final = 5
"""Names that are told of what was left out."""


class ClassCount(msgspec.Struct, frozen=True):
    """A class and how many pictures of it each part has."""

    name: str
    training: int
    validation: int = 0
    test: int = 0


class PartSource(msgspec.Struct, frozen=True):
    """A part of a data set: how many pictures, where they are from (empty: the folder itself), and what for."""

    part: PartName
    pictures: int
    where: str
    use: str = ""


class LeftOut(msgspec.Struct, frozen=True):
    """A group of things that were found and not used.

    Attributes:
        why: they were not; words that follow their number.
        count: of them.
        names: of the first few, or each of several kinds with its number.
        named: how many of them the names stand for; 0 where each name is one.
    """

    why: str
    count: int
    names: tuple[str, ...] = ()
    named: int = 0

    @property
    def more(self) -> int:
        """How many the names leave out."""
        return max(0, self.count - (self.named or len(self.names))) if self.names else 0


class CopiedPicture(msgspec.Struct, frozen=True):
    """A training picture that is left out, for it is held out too: its path, that of its copy, and the copy's part."""

    training: str
    held_out: str
    part: PartName


class LabelContradiction(msgspec.Struct, frozen=True):
    """One picture that stands under two classes: two files of the same bytes, and the class of each."""

    first: str
    first_class: str
    second: str
    second_class: str


class DataDescription(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a data set by the names of its files; no picture has been opened.

    Attributes:
        name: of the data set.
        labels: what tells the class of a picture, such as "folder names" or the name of a table.
        classes: in the order of the network's outputs.
        parts: where training, validation and test pictures are from.
        left_out: what else was found.
        notes: what deserves a look, a sentence each.
        copies: training pictures that are left out because they are held out too; of many, the first.
        contradictions: pictures that stand under two classes, wherever the files are; of many, the first.
        contradicted: how many such pictures there are.
    """

    name: str
    labels: str
    classes: tuple[ClassCount, ...]
    parts: tuple[PartSource, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    copies: tuple[CopiedPicture, ...] = ()
    contradictions: tuple[LabelContradiction, ...] = ()
    contradicted: int = 0

    @property
    def selection(self) -> PartName:
        """The part that the weights are selected on."""
        return "validation" if any(part.part == "validation" for part in self.parts) else "test"


def imbalance(classes: Sequence[ClassCount]) -> str:
    """A sentence if a class has many times the training pictures of another, else empty."""
    counted = [each for each in classes if each.training]
    if not counted:
        return ""
    least, most = min(counted, key=lambda each: each.training), max(counted, key=lambda each: each.training)
    if most.training < IMBALANCE * least.training:
        return ""
    return (
        f"The classes are unequal: '{name_text(most.name)}' has {most.training:,} training pictures, "
        f"'{name_text(least.name)}' {least.training:,}."
    )


def name_text(name: str) -> str:
    """A name of the user's on one line, whatever it holds; longer ones end in an ellipsis."""
    plain = printable(readable(name))
    return plain if len(plain) <= 60 else f"{plain[:59]}…"


def quoted(name: str) -> str:
    """``name_text``, in quotes where a blank or a comma would run into what stands beside it."""
    plain = name_text(name)
    return f"'{plain}'" if any(letter in " ,;:'" for letter in plain) else plain


def many(count: int, what: str) -> str:
    """``1 picture``, ``2 pictures``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def class_count(description: DataDescription) -> str:
    """``1 class``, ``2 classes``."""
    count = len(description.classes)
    return "1 class" if count == 1 else f"{count:,} classes"


def class_line(description: DataDescription, shown: int = SHOWN) -> str:
    """The classes with their counts; of many, the first few and the extremes."""

    def total(each: ClassCount) -> int:
        return each.training + each.validation + each.test

    classes = description.classes
    if len(classes) <= shown:
        return ", ".join(f"{quoted(each.name)} {total(each):,}" for each in classes)
    counts = [total(each) for each in classes]
    few = ", ".join(f"{quoted(each.name)} {total(each):,}" for each in classes[: shown // 2])
    least, most = min(counts), max(counts)
    each = many(least, "picture") if least == most else f"{least:,} to {many(most, 'picture')}"
    return f"{few}, … {len(classes) - shown // 2:,} more, {each} each"


def left_out_line(description: DataDescription) -> str:
    """What was left out, in one line; empty for nothing."""
    found = []
    for each in description.left_out:
        names = ", ".join(map(name_text, each.names)) + (", …" if NAMED == len(each.names) < each.count else "")
        found.append(f"{each.count:,} {each.why}" + (f" ({names})" if each.names else ""))
    return "; ".join(found)


def contradiction_text(each: LabelContradiction) -> str:
    """``a/x.png ('a') = b/y.png ('b')``."""
    return " = ".join(
        f"{name_text(path)} ('{name_text(name)}')"
        for path, name in ((each.first, each.first_class), (each.second, each.second_class))
    )


def contradiction_line(description: DataDescription) -> str:
    """The pictures that stand under two classes, in one line; empty for none."""
    count = description.contradicted
    if not count:
        return ""
    names = ", ".join(map(contradiction_text, description.contradictions[:NAMED]))
    more = ", …" if count > NAMED else ""
    stand = "picture stands" if count == 1 else "pictures stand"
    return f"{count:,} {stand} under two classes, byte for byte the same ({names}{more}); correct the labels"


def description_lines(description: DataDescription) -> list[str]:
    """The whole description, a line for each subject."""
    classes = f"{class_count(description)} by {description.labels}"
    lines = [f"{name_text(description.name)}: {classes}: {class_line(description)}"]
    for part in description.parts:
        use = f" ({part.use})" if part.use else ""
        where = f", {part.where}" if part.where else ""
        lines.append(f"  {part.part}: {many(part.pictures, 'picture')}{where}{use}")
    if description.left_out:
        lines.append(f"  left out: {left_out_line(description)}")
    if description.contradicted:
        lines.append(f"  contradicting labels: {contradiction_line(description)}")
    lines.extend(f"  note: {note}" for note in description.notes)
    return list(map(printable, lines))


def summary_line(description: DataDescription) -> str:
    """The description in one line: ``5 classes, 612 pictures: 489 to train, 123 to validate; 4 left out``."""
    held = "to validate" if description.selection == "test" else "to test"
    words = {"training": "to train", "validation": "to validate", "test": held}
    counts = [sum(getattr(each, part) for each in description.classes) for part in words]
    parts = ", ".join(f"{count:,} {to}" for count, to in zip(counts, words.values(), strict=True) if count)
    left = sum(group.count for group in description.left_out)
    more = f"; {left:,} left out" if left else ""
    return f"{class_count(description)}, {many(sum(counts), 'picture')}: {parts}{more}"

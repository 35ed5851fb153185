"""What a description says of pictures that are there twice: held out too, or under two classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from resnet_gui.data.layouts.description import (
    NAMED,
    CopiedPicture,
    DataDescription,
    LabelContradiction,
    LeftOut,
    imbalance,
    many,
    name_text,
)

SHOWN: Final = 20
"""Copies, and contradictions, that a description names."""


def describe_contradictions(
    description: DataDescription, contradictions: Sequence[LabelContradiction]
) -> DataDescription:
    """The description of a data set in which these pictures stand under two classes."""
    return msgspec.structs.replace(
        description, contradictions=tuple(contradictions[:SHOWN]), contradicted=len(contradictions)
    )


def describe_copies(
    description: DataDescription,
    copies: Sequence[CopiedPicture],
    others: Sequence[CopiedPicture],
    counts: Mapping[int, int],
    whole: Sequence[int],
) -> DataDescription:
    """The description of a data set whose copies across the parts are left out of training.

    Args:
        description: before that.
        copies: that are left out, of held-out pictures of their class.
        others: that are left out too, of held-out pictures of another class.
        counts: how many of each class, by its number.
        whole: numbers of the classes that would have no training picture left, and keep theirs.
    """
    classes = tuple(
        msgspec.structs.replace(each, training=each.training - counts.get(number, 0))
        for number, each in enumerate(description.classes)
    )
    out = len(copies) + len(others)
    parts = tuple(
        msgspec.structs.replace(part, pictures=part.pictures - out) if part.part == "training" else part
        for part in description.parts
    )
    left_out = (
        *_left_out(("copy of a held-out picture", "copies of held-out pictures"), ", which would flatter", copies),
        *_left_out(("held-out picture", "held-out pictures"), " under another class", others),
        *description.left_out,
    )
    before, after = imbalance(description.classes), imbalance(classes)
    notes = [note for note in description.notes if note != before]
    notes.extend(
        f"All {many(classes[number].training, 'training picture')} of '{name_text(classes[number].name)}' are held out "
        "too, and are kept: what is counted of this class flatters."
        for number in whole
    )
    return msgspec.structs.replace(
        description, classes=classes, parts=parts, left_out=left_out, copies=tuple(copies[:SHOWN]),
        notes=(*notes, *filter(None, (after,))),
    )  # fmt: skip


def _left_out(what: tuple[str, str], why: str, copies: Sequence[CopiedPicture]) -> Iterable[LeftOut]:
    """A group for the copies, called ``what`` if there is one and if there are several; none for none."""
    if copies:
        names = tuple(f"{each.training} = {each.held_out}" for each in copies[:NAMED])
        yield LeftOut(f"{what[len(copies) > 1]}{why}", len(copies), names)

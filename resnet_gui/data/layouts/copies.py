"""What a description says of training pictures that are held out too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from resnet_gui.data.layouts.description import (
    NAMED,
    CopiedPicture,
    DataDescription,
    LeftOut,
    imbalance,
    many,
    name_text,
)

SHOWN: Final = 20
"""Copies that a description names."""


def describe_copies(
    description: DataDescription, copies: Sequence[CopiedPicture], counts: Mapping[int, int], whole: Sequence[int]
) -> DataDescription:
    """The description of a data set whose copies across the parts are left out of training.

    Args:
        description: before that.
        copies: that are left out.
        counts: how many of each class, by its number.
        whole: numbers of the classes that would have no training picture left, and keep theirs.
    """
    classes = tuple(
        msgspec.structs.replace(each, training=each.training - counts.get(number, 0))
        for number, each in enumerate(description.classes)
    )
    parts = tuple(
        msgspec.structs.replace(part, pictures=part.pictures - len(copies)) if part.part == "training" else part
        for part in description.parts
    )
    left_out = description.left_out
    if copies:
        why = (
            "copy of a held-out picture, which would flatter"
            if len(copies) == 1
            else "copies of held-out pictures, which would flatter"
        )
        names = tuple(f"{each.training} = {each.held_out}" for each in copies[:NAMED])
        left_out = (LeftOut(why, len(copies), names), *left_out)
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

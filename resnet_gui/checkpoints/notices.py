"""What whoever uses weights should know first: where their reading is in doubt, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from resnet_gui.checkpoints.heads import reads_several
from resnet_gui.checkpoints.search import Reading
from resnet_gui.design.choices import HEADS, NORMS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.undetermined import norms_without_statistics


def find_notices(reading: Reading, spec: ResNetSpec) -> tuple[str, ...]:
    """The doubts about a reading that was taken as a design, the gravest first."""
    return tuple(_notices(reading, spec))


def _notices(reading: Reading, spec: ResNetSpec) -> Iterator[str]:
    blocks = reading.parsed.blocks
    if not any(block.projects for block in blocks) and spec.adds and reading.disagreeing:
        yield (
            "Neither tensors nor names show a shortcut: it may be a plain network (shortcut none), and then its "
            "answers here are wrong."
        )
    elif reading.disagreeing and reading.contained:
        yield (
            f"{reading.disagreeing} of its {len(blocks)} blocks are none by their names; they were read by shapes, and "
            "if the names are right, the answers here are wrong."
        )
    if unsaved := norms_without_statistics(spec):
        yield (
            f"Its norms have no running statistics: {NORMS[spec.norm].title} was taken; if it was trained with "
            f"{' or '.join(unsaved)}, they were not saved (as named_parameters() leaves them out), and the answers "
            "here are wrong: save the whole state_dict."
        )
    if not HEADS[spec.head].pools:
        area = reading.parsed.head[0].shape[1] // blocks[-1].out
        if reads_several(area):
            yield (
                f"Its head reads {_times(area)} the {blocks[-1].out:,} channels of the last map: a flattened map was "
                "taken; if poolings or pictures are joined there (concatenated), the answers here are wrong."
            )


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"

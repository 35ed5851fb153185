"""What whoever uses weights should know first: where their reading is in doubt, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from resnet_gui.checkpoints.heads import named, reads_several
from resnet_gui.checkpoints.search import Reading
from resnet_gui.checkpoints.tensor_layers import tensor_text
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import CONVOLUTIONS, HEADS, NORMS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.undetermined import norms_without_statistics


def find_notices(
    reading: Reading, spec: ResNetSpec, shapes: Mapping[str, Shape], beside: Collection[str]
) -> tuple[str, ...]:
    """The doubts about a reading that was taken as a design, the gravest first.

    Args:
        reading: of a file.
        spec: the design.
        shapes: name -> shape of all tensors of the file.
        beside: names of those that no layer of the design has.
    """
    return (*_of_body(reading, spec), *_of_head(reading, spec, shapes, beside))


def _of_body(reading: Reading, spec: ResNetSpec) -> Iterator[str]:
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
    unsaved = norms_without_statistics(spec)
    # Whose weights are standardised has norms of groups (BiT), and nothing is missing.
    if unsaved and not CONVOLUTIONS[spec.convolution].standardises:
        yield (
            f"Its norms have no running statistics: {NORMS[spec.norm].title} was taken; if it was trained with "
            f"{' or '.join(unsaved)}, they were not saved (as named_parameters() leaves them out), and the answers "
            "here are wrong: save the whole state_dict."
        )


def _of_head(reading: Reading, spec: ResNetSpec, shapes: Mapping[str, Shape], beside: Collection[str]) -> Iterator[str]:
    head, channels = reading.parsed.head, reading.parsed.blocks[-1].out
    for name in beside if not (head or reading.headless) else ():
        if len(shapes[name]) == 2 and channels in shapes[name]:
            yield f"Tensor '{name}' ({tensor_text(shapes[name])}) was left out; it may be the head that is missing."
    for layer in head[1:]:
        # fc1 and fc2, or 0 and 2 of a row, follow each other.
        counted = head[0].path[-1].isdecimal() and layer.path[-1].isdecimal()
        if layer.shape[1] == head[0].shape[1] and not counted:
            yield (
                f"Of its head {named(head[0])} and {named(layer)} both fit the last map; if they are two heads and not "
                "one behind the other, the answers here are wrong."
            )
    if not HEADS[spec.head].pools:
        area = head[0].shape[1] // channels
        if reads_several(area):
            yield (
                f"Its head reads {_times(area)} the {channels:,} channels of the last map: a flattened map was taken; "
                "if poolings or pictures are joined there (concatenated), the answers here are wrong."
            )


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"

"""The search for the reading of a file's layers that fits: by shapes, and among several by names."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.checkpoints.block_names import BlockNames
from resnet_gui.checkpoints.grammar import (
    BlockFound,
    Grammar,
    ParsedCheckpoint,
    ParseFailure,
    grammars,
    has_stem,
    parse,
)
from resnet_gui.checkpoints.heads import HeadFault, head_fault, head_starts, named
from resnet_gui.checkpoints.stems import StemForm
from resnet_gui.checkpoints.tensor_layers import ForeignTensorError, FoundLayer, LayerOrder, orders
from resnet_gui.design.choices import BLOCKS
from resnet_gui.design.spec import ResNetSpec

BODY_ALONE: Final = "--set head=none"
"""What the user says to read the body of a network whose head no design has."""

MakeSpec = Callable[[ParsedCheckpoint], ResNetSpec]
"""Concludes from the roles of layers to a design, or raises an InputError where none has them."""


class Reading(NamedTuple):
    """A reading of a file's layers that fits.

    Attributes:
        parsed: the layers by role.
        spec: the design.
        disagreeing: how many of its blocks names do not put together.
        contained: whether names have containers, so that they could.
        headless: whether the head was left out as somebody asked for.
    """

    parsed: ParsedCheckpoint
    spec: ResNetSpec
    disagreeing: int
    contained: bool
    headless: bool = False


def misfit(layer: FoundLayer) -> ForeignTensorError:
    """The refusal of a layer that is none of a residual network's where it stands."""
    return ForeignTensorError(
        layer.tensors["weight"],
        f"{named(layer)} cannot belong to a residual network of basic or bottleneck blocks where it stands",
    )


def pruned(block: BlockFound) -> ForeignTensorError:
    """The refusal of a block whose inner width is not what its stage's is, as pruning leaves it."""
    narrow = block.layers["conv1"]
    return ForeignTensorError(
        narrow.tensors["weight"],
        "it is pruned: its blocks are of unequal width, which those of a design's stage are not; "
        f"{named(narrow)} puts out {narrow.out:,} channels inside a block of {block.out:,}",
    )


def grouped(block: BlockFound) -> ForeignTensorError:
    """The refusal of a block whose first convolution is cut into groups, as some ResNeXt are."""
    first = block.layers["conv1"]
    return ForeignTensorError(
        first.tensors["weight"],
        "its 1×1 convolutions are grouped, which those of a design are not; "
        f"{named(first)} reads {first.shape[1]:,} of {block.inputs:,} channels",
    )


def narrowed(block: BlockFound) -> ForeignTensorError:
    """The refusal of a bottleneck whose first convolution is of a width that no design gives it."""
    first, second = block.layers["conv1"], block.layers["conv2"]
    return ForeignTensorError(
        first.tensors["weight"],
        "the first convolutions of its bottlenecks are neither as wide as the second ones nor half as wide, as those "
        f"of a design are; {named(first)} puts out {first.out:,} channels, {named(second)} {second.out:,}",
    )


def _refuse_odd(parsed: ParsedCheckpoint) -> None:
    """Refuse the first block that no design has, by what is odd about it.

    Raises:
        ForeignTensorError: there is one.
    """
    expansion = BLOCKS[parsed.grammar.block].expansion
    first = {block.layers["conv1"].out / block.inner for block in parsed.blocks}
    known = {1 / choice.divisor for choice in BLOCKS.values()}
    if BLOCKS[parsed.grammar.block].grouped and len(first) == 1 and first.isdisjoint(known):
        raise narrowed(parsed.blocks[0])
    for block in parsed.blocks:
        if block.layers["conv1"].is_grouped(block.inner, block.inputs):
            raise grouped(block)
        if block.inner * expansion != block.out:
            raise pruned(block)


def find_reading(
    layers: list[FoundLayer], make_spec: MakeSpec, body_title: Callable[[ResNetSpec], str], *, headless: bool = False
) -> Reading:
    """The reading of the layers that fits, and among several the one that the names agree with.

    Args:
        layers: of the file.
        make_spec: the design of a reading.
        body_title: what a design without a head is called in a sentence.
        headless: whether the body is read alone, whatever its head is.

    Raises:
        ForeignTensorError: none fits.
        InputError: those that fit are no designs.
    """
    search = _Search(layers, make_spec, headless=headless)
    for row, grammar, end in _attempts(layers):
        if search.settles(row, grammar, end):
            break
    if not search.found:
        search.refuse(layers, body_title)
    return search.result()


def _attempts(layers: list[FoundLayer]) -> Iterator[tuple[LayerOrder, Grammar, int]]:
    """Every way to read the layers; of those that fail at the same stem, and so at the same layer, only the first."""
    for row in orders(layers):
        stems: dict[StemForm, bool] = {}
        ends = head_starts(row)
        for grammar in grammars(row.layers):
            form = grammar.stem_form
            if form not in stems:
                stems[form] = has_stem(row.layers, form)
            elif not stems[form]:
                continue
            yield from ((row, grammar, end) for end in (ends if stems[form] else ends[:1]))


class _Search:
    """A search that keeps the best reading so far, and the layer to name if there is none."""

    def __init__(self, layers: list[FoundLayer], make_spec: MakeSpec, *, headless: bool) -> None:
        self._headless = headless
        self._names = BlockNames(layers)
        self._make_spec = make_spec
        self._best: Reading | None = None
        self._body: tuple[int, ParsedCheckpoint, HeadFault] | None = None
        self._refusal: InputError | None = None
        self._furthest = (-1, 0, 0)
        self._stopped: tuple[LayerOrder, Grammar, float] | None = None
        self._stranger = layers[0]

    @property
    def found(self) -> bool:
        """Whether any reading fits."""
        return self._best is not None

    def settles(self, row: LayerOrder, grammar: Grammar, end: int) -> bool:
        """Try a reading; whether no other can be better.

        It fits, and every block is what the names say that it is; or so does the body, and names place a head that no
        design has.
        """
        if self._has_failed(row, grammar, end):
            return False
        try:
            parsed, against = self._parse(row, grammar, end)
        except ParseFailure as stopped:
            got = self._names.reached(stopped)
            if got > self._furthest:
                self._furthest, self._stranger = got, self._names.culprit(row.layers, stopped)
            return False
        parsed = replace(parsed, head=[]) if self._headless else parsed
        fault = head_fault(parsed.head, parsed.blocks[-1].out)
        if fault is not None:
            if self._body is None or against < self._body[0]:
                self._body = against, parsed, fault
            return row.head is not None and against == 0
        try:
            spec = self._make_spec(parsed)
        except InputError as error:
            # Its shapes fit, but not as a design; another reading may.
            self._refusal = self._refusal or error
            return False
        if self._best is None or against < self._best.disagreeing:
            self._best = Reading(parsed, spec, against, self._names.contained, self._headless)
        return against == 0

    def _parse(self, row: LayerOrder, grammar: Grammar, end: int) -> tuple[ParsedCheckpoint, int]:
        """A reading, and how many of its blocks the names do not put together.

        Raises:
            ParseFailure: a layer does not fit, or the names are against most blocks.
        """
        try:
            parsed = parse(row.layers, grammar, end)
        except ParseFailure as stopped:
            self._stopped = row, grammar, stopped.looked
            raise
        score = self._names.agreeing(parsed.blocks)
        if self._names.contained and 2 * score < len(parsed.blocks):
            # By shapes alone it would do, but by the names each block would take a neighbour's layers.
            raise ParseFailure.behind(parsed.blocks)
        return parsed, len(parsed.blocks) - score

    def _has_failed(self, row: LayerOrder, grammar: Grammar, end: int) -> bool:
        """Whether the last reading failed before it came to where another head begins, and so would this one."""
        if self._stopped is None:
            return False
        last_row, last_grammar, looked = self._stopped
        return looked <= end and last_row is row and last_grammar == grammar

    def refuse(self, layers: list[FoundLayer], body_title: Callable[[ResNetSpec], str]) -> None:
        """Say why nothing fits, if it is the head, a pruning or groups and not a layer of the body.

        Raises:
            InputError: that is why.
        """
        if self._body is not None:
            _, parsed, fault = self._body
            with contextlib.suppress(SpecError):
                title = body_title(self._make_spec(replace(parsed, head=[])))
                raise ForeignTensorError(
                    fault.layer.tensors["weight"],
                    f"its body is {title}, but its head is none that this program has: {fault.sentence}; "
                    f"{BODY_ALONE} reads its body",
                )
        if self._refusal is None and self._names.contained:
            for row, grammar, end in _attempts(layers):
                self._refuse_uneven(row, replace(grammar, uneven=True), end)

    def _refuse_uneven(self, row: LayerOrder, grammar: Grammar, end: int) -> None:
        """Try a reading with blocks of unequal width or grouped 1×1 convolutions.

        Names must put its blocks together: shapes alone say too little.

        Raises:
            ForeignTensorError: it fits.
        """
        if self._has_failed(row, grammar, end):
            return
        with contextlib.suppress(ParseFailure):
            parsed, against = self._parse(row, grammar, end)
            if against == 0:
                _refuse_odd(parsed)

    def result(self) -> Reading:
        """The best reading.

        Raises:
            InputError: there is none.
        """
        if self._best is not None:
            return self._best
        if self._refusal is not None:
            raise self._refusal
        raise misfit(self._stranger)

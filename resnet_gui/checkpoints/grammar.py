"""Reads a row of layers as a residual network: stem, blocks, head, each matched by its shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import permutations, product
from os.path import commonprefix

from resnet_gui.checkpoints.stems import StemForm, distinct_stems
from resnet_gui.checkpoints.tensor_layers import FoundLayer
from resnet_gui.design.choices import BLOCKS, KINDS, PROJECTIONS


@dataclass(frozen=True)
class Grammar:
    """The rules of a reading: what is taken for granted of a row, how many layers of which kind a block has.

    Attributes:
        block: kind of every block.
        preactivated: whether norms stand before the convolutions (full pre-activation).
        stem: choice of the stem, the first of those with these tensors.
        stem_norm: whether a norm follows the stem's last convolution.
        normed: whether there are norms at all.
        projection_norm: whether a norm follows a projection.
        excited: whether blocks end in squeeze-and-excitation.
        gated: whether blocks have a gate.
        projection_kernels: edges that the window of a projection may have.
        uneven: whether a block may have what no design's has: any width inside, any number of channels put out, as
            pruning leaves them; a first convolution of a width that is no design's, or a grouped one.
    """

    block: str
    preactivated: bool
    stem: str
    stem_norm: bool
    normed: bool
    projection_norm: bool
    excited: bool
    gated: bool
    projection_kernels: frozenset[int]
    uneven: bool = False

    @cached_property
    def stem_form(self) -> StemForm:
        """What it takes for granted of the stem."""
        return StemForm(self.stem, self.normed, self.preactivated, self.stem_norm)

    @cached_property
    def windows(self) -> frozenset[int]:
        """Edges that any window of a block may have."""
        return frozenset({1, *self.projection_kernels, *(unit.kernel for unit in BLOCKS[self.block].units)})

    def block_size(self, *, projects: bool) -> int:
        """How many layers a block has, with or without a projection."""
        size = len(BLOCKS[self.block].units) * (2 if self.normed else 1) + 2 * self.excited + self.gated
        return size + (1 + self.projection_norm) * projects


@dataclass(frozen=True)
class BlockFound:
    """A block: channels in, inside and out, groups of its 3×3, and its layers by role."""

    inputs: int
    inner: int
    out: int
    groups: int
    layers: dict[str, FoundLayer]

    @property
    def projects(self) -> bool:
        """Whether the shortcut has a projection."""
        return "projection" in self.layers


@dataclass(frozen=True)
class ParsedCheckpoint:
    """A row read to its end; layers of the stem by our names, the head's in order, none where there is no head."""

    grammar: Grammar
    stem: dict[str, FoundLayer]
    blocks: list[BlockFound]
    last_norm: FoundLayer | None
    head: list[FoundLayer]

    @property
    def stem_convs(self) -> list[FoundLayer]:
        """The stem's convolutions in order."""
        return [layer for layer in self.stem.values() if layer.kind == "conv"]


class ParseFailure(Exception):  # noqa: N818 (it ends a guess and is nobody's error)
    """The row cannot be read on: ``place`` is the first layer that does not fit, behind ``blocks`` that do.

    Attributes:
        looked: how many layers of the row have been looked at; a head that begins behind them changes nothing.
    """

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place
        self.blocks: list[BlockFound] = []
        self.looked: float = math.inf

    @classmethod
    def behind(cls, blocks: list[BlockFound]) -> ParseFailure:
        """A reading that came to its end and yet cannot be."""
        stopped = cls(0)
        stopped.blocks = blocks
        return stopped


def grammars(row: Sequence[FoundLayer]) -> tuple[Grammar, ...]:
    """Every way to read a row that its kinds of layers allow, the commonest first."""
    normed = any(layer.kind == "norm" for layer in row)
    small = any(layer.kind == "linear" or layer.kernel == 1 for layer in row if layer.kind != "norm")
    return _grammars(normed=normed, small=small)


@cache
def _grammars(*, normed: bool, small: bool) -> tuple[Grammar, ...]:
    """Those of rows with or without norms, with or without layers that a gate or squeeze-and-excitation can be.

    Made once: a file of any network is read in hundreds of ways, of which most fail at the stem.
    """
    with_norm, with_small = ((True, False) if normed else (False,)), ((False, True) if small else (False,))
    # Squeeze-and-excitation last: two more layers of any width can be found where a gate and a projection stand.
    kernels = [frozenset(choice.kernels) for choice in PROJECTIONS.values()]
    edges = dict.fromkeys((kernels[0], frozenset[int]().union(*kernels)))
    found = []
    for windows, excited, preactivated, block, stem, stem_norm, projection_norm, gated in product(
        edges, with_small, (False, True) if normed else (False,), BLOCKS, distinct_stems(), with_norm, with_norm,
        with_small,
    ):  # fmt: skip
        if normed and not preactivated and not stem_norm:
            continue
        made = Grammar(
            block, preactivated, stem, stem_norm, normed, projection_norm, excited, gated, projection_kernels=windows
        )
        found.append(made)
    return tuple(found)


def parse(row: Sequence[FoundLayer], grammar: Grammar, end: int) -> ParsedCheckpoint:
    """Read a row up to the head, which begins at ``end`` and is not looked at.

    Raises:
        ParseFailure: a layer does not fit.
    """
    stem, place = _read_stem(row, grammar.stem_form)
    blocks: list[BlockFound] = []
    channels = [layer.out for layer in stem.values() if layer.kind == "conv"][-1]
    last_norm: FoundLayer | None = None
    body, head = row[:end], list(row[end:])
    try:
        while place < end:
            if grammar.preactivated and place == end - 1 and row[place].kind == "norm" and row[place].out == channels:
                last_norm = row[place]
                break
            block, place = _read_block(body, place, channels, grammar)
            blocks.append(block)
            channels = block.out
        if not blocks:
            raise ParseFailure(min(place, len(row) - 1))
    except ParseFailure as stopped:
        stopped.blocks = blocks
        # At most at the block that failed and at the one behind it.
        stopped.looked = place + 2 * grammar.block_size(projects=True)
        raise
    return ParsedCheckpoint(grammar, stem, blocks, last_norm, head)


def has_stem(row: Sequence[FoundLayer], form: StemForm) -> bool:
    """Whether a row begins with a stem of this form."""
    try:
        _read_stem(row, form)
    except ParseFailure:
        return False
    return True


def _read_stem(row: Sequence[FoundLayer], form: StemForm) -> tuple[dict[str, FoundLayer], int]:
    """The stem's layers by our names, and how many they are."""
    planned = form.layers()
    # Sorted names put norms and convolutions in any order; each kind keeps its own.
    taken = row[: len(planned)]
    if len(taken) < len(planned) or taken[0].kind == "linear":
        raise ParseFailure(0)
    convs = [layer for layer in taken if layer.kind == "conv"]
    norms = [layer for layer in taken if layer.kind == "norm"]
    if len(convs) != sum(KINDS[layer.kind].mixes for layer in planned) or len(convs) + len(norms) != len(planned):
        raise ParseFailure(_first_odd(taken))
    found: dict[str, FoundLayer] = {}
    of_kind = {True: iter(convs), False: iter(norms)}
    channels = convs[0].shape[1]
    for layer in planned:
        mine = found[layer.name] = next(of_kind[KINDS[layer.kind].mixes])
        reads = mine.out if mine.kind == "norm" else mine.shape[1]
        if reads != channels or mine.kernel != max(layer.kernel, 1):
            raise ParseFailure(row.index(mine))
        channels = mine.out
    wanted = form.channels(convs[0].shape[1], channels) or [layer.out for layer in convs]
    odd = [layer for layer, out in zip(convs, wanted, strict=True) if layer.out != out]
    if odd:
        # Where all are odd but the last, from which the others follow, it is the last.
        raise ParseFailure(row.index(odd[0] if len(odd) < len(convs) - 1 else convs[-1]))
    return found, len(planned)


def _first_odd(taken: Sequence[FoundLayer]) -> int:
    """The first layer of a stretch that follows one of its own kind, as good a place to point at as any."""
    for number in range(1, len(taken)):
        if taken[number].kind == taken[number - 1].kind:
            return number
    return len(taken) - 1


def _read_block(row: Sequence[FoundLayer], place: int, channels: int, grammar: Grammar) -> tuple[BlockFound, int]:
    """The block that begins at a place, with or without a projection, whichever lets the next one begin."""
    furthest = place
    options: list[tuple[BlockFound, int]] = []
    for projects in (False, True):
        size = grammar.block_size(projects=projects)
        try:
            options.append((_match(row[place : place + size], size, channels, grammar), place + size))
        except ParseFailure as stopped:
            furthest = max(furthest, place + stopped.place)
    if not options:
        raise ParseFailure(min(furthest, len(row) - 1))
    if len(options) == 1:
        return options[0]
    # Both fit. Where the next block can begin behind one only, that one; else the projection belongs to whom its name
    # resembles more, this block or the layer that follows.
    able = [option for option in options if option[1] == len(row) or _begins(row, option[1], option[0].out, grammar)]
    if len(able) != 2 or options[1][1] == len(row):
        return able[0] if len(able) == 1 else options[1]
    block, end = options[1]
    projection = block.layers["projection"].path
    mine, next_one = (
        len(commonprefix([projection, other]))  # noqa: RUF071 (characters are meant)
        for other in (block.layers["conv1"].path, row[end].path)
    )
    return options[1] if mine >= next_one else options[0]


def _begins(row: Sequence[FoundLayer], place: int, channels: int, grammar: Grammar) -> bool:
    if grammar.preactivated and place == len(row) - 1:
        return row[place].kind == "norm"
    for projects in (False, True):
        size = grammar.block_size(projects=projects)
        try:
            _match(row[place : place + size], size, channels, grammar)
        except ParseFailure:
            continue
        return True
    return False


def _match(part: Sequence[FoundLayer], size: int, channels: int, grammar: Grammar) -> BlockFound:
    """Give each layer of a stretch its role in a block.

    Raises:
        ParseFailure: the stretch is no block; ``place`` counts from its start.
    """
    convs = [layer for layer in part if layer.kind != "norm"]
    norms = [layer for layer in part if layer.kind == "norm"]
    block = _match_main(part, convs, channels, grammar)
    rest = [layer for layer in convs if layer not in block.layers.values()]
    projects = size > grammar.block_size(projects=False)
    _match_rest(part, rest, block, grammar, projects=projects)
    if len(part) < size:
        raise ParseFailure(len(part))
    _match_norms(part, norms, block, grammar)
    return block


def _match_main(part: Sequence[FoundLayer], convs: Sequence[FoundLayer], channels: int, grammar: Grammar) -> BlockFound:
    for layer in convs:
        if layer.kernel not in grammar.windows:
            # Only a stem has such a window; what stands behind it may fit by its shapes for a while.
            raise ParseFailure(part.index(layer))
    squares = [layer for layer in convs if layer.kernel == 3]
    more = 3 in grammar.projection_kernels  # The projection may be one of them, behind those of the branch.
    if not BLOCKS[grammar.block].grouped:
        inner = squares[0].out if squares else 0
        for number, layer in enumerate(squares[:2]):
            out = layer.out if grammar.uneven else inner
            if not layer.is_conv(out, channels if number == 0 else inner, 3):
                raise ParseFailure(part.index(layer))
        if not 2 <= len(squares) <= 2 + more:
            raise ParseFailure(part.index(squares[2]) if len(squares) > 2 else len(part) - 1)
        return BlockFound(channels, inner, squares[1].out, 1, {"conv1": squares[0], "conv2": squares[1]})
    if not 1 <= len(squares) <= 1 + more:
        raise ParseFailure(part.index(squares[1]) if squares else len(part) - 1)
    square = squares[0]
    inner, first = square.out, square.out // BLOCKS[grammar.block].units[0].divisor
    if first % square.shape[1] and not grammar.uneven:
        raise ParseFailure(part.index(square))
    middle = convs.index(square)
    before = [
        layer
        for layer in reversed(convs[:middle])
        if layer.is_conv(first, channels, 1) or (grammar.uneven and _is_first(layer, square, channels))
    ]
    after = [layer for layer in convs[middle + 1 :] if layer.kernel == 1 and layer.shape[1] == inner]
    # A linear layer reads no map, so that neither a branch nor a shortcut can be made of one.
    before, after = ([layer for layer in some if layer.kind == "conv"] for some in (before, after))
    if not before:
        raise ParseFailure(part.index(square if middle == 0 else convs[0]))
    after = [layer for layer in after if grammar.uneven or layer.out % BLOCKS[grammar.block].expansion == 0]
    if not after:
        raise ParseFailure(part.index(convs[middle + 1]) if middle + 1 < len(convs) else len(part) - 1)
    layers = {"conv1": before[0], "conv2": square, "conv3": after[0]}
    return BlockFound(channels, inner, after[0].out, max(1, first // square.shape[1]), layers)


def _is_first(layer: FoundLayer, square: FoundLayer, channels: int) -> bool:
    """Whether a 1×1 convolution may stand before a bottleneck's 3×3, grouped or of another width than that one."""
    narrow = layer.is_conv(layer.out, channels, 1) and layer.out % square.shape[1] == 0
    return layer.is_grouped(square.out, channels) or narrow


def _match_rest(
    part: Sequence[FoundLayer],
    rest: Sequence[FoundLayer],
    block: BlockFound,
    grammar: Grammar,
    *,
    projects: bool,
) -> None:
    """Gate, squeeze-and-excitation and projection, in this order if their shapes are the same."""
    roles = ["gate"] * grammar.gated + ["fc1", "fc2"] * grammar.excited + ["projection"] * projects
    if len(rest) != len(roles) or len(rest) > 4:
        raise ParseFailure(part.index(rest[0]) if rest else len(part) - 1)
    for chosen in permutations(rest):
        given = dict(zip(roles, chosen, strict=True))
        if all(_fits(role, given, block, grammar) for role in given):
            block.layers.update(given)
            return
    raise ParseFailure(part.index(rest[0]))


def _fits(role: str, given: dict[str, FoundLayer], block: BlockFound, grammar: Grammar) -> bool:
    layer = given[role]
    match role:
        case "gate":
            return layer.kind == "conv" and layer.bias and layer.is_conv(block.out, block.inputs, 1)
        case "fc1":
            return layer.is_conv(layer.out, block.out, 1)
        case "fc2":
            return layer.is_conv(block.out, given["fc1"].out, 1) and layer.bias == given["fc1"].bias
        case _:
            gate, home = given.get("gate"), block.layers["conv1"].container
            # Two layers in a container of their own are squeeze-and-excitation's, not a gate and a projection.
            together = gate is not None and gate.container == layer.container != home
            return (
                layer.kind == "conv"
                and any(layer.is_conv(block.out, block.inputs, kernel) for kernel in grammar.projection_kernels)
                and not together
            )


def _match_norms(part: Sequence[FoundLayer], norms: list[FoundLayer], block: BlockFound, grammar: Grammar) -> None:
    projection = block.layers.get("projection")
    main = [block.layers[f"conv{number}"] for number in range(1, len(BLOCKS[grammar.block].units) + 1)]
    if projection is not None and grammar.projection_norm and norms:
        mine = _norm_of(part, projection, norms, main)
        if mine.out != block.out:
            raise ParseFailure(part.index(mine))
        block.layers["projection_norm"] = mine
        norms = [norm for norm in norms if norm is not mine]
    if len(norms) != (len(main) if grammar.normed else 0):
        raise ParseFailure(part.index(norms[-1]) if norms else len(part) - 1)
    wanted = [block.inputs, *(layer.out for layer in main)]
    wanted = wanted[:-1] if grammar.preactivated else wanted[1:]
    for number, (norm, channels) in enumerate(zip(norms, wanted, strict=False), start=1):
        if norm.out != channels:
            raise ParseFailure(part.index(norm))
        block.layers[f"norm{number}"] = norm


def _norm_of(
    part: Sequence[FoundLayer], projection: FoundLayer, norms: list[FoundLayer], main: list[FoundLayer]
) -> FoundLayer:
    """The norm behind a projection: in a container of their own, or next in the row, or the last."""
    if projection.container not in {layer.container for layer in main}:
        for norm in norms:
            if norm.container == projection.container:
                return norm
    following = part[part.index(projection) + 1 :]
    return following[0] if following and following[0].kind == "norm" else norms[-1]

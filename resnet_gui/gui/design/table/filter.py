"""The filter of the layer table: which rows the words that somebody types mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from resnet_gui.analysis.costs import BlockMemo, Cost, layer_cost
from resnet_gui.analysis.layer_names import paper_layer_name
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS
from resnet_gui.design.structure import BlockPlan, LayerPlan, first_alike
from resnet_gui.gui.design.table.rows import BlockRows, RowData, TopRows, window_text
from resnet_gui.gui.kit.format import shape


class BlockHits(NamedTuple):
    """The part of a block, the stem or the head that a filter leaves.

    Attributes:
        shown: whether its row stays.
        layers: numbers of the layers that stay below it.
    """

    shown: bool
    layers: Sequence[int]


class RowHits(NamedTuple):
    """The part of a row of the first level that a filter leaves.

    Attributes:
        shown: whether the row stays.
        layers: numbers of the layers that stay right below it.
        blocks: of a stage, what stays of each of its blocks.
    """

    shown: bool
    layers: Sequence[int] = ()
    blocks: Sequence[BlockHits] = ()

    def same_rows(self, other: RowHits) -> bool:
        """Whether as many rows stay in the same places, whatever they show."""
        if (self.shown, len(self.layers), len(self.blocks)) != (other.shown, len(other.layers), len(other.blocks)):
            return False
        return all(
            mine is its or (mine.shown == its.shown and len(mine.layers) == len(its.layers))
            for mine, its in zip(self.blocks, other.blocks, strict=True)
        )


class FilterMatches(NamedTuple):
    """The layers that a filter leaves, and what they cost together."""

    layers: int
    cost: Cost


class _LayerWords(NamedTuple):
    """The words of a layer that a filter looks at, but for the path of the block that it stands in."""

    name: str
    torch_name: str
    head: str
    tail: str


class Filter:
    """A filter of rows by words of their name, path, kind, shapes or window, such as ``3x3``, ``bn``, ``28x28``.

    A whole word may also be one of ``owners`` of the stage and the block above a row: ``conv3_x 3x3``, ``bottleneck``.
    Letters' case, hyphens and the sign for "times" do not matter; spaces around that sign neither. What is the row's
    own name means everything in it.

    Equal blocks are looked at once, unless the words may mean one of them.
    """

    def __init__(self, text: str) -> None:
        self._name = joined = _plain(text).strip()
        for spaced in (" x ", " x", "x "):
            # "28 x 28" is one word, but "max pool" stays two.
            head, _, tail = joined.partition(spaced)
            while tail and head[-1:].isdecimal() and tail[:1].isdecimal():
                joined = f"{head}x{tail}"
                head, _, tail = joined.partition(spaced)
        self._words = joined.split()
        # The figures of each word that may mean one of several equal blocks.
        self._numbered = [re.findall(r"\d+", word) for word in self._words if _may_number(word)]

    def sift(self, row: RowData, blocks: BlockRows) -> RowHits:
        """What is left of a row of the first level and of what stands below it."""
        if row.group is not None:
            return RowHits(*self._in_block(row, row.group, frozenset()))
        if self._means(row):
            return RowHits(True, (), tuple(map(_everything, blocks.blocks)))
        above = owners(row)
        found: list[BlockHits] = []
        known: dict[int, BlockHits] = {}
        for number, block in enumerate(blocks.blocks):
            # The words of a layer say nothing of the probability that it is dropped with.
            first = first_alike(block)
            if self._numbered and self._may_mean(row, number, first):
                found.append(self._in_block(blocks[number], block, above))
                continue
            hits = known.get(id(first))
            if hits is None:
                hits = known[id(first)] = self._in_block(blocks[number], block, above)
            found.append(hits)
        shown = any(hits.shown for hits in (found if self._numbered else known.values()))
        return RowHits(shown or self._matches(haystack(row), frozenset()), (), tuple(found))

    def _may_mean(self, stage: RowData, number: int, block: BlockPlan) -> bool:
        """Whether a word may be found in the number of a block: then all its figures stand there or beside it."""
        counted = f"{number} {number + 1}"
        beside = f"{stage.name} {stage.path} {_figures_of(block)} {counted}"
        return any(
            any(figures in counted for figures in each) and all(figures in beside for figures in each)
            for each in self._numbered
        )

    def _in_block(self, row: RowData, block: BlockPlan, above: frozenset[str]) -> BlockHits:
        if self._means(row):
            return _everything(block)
        below = above | owners(row)
        prefix = row.location.prefix if row.location is not None else ""
        layers = tuple(
            number
            for number, words in enumerate(_words_of(block))
            if self._matches(f"{words.head}{prefix}{words.tail}", below) or self._means_layer(words, prefix)
        )
        return BlockHits(bool(layers) or self._matches(haystack(row), above), layers)

    def _matches(self, own: str, above: frozenset[str]) -> bool:
        """Whether a row is found; ``above`` are the owners of the stage and the block that it stands in."""
        return above.issuperset([word for word in self._words if word not in own])

    def _means(self, row: RowData) -> bool:
        """Whether the text is the row's own name, so that the filter means everything in it."""
        return self._name in _names(row) or self._name == row.torch_name.casefold()

    def _means_layer(self, words: _LayerWords, prefix: str) -> bool:
        return self._name in {words.name, words.torch_name, f"{prefix}{_plain(words.torch_name)}"}


def found_in(top: TopRows, hits: Sequence[RowHits]) -> FilterMatches:
    """How many layers a filter leaves, and what they cost together."""
    counts: Counter[tuple[int, int]] = Counter()
    known: dict[tuple[int, int], tuple[BlockPlan, Sequence[int]]] = {}
    for (row, blocks), hit in zip(top, hits, strict=True):
        here = [(row.group, hit.layers)] if row.group is not None else []
        here += [(block, each.layers) for block, each in zip(blocks.blocks, hit.blocks, strict=True)]
        for block, layers in here:
            first = first_alike(block)
            key = id(first), id(layers)
            known[key] = first, layers
            counts[key] += 1
    total = Cost()
    for key, count in counts.items():
        block, layers = known[key]
        total += sum((layer_cost(block.layers[number]) for number in layers), Cost()).times(count)
    return FilterMatches(sum(len(known[key][1]) * count for key, count in counts.items()), total)


def _everything(block: BlockPlan) -> BlockHits:
    return _all_layers(len(block.layers))


@cache
def _all_layers(count: int) -> BlockHits:
    """All of so many layers; one object for all blocks, by which they are counted together."""
    return BlockHits(True, range(count))


def _may_number(word: str) -> bool:
    """Whether a word may be, or be part of, a name that equal blocks do not share: ``3_17``, ``layer2.16.conv1``.

    Of such a name the block's own number is a word between dots or behind a low line.
    """
    return any(map(str.isdigit, word)) and ("." in word or "_" in word or word.isdigit())


@lru_cache(maxsize=20_000)
def _plain(text: str) -> str:
    """A text without what a filter does not tell apart; names and paths come again with every edit."""
    return text.casefold().replace("×", "x").replace("-", "")


def _names(row: RowData) -> tuple[str, ...]:
    """What a row is called: as the paper does, as PyTorch does, and a block also as the diagram does (``3_1``)."""
    names = _plain(row.name), _plain(row.path)
    return (*names, row.location.number) if row.level == 1 and row.location is not None else names


def owners(row: RowData) -> frozenset[str]:
    """Words by which a stage or a block stands for everything in it."""
    return frozenset(" ".join((*_names(row), _plain(row.kind))).split())


def haystack(row: RowData) -> str:
    """Everything of a stage or a block, of the stem or the head that a filter looks at, in one text."""
    return f"{row.name} {row.path} {_shared(row.kind, '', row.output, row.window)}".casefold()


@lru_cache(maxsize=2000)
def _words_of_layer(layer: LayerPlan) -> _LayerWords:
    name, title = paper_layer_name(layer), KINDS[layer.kind].title
    shared = _shared(title, layer.kind, layer.output, window_text(layer))
    return _LayerWords(_plain(name), layer.name.casefold(), f"{name} ".casefold(), f"{layer.name} {shared}".casefold())


def _all_words(block: BlockPlan) -> str:
    return " ".join(" ".join(words) for words in _words_of(block)) + f" {shape(block.output)} {block.stride}"


_figures_of: Final = BlockMemo(_all_words)
"""All words of a block's layers and of its own shape, in which figures may stand."""


def _words_of(block: BlockPlan) -> list[_LayerWords]:
    return list(map(_words_of_layer, block.layers))


@lru_cache(maxsize=2000)
def _shared(kind: str, key: str, output: Shape, window: str) -> str:
    """What many rows have in common, as ``_plain`` leaves it."""
    return _plain(f"{kind} {key.replace('_', '')} {shape(output)} {window.replace(' ', ' s')}")

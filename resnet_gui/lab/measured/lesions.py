"""What a finished network still gets right when blocks are deleted or change places (Veit et al. 2016, section 4.1)."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Sequence
from typing import Final

import msgspec

from resnet_gui.analysis.deletions import DeletionKind
from resnet_gui.lab.measured.norm_statistics import NormStatistics

MEASURING_PICTURES: Final = 360
"""Of the training part: statistics over more hardly differ, and each change of a block has them measured anew."""


class Lesions(msgspec.Struct, frozen=True):
    """The changes that are made in a network.

    Attributes:
        deleted: paths of the blocks that are deleted, such as ``layer1.3``; the order does not matter.
        swapped: pairs of paths whose blocks change places, one swap after the other. A path names a place: what stands
            there by then moves. A deleted block is deleted wherever it has moved.
    """

    deleted: tuple[str, ...] = ()
    swapped: tuple[tuple[str, str], ...] = ()


class LesionedError(msgspec.Struct, frozen=True):
    """The error of a network with lesions.

    Attributes:
        lesions: of the network.
        error: fraction of the pictures whose likeliest class is not theirs, 0 to 1.
        tau: Kendall's rank correlation of all blocks' order with the trained one, 1 where none changed places.
    """

    lesions: Lesions
    error: float
    tau: float = 1.0


class BlockDeletion(msgspec.Struct, frozen=True):
    """The network without one block (Veit et al. 2016, Figure 3).

    Attributes:
        block: its path.
        kind: what is left in its place.
        error: as a fraction, 0 to 1; None where the block cannot be deleted.
        reason: why it cannot, in a few words for people, "shape changes"; empty where it can.
    """

    block: str
    kind: DeletionKind
    error: float | None
    reason: str = ""


class RandomDeletions(msgspec.Struct, frozen=True):
    """The network without so many blocks, drawn at random several times (Veit et al. 2016, Figure 5a).

    Attributes:
        count: of blocks that are deleted at once.
        blocks: paths of those of each draw.
        errors: of each draw, as fractions.
    """

    count: int
    blocks: tuple[tuple[str, ...], ...]
    errors: tuple[float, ...]


class RandomSwaps(msgspec.Struct, frozen=True):
    """The network with so many random swaps of two blocks of one stage (Veit et al. 2016, Figure 5b).

    Attributes:
        count: of swaps, one after the other.
        draws: each with its swaps, its error and its Kendall's tau.
    """

    count: int
    draws: tuple[LesionedError, ...]


class LesionSetup(msgspec.Struct, frozen=True):
    """The set-up of a lesion study.

    Attributes:
        statistics: of the batch norms.
        counts: of blocks that are deleted at random; those that are more than can be deleted are left out.
        swap_counts: of random swaps; left out where no two blocks can change places.
        draws: of each count.
        seed: of the draws. The draws of one count are the same whatever other counts are asked for.
        pictures: of the test part, evenly spaced over it; 0 for all.
        measuring_pictures: of the training part, evenly spaced, over which statistics are measured again; 0 for all.
    """

    statistics: NormStatistics = "trained"
    counts: tuple[int, ...] = (2, 4, 8, 10, 18)
    swap_counts: tuple[int, ...] = (1, 2, 4, 8, 16)
    draws: int = 5
    seed: int = 0
    pictures: int = 0
    measuring_pictures: int = MEASURING_PICTURES


class LesionStudy(msgspec.Struct, frozen=True):
    """A lesion study of one network.

    Attributes:
        setup: how it was made.
        pictures: whose error was counted.
        measured_over: pictures over which statistics were measured again; 0 where they are as trained.
        intact: error of the whole network with its trained statistics, as a fraction.
        chance: error of an answer that never looks, 1 - 1 / classes.
        deletions: one a block of the network, in its order.
        at_random: one a count, in the set-up's order.
        swaps: one a count, in the set-up's order.
    """

    setup: LesionSetup
    pictures: int
    measured_over: int
    intact: float
    chance: float
    deletions: tuple[BlockDeletion, ...]
    at_random: tuple[RandomDeletions, ...]
    swaps: tuple[RandomSwaps, ...]


def kendall_tau(order: Sequence[int]) -> float:
    """Kendall's rank correlation of an order with the sorted one: 1 where nothing moved, -1 where all is reversed.

    (pairs in order - pairs out of order) / pairs (Kendall 1938), of different numbers; 1 of fewer than two.
    """
    seen: list[int] = []
    wrong = 0
    for number in order:
        wrong += len(seen) - bisect(seen, number)
        insort(seen, number)
    pairs = len(order) * (len(order) - 1) // 2
    return 1 - 2 * wrong / pairs if pairs else 1.0

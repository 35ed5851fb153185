"""How much gradient reaches the input of a trained network on paths of each length (Veit et al. 2016, section 4.3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from resnet_gui.base.errors import InputError

MOST_BLOCKS: Final = 1000
"""Blocks of a network whose paths can be counted in a float."""


class PathSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The way paths are drawn.

    The network computes its answers as usual, in eval mode. Then a picture's gradient of its cross-entropy goes back
    on one path alone: through the branch F in the path's blocks, through the shortcut in all others, with the
    activations' slopes of that forward pass. A path's length is the number of blocks whose branch it takes.

    Attributes:
        draws: paths of each length; where there are no more than that, each path once.
        lengths: those that are measured; None for all from 0 to the number of blocks.
        pictures: how many training pictures are averaged, evenly spaced.
    """

    draws: int = 12
    lengths: tuple[int, ...] | None = None
    pictures: int = 64

    def __post_init__(self) -> None:
        """Refuse what cannot be measured.

        Raises:
            InputError: a value is out of range, or a length stands twice.
        """
        if not 1 <= self.draws <= 1000:
            raise InputError(f"1 to 1000 paths of each length are drawn, not {self.draws}.")
        if not 1 <= self.pictures <= 4096:
            raise InputError(f"Paths are measured on 1 to 4096 pictures, not {self.pictures}.")
        if self.lengths is not None and (not self.lengths or len(set(self.lengths)) < len(self.lengths)):
            raise InputError("Name each length of the paths once, and at least one.")


class LengthGradients(msgspec.Struct, frozen=True):
    """The gradient on paths of one length.

    Attributes:
        length: blocks whose branch is taken.
        count: paths of this length, n over k.
        norms: (draws,), for each path drawn the Euclidean norm of a picture's gradient at the network's input, mean
            over the pictures.
        share: mean norm times count, over the sum of that over all lengths measured.
    """

    length: int
    count: float
    norms: tuple[float, ...]
    share: float

    @property
    def norm(self) -> float:
        """Mean norm over the paths drawn."""
        return sum(self.norms) / len(self.norms)

    @property
    def total(self) -> float:
        """Mean norm times count."""
        return self.norm * self.count


class PathsMeasured(msgspec.Struct, frozen=True, kw_only=True):
    """The gradient by length of path in one network.

    Attributes:
        setup: how it was measured.
        seed: of the paths drawn.
        name: of the network, as it was given.
        blocks: residual blocks; there are 2 to the power of that paths.
        pictures: how many were averaged.
        lengths: from short to long.
    """

    setup: PathSetup
    seed: int
    name: str
    blocks: int
    pictures: int
    lengths: tuple[LengthGradients, ...]

    @property
    def possible_length(self) -> float:
        """Mean length of all paths: each block is on half of them."""
        return self.blocks / 2

    @property
    def mean_length(self) -> float:
        """Mean length of the paths, each weighted by its gradient."""
        return sum(each.length * each.share for each in self.lengths)

    def share_within(self, first: int, last: int) -> float:
        """Share of the gradient on paths of the lengths from one to another, both included."""
        return sum(each.share for each in self.lengths if first <= each.length <= last)


def path_counts(blocks: int) -> tuple[float, ...]:
    """Paths of each length from 0 to the number of blocks, of which there are at most ``MOST_BLOCKS``."""
    return tuple(float(math.comb(blocks, length)) for length in range(blocks + 1))


def shares(log_amounts: Sequence[float]) -> tuple[float, ...]:
    """Shares of amounts whose natural logarithms are known, minus infinity of an amount of 0; all 0 if nothing is."""
    largest = max(log_amounts)
    if math.isinf(largest):
        return (0.0,) * len(log_amounts)
    amounts = [math.exp(value - largest) for value in log_amounts]
    return tuple(amount / sum(amounts) for amount in amounts)

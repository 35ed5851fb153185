"""Shares with their confidence intervals: of one network, and of the difference between two on the same pictures."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

import msgspec

LEVEL: Final = 0.95
"""Probability with which such an interval holds the true share."""

HALVINGS: Final = 60
"""Of the range from −1 to 1 that holds the end of an interval; more than a double has digits."""


class Share(msgspec.Struct, frozen=True):
    """A share of pictures with Wilson's interval.

    Attributes:
        count: pictures of which something is true.
        of: how many there are, at least 1.
        low, high: ends of the interval, from 0 to 1.
    """

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself, from 0 to 1."""
        return self.count / self.of


class ShareDifference(msgspec.Struct, frozen=True):
    """The difference of two shares of the same pictures, first − second, with its interval.

    Attributes:
        value: from −1 to 1.
        low, high: ends of the interval.
    """

    value: float
    low: float
    high: float


def wilson(count: int, of: int, level: float = LEVEL) -> Share:
    """A share with its score interval (Wilson 1927; without correction for continuity).

    Right also where all or none are counted, unlike the normal approximation around the share itself.

    Args:
        count: from 0 to ``of``.
        of: at least 1: nothing can be said of no pictures.
        level: probability with which such an interval holds the true share.

    Raises:
        ValueError: the counts are no share.
    """
    if not 0 <= count <= of or of < 1:
        raise ValueError(f"{count} of {of} is no share")
    square = NormalDist().inv_cdf((1 + level) / 2) ** 2
    middle = (count + square / 2) / (of + square)
    half = math.sqrt(square * (count * (of - count) / of + square / 4)) / (of + square)
    # Exactly 0 and 1 at the ends, which rounding would miss by a little.
    return Share(count, of, 0.0 if count == 0 else middle - half, 1.0 if count == of else middle + half)


def share(count: int, of: int) -> Share | None:
    """``wilson`` at 95 %; None of no pictures."""
    return wilson(count, of) if of else None


def paired_difference(first_alone: int, second_alone: int, pictures: int, level: float = LEVEL) -> ShareDifference:
    """The difference between two networks' accuracies on the same pictures, with its score interval (Tango 1998).

    "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
    Statistics in Medicine 17: 891-908. All differences that the score test does not reject; it stays within −1 and 1
    and needs no large sample, unlike the normal approximation. At 0 its test is McNemar's without correction.

    Args:
        first_alone: pictures that the first network alone answers rightly.
        second_alone: pictures that the second alone answers rightly.
        pictures: all that both have answered, at least 1.
        level: probability with which such an interval holds the true difference.

    Raises:
        ValueError: the counts are none of so many pictures.
    """
    if min(first_alone, second_alone) < 0 or pictures < max(first_alone + second_alone, 1):
        raise ValueError(f"{first_alone} and {second_alone} of {pictures} are no paired counts")
    bound = NormalDist().inv_cdf((1 + level) / 2)
    counts = (first_alone, second_alone, pictures)
    value = (first_alone - second_alone) / pictures
    return ShareDifference(
        value, _where_score_is(bound, counts, (-1.0, value)), _where_score_is(-bound, counts, (value, 1.0))
    )


def _where_score_is(bound: float, counts: tuple[int, int, int], within: tuple[float, float]) -> float:
    """The difference at which Tango's score, which falls from one end to the other, is ``bound``, by halving."""
    low, high = within
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _score(middle, *counts) > bound:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _score(difference: float, first_alone: int, second_alone: int, pictures: int) -> float:
    """Tango's score of a difference that is supposed (his equation 15, with the likeliest q₂₁ under it)."""
    a = 2.0 * pictures
    b = -first_alone - second_alone + (2 * pictures - first_alone + second_alone) * difference
    c = -second_alone * difference * (1 - difference)
    likeliest = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    above = first_alone - second_alone - pictures * difference
    variance = pictures * (2 * likeliest + difference * (1 - difference))
    if variance <= 0:
        # Only at −1, 0 and 1: what is supposed there leaves no room for any other outcome.
        return math.copysign(math.inf, above) if above else 0.0
    return above / math.sqrt(variance)

"""Two networks on the same pictures: who is right where, and whether the difference is one (McNemar 1947)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.base.file_states import GONE
from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.intervals import LEVEL, ShareDifference, paired_difference

EXACT_BELOW: Final = 25
"""So many pictures that one network alone answers rightly are enough for the chi-squared distribution."""

Group = Literal["both", "first", "second", "neither"]
Test = Literal["exact binomial", "chi-squared"]


class PairedPictures(NamedTuple):
    """The pictures that two evaluations share.

    Attributes:
        first: their numbers in the first evaluation, in rising order.
        second: their numbers in the second, in the same order.
        by: "file" or "number", what they were matched by.
        first_alone, second_alone: pictures that the other evaluation has not.
        contradicting: pictures of both that are left out, since the two have other classes for them.
        changed: files of both that are left out, since they were changed between the two measurements.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    by: Literal["file", "number"]
    first_alone: int
    second_alone: int
    contradicting: int
    changed: int = 0

    @property
    def notice(self) -> str:
        """A sentence on what was left out; empty where nothing was."""
        left = [
            f"{count:,} {words}"
            for count, words in (
                (self.first_alone, "that only the first has seen"),
                (self.second_alone, "that only the second has seen"),
                (self.contradicting, "whose class differs between the two"),
                (self.changed, "whose file was changed between the two measurements"),
            )
            if count
        ]
        return f"Left out of the comparison: pictures {', '.join(left)}." if left else ""


class PairedComparison(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison of two networks by their answers about the same pictures.

    Attributes:
        pictures: that both have answered.
        both, first, second, neither: how many of them both, one alone or neither answered rightly.
        difference: accuracy of the first less that of the second, with Tango's 95 % interval.
        p: of McNemar's test, that a difference so large comes about by chance.
        test: how it was computed.
        notice: a sentence on the pictures that were left out; empty where none was.
    """

    pictures: int
    both: int
    first: int
    second: int
    neither: int
    difference: ShareDifference
    p: float
    test: Test
    notice: str = ""

    @property
    def differs(self) -> bool:
        """Whether the test says so, at 5 %."""
        return self.p < 1 - LEVEL

    def sentence(self, first: str, second: str) -> str:
        """The outcome in a sentence, with the names of both networks."""
        if not self.first + self.second:
            return f"{first} and {second} are right on the same {self.both:,} of {self.pictures:,} pictures."
        better, worse = (first, second) if self.first >= self.second else (second, first)
        one, other = max(self.first, self.second), min(self.first, self.second)
        found = f"{p_text(self.p)}, McNemar's test, {self.test}"
        if self.differs:
            return (
                f"{better} is better than {worse} on the same {self.pictures:,} pictures: it alone is right on "
                f"{one:,}, {worse} alone on {other:,} ({found})."
            )
        return (
            f"No difference is shown on the same {self.pictures:,} pictures: {better} alone is right on {one:,}, "
            f"{worse} alone on {other:,} ({found})."
        )


def p_text(p: float) -> str:
    """A probability as it is printed: ``p = 0.031``; what is smaller than 0.001 as that."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def mcnemar(first: int, second: int) -> tuple[float, Test]:
    """The two-sided probability of McNemar's test, and how it was computed.

    "Note on the sampling error of the difference between correlated proportions", Psychometrika 12, 1947. Below 25
    discordant pictures exactly, by the binomial distribution with one half; else by chi-squared of one degree of
    freedom with the correction for continuity of Edwards 1948, (|b − c| − 1)² / (b + c), at least 0.

    Args:
        first: pictures that the first network alone answers rightly.
        second: pictures that the second alone answers rightly.
    """
    discordant = first + second
    if discordant < EXACT_BELOW:
        tail = sum(math.comb(discordant, count) for count in range(min(first, second) + 1))
        return min(1.0, 2 * tail / 2**discordant), "exact binomial"
    squared = max(abs(first - second) - 1, 0) ** 2 / discordant
    return math.erfc(math.sqrt(squared / 2)), "chi-squared"


def paired_pictures(first: Answers, second: Answers) -> PairedPictures:
    """Match the pictures of two evaluations: by file where both have names, else by number in the same data set.

    Raises:
        InputError: they share no picture, or sets without names are not the same.
    """
    named = all(first.files) and all(second.files)
    if named:
        places = {name: number for number, name in enumerate(_numbered(second.sources.paths))}
        numbered = enumerate(_numbered(first.sources.paths))
        found = [(number, places[name]) for number, name in numbered if name in places]
        here = np.array([pair[0] for pair in found], dtype=np.int64)
        there = np.array([pair[1] for pair in found], dtype=np.int64)
    elif any(first.files) or any(second.files) or first.sources.data_sha != second.sources.data_sha:
        raise InputError(
            f"The evaluations are of {len(first):,} and {len(second):,} pictures of different data, of which not all "
            "have file names, so they cannot be matched; measure both on the same data."
        )
    else:
        # Pictures that one of the two has left out have a number all the same.
        _, here, there = np.intersect1d(first.sources.numbers, second.sources.numbers, return_indices=True)
    same = _same_file(first, here, second, there)
    agree = same & _same_class(first, here, second, there)
    if not agree.any():
        why = "; their files were changed between the two measurements" if len(same) and not same.any() else ""
        raise InputError(f"The two evaluations share no picture of the same class{why}; measure both on the same data.")
    return PairedPictures(
        here[agree], there[agree], "file" if named else "number", len(first) - len(here), len(second) - len(there),
        int((same & ~agree).sum()), int((~same).sum()),
    )  # fmt: skip


def _numbered(files: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Names of pictures, each with how often it stood before: a table may list a file twice."""
    before: dict[str, int] = {}
    for file in files:
        count = before.get(file, 0)
        before[file] = count + 1
        yield file, count


def _same_file(first: Answers, here: NDArray[np.int64], second: Answers, there: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the file of each pair was the same both times, where that is known."""
    one, other = first.sources.states[here], second.sources.states[there]
    unknown = (one[:, 0] == GONE[0]) | (other[:, 0] == GONE[0])
    return np.asarray(unknown | (one == other).all(axis=1))


def _same_class(
    first: Answers, here: NDArray[np.int64], second: Answers, there: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether both have the same class for each pair; networks that name their classes otherwise cannot be asked."""
    if set(first.labels) != set(second.labels):
        return np.ones(len(here), dtype=np.bool_)
    number = {label: place for place, label in enumerate(first.labels)}
    in_first = np.array([number[label] for label in second.labels], dtype=np.int64)
    return np.asarray(first.truth[here] == in_first[second.truth[there]])


def compare(first: Answers, second: Answers, pairs: PairedPictures | None = None) -> PairedComparison:
    """Compare two networks on the pictures that both have answered.

    Args:
        first: answers of one.
        second: answers of the other.
        pairs: the matched pictures, if they are known already.

    Raises:
        InputError: they share none.
    """
    pairs = paired_pictures(first, second) if pairs is None else pairs
    right, right_too = first.correct[pairs.first], second.correct[pairs.second]
    alone, alone_too = int((right & ~right_too).sum()), int((right_too & ~right).sum())
    both, pictures = int((right & right_too).sum()), len(right)
    p, test = mcnemar(alone, alone_too)
    return PairedComparison(
        pictures=pictures, both=both, first=alone, second=alone_too, neither=pictures - both - alone - alone_too,
        difference=paired_difference(alone, alone_too, pictures), p=p, test=test, notice=pairs.notice,
    )  # fmt: skip


def right_where(first: Answers, second: Answers, pairs: PairedPictures, group: Group) -> NDArray[np.int64]:
    """Numbers in the first evaluation of the pictures that both, one alone or neither answers rightly."""
    right, right_too = first.correct[pairs.first], second.correct[pairs.second]
    wanted = {
        "both": right & right_too,
        "first": right & ~right_too,
        "second": ~right & right_too,
        "neither": ~right & ~right_too,
    }
    return pairs.first[wanted[group]]

"""What is held out of data without parts: whole, disjoint, of every class, the same on every computer."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.holding_out import SplitPictures, hold_out
from resnet_gui.data.layouts.splitting import EVERY_FIFTH, SplitRule

FRACTIONS = st.sampled_from([0.05, 0.1, 0.2, 0.25, 0.3, 0.5])
RULES = st.builds(
    lambda validation, test, seed: SplitRule(validation=validation, test=test, seed=seed),
    FRACTIONS, st.sampled_from([0.0, 0.1, 0.15, 0.3]), st.sampled_from([0, 1, 3, 2**31 - 1]),
)  # fmt: skip


def pictures(counts: list[int], folders: int = 0) -> SplitPictures:
    """So many of each class; with ``folders``, in so many sub-folders of each."""
    names, labels = [], []
    for label, count in enumerate(counts):
        for number in range(count):
            below = f"p{number % folders}/" if folders else ""
            names.append(f"{'abcdefg'[label]}/{below}{number:04}.png")
            labels.append(label)
    return SplitPictures(names, labels, "abcdefg"[: len(counts)])


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_the_default_is_every_fifth_picture_of_each_class(counts: list[int]) -> None:
    seen: Counter[int] = Counter()
    expected = []
    for number, label in enumerate(pictures(counts).labels):
        seen[label] += 1
        if seen[label] % 5 == 0:
            expected.append(number)
    found = hold_out(pictures(counts), EVERY_FIFTH)
    assert (found.validation, found.test) == (expected, [])


@given(st.lists(st.integers(0, 80), min_size=1, max_size=5), RULES)
def test_each_class_gives_its_fractions_rounded_down_to_parts_that_share_nothing(
    counts: list[int], rule: SplitRule
) -> None:
    given_in = pictures(counts)
    found = hold_out(given_in, rule)
    assert found == hold_out(given_in, rule)
    assert len({*found.validation, *found.test}) == len(found.validation) + len(found.test)
    assert [sorted(part) for part in found[:2]] == list(found[:2])
    validation, test = (Counter(given_in.labels[number] for number in part) for part in found[:2])
    for label, count in enumerate(counts):
        wanted = tuple(share * count for share in map(float, rule.fractions))
        assert test[label] == math.floor(wanted[1] + 1e-9)
        # Evenly spaced, the second part is taken of what the first one leaves.
        assert wanted[0] - 1 - 1e-9 < validation[label] <= wanted[0] + 1
        assert count - test[label] - validation[label] > 0 or count == 0


@given(st.integers(20, 60), FRACTIONS, st.sampled_from([0.0, 0.1, 0.2]))
def test_without_a_seed_pictures_are_evenly_spaced(count: int, validation: float, test: float) -> None:
    found = hold_out(pictures([count]), SplitRule(validation=validation, test=test))
    for part, share in zip(found[:2], (validation, test), strict=True):
        steps = [after - before for before, after in itertools.pairwise(part)]
        assert all(abs(step - 1 / share) < 1 + test * 6 for step in steps)


def test_what_a_seed_draws_is_the_same_on_every_computer_and_another_for_another_seed() -> None:
    drawn = [hold_out(pictures([20, 10]), SplitRule(seed=seed)).validation for seed in (1, 2, 3)]
    assert drawn == [[4, 7, 11, 15, 20, 24], [7, 9, 11, 12, 22, 29], [5, 8, 11, 15, 27, 28]]


def test_a_picture_that_is_added_changes_little_of_what_is_drawn() -> None:
    before, after = pictures([100]), pictures([101])
    rule = SplitRule(seed=5)
    held, now = ({names.names[number] for number in hold_out(names, rule).validation} for names in (before, after))
    assert len(held ^ now) <= 2


# ---- groups


@given(
    st.lists(st.lists(st.integers(1, 12), min_size=2, max_size=12), min_size=1, max_size=4),
    FRACTIONS, st.sampled_from([0, 1, 7]),
)  # fmt: skip
def test_a_group_lies_wholly_in_one_part_and_every_class_in_both(
    sizes: list[list[int]], fraction: float, seed: int
) -> None:
    names = [
        (f"{'abcd'[label]}/{label}-{group}/{number}.png", label)
        for label, groups in enumerate(sizes)
        for group, size in enumerate(groups)
        for number in range(size)
    ]
    given_in = SplitPictures([name for name, _ in names], [label for _, label in names], "abcd"[: len(sizes)])
    for groups in ("folders", r"^(\d+)"):
        rule = SplitRule(validation=fraction, seed=seed, groups=groups)
        if groups != "folders":
            # The name itself tells the same groups.
            given_in = given_in._replace(
                names=[
                    f"{name.split('/')[0]}/{name.split('/')[1].replace('-', '00')}_{number}"
                    for number, name in enumerate(given_in.names)
                ]
            )
        held = set(hold_out(given_in, rule).validation)
        for label, members in enumerate(sizes):
            inside: dict[str, set[bool]] = {}
            for number, (name, its) in enumerate(names):
                if its == label:
                    inside.setdefault(name.split("/")[1], set()).add(number in held)
            assert all(len(where) == 1 for where in inside.values())
            assert {next(iter(where)) for where in inside.values()} == {True, False}
            share = sum(names[number][1] == label for number in held) / sum(members)
            assert abs(share - fraction) <= max(members) / sum(members) + 1e-9
        assert held == set(hold_out(given_in, rule).validation)


def test_groups_of_many_classes_come_close_to_the_fractions_of_each() -> None:
    # Forty patients, each with some pictures of both classes.
    names = [(f"{kind}/p{patient}/{number}.png", label) for patient in range(40) for label, kind in enumerate("ab")
             for number in range(1 + (patient * (3 + label)) % 7)]  # fmt: skip
    given_in = SplitPictures([name for name, _ in names], [label for _, label in names], "ab")
    found = hold_out(given_in, SplitRule(validation=0.2, test=0.2, seed=4, groups="folders"))
    parts = [{given_in.names[number].split("/")[1] for number in part} for part in found[:2]]
    assert not parts[0] & parts[1]
    held = {*found.validation, *found.test}
    rest = {name.split("/")[1] for number, (name, _) in enumerate(names) if number not in held}
    assert not rest & (parts[0] | parts[1]), "a patient of both classes lies wholly in one part"
    totals = Counter(label for _, label in names)
    for part in found[:2]:
        for label in (0, 1):
            assert sum(names[number][1] == label for number in part) / totals[label] == pytest.approx(0.2, abs=0.03)
    assert found != hold_out(given_in, SplitRule(validation=0.2, test=0.2, seed=5, groups="folders"))


def test_a_class_of_one_group_is_refused_in_words() -> None:
    one = SplitPictures(["a/p/1.png", "a/p/2.png", "b/q/1.png", "b/r/2.png"], [0, 0, 1, 1], ("a", "b"))
    with pytest.raises(InputError, match=r"^The class 'a' has one group only \('p'\), too few for 2 parts"):
        hold_out(one, SplitRule(groups="folders"))
    two = pictures([10, 10], folders=2)
    with pytest.raises(InputError, match=r"^The class 'a' has 2 groups, too few for 3 parts that share none; choose"):
        hold_out(two, SplitRule(groups="folders", test=0.1))


def test_pictures_of_no_group_are_alone_and_said() -> None:
    names = ["a/p1_1.png", "a/p1_2.png", "a/p2_1.png", "a/other.png"]
    found = hold_out(SplitPictures(names, [0] * 4, "a"), SplitRule(validation=0.3, groups=r"(p\d+)_"))
    assert found.notes == ("1 picture of no group, such as 'a/other.png', may lie in any part.",)
    assert len(found.validation) in {1, 2}


def test_a_class_whose_groups_cannot_be_parted_is_said() -> None:
    # Both groups of b lie in groups that a needs in each part.
    names = ["a/p/1.png", "a/q/1.png", "b/p/1.png", "b/p/2.png", "b/q/1.png", "b/q/2.png"]
    found = hold_out(SplitPictures(names, [0, 0, 1, 1, 1, 1], "ab"), SplitRule(groups="folders"))
    assert len(found.validation) == 3


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (EVERY_FIFTH, "every fifth picture of each class"),
        (SplitRule(validation=0.1), "10 % of each class, evenly spaced"),
        (SplitRule(seed=3), "20 % of each class, drawn by seed 3"),
        (SplitRule(seed=3, groups="folders"), "about 20 % of each class, drawn by seed 3, whole folders together"),
        (SplitRule(groups=r"(p\d)"), r"about 20 % of each class, pictures of one '(p\d)' together"),
    ],
)
def test_the_words_say_where_held_out_pictures_are_from(rule: SplitRule, words: str) -> None:
    assert rule.words(rule.validation) == words

"""The record of an evaluation's robustness: what it keeps, in which order, and what it refuses to read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.attacks import NO_ATTACK, Attack, checked_attack
from resnet_gui.evaluation.corruptions import CORRUPTIONS
from resnet_gui.evaluation.robustness import (
    MOST_COMBINED,
    ROBUSTNESS_FILE,
    AttackAccuracy,
    CombinedAccuracy,
    RobustnessRecord,
    drawn_sample,
    empty_curve,
    read_robustness,
    write_robustness,
)

SHAPE = (3, 32, 32)
EMPTY = RobustnessRecord(sample=drawn_sample(50, 1000), classes=10, shape=SHAPE)


def test_a_sample_has_as_many_of_each_class_as_its_share_where_the_set_lies_class_by_class() -> None:
    classes = np.repeat(np.arange(10), 100)
    counts = np.bincount(classes[drawn_sample(200, 1000, seed=7).numbers()])
    assert counts.tolist() == [20] * 10


def test_a_sample_of_no_number_of_pictures_is_a_sentence() -> None:
    with pytest.raises(InputError, match="-1 pictures are asked for"):
        drawn_sample(-1, 10)
    with pytest.raises(InputError, match="The seed is -2"):
        drawn_sample(5, 10, seed=-2)


def test_what_is_measured_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = EMPTY
    for key in ("rotation", "gaussian_blur"):
        curve = msgspec.structs.replace(empty_curve(CORRUPTIONS[key], SHAPE), correct=(45, 40))
        record = record.with_curve(curve)
    record = record.with_combination(CombinedAccuracy({"shift": 2.0}, 30))
    for attack in (Attack(2.0, 10), Attack(2.0), NO_ATTACK):
        record = record.with_attack(AttackAccuracy(attack, attack.step_size, 20))
    assert read_robustness(tmp_path) is None
    write_robustness(tmp_path, record)
    assert read_robustness(tmp_path) == record
    assert [curve.key for curve in record.curves] == ["gaussian_blur", "rotation"]
    assert record.curves[0].shares(50)[1].value == 0.8
    assert record.curves[0].mean(50) is None
    assert record.share(30).low < 0.6 < record.share(30).high
    assert [each.attack for each in record.attack_curve(10)] == [NO_ATTACK, Attack(2.0, 10)]
    assert record.combined[0].words == "shift 2 px"


def test_a_newer_or_damaged_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / ROBUSTNESS_FILE
    for content, words in [(b"{", "is damaged"), (b'{"sample": 3}', "is damaged")]:
        path.write_bytes(content)
        with pytest.raises(InputError, match=words):
            read_robustness(tmp_path)
    write_robustness(tmp_path, msgspec.structs.replace(EMPTY, version=2))
    with pytest.raises(InputError, match="newer version"):
        read_robustness(tmp_path)


def test_the_last_combinations_are_kept_each_once() -> None:
    record = EMPTY
    for place in range(MOST_COMBINED + 3):
        record = record.with_combination(CombinedAccuracy({"shift": float(place)}, place))
    record = record.with_combination(CombinedAccuracy({"shift": 10.0}, 50))
    assert len(record.combined) == MOST_COMBINED
    assert record.combined[-1].correct == 50
    assert record.combination({"shift": 10.0}) == record.combined[-1]
    assert record.combination({"shift": 0.0}) is None


def test_an_attack_says_its_steps_and_how_much_its_difference_is_amplified() -> None:
    assert checked_attack(2, 1).words == "FGSM, ε = 2/255, one step"
    assert checked_attack(2, 10).words == "PGD, ε = 2/255, 10 steps of 0.5/255 from a drawn start"
    assert checked_attack(0, 10) == NO_ATTACK
    for epsilon in (0.5, 1, 8, 127, 200):
        attack = checked_attack(epsilon, 1)
        assert attack.factor == 1 or 63 < attack.factor * epsilon <= 127


@pytest.mark.parametrize("epsilon", [-1, 256, float("nan"), float("inf")])
def test_an_epsilon_that_is_none_is_a_sentence(epsilon: float) -> None:
    with pytest.raises(InputError, match="it must be from 0 to 255, in units of 1/255"):
        checked_attack(epsilon, 1)


def test_a_number_of_steps_that_is_none_is_a_sentence() -> None:
    with pytest.raises(InputError, match="0 steps are asked for"):
        checked_attack(1.0, 0)

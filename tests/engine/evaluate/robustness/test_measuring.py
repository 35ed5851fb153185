"""Curves, combined settings and attacks against loops over pictures by hand; given up, killed and gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.spec import evolve
from resnet_gui.engine.evaluate.robustness import measuring
from resnet_gui.engine.evaluate.robustness.attacks import attacked, start_draws
from resnet_gui.engine.evaluate.robustness.evaluated_model import EvaluatedModel
from resnet_gui.engine.evaluate.robustness.measuring import RobustnessMeasurement
from resnet_gui.engine.evaluate.robustness.pixels import Pixels, corrupted
from resnet_gui.engine.predict.classifier import Classifier
from resnet_gui.engine.predict.models import LoadedModel
from resnet_gui.evaluation.attacks import NO_ATTACK, Attack
from resnet_gui.evaluation.corruptions import CORRUPTIONS, known_corruptions
from resnet_gui.evaluation.robustness import ROBUSTNESS_FILE, drawn_sample, read_robustness
from tests.engine.lab.measured_case import SPEC, drawn_network, drawn_pictures

COLOUR = evolve(SPEC, input=(3, 8, 8))
COUNT = 60
SAMPLE = drawn_sample(40, COUNT, seed=3)
KEYS = ("gaussian_noise", "shift")


class CountingReader:
    """A reader that counts how many pictures were read."""

    def __init__(self) -> None:
        self.images = drawn_pictures(COUNT, COLOUR).images.numpy()
        self.count = 0

    def __call__(self, numbers: Sequence[int]) -> Pixels:
        self.count += len(numbers)
        found: Pixels = self.images[list(numbers)]
        return found


@pytest.fixture(scope="module")
def model() -> EvaluatedModel:
    """A drawn network, and as truth what it answers to four pictures of five."""
    network = drawn_network(COLOUR).model
    how = Preprocess(mean=(0.4,) * 3, std=(0.3,) * 3)
    loaded = LoadedModel(
        model=network, name="drawn", spec=COLOUR, classes=tuple("abcde"), preprocess=how, own=True
    )  # fmt: skip
    classifier, reader = Classifier(loaded, torch.device("cpu")), CountingReader()
    classifier.batch = 16  # three batches of the sample
    answers = classifier.scores(reader.images[:, None]).argmax(axis=1)
    truth = np.where(np.arange(COUNT) % 5 == 0, (answers + 1) % 5, answers).astype(np.int32)
    return EvaluatedModel(classifier, truth, reader)


def right_by_hand(model: EvaluatedModel, levels: torch.Tensor, number: int) -> bool:
    """Whether the plain network answers one picture (1, C, H, W) rightly."""
    with torch.inference_mode():
        logits = model.classifier.loaded.model((levels.float() / 255 - 0.4) / 0.3)
    return int(logits.argmax()) == int(model.truth[number])


def go_on(_done: int, _total: int) -> bool:
    return True


def ignore(_place: int, _correct: int) -> None:
    return None


def test_a_sample_is_drawn_evenly_once_and_said() -> None:
    numbers = SAMPLE.numbers()
    assert len(set(numbers.tolist())) == 40
    assert sorted(numbers) == numbers.tolist()
    counts, _ = np.histogram(numbers, bins=10, range=(0, COUNT))
    assert set(counts) <= {3, 4, 5}
    assert not np.array_equal(numbers, drawn_sample(40, COUNT, seed=4).numbers())
    assert SAMPLE.words == "40 of 60 pictures, evenly drawn with seed 3"
    for wanted in (0, 60, 1000):
        assert drawn_sample(wanted, COUNT).numbers().tolist() == list(range(COUNT))
        assert drawn_sample(wanted, COUNT).words == "all 60 pictures"


def test_each_point_of_a_curve_is_the_loop_over_pictures(model: EvaluatedModel, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    measurement = RobustnessMeasurement(tmp_path, model, SAMPLE)
    measurement.measure_curves(known_corruptions(KEYS), go_on, lambda *point: heard.append(point))
    record = read_robustness(tmp_path)
    assert record == measurement.record
    assert record is not None
    assert [curve.key for curve in record.curves] == list(KEYS)
    for curve in record.curves:
        assert curve.values == (0.0, *CORRUPTIONS[curve.key].small)
        for severity, correct in enumerate(curve.correct):
            by_hand = 0
            for number in SAMPLE.numbers().tolist():
                picture = model.read([number])
                if severity:
                    picture = corrupted(picture, [number], {curve.key: curve.values[severity]}, seed=3)
                by_hand += right_by_hand(model, torch.from_numpy(picture), number)
            assert correct == by_hand
        share = curve.shares(40)[5]
        assert (share.count, share.of) == (curve.correct[5], 40)
        assert curve.mean(40) == pytest.approx(sum(curve.correct[1:]) / 200)
    assert heard == list(enumerate(sum((curve.correct for curve in record.curves), ())))
    assert len({curve.correct[0] for curve in record.curves}) == 1
    assert record.curves[0].correct[5] < record.curves[0].correct[0]  # or nothing was tested here
    assert record.chance == 0.2


def test_settings_together_and_attacks_are_the_loop_over_pictures(model: EvaluatedModel, tmp_path: Path) -> None:
    settings = {"shift": 2.0, "gaussian_noise": 0.1}
    measurement = RobustnessMeasurement(tmp_path, model, SAMPLE)
    combined = measurement.measure_settings(settings, go_on)
    attacks = [NO_ATTACK, Attack(2.0), Attack(2.0, steps=3)]
    measurement.measure_attacks(attacks, go_on, ignore)
    by_hand = dict.fromkeys(["combined", *attacks], 0)
    for number in SAMPLE.numbers().tolist():
        plain, truth = model.read([number]), model.truth[[number]].astype(np.int64)
        changed = torch.from_numpy(corrupted(plain, [number], settings, seed=3))
        by_hand["combined"] += right_by_hand(model, changed, number)
        for attack in attacks:
            draws = start_draws([number], (3, 8, 8), 3) if attack.steps > 1 else None
            levels = attacked(model.gradients, plain, truth, attack, draws)
            by_hand[attack] += right_by_hand(model, levels, number)
    assert combined.correct == by_hand["combined"]
    assert {each.attack: each.correct for each in measurement.record.attacks} == {
        each: by_hand[each] for each in attacks
    }
    assert {each.computed for each in measurement.record.attacks} == {"cpu, fp32, neither folded nor fused"}
    assert measurement.record.computed == f"cpu, {model.classifier.computed}"
    counts = [each.correct for each in measurement.record.attack_curve(3)]
    assert counts == [by_hand[NO_ATTACK], by_hand[attacks[2]]]
    assert counts[1] < counts[0]
    before = model.read.count  # type: ignore[attr-defined]
    assert measurement.measure_settings(settings, go_on) == combined  # what is known is not measured again
    assert model.read.count == before  # type: ignore[attr-defined]


def test_a_measurement_that_is_given_up_at_any_moment_goes_on_to_the_same_table(
    model: EvaluatedModel, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    corruptions = known_corruptions(KEYS)
    RobustnessMeasurement(whole, model, SAMPLE).measure_curves(corruptions, go_on, ignore)
    asked = kept = 0
    for allowed in (0, 3, 2, 7, 50):
        left = allowed

        def watch(_done: int, _total: int) -> bool:
            nonlocal asked, left
            asked, left = asked + 1, left - 1
            return left >= 0

        measurement = RobustnessMeasurement(parts, model, SAMPLE)
        if allowed < 50:
            with pytest.raises(InputError, match="is kept, and gone on with"):
                measurement.measure_curves(corruptions, watch, ignore)
        else:
            measurement.measure_curves(corruptions, watch, ignore)
        there = read_robustness(parts)
        now = sum(len(curve.correct) for curve in there.curves) if there else 0
        assert now >= kept
        kept = now
    assert (parts / ROBUSTNESS_FILE).read_bytes() == (whole / ROBUSTNESS_FILE).read_bytes()
    # Points that were whole were not measured again: 11 of 3 batches each, and what was broken off.
    assert 33 < asked < 33 + 4 * 3


def test_another_sample_seed_or_setting_is_measured_anew(model: EvaluatedModel, tmp_path: Path) -> None:
    shift = known_corruptions(["shift"])
    RobustnessMeasurement(tmp_path, model, SAMPLE).measure_curves(shift, go_on, ignore)
    for sample in (drawn_sample(40, COUNT, seed=4), drawn_sample(30, COUNT, seed=3)):
        assert RobustnessMeasurement(tmp_path, model, sample).record.curves == ()
    path = tmp_path / ROBUSTNESS_FILE
    first = path.read_bytes()
    path.write_bytes(first.replace(b"6.0", b"5.0"))
    RobustnessMeasurement(tmp_path, model, SAMPLE).measure_curves(shift, go_on, ignore)
    assert path.read_bytes() == first


def test_what_was_measured_of_another_sample_is_kept_and_shown_again_when_it_is_asked_for(
    model: EvaluatedModel, tmp_path: Path
) -> None:
    shift = known_corruptions(["shift"])
    other = drawn_sample(30, COUNT, seed=3)
    contents = []
    for sample in (SAMPLE, other):
        RobustnessMeasurement(tmp_path, model, sample).measure_curves(shift, go_on, ignore)
        contents.append((tmp_path / ROBUSTNESS_FILE).read_bytes())
    assert contents[0] != contents[1]
    before = model.read.count  # type: ignore[attr-defined]
    for sample, content in zip((SAMPLE, other, other, SAMPLE), (*contents, *contents[::-1]), strict=True):
        RobustnessMeasurement(tmp_path, model, sample).measure_curves(shift, go_on, ignore)
        assert (tmp_path / ROBUSTNESS_FILE).read_bytes() == content
    assert model.read.count == before  # type: ignore[attr-defined]
    # Asked for, and given up before its first point: what was shown is shown, and nothing is lost.
    RobustnessMeasurement(tmp_path, model, drawn_sample(20, COUNT))
    assert (tmp_path / ROBUSTNESS_FILE).read_bytes() == contents[0]
    path = tmp_path / ROBUSTNESS_FILE
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        RobustnessMeasurement(tmp_path, model, SAMPLE)


def test_a_sample_too_large_to_hold_is_read_for_each_point(
    model: EvaluatedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = known_corruptions(["shift"])
    counts, records = [], []
    for held in (measuring.HELD, 0):
        monkeypatch.setattr(measuring, "HELD", held)
        before = model.read.count  # type: ignore[attr-defined]
        measurement = RobustnessMeasurement(tmp_path / str(held), model, SAMPLE)
        measurement.measure_curves(shift, go_on, ignore)
        counts.append(model.read.count - before)  # type: ignore[attr-defined]
        records.append(measurement.record)
    assert counts == [40, 240]
    assert records[0] == records[1]

"""Verdicts on what is counted: how coarse it is, and what is no number at all."""

from __future__ import annotations

import math
import re

import msgspec
import pytest

from resnet_gui.export.lab_report import ReportSource, lab_report
from resnet_gui.export.lab_text import claim_lines, claims_csv
from resnet_gui.lab.card import answer_sheet, new_card
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import begun
from resnet_gui.lab.outcomes import claim_outcomes, question_outcomes
from resnet_gui.lab.results import Results, TrainedRun
from resnet_gui.sweeps.statistics import paired
from tests.lab import made_results as made
from tests.lab.test_claims import STRAIGHT, TRUTHS, degradation, judged


def in_every_seed(results: Results, first: int = 1) -> Results:
    """Results in which every seed came out as one did."""
    same = {
        field: {name: dict.fromkeys(results.seeds, found[first]) for name, found in getattr(results, field).items()}
        for field in ("trained", "measured")
    }
    return msgspec.structs.replace(results, **same)


@pytest.mark.parametrize(("experiment", "key"), TRUTHS, ids=str)
def test_no_verdict_rests_on_an_interval_without_width(experiment: str, key: str) -> None:
    outcome = judged(experiment, key, in_every_seed(TRUTHS[experiment, key][0]()))
    assert outcome.estimate is not None
    assert outcome.estimate.low < outcome.estimate.high or outcome.verdict == "cannot tell"
    if experiment in {"degradation", "shortcut-bench", "orders-bench", "start-up-remedies", "probe-by-depth"}:
        assert outcome.estimate.resolution > 0


def ended(pictures: int, errors: dict[str, tuple[int, ...]]) -> Results:
    """Degradation in which networks end with so many pictures wrong, seed by seed, in training and test."""
    return Results(
        scale="quick", seeds=(1, 2, 3),
        trained={
            name: {
                seed: TrainedRun(
                    train_error=wrong / pictures, test_error=wrong / pictures, train_loss=0, test_loss=0,
                    train_images=pictures, test_images=pictures,
                )
                for seed, wrong in enumerate(counts, start=1)
            }
            for name, counts in errors.items()
        },
    )  # fmt: skip


@pytest.mark.parametrize("pictures", [360, 10_000])
def test_one_picture_better_in_each_of_three_seeds_is_no_proof_whatever_the_number_of_pictures(pictures: int) -> None:
    outcome = judged("degradation", "better", ended(pictures, {"ResNet-20": (5, 7, 6), "ResNet-56": (4, 6, 5)}))
    found = paired(dict.fromkeys((1, 2, 3), -100 / pictures), dict.fromkeys((1, 2, 3), 0.0), 100 / pictures)
    assert outcome.verdict == "cannot tell"
    assert outcome.estimate is not None
    assert (outcome.estimate.low, outcome.estimate.high) == pytest.approx((found.low, found.high))
    assert outcome.estimate.low < 0 < outcome.estimate.high


def test_equal_training_errors_differ_by_up_to_a_picture() -> None:
    two = msgspec.structs.replace(ended(1437, {"ResNet-20": (3, 3), "ResNet-56": (3, 3)}), seeds=(1, 2))
    found = judged("degradation", "no-worse", two).estimate
    assert found is not None
    assert found.resolution == pytest.approx(2 * 100 / 1437)
    assert found.high >= 100 / 1437


def test_runs_that_do_not_say_their_pictures_get_no_verdict_from_equal_errors() -> None:
    outcome = judged("degradation", "no-worse", ended(1437, {"ResNet-20": (3,) * 3, "ResNet-56": (3,) * 3}))
    assert outcome.verdict == "reproduced"
    silent = {
        name: {seed: msgspec.structs.replace(run, train_images=0) for seed, run in runs.items()}
        for name, runs in ended(1437, {"ResNet-20": (3,) * 3, "ResNet-56": (3,) * 3}).trained.items()
    }
    outcome = judged("degradation", "no-worse", Results(scale="quick", seeds=(1, 2, 3), trained=silent))
    assert outcome.verdict == "cannot tell"
    assert outcome.reason.startswith("all seeds gave the same value")


def test_steps_are_those_of_the_blocks_pictures_and_lengths_that_were_measured() -> None:
    def step(experiment: str, key: str, results: Results) -> float:
        found = judged(experiment, key, results).estimate
        assert found is not None
        return found.resolution

    assert step("lesion-study", "no-single-block", made.lesions((0.03,) * 9)) == pytest.approx(100 / 8)
    assert step("lesion-study", "same-depth", made.lesions()) == pytest.approx(2 * 100 / 360)
    assert step("unravelled-paths", "short", made.paths(STRAIGHT[:10])) == pytest.approx(100 / 9)
    assert step("probe-by-depth", "reads-all", made.probes((0.7, 0.02), pictures=1000)) == pytest.approx(0.2)
    assert step("probe-by-depth", "gain", made.probes((0.7, 0.02), pictures=1000)) == pytest.approx(0.2)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("exact", [False, True])
def test_a_value_that_is_no_finite_number_gives_no_verdict_and_says_so(value: float, *, exact: bool) -> None:
    claim = next(claim for claim in EXPERIMENTS["degradation"].claims if claim.key == "no-worse")
    odd = msgspec.structs.replace(claim, values=lambda _: {1: 0.0, 2: value, 3: 0.0}, exact=exact)
    experiment = msgspec.structs.replace(EXPERIMENTS["degradation"], claims=(odd,))
    (outcome,) = claim_outcomes(experiment, degradation(0.6, 0.01)())
    assert (outcome.verdict, outcome.figure, outcome.estimate) == ("cannot tell", "–", None)
    assert outcome.reason == "no finite number for seed 2"
    assert odd.written(value) == "–"


def test_infinite_surfaces_are_written_without_a_number_and_do_not_break_any_output() -> None:
    whole = made.landscapes()
    holed = {
        seed: msgspec.structs.replace(one, losses=(None, *one.losses[1:]))
        for seed, one in whole.measured["plain"].items()
    }
    results = msgspec.structs.replace(whole, measured={**whole.measured, "plain": holed})
    experiment = EXPERIMENTS["loss-landscape"]
    outcomes = claim_outcomes(experiment, results)
    record = begun(experiment, "quick")
    assert outcomes[0].reason == "no finite number for seed 1, 2, 3"
    assert answer_sheet(new_card(experiment, record), record, results, "A").claims[0].values == {}
    report = lab_report(ReportSource(experiment=experiment, record=record, results=results, written="today"))
    for text in (*claim_lines(outcomes), claims_csv(outcomes), report):
        assert not re.search(r"[+−-]?\b(nan|inf)\b", text)


def test_what_cannot_be_divided_or_has_no_logarithm_gives_no_verdict() -> None:
    for experiment, key, results in (
        ("loss-landscape", "rougher", made.landscapes(deep=(3.0, 0.0))),
        ("signal-propagation", "resets", made.propagation(0.0, 0.0, 0.0)),
        ("receptive-field", "root", made.receptive(0.0, 0.5, 0.8)),
        ("unravelled-paths", "short", made.paths((-math.inf,) * 28)),
        ("unravelled-paths", "exponential", made.paths((-math.inf,) * 28)),
    ):
        outcome = judged(experiment, key, results)
        assert (outcome.verdict, outcome.estimate) == ("cannot tell", None)
        assert outcome.reason
        for question in question_outcomes(EXPERIMENTS[experiment], results, {}):
            assert "nan" not in question.shown
            assert "inf" not in question.shown

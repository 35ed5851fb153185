"""Verdicts of every claim of every experiment, on results whose truth is known."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from resnet_gui.lab.experiment import Claim
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.outcomes import ClaimOutcome, claim_outcomes, question_outcomes
from resnet_gui.lab.results import Results, TrainedRun
from tests.lab import made_results as made
from tests.rooms import ROOT

World = Callable[[], Results]


def degradation(plain: float, residual: float, cold: float = 0.3, tests: tuple[float, float] = (0.02, 0.02)) -> World:
    return lambda: made.trained(
        "degradation",
        {
            "plain-20": (0.0, 0.02, 0), "plain-56": (plain, plain, 0), "ResNet-20": (0.0, tests[0], 0),
            "ResNet-56": (residual, tests[1], 0), "ResNet-56, 0.1 at once": (cold, cold, 0),
        },
    )  # fmt: skip


def shortcuts(network: str, error: float) -> World:
    return lambda: made.trained("shortcut-bench", {network: (error, error, 0)})


def orders(error: float, other: float = 0.5) -> World:
    sweep = EXPERIMENTS["orders-bench"].scales[0].sweep
    assert sweep is not None
    figures = dict.fromkeys(sweep.axes[0].labels, (other,) * 3) | {"BN after addition": (error,) * 3}
    return lambda: made.trained("orders-bench", figures)


def at_paper(experiment: str, network: str, error: float, other: float) -> World:
    sweep = EXPERIMENTS[experiment].scales[-1].sweep
    assert sweep is not None
    figures = dict.fromkeys(sweep.axes[0].labels, (other, other, 1.0)) | {network: (error, error, 1.0)}
    return lambda: made.trained(experiment, figures, "paper", 1e-5)


def remedies(network: str, error: float, none: float = 0.3) -> World:
    return lambda: made.trained("start-up-remedies", {"no remedy": (none, none, 0)} | {network: (error, error, 0)})


NEIGHBOURS = {"plain-20": 0.44, "plain-56": -0.02, "plain-110": -0.02, "ResNet-20": 0.85, "ResNet-56": 0.75,
              "ResNet-110": 0.62}  # fmt: skip


def neighbours(**changes: float) -> World:
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    return lambda: made.gradients(NEIGHBOURS | changed)


STRAIGHT = tuple(-2.5 * length for length in range(28))
FLAT = (0.0,) * 28
BENT = tuple(-0.4 * (length % 2) - 2.5 * (length > 13) for length in range(28))

TRUTHS: dict[tuple[str, str], tuple[World, World]] = {
    ("shattered-gradients", "shatter"): (neighbours(), neighbours(plain_56=0.4)),
    ("shattered-gradients", "whole"): (neighbours(), neighbours(ResNet_110=0.1)),
    ("shattered-gradients", "root"): (neighbours(ResNet_20=0.85, ResNet_56=0.51, ResNet_110=0.36), neighbours()),
    ("signal-propagation", "grows"): (lambda: made.propagation(5, 0.2, 1), lambda: made.propagation(1.1, 0.2, 1)),
    ("signal-propagation", "resets"): (lambda: made.propagation(5, 0.2, 1), lambda: made.propagation(5, 0.9, 1)),
    ("signal-propagation", "plain-flat"): (lambda: made.propagation(5, 0.2, 1), lambda: made.propagation(5, 0.2, 2)),
    ("receptive-field", "fraction"): (
        lambda: made.receptive(8, 0.5, 0.8), lambda: made.receptive(8, 0.5, 0.8, area=60 * 60),
    ),
    ("receptive-field", "root"): (lambda: made.receptive(8, 0.5, 0.8), lambda: made.receptive(8, 1.0, 0.8)),
    ("receptive-field", "skips"): (lambda: made.receptive(8, 0.5, 0.8), lambda: made.receptive(8, 0.5, 1.2)),
    ("receptive-field", "grows"): (
        lambda: made.receptive(8, 0.5, 0.8, grown=2.0), lambda: made.receptive(8, 0.5, 0.8, grown=-2.0),
    ),
    ("lesion-study", "no-single-block"): (
        lambda: made.lesions((0.25,) + (0.03,) * 26), lambda: made.lesions((0.3,) * 27),
    ),
    ("lesion-study", "plain-cannot"): (made.lesions, lambda: made.lesions(plain=(None, 0.1, 0.2))),
    ("lesion-study", "same-depth"): (made.lesions, lambda: made.lesions(shallow=(0.9,) * 9)),
    ("lesion-study", "smooth"): (made.lesions, lambda: made.lesions(several={2: 0.05, 4: 0.5, 8: 0.6})),
    ("unravelled-paths", "short"): (lambda: made.paths(STRAIGHT), lambda: made.paths(FLAT)),
    ("unravelled-paths", "shorter"): (lambda: made.paths(STRAIGHT), lambda: made.paths(FLAT)),
    ("unravelled-paths", "exponential"): (lambda: made.paths(STRAIGHT), lambda: made.paths(BENT)),
    ("layer-responses", "smaller"): (
        lambda: made.responses({"residual": 0.5, "plain": 0.9}),
        lambda: made.responses({"residual": 0.9, "plain": 0.5}),
    ),
    ("layer-responses", "deeper"): (
        lambda: made.responses({"residual": 0.5, "deep": 0.3}), lambda: made.responses({"residual": 0.3, "deep": 0.5}),
    ),
    ("probe-by-depth", "rises"): (lambda: made.probes((0.7, 0.3, 0.02)), lambda: made.probes((0.7, 0.3, 0.45, 0.02))),
    ("probe-by-depth", "gain"): (lambda: made.probes((0.7, 0.3, 0.02)), lambda: made.probes((0.1, 0.05, 0.02))),
    ("probe-by-depth", "reads-all"): (lambda: made.probes((0.7, 0.02)), lambda: made.probes((0.7, 0.2))),
    ("loss-landscape", "rougher"): (made.landscapes, lambda: made.landscapes(deep=(1.1, 1.0))),
    ("loss-landscape", "alike"): (made.landscapes, lambda: made.landscapes(shallow=(4.0, 1.0))),
    ("degradation", "plain-degrades"): (degradation(0.6, 0.01), degradation(0.1, 0.01)),
    ("degradation", "shortcuts-cure"): (degradation(0.6, 0.01), degradation(0.2, 0.01)),
    ("degradation", "no-worse"): (degradation(0.6, 0.01), degradation(0.6, 0.1)),
    ("degradation", "better"): (
        degradation(0.6, 0.01, tests=(0.05, 0.01)), degradation(0.6, 0.01, tests=(0.01, 0.05)),
    ),
    ("degradation", "starts-cold"): (degradation(0.6, 0.01, cold=0.02), degradation(0.6, 0.01)),
    ("shortcut-bench", "none"): (shortcuts("none (plain)", 0.6), shortcuts("none (plain)", 0.01)),
    ("shortcut-bench", "half"): (shortcuts("scaling 0.5 / 1", 0.6), shortcuts("scaling 0.5 / 1", 0.01)),
    ("shortcut-bench", "dropout"): (shortcuts("dropout 0.5", 0.6), shortcuts("dropout 0.5", 0.01)),
    ("shortcut-bench", "both"): (shortcuts("scaling 0.5 / 0.5", 0.06), shortcuts("scaling 0.5 / 0.5", -0.06)),
    ("shortcut-bench", "exclusive"): (shortcuts("exclusive gate", 0.06), shortcuts("exclusive gate", -0.06)),
    ("shortcut-bench", "gate"): (shortcuts("shortcut-only gate", 0.06), shortcuts("shortcut-only gate", -0.06)),
    ("shortcut-bench", "everywhere"): (shortcuts("C, 1×1 convolutions", 0.06), shortcuts("C, 1×1 convolutions", -0.06)),
    ("shortcut-bench", "b"): (shortcuts("B, projection", 0.001), shortcuts("B, projection", 0.06)),
    ("orders-bench", "slow-start"): (orders(0.9), orders(0.1)),
    ("orders-bench", "slow"): (orders(0.9), orders(0.1)),
    ("orders-bench", "slowest"): (orders(0.9), orders(0.1)),
    ("orders-bench", "bn-after"): (
        at_paper("orders-bench", "BN after addition", 0.08, 0.06),
        at_paper("orders-bench", "BN after addition", 0.05, 0.06),
    ),
    ("orders-bench", "relu-before"): (
        at_paper("orders-bench", "ReLU before addition", 0.08, 0.06),
        at_paper("orders-bench", "ReLU before addition", 0.05, 0.06),
    ),
    ("orders-bench", "full"): (
        at_paper("orders-bench", "full pre-activation", 0.05, 0.06),
        at_paper("orders-bench", "full pre-activation", 0.08, 0.06),
    ),
    ("start-up-remedies", "stuck"): (remedies("warm-up", 0.01), remedies("warm-up", 0.01, none=0.01)),
    ("start-up-remedies", "warm-up"): (remedies("warm-up", 0.01), remedies("warm-up", 0.3)),
    ("start-up-remedies", "zero"): (remedies("zero γ", 0.01), remedies("zero γ", 0.3)),
    ("start-up-remedies", "pre"): (remedies("pre-activation", 0.01), remedies("pre-activation", 0.3)),
    ("start-up-remedies", "skip"): (remedies("SkipInit", 0.01), remedies("SkipInit", 0.3)),
    ("start-up-remedies", "depth"): (
        at_paper("start-up-remedies", "stochastic depth", 0.05, 0.06),
        at_paper("start-up-remedies", "stochastic depth", 0.07, 0.06),
    ),
}  # fmt: skip
"""Experiment and claim -> results in which it is true, and results in which it is not."""

CLAIMS = [(experiment.key, claim) for experiment in EXPERIMENTS.values() for claim in experiment.claims]


def judged(experiment: str, key: str, results: Results) -> ClaimOutcome:
    outcomes = claim_outcomes(EXPERIMENTS[experiment], results)
    return next(outcome for outcome in outcomes if outcome.claim.key == key)


def test_every_claim_but_those_that_are_exact_has_a_truth_here() -> None:
    assert {(key, claim.key) for key, claim in CLAIMS if not claim.exact} == set(TRUTHS)


@pytest.mark.parametrize(("experiment", "key"), TRUTHS, ids=str)
def test_a_claim_is_reproduced_where_it_is_true_and_not_where_it_is_false(experiment: str, key: str) -> None:
    true, false = TRUTHS[experiment, key]
    assert judged(experiment, key, true()).verdict == "reproduced"
    outcome = judged(experiment, key, false())
    assert outcome.verdict == "not reproduced", outcome


@pytest.mark.parametrize(("experiment", "key"), TRUTHS, ids=str)
def test_no_verdict_is_given_before_all_seeds_are_in(experiment: str, key: str) -> None:
    results = TRUTHS[experiment, key][0]()
    waiting = msgspec.structs.replace(results, seeds=(*results.seeds, 4))
    outcome = judged(experiment, key, waiting)
    assert outcome.verdict == "running"
    assert outcome.reason == "waits for seed 4"
    assert outcome.estimate is not None


@pytest.mark.parametrize(("experiment", "key"), TRUTHS, ids=str)
def test_a_claim_whose_results_are_missing_is_never_reproduced(experiment: str, key: str) -> None:
    results = TRUTHS[experiment, key][0]()
    names = [*results.trained, *results.measured]
    failed = {name: dict.fromkeys(results.seeds, "It failed.") for name in names}
    empty = Results(
        scale=results.scale, seeds=results.seeds, trained={name: {} for name in results.trained},
        measured={name: {} for name in results.measured}, failed=failed,
    )  # fmt: skip
    outcome = judged(experiment, key, empty)
    assert (outcome.verdict, outcome.estimate, outcome.figure) == ("cannot tell", None, "–")
    assert outcome.reason


def test_what_follows_from_the_designs_needs_no_run() -> None:
    outcome = judged("degradation", "no-parameters", Results(scale="quick", seeds=(1, 2, 3)))
    assert (outcome.verdict, outcome.figure, dict(outcome.values)) == ("reproduced", "0", {0: 0.0})


def test_what_a_scale_cannot_decide_is_said_to_be_so_whatever_was_measured() -> None:
    results = msgspec.structs.replace(at_paper("orders-bench", "BN after addition", 0.5, 0.06)(), scale="quick")
    outcome = judged("orders-bench", "bn-after", results)
    assert outcome.verdict == "cannot tell"
    assert outcome.reason.startswith("not decidable here")


def test_an_interval_across_the_bound_gives_no_verdict_but_a_number_of_seeds() -> None:
    runs = {
        name: {
            seed: TrainedRun(train_error=error, test_error=error, train_loss=0, test_loss=0)
            for seed, error in zip((1, 2, 3), errors, strict=True)
        }
        for name, errors in {"plain-20": (0.0, 0.0, 0.0), "plain-56": (0.15, 0.4, 0.6)}.items()
    }
    outcome = judged("degradation", "plain-degrades", Results(scale="quick", seeds=(1, 2, 3), trained=runs))
    assert outcome.verdict == "cannot tell"
    assert outcome.seeds_needed is not None
    assert outcome.seeds_needed > 3
    assert outcome.reason == f"about {outcome.seeds_needed} seeds"


def test_a_claim_that_is_just_wrong_is_called_reproduced_in_at_most_a_twentieth_of_drawn_results() -> None:
    drawn = np.random.default_rng(16)
    wrong = 0
    for _ in range(1000):
        # The truth lies on the bound: plain-56 ends 20 points above plain-20, give or take its spread.
        values = {seed: float(drawn.normal(0.2, 0.05)) for seed in (1, 2, 3)}
        runs = {
            "plain-20": dict.fromkeys(values, 0.0), "plain-56": values,
        }  # fmt: skip
        results = Results(
            scale="quick", seeds=(1, 2, 3),
            trained={
                name: {
                    seed: TrainedRun(train_error=error, test_error=error, train_loss=0, test_loss=0)
                    for seed, error in by_seed.items()
                }
                for name, by_seed in runs.items()
            },
        )  # fmt: skip
        wrong += judged("degradation", "plain-degrades", results).verdict == "reproduced"
    assert wrong <= 50


def test_differences_are_of_the_same_seed() -> None:
    results = degradation(0.6, 0.01)()
    values = judged("degradation", "plain-degrades", results).values
    plain, other = (results.trained[name] for name in ("plain-56", "plain-20"))
    assert values == {
        seed: pytest.approx(100 * (plain[seed].train_error - other[seed].train_error)) for seed in (1, 2, 3)
    }


def test_a_question_about_a_network_that_was_not_measured_stays_open() -> None:
    whole = made.lesions()
    failed = {"plain": dict.fromkeys(whole.seeds, "no run of a plain network was given")}
    results = msgspec.structs.replace(whole, measured={**whole.measured, "plain": {}}, failed=failed)
    found = {
        one.question.key: one.outcome
        for one in question_outcomes(EXPERIMENTS["lesion-study"], results, {"plain": "ruined"})
    }
    assert found["plain"] == ""
    assert found["residual"] != ""
    assert judged("lesion-study", "plain-cannot", results).verdict == "cannot tell"


def test_landscapes_of_unequal_training_loss_are_refused_and_say_why() -> None:
    outcome = judged("loss-landscape", "rougher", made.landscapes(plain_loss=1.3))
    assert outcome.verdict == "cannot tell"
    assert outcome.reason.startswith("not comparable: training loss 1.3 against 0.02")


@pytest.mark.parametrize(("experiment", "key"), TRUTHS, ids=str)
def test_every_question_comes_out_as_one_of_its_options_and_an_answer_is_right_if_it_is_that(
    experiment: str, key: str
) -> None:
    results = TRUTHS[experiment, key][0]()
    for outcome in question_outcomes(EXPERIMENTS[experiment], results, {}):
        assert outcome.right is None
        if outcome.outcome:
            assert outcome.outcome in outcome.question.options
            answers = {outcome.question.key: outcome.outcome}
            (again,) = [
                each
                for each in question_outcomes(EXPERIMENTS[experiment], results, answers)
                if each.question.key == outcome.question.key
            ]
            assert again.right is True


@pytest.mark.parametrize(("experiment", "claim"), CLAIMS, ids=lambda found: getattr(found, "key", found))
def test_a_claim_says_what_its_source_says_and_prints_no_number_without_one(experiment: str, claim: Claim) -> None:
    assert claim.paper
    assert claim.source
    assert experiment in EXPERIMENTS
    if claim.paper_value:
        # The number, or those that it is the difference of, stand in the words too.
        assert any(character.isdigit() for character in claim.paper)


def test_nothing_is_called_reproduced_that_no_paper_says() -> None:
    own = {
        (key, claim.key)
        for key, claim in CLAIMS
        if claim.paper.startswith("not ") or claim.source in {"this program", "the design"}
    }
    assert own == {(key, claim.key) for key, claim in CLAIMS if not claim.of_paper}
    assert ("start-up-remedies", "stuck") in own
    for experiment, key in own:
        words = [judged(experiment, key, results()).word for results in TRUTHS[experiment, key]]
        assert words == ["holds here", "does not hold here"]
    assert judged("degradation", "better", TRUTHS["degradation", "better"][0]()).word == "reproduced"


def test_no_number_is_called_the_papers_for_a_plain_network() -> None:
    for key in ("plain-degrades", "shortcuts-cure"):
        claim = next(claim for claim in EXPERIMENTS["degradation"].claims if claim.key == key)
        assert claim.paper_value is None
        assert "no number" in claim.paper


def test_the_document_of_the_lab_has_every_experiment_with_its_claims_and_its_differences_from_the_paper() -> None:
    text = (ROOT / "docs" / "lab.md").read_text(encoding="utf-8")
    for experiment in EXPERIMENTS.values():
        assert f"### {experiment.title} (`{experiment.key}`)" in text
        for sentence in (experiment.question, *experiment.protocol, *experiment.differences, experiment.citation):
            assert sentence in text
        for claim in experiment.claims:
            assert f"| {claim.title} | {claim.measured} | {claim.needs}" in text
            assert f"{claim.paper} ({claim.source}) |" in text

"""What results say of an experiment's claims and of what was predicted.

A verdict is given when all seeds are in, and never by hand: it follows from the claim's interval and bound alone
(``sweeps.statistics``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from resnet_gui.lab.experiment import Claim, Experiment, Question
from resnet_gui.lab.results import NothingMeasuredError, Results
from resnet_gui.sweeps.statistics import MeanEstimate, Verdict, difference_resolution, estimate, seeds_needed, verdict


def verdict_word(given: Verdict, *, of_paper: bool) -> str:
    """A verdict as people read it: only what a paper says can be reproduced, or not; other claims hold here, or not."""
    if of_paper:
        return given
    return {"reproduced": "holds here", "not reproduced": "does not hold here"}.get(given, given)


class ClaimOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement of results on a claim.

    Attributes:
        claim: of the experiment.
        values: by seed, as far as they are there; a difference is one of the same seed.
        estimate: their mean with its interval; None of no value, or of one that is not finite.
        verdict: "running" until all seeds are in.
        seeds_needed: about how many seeds a verdict takes where it is "cannot tell"; None where nobody knows.
        reason: why there is no verdict, or what it takes, in words; empty where there is nothing to say.
    """

    claim: Claim
    values: Mapping[int, float]
    estimate: MeanEstimate | None
    verdict: Verdict
    seeds_needed: int | None = None
    reason: str = ""

    @property
    def finite(self) -> dict[int, float]:
        """The values that are finite numbers, which alone can be drawn and written down."""
        return {seed: value for seed, value in self.values.items() if math.isfinite(value)}

    @property
    def word(self) -> str:
        """The verdict as it is shown."""
        return verdict_word(self.verdict, of_paper=self.claim.of_paper)

    @property
    def figure(self) -> str:
        """The mean with its deviation, as the table shows it: "+60.5 ± 8.8"; "–" where nothing was measured."""
        if self.estimate is None:
            return "–"
        mean = self.claim.written(self.estimate.mean)
        sd = self.estimate.sd
        return mean if self.claim.exact or sd is None else f"{mean} ± {sd:.{self.claim.decimals}f}"


class QuestionOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a question beside its answer.

    Attributes:
        question: of the experiment.
        answer: that was predicted; empty for none.
        outcome: the option that came out; empty while it is open.
        shown: the figure behind it; empty for none.
        right: whether the answer is the outcome; None while that is open, or nothing was answered.
    """

    question: Question
    answer: str
    outcome: str
    shown: str
    right: bool | None


def claim_outcomes(experiment: Experiment, results: Results) -> tuple[ClaimOutcome, ...]:
    """What results say of each claim that is made at their scale."""
    made = (claim for claim in experiment.claims if results.scale in claim.scales)
    return tuple(_judged(_naming(claim, results), results) for claim in made)


def question_outcomes(
    experiment: Experiment, results: Results, answers: Mapping[str, str]
) -> tuple[QuestionOutcome, ...]:
    """What became of each question that is asked at the results' scale; open until all seeds are in."""
    asked = (question for question in experiment.questions if results.scale in question.scales)
    return tuple(_answered(question, results, answers.get(question.key, "")) for question in asked)


def _naming(claim: Claim, results: Results) -> Claim:
    """The claim with the names of the networks that were measured for it."""
    names = list(dict.fromkeys(results.networks[role].name for role in claim.roles if role in results.networks))
    if not names:
        return claim
    return msgspec.structs.replace(claim, measured=f"{' and '.join(names)}: {claim.measured}")


def _of_two_depths(claim: Claim, results: Results) -> str:
    """Why networks do not decide a claim that compares those of one depth; empty where they do."""
    if not claim.one_depth:
        return ""
    networks = [results.networks[role] for role in claim.roles if role in results.networks]
    if len(networks) < len(claim.roles):
        return "the run of a network cannot be read any more, so its depth is not known"
    if len({network.depth for network in networks}) > 1:
        return f"not of one depth: {' and '.join(network.name for network in networks)}"
    return ""


def _judged(claim: Claim, results: Results) -> ClaimOutcome:
    values = dict(claim.values(results))
    no_number = sorted(seed for seed, value in values.items() if not math.isfinite(value))
    if claim.exact and not no_number:
        # What follows from the designs has no spread: the value is the truth, and lies in the bound or not.
        (value,) = values.values()
        exact = MeanEstimate(1, value, 0.0, value, value)
        return ClaimOutcome(claim=claim, values=values, estimate=exact, verdict=verdict(exact, claim.bound))
    found = estimate(list(values.values()), _resolution(claim, results)) if values and not no_number else None
    missing = [seed for seed in results.seeds if seed not in values]
    if missing and not results.complete:
        waits = f"waits for seed {', '.join(map(str, missing))}"
        return ClaimOutcome(claim=claim, values=values, estimate=found, verdict="running", reason=waits)
    reason = claim.undecidable.get(results.scale, "") or _lacking(claim, results, missing)
    reason = reason or _of_two_depths(claim, results)
    if not reason and no_number:
        reason = f"no finite number for seed {', '.join(map(str, no_number))}"
    if not reason and found is not None and _without_width(found):
        # Different seeds do not give one measured value: either no seed changed anything, or its step is not known.
        reason = "all seeds gave the same value, and how finely it is counted is not known"
    if found is None or reason:
        return ClaimOutcome(claim=claim, values=values, estimate=found, verdict="cannot tell", reason=reason)
    judged = verdict(found, claim.bound)
    if judged != "cannot tell":
        return ClaimOutcome(claim=claim, values=values, estimate=found, verdict=judged)
    needed = seeds_needed(found, claim.bound)
    return ClaimOutcome(
        claim=claim, values=values, estimate=found, verdict=judged, seeds_needed=needed, reason=_takes(found, needed)
    )


def _without_width(found: MeanEstimate) -> bool:
    """Whether an interval is a point, but for the rounding of floats."""
    return found.high - found.low <= 1e-12 * max(1.0, abs(found.mean))


def _resolution(claim: Claim, results: Results) -> float:
    """The resolution of a claim's values; that of a difference of counted values is made here, for all claims."""
    step = claim.resolution(results)
    return difference_resolution(step) if claim.difference else step


def _lacking(claim: Claim, results: Results, missing: list[int]) -> str:
    """Why seeds have no value although nothing is running any more; empty where all have one."""
    if not missing:
        return ""
    if reason := claim.missing(results):
        return reason
    absent = dict.fromkeys(results.absent.get(role, {}).get(seed, "") for role in claim.roles for seed in missing)
    if why := "; ".join(filter(None, absent)):
        return why.rstrip(".")
    failed = sorted({seed for seeds in results.failed.values() for seed in seeds} & set(missing))
    if failed:
        return f"needs seed {', '.join(map(str, failed))}, which failed"
    return "not measured" if len(missing) == len(results.seeds) else f"no value for seed {', '.join(map(str, missing))}"


def _takes(found: MeanEstimate, needed: int | None) -> str:
    if found.n == 1:
        return "one seed says nothing of the spread"
    if needed is None:
        return "more seeds would not tell"
    return f"about {needed} seeds"


def _answered(question: Question, results: Results, answer: str) -> QuestionOutcome:
    if not results.complete:
        return QuestionOutcome(question=question, answer=answer, outcome="", shown="", right=None)
    try:
        outcome = question.outcome(results)
        shown = question.shown(results) if outcome else ""
    except NothingMeasuredError:
        # A network of the question was not given, or failed: it stays open.
        return QuestionOutcome(question=question, answer=answer, outcome="", shown="", right=None)
    right = answer == outcome if answer and outcome else None
    return QuestionOutcome(question=question, answer=answer, outcome=outcome, shown=shown, right=right)

"""Times, claims and predictions as the page words them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from resnet_gui.export.lab_text import about
from resnet_gui.gui.common.verdicts import VERDICT_BADGES, waiting_badge
from resnet_gui.gui.kit.charts.badge import BadgeData
from resnet_gui.gui.kit.charts.dot_strip import DotStripData, StripDot
from resnet_gui.gui.kit.charts.strip_scale import StripScale
from resnet_gui.gui.lab.parts.claims import ClaimRow
from resnet_gui.gui.lab.parts.prediction import Prediction
from resnet_gui.lab.experiment import Claim, Experiment, Scale
from resnet_gui.lab.outcomes import ClaimOutcome, claim_outcomes, question_outcomes
from resnet_gui.lab.results import Results, ScaleKey

NOT_RUN: Final = BadgeData("not run")
SIGNS: Final = {"%": " %", "points": " points", "": ""}


def scale_title(scale: Scale, *, has_gpu: bool) -> str:
    """A scale in the head: ``Quick, digits, 5 min``; where there is no GPU, how long it takes without one."""
    if scale.needs_gpu and not has_gpu:
        return f"{scale.title}, needs a GPU"
    return f"{scale.title}, {about(scale.seconds)}"


def seconds_of(scale: Scale, seeds: int) -> float:
    """What so many seeds of a scale take."""
    return scale.seconds * seeds / max(1, len(scale.seeds))


def predictions(
    experiment: Experiment, results: Results | None, answers: dict[str, str], scale: ScaleKey
) -> list[Prediction]:
    """The questions of a scale with answers and outcomes."""
    nothing = Results(scale=scale, seeds=())
    found = question_outcomes(experiment, results or nothing, answers)
    return [
        Prediction(
            key=each.question.key,
            text=each.question.text,
            options=each.question.options,
            answer=each.answer,
            outcome="" if results is None else _outcome(each.outcome, each.shown),
            right=each.right if results is not None else None,
        )
        for each in found
    ]


def _outcome(outcome: str, shown: str) -> str:
    # The figure says more than the option, which stands beside it.
    # A figure that is no number is that of networks which the results do not have.
    return (shown if shown and "nan" not in shown else outcome) if outcome else ""


def claim_rows(
    experiment: Experiment, results: Results | None, scale: ScaleKey, *, revealed: bool, running: bool
) -> list[ClaimRow]:
    """The rows of the table of claims; while they are hidden they say only what is measured."""
    found = claim_outcomes(experiment, results or Results(scale=scale, seeds=()))
    return [
        _row(each, known=results is not None, revealed=revealed or each.claim.exact, running=running) for each in found
    ]


def _row(outcome: ClaimOutcome, *, known: bool, revealed: bool, running: bool) -> ClaimRow:
    claim = outcome.claim
    if not revealed:
        what, _, how = claim.measured.replace(" − ", " against ").rpartition(", ")
        what, how = (what, how) if what else (how, "")
        return ClaimRow(what, how, "", "–", "", NOT_RUN, _strip(claim, {}, None), StripScale(0, 1))
    full = f"{claim.title}: {claim.measured}. {claim.source} says: {claim.paper}."
    if claim.exact:
        needs = "exact" if known else "known without a run"
        return ClaimRow(claim.title, claim.measured, claim.paper, outcome.figure, needs,
                        VERDICT_BADGES[outcome.word], words="counted from the designs", full=full)  # fmt: skip
    strip = _strip(claim, dict(outcome.values), outcome)
    badge = _badge(outcome, running=running) if known else NOT_RUN
    needs = _needs(outcome) if known else f"needs {claim.needs}"
    return ClaimRow(claim.title, claim.measured, claim.paper, _value(outcome), needs, badge, strip,
                    _scale(claim, list(outcome.values.values())), full=f"{full} {outcome.reason}".strip())  # fmt: skip


def _value(outcome: ClaimOutcome) -> str:
    unit = {"%": " %", "×": " ×"}.get(outcome.claim.unit, "")
    return outcome.figure + (unit if outcome.estimate is not None else "")


def _needs(outcome: ClaimOutcome) -> str:
    if outcome.verdict == "cannot tell" and outcome.seeds_needed:
        return f"about {outcome.seeds_needed:,} seeds needed"
    if outcome.verdict == "cannot tell" and outcome.reason:
        return outcome.reason
    if outcome.verdict == "running" and outcome.values:
        return f"{len(outcome.values)} {'seed' if len(outcome.values) == 1 else 'seeds'} so far"
    return f"needs {outcome.claim.needs}"


def _badge(outcome: ClaimOutcome, *, running: bool) -> BadgeData:
    if outcome.verdict != "running":
        return VERDICT_BADGES[outcome.word]
    if running:
        return VERDICT_BADGES["running"]
    waits = [int(word) for word in outcome.reason.removeprefix("waits for seed ").split(", ") if word.isdecimal()]
    return waiting_badge(tuple(waits)) if waits else BadgeData("open", "t2")


def _strip(claim: Claim, values: dict[int, float], outcome: ClaimOutcome | None) -> DotStripData:
    found = outcome.estimate if outcome is not None else None
    box = None
    if found is not None and found.sd is not None:
        box = (found.mean - found.sd, found.mean + found.sd)
    unit = SIGNS.get(claim.unit, f" {claim.unit}")
    shown = outcome is not None
    edges = tuple(edge for edge in (claim.bound.low, claim.bound.high) if math.isfinite(edge))
    return DotStripData(
        dots=tuple(StripDot(value, f"seed {seed}: {claim.written(value)}{unit}", seed)
                   for seed, value in values.items() if math.isfinite(value)),
        mean=found.mean if found is not None else None,
        box=box,
        thresholds=edges if shown else (),
        holds=(claim.bound.low, claim.bound.high) if shown else None,
        diamond=claim.paper_value if shown else None,
    )  # fmt: skip


def _scale(claim: Claim, values: Sequence[float]) -> StripScale:
    """A track that shows every seed, the bound and the paper, with room on both sides."""
    wanted = [*values, claim.bound.low, claim.bound.high]
    wanted += [claim.paper_value] if claim.paper_value is not None else []
    sound = [value for value in wanted if math.isfinite(value)]
    if not sound:
        return StripScale(-1.0, 1.0)
    low, high = min(sound), max(sound)
    room = 0.3 * (high - low) or 0.5 * abs(high) or 1.0
    return StripScale(low - room, high + room)

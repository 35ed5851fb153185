"""What an experiment of the Lab came to: lines for people, the document of ``lab run --json``, and a table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from resnet_gui.data.datasets import KNOWN
from resnet_gui.lab.experiment import GROUPS, Experiment, Scale
from resnet_gui.lab.folder import ExperimentRecord
from resnet_gui.lab.outcomes import ClaimOutcome, QuestionOutcome, claim_outcomes, question_outcomes
from resnet_gui.lab.reader import ResultsReader
from resnet_gui.lab.results import Results
from resnet_gui.lab.seeds import seeds_text
from resnet_gui.protocol.lab_messages import MeasureExperiment


def about(seconds: float) -> str:
    """A span of time as people say it: "5 s", "5 min", "60 h", "9 days"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 96 * 3600 else f"{seconds / 86400:.0f} days"


def scale_words(scale: Scale, record: ExperimentRecord) -> str:
    """What was measured and on what, as the record has it; the scale's own words where nothing of it was changed."""
    parts = [f"{name} {_shown(value)} in place of {_shown(own)}" for name, value, own in _changed(scale, record)]
    if record.data and scale.sweep is not None and record.data != scale.sweep.recipe.data:
        parts.insert(0, f"on {data_words(record.data)}")
    if record.runs:
        parts.insert(0, f"on {len(record.runs)} finished run{'s' * (len(record.runs) > 1)}")
    return ", ".join(parts) or scale.data


def scale_line(scale: Scale, record: ExperimentRecord) -> str:
    """What is about to be run, with how many seeds, and how long that takes where it is known."""
    count = len(record.seeds)
    gpu = ", meant for a GPU" if scale.needs_gpu else ""
    seeds = f"{count} seed{'s' * (count != 1)}{gpu}"
    if (words := scale_words(scale, record)) != scale.data:
        return f"{scale.title}, {words}; {seeds}"
    seconds = scale.seconds * (1 if scale.draws else count / len(scale.seeds))
    return f"{words}; about {about(seconds)} on two idle cores with {seeds}"


def kept_lines(job: MeasureExperiment, record: ExperimentRecord) -> Iterator[str]:
    """What of an earlier run counts on although nobody asks for it now, and how to get rid of it."""
    kept = []
    if record.data and not job.data:
        kept.append(f"data {record.data}")
    if record.options and job.options is None:
        kept.append("set-up " + ", ".join(f"{name}={_shown(value)}" for name, value in record.options.items()))
    if record.runs and not job.runs:
        kept.append("runs " + ", ".join(dict.fromkeys(run.folder for run in record.runs)))
    if kept:
        yield f"as it was asked for before: {'; '.join(kept)} (--again begins anew without)"
    if job.seeds and set(job.seeds) != set(record.seeds):
        yield f"{seeds_text(sorted(record.seeds))} are there or asked for; all count (--again begins anew)"


def left_out_lines(results: Results) -> Iterator[str]:
    """A line for each network and seed of which there is nothing, with why."""
    for left_out in (results.failed, results.absent):
        for name, seeds in left_out.items():
            for seed, sentence in seeds.items():
                yield f"{name}, seed {seed}: {sentence}"


def data_words(data: str) -> str:
    """How data are called where no name of a file or folder may stand."""
    return KNOWN[data].title if data in KNOWN else "pictures of one's own"


def _changed(scale: Scale, record: ExperimentRecord) -> Iterator[tuple[str, Any, Any]]:
    """Fields of the set-up that have another value than the scale's: name, value, the scale's."""
    own = msgspec.to_builtins(scale.setup) if scale.setup is not None else {}
    for name, value in record.options.items():
        if value != own.get(name):
            yield name, value, own.get(name)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def claim_lines(outcomes: Sequence[ClaimOutcome]) -> Iterator[str]:
    """Two lines a claim: its title, what was found and the verdict; what was measured, and what the paper says."""
    width = max((len(each.claim.title) for each in outcomes), default=0)
    for each in outcomes:
        claim = each.claim
        unit = f" {claim.unit}" if claim.unit and each.estimate is not None else ""
        said = f"; {each.reason}" if each.reason else ""
        yield f"{claim.title:{width}}  {each.figure}{unit} (needs {claim.needs}): {each.word}{said}"
        yield f"{'':{width}}  {claim.measured}; paper: {claim.paper} ({claim.source})"


def question_lines(outcomes: Sequence[QuestionOutcome]) -> Iterator[str]:
    """A line for each question that was answered."""
    for each in outcomes:
        if each.answer:
            word = {True: "right", False: "wrong", None: "open"}[each.right]
            came = f"; came out: {each.outcome}" + (f" ({each.shown})" if each.shown else "") if each.outcome else ""
            yield f"predicted: {each.question.text}: {each.answer}{came} ({word})"


def experiment_document(experiment: Experiment, reader: ResultsReader, results: Results) -> dict[str, Any]:
    """The document of ``lab run --json``; bounds and ends of intervals without end are null."""
    record = reader.record
    return {
        "experiment": experiment.key,
        "title": experiment.title,
        "scale": record.scale,
        "folder": str(reader.folder),
        "seeds": list(record.seeds),
        "complete": results.complete and not results.all_failed,
        "data": record.data,
        "options": record.options,
        "runs": record.runs,
        "locked": record.locked,
        "questions": [
            {
                "key": each.question.key, "text": each.question.text, "answer": each.answer, "outcome": each.outcome,
                "shown": each.shown, "right": each.right,
            }
            for each in question_outcomes(experiment, results, record.answers)
        ],
        "claims": [_claim_document(each) for each in claim_outcomes(experiment, results)],
        "failed": results.failed,
        "absent": results.absent,
        "versions": record.versions,
        "device": record.device,
    }  # fmt: skip


def _claim_document(each: ClaimOutcome) -> dict[str, Any]:
    claim, found = each.claim, each.estimate
    return {
        "key": claim.key,
        "title": claim.title,
        "measured": claim.measured,
        "paper": claim.paper,
        "source": claim.source,
        "paper_value": claim.paper_value,
        "unit": claim.unit,
        "low": _finite(claim.bound.low),
        "high": _finite(claim.bound.high),
        "values": {seed: _finite(value) for seed, value in each.values.items()},
        "n": found.n if found else 0,
        "mean": found.mean if found else None,
        "sd": found.sd if found else None,
        "interval": [_finite(found.low), _finite(found.high)] if found else None,
        "of_paper": claim.of_paper,
        "verdict": each.word,
        "seeds_needed": each.seeds_needed,
        "reason": each.reason,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def claims_csv(outcomes: Sequence[ClaimOutcome]) -> str:
    """One row a claim and seed, with the claim's mean, interval and verdict beside each."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["claim", "measured", "unit", "seed", "value", "mean", "sd", "low", "high", "needs", "verdict"])
    for each in outcomes:
        found = each.estimate
        figures = [found.mean, found.sd, _finite(found.low), _finite(found.high)] if found else [None] * 4
        row = ["" if figure is None else repr(figure) for figure in figures]
        for seed, value in each.values.items() or [("", "")]:
            writer.writerow(
                [
                    each.claim.title,
                    each.claim.measured,
                    each.claim.unit,
                    seed,
                    value if seed in each.finite else "",
                    *row,
                    each.claim.needs,
                    each.word,
                ]
            )
    return out.getvalue()


def experiment_lines(experiments: Sequence[Experiment]) -> Iterator[str]:
    """The list of experiments, group by group."""
    width = max(len(each.key) for each in experiments)
    for group, heading in GROUPS.items():
        yield f"{heading}:"
        for each in experiments:
            if each.group == group:
                scales = ", ".join(f"{scale.key} {about(scale.seconds)}" for scale in each.scales)
                yield f"  {each.key:{width}}  {each.question} ({each.paper}; {scales})"


def experiments_document(experiments: Sequence[Experiment]) -> list[dict[str, Any]]:
    """The document of ``lab list --json``."""
    return [
        {
            "key": each.key,
            "title": each.title,
            "group": each.group,
            "question": each.question,
            "paper": each.paper,
            "figure": each.figure,
            "claims": [claim.title for claim in each.claims],
            "questions": [
                {"key": question.key, "text": question.text, "options": question.options}
                for question in each.questions
            ],
            "networks": [role.title for role in each.roles],
            "scales": [
                {
                    "key": scale.key, "title": scale.title, "data": scale.data, "seconds": scale.seconds,
                    "needs_gpu": scale.needs_gpu, "seeds": scale.seeds,
                }
                for scale in each.scales
            ],
        }
        for each in experiments
    ]  # fmt: skip

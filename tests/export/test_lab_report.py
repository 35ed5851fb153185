"""The report of the Lab: static, alone, without a path of this computer, and with every claim as it was judged."""

from __future__ import annotations

import html
import re
import shlex

import msgspec
import pytest

from resnet_gui.cli.sweep_options import parsed_seeds
from resnet_gui.export.lab_report import ReportSource, fingerprint, lab_report
from resnet_gui.export.lab_text import claim_lines, claims_csv, experiment_lines, kept_lines, scale_line
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import ExperimentRecord, RunOfRole, answered, begun, locked
from resnet_gui.lab.outcomes import claim_outcomes
from resnet_gui.lab.results import Results
from resnet_gui.protocol.lab_messages import MeasureExperiment
from tests.export.tag_reader import read
from tests.lab import made_results as made
from tests.lab.test_claims import TRUTHS, World

WORLDS: dict[str, World] = {experiment: true for (experiment, _), (true, _) in reversed(TRUTHS.items())}
"""Experiment -> results in which its first claim is true."""


def source(key: str, results: Results | None = None, **changes: object) -> ReportSource:
    experiment = EXPERIMENTS[key]
    results = results or WORLDS[key]()
    record = locked(begun(experiment, results.scale))
    return ReportSource(
        experiment=experiment, record=msgspec.structs.replace(record, **changes), results=results, written="today"
    )


@pytest.mark.parametrize("key", EXPERIMENTS)
def test_a_report_is_well_formed_runs_nothing_and_fetches_nothing(key: str) -> None:
    text = lab_report(source(key))
    found = read(text)
    assert not found.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert [each for each in found.attributes if each[0].startswith("on") or each[0] in {"src", "href"}] == []
    assert re.search(r"url\(|@import|https?:", text) is None


@pytest.mark.parametrize("key", EXPERIMENTS)
def test_a_report_names_every_claim_with_its_verdict_and_its_source(key: str) -> None:
    of = source(key)
    text = lab_report(of)
    for outcome in claim_outcomes(of.experiment, of.results):
        for part in (outcome.claim.title, outcome.claim.source, outcome.figure, outcome.verdict):
            assert html.escape(part) in text


def test_names_are_escaped_and_paths_are_left_out() -> None:
    results = made.trained("degradation", {})
    results = msgspec.structs.replace(results, failed={"<b>x</b>": {1: "/home/me/secret/run-1 is gone."}})
    text = lab_report(source("degradation", results, data="/home/me/<i>pictures</i>", program="<script>"))
    read(text)
    assert "&lt;b&gt;x&lt;/b&gt;, seed 1: the program says why" in text
    assert "&lt;script&gt;" in text
    assert "/home" not in text
    assert "secret" not in text


@pytest.mark.parametrize(
    "path", ["/home/anna smith/pics", "/home/anna", r"C:\Users\Anna Smith\Pictures\x", "anna smith", "../anna's set, 2"]
)
def test_nothing_of_a_path_is_printed_whatever_it_holds(path: str) -> None:
    results = made.trained("degradation", {})
    sentences = {1: f"{path} is no folder.", 2: f"Nothing in '{path}/a b/1.png'", 3: "There is no memory left."}
    results = msgspec.structs.replace(results, failed={"plain-20": sentences})
    run = RunOfRole("residual", 1, f"{path}/run 1")
    text = lab_report(source("degradation", results, data=path, runs=(run,)))
    assert re.search(r"anna|smith|pics|Users|run 1", text, re.IGNORECASE) is None
    assert "There is no memory left." in text
    assert "pictures of one&#x27;s own" in text


def command(text: str) -> list[list[str]]:
    """The lines of a report's command, in words."""
    found = re.search(r"<pre>(.*?)</pre>", text, re.DOTALL)
    assert found is not None
    return [shlex.split(html.unescape(line))[3:] for line in found[1].splitlines()]


def test_the_command_of_a_report_asks_for_what_was_measured() -> None:
    options = {"points": 32, "rule": "a b"}
    (line, _) = command(lab_report(source("shattered-gradients", options=options, seeds=(5,))))
    words = ["--scale", "quick", "--again", "--seeds", "5-5", "--set", "points=32", "--set", 'rule="a b"']
    assert line == ["shattered-gradients", *words]
    assert parsed_seeds("5-5") == (5,)
    (line, card) = command(lab_report(source("degradation", data="/home/me/pics", seeds=(4, 7, 8))))
    assert line[-4:] == ["--data", "DATA", "--seeds", "4,7-8"]
    assert card == ["--card", "REPORT.html", "--again", "--data", "DATA"]
    (line, _) = command(lab_report(source("degradation", data="cifar10")))
    assert line[-4:] == ["--data", "cifar10", "--seeds", "1-3"]
    runs = tuple(RunOfRole("residual", seed, f"/home/me/{seed}") for seed in (1, 2))
    text = lab_report(source("probe-by-depth", runs=runs))
    assert command(text)[0][-4:] == ["--run", "RUN1", "--run", "RUN2"]
    assert "With your own RUN1 RUN2." in text


def test_words_of_the_set_up_and_the_seeds_are_those_of_what_was_measured() -> None:
    plain = source("shattered-gradients")
    assert plain.scale.data in lab_report(plain)
    text = lab_report(source("shattered-gradients", options={"points": 32}, seeds=(1,)))
    assert "128 points" not in text
    assert text.count("points 32 in place of 128") == 2
    assert "; 1 seed;" in text
    line = scale_line(plain.scale, msgspec.structs.replace(plain.record, options={"points": 32}))
    assert line == "Quick, points 32 in place of 128; 3 seeds"
    assert scale_line(plain.scale, msgspec.structs.replace(plain.record, seeds=(1,))).endswith("cores with 1 seed")


def test_what_was_asked_for_before_and_counts_on_is_said() -> None:
    job = MeasureExperiment(job=1, experiment="degradation", seeds=(1,))
    record = source("degradation", data="cifar10", seeds=(1, 2, 3, 4)).record
    assert list(kept_lines(job, record)) == [
        "as it was asked for before: data cifar10 (--again begins anew without)",
        "seeds 1 to 4 are there or asked for; all count (--again begins anew)",
    ]
    asked = msgspec.structs.replace(job, data="cifar10", seeds=())
    assert list(kept_lines(asked, record)) == []


def test_a_prediction_stands_in_the_report_with_what_came_out() -> None:
    experiment = EXPERIMENTS["shattered-gradients"]
    record = locked(answered(experiment, begun(experiment, "quick"), {"plain-20": "over 0.7", "plain-56": "under 0.3"}))
    text = lab_report(
        ReportSource(experiment=experiment, record=record, results=WORLDS["shattered-gradients"](), written="today")
    )
    assert text.count("came true") == 1
    assert text.count("did not") == 1


def test_an_unfinished_report_says_so() -> None:
    results = msgspec.structs.replace(WORLDS["degradation"](), seeds=(1, 2, 3, 4))
    text = lab_report(source("degradation", results, seeds=(1, 2, 3, 4)))
    assert "3 of 4 seeds" in text
    assert "running" in text


def test_the_fingerprint_changes_with_any_value() -> None:
    outcomes = claim_outcomes(EXPERIMENTS["degradation"], WORLDS["degradation"]())
    other = claim_outcomes(EXPERIMENTS["degradation"], made.trained("degradation", {"plain-20": (0.1, 0, 0)}))
    assert fingerprint(outcomes) != fingerprint(other)
    assert re.fullmatch(r"[0-9a-f]{4}( [0-9a-f]{4}){3}", fingerprint(outcomes))


def test_lines_and_table_have_every_claim_and_seed() -> None:
    outcomes = claim_outcomes(EXPERIMENTS["degradation"], WORLDS["degradation"]())
    assert len(list(claim_lines(outcomes))) == 2 * len(outcomes)
    rows = claims_csv(outcomes).splitlines()
    assert len(rows) == 1 + 3 * (len(outcomes) - 1) + 1
    assert rows[1].startswith("Plain: deeper trains worse,")


def test_the_list_names_every_experiment_under_its_group() -> None:
    lines = list(experiment_lines(tuple(EXPERIMENTS.values())))
    assert len(lines) == len(EXPERIMENTS) + 3
    assert lines[0] == "No training (seconds):"


def test_a_report_of_nothing_says_that_nothing_was_measured() -> None:
    record = ExperimentRecord(experiment="lesion-study", scale="quick", seeds=(1,))
    empty = Results(scale="quick", seeds=(1,), measured={"residual": {}, "plain": {}, "residual-20": {}})
    text = lab_report(ReportSource(experiment=EXPERIMENTS["lesion-study"], record=record, results=empty))
    read(text)
    assert "0 of 1 seeds" in text

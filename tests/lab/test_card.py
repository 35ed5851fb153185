"""The teacher's card and the answer sheet: there and back, and what is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.lab.card import (
    COURTESY,
    ExperimentCard,
    answer_sheet,
    embedded_card,
    encode_card,
    new_card,
    read_card,
    read_sheet,
)
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import answered, begun, locked
from tests.lab import made_results as made

SHATTER = EXPERIMENTS["shattered-gradients"]


def card(**changes: object) -> ExperimentCard:
    made_card = new_card(
        SHATTER,
        begun(SHATTER, "quick"),
        ("scale", "prediction"),
        question="Why -- <b>so</b>?",
        text="Class 7b",
        author="T.",
    )
    return msgspec.structs.replace(made_card, **changes)


def test_a_card_comes_back_as_it_was_and_says_that_locking_is_a_courtesy(tmp_path: Path) -> None:
    path = tmp_path / "a.card.json"
    path.write_bytes(encode_card(card()))
    found = read_card(path)
    assert found == card()
    assert (found.locks("scale"), found.locks("seeds")) == (True, False)
    assert COURTESY in path.read_text(encoding="utf-8")
    assert "no security" in COURTESY


def test_a_card_lies_in_a_report_and_no_text_of_it_ends_the_comment(tmp_path: Path) -> None:
    hostile = card(text="--> <script>alert(1)</script> <!-- --!>", options={"points": 64}, author="-" * 9)
    path = tmp_path / "report.html"
    text = embedded_card(hostile)
    assert text.count("-->") == 1
    assert text.count("--") == 2
    path.write_text(f"<!doctype html>\n{text}\n<html></html>", encoding="utf-8")
    assert read_card(path) == hostile


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "x.card.json is no card: it is not JSON"),
        ("{}", "x.card.json is no card of this version"),
        ("<html></html>", "x.card.json holds no card; drop a report of the Lab"),
        (encode_card(card(experiment="xyzzy")).decode(), "There is no experiment 'xyzzy'"),
        (
            encode_card(card(scale="paper")).decode(),
            "asks for the scale 'paper' of Shattered",
        ),
        (encode_card(card(card=99)).decode(), r"a later version of Shattered gradients \(99, here 1\); use a newer"),
        (encode_card(card(seeds=())).decode(), "names no seeds"),
        (encode_card(card(seeds=(1, 1))).decode(), "Seed 1 stands twice"),
        (encode_card(card(seeds=tuple(range(100_000)))).decode(), "100,000 seeds are more than an experiment"),
        (encode_card(card(seeds=(10**18,))).decode(), "1000000000000000000 is no seed"),
        (encode_card(card(text="a" * 5000)).decode(), "a text of more than 4,000 characters"),
        (encode_card(card()).decode().replace('"version": 1', '"version": 2'), "is no card of this version"),
        (encode_card(card()).decode().replace('"scale"', '"size"', 1), "is no card of this version"),
    ],
)
def test_what_is_no_card_is_refused_in_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "x.card.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=sentence) as caught:
        read_card(path)
    assert "\n" not in str(caught.value)


def test_an_answer_sheet_comes_back_with_the_prediction_its_outcome_and_the_verdicts(tmp_path: Path) -> None:
    neighbours = {"plain-20": 0.44, "plain-56": 0.0, "plain-110": 0.0, "ResNet-20": 0.85, "ResNet-56": 0.75}
    results = made.gradients(neighbours | {"ResNet-110": 0.6})
    record = locked(answered(SHATTER, begun(SHATTER, "quick"), {"plain-20": "0.3 to 0.7", "plain-56": "over 0.7"}))
    sheet = answer_sheet(card(), record, results, "A. Student", answer="As it is deep.", remarks="none")
    path = tmp_path / "a.answers.json"
    path.write_bytes(encode_card(sheet))
    found = read_sheet(path)
    assert found == sheet
    assert [(one.answer, one.outcome, one.right) for one in found.answers] == [
        ("0.3 to 0.7", "0.3 to 0.7", True), ("over 0.7", "under 0.3", False), ("", "over 0.7", None),
    ]  # fmt: skip
    assert found.claims[0].verdict == "reproduced"
    assert found.locked == record.locked


def test_a_card_is_no_answer_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(encode_card(card()))
    with pytest.raises(InputError, match=r"a\.json is no answer sheet of this version"):
        read_sheet(path)

"""``resnet-gui lab``: what is printed and written, and what is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from resnet_gui.cli.main import main
from resnet_gui.lab.card import read_card
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import SeedFile, begun, experiment_folder, list_results, write_record, write_seed
from resnet_gui.protocol.lab_messages import MeasureExperiment
from tests.engine.lab.test_runner import DESIGNS, small


def call(captured: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    try:
        code = main(list(words))
    except SystemExit as ended:
        code = int(str(ended.code))
    found = captured.readouterr()
    return code, found.out, found.err


def test_the_list_has_every_experiment_with_its_claims(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "lab", "list", "--json")
    found = json.loads(out)
    assert code == 0
    assert [each["key"] for each in found] == list(EXPERIMENTS)
    assert all(each["claims"] and each["questions"] and each["scales"] for each in found)
    code, out, _ = call(capsys, "lab", "list")
    assert all(key in out for key in EXPERIMENTS)


def test_an_experiment_is_run_judged_reported_and_carded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small(monkeypatch, "shattered-gradients", designs=DESIGNS)
    report, table, drawn = tmp_path / "a.html", tmp_path / "a.csv", tmp_path / "a.svg"
    paper = tmp_path / "paper.SVG"
    words = ("lab", "run", "shattered-gradients", "--seeds", "2", "--device", "cpu")
    files = ("--report", str(report), "--csv", str(table), "--svg", str(drawn))
    in_paper = ("--figure", str(paper), "--width", "one-column", "--letters", "text", "--ground", "none-dark")
    code, out, _ = call(capsys, *words, "--answer", "plain-20=over 0.7", *files, *in_paper, "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["complete"], found["seeds"]) == (True, [1, 2])
    assert found["questions"][0]["answer"] == "over 0.7"
    assert {claim["verdict"] for claim in found["claims"]} <= {"reproduced", "not reproduced", "cannot tell"}
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")
    figure = ET.fromstring(drawn.read_text(encoding="utf-8"))  # noqa: S314 (our own)
    assert {"Correlation of gradients", "Gradient, plain", "plain-20"} <= {it.text for it in figure.iter() if it.text}
    as_text = paper.read_text(encoding="utf-8")
    assert 'width="85mm"' in as_text
    assert "Correlation of gradients" in as_text
    code, _, err = call(capsys, *words, "--figure", str(tmp_path / "a.gif"))
    assert (code, err.count("\n")) == (2, 1)
    assert "a.gif: a drawing ends in .svg, .pdf or .png" in err
    code, _, err = call(capsys, *words, "--width", "85")
    assert (code, err.count("\n")) == (2, 1)
    assert "--width is of a drawing; name its file with --figure" in err
    assert table.read_text(encoding="utf-8").startswith("claim,measured,unit,seed,value")
    card = read_card(report)
    assert (card.experiment, card.seeds) == ("shattered-gradients", (1, 2))
    # The report repeats it, and the prediction is locked by now.
    code, out, _ = call(capsys, "lab", "run", "--card", str(report), "--device", "cpu")
    assert code == 0
    assert "Plain gradients shatter" in out
    code, _, err = call(capsys, *words, "--answer", "plain-20=over 0.7")
    assert (code, err.count("\n")) == (2, 1)
    assert "locked" in err


def test_a_card_is_written_for_a_class(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "a.card.json"
    code, _, _ = call(capsys, "lab", "card", "degradation", "--lock", "seeds", "--question", "Why?", "-o", str(path))
    assert code == 0
    card = read_card(path)
    assert (card.experiment, card.question, card.locked) == ("degradation", "Why?", ("seeds",))


def test_a_card_is_of_the_seeds_and_the_set_up_that_are_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.card.json"
    words = ("lab", "card", "shattered-gradients", "-o", str(path))
    assert call(capsys, *words, "--seeds", "4,7", "--set", "points=32")[0] == 0
    card = read_card(path)
    assert (card.seeds, card.options) == ((4, 7), {"points": 32})
    code, _, err = call(capsys, *words, "--set", "points=3")
    assert (code, "A line has 32 to 4096 points" in err) == (2, True)


def test_what_a_card_locks_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "a.card.json"
    locks = [word for control in ("seeds", "options", "scale", "prediction", "runs") for word in ("--lock", control)]
    call(capsys, "lab", "card", "shattered-gradients", *locks, "-o", str(path))
    run = ("lab", "run", "--card", str(path))
    for words in (("--seeds", "2"), ("--set", "points=64"), ("--scale", "quick"), ("--run", "x")):
        code, _, err = call(capsys, *run, *words)
        assert (code, err.count("\n")) == (2, 1)
        assert f"The card keeps this as it has it; leave out {words[0]}." in err
    code, _, err = call(capsys, *run, "--answer", "plain-20=over 0.7")
    assert (code, err.count("\n")) == (2, 1)
    assert "asks for a prediction first: “Correlation of neighbours, plain-56”; add --answer plain-56=ANSWER" in err
    assert not begun(EXPERIMENTS["shattered-gradients"], "quick").answers


def test_an_experiment_of_which_everything_failed_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(job: MeasureExperiment, _complain: object) -> None:
        experiment = EXPERIMENTS[job.experiment]
        folder = experiment_folder(experiment, job.scale)
        write_record(folder, begun(experiment, job.scale))
        for seed in (1, 2, 3):
            roles = dict.fromkeys((role.key for role in experiment.roles), "There is no memory left.")
            write_seed(folder, SeedFile(seed=seed, seconds=1.0, measured={}, failed=roles))

    monkeypatch.setattr("resnet_gui.engine.lab.in_terminal.experiment_here", measured)
    code, out, err = call(capsys, "lab", "run", "probe-by-depth", "--json")
    assert (code, json.loads(out)["complete"]) == (1, False)
    assert "seed 1: There is no memory left." in err
    assert "nothing of it could be measured" in err.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run",), "Name an experiment"),
        (("run", "xyzzy"), "There is no experiment 'xyzzy'"),
        (("run", "shattered-gradients", "--scale", "paper"), "has no scale 'paper'; it has quick"),
        (("run", "shattered-gradients", "--seeds", "none"), "--seeds none"),
        (("run", "shattered-gradients", "--seeds", "0"), "at least one seed"),
        (("run", "shattered-gradients", "--set", "points"), "write field=value"),
        (("run", "shattered-gradients", "--set", "points=3"), "A line has 32 to 4096 points, not 3"),
        (("run", "shattered-gradients", "--set", "dots=3"), "'dots' is no field of the set-up"),
        (("run", "shattered-gradients", "--answer", "plain-20"), "write question=answer"),
        (("run", "shattered-gradients", "--answer", "plain-20=maybe"), "there are 'under 0.3'"),
        (("run", "degradation", "--data", "nonsense", "--answer", "plain=higher"), "There are no data 'nonsense'"),
        (("run", "shattered-gradients", "--seeds", "9999"), "9,999 seeds are more than"),
        (("run", "shattered-gradients", "--run", "nothing"), "measures no finished runs"),
        (("run", "shattered-gradients", "--data", "cifar10"), "trains no networks"),
        (("run", "lesion-study", "--run", "nothing"), "There is no run nothing"),
        (("run", "degradation", "--card", "nothing.json"), "There is no card nothing.json"),
        (("run", "degradation", "--report", "nothing/a.html"), "cannot be written"),
        (("run", "shattered-gradients", "--device", "tpu"), "There is no device 'tpu'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    code, out, err = call(capsys, "lab", *words)
    assert (code, out) == (2, "")
    assert sentence in err.splitlines()[-1]
    assert "Traceback" not in err
    assert list_results() == ([], [])

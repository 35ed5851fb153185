"""``resnet-gui evaluate`` beyond the counts: classes matched by hand, files that are written, a report's command."""

from __future__ import annotations

import csv
import html
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_gui.base.files import evaluations_folder
from resnet_gui.cli.evaluate import mapping_of
from resnet_gui.cli.main import main
from resnet_gui.design.plan import plan
from resnet_gui.export.evaluation.command import escaped
from resnet_gui.network.resnet import ResNet
from tests.cli.test_evaluate import SPEC, evaluated, fill, model
from tests.engine.evaluate.colour_network import save_colours

__all__ = ["model"]
PASSING = frozenset(["seconds", "images_per_second", "folder", "measured"])
"""Fields that are others when the same is measured again."""


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another drawn network."""
    torch.manual_seed(3)
    torch.save(ResNet(plan(SPEC)).eval().state_dict(), tmp_path / "other.pt")
    return tmp_path / "other.pt"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return fill(tmp_path / "set", {"A": 7, "a": 6, "b, or so": 9})


def lasting(found: dict[str, Any]) -> dict[str, Any]:
    """The figures of a document, without the times that they took."""
    return {name: value for name, value in found.items() if name not in PASSING}


def repeated(report: str, names: dict[str, str]) -> list[str]:
    """The words after ``evaluate`` of a report's command, with one's own files in place of words in capital letters."""
    (block,) = re.findall(r"<pre>(.*?)</pre>", report, re.DOTALL)
    words = shlex.split(html.unescape(re.sub(r"<[^>]*>", "", block)))
    assert words[:2] == ["resnet-gui", "evaluate"]
    return [names.get(word, word) for word in words[2:]]


def words_of(report: str) -> str:
    """The words of a report without its times."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", report))
    return re.sub(r"\d+ \w+ \d{4}, \d\d:\d\d|[\d,]+ images/s|[\d.,]+ s\b", "", text)


def test_the_command_that_a_report_names_measures_the_same_figures_and_writes_the_same_report(
    model: list[str], other: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    asked = ["--data", data, "--compare", other, "--depth", "--corruptions", "gaussian_blur,shift", "--pictures", 0,
             "--temperature", 1.5, "--map", "b, or so=", "--train-data", data, "--report", report]  # fmt: skip
    first = evaluated(capsys, *model, *asked)
    before = report.read_text(encoding="utf-8")
    own = {"MODEL": model[0], "CLASSES": model[2], "DATA": str(data), "MODEL2": str(other), "TRAINING": str(data),
           "REPORT.html": str(report)}  # fmt: skip
    words = repeated(before, own)
    assert set(own.values()) <= set(words)
    again = evaluated(capsys, *words)
    assert again["folder"] != first["folder"]
    assert again["command"].split(" --report ")[0] == first["command"].split(" --report ")[0]
    assert lasting(again) == lasting(first)
    assert words_of(report.read_text(encoding="utf-8")) == words_of(before)
    assert before.count("<img ") == len(first["wrong"]) > 0
    assert str(tmp_path) not in before
    assert first["mapping"] == {"A": "A", "a": "a", "b, or so": ""}
    assert first["pictures"] == 13
    assert [len(curve["correct"]) for curve in first["robustness"]["curves"]] == [6, 6]
    assert first["depth"] is not None
    assert first["cka_with_other"]["rows"] == first["cka"]["rows"]
    assert first["comparison"]["pictures"] == 13
    # Of the folder as a training set the training part is looked through, which has some of the same files.
    assert first["copies"]["exact"]
    assert {first["copies"]["pictures"], len(first["copies"]["exact"])} <= set(range(1, 14))


def test_what_was_measured_before_is_shown_again_and_said(
    model: list[str], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = evaluated(capsys, *model, "--data", data)
    assert main(["evaluate", *model, "--data", str(data), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == first
    assert "was measured on" in printed.err
    assert "--again" in printed.err
    (data / "A" / "0.png").unlink()
    assert evaluated(capsys, *model, "--data", data)["pictures"] == first["pictures"] - 1


def test_a_class_that_the_network_has_not_can_be_matched_or_left_out(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = fill(tmp_path / "set", {"A": 2, "emu": 3})
    assert main(["evaluate", *model, "--data", str(data)]) == 2
    refused = capsys.readouterr().err
    assert "The network has no class 'emu'; say with --map DATACLASS=NETWORKCLASS which" in refused
    assert refused.count("\n") == 1
    found = evaluated(capsys, *model, "--data", data, "--map", "emu=B")
    assert {each["label"]: each["pictures"] for each in found["classes"]} == {"A": 2, "B": 3}
    assert found["mapped_by"] == "user"
    found = evaluated(capsys, *model, "--data", data, "--map", "emu=")
    assert (found["pictures"], found["unreadable"]) == (2, 0)
    assert found["left_out"] == [{"path": "class 'emu'", "reason": found["left_out"][0]["reason"]}]


def test_all_answers_wrong_answers_and_copies_of_their_pictures_are_written(
    model: list[str], data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = tmp_path / "all.csv", tmp_path / "wrong.csv"
    (data / "A" / "broken.png").write_bytes(b"no picture")
    words = ["--csv-all", tables[0], "--csv", tables[1], "--copy-wrong", tmp_path / "copies"]
    found = evaluated(capsys, *model, "--data", data, *words)
    every, wrong = (list(csv.DictReader(table.read_text(encoding="utf-8").splitlines())) for table in tables)
    assert len(every) == found["pictures"] == 22
    assert [row["image"] for row in wrong] == [each["image"] for each in found["wrong"]]
    copies = sorted(path.read_bytes() for path in (tmp_path / "copies").iterdir())
    assert copies == sorted(Path(row["image"]).read_bytes() for row in wrong)
    assert found["unreadable"] == 1
    assert found["left_out"][0]["path"].endswith("broken.png")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--map", "emu"], "--map emu: write DATACLASS=NETWORKCLASS"),
        (["--map", "a=A", "--map", "a=B"], "--map names the class 'a' twice"),
        (["--pictures", "5"], "name --corruptions too"),
        (["--temperature", "0"], "The temperature is 0; it must be a number above 0."),
        (["--corruptions", "fog"], "There is no corruption 'fog'; there are gaussian_blur,"),
        (["--map", "=A"], "--map =A: write DATACLASS=NETWORKCLASS"),
        (["--corruptions", ","], "--corruptions ',' names none between its commas"),
        (["--corruptions", ""], "--corruptions '' names none between its commas"),
        (["--corruptions", "--pictures", "-1"], "--pictures is -1; name at least one picture"),
        (["--compare", ""], "--compare is empty"),
        (["--train-data", ""], "--train-data is empty"),
        (["--csv-all", "nowhere/all.csv"], "nowhere/all.csv cannot be written"),
        (["--report", "."], ". cannot be written: it is a folder"),
        (["--copy-wrong", "file.txt"], "file.txt is a file; --copy-wrong takes a folder"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_before_anything_is_measured(
    words: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("")
    assert main(["evaluate", "no-model", "--data", "no-data", *words]) == 2
    refused = capsys.readouterr().err
    assert sentence in refused
    assert refused.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--pictures", "1e3"], "--pictures: '1e3' is no whole number, such as 1000"),
        (["--temperature", "abc"], "--temperature: 'abc' is no number, such as 1.5"),
    ],
)
def test_what_is_no_number_is_said_in_words(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["evaluate", "no-model", "--data", "no-data", *words])
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a", "a=b", "a\\", "a\\=b", "=", "\\\\=\\", "a\\b"])
@pytest.mark.parametrize("label", ["", "b", "b=c", "\\="])
def test_any_class_can_be_written_in_a_mapping(name: str, label: str) -> None:
    assert mapping_of([f"{escaped(name)}={label}"]) == {name: label}


def test_data_that_are_none_name_what_is_taken(model: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for data in ("nonsense", model[0]):
        assert main(["evaluate", *model, "--data", data]) == 2
        assert "a table of pictures and classes (.csv)" in capsys.readouterr().err


def test_another_model_is_opened_first_and_named_in_what_is_said_of_it(
    model: list[str], other: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"no weights")
    assert main(["evaluate", *model, "--data", str(data), "--compare", str(broken)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"resnet-gui: --compare {broken}: ")
    assert said.count("\n") == 1
    assert not evaluations_folder().exists()
    shutil.copy(model[0], tmp_path / "copy.pt")
    assert main(["evaluate", *model, "--data", str(data), "--compare", str(tmp_path / "copy.pt")]) == 0
    said = capsys.readouterr().err
    assert f"{tmp_path / 'copy.pt'} has the same weights as {model[0]}: it is the same network." in said
    assert f"{tmp_path / 'copy.pt'} on set was measured on" in said


def test_a_mapping_to_classes_that_the_other_model_has_not_is_not_used_for_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, labels, sharpness in (("one", ("x", "y", "z"), 5.0), ("two", ("A", "a", "b, or so"), 9.0)):
        save_colours(tmp_path / f"{name}.safetensors", labels, sharpness=sharpness)
    pairs = [word for pair in ("A=x", "a=y", "b, or so=") for word in ("--map", pair)]
    names = [str(tmp_path / f"{name}.safetensors") for name in ("one", "two")]
    assert main(["evaluate", names[0], "--data", str(data), "--compare", names[1], *pairs, "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["comparison"]["pictures"] == 13
    assert f"{names[1]} has no class 'x': 'A' is matched with its classes as without --map." in printed.err


def test_what_an_earlier_call_measured_is_shown_only_where_it_is_asked_for(
    model: list[str], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*model, "--data", data]
    found = evaluated(capsys, *words, "--depth", "--corruptions", "gaussian_blur,shift", "--pictures", 5)
    assert len(found["robustness"]["curves"]) == 2
    again = evaluated(capsys, *words)
    assert (again["depth"], again["cka"], again["robustness"]) == (None, None, None)
    assert "--depth" not in again["command"]
    assert "--corruptions" not in again["command"]
    one = evaluated(capsys, *words, "--corruptions", "shift", "--pictures", 5)
    assert [curve["key"] for curve in one["robustness"]["curves"]] == ["shift"]


def test_copies_say_their_class_and_what_it_was_taken_for(
    model: list[str], data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = evaluated(capsys, *model, "--data", data, "--copy-wrong", tmp_path / "copies")
    names = sorted(
        re.sub(r"[^\w .+-]", "_", f"{each['label']}-as-{each['answer']}-{Path(each['image']).name}")
        for each in found["wrong"]
    )
    assert sorted(path.name for path in (tmp_path / "copies").iterdir()) == names

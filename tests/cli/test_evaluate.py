"""``resnet-gui evaluate``: which pictures are counted, and what is said of each class."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_gui.cli.main import main
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.data import picture_survey
from resnet_gui.network.resnet import ResNet
from tests.engine.data.picture_files import png
from tests.engine.train.tiny_run import Run

SPEC = ResNetSpec(block="basic", blocks=(1,), widths=(8,), shortcut="B", stem="cifar", classes=4, input=(3, 8, 8))
COLOURS = {"A": (200, 30, 30), "a": (30, 200, 30), "B": (30, 30, 200), "b, or so": (200, 200, 30)}


@pytest.fixture
def model(tmp_path: Path) -> list[str]:
    """Words that name a drawn network of the classes of COLOURS."""
    torch.manual_seed(2)
    torch.save(ResNet(plan(SPEC)).eval().state_dict(), tmp_path / "drawn.pt")
    (tmp_path / "labels.txt").write_text("\n".join(COLOURS))
    return [str(tmp_path / "drawn.pt"), "--classes", str(tmp_path / "labels.txt"), "--device", "cpu"]


def fill(folder: Path, counts: dict[str, int]) -> Path:
    noise = np.random.default_rng(5)
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            base = np.array(COLOURS.get(Path(name).name, (9, 9, 9)), dtype=float)
            pixels = np.clip(base + noise.normal(0, 60, (8, 8, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def evaluated(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["evaluate", *map(str, words), "--json"]) == 0, capsys.readouterr().err
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def counted(found: dict[str, Any]) -> dict[str, int]:
    return {each["label"]: each["pictures"] for each in found["classes"]}


def test_every_picture_is_counted_and_classes_that_differ_in_case_are_themselves(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = {"A": 7, "a": 6, "B": 5, "b, or so": 4}
    found = evaluated(capsys, *model, "--data", fill(tmp_path / "set", counts))
    assert counted(found) == counts
    assert found["pictures"] == sum(counts.values())


@pytest.mark.parametrize("named", [".", "A"])
def test_one_class_alone_is_counted_whether_it_or_the_folder_around_it_is_named(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    fill(tmp_path / "set", {"A": 3})
    assert counted(evaluated(capsys, *model, "--data", tmp_path / "set" / named)) == {"A": 3}


def test_pictures_whose_colours_are_cut_to_eight_bits_are_counted_aloud(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = fill(tmp_path / "set", {"A": 3, "a": 3})
    open_fields = evaluated(capsys, *model, "--data", data)["notices"]
    for number in (7, 8):
        (data / "A" / f"{number}.png").write_bytes(png((8, 8), 16, 2, (b"\0" + bytes(48)) * 8))
    words = [*model, "--data", data]
    assert evaluated(capsys, *words)["notices"] == [
        *open_fields,
        "2 pictures have 16 bits a channel: the upper 8 are read.",
    ]
    # Every one is counted, not only those that a look at some headers finds.
    monkeypatch.setattr(picture_survey, "HEADERS", 1)
    *_, said = evaluated(capsys, *words, "--again")["notices"]
    assert said.startswith("2 pictures have 16 bits")
    assert main(["evaluate", *map(str, words)]) == 0
    assert said in capsys.readouterr().err


def test_of_a_set_in_parts_the_test_part_is_counted_and_this_is_said(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = fill(tmp_path / "set", {"train/A": 3, "train/a": 3, "val/A": 2, "val/a": 2, "Testing/A": 1, "Testing/a": 4})
    found = evaluated(capsys, *model, "--data", data)
    assert counted(found) == {"A": 1, "a": 4}
    assert found["description"]["notes"] == ["Of its parts, Testing/ is counted, not train/, val/."]
    shutil.rmtree(data / "Testing")
    fill(data, {"test": 3})
    found = evaluated(capsys, *model, "--data", data)
    assert counted(found) == {"A": 2, "a": 2}
    assert found["description"]["notes"][0] == "test/ has no classes and is set aside."
    assert counted(evaluated(capsys, *model, "--data", data / "train")) == {"A": 3, "a": 3}


def test_confusion_classes_and_wrong_pictures_agree_in_document_and_table(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = fill(tmp_path / "set", {"A": 7, "a": 6, "b, or so": 9})
    table = tmp_path / "wrong.csv"
    found = evaluated(capsys, *model, "--data", data, "--csv", table)
    matrix = np.array(found["confusion"])
    labels = found["labels"]
    assert labels == list(COLOURS)
    assert {label: count for label, count in zip(labels, matrix.sum(axis=1), strict=True) if count} == counted(found)
    assert np.trace(matrix) == found["correct"] == sum(each["correct"] for each in found["classes"])
    for each in found["classes"]:
        place = labels.index(each["label"])
        assert each["correct"] == matrix[place, place]
        assert each["accuracy"] == pytest.approx(each["correct"] / each["pictures"])
    assert 0 < len(found["wrong"]) == found["pictures"] - found["correct"]
    mistaken = np.zeros_like(matrix)
    for each in found["wrong"]:
        assert Path(each["image"]).parent.name == each["label"]
        mistaken[labels.index(each["label"]), labels.index(each["answer"])] += 1
    assert (mistaken == matrix - np.diag(np.diag(matrix))).all()
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["image"], row["label"], row["answer"]) for row in rows] == [
        (each["image"], each["label"], each["answer"]) for each in found["wrong"]
    ]
    # The document of predict for the same pictures.
    assert main(["predict", *model, str(data), "--top", "1", "--json"]) == 0
    answers = {each["image"]: each["top"][0]["label"] for each in json.loads(capsys.readouterr().out)["results"]}
    assert {each["image"]: each["answer"] for each in found["wrong"]} == {
        path: answer for path, answer in answers.items() if Path(path).parent.name != answer
    }


def test_for_people_each_class_has_a_line_and_what_it_is_taken_for(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = fill(tmp_path / "set", {"A": 3, "b, or so": 4})
    found = evaluated(capsys, *model, "--data", data)
    assert main(["evaluate", *model, "--data", str(data)]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].startswith(f"{found['correct']} of 7 right")
    for line, each in zip(lines[1:3], found["classes"], strict=True):
        assert line.split("  ")[1].strip() == each["label"]
        assert f"{each['correct']} of {each['pictures']} right" in line
    assert printed.err.splitlines()[0] == "set: 2 classes by folder names: A 3, 'b, or so' 4"


def test_a_class_that_the_network_has_not_is_one_line_and_names_that_match_but_for_case_are_taken(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *model, "--data", str(fill(tmp_path / "set", {"A": 2, "emu": 2}))]) == 2
    refused = capsys.readouterr().err
    assert "The network has no class 'emu'" in refused
    assert refused.count("\n") == 1
    assert counted(evaluated(capsys, *model, "--data", fill(tmp_path / "odd", {"B, OR SO": 2, "a": 1}))) == {
        "a": 1, "b, or so": 2
    }  # fmt: skip


def test_a_run_that_is_tested_on_what_it_has_learnt_says_so(
    picture_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Run(picture_folder, tmp_path / "run").start(epochs=1)
    assert main(["evaluate", str(tmp_path / "run"), "--data", str(picture_folder), "--device", "cpu"]) == 0
    assert "This run has learnt from 32 of these 40 pictures" in capsys.readouterr().err
    shutil.copytree(picture_folder, tmp_path / "copy")
    assert main(["evaluate", str(tmp_path / "run"), "--data", str(tmp_path / "copy"), "--device", "cpu"]) == 0
    assert "learnt" not in capsys.readouterr().err


def test_nothing_that_can_be_read_is_a_sentence(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = fill(tmp_path / "set", {"A": 2})
    for path in (data / "A").iterdir():
        path.write_bytes(b"no picture")
    assert main(["evaluate", *model, "--data", str(data)]) == 2
    assert "None of the 2 pictures" in capsys.readouterr().err

"""``resnet-gui predict`` and ``evaluate``: documents, tables, and what is said of files that cannot be read."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.cli.main import main
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.data.scaling.crops import check_input
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import load_model
from resnet_gui.runs.folder import BEST_FILE
from tests.checkpoints.public_networks import randomised
from tests.cli.test_main import SAMPLES, document, fork
from tests.engine.data.picture_files import png
from tests.forks import Forks

# ---- predict


def test_predict_prints_one_document_of_the_contract(trained_run: Path, forks: Forks) -> None:
    answer = document(fork(forks, "predict", trained_run, *SAMPLES, "--top", 3, "--device", "cpu", "--json"))
    assert list(answer) == ["model", "results"]
    assert answer["model"] == str(trained_run)
    assert [result["image"] for result in answer["results"]] == SAMPLES
    right = 0
    for digit, result in enumerate(answer["results"]):
        assert list(result) == ["image", "top"]
        assert len(result["top"]) == 3
        assert all(list(score) == ["label", "index", "probability"] for score in result["top"])
        probabilities = [score["probability"] for score in result["top"]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1 + 1e-9
        right += result["top"][0]["label"] == str(digit)
    assert right >= 9


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_what_no_picture_can_be_brought_to_is_said_once_and_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    spec = ResNetSpec(block="basic", blocks=(1,), widths=(4,), stem="cifar", classes=2, input=(4, 8, 8))
    torch.save(ResNet(plan(spec)).state_dict(), tmp_path / "four.pt")
    more = ["--method", "occlusion", "-o", str(tmp_path / "maps")] if command == "explain" else []
    assert main([command, str(tmp_path / "four.pt"), *SAMPLES, *more]) == 2
    errors = capsys.readouterr().err
    assert errors.count("4 channels") == 1, errors
    assert "The design reads 4 channels, but pictures have 1 (grey) or 3 (colour)." in errors
    assert not any("png" in line for line in errors.splitlines())


def test_a_scaling_that_makes_every_picture_too_large_is_refused_for_all() -> None:
    check_input((3, 8, 8), Scaling(fit="squeeze", resize=9), 1)
    with pytest.raises(InputError, match=r"Every picture would have .* pixels when scaled, which is too many"):
        check_input((3, 8, 4096), Scaling(fit="squeeze", resize=4096), 1)
    check_input((3, 8, 4096), Scaling(fit="crop", resize=4096), 1)


def test_a_picture_whose_colours_are_cut_to_bytes_is_said_to_be(
    trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep.png").write_bytes(png((8, 8), 16, 2, (b"\0" + bytes(48)) * 8))
    assert main(["predict", str(trained_run / BEST_FILE), str(tmp_path / "deep.png"), SAMPLES[0], "--json"]) == 0
    said = "1 picture has 16 bits a channel: the upper 8 are read."
    printed = capsys.readouterr()
    assert said in printed.err
    assert json.loads(printed.out)["notices"] == [said]


def test_a_picture_that_cannot_be_read_is_in_the_document_and_on_stderr_and_the_others_are_named(
    trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(SAMPLES[1], tmp_path / "in" / "b.png")
    (tmp_path / "in" / "a.png").write_bytes(b"no picture")
    gone = str(tmp_path / "gone.png")
    assert main(["predict", str(trained_run / BEST_FILE), gone, str(tmp_path / "in"), "--json"]) == 2
    printed = capsys.readouterr()
    results = json.loads(printed.out)["results"]
    assert [list(result) for result in results] == [["image", "error"], ["image", "error"], ["image", "top"]]
    assert [result["image"] for result in results] == [
        gone,
        *(str(tmp_path / "in" / name) for name in ("a.png", "b.png")),
    ]
    assert printed.err.splitlines() == [f"resnet-gui: {result['error']}" for result in results[:2]]
    assert results[2]["top"][0]["label"] == "1"


def test_predict_for_people_names_each_picture_with_percentages_and_the_labels_that_are_given(
    trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.txt").write_text("\n".join(f"digit {number}" for number in range(10)))
    options = ["--classes", str(tmp_path / "labels.txt"), "--top", "2"]
    assert main(["predict", str(trained_run), SAMPLES[0], SAMPLES[7], *options]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert re.fullmatch(rf"{re.escape(SAMPLES[0])}  digit 0 \d+\.\d%  digit \d \d+\.\d%", lines[0])
    assert re.fullmatch(rf"{re.escape(SAMPLES[7])}  digit 7 \d+\.\d%  digit \d \d+\.\d%", lines[1])
    assert printed.err == ""


def test_the_table_has_the_answers_of_the_document_and_a_sentence_for_each_failure(
    trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad, really.png").write_bytes(b"no picture")
    table = tmp_path / "answers.csv"
    paths = [SAMPLES[0], str(tmp_path / "bad, really.png"), SAMPLES[7]]
    assert main(["predict", str(trained_run), *paths, "--top", "2", "--csv", str(table), "--json"]) == 2
    results = json.loads(capsys.readouterr().out)["results"]
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["image", "error", "label1", "probability1", "label2", "probability2"]
    assert [row["image"] for row in rows] == paths
    assert (rows[1]["error"], rows[1]["label1"]) == (results[1]["error"], None)
    for row, result in ((rows[0], results[0]), (rows[2], results[2])):
        assert row["error"] == ""
        for place, score in enumerate(result["top"], start=1):
            assert row[f"label{place}"] == score["label"]
            assert float(row[f"probability{place}"]) == pytest.approx(score["probability"], abs=1e-6)


def test_what_a_foreign_file_leaves_open_is_said_with_what_was_taken_and_set_changes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.pth"
    torch.save(randomised(ResNet(plan(SPEC))).state_dict(), file)
    said: list[dict[str, Any]] = []
    for more in ((), ("--set", "stem_stride=2", "--set", "norm_eps=0.001")):
        assert main(["predict", str(file), SAMPLES[0], "--device", "cpu", "--json", *more]) == 0
        printed = capsys.readouterr()
        said.append(json.loads(printed.out))
        assert "leaves open, taken here: " in printed.err
        assert printed.err.count("norm_eps") == (0 if more else 1)
    assert {"norm_eps=1e-05", "downsampling=strided_conv", "stem_stride=null"} <= set(said[0]["undetermined"])
    assert not {"norm_eps", "stem_stride"} & {one.partition("=")[0] for one in said[1]["undetermined"]}
    assert said[0]["results"] != said[1]["results"], "the answers are those of another network"
    assert main(["predict", str(file), SAMPLES[0], "--set", "classes=9"]) == 2
    assert "the tensors of this file tell it: 2" in capsys.readouterr().err


# ---- evaluate

SPEC = ResNetSpec(block="basic", blocks=(1, 1), widths=(8, 8), shortcut="B", stem="cifar", classes=2, input=(1, 8, 8))
EVALUATION_KEYS = [
    "model", "data", "pictures", "correct", "top1", "top5", "unreadable", "seconds", "images_per_second", "computed",
    "description", "labels", "classes", "confusion", "wrong",
    "notices", "undetermined",
]  # fmt: skip


@pytest.fixture
def drawn(tmp_path: Path) -> ResNet:
    """A network with drawn weights that answers now this, now that; its file is ``drawn.pt``."""
    torch.manual_seed(4)
    model = ResNet(plan(SPEC)).eval()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                assert module.running_mean is not None
                module.running_mean.normal_(0, 0.3)
    torch.save(model.state_dict(), tmp_path / "drawn.pt")
    return model


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["evaluate", *map(str, arguments), "--device", "cpu", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    # The document grows at its end alone.
    assert list(found)[: len(EVALUATION_KEYS)] == EVALUATION_KEYS
    return found


def everything(folder: Path) -> list[tuple[Path, int]]:
    """Every picture of a folder of class folders, with the number of its class."""
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    return [(path, number) for number, inside in enumerate(classes) for path in sorted(inside.iterdir())]


def counted(model: ResNet, files: list[tuple[Path, int]], resize: int = 8) -> list[bool]:
    """Whether each picture is answered rightly, one by one; the network's class 0 is the data's class 1."""
    right = []
    for path, label in files:
        with Image.open(path) as image:
            grey = image.convert("L")
        edge = (resize - 8) // 2
        cut = grey.resize((resize, resize), Image.Resampling.BILINEAR).crop((edge, edge, edge + 8, edge + 8))
        pixels = torch.from_numpy(np.asarray(cut, dtype=np.float32) / 255)
        with torch.inference_mode():
            answer = int(model(((pixels - 0.45) / 0.2)[None, None]).argmax())
        right.append(answer == 1 - label)
    return right


@pytest.mark.parametrize("resize", [0, 12])
@pytest.mark.parametrize("broken", [False, True])
def test_evaluate_counts_what_a_plain_loop_counts_by_the_names_of_the_classes(
    drawn: ResNet, picture_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], resize: int, broken: bool
) -> None:
    (tmp_path / "labels.txt").write_text("Light\nDark\n")
    files = everything(picture_folder)
    if broken:
        files.pop(0)[0].write_bytes(b"no picture")
    options = ["--classes", tmp_path / "labels.txt", "--mean", 0.45, "--std", 0.2, "--resize", resize]
    found = evaluated(capsys, tmp_path / "drawn.pt", "--data", picture_folder, *options)
    right = counted(drawn, files, resize or 8)
    assert 0 < sum(right) < len(right), "a network that is always right or wrong shows nothing"
    assert (found["correct"], found["pictures"], found["unreadable"]) == (sum(right), len(right), int(broken))
    assert (found["top1"], found["top5"]) == (pytest.approx(sum(right) / len(right)), 1.0)
    assert found["seconds"] > 0
    assert found["computed"].startswith("fp32")


def test_evaluate_of_a_run_gives_the_accuracy_that_its_weights_file_states(
    trained_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    info = load_model(trained_run / BEST_FILE)[1]
    found = evaluated(capsys, trained_run, "--data", "digits")
    assert (found["pictures"], found["unreadable"]) == (359, 0)
    assert found["top1"] == pytest.approx(info.top1)
    assert found["top1"] <= found["top5"] <= 1
    assert main(["evaluate", str(trained_run), "--data", "digits"]) == 0
    line = capsys.readouterr().out
    assert re.match(rf"{found['correct']} of 359 right: top-1 {found['top1']:.2%}, top-5 \d+\.\d\d%; ", line)


@pytest.mark.usefixtures("drawn")
def test_ten_views_are_evaluated_on_files_and_on_arrays(
    picture_folder: Path, trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.txt").write_text("light\ndark\n")
    options = ["--views", 10, "--classes", tmp_path / "labels.txt"]
    found = evaluated(capsys, tmp_path / "drawn.pt", "--data", picture_folder, *options)
    assert found["pictures"] == len(everything(picture_folder))
    found = evaluated(capsys, trained_run, "--data", "digits", "--views", 10)
    assert (found["pictures"], found["unreadable"]) == (359, 0)


@pytest.mark.parametrize(
    ("labels", "says"),
    [("light\nshade\n", "The network has no class 'dark'"), ("a\nb\n", "The network has no class 'dark'"), ("", "")],
)
def test_classes_are_matched_by_name_and_by_place_only_where_no_name_is_known(
    drawn: ResNet, picture_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], labels: str, says: str
) -> None:
    (tmp_path / "labels.txt").write_text(labels)
    named = str(tmp_path / "labels.txt") if labels else "numbers"
    options = ["--classes", named, "--mean", "0.45", "--std", "0.2"]
    code = main(["evaluate", str(tmp_path / "drawn.pt"), "--data", str(picture_folder), *options, "--json"])
    printed = capsys.readouterr()
    if says:
        assert code == 2
        assert says in printed.err
    else:
        files = everything(picture_folder)
        assert json.loads(printed.out)["correct"] == counted(drawn, files).count(False)


def test_data_of_other_classes_than_the_networks_is_refused(
    trained_run: Path, picture_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(trained_run), "--data", str(picture_folder)]) == 2
    assert "The data has 2 classes (dark, light, …) and the network 10 (0, 1, 2, …)" in capsys.readouterr().err

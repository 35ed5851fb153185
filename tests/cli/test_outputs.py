"""Files that commands write: none takes the place of what is read, and what cannot be written is said first."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.cli import outputs
from resnet_gui.cli.main import main
from resnet_gui.cli.outputs import (
    EXPORTS,
    OutputFile,
    check_folder_to_make,
    check_new_folder,
    check_outputs,
    input_paths,
)


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model, another one, labels, a labelled table, a run, a folder of pictures and one that has none."""
    monkeypatch.chdir(tmp_path)
    for name in ("run", "set/a", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("b.pt", "c.pt", "elsewhere/0.png"):
        (tmp_path / name).write_bytes(b"PK\0\1")
    for name in ("labels.txt", "set.csv", "run/events.jsonl", "set/labels.csv", "set/a/0.png"):
        (tmp_path / name).write_text("a")
    (tmp_path / "run" / "run.json").write_text('{\n  "name": "x"')
    (tmp_path / "link.csv").symlink_to(tmp_path / "b.pt")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("b.pt --data set --csv b.pt", "--csv b.pt would replace the model"),
        ("b.pt --data set --report ./set/../b.pt", "would replace the model"),
        ("b.pt --data set --csv-all link.csv", "--csv-all link.csv would replace the model"),
        ("b.pt --data set --compare c.pt --csv c.pt", "--csv c.pt would replace the model"),
        ("b.pt --data set --classes labels.txt --csv labels.txt", "would replace the labels"),
        ("b.pt --data set.csv --csv set.csv", "would replace the data"),
        ("b.pt --data set --csv set/labels.csv", "--csv set/labels.csv lies in the data set, whose tables say classes"),
        ("b.pt --data set --csv set/new.csv", "lies in the data set, whose tables say classes"),
        ("b.pt --data set --report set/a/0.png", "would replace a file of the data set"),
        ("b.pt --data set --train-data elsewhere --report elsewhere/0.png", "a file of the training data elsewhere"),
        ("b.pt --data set --csv elsewhere/0.png", "--csv elsewhere/0.png would replace a file that is no text"),
        ("run --data set --csv run/events.jsonl", "would replace a file of the model run"),
        ("b.pt --data set --csv x.csv --csv-all ./x.csv", "--csv and --csv-all both name x.csv; name two files"),
        ("b.pt --data set --report x --csv x", "--report and --csv both name x; name two files"),
        ("b.pt --data set --copy-wrong set/wrong", "--copy-wrong set/wrong lies in the data set"),
        ("b.pt --data set --copy-wrong set", "--copy-wrong set lies in the data set"),
        ("b.pt --data set --train-data elsewhere --copy-wrong elsewhere/x", "lies in the training data elsewhere"),
        ("run --data set --copy-wrong run", "--copy-wrong run lies in the model run"),
        ("b.pt --data set --copy-wrong no/where", "no/where cannot be written: there is no folder"),
        ("b.pt --data set --report no/report.html", "no/report.html cannot be written: there is no folder"),
        ("b.pt --data set --csv /dev/stdout", "/dev/stdout cannot be written: it is a device or a pipe; name a file."),
        ("b.pt --data set --csv run", "run cannot be written: it is a folder; name a file."),
    ],
)
def test_evaluate_refuses_to_replace_what_it_reads_before_it_measures(
    inputs: Path, capsys: pytest.CaptureFixture[str], words: str, sentence: str
) -> None:
    before = {path: path.read_bytes() for path in inputs.rglob("*") if path.is_file()}
    assert main(["evaluate", *words.split()]) == 2
    refused = capsys.readouterr().err
    assert sentence in refused
    assert refused.count("\n") == 1
    assert {path: path.read_bytes() for path in inputs.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "words",
    [
        "predict b.pt set --csv b.pt",
        "predict b.pt set --csv set/a/0.png",
        "predict b.pt set/a/0.png --csv set/a/0.png",
        "predict b.pt set --classes labels.txt --csv labels.txt",
        "export b.pt --to safetensors -o b.pt",
        "export run --to json -o run/run.json",
        "lab run degradation --run run --csv run/events.jsonl",
    ],
)
@pytest.mark.usefixtures("inputs")
def test_other_commands_refuse_it_too(capsys: pytest.CaptureFixture[str], words: str) -> None:
    assert main(words.split()) == 2
    refused = capsys.readouterr().err
    assert " would replace " in refused, refused


def test_an_earlier_output_may_be_replaced_wherever_it_lies(inputs: Path) -> None:
    reads = input_paths(("the model", "run"), ("the labels", None), ("the data", "cifar10"))
    (inputs / "run" / "wrong.csv").write_text("image,label,answer,probability")
    (inputs / "run" / "report.html").write_text("<!doctype html>")
    table, report = Path("run/wrong.csv"), Path("run/report.html")
    check_outputs((OutputFile("--csv", table, b"image,label,answer,"), OutputFile("--report", report)), reads)
    check_outputs((OutputFile("--csv", Path("run/new.csv")),), reads)
    with pytest.raises(InputError, match="a file of the model run"):
        check_outputs((OutputFile("--csv", table),), reads)
    check_new_folder("--copy-wrong", Path("new"), reads)


NO_FOLDERS = [
    ("/dev/null", "/dev/null is a device or a pipe, and a folder is needed; name one, which may be new"),
    ("/dev/null/run", "/dev/null/run cannot be made: /dev/null is no folder; name another place"),
    ("labels.txt", "labels.txt is a file, and a folder is needed"),
    ("labels.txt/a/b", "labels.txt is no folder; name another place"),
    ("gone", "gone is a link that leads nowhere"),
    ("x" * 300, " can be no folder: File name too long; name another one"),
]


@pytest.mark.skipif(sys.platform == "win32", reason="devices of Unix")
@pytest.mark.parametrize(("folder", "sentence"), NO_FOLDERS, ids=[folder[:20] for folder, _ in NO_FOLDERS])
@pytest.mark.parametrize("command", ["train --init no-such.pt --data no --run", "sweep resnet18 --data no --folder"])
@pytest.mark.usefixtures("inputs")
def test_what_cannot_be_a_folder_of_a_run_is_refused_before_anything_is_read(
    capsys: pytest.CaptureFixture[str], command: str, folder: str, sentence: str
) -> None:
    Path("gone").symlink_to("nowhere")
    assert main([*command.split(), folder]) == 2
    refused = capsys.readouterr().err
    assert sentence in refused
    assert f"resnet-gui: {command.rsplit(maxsplit=1)[-1]} " in refused
    assert refused.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="devices of Unix")
@pytest.mark.usefixtures("inputs")
def test_a_folder_for_maps_that_cannot_be_made_is_refused_before_the_model_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain", "no-such.pt", "a.png", "--method", "lrp", "-o", "/dev/null/maps"]) == 2
    assert "-o /dev/null/maps cannot be made: /dev/null is no folder; name another place" in capsys.readouterr().err


def test_nothing_is_kept_in_a_folder_of_the_system_nor_where_nobody_may_write(
    inputs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    check_folder_to_make("--run", inputs / "new" / "run")
    with monkeypatch.context() as closed:
        closed.setattr("os.access", lambda *_: False)
        assert main(["train", "resnet18", "--data", "digits", "--run", str(inputs / "new")]) == 2
        assert f"cannot be made: nothing can be written into {inputs}; name another" in capsys.readouterr().err
    monkeypatch.setattr(outputs, "system_kind", lambda _folder: "proc")
    with pytest.raises(InputError, match=r"--run .*new would lie in a folder of the system \(proc\), which keeps no"):
        check_folder_to_make("--run", inputs / "new")


KINDS = [
    ("export resnet18 --to json -o {}", "not a design", ".json"),
    ("export resnet18 --to python -o {}", "not an exported Python file", ".py"),
    ("export resnet18 --to onnx -o {}", "not an ONNX file", ".onnx"),
    ("export b.pt --to safetensors -o {}", "not a safetensors file", ".safetensors"),
    ("export resnet18 --to csv -o {}", "not a table of this kind", ".csv"),
    ("export resnet18 --to latex -o {}", "not a LaTeX table", ".tex"),
    ("export resnet18 --to svg -o {}", "not an SVG", ".svg"),
    ("export resnet18 --to pdf -o {}", "not a PDF", ".pdf"),
    ("export resnet18 --to png -o {}", "not a PNG", ".png"),
    ("predict b.pt set --csv {}", "not a table of this kind", ".csv"),
    ("evaluate b.pt --data set --csv {}", "not a table of this kind", ".csv"),
    ("evaluate b.pt --data set --csv-all {}", "not a table of this kind", ".csv"),
    ("evaluate b.pt --data set --report {}", "not a report", ".html"),
    ("lab run degradation --report {}", "not a report", ".html"),
    ("lab run degradation --csv {}", "not a table of this kind", ".csv"),
    ("lab run degradation --svg {}", "not an SVG", ".svg"),
    ("lab card degradation -o {}", "not a card", ".json"),
]


@pytest.mark.parametrize(("words", "what", "ending"), KINDS, ids=[words.partition(" -o")[0] for words, *_ in KINDS])
def test_no_command_replaces_a_file_of_another_kind(
    inputs: Path, capsys: pytest.CaptureFixture[str], words: str, what: str, ending: str
) -> None:
    (inputs / "diary.txt").write_text("Dear diary")
    assert main(words.format("diary.txt").split()) == 2
    refused = capsys.readouterr().err
    assert f"diary.txt would replace a file that is {what}; name one that ends in {ending}, or remove" in refused
    assert (inputs / "diary.txt").read_text() == "Dear diary"


@pytest.mark.parametrize("form", ["json", "python", "csv", "latex"])
@pytest.mark.usefixtures("inputs")
def test_an_earlier_export_is_replaced_whatever_it_is_called(form: str) -> None:
    for name in ("again", f"other{EXPORTS[form].endings[0]}"):
        Path(name).touch()
        assert main(["export", "digits-resnet", "--to", form, "-o", name]) == 0
        Path(name).write_text("" if name == "again" else "something else")
        assert main(["export", "resnet18", "--to", form, "-o", name]) == 0
        assert main(["export", "resnet18", "--to", form, "-o", name]) == 0


@pytest.mark.usefixtures("inputs")
def test_a_card_is_replaced_by_a_card_whatever_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["lab", "card", "degradation", "-o", "card.txt", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"file": "card.txt", "experiment": "degradation"}

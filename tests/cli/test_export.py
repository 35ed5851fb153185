"""``resnet-gui files``: every form from every source, exit codes, and one line on stderr for bad input."""

from __future__ import annotations

import ast
import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import torch
from PySide6.QtWidgets import QApplication

from resnet_gui.cli import figure_options
from resnet_gui.cli.main import main
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve, load_design, save_design
from resnet_gui.engine.export import files
from resnet_gui.gui.design.diagram.files import OWN_WIDTH, DiagramFigure
from resnet_gui.gui.design.diagram.paint import COLOURINGS, Colouring
from resnet_gui.gui.kit.figures import words
from resnet_gui.gui.kit.figures.figure import FigureOptions, FileForm, Letters
from resnet_gui.gui.kit.figures.files import figure_file
from resnet_gui.gui.kit.theme import load_fonts
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.folder import BEST_FILE
from tests.cli.test_identify import printed, said
from tests.cli.test_main import LIGHT, call, complaint, document, fork
from tests.forks import Forks

pytestmark = pytest.mark.usefixtures("onnx_table")

FORMS = ["python", "onnx", "csv", "latex", "svg", "pdf", "png", "json"]
TEXTS = ["python", "csv", "latex", "json"]
TINY = evolve(PRESETS["digits-resnet"].spec, blocks=(1, 1, 1), widths=(2, 3, 4))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A design file."""
    save_design(Design(name="Tiny one", spec=TINY), tmp_path / "tiny.json")
    return tmp_path / "tiny.json"


@pytest.mark.parametrize("form", FORMS)
def test_a_design_file_is_exported_in_every_form(
    tiny: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    out = tmp_path / f"out.{form}"
    assert main(["export", str(tiny), "--to", form, "-o", str(out), "--json"]) == 0
    drawn = {"weights": "drawn"} if form == "onnx" else {}
    told = printed(capfd)
    notes = told.pop("notes")
    assert told == {"file": str(out), "to": form, "files": [out.name], **drawn}
    assert [note.partition(" ")[0] for note in notes] == (["a", "equal"] if form == "onnx" else [])
    data = out.read_bytes()
    match form:
        case "python":
            assert "Tiny one" in (ast.get_docstring(ast.parse(data)) or "")
        case "json":
            assert load_design(out) == Design(name="Tiny one", spec=TINY)
        case "csv":
            assert list(csv.reader(data.decode().splitlines()))[-1][0] == "total"
        case "latex":
            assert rb"\begin{tabular}" in data
        case "svg":
            assert data.startswith(b"<?xml")
            assert b"<title>Tiny one</title>" in data
            assert b'aria-label="4_1"' in data
        case "pdf" | "png":
            assert data.startswith({"pdf": b"%PDF-", "png": b"\x89PNG"}[form])
        case _:
            assert b"pictures" in data


@pytest.mark.parametrize("form", FORMS)
def test_without_json_nothing_is_printed(
    tiny: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    assert main(["export", str(tiny), "--to", form, "-o", str(tmp_path / "out")]) == 0
    out, errors = capfd.readouterr()
    assert out == ""
    notes = ["a design has no weights; the file holds freshly drawn ones", "equal to 1e-5 on 8 pictures by "]
    for line, note in zip(errors.splitlines(), notes if form == "onnx" else [], strict=True):
        assert line.startswith(f"resnet-gui: {note}")
    assert (tmp_path / "out").stat().st_size > 100


DRAWN: list[tuple[list[str], FigureOptions, Colouring]] = [
    (["svg"], FigureOptions(width=OWN_WIDTH), "stage"),
    (["svg", "--width", "one-column", "--ground", "none", "--letters", "text"],
     FigureOptions(ground="clear", svg_letters="text"), "stage"),
    (["svg", "--width", "99.5", "--ground", "none-dark", "--colours", "memory"],
     FigureOptions(width=99.5, ground="clear-dark"), "memory"),
    (["pdf", "--width", "two-columns", "--ground", "dark"],
     FigureOptions(width=174, ground="dark", form="pdf"), "stage"),
    (["pdf", "--letters", "outlines"], FigureOptions(width=OWN_WIDTH, pdf_letters="outlines", form="pdf"), "stage"),
    (["png", "--dpi", "96"], FigureOptions(width=OWN_WIDTH, dpi=96, form="png"), "stage"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "choices", "colouring"), DRAWN, ids=[" ".join(given) for given, *_ in DRAWN])
def test_a_diagram_is_the_file_that_the_dialog_of_the_window_writes_with_the_same_choices(
    qapp: QApplication, tiny: Path, tmp_path: Path, given: list[str], choices: FigureOptions, colouring: Colouring
) -> None:
    load_fonts()
    assert main(["export", str(tiny), "--to", *given, "-o", str(tmp_path / "out")]) == 0
    expected = figure_file(DiagramFigure(load_design(tiny), colouring), choices)
    assert (tmp_path / "out").read_bytes() == expected


def test_every_word_of_the_options_has_its_choice() -> None:
    assert set(figure_options.GROUNDS) == set(words.GROUNDS)
    assert set(figure_options.COLUMNS) == set(words.WIDTHS)
    assert set(figure_options.LETTERS) == set(words.LETTERS) == set(get_args(Letters))
    assert set(figure_options.FORMS) == set(words.FORMS) == set(get_args(FileForm))
    assert set(figure_options.COLOURS) == set(COLOURINGS)


def test_presets_runs_and_weights_files_are_sources(
    trained_run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torch.save(ResNet(plan(TINY)).state_dict(), tmp_path / "bare.pt")
    design = PRESETS["digits-resnet"].design
    sources = {"digits-resnet": design, "Digits_ResNet": design, str(trained_run): design}
    sources[str(trained_run / BEST_FILE)] = design
    for source, expected in sources.items():
        assert main(["export", source, "--to", "json", "-o", str(tmp_path / "out.json")]) == 0
        assert load_design(tmp_path / "out.json") == expected
    assert main(["export", str(tmp_path / "bare.pt"), "--to", "json", "-o", str(tmp_path / "out.json")]) == 0
    assert load_design(tmp_path / "out.json").name == "bare"
    assert capfd.readouterr() == ("", "")


def test_an_export_in_a_process_of_its_own_prints_one_document(tmp_path: Path, forks: Forks) -> None:
    done = fork(forks, "export", "resnet50", "--to", "python", "-o", tmp_path / "net.py", "--json")
    assert document(done) == {
        "file": str(tmp_path / "net.py"), "to": "python", "files": ["net.py"], "notes": []
    }  # fmt: skip
    assert done.stderr == ""
    run = forks.run("-c", (tmp_path / "net.py").read_text(encoding="utf-8"))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("25,557,032 parameters")


WRONG = [
    (["export"], "DESIGN|MODEL"),
    (["export", "resnet18", "-o", "out"], "--to"),
    (["export", "resnet18", "--to", "python"], "-o"),
    (["export", "resnet18", "--to", "keras", "-o", "out"], "invalid choice: 'keras'"),
    (["export", "resnet5O", "--to", "csv", "-o", "out"], "There is no preset or design file 'resnet5O'"),
    (["export", "gone.json", "--to", "csv", "-o", "out"], "There is no design file gone.json"),
    (["export", "bad.json", "--to", "csv", "-o", "out"], "bad.json: widths, stage 1"),
    (["export", "note.txt", "--to", "csv", "-o", "out"], "note.txt"),
    (["export", "folder", "--to", "csv", "-o", "out"], "is not a run folder"),
    (["export", "resnet18", "--to", "csv", "-o", "folder"], "folder is a folder; name the file to write"),
    (["export", "resnet18", "--to", "csv", "-o", "note.txt/out"], "out cannot be written"),
    (["export", "resnet18", "--to", "csv", "-o", "gone/out"], "out cannot be written"),
    (["export", "resnet18", "--to", "json", "-o", "n" * 300], "File name too long"),
    (
        ["export", "resnet18", "--to", "csv", "--width", "90", "-o", "out"],
        "--width is of a drawing; the forms",
    ),
    (["export", "resnet18", "--to", "csv", "--colours", "macs", "-o", "out"], "--colours is of a drawing"),
    (["export", "resnet18", "--to", "svg", "--width", "nan", "-o", "out"], "a drawing is 40 to 600 millimetres wide"),
    (["export", "resnet18", "--to", "svg", "--width", "two", "-o", "out"], "nor one-column or two-columns"),
    (["export", "resnet18", "--to", "svg", "--dpi", "300", "-o", "out"], "--dpi is of a PNG"),
    (["export", "resnet18", "--to", "png", "--dpi", "5", "-o", "out"], "--dpi is 5; it is 72 to 1200"),
    (["export", "resnet18", "--to", "png", "--letters", "text", "-o", "out"], "--letters is of an SVG or PDF"),
    (["export", "resnet152", "--to", "png", "--width", "600", "--dpi", "1200", "-o", "out"], "picture is too large"),
    (["identify"], "CHECKPOINT"),
    (["identify", "gone.pt"], "There is no run folder or weights file 'gone.pt'"),
    (["identify", "a.pt", "b.pt"], "unrecognized arguments: b.pt"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG, ids=[" ".join(words)[:60] for words, _ in WRONG])
def test_wrong_usage_and_bad_input_exit_with_2_and_one_line_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.txt").write_text("a note")
    (tmp_path / "folder").mkdir()
    design = json.loads('{"name": "x", "spec": {"block": "basic", "blocks": [2], "widths": [0]}}')
    (tmp_path / "bad.json").write_text(json.dumps(design))
    before = sorted(tmp_path.rglob("*"))
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = int(str(ended.code))
    assert code == 2
    text, errors = capsys.readouterr()
    assert text == ""
    assert errors.startswith("resnet-gui: ")
    assert errors.count("\n") == 1
    assert says in errors
    assert sorted(tmp_path.rglob("*")) == before


def test_an_error_inside_is_said_in_one_line_with_exit_code_1_and_its_traceback_only_with_debug(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(_model: object, _path: Path, _info: object) -> None:
        raise RuntimeError("no such operator")

    monkeypatch.setattr(files, "write_onnx", crash)
    command = ["export", str(tiny), "--to", "onnx", "-o", str(tmp_path / "net.onnx")]
    assert main(command) == 1
    text, errors = capsys.readouterr()
    assert text == ""
    assert errors == ("resnet-gui: an error inside the program: RuntimeError: no such operator (--debug shows where)\n")
    assert main([*command, "--debug"]) == 1
    assert capsys.readouterr().err.startswith("Traceback")
    assert not list(tmp_path.glob("net*"))


def test_a_missing_package_is_said_with_the_command_that_installs_it(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    assert main(["export", str(tiny), "--to", "onnx", "-o", str(tmp_path / "net.onnx"), "--json"]) == 2
    assert "pip install 'resnet-gui[onnx]'" in said(capsys)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as a file name")
@pytest.mark.parametrize("form", TEXTS)
def test_file_names_that_are_no_text_are_read_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    source, out = (str(tmp_path / os.fsdecode(name)) for name in (b"\xff.pt", b"\xfe.out"))
    torch.save(ResNet(plan(TINY)).state_dict(), source)
    assert main(["export", source, "--to", form, "-o", out, "--json"]) == 0
    assert printed(capsys)["to"] == form
    assert Path(out).stat().st_size > 100


@pytest.mark.parametrize(
    "arguments",
    [
        ["identify", "--help"], ["export", "--help"], ["summary", "resnet50", "--ledger", "--memory"],
        ["summary", "resnet50", "--ledger", "--memory", "--json"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_help_ledger_and_memory_load_neither_torch_nor_qt(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.prove
def test_bad_input_of_export_in_a_process_of_its_own_is_one_line(tmp_path: Path) -> None:
    assert "There is no preset or design file 'nothing'" in complaint(
        call("export", "nothing", "--to", "python", "-o", tmp_path / "out", "--json")
    )
    assert list(tmp_path.glob("out*")) == []

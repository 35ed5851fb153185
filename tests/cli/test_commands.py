"""Each command is one file, and no file is forgotten."""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import resnet_gui.cli
from resnet_gui.cli.command import Command
from resnet_gui.cli.main import COMMANDS, build_parser, main
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, save_design
from tests.conftest import ROOT


def test_every_file_that_makes_a_command_is_in_the_list_under_its_own_name() -> None:
    files = {path.stem for path in (ROOT / "resnet_gui" / "cli").glob("*.py")} - {"__init__"}
    made = {
        name: module.COMMAND
        for name in files
        if hasattr(module := importlib.import_module(f"{resnet_gui.cli.__name__}.{name}"), "COMMAND")
    }
    assert {command.name: command for command in COMMANDS} == made


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_parser_runs_what_the_command_says_and_every_command_takes_json_and_debug(command: Command) -> None:
    (actions,) = (action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction))
    chosen = actions.choices[command.name]
    assert chosen.get_default("run") is command.run
    assert {"--json", "--debug"} <= set(chosen._option_string_actions)


def test_a_command_that_fails_inside_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_options: argparse.Namespace) -> int:
        raise ZeroDivisionError("by\nnothing")

    added = Command("fail", "fails", lambda _parser: None, fail)
    monkeypatch.setattr("resnet_gui.cli.main.COMMANDS", (*COMMANDS, added))
    assert main(["fail"]) == 1
    said = "resnet-gui: an error inside the program: ZeroDivisionError: by nothing (--debug shows where)\n"
    assert capsys.readouterr().err == said


HOSTILE = "a\n\x1b[2J\u202eb\x9bc"
"""A name that would end its line, clear a terminal and turn the text round."""


@pytest.mark.parametrize(
    "words", ["summary hostile.json", "train hostile.json --data {}", "export hostile.json --to csv -o {}/{}/x"]
)
def test_names_in_lines_are_printable_whatever_they_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    save_design(Design(name=HOSTILE, spec=PRESETS["digits-resnet"].spec), tmp_path / "hostile.json")
    code = main(words.replace("{}", "NAME").replace("NAME", HOSTILE).split(" "))
    out, errors = capsys.readouterr()
    assert code == (0 if words.startswith("summary") else 2)
    assert "\N{REPLACEMENT CHARACTER}[2J" in out + errors
    assert not {"\x1b", "\u202e", "\x9b"} & set(out + errors)
    assert errors.count("\n") == (code == 2)


def test_the_document_of_json_keeps_names_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_design(Design(name=HOSTILE, spec=PRESETS["digits-resnet"].spec), tmp_path / "hostile.json")
    assert main(["summary", str(tmp_path / "hostile.json"), "--json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["name"] == HOSTILE
    assert out.count("\n") == 1


def test_the_folder_of_a_download_is_printed_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = "/home/ann\u200f/\U0001fae9 data"
    monkeypatch.setattr("resnet_gui.engine.train.in_terminal.download_here", lambda _name: Path(folder))
    assert main(["download", "mnist"]) == 0
    assert capsys.readouterr().out == f"{folder}\n"


def test_classes_of_a_data_set_are_printable(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in (f"cat{HOSTILE}", "dog"):
        for number in range(5):
            (tmp_path / "set" / name).mkdir(parents=True, exist_ok=True)
            (tmp_path / "set" / name / f"{number}.png").touch()
    assert main(["train", "digits-resnet", "--data", str(tmp_path / "set"), "--run", str(tmp_path / "run")]) == 2
    errors = capsys.readouterr().err
    assert "cata\N{REPLACEMENT CHARACTER}" in errors
    assert not {"\x1b", "\u202e", "\x9b"} & set(errors)


def test_reading_the_command_line_loads_no_engine_and_no_window() -> None:
    code = (
        "import sys; from resnet_gui.cli.main import build_parser; build_parser();"
        "sys.exit([name for name in sys.modules if name.startswith(('resnet_gui.engine', 'resnet_gui.gui',"
        " 'resnet_gui.network', 'resnet_gui.checkpoints', 'torch', 'PySide6'))] or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

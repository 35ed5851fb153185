"""Each command is one file, and no file is forgotten."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys

import pytest

import resnet_gui.cli
from resnet_gui.cli.command import Command
from resnet_gui.cli.main import COMMANDS, build_parser, main
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


def test_reading_the_command_line_loads_no_engine_and_no_window() -> None:
    code = (
        "import sys; from resnet_gui.cli.main import build_parser; build_parser();"
        "sys.exit([name for name in sys.modules if name.startswith(('resnet_gui.engine', 'resnet_gui.gui',"
        " 'resnet_gui.network', 'resnet_gui.checkpoints', 'torch', 'PySide6'))] or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

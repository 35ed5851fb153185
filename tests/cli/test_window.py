"""``resnet-gui FILE ...``: which words are files, what is refused before a window opens, and what it shows."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from resnet_gui.cli.main import COMMANDS, main
from resnet_gui.cli.window import names_files, parse_files
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import save_design
from resnet_gui.gui import app
from tests.cli.test_main import call_here, complaint
from tests.forks import Forks

NAMES = {command.name for command in COMMANDS}

OPENED = """
import sys
from resnet_gui.cli.main import main
from resnet_gui.gui import app as program
from resnet_gui.gui.client.engines import Engines

Engines.start = lambda engines: None
real = program.open_in_steps

def tell(made):
    print(*(key for key in ("welcome", "design", "train", "predict") if made.shows(key)), sep="|", end="|")
    print(made.session.design.name, made.session.file.path, made.window.status.sentence.text(), sep="|", flush=True)
    made.end()

def open_in_steps(window, theme, filled):
    real(window, theme, lambda made: (filled(made), tell(made)))

program.open_in_steps = open_in_steps
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], False), (["--debug"], False), (["train", "x"], False), (["bogus"], False), (["--version"], False),
        (["./train"], True), (["net.json"], True), (["--debug", "net.json"], True), (["--", "-odd"], True),
        (["/no/such"], True),
    ],
)  # fmt: skip
def test_a_word_is_a_file_if_it_is_written_as_one_and_is_no_command(words: Sequence[str], expected: bool) -> None:
    assert names_files(words, NAMES) is expected


def test_what_lies_in_the_folder_is_a_file_unless_it_is_called_as_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "train").mkdir()
    assert names_files(["photos"], NAMES)
    assert not names_files(["train"], NAMES)
    assert parse_files(["--debug", "--", "-a", "photos"]).files == ["-a", "photos"]


def test_the_window_gets_whole_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.png").write_bytes(b"")
    given: list[Sequence[Path]] = []

    def run(files: Sequence[Path] = ()) -> int:
        given.append(files)
        return 0

    monkeypatch.setattr(app, "run", run)
    assert main(["a b.png", str(tmp_path)]) == 0
    assert main([]) == 0
    assert given == [(tmp_path / "a b.png", tmp_path), ()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["gone.png"], "'gone.png' is no command, and there is no such file or folder"),
        (["here.png", "gone"], "'gone' is no command, and there is no such file or folder"),
        (["n" * 300 + ".png"], "there is no such file or folder"),
        (["https://example.invalid/a.png"], "is an address and is not fetched; save the file first"),
        (["here.png", "--json"], "unrecognized arguments: --json"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_before_a_window_opens(
    words: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.png").write_bytes(b"")
    monkeypatch.setattr(app, "run", lambda _files=(): pytest.fail("a window was opened"))
    assert expected in complaint(call_here(capfd, *words))


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes")
def test_a_name_that_the_window_cannot_read_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")
    Path(path).write_bytes(b"")
    assert "is not UTF-8, and the window cannot open it; rename it first" in complaint(call_here(capfd, path))


def test_a_window_begins_with_the_file_and_without_the_welcome_page_and_a_second_start_with_its_own(
    tmp_path: Path, forks: Forks
) -> None:
    for name in ("resnet34", "resnet50"):
        save_design(PRESETS[name].design, tmp_path / f"{name}.json")

    def opened(*names: str) -> list[str]:
        done = forks.run("-c", OPENED, *(str(tmp_path / name) for name in names))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().split("|")

    first = tmp_path / "resnet34.json"
    assert opened("resnet34.json") == ["design", "ResNet-34", str(first), "Opened resnet34.json."]
    assert opened("resnet50.json")[1] == "ResNet-50", "and not what the first had"
    assert opened()[1:3] == ["ResNet-50", str(tmp_path / "resnet50.json")], "it is kept as any other"
    words = "2 files were named, and resnet34.json is one of them: a design, weights file or run is named by itself"
    assert words in opened("resnet34.json", "resnet50.json")[-1]

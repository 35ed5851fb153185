"""The train command with its newer words: recipes, single fields, data sets by name, and a bar on a terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from resnet_gui.base.errors import StoppedError
from resnet_gui.cli.main import main
from resnet_gui.design.presets import PRESETS
from resnet_gui.engine.train import in_terminal, terminal_bar
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import RunEnded, RunStatus
from resnet_gui.runs.folder import read_run_info
from resnet_gui.training.recipe import Recipe
from tests.forks import Forks
from tests.waiting import PATIENCE

pty = pytest.importorskip("pty", reason="a terminal of its own needs a Unix")


def test_a_recipe_by_name_with_single_fields_changed_is_the_runs_recipe(
    tmp_path: Path, picture_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    words = ["train", "digits-resnet", "--data", str(picture_folder), "--recipe", "paper-cifar", "--batch-size", "8"]
    words += ["--run-folder", str(run), "--epochs", "1", "--set", "steps=3", "--set", "ema=0.5", "--json"]
    assert main(words) == 0
    recipe = read_run_info(run).recipe
    assert (recipe.schedule, recipe.weight_decay, recipe.steps, recipe.ema, recipe.epochs) == ("step", 1e-4, 3, 0.5, 1)
    assert json.loads(capsys.readouterr().out)["epochs"] == 1
    again = tmp_path / "again"
    assert (
        main(["train", "digits-resnet", "--data", str(picture_folder), "--recipe", str(run), "--run", str(again)]) == 0
    )
    assert read_run_info(again).recipe == recipe


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--data", "cifar10"],
            r"CIFAR-10 is not on this computer yet \(170 MB\): download it .* 'resnet-gui download",
        ),
        (["--data", "cifra10"], r"no data set 'cifra10'; did you mean 'cifar10'\?"),
        (["--data", "digits", "--recipe", "papr"], r"no recipe 'papr'"),
        (["--data", "digits", "--set", "momentun=1"], r"--set momentun=1: write field=value with one of the fields"),
        (["--data", "digits", "--set", "ema"], r"--set ema: write field=value"),
        (["--data", "digits", "--set", "ema=much"], r"--set ema=much: "),
        (["--data", "digits", "--set", "ema=2"], r"--set ema: ema is 2.0; it must be a number from 0"),
        (["--data", "digits", "--set", "accumulate=64"], r"--set accumulate: accumulate is 64; it must be at most 32"),
    ],
)
def test_wrong_words_of_a_recipe_are_one_line_and_exit_2(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    assert main(["train", "digits-resnet", *words]) == 2
    errors = capsys.readouterr().err
    assert re.search(sentence, errors), errors
    assert errors.count("\n") == 1
    assert not (home / "runs").exists() or not list((home / "runs").iterdir())


def test_an_unknown_data_set_is_not_downloaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download", "imagenet"]) == 2
    assert "no data set 'imagenet' to download; choose one of mnist" in capsys.readouterr().err


def test_on_a_terminal_a_bar_with_step_loss_and_eta_is_drawn(
    tmp_path: Path, picture_folder: Path, home: Path, forks: Forks
) -> None:
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "resnet_gui", "train", "digits-resnet", "--data", str(picture_folder)]
    command += ["--epochs", "8", "--batch-size", "8", "--run", str(tmp_path / "run")]
    with forks.popen(command, stdout=subprocess.PIPE, stderr=child, env={**os.environ, "COLUMNS": "120"}) as run:
        os.close(child)
        seen = b""
        while True:
            try:
                part = os.read(parent, 65_536)
            except OSError:  # Linux' end of a terminal
                break
            if not part:
                break
            seen += part
        assert run.wait(timeout=PATIENCE) == 0
    os.close(parent)
    text = seen.decode()
    pattern = r"\r[█▏▎▍▌▋▊▉·]{24} +\d+%  epoch \d+/8  step \d+/32  loss \d\.\d{4}  ETA \d+:\d\d"
    assert re.search(pattern, text), text[-500:]
    assert "epoch    8/8" in text


@pytest.mark.parametrize("status", ["stopped", "failed"])
def test_a_training_that_ends_before_its_first_epoch_prints_what_there_is(
    trained_run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, status: RunStatus
) -> None:
    ended = RunEnded(status, 3, "the reason")
    monkeypatch.setattr(in_terminal, "train", lambda *_words: ended)
    assert main(["train", "--resume", str(trained_run), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    description = found.pop("description")
    assert found == {"run": str(trained_run), "status": status, "step": 3, "message": "the reason"}
    assert description["classes"]


def test_a_training_that_is_stopped_while_pictures_are_read_prints_what_there_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_words: object) -> None:
        raise StoppedError("Stopped.")

    monkeypatch.setattr(in_terminal, "train", stopped)
    assert main(["train", "digits-resnet", "--data", "digits", "--run", "new", "--json"]) == 2
    out, errors = capsys.readouterr()
    assert json.loads(out) == {"run": "new", "status": "stopped", "step": 0, "message": "Stopped."}
    assert errors.endswith("resnet-gui: Stopped.\n")


@pytest.mark.parametrize("how", ["--resume", "--extend"])
def test_a_run_that_has_steps_is_not_said_to_have_none_when_it_is_stopped_early(
    trained_run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def stopped(*_words: object) -> None:
        raise StoppedError("Stopped.")

    monkeypatch.setattr(in_terminal, "train", stopped)
    more = ["--epochs", "1"] if how == "--extend" else []
    assert main(["train", how, str(trained_run), *more, "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found == {"run": str(trained_run), "status": "stopped", "message": "Stopped."}


def test_what_is_done_before_the_first_step_of_a_very_deep_network_is_said_behind_its_pictures(
    trained_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = Train(0, "run", "ResNet-1202", PRESETS["resnet1202"].spec, Recipe())
    words = in_terminal.building_words(deep)
    assert words.startswith("building the network of 1,202 layers and preparing its first step")
    assert in_terminal.building_words(msgspec.structs.replace(deep, spec=PRESETS["resnet152"].spec)) == ""
    assert in_terminal.building_words(Resume(0, str(trained_run))) == ""
    said: list[str] = []
    description = read_run_info(trained_run).data.description
    assert description is not None
    terminal_bar.Progress(said.append, words).tell_data(description)
    assert said == [words]
    assert capsys.readouterr().err.strip()


def test_where_no_bar_can_be_drawn_a_line_now_and_then_says_how_far_the_reading_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    monkeypatch.setattr(terminal_bar, "LINE_SECONDS", 0)
    progress = terminal_bar.Progress(said.append)
    progress.watch(1500, 0)
    progress.watch(500, 1500)
    assert said == ["looking through the folder: 1,500 files", "reading pictures: 500 of 1,500"]
    monkeypatch.setattr(terminal_bar, "LINE_SECONDS", 1e9)
    progress.watch(1000, 1500)
    assert len(said) == 2, "what is over soon is not told of"
    assert capsys.readouterr().err == ""

"""``resnet-gui sweep``: what its options mean, what it prints, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import sweeps_folder
from resnet_gui.cli.main import main
from resnet_gui.cli.sweep_options import new_sweep, parsed_seeds, split_settings
from resnet_gui.design.presets import PRESETS, find_design
from resnet_gui.sweeps.folder import read_sweep, write_sweep
from resnet_gui.sweeps.state import read_state
from resnet_gui.sweeps.sweep import encode_sweep, expanded
from tests.engine.sweep.tiny_sweep import fork_workers, made, tiny_sweep
from tests.sweeps.made_sweep import SWEEP, finish

FORKS_TRAIN = True
"""See ``tests.item_process.needs_a_fresh_fork``."""


def options(*settings: str, **more: Any) -> dict[str, Any]:
    names = (
        "source", "data", "seeds", "baseline", "name", "threads", "recipe", "input", "epochs", "batch_size", "lr",
        "precision", "device",
    )  # fmt: skip
    found = dict.fromkeys(names) | {"source": "digits-resnet", "data": "digits", "set": list(settings) or None} | more
    return {"resume": None, "add_seeds": None} | found


def test_several_values_vary_a_field_and_one_fixes_it() -> None:
    words = ("depth=8,14", "shortcut=A,none", "warmup=5", "conv_bias=true")
    sweep = new_sweep(options(*words, epochs=3, seeds="2"))
    assert [(axis.name, axis.labels) for axis in sweep.axes] == [("depth", ("8", "14")), ("shortcut", ("A", "none"))]
    assert (sweep.recipe.warmup, sweep.recipe.epochs, sweep.design.spec.conv_bias) == (5, 3, True)
    assert (sweep.seeds, sweep.baseline) == ((1, 2), {"depth": "8"})
    assert sweep.name == f"depth × shortcut, {find_design('digits-resnet').name}"
    assert [each.spec.blocks for each in expanded(sweep).configurations][::2] == [(1, 1, 1), (2, 2, 2)]


def test_values_that_hold_commas_are_separated_by_semicolons() -> None:
    fixed, axes = split_settings(
        ("blocks=1,1,1;2,2,2", "step_at=0.5,0.75", "input=1x8x8;1x16x16", "phases=2:backbone,nothing")
    )
    assert [value.settings["blocks"] for value in axes[0].values] == [[1, 1, 1], [2, 2, 2]]
    assert [value.settings["input"] for value in axes[1].values] == [[1, 8, 8], [1, 16, 16]]
    assert fixed["step_at"] == [0.5, 0.75]
    assert [phase["frozen"] for phase in fixed["phases"]] == ["backbone", "nothing"]


def test_a_field_that_may_be_none_is_set_to_none() -> None:
    fixed, axes = split_settings(("stem_stride=none,2", "strides=none", "shortcut=none"))
    assert [value.settings["stem_stride"] for value in axes[0].values] == [None, 2]
    assert fixed == {"strides": None, "shortcut": "none"}


@pytest.mark.parametrize(
    ("text", "seeds"), [("3", (1, 2, 3)), ("1", (1,)), ("4,7", (4, 7)), ("11-13", (11, 12, 13)), ("5-5,9", (5, 9))]
)
def test_seeds_are_a_number_of_them_or_themselves(text: str, seeds: tuple[int, ...]) -> None:
    assert parsed_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "3-1", "1,", "-4"])
def test_seeds_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"--seeds .*write a number of seeds"):
        parsed_seeds(text)


def test_more_seeds_than_a_sweep_may_have_are_counted_in_the_sentence() -> None:
    for text in ("1-100000000", "100000000", "1-9000,20001-31000"):
        with pytest.raises(InputError, match=r"--add-seeds .*: these are [\d,]+ seeds; 10,000 are the most"):
            parsed_seeds(text, "--add-seeds")


@pytest.mark.parametrize(
    ("words", "more", "sentence"),
    [
        ((), {"data": None}, "A new sweep needs --data"),
        (("epochs=1,2",), {"epochs": 3}, "--epochs and --set epochs both say what epochs is"),
        (("recipe.batch-size=8",), {"batch_size": 4}, "--batch-size and --set recipe.batch_size both say"),
        (("input=1x8x8",), {"input": (1, 8, 8)}, "--input and --set input both say"),
    ],
)
def test_what_is_missing_or_given_twice_is_named(words: tuple[str, ...], more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        new_sweep(options(*words, **more))


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        ("depth", "write field=value"),
        ("depth=", "write field=value"),
        ("dept=8", "'dept' is no field of a design or a recipe; did you mean depth"),
        ("lr=0.1,fast", "lr is 'fast'; it must be a number"),
        ("lr=nan", "lr is nan; it must be a finite number"),
        ("step_at=0.5,inf", "step_at is .*; it must be a finite number"),
        ("lr=0.1,0.1", "a value stands twice"),
        ("phases=x:y:z:q", "that is not how its values are written"),
        ("input=1x8", "that is not how its values are written"),
        ("seed=1,2", "seed is no field of a sweep"),
    ],
)
def test_a_setting_that_is_wrong_is_named(pair: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        split_settings((pair,))
    assert str(caught.value).startswith(f"--set {pair}: ")


def test_a_baseline_is_the_first_value_if_nobody_says_and_may_be_none() -> None:
    words = ("depth=8,14", "shortcut=A,none")
    assert new_sweep(options(*words, baseline=["shortcut=none", "depth=14"])).baseline == {
        "shortcut": "none", "depth": "14",
    }  # fmt: skip
    assert new_sweep(options(*words, baseline=["none"])).baseline == {}
    assert new_sweep(options()).baseline == {}
    for pair, sentence in (("depth", "write field=value, or none"), ("depth=9", "its values are 8, 14")):
        with pytest.raises(InputError, match=sentence):
            new_sweep(options(*words, baseline=[pair]))


def test_a_sweep_file_says_what_is_trained_and_takes_other_seeds(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(encode_sweep(SWEEP))
    assert new_sweep(options(source=str(path), data=None)) == SWEEP
    changed = new_sweep(options(source=str(path), data=None, seeds="8,9", threads=2, device="cpu"))
    assert (changed.seeds, changed.threads, changed.device, changed.axes) == ((8, 9), 2, "cpu", SWEEP.axes)
    with pytest.raises(InputError, match="says what is trained; leave out --data, --set"):
        new_sweep(options("depth=8", source=str(path)))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "'sweep' needs a sweep FILE; or a DESIGN and --data"),
        (["digits-resnet"], "A new sweep needs --data"),
        (["digits-resnet", "--data", "digits", "--workers", "0"], "at least one run goes on at a time"),
        (["digits-resnet", "--data", "digits", "--retry"], "name it with --resume"),
        (["digits-resnet", "--data", "digits", "--set", "depth=9,10"], "None of the 2 configurations"),
        (["--resume", "nowhere"], "There is no sweep nowhere"),
        (["--resume", "x", "--data", "digits", "--seeds", "3"], "leave out --data, --seeds"),
        (["digits-resnet", "--resume", "x"], r"leave out FILE\|DESIGN"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", *words]) == 2
    captured = capsys.readouterr()
    assert re.search(sentence, captured.err.splitlines()[-1])
    assert captured.out == ""
    assert not sweeps_folder().exists()


def test_a_sweep_of_many_runs_is_said_to_be_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from resnet_gui.engine.sweep import in_terminal

    def refuse(*_words: object) -> None:
        raise InputError("Not now.")

    monkeypatch.setattr(in_terminal, "sweep_here", refuse)
    assert main(["sweep", "digits-resnet", "--data", "digits", "--set", "depth=8,14", "--seeds", "101"]) == 2
    assert "2 configurations × 101 seeds = 202 runs; that is many: over 200" in capsys.readouterr().err


def test_a_sweep_is_trained_and_gone_on_with(
    picture_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fork_workers(monkeypatch)
    path, folder = tmp_path / "mine.json", tmp_path / "s e'; $x <b>"
    path.write_bytes(encode_sweep(tiny_sweep(picture_folder, epochs=1, seeds=(1,))))
    assert main(["sweep", str(path), "--folder", str(folder), "--workers", "2", "--json"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (document["status"], document["sweep"], len(document["runs"])) == ("finished", str(folder), 2)
    assert [row["comparison"] for row in document["rows"]] == ["baseline", "cannot tell"]
    assert document["rows"][1]["configuration"] == {"shortcut": "none"}
    assert document["rows"][1]["found"]["low"] is None
    assert "2 configurations × 1 seed = 2 runs" in captured.err
    assert "run 2 of 2: shortcut" in captured.err
    assert main(["sweep", "--resume", str(folder), "--add-seeds", "1"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0].startswith("shortcut  n  test error %")
    assert captured.out.count("\nnone") == 1
    assert [cell.seed for cell in read_state(folder).cells] == [1, 1, 2, 2]
    assert "run 3 of 4: " in captured.err
    assert f"resnet-gui sweep --resume {shlex.quote(str(folder))}\n" in captured.err
    for seeds, sentence in (("0", "--add-seeds 0: add one seed at least"), ("x", "--add-seeds x: write a number")):
        assert main(["sweep", "--resume", str(folder), "--add-seeds", seeds]) == 2
        assert sentence in capsys.readouterr().err
    sweep = read_sweep(folder)
    longer = msgspec.structs.replace(sweep, recipe=msgspec.structs.replace(sweep.recipe, epochs=2))
    write_sweep(folder, longer)
    assert main(["sweep", "--resume", str(folder), "--add-seeds", "1"]) == 2
    assert "was trained with another number of epochs than sweep.json says now" in capsys.readouterr().err
    assert read_sweep(folder) == longer  # the seed is not written into a file that is refused


def test_runs_that_failed_are_counted_by_sentence_and_fail_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fork_workers(monkeypatch)
    folder = made(tmp_path / "sweep", tiny_sweep(tmp_path / "nowhere", seeds=(1, 2)))
    finish(read_state(folder).cells[0], 0.1)
    monkeypatch.setattr("resnet_gui.engine.sweep.scheduler.check_unchanged", lambda _state: None)
    assert main(["sweep", "--resume", str(folder), "--workers", "3"]) == 1
    captured = capsys.readouterr()
    assert "3 of 4 runs failed: " in captured.err
    assert "1 (1 failed)" in captured.out


def test_presets_have_designs_for_sweeps_of_any_family() -> None:
    sweep = new_sweep(options("depth=18,34", source="resnet50", data="cifar10", input=(3, 32, 32)))
    blocks = [each.spec.blocks for each in expanded(sweep).configurations]
    assert blocks == [PRESETS["resnet18"].spec.blocks, PRESETS["resnet34"].spec.blocks]

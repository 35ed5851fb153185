"""Data with a validation and a test part: weights are selected on one, and the other is counted once, at the end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.cli.main import main
from resnet_gui.engine.data.datasets import load
from resnet_gui.network.weights import load_model
from resnet_gui.runs.events import EpochDone, RunStarted
from resnet_gui.runs.folder import BEST_FILE, RUN_FILE, read_run_info
from resnet_gui.runs.history import replay
from tests.engine.train.tiny_run import Run


@pytest.fixture
def parts(picture_folder: Path) -> Path:
    """Twelve training, eight validation, and test pictures of which a fifth has the other class's name."""
    for name in ("dark", "light"):
        for number, path in enumerate(sorted((picture_folder / name).iterdir())):
            part = "train" if number < 12 else "val" if number < 16 else "test"
            target = picture_folder / part / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        (picture_folder / name).rmdir()
    shutil.copy(picture_folder / "test/dark/16.png", picture_folder / "test/light/wrong1.png")
    shutil.copy(picture_folder / "test/dark/17.png", picture_folder / "test/light/wrong2.png")
    return picture_folder


def test_weights_are_selected_on_validation_and_the_test_part_is_counted_once_with_the_best(
    parts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(parts, tmp_path / "run")
    ended = run.start(batch_size=8)
    (began,) = run.of(RunStarted)
    assert isinstance(began, RunStarted)
    assert (began.train_images, began.test_images) == (24, 8)
    assert ended.result is not None
    errors = [event.test_error for event in run.of(EpochDone) if isinstance(event, EpochDone)]
    assert ended.result.best_top1 == 1 - min(errors)
    assert ended.result.final_images == 10
    assert main(["evaluate", str(tmp_path / "run"), "--data", str(parts), "--device", "cpu", "--json"]) == 0
    assert ended.result.final_top1 == pytest.approx(json.loads(capsys.readouterr().out)["top1"])
    info = read_run_info(tmp_path / "run")
    assert (info.data.test_images, info.data.final_images) == (8, 10)
    assert info.data.description is not None
    assert [(part.part, part.pictures, part.where) for part in info.data.description.parts] == [
        ("training", 24, "train/"), ("validation", 8, "val/"), ("test", 10, "test/")
    ]  # fmt: skip


def test_a_test_part_that_is_counted_again_is_said_to_be_before_and_in_the_result(
    parts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(parts, tmp_path / "run")
    ended = run.start(batch_size=8, epochs=1)
    assert ended.result is not None
    assert ended.result.final_count == 1
    assert list(replay(run.folder).final_tests) == [ended.step]
    again = run.resume()  # of the same weights: nothing new was seen
    assert again.result is not None
    assert again.result.final_count == 1
    capsys.readouterr()
    assert main(["train", "--extend", str(run.folder), "--epochs", "1"]) == 0
    printed = capsys.readouterr()
    before, _, after = printed.err.partition("training and 8 validation pictures")
    assert "the test pictures were counted once already and are counted again at the new end" in before
    assert "counted" not in after
    assert ", counted for the 2nd time)" in printed.out
    assert main(["train", "--extend", str(run.folder), "--epochs", "1", "--json"]) == 0
    printed = capsys.readouterr()
    assert "the test pictures were counted 2 times already" in printed.err
    assert json.loads(printed.out)["final_count"] == 3


def test_the_weights_that_go_on_and_the_result_do_not_depend_on_the_test_part(parts: Path, tmp_path: Path) -> None:
    one = Run(parts, tmp_path / "one").start()
    shutil.rmtree(parts / "test")
    other = Run(parts, tmp_path / "other").start()
    assert one.result is not None
    assert other.result is not None
    assert one.result.weights_sha256 == other.result.weights_sha256
    assert (other.result.final_top1, other.result.final_images) == (None, 0)
    assert load_model(tmp_path / "one" / BEST_FILE)[1] == load_model(tmp_path / "other" / BEST_FILE)[1]


def test_the_command_says_what_each_part_is_for_and_prints_it_in_the_document(
    parts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "digits-resnet", "--data", str(parts), "--epochs", "1", "--batch-size", "8"]
    assert main([*words, "--run", str(tmp_path / "a")]) == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines()[:4] == [
        "pictures: 2 classes by folder names: dark 20, light 22",
        "  training: 24 pictures, train/",
        "  validation: 8 pictures, val/ (the weights are selected on it)",
        "  test: 10 pictures, test/ (counted once, at the end)",
    ]
    assert "validation accuracy" in printed.out
    assert "; test accuracy" in printed.out
    assert main([*words, "--run", str(tmp_path / "b"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["description"] == json.loads((tmp_path / "b" / RUN_FILE).read_text())["data"]["description"]
    assert found["final_images"] == 10


def test_a_run_inside_its_data_folder_is_left_out_of_them_also_when_it_is_resumed(
    picture_folder: Path, tmp_path: Path
) -> None:
    run = Run(picture_folder, picture_folder / "run1")
    run.react = lambda event: run.control.stop() if isinstance(event, EpochDone) else None
    assert run.start().status == "stopped"
    description = read_run_info(picture_folder / "run1").data.description
    assert description is not None
    assert [(each.why, each.names) for each in description.left_out] == [("run folder", ("run1",))]
    run.react = lambda _event: None
    assert run.resume().status == "finished"


def remove(part: Path) -> None:
    next(part.rglob("*.png")).unlink()


def swap(part: Path) -> None:
    """A picture of the same size in bytes and another content."""
    path = next(part.rglob("*.png"))
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)


def rename_class(part: Path) -> None:
    shutil.move(part / "light" / "wrong1.png", part / "dark" / "wrong1.png")


@pytest.mark.parametrize("change", [remove, swap, rename_class, shutil.rmtree])
def test_a_run_whose_final_test_has_changed_is_not_resumed_and_one_of_an_earlier_build_is(
    parts: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    run = Run(parts, tmp_path / "run")
    run.react = lambda event: run.control.stop() if isinstance(event, EpochDone) else None
    assert run.start(epochs=2).status == "stopped"
    before = read_run_info(run.folder).data
    assert len(before.final_sha256) == 64
    shutil.copytree(parts / "test", tmp_path / "kept")
    change(parts / "test")
    with pytest.raises(InputError, match=r"The test pictures of '.*', 10 when this run began, have changed since then"):
        run.resume()
    assert load(str(parts), (1, 8, 8)).identity.sha256 == before.sha256, "the old digest is of the other parts"
    old = json.loads((run.folder / RUN_FILE).read_text())
    del old["data"]["final_sha256"]
    (run.folder / RUN_FILE).write_text(json.dumps(old))
    assert read_run_info(run.folder).data.final_sha256 == ""
    run.react = lambda _event: None
    if change in {remove, shutil.rmtree}:
        with pytest.raises(InputError, match="10 when this run began"):
            run.resume()
        shutil.rmtree(parts / "test", ignore_errors=True)
        shutil.copytree(tmp_path / "kept", parts / "test")
    ended = run.resume()
    assert ended.result is not None
    assert ended.result.final_images in {9, 10}


def test_a_run_that_began_without_a_final_test_is_not_resumed_with_one(parts: Path, tmp_path: Path) -> None:
    (parts / "test").rename(tmp_path / "kept")
    run = Run(parts, tmp_path / "run")
    run.react = lambda event: run.control.stop() if isinstance(event, EpochDone) else None
    assert run.start(epochs=2).status == "stopped"
    (tmp_path / "kept").rename(parts / "test")
    with pytest.raises(InputError, match="0 when this run began"):
        run.resume()


def test_the_final_test_of_a_set_that_is_too_large_for_memory_is_known_by_names_and_sizes(
    parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resnet_gui.engine.data.datasets.MAX_BYTES", 100)
    before = load(str(parts), (1, 8, 8)).identity
    swap(parts / "test")
    assert load(str(parts), (1, 8, 8)).identity == before
    remove(parts / "test")
    after = load(str(parts), (1, 8, 8)).identity
    assert after.sha256 == before.sha256
    assert "" != after.final_sha256 != before.final_sha256 != ""

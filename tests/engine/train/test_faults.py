"""What breaks around a training: disks that fill up, folders that vanish, files that are damaged, a second writer.

Each ends it with one sentence, loses nothing that was on disk, and can be gone on from.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine import checkpoint
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import EpochDone, RunEnded, RunEvent, StepDone
from resnet_gui.runs.folder import LAST_FILE, is_being_written, summarise
from resnet_gui.runs.history import EVENTS_FILE, RunReader, replay
from resnet_gui.runs.lock import writer_of, writing
from resnet_gui.training.recipe import Recipe
from tests.engine.train.test_kills import same, untimed
from tests.forks import Forks
from tests.runs.test_runs import append, epochs, held_by_another_process, make_run, started, step

SPEC = ResNetSpec(block="basic", blocks=(1, 1), widths=(16, 16), stem="cifar", classes=2, input=(1, 8, 8))
EPOCHS, STEPS = 6, 4


@pytest.fixture
def recipe(picture_folder: Path) -> Recipe:
    return Recipe(data=str(picture_folder), epochs=EPOCHS, batch_size=8, lr=0.05, augment="shift-flip")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one mebibyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system can only be mounted by root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every epoch."""
    monkeypatch.setattr(checkpoint, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "CHECKPOINT_SHARE", 1e9)


def start(folder: Path, recipe: Recipe, react: Callable[[RunEvent], None] = lambda _event: None) -> RunEnded:
    return train(Train(1, str(folder), "tiny", SPEC, recipe, "cpu"), react, Control())


def go_on(folder: Path) -> RunEnded:
    return train(Resume(1, str(folder)), lambda _event: None, Control())


def fill(disk: Path, leave: int = 0) -> Path:
    """A file that takes all room but ``leave`` bytes."""
    path = disk / "full"
    with path.open("ab", buffering=0) as file:
        size = shutil.disk_usage(disk).free - leave
        file.write(bytes(max(0, size)))
    return path


def is_one_sentence(message: str) -> bool:
    return "\n" not in message and message.endswith(".") and len(message) < 400


# ---- disks


@pytest.mark.usefixtures("eager")
def test_a_disk_that_is_full_at_a_checkpoint_ends_the_run_with_a_sentence_and_keeps_the_one_before(
    small_disk: Path, tmp_path: Path, recipe: Recipe
) -> None:
    folder = small_disk / "run"
    kept = b""

    def react(event: RunEvent) -> None:
        nonlocal kept
        if isinstance(event, EpochDone) and event.epoch == 3:
            kept = (folder / LAST_FILE).read_bytes()
            # Room for events, but not for a checkpoint.
            fill(small_disk, leave=24_576)

    ended = start(folder, recipe, react)
    assert (ended.status, ended.cause) == ("failed", "disk")
    assert ended.message == "The disk is full; make room first. The last checkpoint is kept."
    assert (folder / LAST_FILE).read_bytes() == kept
    assert load_checkpoint(folder)["step"] == 2 * STEPS
    assert [path.name for path in folder.iterdir() if ".tmp-" in path.name] == []
    summary = summarise(folder)
    assert (summary.status, summary.message) == ("failed", ended.message)
    (small_disk / "full").unlink()
    assert go_on(folder).status == "finished"
    assert start(tmp_path / "whole", recipe).status == "finished"
    same(folder, tmp_path / "whole")


@pytest.mark.usefixtures("eager")
def test_a_disk_that_is_full_at_an_event_ends_the_run_with_a_sentence_and_no_torn_line(
    small_disk: Path, tmp_path: Path, recipe: Recipe
) -> None:
    folder = small_disk / "run"

    def react(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step == 2 * STEPS + 2:
            fill(small_disk)

    ended = start(folder, recipe, react)
    assert (ended.status, ended.cause) == ("failed", "disk")
    assert ended.message == "The disk is full; make room first. The last checkpoint is kept."
    assert (folder / EVENTS_FILE).read_bytes().endswith(b"}\n")
    assert load_checkpoint(folder)["step"] == 2 * STEPS
    reader = RunReader(folder)
    assert reader.read()
    assert reader.bad_lines == 0
    (small_disk / "full").unlink()
    assert go_on(folder).status == "finished"
    assert start(tmp_path / "whole", recipe).status == "finished"
    same(folder, tmp_path / "whole")


def test_a_file_that_may_not_grow_is_a_fault_of_the_disk_too(
    tmp_path: Path, picture_folder: Path, forks: Forks
) -> None:
    # As with a quota: there is room, but not for this user.
    code = """
import resource, signal, sys
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.runs.events import EpochDone
from resnet_gui.protocol.jobs import Train
from resnet_gui.training.recipe import Recipe
from tests.engine.train.test_faults import SPEC
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def react(event):
    if isinstance(event, EpochDone):
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))
recipe = Recipe(data=sys.argv[1], epochs=2, batch_size=8)
ended = train(Train(1, sys.argv[2], "tiny", SPEC, recipe, "cpu"), react, Control())
print(ended.status, ended.cause, ended.message)
"""
    child = forks.run("-c", code, str(picture_folder), str(tmp_path / "run"))
    status, cause, message = child.stdout.split(" ", 2)
    assert (status, cause) == ("failed", "disk"), child.stdout + child.stderr
    assert message.count("\n") == 1
    assert len(message) < 200, message
    assert "enforce fail" not in message
    assert [path.name for path in (tmp_path / "run").iterdir() if ".tmp-" in path.name] == []


@pytest.mark.usefixtures("eager")
def test_a_folder_that_becomes_read_only_ends_the_run_with_a_sentence_and_is_refused_for_a_resume(
    small_disk: Path, recipe: Recipe
) -> None:
    folder = small_disk / "run"

    def react(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step == STEPS + 1:
            remount(small_disk, "ro")

    def remount(place: Path, how: str) -> None:
        # A file that is open for writing keeps a disk from becoming read-only; forced, as after a fault, it does not.
        found = subprocess.run(["mount", "-o", f"remount,{how}", str(place)], capture_output=True, check=False)
        if found.returncode:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(folder / EVENTS_FILE))

    ended = start(folder, recipe, react)
    assert (ended.status, ended.cause) == ("failed", "disk")
    assert "Read-only file system" in ended.message
    assert is_one_sentence(ended.message)
    remount(small_disk, "ro")
    with pytest.raises(InputError, match=r"The run folder .* cannot be written: Read-only file system"):
        go_on(folder)
    with pytest.raises(InputError, match="Read-only file system"):
        start(small_disk / "other", recipe)
    remount(small_disk, "rw")
    assert go_on(folder).status == "finished"


# ---- data


def test_a_run_whose_pictures_are_gone_is_refused_and_goes_on_when_they_are_back(
    tmp_path: Path, picture_folder: Path, recipe: Recipe
) -> None:
    folder, control = tmp_path / "run", Control()
    control.stop()
    assert train(Train(1, str(folder), "x", SPEC, recipe, "cpu"), lambda _event: None, control).status == "stopped"
    events = (folder / EVENTS_FILE).read_bytes()
    picture_folder.rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=f"The pictures of this run, '{picture_folder}', are gone; put them back"):
        go_on(folder)
    assert (folder / EVENTS_FILE).read_bytes() == events
    assert not is_being_written(folder)
    (tmp_path / "elsewhere").rename(picture_folder)
    assert go_on(folder).status == "finished"


@pytest.mark.parametrize("how", ["a pixel", "a class's name", "one more"])
def test_a_run_whose_pictures_have_changed_in_any_way_is_refused(
    tmp_path: Path, picture_folder: Path, recipe: Recipe, how: str
) -> None:
    from PIL import Image

    folder, control = tmp_path / "run", Control()
    control.stop()
    train(Train(1, str(folder), "x", SPEC, recipe, "cpu"), lambda _event: None, control)
    one = picture_folder / "dark" / "07.png"
    if how == "a pixel":
        image = Image.open(one)
        image.putpixel((3, 3), 255)
        image.save(one)
    elif how == "one more":
        shutil.copy(one, picture_folder / "dark" / "99.png")
    else:
        (picture_folder / "light").rename(picture_folder / "bright")
    with pytest.raises(InputError, match="have changed since this run began; start a new run"):
        go_on(folder)


# ---- damaged files


def test_a_damaged_checkpoint_is_refused_in_one_sentence_and_the_run_can_still_be_read(
    tmp_path: Path, recipe: Recipe
) -> None:
    folder = tmp_path / "run"
    assert start(folder, recipe).status == "finished"
    whole, before = (folder / LAST_FILE).read_bytes(), untimed(replay(folder))
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    trap = tmp_path / "trap"
    code = b"cos\nmkdir\n(V" + str(trap).encode() + b"\ntR."
    for content in (b"", whole[:-1], whole[: len(whole) // 2], bytes(flipped), b"weights\n", code):
        (folder / LAST_FILE).write_bytes(content)
        with pytest.raises(InputError, match=r"last\.pt is damaged and cannot be used") as refused:
            go_on(folder)
        assert is_one_sentence(str(refused.value))
    assert not trap.exists()
    assert untimed(replay(folder)) == before
    (folder / LAST_FILE).write_bytes(whole)
    assert go_on(folder).status == "finished"
    assert untimed(replay(folder)) == before


def test_a_checkpoint_that_lacks_a_part_is_refused_in_one_sentence(tmp_path: Path, recipe: Recipe) -> None:
    from resnet_gui.engine.checkpoint import save_checkpoint

    folder = tmp_path / "run"
    start(folder, recipe)
    state = load_checkpoint(folder)
    state.pop("format")
    wrong: list[dict[str, Any]] = [
        {key: value for key, value in state.items() if key != "optimiser"},
        {key: value for key, value in state.items() if key != "sums"},
        state | {"model": {}},
        state | {"model": None},
        state | {"model": state["model"] | {"more": torch.zeros(1)}},
        state | {"optimiser": {}},
        state | {"optimiser": None},
        state | {"step": "three"},
        state | {"sums": None},
    ]
    for number, damaged in enumerate(wrong):
        save_checkpoint(folder, damaged)
        try:
            ended = str(go_on(folder))
        except InputError as error:
            ended = str(error)
        assert "does not belong to this run's design" in ended, number


def test_strange_lines_in_the_events_of_a_run_are_left_and_the_run_goes_on_to_the_same_end(
    tmp_path: Path, recipe: Recipe
) -> None:
    folder, whole, control = tmp_path / "run", tmp_path / "whole", Control()

    def react(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step == 2 * STEPS + 1:
            control.stop()

    assert train(Train(1, str(folder), "x", SPEC, recipe, "cpu"), react, control).status == "stopped"
    lines = (folder / EVENTS_FILE).read_bytes().splitlines(keepends=True)
    lines[3:3] = [b"garbage\n", b"\xff\xfe\n", b"{}\n", b"\n", b'{"type":"step","step":1}\n', b"[1,2]\n"]
    # A start that was lost: what is told again takes the place of what was told before.
    lines += lines[-3:-1]
    lines += [b'{"type":"epoch","epoch":3,"st']
    (folder / EVENTS_FILE).write_bytes(b"".join(lines))
    assert replay(folder).step == 2 * STEPS + 1
    assert go_on(folder).status == "finished"
    assert start(whole, recipe).status == "finished"
    found, expected = untimed(replay(folder)), untimed(replay(whole))
    assert found == expected
    reader = RunReader(folder)
    reader.read()
    assert reader.bad_lines == 6


def test_steps_that_go_back_or_come_twice_are_drawn_once(tmp_path: Path) -> None:
    events = epochs(0.5, 0.4)
    run = make_run(tmp_path / "run", started(), *events, step(3, loss=9.0), step(4, loss=8.0), step(4, loss=7.0))
    state = replay(run)
    assert list(state.curves["train_loss"].x) == [1, 2, 3, 4]
    assert list(state.curves["train_loss"].y)[2:] == [9.0, 7.0]
    assert (state.epochs, list(state.curves["test_error"].x)) == ([], [])
    append(run, *events[STEPS:])
    assert list(replay(run).curves["train_loss"].x) == list(range(1, 2 * STEPS + 1))


@pytest.mark.parametrize("size", [65_536, 65_537, 300_000])
def test_a_torn_line_of_any_length_is_dropped_whole(tmp_path: Path, size: int) -> None:
    # The answers to 50,000 test pictures, or a thousand pictures that were skipped, are such a line.
    run = make_run(tmp_path / "run", started())
    with (run / EVENTS_FILE).open("ab") as file:
        file.write(b"x" * size)
    append(run, step(1))
    assert RunReader(run).read() == [started(), step(1)]


# ---- others


def test_a_second_process_is_refused_by_the_folder_and_does_the_first_no_harm(tmp_path: Path, recipe: Recipe) -> None:
    folder = tmp_path / "run"
    start(folder, recipe)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"}
    with held_by_another_process(folder):
        with pytest.raises(InputError, match=f"{folder} is being trained by another process; stop that first"):
            go_on(folder)
        with pytest.raises(InputError, match=f"{folder} exists already and is not empty"):
            start(folder, recipe)
        assert is_being_written(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"} == before
    assert go_on(folder).status == "finished"


def test_a_refused_writer_leaves_the_name_of_the_one_who_trains(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started())
    with held_by_another_process(run):
        who = writer_of(run)
        assert who[1] not in {0, os.getpid()}
        with pytest.raises(InputError), writing(run):
            pass
        assert writer_of(run) == who


@pytest.mark.parametrize("last", [False, True])
def test_a_run_whose_folder_is_removed_ends_with_a_sentence_and_does_not_come_back(
    tmp_path: Path, recipe: Recipe, last: bool
) -> None:
    folder = tmp_path / "run"
    at = EPOCHS * STEPS if last else STEPS + 1
    epochs_of = 2000 if not last else EPOCHS

    def react(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step == at:
            shutil.rmtree(folder)

    values = {field: getattr(recipe, field) for field in recipe.__struct_fields__}
    ended = start(folder, Recipe(**values | {"epochs": epochs_of}), react)
    assert ended.status == "failed"
    assert ended.cause in {"input", "disk"}
    assert str(folder) in ended.message
    assert is_one_sentence(ended.message)
    assert not folder.exists()

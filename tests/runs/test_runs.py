"""The run folder: create, list, follow, replay; torn and strange lines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.base.jsonl import encode_line
from resnet_gui.design.presets import PRESETS
from resnet_gui.protocol.events import JobDone
from resnet_gui.runs.events import (
    EpochDone,
    RunEnded,
    RunEvent,
    RunPaused,
    RunStarted,
    RunUnpaused,
    StepDone,
    TrainResult,
)
from resnet_gui.runs.folder import (
    BEST_FILE,
    RUN_FILE,
    DataIdentity,
    EventLog,
    RunInfo,
    list_runs,
    new_run_folder,
    now_text,
    prepare_run_folder,
    read_run_info,
    summarise,
    write_run_info,
)
from resnet_gui.runs.history import EVENTS_FILE, RunReader, replay
from resnet_gui.runs.lock import writing
from resnet_gui.training.recipe import Recipe

STEPS = 4  # an epoch


def info(name: str = "mine") -> RunInfo:
    data = DataIdentity(
        name="digits", classes=("0", "1"), train_images=8, test_images=2, sha256="00", mean=(0.5,), std=(0.25,)
    )
    return RunInfo(
        name=name, spec=PRESETS["digits-resnet"].spec, recipe=Recipe(epochs=3), data=data, device="cpu",
        precision="fp32", threads=2, versions={"torch": "2"}, created=now_text(),
    )  # fmt: skip


def started(step: int = 0, seconds: float = 0.0) -> RunStarted:
    return RunStarted(step, 3, STEPS, 8, 2, "cpu", "fp32", (), seconds)


def step(number: int, loss: float | None = None) -> StepDone:
    return StepDone(number, loss if loss is not None else 1 / number, 0.5, 0.1, number / 10)


def epoch(number: int, test_error: float) -> EpochDone:
    return EpochDone(number, number * STEPS, 0.5, 0.4, 0.3, test_error, 100.0, number * STEPS / 10)


def epochs(*errors: float, first: int = 1) -> list[RunEvent]:
    events: list[RunEvent] = []
    for number, error in enumerate(errors, start=first):
        events += [step(at) for at in range((number - 1) * STEPS + 1, number * STEPS + 1)]
        events.append(epoch(number, error))
    return events


FINISHED = RunEnded(
    "finished", 12, result=TrainResult("r", 3, 0.5, 0.3, 0.75, 0.8, 1.2, 100.0, "00")
)  # best error 0.2, last 0.25


def make_run(folder: Path, *events: RunEvent, name: str = "mine") -> Path:
    prepare_run_folder(folder)
    write_run_info(folder, info(name))
    append(folder, *events)
    return folder


def append(folder: Path, *events: RunEvent) -> None:
    log = EventLog(folder)
    for event in events:
        log.append(event)
    log.close()


@contextmanager
def held_by_another_process(folder: Path) -> Iterator[None]:
    """Another process that holds the run's lock until the block ends."""
    code = (
        "import sys; from pathlib import Path; from resnet_gui.runs.lock import writing\n"
        "with writing(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        yield
        child.kill()


# ---- run.json


def test_what_is_written_of_a_run_is_read_again(tmp_path: Path) -> None:
    make_run(tmp_path / "run")
    assert read_run_info(tmp_path / "run") == msgspec.structs.replace(
        info(), created=read_run_info(tmp_path / "run").created
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is not JSON .it is empty."),
        (b"[]", "it is an empty list; it must be a set of fields"),
        (b"{}", "the field 'name' is missing"),
        (b'{"name": 5}', "name is 5; it must be a text"),
        (b"\xff\xfe\x00", "not text"),
        (b"\0" * 1000, "it is not JSON .invalid character at byte 0."),
    ],
)
def test_a_damaged_run_file_is_refused_by_its_path(tmp_path: Path, content: bytes, says: str) -> None:
    run = make_run(tmp_path / "run")
    (run / RUN_FILE).write_bytes(content)
    with pytest.raises(InputError, match=says) as caught:
        read_run_info(run)
    assert str(run / RUN_FILE) in str(caught.value)


def test_a_run_file_with_a_design_that_cannot_be_is_refused_by_its_field(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    text = (run / RUN_FILE).read_text().replace('"classes": 10', '"classes": 0')
    (run / RUN_FILE).write_text(text)
    with pytest.raises(InputError, match="classes is 0"):
        read_run_info(run)


def test_a_missing_run_and_a_folder_that_is_no_run_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no run .*gone"):
        read_run_info(tmp_path / "gone")
    with pytest.raises(InputError, match=r"is not a run folder: it has no run\.json"):
        read_run_info(tmp_path)


# ---- folders


def test_a_new_run_goes_into_the_programs_folder_and_never_onto_another(home: Path) -> None:
    first = new_run_folder("ResNet-20 (CIFAR)")
    assert first.parent == home / "runs"
    assert first.name.endswith("-resnet-20-cifar")
    first.mkdir(parents=True)
    second = new_run_folder("ResNet-20 (CIFAR)")
    assert second != first
    assert not second.exists()


@pytest.mark.parametrize("name", ["", "///", "../../etc", "图", "a" * 500, "CON\0"])
def test_any_name_gives_a_folder_name_inside_the_programs_folder(home: Path, name: str) -> None:
    folder = new_run_folder(name)
    assert folder.parent == home / "runs"
    folder.mkdir(parents=True)


def test_a_folder_that_holds_something_is_refused_for_a_new_run_and_kept(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="exists already and is not empty"):
        prepare_run_folder(tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_an_empty_folder_is_taken_for_a_new_run(tmp_path: Path) -> None:
    prepare_run_folder(tmp_path / "empty")
    prepare_run_folder(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_run_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        prepare_run_folder(tmp_path / "file" / "run")


# ---- reading events


def test_events_come_back_in_order_and_only_once(tmp_path: Path) -> None:
    events = [started(), *epochs(0.5, 0.3), FINISHED]
    run = make_run(tmp_path / "run", *events[:4])
    reader = RunReader(run)
    assert reader.read() == events[:4]
    assert reader.read() == []
    append(run, *events[4:])
    assert reader.read() == events[4:]
    assert reader.bad_lines == 0


def test_a_run_without_events_has_none(tmp_path: Path) -> None:
    reader = RunReader(tmp_path)
    assert reader.read() == []
    assert reader.bad_lines == 0


def test_a_torn_last_line_is_ignored_until_it_is_whole(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started(), step(1))
    line = encode_line(step(2))
    reader = RunReader(run)
    with (run / EVENTS_FILE).open("ab") as file:
        file.write(line[:20])
        file.flush()
        assert reader.read() == [started(), step(1)]
        assert replay(run).step == 1
        file.write(line[20:])
    assert reader.read() == [step(2)]
    assert reader.bad_lines == 0


@pytest.mark.parametrize("cut", range(1, len(encode_line(step(2)))))
def test_wherever_the_last_line_tears_the_lines_before_it_are_read(tmp_path: Path, cut: int) -> None:
    run = make_run(tmp_path / "run", started(), step(1))
    with (run / EVENTS_FILE).open("ab") as file:
        file.write(encode_line(step(2))[:-cut])
    assert RunReader(run).read() == [started(), step(1)]


def test_a_writer_that_goes_on_drops_a_torn_last_line_and_nothing_else(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started(), step(1))
    reader = RunReader(run)
    assert len(reader.read()) == 2
    with (run / EVENTS_FILE).open("ab") as file:
        file.write(encode_line(step(2))[:-5])
    assert reader.read() == []
    append(run, started(1), step(2, loss=7.0))
    assert reader.read() == [started(1), step(2, loss=7.0)]
    assert RunReader(run).read() == [started(), step(1), started(1), step(2, loss=7.0)]


def test_a_torn_line_longer_than_the_tail_that_is_searched_is_dropped_whole(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started())
    with (run / EVENTS_FILE).open("ab") as file:
        file.write(b"x" * 60_000)
    append(run, step(1))
    assert RunReader(run).read() == [started(), step(1)]


def test_lines_that_are_no_events_are_counted_and_left(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started())
    garbage = [
        b"hello",
        b"{}",
        b'{"type":"step"}',
        b"\0\0\0\0",
        b'{"type":"future","x":1}',
        encode_line(JobDone(1))[:-1],
    ]
    with (run / EVENTS_FILE).open("ab") as file:
        file.write(b"".join(line + b"\n" for line in garbage))
    append(run, step(1))
    reader = RunReader(run)
    assert reader.read() == [started(), step(1)]
    assert reader.bad_lines == len(garbage)


# ---- replay


def test_replay_adds_up_curves_steps_and_the_best_error(tmp_path: Path) -> None:
    state = replay(make_run(tmp_path / "run", started(), *epochs(0.5, 0.3, 0.4)))
    assert list(state.curves["train_loss"].x) == list(range(1, 13))
    assert list(state.curves["train_loss"].y) == [1 / number for number in range(1, 13)]
    assert list(state.curves["test_error"].x) == [4, 8, 12]
    assert list(state.curves["test_error"].y) == [0.5, 0.3, 0.4]
    assert (state.step, state.total_steps, state.best_error) == (12, 12, 0.3)
    assert state.last_epoch == epoch(3, 0.4)
    assert state.ended is None


def test_a_resumed_run_drops_the_points_after_its_checkpoint(tmp_path: Path) -> None:
    again = [step(number, loss=9.0) for number in (5, 6)]
    state = replay(make_run(tmp_path / "run", started(), *epochs(0.5, 0.1), step(9), started(4), *again))
    assert list(state.curves["train_loss"].x) == [1, 2, 3, 4, 5, 6]
    assert list(state.curves["train_loss"].y) == [1, 1 / 2, 1 / 3, 1 / 4, 9.0, 9.0]
    assert list(state.curves["seconds"].x) == [1, 2, 3, 4, 5, 6]
    assert list(state.curves["test_error"].x) == [4]
    assert state.step == 6
    assert state.best_error == 0.5, "the better epoch came after the checkpoint and is trained again"


def test_a_run_resumed_from_its_start_has_no_point_left(tmp_path: Path) -> None:
    state = replay(make_run(tmp_path / "run", started(), *epochs(0.5), started(0)))
    assert all(len(curve.x) == 0 for curve in state.curves.values())
    assert (state.step, state.best_error, state.last_epoch) == (0, None, None)


def test_the_time_left_follows_from_the_pace_of_the_last_steps(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started())
    assert replay(run).seconds_left() is None
    append(run, *epochs(0.5))
    assert replay(run).seconds_left() == pytest.approx(8 * 0.1)
    append(run, *epochs(0.4, 0.3, first=2))
    assert replay(run).seconds_left() == 0


# ---- status and list


def test_a_run_without_a_last_word_and_without_a_writer_is_interrupted(tmp_path: Path) -> None:
    assert summarise(make_run(tmp_path / "a")).status == "interrupted"
    assert summarise(make_run(tmp_path / "b", started(), *epochs(0.5))).status == "interrupted"
    assert summarise(make_run(tmp_path / "c", started(), step(1), RunPaused(1))).status == "interrupted"


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((), "starting"),
        ((started(), step(1)), "running"),
        ((started(), step(1), RunPaused(1)), "paused"),
        ((started(), step(1), RunPaused(1), RunUnpaused(1)), "running"),
        ((started(), *epochs(0.5), RunEnded("stopped", 4), started(4)), "running"),
    ],
)
def test_a_run_with_a_writer_is_alive(tmp_path: Path, events: tuple[RunEvent, ...], status: str) -> None:
    run = make_run(tmp_path / "run", *events)
    with writing(run):
        assert summarise(run).status == status
    assert summarise(run).status == "interrupted"


def test_a_finished_run_shows_its_best_error_and_its_epochs(tmp_path: Path) -> None:
    summary = summarise(make_run(tmp_path / "run", started(), *epochs(0.5, 0.2, 0.25), FINISHED))
    assert (summary.status, summary.epoch, summary.message) == ("finished", 3, "")
    assert summary.error == pytest.approx(0.2)
    assert not summary.usable
    (tmp_path / "run" / BEST_FILE).write_bytes(b"weights")
    assert summary.usable


@pytest.mark.parametrize("status", ["stopped", "failed"])
def test_a_run_that_ended_early_shows_its_word_its_message_and_its_last_epoch(tmp_path: Path, status: str) -> None:
    last = RunEnded(status, 9, "The loss is no longer a finite number.")  # type: ignore[arg-type]
    summary = summarise(make_run(tmp_path / "run", started(), *epochs(0.5, 0.3), step(9), last))
    assert (summary.status, summary.epoch, summary.error) == (status, 2, 0.3)
    assert summary.message == "The loss is no longer a finite number."


def test_a_run_that_was_killed_after_it_was_resumed_is_interrupted(tmp_path: Path) -> None:
    events = (started(), *epochs(0.5), RunEnded("stopped", 4), started(4), step(5))
    assert summarise(make_run(tmp_path / "run", *events)).status == "interrupted"


def test_the_list_has_all_runs_the_newest_first_and_says_what_it_cannot_read(home: Path) -> None:
    runs = home / "runs"
    make_run(runs / "20260101-000000-a", started(), FINISHED, name="old")
    make_run(runs / "20260102-000000-b", started(), step(1), name="new")
    (make_run(runs / "20260103-000000-c") / RUN_FILE).write_bytes(b"{")
    (runs / "not-a-run").mkdir()
    (runs / "a-file").write_text("")
    found, problems = list_runs()
    assert [(summary.info.name, summary.status) for summary in found] == [("new", "interrupted"), ("old", "finished")]
    assert len(problems) == 1
    assert "20260103-000000-c" in problems[0]


def test_without_a_runs_folder_the_list_is_empty() -> None:
    assert list_runs() == ([], [])

"""Real engines on pipes: what they answer, what they survive, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from resnet_gui.base.files import assets
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.events import (
    Appended,
    Failed,
    Heartbeat,
    JobDone,
    Predicted,
    PredictFailed,
    Progressed,
    Ready,
    Verified,
)
from resnet_gui.protocol.jobs import (
    Keep,
    ModelRequest,
    Pause,
    Predict,
    Resume,
    Stop,
    Train,
    Unpause,
    Verify,
    encode_message,
)
from resnet_gui.runs.events import EpochDone, RunEnded, RunPaused, RunStarted, RunUnpaused, StepDone
from resnet_gui.runs.folder import LAST_FILE, LOG_FILE, is_being_written, summarise
from resnet_gui.runs.history import RunReader, replay
from resnet_gui.training.recipe import Recipe
from tests.conftest import EngineChild
from tests.forks import Forks
from tests.waiting import PATIENCE, stretched

SPEC = ResNetSpec(block="basic", blocks=(1, 1), widths=(16, 16), shortcut="B", stem="cifar", classes=2, input=(1, 8, 8))
MODEL = PRESETS["resnet20"].spec


def job(pictures: Path, folder: Path, epochs: int, batch: int = 8) -> Train:
    recipe = Recipe(data=str(pictures), epochs=epochs, batch_size=batch, lr=0.05)
    return Train(5, str(folder), "tiny", SPEC, recipe, "cpu")


def seconds_to_end(engine: EngineChild) -> float:
    """Close its input and say how long it then takes to end, with exit code 0."""
    begun = time.monotonic()
    engine.close_input()
    assert engine.wait() == 0
    return time.monotonic() - begun


# ---- one engine for the tests that only ask


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Iterator[EngineChild]:
    child = EngineChild(tmp_path_factory.mktemp("engine") / "errors.txt", popen=forks.popen)
    yield child
    child.kill()


def test_the_first_word_of_an_engine_is_that_it_is_ready(engine: EngineChild) -> None:
    if not engine.seen:
        engine.next()
    first = engine.seen[0]
    assert isinstance(first, Ready)
    assert first.pid == engine.process.pid
    assert first.devices[0].name == "cpu"
    assert set(first.versions) == {"python", "torch"} | ({"cuda"} if torch.version.cuda is not None else set())


def test_an_idle_engine_says_again_and_again_that_it_is_alive(engine: EngineChild) -> None:
    engine.wait_for(Heartbeat)
    assert isinstance(engine.next(), Heartbeat)


def test_a_verify_job_is_answered_under_its_number(engine: EngineChild) -> None:
    engine.send(Verify(41, MODEL), Verify(42, PRESETS["resnet18"].spec))
    assert engine.wait_for(Verified) == Verified(41, 71, 269_722, 40_551_040)
    answer = engine.wait_for(Verified)
    assert (answer.job, answer.params, answer.macs) == (42, 11_689_512, 1_814_073_344)


@pytest.mark.parametrize(
    "line",
    [
        b"hello\n",
        b"\n",
        b"{}\n",
        b"[1, 2\n",
        b'{"type":"sing"}\n',
        b'{"type":"verify","job":"x"}\n',
        b'{"type":"predict","job":3,"model_request":{"model":5},"images":[]}\n',
        b"\xff\xfe\n",
        b"\0" * 100 + b"\n",
        b'{"type":"verify","job":1,"spec":{"block":"basic","blocks":[0],"widths":[16]}}\n',
        b"x" * 1_000_000 + b"\n",
    ],
    ids=lambda line: repr(line[:40]),
)
def test_a_line_that_is_no_message_fails_by_itself_and_the_engine_lives(engine: EngineChild, line: bytes) -> None:
    engine.send_raw(line)
    failed = engine.wait_for(Failed)
    assert failed.job == 0
    assert failed.message.startswith("The engine got a message that it does not know")
    assert "\n" not in failed.message
    engine.send(Verify(7, SPEC))
    assert engine.wait_for(Verified).job == 7


def test_two_messages_in_one_write_and_one_message_in_two_writes_are_all_answered(engine: EngineChild) -> None:
    engine.send(Verify(11, SPEC), Verify(12, SPEC))
    half = encode_message(Verify(13, SPEC))
    engine.send_raw(half[:25])
    time.sleep(0.1)
    engine.send_raw(half[25:])
    assert [engine.wait_for(Verified).job for _ in range(3)] == [11, 12, 13]


def test_a_finished_run_classifies_pictures_each_by_itself(
    engine: EngineChild, trained_run: Path, tmp_path: Path
) -> None:
    samples = [str(assets() / "samples" / f"digit-{digit}.png") for digit in range(10)]
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"not a picture")
    engine.send(
        Predict(50, ModelRequest(model=str(trained_run), device="cpu"), (*samples[:5], str(bad), *samples[5:]), 3)
    )
    answers: list[Predicted | PredictFailed] = []
    while (event := engine.next()) != JobDone(50):
        if isinstance(event, Predicted | PredictFailed):
            answers.append(event)
    assert [answer.image for answer in answers] == [*samples[:5], str(bad), *samples[5:]]
    failed = answers[5]
    assert isinstance(failed, PredictFailed)
    assert "bad.png is not a picture" in failed.error
    right = 0
    for answer in answers:
        if isinstance(answer, Predicted):
            assert (answer.job, len(answer.top)) == (50, 3)
            right += answer.top[0].label == answer.image[-5]
    assert right >= 9


def test_a_job_that_cannot_be_done_fails_with_a_sentence_and_no_traceback(engine: EngineChild, tmp_path: Path) -> None:
    engine.send(Predict(60, ModelRequest(model=str(tmp_path / "gone")), ("x.png",)))
    failed = engine.wait_for(Failed)
    assert (failed.job, failed.details) == (60, "")
    assert failed.message.startswith(f"There is no run folder or weights file '{tmp_path / 'gone'}'")
    engine.send(job(tmp_path / "no-pictures", tmp_path / "run", 1))
    failed = engine.wait_for(Failed)
    assert (failed.job, failed.details) == (5, "")
    assert failed.message.startswith("There is no data set")
    engine.send(Resume(61, str(tmp_path / "no-run")))
    assert engine.wait_for(Failed) == Failed(61, f"There is no run {tmp_path / 'no-run'}.")


def test_an_engine_trains_pauses_goes_on_and_stops_as_it_is_told(
    engine: EngineChild, picture_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    engine.send(job(picture_folder, folder, 50_000))
    assert engine.wait_for(RunStarted).epochs == 50_000
    engine.wait_in(folder, StepDone)
    assert summarise(folder).status == "running"
    engine.send(Pause())
    paused = engine.wait_in(folder, RunPaused)
    assert load_checkpoint(folder)["step"] == paused.step
    assert summarise(folder).status == "paused"
    engine.wait_for(Heartbeat)
    engine.wait_for(Heartbeat)
    assert replay(folder).step == paused.step, "a paused run makes no steps"
    engine.send(Unpause())
    assert engine.wait_in(folder, RunUnpaused).step == paused.step
    assert engine.wait_in(folder, StepDone).step == paused.step + 1
    engine.send(Stop())
    ended = engine.wait_for(RunEnded)
    assert (ended.status, engine.wait_for(JobDone).job) == ("stopped", 5)
    assert summarise(folder).status == "stopped"
    reader = RunReader(folder)
    written = reader.read()
    assert reader.bad_lines == 0
    crossed = [event for event in engine.seen if isinstance(event, RunStarted | RunEnded)]
    assert crossed == [event for event in written if isinstance(event, RunStarted | RunEnded)]


# ---- engines of their own

NOISY = """
import os, sys
from resnet_gui.engine import __main__ as engine
from resnet_gui.engine.export import verify
original = verify.verify
def noisy(job, spec):
    print("a library prints")
    sys.stdout.write('{"type":"heartbeat"')
    sys.stdout.flush()
    os.write(1, b"a C library prints without a line feed")
    os.system("echo a child of the engine prints")
    return original(job, spec)
verify.verify = noisy
engine.main()
os._exit(0)
"""


def test_what_libraries_print_does_not_reach_the_events_and_an_idle_engine_ends_with_its_window(
    fork_engine: Callable[..., EngineChild],
) -> None:
    engine = fork_engine("-c", NOISY)
    engine.wait_for(Ready)
    engine.send(Verify(1, SPEC), Verify(2, SPEC))
    assert [engine.wait_for(Verified).job for _ in range(2)] == [1, 2]
    assert seconds_to_end(engine) < stretched(3)
    assert all(isinstance(event, Heartbeat | JobDone) for event in engine.rest())
    printed = engine.errors.read_text()
    for text in ("a library prints", "a C library prints", "a child of the engine prints"):
        assert printed.count(text) == 2


def test_an_engine_whose_window_dies_while_torch_loads_ends_by_itself(
    start_engine: Callable[..., EngineChild],
) -> None:
    assert seconds_to_end(start_engine()) < stretched(8)


def test_steps_are_announced_at_a_pace_and_read_in_the_run_folder(
    fork_engine: Callable[..., EngineChild], picture_folder: Path, tmp_path: Path
) -> None:
    engine, folder, epochs = fork_engine(), tmp_path / "run", 8
    engine.wait_for(Ready)
    begun = time.monotonic()
    engine.send(job(picture_folder, folder, epochs, batch=2))
    engine.wait_for(JobDone)
    passed = time.monotonic() - begun
    seen, state = engine.seen[1:], replay(folder)
    assert {type(event) for event in seen} <= {RunStarted, Appended, Progressed, Heartbeat, RunEnded, JobDone}
    # Besides the paced ones: one for each epoch, its answers, and at most two for each second's heartbeat.
    bells = [event for event in seen if isinstance(event, Appended)]
    assert {event.job for event in bells} == {5}
    assert len(bells) <= 2 * epochs + passed * (1 / 0.05 + 2)
    assert state.step == epochs * 16


def test_a_training_engine_ends_with_its_window_and_leaves_a_checkpoint_to_go_on_from(
    fork_engine: Callable[..., EngineChild], picture_folder: Path, tmp_path: Path
) -> None:
    engine, folder = fork_engine(), tmp_path / "run"
    engine.send(job(picture_folder, folder, 50_000))
    engine.wait_in(folder, EpochDone)
    assert not (folder / LAST_FILE).exists(), "no checkpoint yet, so the one after the end is of the end"
    assert seconds_to_end(engine) < stretched(3)
    assert summarise(folder).status == "stopped"
    state = replay(folder)
    assert load_checkpoint(folder)["step"] == state.step
    control = Control()
    control.stop()
    assert train(Resume(1, str(folder)), lambda _event: None, control).step == state.step


GRUMBLING = """
import os, sys
from resnet_gui.engine import __main__ as engine
from resnet_gui.engine.train import step as learner
original = learner.move
def grumbling(*arguments):
    sys.stderr.write("a library warns\\n")
    os.write(2, b"a C library warns\\n")
    return original(*arguments)
learner.move = grumbling
engine.main()
os._exit(0)
"""


def test_a_run_that_is_to_be_kept_goes_on_to_its_end_when_its_window_is_gone_and_ctrl_c_is_pressed(
    picture_folder: Path, tmp_path: Path, forks: Forks
) -> None:
    folder, epochs = tmp_path / "run", 20
    with forks.popen(
        [sys.executable, "-c", GRUMBLING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write(encode_message(job(picture_folder, folder, epochs)) + encode_message(Keep()))
        child.stdin.flush()
        while b'"appended"' not in (line := child.stdout.readline()):
            assert line
        child.stdin.close()
        child.stdout.close()
        child.stderr.close()
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=PATIENCE) == 0
    assert summarise(folder).status == "finished"
    assert replay(folder).step == epochs * 4
    log = (folder / LOG_FILE).read_text()
    assert log.count("a library warns\n") == log.count("a C library warns\n") == epochs * 4


def test_a_run_that_is_killed_is_interrupted_and_resumes_to_the_weights_of_one_that_was_not(
    fork_engine: Callable[..., EngineChild], picture_folder: Path, tmp_path: Path
) -> None:
    engine, folder, epochs = fork_engine(), tmp_path / "killed", 40
    engine.send(job(picture_folder, folder, epochs))
    engine.wait_in(folder, StepDone, lambda event: event.step >= 9)
    engine.send(Pause())
    paused = engine.wait_in(folder, RunPaused)
    engine.send(Unpause())
    engine.wait_in(folder, StepDone, lambda event: event.step >= paused.step + 6)
    os.kill(engine.process.pid, signal.SIGKILL)
    assert engine.wait() == -signal.SIGKILL
    assert not is_being_written(folder)
    summary = summarise(folder)
    assert summary.status == "interrupted"
    killed_at = replay(folder).step
    assert paused.step + 6 <= killed_at < epochs * 4
    resumed = train(Resume(1, str(folder)), lambda _event: None, Control())
    whole = train(job(picture_folder, tmp_path / "whole", epochs), lambda _event: None, Control())
    assert resumed.status == whole.status == "finished"
    assert resumed.result is not None
    assert whole.result is not None
    assert resumed.result.weights_sha256 == whole.result.weights_sha256
    assert summarise(folder).status == "finished"
    state = replay(folder)
    assert list(state.curves["train_loss"].x) == list(range(1, epochs * 4 + 1))
    assert list(state.curves["train_loss"].y) == list(replay(tmp_path / "whole").curves["train_loss"].y)
    starts = [event.step for event in RunReader(folder).read() if isinstance(event, RunStarted)]
    assert starts == [0, paused.step]

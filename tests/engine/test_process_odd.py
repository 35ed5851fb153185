from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_gui.base.jsonl import encode_line
from resnet_gui.protocol.events import Failed, Verified
from resnet_gui.protocol.jobs import Keep, Verify, encode_message
from resnet_gui.runs.folder import summarise
from resnet_gui.runs.history import EVENTS_FILE, RunReader
from tests.conftest import EngineChild
from tests.engine.test_process import GRUMBLING, SPEC, job
from tests.forks import Forks
from tests.runs.test_runs import make_run, started, step
from tests.waiting import PATIENCE


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Iterator[EngineChild]:
    child = EngineChild(tmp_path_factory.mktemp("engine") / "errors.txt", popen=forks.popen)
    yield child
    child.kill()


@pytest.mark.prove
def test_a_kept_run_goes_on_when_a_library_prints_and_nobody_reads(picture_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    code = GRUMBLING.replace('sys.stderr.write("a library warns\\\\n")', 'print("a library warns", flush=True)')
    code = code.replace("sys.stderr.write", "print")
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write(encode_message(job(picture_folder, folder, 100)) + encode_message(Keep()))
        child.stdin.flush()
        while b'"appended"' not in (line := child.stdout.readline()):
            assert line
        for stream in (child.stdin, child.stdout, child.stderr):
            stream.close()
        assert child.wait(timeout=PATIENCE) == 0
    assert summarise(folder).status == "finished", summarise(folder)


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"predict","job":1,"model_request":{"model":"\xff"},"images":[]}\n',
        b'{"type":"verify","job":1,"x":' + b"[" * 100_000 + b"\n",
    ],
    ids=["not UTF-8", "deep"],
)
def test_a_line_that_is_no_message_fails_by_itself_and_the_engine_lives(engine: EngineChild, line: bytes) -> None:
    # UnicodeDecodeError and RecursionError are no MsgspecError: the listening thread dies, and with it the end on EOF.
    engine.send_raw(line)
    engine.send(Verify(7, SPEC))
    assert engine.wait_for(Failed).job == 0
    assert engine.wait_for(Verified).job == 7


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"ended","status":"finished","step":3,"message":"\xff"}\n',
        b'{"type":"paused","x":' + b"[" * 100_000 + b"\n",
    ],
    ids=["not UTF-8", "deep"],
)
def test_lines_that_are_no_events_are_counted_and_left(tmp_path: Path, line: bytes) -> None:
    run = make_run(tmp_path / "run", started())
    with (run / EVENTS_FILE).open("ab") as file:
        file.write(line + encode_line(step(1)))
    reader = RunReader(run)
    assert reader.read() == [started(), step(1)]
    assert reader.bad_lines == 1
    with (run / EVENTS_FILE).open("ab") as file:
        file.write(line)
    assert summarise(run).status == "interrupted"

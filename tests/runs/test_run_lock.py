"""The lock of a run folder: one process writes it."""

from __future__ import annotations

import errno
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.runs.folder import is_being_written, summarise
from resnet_gui.runs.lock import LOCK_FILE, is_locked, writer_of, writing
from tests.runs.test_runs import held_by_another_process, make_run, started, step

ON_POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no shared locks of this kind")


def test_a_run_that_another_process_writes_is_alive_and_refuses_a_second_writer(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started(), step(1))
    assert not is_being_written(run)
    with held_by_another_process(run):
        assert is_being_written(run)
        assert summarise(run).status == "running"
        with pytest.raises(InputError, match="is being trained by another process"), writing(run):
            pass
    # The process was killed, not asked to leave.
    assert not is_being_written(run)
    assert summarise(run).status == "interrupted"
    with writing(run):
        assert is_being_written(run)


def test_a_lock_file_that_nobody_holds_is_no_writer(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    (run / LOCK_FILE).write_bytes(b"")
    assert not is_being_written(run)


EARLIER_WRITER = """
import fcntl, sys
file = open(sys.argv[1], "ab")
fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
file.write(b"elsewhere\\n17\\n")
file.flush()
print("held", flush=True)
sys.stdin.read()
"""

EARLIER_ASKER = """
import fcntl, sys
fcntl.flock(open(sys.argv[1], "rb"), fcntl.LOCK_SH | fcntl.LOCK_NB)
"""


@ON_POSIX
def test_a_writer_of_the_first_version_is_respected_and_named(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started())
    command = [sys.executable, "-c", EARLIER_WRITER, str(run / LOCK_FILE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        assert is_being_written(run)
        with pytest.raises(InputError, match="is being trained by another process"), writing(run):
            pass
        assert writer_of(run) == ("elsewhere", 17)
        child.kill()
    assert not is_locked(run)


@ON_POSIX
def test_the_first_version_respects_a_writer_of_this_one(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started())

    def asks() -> bytes:
        command = [sys.executable, "-c", EARLIER_ASKER, str(run / LOCK_FILE)]
        return subprocess.run(command, capture_output=True, check=False).stderr

    with writing(run):
        assert b"BlockingIOError" in asks()
    assert asks() == b""


@ON_POSIX
def test_two_who_ask_at_once_do_not_take_each_other_for_a_writer(tmp_path: Path) -> None:
    import fcntl

    run = make_run(tmp_path / "run", started())
    (run / LOCK_FILE).touch()
    with (run / LOCK_FILE).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert not is_being_written(run)


@ON_POSIX
def test_a_writer_waits_for_one_who_only_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    run = make_run(tmp_path / "run", started())
    (run / LOCK_FILE).touch()
    with (run / LOCK_FILE).open("rb") as asker:
        fcntl.flock(asker, fcntl.LOCK_SH)
        monkeypatch.setattr(time, "sleep", lambda _seconds: fcntl.flock(asker, fcntl.LOCK_UN))
        with writing(run):
            assert is_locked(run)
            assert writer_of(run) == (platform.node(), os.getpid())


def test_who_asks_leaves_no_file_behind(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", started())
    before = {path.name for path in run.iterdir()}
    assert not is_being_written(run)
    assert {path.name for path in run.iterdir()} == before
    assert LOCK_FILE not in before


def test_a_disk_without_locks_is_told_apart_from_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_fd: int, *, blocking: bool) -> bool:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(filelock, "lock_descriptor", refuse)
    run = make_run(tmp_path / "run", started())
    with pytest.raises(InputError, match="cannot be locked: No locks available"), writing(run):
        pass

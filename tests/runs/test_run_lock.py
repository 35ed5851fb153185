"""The lock of a run folder: one process writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.runs.folder import LOCK_FILE, is_being_written, summarise, writing
from tests.runs.test_runs import held_by_another_process, make_run, started, step


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

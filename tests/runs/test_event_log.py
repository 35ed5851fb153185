"""The writer of a run's history, whose file somebody may take away meanwhile."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from resnet_gui.base.jsonl import encode_line
from resnet_gui.runs.events import StepDone
from resnet_gui.runs.folder import EventLog
from resnet_gui.runs.history import EVENTS_FILE


@pytest.mark.parametrize("how", ["removed", "replaced"])
@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is open")
def test_a_history_that_is_removed_while_the_run_goes_on_is_put_back_whole(
    how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    log, path = EventLog(folder), folder / EVENTS_FILE
    steps = [StepDone(number, 1.0 / number, 0.5, 0.1, 0.01) for number in range(1, 6)]
    for step in steps[:3]:
        log.append(step)
    log.sync()
    assert caplog.text == ""
    if how == "removed":
        path.unlink()
    else:
        other = folder / "other"
        other.write_text("of somebody else\n")
        other.replace(path)
    log.append(steps[3])
    log.sync()
    assert "was removed or replaced while the run went on" in caplog.text
    log.append(steps[4])
    path.unlink()
    log.close()
    assert path.read_bytes() == b"".join(map(encode_line, steps))


def test_the_history_of_a_folder_that_is_gone_is_not_put_back(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    log = EventLog(folder)
    log.append(StepDone(1, 1.0, 0.5, 0.1, 0.01))
    shutil.rmtree(folder)
    with pytest.raises(FileNotFoundError):
        log.sync()
    log.close()
    assert not folder.exists()


def test_a_history_that_cannot_be_put_back_at_the_end_is_a_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = EventLog(tmp_path)
    log.append(StepDone(1, 1.0, 0.5, 0.1, 0.01))
    (tmp_path / EVENTS_FILE).unlink()

    def fail(path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("resnet_gui.runs.folder.write_atomic", fail)
    log.close()
    assert "cannot be written again" in caplog.text
    assert "No space left on device" in caplog.text

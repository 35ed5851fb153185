"""The log: one rotating file for all processes, whatever is wrong with its folder; what nobody caught is in it."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_gui import __version__
from resnet_gui.base import log_file
from resnet_gui.base.log import FailureLog, log_path, log_uncaught, start_log, worth_logging
from resnet_gui.base.log_file import BACKUPS, MAX_BYTES, SharedLogHandler


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The program's logger, put back as it was after the test."""
    found = logging.getLogger("resnet_gui")
    handlers, level = list(found.handlers), found.level
    yield found
    found.handlers[:] = handlers
    found.setLevel(level)


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def test_the_log_stands_in_the_programs_folder_and_rotates_at_its_size(home: Path, logger: logging.Logger) -> None:
    start_log("window")
    start_log("window")
    (handler,) = (each for each in logger.handlers if isinstance(each, SharedLogHandler))
    assert Path(handler.baseFilename) == log_path() == home / "resnet-gui.log"
    assert (handler.maxBytes, handler.backupCount, handler.encoding) == (MAX_BYTES, BACKUPS, "utf-8")
    assert MAX_BYTES * (BACKUPS + 1) <= 8 * 2**20, "a log is no burden on a small disk"


def test_nothing_is_made_before_there_is_something_to_say(home: Path, logger: logging.Logger) -> None:
    start_log("window")
    logger.debug("a detail")
    assert not home.exists()
    (handler,) = (each for each in logger.handlers if isinstance(each, SharedLogHandler))
    # Not through the logger: what pytest captures of a log must be whole characters.
    half = {"name": "resnet_gui", "levelno": logging.WARNING, "levelname": "WARNING", "msg": "half a name: \udc80"}
    handler.handle(logging.makeLogRecord(half))
    first, second = log_path().read_text(encoding="utf-8").splitlines()
    assert first == f"--- ResNet Explorer {__version__}, window, Python {sys.version.split()[0]}, {sys.platform}"
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING window \d+ \S+ resnet_gui: half a name: \\udc80", second
    )


SHARING = """
import logging, sys
from resnet_gui.base import log_file
from resnet_gui.base.log import start_log
log_file.MAX_BYTES, log_file.BACKUPS, log_file.LOCK_SECONDS = 2000, 60, 60.0
start_log("engine")
for number in range(60):
    logging.getLogger("resnet_gui").error("entry %s-%02d %s", sys.argv[1], number, "x" * 40)
"""


def test_processes_that_write_at_once_lose_no_entry_and_tear_none_while_the_file_rotates(home: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", SHARING, name], stderr=subprocess.PIPE, text=True) for name in "abc"
    ]
    assert [child.communicate(timeout=120)[1] for child in children] == ["", "", ""]
    files = [path for path in home.iterdir() if path.name.startswith("resnet-gui.log") and path.suffix != ".lock"]
    assert len(files) > 5, "it has rotated"
    assert all(path.stat().st_size <= 2200 for path in files)
    found = [
        line.partition(": ")[2]
        for path in files
        for line in path.read_text().splitlines()
        if not line.startswith("---")
    ]
    expected = [f"entry {name}-{number:02} {'x' * 40}" for name in "abc" for number in range(60)]
    assert sorted(found) == expected


def test_of_a_rotating_log_only_so_many_files_are_kept(
    home: Path, logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "MAX_BYTES", 300)
    start_log("window")
    for number in range(50):
        logger.error("entry %02d %s", number, "x" * 60)
    kept = sorted(path.name for path in home.glob("resnet-gui.log*") if path.suffix != ".lock")
    assert kept == ["resnet-gui.log", *(f"resnet-gui.log.{number}" for number in range(1, BACKUPS + 1))]
    assert "entry 49" in (home / "resnet-gui.log").read_text(), "the newest stands in the file without a number"


def test_a_folder_that_cannot_be_made_stops_nobody_and_errors_go_to_stderr(
    tmp_path: Path, logger: logging.Logger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RESNET_GUI_HOME", str(tmp_path / "file" / "home"))
    start_log("engine")
    logger.info("of no weight")
    assert capsys.readouterr().err == ""
    logger.error("of weight")
    said = capsys.readouterr().err
    assert re.match(r".*resnet-gui\.log cannot be written \(.+\):\n.* ERROR engine .* of weight\n\Z", said, re.DOTALL)
    assert "Traceback" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_on_a_full_disk_every_entry_goes_to_stderr_and_none_raises(
    home: Path, logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "resnet-gui.log").symlink_to("/dev/full")
    start_log("window")
    for number in range(4):
        logger.error("entry %d", number)
    said = capsys.readouterr().err
    assert [f"entry {number}" in said for number in range(4)] == [True] * 4
    assert said.count("cannot be written (No space left on device)") == 4
    (home / "resnet-gui.log").unlink()
    logger.error("there is room again")
    assert "there is room again" in (home / "resnet-gui.log").read_text()
    assert capsys.readouterr().err == ""


UNCAUGHT = """
import sys, threading
from resnet_gui.base.log import log_uncaught
log_uncaught("engine")

class Dying:
    def __del__(self):
        raise ValueError("in its end")

def work():
    raise ZeroDivisionError("in a thread")

Dying()
thread = threading.Thread(target=work, name="worker")
thread.start()
thread.join()
raise RuntimeError("in the\\nprogram")
"""


def test_what_nobody_caught_in_program_thread_and_dying_objects_is_logged_with_its_traceback_and_printed_too() -> None:
    done = run(UNCAUGHT)
    assert done.returncode == 1
    logged = log_path().read_text()
    for said in (
        "The engine failed: RuntimeError: in the program\nTraceback (most recent call last):\n",
        "Thread worker failed: ZeroDivisionError: in a thread\nTraceback (most recent call last):\n",
        "failed: ValueError: in its end\nTraceback (most recent call last):\n",
    ):
        assert logged.count(said) == 1
    for said in ("RuntimeError: in the\nprogram", "ZeroDivisionError: in a thread", "ValueError: in its end"):
        assert said in done.stderr


def test_ctrl_c_is_no_failure() -> None:
    done = run("from resnet_gui.base.log import log_uncaught\nlog_uncaught('engine')\nraise KeyboardInterrupt")
    assert "KeyboardInterrupt" in done.stderr
    assert not log_path().exists()


def test_taking_the_hooks_away_puts_everything_back() -> None:
    before = sys.excepthook, sys.unraisablehook
    undo = log_uncaught("window")
    assert sys.excepthook is not before[0]
    undo()
    assert (sys.excepthook, sys.unraisablehook) == before


def test_equal_failures_are_counted_by_kind_and_line_and_a_storm_of_them_is_logged_now_and_then(
    home: Path, logger: logging.Logger
) -> None:
    start_log("window")
    failures = FailureLog()

    def fail(number: int) -> BaseException:
        try:
            return ValueError(1 // number)
        except ZeroDivisionError as error:
            return error

    found = [failures.add(fail(0), "A slot") for _ in range(120)]
    other = failures.add(ValueError("x" * 500), "A slot")
    assert [each.times for each in found] == list(range(1, 121))
    assert len({each.place for each in found}) == 1
    assert other.times == 1
    assert other.text == f"ValueError: {'x' * 200}…"
    assert found[0].text == "ZeroDivisionError: integer division or modulo by zero"
    logged = (home / "resnet-gui.log").read_text()
    assert logged.count("ERROR") == 5 + 2 + 1
    assert "A slot failed (for the 100. time): ZeroDivisionError" in logged


def test_of_a_storm_the_first_five_and_the_powers_of_ten_are_logged() -> None:
    assert [times for times in range(1, 12_000) if worth_logging(times)] == [1, 2, 3, 4, 5, 10, 100, 1000, 10_000]


def test_a_process_that_logs_nothing_prints_nothing_of_what_it_would_log() -> None:
    done = run("import logging, resnet_gui.base.log; logging.getLogger('resnet_gui.engine').error('not here')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

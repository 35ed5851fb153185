"""Tests in forks: what fails, ends, hangs or grows there is told of as of any test; with a fork ends what it left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import item_process

ROOT = Path(__file__).resolve().parent.parent
CONFTEST = """
from tests import item_process, memory
item_process.RENEWED_MB = {renewed}
def pytest_configure(config):
    config.pluginmanager.register(memory)
    if item_process.possible(config):
        memory.bound(config, {largest})
        config.pluginmanager.register(item_process.ItemRunner())
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tests run in forks on Linux only")


def run(folder: Path, files: Mapping[str, str], *options: str, renewed: float = 1e9, largest: float = 1e9) -> str:
    """What pytest with one process prints of files of tests."""
    (folder / "conftest.py").write_text(CONFTEST.format(renewed=renewed, largest=largest))
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name, text in files.items():
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-n", "1", "--dist", "loadfile", "-rA", *options, str(folder)]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [*command, "--rootdir", str(folder)],
        cwd=folder,
        env=env | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_each_test_is_told_of_with_its_outcome_and_one_that_ends_its_process_costs_no_other(tmp_path: Path) -> None:
    text = """
import os, signal, time, warnings, pytest
def test_passes(): warnings.warn("mind the gap")
def test_fails(): assert 1 + 1 == 3
def test_skips(): pytest.skip("not today")
def test_ends(): os.kill(os.getpid(), signal.SIGKILL)
@pytest.mark.timeout(0.2)
def test_hangs(): time.sleep(600)
def test_comes_last(): print("here I am")
"""
    said = run(tmp_path, {"test_a.py": text})
    for line in (
        "PASSED test_a.py::test_passes", "PASSED test_a.py::test_comes_last", "UserWarning: mind the gap",
        "FAILED test_a.py::test_fails - assert (1 + 1) == 3", "test_a.py:5: not today",
        "FAILED test_a.py::test_ends - Failed: the process of this test has ended with -9",
        "FAILED test_a.py::test_hangs - Failed: Timeout", "here I am", "3 failed, 2 passed, 1 skipped, 1 warning",
    ):  # fmt: skip
        assert line in said, (line, said)


GROWING = """
import os
from pathlib import Path
import pytest
@pytest.fixture(scope="session")
def held():
    yield
    Path("torn").write_text(str(os.getpid()))
    raise ValueError("too late?")
def test_one(held): Path("first").write_text(str(os.getpid()))
def test_two(held): Path("second").write_text(str(os.getpid()))
"""


def test_a_fork_that_has_grown_ends_with_its_file_and_its_fixtures(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        {"test_a.py": GROWING, "test_b.py": "import test_a\ntest_one = test_a.test_one\nheld = test_a.held\n"},
        renewed=1,
    )
    first, second, torn = ((tmp_path / name).read_text() for name in ("first", "second", "torn"))
    assert second != first, said
    assert torn == first
    assert "ERROR test_a.py::test_two - ValueError: too late?" in said


def test_a_process_that_outgrows_the_bound_fails_its_test_and_no_other(tmp_path: Path) -> None:
    text = """
import subprocess, sys
def test_before(): pass
def test_own(): bytearray(300 * 10**6)
def test_between(): pass
def test_child(): subprocess.run([sys.executable, "-c", "bytearray(600 * 10**6)"], check=True)
def test_after(): pass
"""
    said = run(tmp_path, {"test_a.py": text}, largest=300)
    assert "ERROR test_a.py::test_own - Failed: the process of the tests has grown to" in said
    assert "ERROR test_a.py::test_child - Failed: a process that the tests have started has grown to" in said
    assert "5 passed, 2 errors" in said


def test_a_test_without_pytest_xdist_runs_in_the_process_of_pytest(pytestconfig: pytest.Config) -> None:
    assert item_process.possible(pytestconfig) == hasattr(pytestconfig, "workerinput")

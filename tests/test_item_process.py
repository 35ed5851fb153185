"""Tests in forks: what fails, ends, hangs or grows there is told of as of any test; with a fork ends what it left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONFTEST = """
from tests import item_process, memory
item_process.RENEWED_MB = {renewed}
pytest_addoption = item_process.add_option
def pytest_configure(config):
    config.pluginmanager.register(memory)
    if item_process.possible(config):
        memory.bound(config, {largest})
        runner = item_process.ForkRunner(config.getoption("forks"), lambda item: item.nodeid.partition("::")[0])
        config.pluginmanager.register(runner)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tests run in forks on Linux only")


def run(
    folder: Path, files: Mapping[str, str], *options: str, forks: int = 1, renewed: float = 1e9, largest: float = 1e9
) -> str:
    """What pytest prints of files of tests."""
    (folder / "conftest.py").write_text(CONFTEST.format(renewed=renewed, largest=largest))
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name, text in files.items():
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "pytest_timeout", "--forks", str(forks), "-rA", *options]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # Qt's, which is not needed here, takes longer than all else
    done = subprocess.run(
        [*command, str(folder), "--rootdir", str(folder)],
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


def test_several_forks_run_files_at_once_each_with_its_own_output_and_folder(tmp_path: Path) -> None:
    text = """
import time
from pathlib import Path
def test_meets(tmp_path_factory, capfd):
    base = tmp_path_factory.getbasetemp()
    print("only " + __name__)
    (base.parent / __name__).touch()
    while not all((base.parent / name).exists() for name in ("test_a", "test_b", "test_c")): time.sleep(0.01)
    assert capfd.readouterr().out == f"only {__name__}\\n"
    assert base.name.startswith("fork-")
    print("said by " + __name__)
def test_fails(): print("seen of " + __name__); assert False
"""
    said = run(tmp_path, {f"test_{name}.py": text for name in "abc"}, forks=3)
    assert "3 failed, 3 passed" in said
    for name in ("test_a", "test_b", "test_c"):
        assert said.count(f"seen of {name}\n") == 1


def test_pytest_stops_at_the_first_failure_where_it_is_asked_to(tmp_path: Path) -> None:
    text = "def test_one(): assert False\ndef test_two(): open('second', 'w')\n"
    said = run(tmp_path, {"test_a.py": text}, "-x")
    assert "1 failed" in said
    assert not (tmp_path / "second").exists()


def test_a_test_without_forks_runs_in_the_process_of_pytest(tmp_path: Path) -> None:
    said = run(tmp_path, {"test_a.py": "import os\ndef test_one(): print('in', os.getpid())\n"}, "-s", forks=0)
    assert "1 passed" in said

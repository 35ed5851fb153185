"""Files appear whole or not at all; the program's own folders."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from resnet_gui.base.files import AtomicPath, assets, data_folder, runs_folder, write_atomic


def test_a_file_is_written_with_its_folders_and_no_temporary_stays(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.bin"
    write_atomic(path, b"first")
    write_atomic(path, b"second")
    assert path.read_bytes() == b"second"
    assert [child.name for child in path.parent.iterdir()] == ["file.bin"]


def test_a_write_that_fails_halfway_leaves_the_old_file_and_no_temporary(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def write_half() -> None:
        with AtomicPath(path) as temporary:
            temporary.write_bytes(b"half of the n")
            raise OSError("the disk went away")

    with pytest.raises(OSError, match="the disk went away"):
        write_half()
    assert path.read_bytes() == b"old"
    assert [child.name for child in tmp_path.iterdir()] == ["file.bin"]


WRITE_MORE_THAN_FITS = """
import resource, sys
from pathlib import Path
from resnet_gui.base.files import write_atomic
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomic(Path(sys.argv[1]), b"x" * 5000)
except OSError as error:
    sys.exit(f"refused: {error.strerror}")
"""


def test_a_file_that_the_system_has_no_room_for_leaves_the_old_one_and_no_temporary(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    child = subprocess.run(
        [sys.executable, "-c", WRITE_MORE_THAN_FITS, str(path)], capture_output=True, text=True, check=False
    )
    assert (child.returncode, child.stderr) == (1, "refused: File too large\n")
    assert path.read_bytes() == b"old"
    assert [child.name for child in tmp_path.iterdir()] == ["file.bin"]


def test_a_target_that_cannot_be_replaced_stays_and_no_temporary_does(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    with pytest.raises(OSError, match="target"):
        write_atomic(tmp_path / "target", b"new")
    assert (tmp_path / "target").is_dir()
    assert [child.name for child in tmp_path.iterdir()] == ["target"]


def test_the_programs_folder_is_the_one_that_the_environment_names(home: Path) -> None:
    assert data_folder() == home
    assert runs_folder() == home / "runs"


def test_a_relative_home_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESNET_GUI_HOME", "here")
    assert data_folder() == tmp_path / "here"


@pytest.mark.parametrize(
    ("platform", "variable", "value", "expected"),
    [
        ("linux", "XDG_DATA_HOME", "/data", "/data/resnet-explorer"),
        ("linux", "XDG_DATA_HOME", "relative", "/home/someone/.local/share/resnet-explorer"),
        ("linux", "XDG_DATA_HOME", "", "/home/someone/.local/share/resnet-explorer"),
        ("darwin", "XDG_DATA_HOME", "/data", "/home/someone/Library/Application Support/resnet-explorer"),
        ("win32", "LOCALAPPDATA", "/local", "/local/resnet-explorer"),
        ("win32", "LOCALAPPDATA", "", "/home/someone/AppData/Local/resnet-explorer"),
    ],
)
def test_without_a_choice_the_platforms_own_place_is_taken(
    monkeypatch: pytest.MonkeyPatch, platform: str, variable: str, value: str, expected: str
) -> None:
    monkeypatch.delenv("RESNET_GUI_HOME")
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert data_folder() == Path(expected)


def test_the_assets_of_this_checkout_are_found() -> None:
    assert (assets() / "digits" / "digits.npz").is_file()
    assert len(list((assets() / "samples").glob("digit-*.png"))) == 10

"""Files appear whole or not at all; the program's own folders."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest
from platformdirs.api import PlatformDirsABC
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import AtomicPath, assets, data_folder, is_json, read_text, runs_folder, write_atomic


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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600), (0o027, 0o640)])
def test_a_file_has_the_permissions_that_the_umask_leaves_whoever_writes_it(
    tmp_path: Path, umask: int, mode: int
) -> None:
    path = tmp_path / "file.bin"
    before = os.umask(umask)
    try:
        for _ in range(2):  # new, and in the place of another
            with AtomicPath(path) as temporary:
                # As safetensors does: a private file of its own takes the place.
                private = temporary.with_suffix(".private")
                private.touch(0o600)
                private.replace(temporary)
            assert path.stat().st_mode & 0o777 == mode
        write_atomic(path, b"x")
        assert path.stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)


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


SYSTEMS: dict[str, type[PlatformDirsABC]] = {"linux": Unix, "darwin": MacOS, "win32": Windows}
LOCAL = "/windows/AppData/Local"


@pytest.fixture
def as_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A function that has the rest of the test run as on the named platform, in the home of somebody."""

    def become(platform: str) -> None:
        monkeypatch.delenv("RESNET_GUI_HOME")
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        monkeypatch.setenv("HOME", "/home/someone")
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr(platformdirs, "PlatformDirs", SYSTEMS[platform])
        # Only Windows itself can say where its folders are.
        monkeypatch.setattr(platformdirs.windows, "get_win_folder", {"CSIDL_LOCAL_APPDATA": LOCAL}.__getitem__)

    return become


@pytest.mark.parametrize(
    ("platform", "xdg", "expected"),
    [
        ("linux", "/data", "/data/resnet-explorer"),
        ("linux", "relative", "/home/someone/.local/share/resnet-explorer"),
        ("linux", "~/data", "/home/someone/.local/share/resnet-explorer"),
        ("linux", "", "/home/someone/.local/share/resnet-explorer"),
        ("darwin", "", "/home/someone/Library/Application Support/resnet-explorer"),
        ("darwin", "/data", "/home/someone/Library/Application Support/resnet-explorer"),
        ("win32", "", f"{LOCAL}/resnet-explorer"),
        ("win32", "/data", f"{LOCAL}/resnet-explorer"),
    ],
)
def test_runs_lie_where_the_first_version_put_them_on_every_platform(
    as_on: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, platform: str, xdg: str, expected: str
) -> None:
    as_on(platform)
    monkeypatch.setenv("XDG_DATA_HOME", xdg)
    assert data_folder() == Path(expected)


@pytest.mark.parametrize("platform", SYSTEMS)
def test_a_chosen_home_holds_on_every_platform(
    as_on: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    as_on(platform)
    monkeypatch.setenv("RESNET_GUI_HOME", "~/mine")
    assert data_folder() == Path("/home/someone/mine")


def test_the_assets_of_this_checkout_are_found() -> None:
    assert (assets() / "digits" / "digits.npz").is_file()
    assert len(list((assets() / "samples").glob("digit-*.png"))) == 10


def test_what_is_no_ordinary_file_is_refused_in_a_sentence_and_not_waited_for(tmp_path: Path) -> None:
    folder, pipe, marked = tmp_path / "dir.json", tmp_path / "pipe.json", tmp_path / "marked.json"
    folder.mkdir()
    with pytest.raises(InputError, match=r"dir\.json is a folder, not a design file\.$"):
        read_text(folder, "design file")
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)
        with pytest.raises(InputError, match=r"pipe\.json is no ordinary file, and so not a design file\.$"):
            read_text(pipe, "design file")
        assert not is_json(pipe)
    marked.write_bytes(b"\xef\xbb\xbf{}")
    assert read_text(marked, "design file") == "{}"
    assert is_json(marked)
    with pytest.raises(InputError, match="There is no design file"):
        read_text(tmp_path / "none.json", "design file")

"""``make install``: the program in the menu of one user, and nothing else there touched."""

from __future__ import annotations

import configparser
import importlib.util
import os
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="menus of free desktops")


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """``dev.py``, for a user whose home is a temporary folder with a blank in its name."""
    spec = importlib.util.spec_from_file_location("dev_of_install", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "anna k")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(module, "BIN", tmp_path / 'a "folder" of 100 %')
    return module


def test_the_entry_starts_this_program_and_all_is_taken_away_again(dev: ModuleType, tmp_path: Path) -> None:
    dev.install()
    dev.install()  # a second time is no fault
    home = tmp_path / "anna k"
    assert (home / ".local/bin/resnet-gui").readlink() == dev.BIN / "resnet-gui"
    parser = configparser.RawConfigParser(delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(home / ".local/share/applications/resnet-explorer.desktop", encoding="utf-8")
    command, files = shlex.split(parser["Desktop Entry"]["Exec"].replace("%%", "%"))
    assert command == str(dev.BIN / "resnet-gui")
    assert files == "%F", "the files that a file manager hands over"
    icon = home / ".local/share/icons/hicolor/scalable/apps/resnet-explorer.svg"
    assert icon.read_bytes() == (ROOT / "assets/resnet-explorer.svg").read_bytes()
    (home / ".local/share/applications/other.desktop").write_text("")
    dev.uninstall()
    assert [path.name for path in home.rglob("*") if not path.is_dir()] == ["other.desktop"]


def test_the_list_of_who_opens_what_is_made_anew_and_leaves_nothing(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    tool = tools / "update-desktop-database"
    tool.write_text(
        '#!/bin/sh\necho "[MIME Cache]" > "$2/mimeinfo.cache"\n'
        'grep -hs "^MimeType=" "$2"/*.desktop >> "$2/mimeinfo.cache" || true\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=os.pathsep)
    dev.install()
    cache = tmp_path / "anna k/.local/share/applications/mimeinfo.cache"
    kinds = cache.read_text().splitlines()[1].removeprefix("MimeType=").rstrip(";").split(";")
    assert {"image/png", "application/json"} <= set(kinds)
    dev.uninstall()
    assert [path for path in (tmp_path / "anna k").rglob("*") if not path.is_dir()] == []


def test_a_command_of_somebody_else_is_not_replaced(dev: ModuleType, tmp_path: Path) -> None:
    other = tmp_path / "anna k/.local/bin/resnet-gui"
    other.parent.mkdir(parents=True)
    other.write_text("mine")
    with pytest.raises(dev.SetupError, match=r"resnet-gui is there already and is not this program's; remove it"):
        dev.install()
    with pytest.raises(dev.SetupError, match="is not this program's; nothing was removed"):
        dev.uninstall()
    assert other.read_text() == "mine"

"""The icon: in the window at every size that desktops ask for, and in the desktop's list of programs."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import assets
from resnet_gui.gui.app import make_application
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.main_window import MainWindow
from tests.conftest import ROOT

ENTRY = assets() / "resnet-explorer.desktop"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHARED: dict[str, str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]

KEYS = {
    "Type",
    "Name",
    "GenericName",
    "Comment",
    "Exec",
    "Icon",
    "Terminal",
    "Categories",
    "Keywords",
    "MimeType",
    "StartupWMClass",
}
"""Keys of the Desktop Entry Specification 1.5 (its table 2) for a program that opens files."""

MAIN = {"Education", "Science", "Graphics", "Development", "Utility"}
"""Some of the main categories that the Desktop Menu Specification registers; a program needs one."""

ADDITIONAL = {"ArtificialIntelligence": {"Education", "Science"}, "DataVisualization": {"Education", "Science"}}
"""Additional categories, each with the main ones of which it needs one (the same specification)."""

BLUE, RED = (6.25, 18.5, QColor("#2a7fc1")), (19.75, 18.5, QColor("#b3261e"))
"""The middle of each block of the drawing, whose edge is 26, and its colour."""


def close(found: QColor, wanted: QColor) -> bool:
    """Whether two colours look the same and hide what is behind."""
    parts = zip(found.getRgb(), wanted.getRgb(), strict=True)  # type: ignore[call-overload]
    return all(abs(one - other) <= 3 for one, other in parts)


def test_the_window_of_the_program_shows_the_drawing_at_every_size(qtbot: QtBot, theme: Theme) -> None:
    make_application()
    window = MainWindow(theme)
    qtbot.addWidget(window)
    icon = window.windowIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        image = icon.pixmap(QSize(size, size), 1.0).toImage().convertToFormat(QImage.Format.Format_ARGB32)
        assert image.size() == QSize(size, size)
        for x, y, colour in (BLUE, RED):
            assert close(image.pixelColor(int(x * size / 26), int(y * size / 26)), colour), size
        assert image.pixelColor(0, 0).alpha() < 255, "its corners are round"


def read_entry() -> dict[str, str]:
    """The one group of the desktop entry; keys with their case, values as they stand."""
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(ENTRY.read_bytes().decode("utf-8"))
    assert parser.sections() == ["Desktop Entry"]
    return dict(parser["Desktop Entry"])


def test_the_desktop_entry_is_as_the_specification_asks() -> None:
    raw = ENTRY.read_bytes()
    assert raw.startswith(b"[Desktop Entry]\n")
    assert raw.endswith(b"\n")
    assert b"\r" not in raw
    assert b" =" not in raw
    entry = read_entry()
    assert set(entry) <= KEYS
    assert {"Type", "Name", "Exec", "Icon", "Categories"} <= set(entry)
    assert (entry["Type"], entry["Terminal"]) == ("Application", "false")
    assert all(entry.values())
    *categories, end = entry["Categories"].split(";")
    assert end == "", "a list ends in a semicolon"
    main = set(categories) & MAIN
    assert main
    assert all(ADDITIONAL[name] & main for name in set(categories) - main)
    *kinds, end = entry["MimeType"].split(";")
    assert end == ""
    assert len(set(kinds)) == len(kinds)
    assert all(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", kind) for kind in kinds)


def test_the_desktop_entry_starts_the_command_that_is_installed_and_belongs_to_the_window(qapp: QApplication) -> None:
    command, *arguments = shlex.split(read_entry()["Exec"])
    assert command in PROJECT["project"]["scripts"]
    assert arguments == ["%F"], "several files, by their paths"
    assert make_application() is qapp
    assert QGuiApplication.desktopFileName() == ENTRY.stem
    assert qapp.applicationDisplayName() == read_entry()["Name"]


def test_the_icon_that_the_desktop_entry_names_is_installed_where_desktops_look() -> None:
    icon = read_entry()["Icon"]
    folders = {
        f"assets/{ENTRY.name}": f"share/applications/{ENTRY.name}",
        f"assets/{icon}.svg": f"share/icons/hicolor/scalable/apps/{icon}.svg",
    }
    assert folders == SHARED
    assert all((ROOT / source).is_file() for source in folders)

"""The palette of the window: everything that it has is found, and leads where it says."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.palette.finding import PaletteEntry, find_entries
from resnet_gui.gui.lab.page import LabPage
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.pages import PAGES
from resnet_gui.lab.experiments import EXPERIMENTS
from tests.gui.driving import Opener, copy_run


def groups(window: Application) -> dict[str, list[PaletteEntry]]:
    found = defaultdict[str, list[PaletteEntry]](list)
    for entry in window.palette.entries():
        found[entry.group].append(entry)
    return found


def test_pages_actions_presets_runs_experiments_and_words_are_found_and_actions_have_their_keys(
    open_window: Opener, trained_run: Path
) -> None:
    run = copy_run(trained_run)
    window = open_window(engine=False)
    window.session.runs.load()
    found = groups(window)
    assert [entry.title for entry in found["Pages"]] == [spec.title for spec in PAGES]
    assert [entry.title for entry in found["Presets"]] == [preset.title for preset in PRESETS.values()]
    assert len(found["Experiments of the Lab"]) == len(EXPERIMENTS) + 1
    keys = {entry.title: entry.key for entry in found["Actions"]}
    assert (keys["Save design"], keys["Undo"]) == ("Ctrl+S", "Ctrl+Z")
    assert {"Theme: Dark", "Export: Diagram as SVG", "Welcome page"} <= set(keys)
    reasons = {entry.title: entry.reason for entry in found["Actions"]}
    assert (reasons["Undo"], reasons["Save design"]) == ("There is no edit to take back.", "")
    (row,) = found["Runs"]
    row.work()
    assert window.shows("train")
    assert window.train_page().state.run is not None
    assert window.train_page().state.run.folder == run  # type: ignore[union-attr]
    words = {entry.title for entry in found["Help"]}
    assert {"MACs", "Baseline"} <= words


def test_it_opens_by_its_key_and_a_few_letters_lead_anywhere(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(engine=False)
    assert window.menus.actions["palette"].shortcut().toString() == "Ctrl+K"
    window.menus.actions["palette"].trigger()
    palette = window.palette.palette
    assert palette.isVisible()
    QTest.keyClicks(palette.search, "wrn 28")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.design.name.startswith("WRN-28"))
    assert window.shows("design")
    window.palette.open()
    palette.search.setText("lesion")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.shows("lab"))
    lab = window.page("lab")
    assert isinstance(lab, LabPage)
    assert lab.state.experiment.key == "lesion-study"
    window.session.edit("change classes", classes=7)
    (undo,) = find_entries("undo", groups(window)["Actions"])
    assert undo.reason == ""

"""The menus, recent files, weights and runs that are opened, steps of the undo stack, what is remembered."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QPushButton
from pytestqt.qtbot import QtBot
from torchvision import models

from resnet_gui.design.choices import SHORTCUTS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve, save_design
from resnet_gui.gui.compare.page import ComparePage
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings, load_settings
from resnet_gui.gui.shell.dialogs import IdentifiedDialog
from resnet_gui.gui.shell.documents import MAX_RECENT
from resnet_gui.gui.shell.help import KEYS, WORDS, HelpDialog
from resnet_gui.network.resnet import ResNet
from tests.gui.design.test_exports import while_open
from tests.gui.driving import START, Opener, drop, files, wait_ready


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def recent_menu(window: object) -> QMenu:
    menu = window.menus._recent  # type: ignore[attr-defined]
    assert isinstance(menu, QMenu)
    return menu


# ---- the menu


def test_every_line_has_a_name_its_key_is_nobody_elses_and_the_keys_are_listed(open_window: Opener) -> None:
    window = open_window(engine=False)
    actions = window.window.actions()
    keys = [shortcut.toString() for action in actions for shortcut in action.shortcuts()]
    assert len(keys) == len(set(keys))
    listed = " ".join(key for key, _ in KEYS)
    for key in keys:
        assert key in listed, key
    for name, action in window.menus.actions.items():
        assert action.text(), name
    assert "Theme" in texts(window.menus.main)


def test_undo_and_redo_are_named_in_the_menu_and_the_history_goes_to_any_step(open_window: Opener) -> None:
    window = open_window(engine=False)
    session, menus = window.session, window.menus
    first = session.design
    session.edit("change classes", classes=7)
    session.edit("change shortcut", shortcut="C")
    session.choose_preset(PRESETS["resnet50"])
    assert menus.actions["undo"].text() == "Undo choose ResNet-50"
    menus.actions["undo"].trigger()
    assert menus.actions["redo"].text() == "Redo choose ResNet-50"
    assert menus.actions["undo"].text() == "Undo change shortcut"
    history = menus._history
    history.aboutToShow.emit()
    assert texts(history) == ["as it was opened", "change classes", "change shortcut", "choose ResNet-50"]
    assert [action.isChecked() for action in history.actions()] == [False, False, True, False]
    history.actions()[0].trigger()
    assert session.design == first
    history.aboutToShow.emit()
    history.actions()[3].trigger()
    assert session.design == PRESETS["resnet50"].design


def test_an_ampersand_in_a_name_is_shown_and_is_no_key(open_window: Opener, tmp_path: Path) -> None:
    window = open_window(engine=False)
    session, menus = window.session, window.menus
    window.files.save(tmp_path / "R&D.json")
    session.rename("R&D")
    rename = session.undo.undoText()
    assert "R&D" in rename
    menus._history.aboutToShow.emit()
    escaped = rename.replace("&", "&&")
    assert [texts(recent_menu(window))[0], texts(menus._history)[-1]] == ["R&&D.json", escaped]
    assert menus.actions["undo"].text() == f"Undo {escaped}"
    menus.actions["undo"].trigger()
    assert (menus.actions["redo"].text(), menus.actions["redo"].isEnabled()) == (f"Redo {escaped}", True)
    menus.actions["redo"].trigger()
    assert session.design.name == "R&D"
    page = window.page("compare")
    assert isinstance(page, ComparePage)
    assert texts(page.menus.add_menu(page))[0] == "The present design, R&&D"


def test_the_theme_is_chosen_in_the_menu(open_window: Opener) -> None:
    window = open_window(engine=False)
    menu = window.menus.theme_menu(window.window)
    menu.aboutToShow.emit()
    assert [action.isChecked() for action in menu.actions()] == [False, True, False]
    menu.actions()[2].trigger()
    assert window.theme.name == "light"
    menu.actions()[1].trigger()
    assert window.theme.name == "dark"


def test_help_lists_keys_words_and_versions_and_opens_with_a_question_mark(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(engine=False)
    seen: list[QDialog] = []

    def look(dialog: QDialog) -> None:
        seen.append(dialog)
        dialog.accept()

    while_open(HelpDialog, look)
    window.menus.actions["keys"].trigger()
    assert seen
    assert window.menus.actions["keys"].shortcut().toString() == "?"


def test_ctrl_f_goes_to_the_filter_from_every_page_and_layout(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("compare")
    window._find()
    assert window.window.stack.currentWidget() is window.design
    assert window.design.table.filter.hasFocus() or not window.window.isActiveWindow()
    window.window.resize(1100, 720)
    QApplication.processEvents()
    window._find()
    assert window.design.tabs.currentWidget() is window.design.table


# ---- what is opened


def test_recent_files_are_the_last_ten_that_exist_and_open_from_the_menu(open_window: Opener, tmp_path: Path) -> None:
    window = open_window(engine=False)
    paths = [tmp_path / f"{number}.json" for number in range(MAX_RECENT + 2)]
    for number, path in enumerate(paths):
        save_design(Design(name=f"d{number}", spec=evolve(PRESETS["resnet18"].spec, classes=number + 1)), path)
        window.files.open(path)
    assert window.files.recent() == paths[:1:-1]
    menu = recent_menu(window)
    assert texts(menu)[:2] == ["11.json", "10.json"]
    menu.actions()[3].trigger()
    assert window.session.spec.classes == 9
    assert texts(menu)[0] == "8.json"
    paths[11].unlink()
    window.files.open(paths[11])
    assert "11.json" in window.status.sentence.text()
    assert "11.json" not in texts(menu)
    window.window.close()
    again = open_window(load_settings(), engine=False)
    assert again.files.recent()[0] == paths[8]
    again.files.forget_recent()
    assert not recent_menu(again).isEnabled()


def test_settings_with_recent_files_that_are_gone_open_with_an_empty_list(open_window: Opener) -> None:
    window = open_window(Settings(theme="dark", recent=["/no/such/file.json"]), engine=False)
    assert not recent_menu(window).isEnabled()


def test_a_design_is_chosen_in_the_dialog_and_a_wrong_one_changes_nothing(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    save_design(PRESETS["resnet152"].design, good)
    bad.write_text("{")
    answers = iter([str(bad), "", str(good)])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (next(answers), ""))
    before = window.session.design
    window.menus.actions["open"].trigger()
    assert "bad.json is not a design file" in window.status.sentence.text()
    window.menus.actions["open"].trigger()
    assert window.session.design is before
    window.menus.actions["open"].trigger()
    assert window.session.design == PRESETS["resnet152"].design


def accept(dialog: QDialog) -> None:
    assert isinstance(dialog, IdentifiedDialog)
    dialog.grab()
    dialog.open_button.click()


def test_weights_of_torchvision_are_dropped_identified_shown_and_opened(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window()
    wait_ready(qtbot, window)
    path = tmp_path / "r34.pth"
    torch.save(models.resnet34().state_dict(), path)
    window.show_page("compare")
    shown: list[str] = []

    def look(dialog: QDialog) -> None:
        assert isinstance(dialog, IdentifiedDialog)
        shown.append(dialog.details.toPlainText())
        accept(dialog)

    while_open(IdentifiedDialog, look)
    drop(window, files(path))
    qtbot.waitUntil(lambda: window.session.design == PRESETS["resnet34"].design, timeout=START)
    assert "What no file can tell" in shown[0]
    assert window.files.recent() == [path]
    assert window.window.stack.currentWidget() is window.design
    window.session.undo.undo()
    assert window.session.design == PRESETS["resnet18"].design


def test_a_run_folder_is_dropped_and_its_design_is_shown(
    qtbot: QtBot, open_window: Opener, trained_run: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained_run, run)
    window = open_window()
    wait_ready(qtbot, window)
    while_open(IdentifiedDialog, accept)
    drop(window, files(run))
    qtbot.waitUntil(lambda: window.session.design == PRESETS["digits-resnet"].design, timeout=START)


def test_a_found_design_that_is_not_wanted_changes_nothing(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    window = open_window()
    wait_ready(qtbot, window)
    path = tmp_path / "r20.pt"
    torch.save(ResNet(plan(PRESETS["resnet20"].spec)).state_dict(), path)
    closed: list[bool] = []

    def leave(dialog: QDialog) -> None:
        dialog.reject()
        closed.append(True)

    while_open(IdentifiedDialog, leave)
    window.files.open(path)
    qtbot.waitUntil(lambda: bool(closed), timeout=START)
    assert window.session.design == PRESETS["resnet18"].design


BROKEN = {"text.pth": b"hello", "noise.safetensors": bytes(range(256)), "empty.json": b"", "list.json": b"[]"}


def test_a_broken_file_gets_its_sentence_and_the_design_stays(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window()
    wait_ready(qtbot, window)
    before = window.session.design

    def refused(name: str) -> bool:
        sentence = window.status.sentence.text()
        return name in sentence and "Reading" not in sentence

    for name, content in BROKEN.items():
        path = tmp_path / name
        path.write_bytes(content)
        drop(window, files(path))
        qtbot.waitUntil(partial(refused, name), timeout=START)
        assert window.session.design is before
        assert window.files.recent() == []


# ---- steps


def test_steps_of_one_field_that_follow_quickly_are_one_and_others_are_not(
    page: DesignPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "merge_seconds", 5.0)
    first = session.spec
    for _ in range(5):
        page.form.classes.stepUp()
    assert session.spec.classes == 1005
    assert session.undo.count() == 1
    spin = page.form.grid.spins("blocks")[1]
    spin.stepUp()
    spin.stepUp()
    page.form.grid.spins("blocks")[2].stepUp()
    assert session.undo.count() == 3
    page.form.shortcut.chosen.emit("C")
    page.form.shortcut.chosen.emit("B")
    assert session.undo.count() == 5
    for _ in range(5):
        session.undo.undo()
    assert session.spec == first


def test_quick_steps_there_and_back_are_no_step(
    page: DesignPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "merge_seconds", 5.0)
    first = session.design
    page.form.classes.stepUp()
    page.form.classes.stepDown()
    assert session.design == first
    assert session.undo.count() == 0
    page.form.classes.stepUp()
    monkeypatch.setattr(Session, "merge_seconds", -1.0)
    page.form.classes.stepUp()
    assert session.undo.count() == 2


def test_the_help_names_every_shortcut() -> None:
    explained = dict(WORDS)["Shortcut"]
    assert all(choice.compared_text in explained for choice in SHORTCUTS.values())


# ---- what is remembered


def test_splitter_columns_names_colours_and_the_open_part_are_remembered(open_window: Opener) -> None:
    window = open_window(engine=False)
    page = window.design
    page.splitter.setSizes([640, 460])
    page.splitter.splitterMoved.emit(640, 1)
    page.table.naming.chosen.emit("torch")
    page.network.set_colouring("macs")
    page.form.advanced_part.button.setChecked(True)
    for name, action in page.table.column_actions.items():
        action.setChecked(name.name in {"PARAMS", "JUMP"})
    window.window.close()
    again = open_window(load_settings(), engine=False).design
    assert abs(again.splitter.sizes()[0] - page.splitter.sizes()[0]) <= 1
    assert again.table.model.naming == "torch"
    assert again.table.naming.key == "torch"
    assert again.network.view.colouring == "macs"
    assert again.network.colouring.currentData() == "macs"
    assert again.form.advanced_part.button.isChecked()
    assert again.table.shown_columns() == ["name", "params", "jump"]


@pytest.mark.parametrize(
    "odd",
    [
        {"splitter": [0, -5]}, {"splitter": [1]}, {"columns": ["nothing"]}, {"naming": "klingon"},
        {"colouring": "smell"}, {"baseline": 7}, {"recent": [""]},
    ],
    ids=lambda odd: next(iter(odd)),
)  # fmt: skip
def test_odd_settings_are_taken_for_the_usual_ones(open_window: Opener, odd: dict[str, object]) -> None:
    window = open_window(Settings(theme="dark", **odd), engine=False)  # type: ignore[arg-type]
    assert window.design.splitter.sizes()[0] > 100
    assert window.design.network.view.colouring == "stage"
    assert window.session.baseline is None
    window.window.grab()


def test_everything_that_can_be_pressed_has_a_name_and_a_tooltip(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("compare")
    window.design.form.advanced_part.button.setChecked(True)
    for button in window.window.findChildren(QPushButton):
        if button.isVisible():
            assert button.accessibleName() or button.text(), button
            assert button.toolTip() or button.text(), button

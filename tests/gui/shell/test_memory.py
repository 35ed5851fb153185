"""What the window keeps and shows again: the page, the design with its file, and how it is arranged."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.compare.page import ComparePage
from resnet_gui.gui.design.table.rows import Column
from resnet_gui.gui.session import MessageAction, Session
from resnet_gui.gui.settings import LAYOUT, Settings, load_settings
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.keeping.undo_history import MOST_BYTES, MOST_STEPS, decode_steps, encode_steps
from resnet_gui.gui.shell.title import saved_words
from tests.gui.driving import Opener


def title(window: Application) -> tuple[str, bool]:
    return window.window.windowTitle(), window.window.isWindowModified()


def test_the_last_page_is_shown_at_the_next_start(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("compare")
    window.window.close()
    assert open_window(load_settings(), engine=False).shows("compare")
    assert open_window(Settings(page="gone"), engine=False).shows("design")


def test_title_and_top_bar_tell_what_is_not_saved_from_what_differs_from_the_preset(
    open_window: Opener, tmp_path: Path
) -> None:
    window, path = open_window(engine=False), tmp_path / "chip.json"
    session = window.session
    session.choose_preset(PRESETS["resnet50"])
    assert title(window) == ("ResNet-50[*] – ResNet Explorer", False)
    assert saved_words(session)[0] == "Unchanged preset"
    session.edit("change shortcut", shortcut="C")
    assert title(window) == ("ResNet-50, option C[*] – ResNet Explorer", True)
    assert saved_words(session) == ("Edited, not saved", "Not saved in a file. It differs from ResNet-50: option C.")
    window.files.save(path)
    assert title(window)[1] is False
    assert saved_words(session) == ("Edited, saved", "Saved in chip.json. It differs from ResNet-50: option C.")
    session.edit("change shortcut", shortcut="B")
    assert title(window) == ("ResNet-50[*] – ResNet Explorer", True)
    assert saved_words(session)[0] == "Preset, not saved"
    session.undo.undo()
    assert title(window)[1] is False


def test_what_is_written_of_a_design_that_became_another_preset_has_its_name(
    open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    window.session.choose_preset(PRESETS["resnet18"])
    window.design.form.depth_entered.emit(50)
    assert (window.title.name, window.session.preset.name) == ("ResNet-50", "resnet50")
    for form in ("python", "latex", "json", "csv"):
        window.files.export(form, tmp_path / f"chip.{form}")
    assert (tmp_path / "chip.python").read_text().startswith('"""ResNet-50.\n\n25,557,032 parameters')
    for path in tmp_path.iterdir():
        assert "ResNet-18" not in path.read_text()
    assert "ResNet-50" in (tmp_path / "chip.latex").read_text()


def test_a_design_knows_its_file_and_what_is_unsaved_after_a_restart(open_window: Opener, tmp_path: Path) -> None:
    window, path = open_window(engine=False), tmp_path / "chip.json"
    window.session.edit("change classes", classes=7)
    window.files.save(path)
    window.window.close()
    again = open_window(load_settings(), engine=False)
    assert (again.session.file.path, again.session.unsaved) == (path, False)
    again.session.edit("change classes", classes=8)
    again.window.close()
    third = open_window(load_settings(), engine=False)
    assert (third.session.file.path, third.session.unsaved) == (path, True)
    third.session.edit("change classes", classes=7)
    assert not third.session.unsaved


def arrangement(window: Application) -> dict[str, object]:
    window.memory.collect()
    return {name: getattr(window.settings, name) for name in LAYOUT if name != "geometry"}


def test_the_layout_is_reset_in_every_page_and_can_be_had_back_at_once(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window(engine=False)
    offered: list[tuple[MessageAction, ...]] = []
    window.session.offered.connect(lambda _sentence, _level, actions: offered.append(actions))
    window.show_page("compare")
    compare = window.page("compare")
    assert isinstance(compare, ComparePage)
    window.show_page("design")
    QApplication.processEvents()
    first = arrangement(window)
    window.design.table.column_actions[Column.GROUPS].toggle()
    window.design.form.open_advanced(on=True)
    window.design.splitter.setSizes([700, 300])
    window.design.splitter.splitterMoved.emit(700, 1)
    compare.splitter.setSizes([700, 300])
    compare.splitter.splitterMoved.emit(700, 1)
    window.window.resize(900, 650)
    changed = arrangement(window)
    assert {name for name in LAYOUT if name in changed and changed[name] != first[name]} >= {
        "columns", "advanced", "splitter", "compared",
    }  # fmt: skip
    window.menus.actions["reset-layout"].trigger()
    assert arrangement(window) == first
    assert window.window.height() != 650
    (undo,) = offered[-1]
    assert undo.text == "Undo"
    undo.work()
    again = arrangement(window)
    assert {name: again[name] for name in ("columns", "advanced")} == {
        name: changed[name] for name in ("columns", "advanced")
    }
    assert again["splitter"] != []
    assert again["compared"] != []
    assert window.window.height() == 650


def test_the_export_menu_opens_by_its_key_while_a_field_has_the_focus(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window(engine=False)
    window.window.activateWindow()
    QApplication.processEvents()
    field, menu, opened = window.design.form.depth_field, window.menus.export, list[bool]()
    menu.aboutToShow.connect(lambda: opened.append(True))
    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, menu.close))
    field.setFocus()
    field.setCursorPosition(0)
    qtbot.keyClick(field, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert opened == [True]
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == field.text()


def worked_on(window: Application, path: Path) -> list[str]:
    """Do something of every kind, with a step to redo at the end; the names of the designs on the way."""
    session = window.session
    session.choose_preset(PRESETS["resnet50"])
    session.edit("change classes", classes=7)
    window.files.save(path)
    session.rename("mine")
    session.edit("change shortcut", shortcut="C")
    session.undo.undo()
    return [state.design.name for state in session.steps().states]


def test_steps_can_be_undone_and_redone_after_a_restart_and_know_their_file(
    open_window: Opener, tmp_path: Path
) -> None:
    window, path = open_window(engine=False), tmp_path / "chip.json"
    names = worked_on(window, path)
    window.window.close()
    again = open_window(load_settings(), engine=False)
    session = again.session
    assert [state.design.name for state in session.steps().states] == names
    assert session.steps().states == tuple(
        state._replace(file=mine.file)
        for state, mine in zip(window.session.steps().states, session.steps().states, strict=True)
    )
    assert again.top.undo.isEnabled()
    assert again.top.redo.isEnabled()
    assert "Undo rename to mine" in again.top.undo.toolTip()
    assert "Redo change shortcut" in again.top.redo.toolTip()
    assert session.unsaved
    session.undo.undo()
    assert (session.design.name, session.unsaved, session.file.path) == ("ResNet-50, 7 classes", False, path)
    session.edit("change classes", classes=8)
    assert session.undo.undoText() == "change classes", "no part of what was done before the restart"
    while session.undo.canUndo():
        session.undo.undo()
    assert session.design.name == names[0]
    again.window.close()
    third = open_window(load_settings(), engine=False)
    assert third.session.undo.count() == 3
    assert not third.session.undo.canUndo()


def test_steps_that_do_not_lead_to_the_design_or_make_no_sense_are_none_and_keep_nothing_else_from_being_read(
    open_window: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    window = open_window(engine=False)
    window.session.choose_preset(PRESETS["resnet50"])
    window.session.edit("change classes", classes=7)
    window.window.close()
    kept = load_settings()
    text = msgspec.json.encode(kept.history)
    changes = ((b"resnet50", b"resnet_x"), (b'"classes":7', b'"classes":-7'), (b'"index":2', b'"index":3'),
               (b'"states"', b'"stages"'))  # fmt: skip
    for old, new in changes:
        assert old in text
        settings = msgspec.structs.replace(kept, history=msgspec.json.decode(text.replace(old, new)))
        again = open_window(msgspec.json.decode(msgspec.json.encode(settings), type=Settings), engine=False)
        assert again.session.design == window.session.design
        assert again.session.undo.count() == 0
    other = msgspec.structs.replace(kept, design=PRESETS["resnet34"].design)
    assert open_window(other, engine=False).session.undo.count() == 0
    assert "the steps lead to another design" in caplog.text


def test_only_the_last_steps_are_kept_and_no_more_than_fit(session: Session) -> None:
    for number in range(2, 2 * MOST_STEPS):
        session.edit("change classes", classes=number)
    kept = encode_steps(session.steps())
    assert len(msgspec.json.encode(kept)) < MOST_BYTES / 4, "a step is what it changes"
    steps = decode_steps(kept)
    assert len(steps.texts) == MOST_STEPS
    assert steps.states[-1].design == session.design
    for number in range(20):
        session.rename("n" * 10_000 + str(number))
    steps = decode_steps(encode_steps(session.steps()))
    assert 0 < len(steps.texts) < 7
    assert steps.states[steps.present].design == session.design
    session.undo.setIndex(0)
    steps = decode_steps(encode_steps(session.steps()))
    assert (steps.present, steps.states[0].design) == (0, session.design)


@pytest.mark.parametrize("name", ["short", "long" * 400], ids=["by number", "by bytes"])
def test_from_the_middle_of_many_steps_as_many_can_be_undone_as_redone(session: Session, name: str) -> None:
    for number in range(2 * MOST_STEPS):
        session.rename(f"{name}{number}")
    session.undo.setIndex(MOST_STEPS)
    steps = decode_steps(encode_steps(session.steps()))
    assert 0 <= steps.present - (len(steps.texts) - steps.present) <= 1
    assert steps.states[steps.present].design == session.design


def test_columns_that_were_dragged_keep_their_widths_and_reset_layout_and_its_undo_reach_them(
    open_window: Opener,
) -> None:
    window = open_window(engine=False)
    head = window.design.table.tree.header()
    usual = head.sectionSize(Column.OUTPUT)
    head.resizeSection(Column.OUTPUT, usual + 30)
    assert head.sectionSize(Column.OUTPUT) == usual + 30
    window.memory.reset_layout()
    assert head.sectionSize(Column.OUTPUT) == usual
    (toast,) = window.window.toasts.toasts
    toast.buttons[0].click()
    assert head.sectionSize(Column.OUTPUT) == usual + 30
    window.window.close()
    settings = load_settings()
    assert settings.column_widths == {"output": usual + 30}
    again = open_window(settings, engine=False)
    assert again.design.table.tree.header().sectionSize(Column.OUTPUT) == usual + 30

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import SpecError
from resnet_gui.design.depth import change_depth
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.gui.session import MessageAction, Session
from resnet_gui.protocol.events import Device


def test_an_edit_replaces_design_plan_and_totals_together(session: Session) -> None:
    session.edit("change classes", classes=7)
    assert session.spec.classes == 7
    assert session.plan == plan(session.spec)
    assert session.totals == totals(session.plan)
    assert not session.unchanged


def test_a_refused_edit_leaves_design_and_undo_stack_as_they_were(session: Session) -> None:
    before = session.design
    with pytest.raises(SpecError):
        session.edit("change input", input=(3, 1, 1))
    assert session.design is before
    assert session.undo.count() == 0


def test_undo_and_redo_go_through_edits_presets_and_opened_files(session: Session) -> None:
    first = session.design
    session.edit("change classes", classes=7)
    session.choose_preset(PRESETS["resnet50"])
    opened = Design(name="mine", spec=evolve(PRESETS["resnet20"].spec, classes=3))
    session.open_design(opened)
    assert session.undo.undoText() == "open mine"
    for _ in range(3):
        session.undo.undo()
    assert session.design == first
    for _ in range(3):
        session.undo.redo()
    assert session.design == opened


def test_an_edit_that_changes_nothing_is_no_step(session: Session) -> None:
    session.edit("change classes", classes=session.spec.classes)
    assert session.undo.count() == 0


def test_a_remembered_device_that_is_gone_falls_back_and_says_so() -> None:
    session = Session(device="cuda:3")
    said: list[str] = []
    session.message.connect(lambda sentence, _level: said.append(sentence))
    session.set_devices((Device("cpu", "CPU"),), "No GPU.")
    assert session.device == "auto"
    assert "cuda:3" in said[0]


def test_a_closed_session_has_forgotten_its_steps_and_says_nothing(session: Session) -> None:
    session.choose_preset(PRESETS["digits-resnet"])
    heard: list[object] = []
    for signal in (session.undo.indexChanged, session.undo.undoTextChanged, session.undo.canUndoChanged):
        signal.connect(heard.append)
    session.close()
    assert session.undo.count() == 0
    assert not heard


def test_a_design_that_becomes_another_preset_is_called_and_reset_to_it(session: Session) -> None:
    session.choose_preset(PRESETS["resnet18"])
    session.edit("change depth", **change_depth(session.spec, 50))
    assert (session.design.name, session.preset.name, session.unchanged) == ("ResNet-50", "resnet50", True)
    session.edit("change shortcut", shortcut="C")
    assert (session.design.name, session.preset.name, session.unchanged) == ("ResNet-50, option C", "resnet50", False)
    session.undo.undo()
    session.undo.undo()
    assert (session.design.name, session.preset.name) == ("ResNet-18", "resnet18")


def test_what_an_older_version_misnamed_has_its_name_at_the_next_start() -> None:
    session = Session(Design(name="ResNet-18", spec=PRESETS["resnet50"].spec), preset="resnet18")
    assert (session.design.name, session.preset.name) == ("ResNet-50", "resnet50")
    session.close()


def standing(session: Session) -> tuple[bool, bool]:
    return session.unchanged, session.unsaved


def test_unsaved_and_different_from_the_preset_are_two_things(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    assert standing(session) == (True, False)
    session.edit("change classes", classes=7)
    assert standing(session) == (False, True)
    session.mark_saved(path)
    assert standing(session) == (False, False)
    assert session.file.path == path
    session.edit("change classes", classes=8)
    assert standing(session) == (False, True)
    session.undo.undo()
    assert standing(session) == (False, False)
    session.undo.undo()
    assert standing(session) == (True, True)


def test_an_opened_file_is_saved_until_it_is_edited_and_undo_leaves_it(session: Session, tmp_path: Path) -> None:
    path, first = tmp_path / "chip.json", session.file
    session.open_design(Design(name="chip", spec=evolve(PRESETS["resnet20"].spec, classes=3)), path)
    assert (session.unsaved, session.unchanged, session.file.path) == (False, False, path)
    session.edit("change classes", classes=4)
    assert (session.design.name, session.unsaved) == ("chip", True)
    session.rename("chop")
    session.undo.undo()
    session.undo.undo()
    assert (session.design.name, session.unsaved) == ("chip", False)
    session.undo.undo()
    assert session.file is first


def test_becoming_a_preset_leaves_nothing_to_save(session: Session) -> None:
    session.choose_preset(PRESETS["resnet18"])
    session.edit("change depth", **change_depth(session.spec, 34))
    assert not session.unsaved


def test_what_was_written_is_named_and_its_folder_can_be_opened(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[tuple[str, str, tuple[MessageAction, ...]]] = []
    said: list[str] = []
    opened: list[str] = []
    session.offered.connect(lambda *words: offered.append(words))
    session.message.connect(lambda sentence, _level: said.append(sentence))

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return len(opened) < 3

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    session.say_written(tmp_path / "a figure.svg")
    session.say_written(tmp_path, "3 runs")
    assert [sentence for sentence, _, _ in offered] == ["Wrote a figure.svg.", f"Wrote {tmp_path.name}; 3 runs."]
    for _, level, actions in offered:
        assert (level, [action.text for action in actions]) == ("ok", ["Open folder"])
        actions[0].work()
    assert [Path(each) for each in opened] == [tmp_path, tmp_path]
    assert not said
    offered[0][2][0].work()
    assert str(tmp_path) in said[0]

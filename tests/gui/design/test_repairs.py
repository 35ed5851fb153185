"""What is refused says why, and what would make it fit is one click away."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from resnet_gui.base.errors import SpecError
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.gui.design.form.repairs import depth_repairs, repairs
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.session import Session

ONE_PAGE = True


@pytest.mark.parametrize(
    ("name", "changes", "field", "texts"),
    [
        ("resnet18", {"input": (3, 16, 16)}, "input", ["Input 3×17×17"]),
        ("resnet18", {"norm": "group", "norm_groups": 7}, "norm_groups", ["Norm groups 8"]),
        ("resnet18", {"classes": 0}, "classes", ["Classes 1"]),
        ("plain20", {"zero_init": True}, "zero_init", ["Shortcut: A"]),
    ],
)
def test_every_repair_fits_and_is_the_nearest(
    name: str, changes: dict[str, object], field: str, texts: list[str]
) -> None:
    spec = PRESETS[name].spec
    with pytest.raises(SpecError) as refused:
        evolve(spec, **changes)
    found = repairs(spec, changes, field, str(refused.value))
    assert [repair.text for repair in found][: len(texts)] == texts
    for repair in found:
        evolve(spec, **repair.changes)


def test_the_nearest_depths_of_a_family_are_offered() -> None:
    assert [repair.text for repair in depth_repairs(PRESETS["resnet20"].spec, 21)] == ["Depth 20", "Depth 26"]
    assert [repair.text for repair in depth_repairs(PRESETS["resnet50"].spec, 51)] == ["Depth 50"]


def test_a_depth_that_cannot_be_is_mended_with_one_click(page: DesignPage, session: Session, qtbot: QtBot) -> None:
    page.choose_preset(PRESETS["resnet20"])
    page.form.depths.other.click()
    page.form.depth_field.setText("27")
    qtbot.keyClick(page.form.depth_field, Qt.Key.Key_Return)
    place = page.form._errors["depth"]
    assert place.repairs() == ["Depth 26", "Depth 32"]
    place.findChildren(QPushButton)[-1].click()
    assert session.spec.blocks == (5, 5, 5)
    assert page.form.error_text("depth") == ""
    session.undo.undo()
    assert session.spec.blocks == (3, 3, 3)


def test_a_refused_choice_is_forgotten_when_the_valid_one_is_chosen_again(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet18"])
    session.edit("narrow", widths=(64, 32, 16, 8))
    page.form.shortcut.chosen.emit("A")
    assert page.form.error_text("shortcut")
    chosen = [key for key, *_ in page.form.shortcut._options].index("B")
    middle = page.form.shortcut._segment(chosen).center().toPoint()
    qtbot.mouseClick(page.form.shortcut, Qt.MouseButton.LeftButton, pos=middle)
    assert page.form.error_text("shortcut") == ""
    assert session.spec.shortcut == "B"


def test_the_row_of_depths_ends_in_other_which_becomes_the_field(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    depths = page.form.depths
    assert (depths.other.isVisible(), depths.field.isVisible()) == (True, False)
    depths.other.click()
    assert (depths.other.isVisible(), depths.field.isVisible()) == (False, True)
    page.form.grid.spins("blocks")[0].setValue(4)
    assert depths.field.text() == "53"
    page.choose_preset(PRESETS["resnet34"])
    page.form.block.setFocus()
    page.choose_preset(PRESETS["resnet50"])
    assert (depths.other.isVisible(), depths.field.isVisible()) == (True, False)

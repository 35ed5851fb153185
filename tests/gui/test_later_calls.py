"""Calls that wait for the next turn of the event loop: whatever they need may be gone by then."""

from __future__ import annotations

import ast
from pathlib import Path

import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.recipe.form import RecipeForm
from tests.conftest import ROOT


def without_receiver(source: str) -> list[int]:
    """The lines of a source that call something later, whether or not its object is still there."""
    return [
        node.lineno
        for node in (ast.walk(ast.parse(source)) if "singleShot(" in source else ())
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "singleShot"
        and len(node.args) < 3
    ]


def test_a_later_call_names_the_object_without_which_it_is_dropped() -> None:
    files: list[Path] = sorted((ROOT / "resnet_gui" / "gui").rglob("*.py"))
    found = [f"{file.name}:{line}" for file in files for line in without_receiver(file.read_text(encoding="utf-8"))]
    assert len(files) > 100
    assert found == []


def test_a_call_without_its_object_is_found() -> None:
    assert without_receiver("QTimer.singleShot(0, lambda: self.look())\nQTimer.singleShot(0, self, self.look)") == [1]


def test_a_form_that_is_closed_in_the_turn_of_its_error_raises_nothing(
    qapp: QApplication, qtbot: QtBot, theme: Theme
) -> None:
    form = RecipeForm(theme, "digits")
    form.show_error("data", "No folder has this name.")
    with qtbot.captureExceptions() as raised:
        shiboken6.delete(form)
        qapp.processEvents()
    assert raised == []

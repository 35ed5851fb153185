"""What PySide and msgspec hardly ever use is loaded when somebody asks for it, and is the same then."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from resnet_gui.gui.binding import late
from tests.rooms import ROOT

NAME = "this_module_is_late"


@pytest.fixture
def late_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> str:
    """A module that says what it has been told."""
    (tmp_path / f"{NAME}.py").write_text("told = []\ndef tell(what):\n    told.append(what)\n    return told\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    return NAME


def test_another_stands_in_the_place_of_a_module_until_it_is_asked_for_something(late_module: str) -> None:
    with late.stand_ins({late_module: ""}):
        import this_module_is_late as held  # type: ignore[import-not-found]

        assert isinstance(sys.modules[late_module], late.PostponedModule)
    assert late_module not in sys.modules
    assert held.tell("a") == ["a"]
    real = sys.modules[late_module]
    assert type(real) is ModuleType
    held.more = 1
    assert (real.told, real.more) == (["a"], 1)
    with pytest.raises(AttributeError, match="nothing"):
        _ = held.nothing


def test_a_module_that_is_there_or_that_this_python_lacks_stands_for_itself(late_module: str) -> None:
    with late.stand_ins({"os": "", late_module: "no_module_of_this_name"}):
        import os

        assert not isinstance(os, late.PostponedModule)
        assert late_module not in sys.modules


def postponed_module(name: str, text: str) -> ModuleType:
    """A module whose code runs when it is asked for something."""
    made = ModuleType(name)
    exec(late.postpone(f"{name}.py", lambda: compile(text, name, "exec")), vars(made))  # noqa: S102 (as an importer)
    return made


def test_code_runs_once_and_at_the_first_name_that_is_asked_for() -> None:
    made = postponed_module("postponed", "runs = globals().get('runs', 0) + 1\n__own__ = 2")
    assert "runs" not in vars(made)
    with pytest.raises(AttributeError, match="'postponed' has no attribute '__own__'"):
        _ = made.__own__
    assert (made.runs, made.__own__) == (1, 2)
    with pytest.raises(AttributeError, match="'postponed' has no attribute 'other'"):
        _ = made.other
    assert made.runs == 1


SAID = """
import sys
{loaded}
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
for call in (lambda: QPoint("a"), lambda: QRect(1, 2, 3), lambda: QLabel.setText(3), lambda: QColor(b"a", 1, 2)):
    try:
        call()
    except Exception as error:
        print(type(error).__name__, error)
for what in (QPoint, QLabel.setText, QColor.fromRgb, QRect.adjusted):
    print(getattr(what, "__signature__", None), what.__doc__)
print(sys.modules["PySide6.support.signature"].parser.__name__)
print(hasattr(sys.modules["shibokensupport.signature.layout"], "create_signature"))
"""


def test_pyside_says_the_same_of_its_functions_and_of_wrong_calls() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", SAID.format(loaded=loaded)], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for loaded in ("", "import resnet_gui.gui")
    ]
    assert "TypeError" in said[0]
    assert said[0] == said[1]


MSGSPEC = """
import sys
import resnet_gui.gui
from resnet_gui.gui.binding.late import load_msgspec
{before}
load_msgspec()
print("typing_extensions" in sys.modules)
import platform, uuid
from typing import Annotated, NotRequired, TypedDict
import msgspec, msgspec.inspect
Options = TypedDict("Options", {{"least": NotRequired[Annotated[int, msgspec.Meta(ge=1)]]}})
print(msgspec.convert({{}}, Options), msgspec.inspect.type_info(int), msgspec.toml.encode.__name__)
print(platform.system() == uuid.platform.system(), platform.machine() == uuid.platform.machine())
"""


@pytest.mark.parametrize("before", ["", "import typing_extensions"])
def test_msgspec_is_whole_without_what_it_does_not_use(before: str) -> None:
    command = [sys.executable, "-c", MSGSPEC.format(before=before)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    expected = "{} IntType(gt=None, ge=None, lt=None, le=None, multiple_of=None) encode"
    assert said == [str(bool(before)), expected, "True True"]


def test_modules_of_a_pyside_that_nobody_has_tried_are_not_postponed(monkeypatch: pytest.MonkeyPatch) -> None:
    import PySide6

    file = "shibokensupport/signature/parser.py"
    assert late.may_postpone(file) == (PySide6.__version_info__[:2] in late.KNOWN)
    monkeypatch.setattr(PySide6, "__version_info__", (7, 0, 0, "", ""))
    assert not late.may_postpone(file)

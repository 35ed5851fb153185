"""Every way out of the window through the menu: pictures, tables, code, ONNX, design files; and what is in the way."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve, load_design
from resnet_gui.export.formats import TEXTS
from resnet_gui.gui.common.figure_dialog import FigureDialog
from resnet_gui.gui.kit.figures.figure import FigureOptions
from resnet_gui.gui.kit.theme import palette_of
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.documents import FORMS, PICTURES
from tests.forks import Forks
from tests.gui.driving import START, Opener, wait_ready

SVG = "{http://www.w3.org/2000/svg}"


def outcomes_of(window: Application) -> list[str]:
    """The sentences from now on about what was done, or could not be."""
    found: list[str] = []

    def note(sentence: str, level: str, _actions: object = ()) -> None:
        if level in {"ok", "error"}:
            found.append(sentence)

    window.session.message.connect(note)
    window.session.offered.connect(note)
    return found


def answer_save(monkeypatch: pytest.MonkeyPatch, path: str) -> list[tuple[object, ...]]:
    asked: list[tuple[object, ...]] = []

    def ask(*arguments: object) -> tuple[str, str]:
        asked.append(arguments)
        return path, ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return asked


PLAIN_FORMS = [form for form in FORMS if form != "onnx"]
"""Those that need no engine."""


def export(window: Application, form: str) -> None:
    """Choose a line of the menu; where a figure is offered, save it as it is."""
    window.menus.actions[f"export-{form}"].trigger()
    if form in PICTURES:
        dialog = window.window.findChildren(FigureDialog)[-1]
        assert dialog.options.form == form
        dialog.save()
        dialog.close()


def test_every_line_of_the_export_menu_writes_its_file(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    offered: list[str] = []
    window.session.offered.connect(lambda sentence, _level, _actions: offered.append(sentence))
    window.session.choose_preset(PRESETS["resnet20"])
    for form in PLAIN_FORMS:
        folder = tmp_path / form
        folder.mkdir()
        asked = answer_save(monkeypatch, str(folder / "out"))
        export(window, form)
        (written,) = folder.iterdir()
        assert written.suffix == {"latex": ".tex", "python": ".py"}.get(form, f".{form}")
        assert offered[-1].startswith(f"Wrote {written.name}")
        assert str(asked[0][2]).endswith(f"ResNet-20 (CIFAR){written.suffix}")
        if form in TEXTS:
            # Bytes: the lines of a CSV end in CR LF.
            assert written.read_bytes() == TEXTS[form](window.session.design).encode()
        assert window.settings.folder == str(folder)


def test_a_cancelled_dialog_writes_nothing(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    answer_save(monkeypatch, "")
    for form in FORMS:
        export(window, form)
    assert list(tmp_path.iterdir()) == []
    assert window.status.sentence.text() == ""


def while_open(kind: type[QDialog], work: Callable[[QDialog], object]) -> None:
    """Do something with a modal dialog as soon as it is there."""

    def look() -> None:
        found = next((widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind)), None)
        if found is None or not found.isVisible():
            QTimer.singleShot(20, look)
        else:
            work(found)

    QTimer.singleShot(0, look)


def test_a_figure_is_saved_as_it_was_chosen_and_the_choice_is_kept(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    offered: list[str] = []
    window.session.offered.connect(lambda sentence, _level, _actions: offered.append(sentence))
    answer_save(monkeypatch, str(tmp_path / "net.png"))
    window.menus.actions["export-png"].trigger()
    (dialog,) = window.window.findChildren(FigureDialog)
    dialog.width_choice.setCurrentIndex(dialog.width_choice.findData(0.0))
    dialog.other.setValue(100.0)
    dialog.dpi.setValue(127)
    dialog.ground.setCurrentIndex(dialog.ground.findData("dark"))
    dialog.save()
    image = QImage(str(tmp_path / "net.png"))
    assert image.width() == 500, "100 mm at 127 dots an inch"
    assert image.pixelColor(2, 2).name() == palette_of("dark")("panel").name()
    assert window.settings.figure == FigureOptions(width=100.0, ground="dark", form="png", dpi=127)
    assert offered == ["Wrote net.png."]
    again = window.files
    again.ask_export("svg")
    assert window.window.findChildren(FigureDialog)[-1].options == FigureOptions(width=100.0, ground="dark", dpi=127)


def test_a_figure_that_cannot_be_written_is_said_in_its_dialog_which_stays(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    window.menus.actions["export-svg"].trigger()
    (dialog,) = window.window.findChildren(FigureDialog)
    for name in (str(tmp_path / "no" / "x.svg"), str(tmp_path / ("n" * 300)), "a\x00b"):
        answer_save(monkeypatch, name)
        dialog.save()
        assert "cannot be written" in dialog.sentence.text()
    assert dialog.isVisible()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_said_and_nothing_else_happens(open_window: Opener, tmp_path: Path) -> None:
    window = open_window(engine=False)
    for form in FORMS:
        if form != "onnx" and form not in PICTURES:
            window.files.export(form, tmp_path / "no" / f"x.{form}")
            if form != "json":
                assert "choose another place" in window.status.sentence.text(), form
    window.files.export("python", tmp_path)
    assert "is a folder" in window.status.sentence.text()


def network(path: Path, forks: Forks) -> str:
    """The exported Python file runs; the shape of its output."""
    script = (
        f"import importlib.util, torch\nspec = importlib.util.spec_from_file_location('net', {str(path)!r})\n"
        "net = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(net)\n"
        "model = next(v for n, v in vars(net).items() if n == 'ResNet')().eval()\n"
        "print(tuple(model(torch.zeros(2, 3, 32, 32)).shape), sum(p.numel() for p in model.parameters()))\n"
    )
    return forks.run("-c", script).stdout.strip()


def test_exported_python_runs_and_latex_compiles_where_there_is_one(
    open_window: Opener, tmp_path: Path, forks: Forks
) -> None:
    window = open_window(engine=False)
    window.session.choose_preset(PRESETS["resnet20"])
    window.files.export("python", tmp_path / "net.py")
    assert network(tmp_path / "net.py", forks) == "(2, 10) 269722"
    window.files.export("latex", tmp_path / "table.tex")
    if shutil.which("pdflatex") is not None:
        document = f"\\documentclass{{article}}\\begin{{document}}\\input{{{tmp_path / 'table.tex'}}}\\end{{document}}"
        (tmp_path / "paper.tex").write_text(document)
        subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=tmp_path, check=True,
            capture_output=True,
        )  # fmt: skip
        assert (tmp_path / "paper.pdf").stat().st_size > 1000


@pytest.mark.skipif(importlib.util.find_spec("onnx") is None, reason="the extra [onnx] is not installed")
def test_onnx_is_written_by_the_engine_passes_the_checker_and_gives_torchs_outputs(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    import numpy as np
    import onnx
    import torch
    from onnx.reference import ReferenceEvaluator

    from resnet_gui.network.resnet import ResNet

    window = open_window()
    window.session.open_design(Design(name="small", spec=evolve(PRESETS["resnet20"].spec, blocks=(1, 1, 1))))
    wait_ready(qtbot, window)
    path, outcomes = tmp_path / "net.onnx", outcomes_of(window)
    window.files.export("onnx", path)
    qtbot.waitUntil(lambda: len(outcomes) == 1, timeout=START)
    assert "Wrote net.onnx" in outcomes[0]
    assert "freshly drawn" in outcomes[0]
    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    pictures = np.random.default_rng(0).standard_normal((2, 3, 32, 32)).astype(np.float32)
    (logits,) = ReferenceEvaluator(model).run(None, {"pictures": pictures})
    torch.manual_seed(0)
    net = ResNet(plan(window.session.spec)).eval()
    with torch.no_grad():
        wanted = net(torch.from_numpy(pictures)).numpy()
    np.testing.assert_allclose(np.asarray(logits), wanted, atol=1e-4)
    window.files.export("onnx", tmp_path)
    qtbot.waitUntil(lambda: len(outcomes) == 2, timeout=START)
    assert "is a folder" in outcomes[1]


def test_a_saved_design_is_read_back_and_stands_among_the_recent_files(open_window: Opener, tmp_path: Path) -> None:
    window: Application = open_window(engine=False)
    window.session.edit("change classes", classes=7)
    path = tmp_path / "mine.json"
    window.files.save(path)
    assert load_design(path) == window.session.design
    assert window.files.recent() == [path]


def test_a_name_without_its_ending_gets_it_and_what_stands_there_is_asked_about(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    there = tmp_path / "ResNet v1.5.csv"
    there.write_text("mine")
    answer_save(monkeypatch, str(tmp_path / "ResNet v1.5"))
    asked: list[str] = []

    def answer(button: QMessageBox.StandardButton) -> None:
        def question(_parent: object, _title: str, text: str) -> QMessageBox.StandardButton:
            asked.append(text)
            return button

        monkeypatch.setattr(QMessageBox, "question", question)

    answer(QMessageBox.StandardButton.No)
    window.menus.actions["export-csv"].trigger()
    assert there.read_text() == "mine"
    assert asked == ["ResNet v1.5.csv is there already. Replace it?"]
    answer(QMessageBox.StandardButton.Yes)
    window.menus.actions["export-csv"].trigger()
    assert there.read_text() != "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["ResNet v1.5.csv"]
    # The dialog itself asks about a name with its ending.
    answer_save(monkeypatch, str(there))
    window.menus.actions["export-csv"].trigger()
    assert len(asked) == 2


def test_a_name_that_is_too_long_is_said(open_window: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    window = open_window(engine=False)
    answer_save(monkeypatch, str(tmp_path / ("n" * 300)))
    for form in set(PLAIN_FORMS) - set(PICTURES):
        window.status.sentence.setText("")
        window.menus.actions[f"export-{form}"].trigger()
        assert "cannot be written" in window.status.sentence.text(), form
        assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_none_is_said(open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window(engine=False)
    for name in ("/", "a\x00b"):
        window.status.sentence.setText("")
        answer_save(monkeypatch, name)
        window.menus.actions["export-csv"].trigger()
        assert "cannot be written" in window.status.sentence.text(), name


def test_the_colouring_on_screen_is_the_one_in_the_file(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    answer_save(monkeypatch, str(tmp_path / "net.svg"))
    window.session.choose_preset(PRESETS["resnet50"])
    pictures = []
    for colouring in ("stage", "macs", "params"):
        window.design.network.set_colouring(colouring)
        export(window, "svg")
        pictures.append((tmp_path / "net.svg").read_bytes())
    assert len(set(pictures)) == 3

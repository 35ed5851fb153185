"""The dialog of a figure: how many dots it has, and what comes onto the clipboard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.common import figure_dialog
from resnet_gui.gui.common.figure_dialog import NO_MEMORY, FigureChoice, FigureDialog
from resnet_gui.gui.design.diagram.files import DiagramFigure
from resnet_gui.gui.kit.figures.figure import FileForm
from resnet_gui.gui.kit.figures.files import figure_height, largest_dpi
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings

WIDTH, DPI = 600.0, 1200


def open_dialog(qtbot: QtBot, session: Session, form: FileForm) -> FigureDialog:
    """A figure that is far too high for so many dots an inch at the largest width."""
    settings = Settings()
    settings.figure = replace(settings.figure, dpi=DPI, width=85.0)
    choice = FigureChoice("Diagram", lambda: DiagramFigure(PRESETS["resnet1202"].design, "stage"), "diagram")
    made = FigureDialog(None, session, settings, [choice], form)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.width_choice.setCurrentIndex(made.width_choice.findData(0.0))
    made.other.setValue(WIDTH)
    return made


def test_the_pixels_that_are_said_are_those_of_the_file(qtbot: QtBot, session: Session) -> None:
    dialog = open_dialog(qtbot, session, "png")
    dpi = largest_dpi(dialog.figure, WIDTH)
    assert (dialog.dpi.value(), dialog.options.dpi) == (dpi, dpi)
    edges = round(WIDTH * dpi / 25.4), round(figure_height(dialog.figure, dialog.options.pixels) * dpi / 96)
    assert dialog.size_words.text().endswith("{:,} × {:,} pixels".format(*edges))


def test_a_copy_has_no_more_dots_than_a_file_may_have_and_says_so(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog, said, scales = open_dialog(qtbot, session, "svg"), list[str](), list[float]()
    session.message.connect(lambda sentence, _level: said.append(sentence))

    def draw(_figure: object, _options: object, scale: float) -> QImage:
        scales.append(scale)
        return QImage(2, 3, QImage.Format.Format_RGB32)

    monkeypatch.setattr(figure_dialog, "figure_image", draw)
    dialog.copy()
    dpi = largest_dpi(dialog.figure, WIDTH)
    assert scales == [dpi / 96]
    assert (dialog.options.dpi, said) == (
        DPI,
        [f"The figure is on the clipboard, at {dpi} dpi: with more it would be too large."],
    )
    assert QApplication.clipboard().image().height() == 3


def test_a_copy_that_there_is_no_memory_for_is_none_and_leaves_the_clipboard_alone(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog, said = open_dialog(qtbot, session, "svg"), list[str]()
    session.message.connect(lambda sentence, _level: said.append(sentence))
    QApplication.clipboard().setText("before")
    monkeypatch.setattr(figure_dialog, "figure_image", lambda *_: QImage())
    dialog.copy()
    assert (said, dialog.sentence.text(), dialog.sentence.isHidden()) == ([], NO_MEMORY, False)
    assert QApplication.clipboard().text() == "before"

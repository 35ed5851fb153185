"""Ways to drive a real window in tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QProxyStyle,
    QSpinBox,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QWidget,
)
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import data_folder
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.gui.common.enlarged_fit import put_back
from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.predict.page import PredictPage
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.recipe.form import RecipeForm
from tests.waiting import PATIENCE_MS

START = PATIENCE_MS
"""Milliseconds for an engine to load torch on a busy machine."""

Opener = Callable[..., Application]

SMALL = Design(name="small", spec=evolve(PRESETS["digits-resnet"].spec, blocks=(1,), widths=(8,)))
"""A network for the digits that learns them in milliseconds a step."""

FIVE = ("resnet34", "resnet50", "resnet101", "resnext50_32x4d", "wide_resnet50_2")
"""Designs of the mock-up of the Compare page."""


def train_page(window: Application) -> TrainPage:
    page = window.page("train")
    assert isinstance(page, TrainPage)
    return page


def predict_page(window: Application) -> PredictPage:
    page = window.page("predict")
    assert isinstance(page, PredictPage)
    return page


def wait_ready(qtbot: QtBot, window: Application) -> None:
    qtbot.waitUntil(lambda: window.engines.state == "ready", timeout=START)


def wait_verified(qtbot: QtBot, window: Application) -> None:
    """Wait for the engine's word; on a busy machine that of torchvision's twin may come in the same moment."""
    verdict = window.design.headline.verdict
    qtbot.waitUntil(lambda: verdict.text() in {"verified", "matches torchvision"}, timeout=START)


def drop(window: Application, mime: QMimeData) -> None:
    """A drop as Qt delivers it: it enters first."""
    place = QPointF(300, 300)
    enter = QDragEnterEvent(
        place.toPoint(), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.window.dropEvent(
        QDropEvent(place, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    )


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def copy_run(source: Path) -> Path:
    """A finished run among the runs of this test's own folder."""
    target = data_folder() / "runs" / "20260101-000000-copy"
    shutil.copytree(source, target)
    return target


def set_field(form: RecipeForm, name: str, value: object) -> None:
    """Put a value into a field of the recipe, as a user does."""
    widget = form.field(name)
    if isinstance(widget, ToggleSwitch):
        widget.setChecked(bool(value))
    elif isinstance(widget, QSpinBox):
        widget.setValue(int(str(value)))
    elif isinstance(widget, QComboBox):
        widget.setCurrentIndex(widget.findData(value))
    else:
        assert isinstance(widget, QLineEdit)
        widget.setText(str(value))
        widget.editingFinished.emit()


def start_digits(window: Application, epochs: int) -> tuple[TrainPage, RunRow]:
    """Starts a run of a small network for the digits from the Train page."""
    window.session.open_design(SMALL)
    window.show_page("train")
    page = train_page(window)
    set_field(page.form, "epochs", epochs)
    page.form.start.click()
    return page, page.runs.rows()[0]


def pin(session: Session, *names: str) -> None:
    """Pin presets; the first is the baseline."""
    session.set_pins(tuple(PRESETS[name].design for name in names), PRESETS[names[0]].design)


def drawn_at(shown: EnlargedWidget, source: QWidget, part: QWidget, across: float = 0.5, down: float = 0.5) -> QPoint:
    """Where a part of a presented widget is drawn, at shares of its width and height."""
    shown.refresh()
    with put_back(source):
        shown._lay_out(source)
        inside = QPointF(across * (part.width() - 1), down * (part.height() - 1))
        at = QPointF(part.mapTo(source, inside.toPoint()))
    return (at * shown._scale + QPointF(shown._place.topLeft())).toPoint()


class QuietStyle(QProxyStyle):
    """The style of a system that asks for no motion."""

    def styleHint(
        self, hint: QStyle.StyleHint, option: QStyleOption | None = None, widget: QWidget | None = None,
        data: QStyleHintReturn | None = None,
    ) -> int:  # fmt: skip
        return 0 if hint == QStyle.StyleHint.SH_Widget_Animation_Duration else super().styleHint(
            hint, option, widget, data
        )  # fmt: skip

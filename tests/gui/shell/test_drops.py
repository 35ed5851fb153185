"""What hangs over the window is announced as it will be taken, on every page, and taken so."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import save_design
from resnet_gui.gui.shell.dialogs import IdentifiedDialog
from resnet_gui.protocol.events import Identified
from resnet_gui.protocol.jobs import Identify
from tests.conftest import daily
from tests.gui.driving import Opener, files
from tests.gui.predict.predicting import SHIP


def address() -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.invalid/ship.jpg")])
    return mime


def pixels() -> QMimeData:
    mime = QMimeData()
    mime.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    return mime


@pytest.fixture
def things(tmp_path: Path) -> dict[str, QMimeData]:
    """Things that may be dropped."""
    save_design(PRESETS["resnet34"].design, tmp_path / "net.json")
    (tmp_path / "net.pth").write_bytes(b"weights")
    (tmp_path / "notes.txt").write_text("words", encoding="utf-8")
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    (tmp_path / "nothing").mkdir()
    named = {name: files(tmp_path / name) for name in ("net.json", "net.pth", "notes.txt", "nothing", "photos")}
    return {**named, "picture": files(SHIP), "two": files(SHIP, tmp_path / "net.json"), "address": address(),
            "pixels": pixels()}  # fmt: skip


def test_each_page_lights_what_will_take_a_drop_and_says_what_becomes_of_it(
    open_window: Opener, things: dict[str, QMimeData]
) -> None:
    window = open_window(engine=False)
    light, handler = window.drops.light, window.drops
    announced: list[str] = []
    handler.announced.connect(announced.append)

    def said(page: str, name: str) -> tuple[str, str]:
        window.show_page(page)
        window.window.dragged.emit(things[name])
        assert light.isVisibleTo(window.window.stack)
        assert light.geometry() == window.window.stack.rect()
        light.grab()
        found = announced[-1], light.words
        window.window.dragged.emit(None)
        assert (light.isVisibleTo(window.window.stack), announced[-1]) == (False, "")
        return found

    assert said("design", "net.json") == ("design", "Drop to open the design of net.json")
    assert said("design", "net.pth") == ("design", "Drop to open the design of net.pth")
    assert said("design", "picture") == ("predict", "Drop to classify")
    assert said("predict", "net.pth") == ("predict", "Drop to classify with net.pth")
    assert said("predict", "net.json") == ("design", "Drop to open the design of net.json")
    assert said("predict", "pixels") == ("predict", "Drop to classify")
    assert said("train", "photos") == ("train", "Drop: a new run learns from photos")
    assert said("train", "net.pth") == ("train", "Drop: a new run begins from net.pth")
    assert said("evaluate", "photos") == ("evaluate", "Drop to measure on photos")
    assert said("evaluate", "net.pth") == ("evaluate", "Drop to measure net.pth")
    assert said("compare", "two") == ("predict", "Drop to classify")
    assert said("compare", "notes.txt") == (
        "", "notes.txt is neither a design, weights or a run, nor a picture.",
    )  # fmt: skip
    assert said("design", "address") == (
        "", "That is an address on the network; save the picture first and drop the file.",
    )  # fmt: skip
    window.show_page("predict")
    zone = window.predict_page().zone
    for name, lit in (("picture", "true"), ("net.json", "false"), ("notes.txt", "false")):
        window.window.dragged.emit(things[name])
        assert zone.property("over") == lit
    window.window.dragged.emit(None)


def test_what_was_announced_is_done(open_window: Opener, things: dict[str, QMimeData]) -> None:
    window = open_window(engine=False)
    window.show_page("train")
    window.window.dropped.emit(things["net.json"])
    assert window.session.design == PRESETS["resnet34"].design
    assert window.shows("design")
    window.window.dropped.emit(things["picture"])
    assert window.shows("predict")
    assert window.predict_page().pictures.rowCount() == 1
    window.window.dropped.emit(things["notes.txt"])
    assert "notes.txt is neither" in window.status.sentence.text()
    window.show_page("compare")
    for name, words in (("address", "address on the network"), ("nothing", "The folder nothing is empty")):
        window.window.dropped.emit(things[name])
        assert words in window.status.sentence.text()
        assert window.shows("compare"), "what nobody takes leaves the page where it is"


@pytest.mark.parametrize(("page", "first"), daily([("predict", "classify")], [("design", "open")]))
def test_weights_that_were_opened_can_be_classified_with_at_once(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, first: str
) -> None:
    window = open_window(engine=False)
    window.show_page(page)
    seen: list[str] = []

    def look(dialog: QDialog) -> int:
        assert isinstance(dialog, IdentifiedDialog)
        seen.append("classify" if dialog.classify_button.isDefault() else "open")
        dialog.classify_button.click()
        return 1

    monkeypatch.setattr(IdentifiedDialog, "exec", look)
    path, design = tmp_path / "r34.pth", PRESETS["resnet34"].design
    path.write_bytes(b"weights")
    found = Identified(
        job=1, path=str(path), design=design, preset="resnet34", params=21_797_672, matched=218, unmatched=(),
        undetermined=(),
    )  # fmt: skip
    window.files._take(Identify(1, str(path)), found)
    QApplication.processEvents()
    assert seen == [first], "the button that Enter presses"
    assert window.shows("predict")
    assert window.predict_page().models.model == str(path)


def test_files_of_the_command_line_are_taken_as_on_the_welcome_page_whatever_page_is_on_show(
    open_window: Opener, tmp_path: Path, things: dict[str, QMimeData], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    asked: list[object] = []
    monkeypatch.setattr(window.engines, "ask", lambda make: asked.append(make(1)))

    def opened(*names: str) -> str:
        window.show_page("evaluate")
        window.session.say("")
        window.drops.open_first([tmp_path / name for name in names])
        shown = [key for key in ("design", "train", "predict", "evaluate") if window.shows(key)]
        return f"{shown[0]}: {window.status.sentence.text()}"

    assert opened() == "evaluate: "
    assert opened("net.json") == "design: Opened net.json."
    assert opened("net.pth") == "evaluate: Reading net.pth …", "a dialog follows when an engine has read it"
    assert asked == [Identify(1, str(tmp_path / "net.pth"))]
    assert opened("notes.txt") == "evaluate: notes.txt is neither a design, weights or a run, nor a picture."
    assert opened("nothing").startswith("evaluate: The folder nothing is empty")
    assert opened("photos").startswith("predict: ")
    (tmp_path / "photos" / "dog").mkdir()
    assert opened("photos") == "train: The new run learns from the pictures in “photos”."
    alone = "net.json is left out: a design, weights file or run is named by itself, one at a time."
    assert opened("net.json", "photos") == f"predict: {alone}"
    opened("net.pth", "photos")
    assert window.predict_page().models.model == str(tmp_path / "net.pth")

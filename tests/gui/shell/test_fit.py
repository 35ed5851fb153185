"""Everything fits: each page at every size of window, and the dialogs on the smallest screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import assets
from resnet_gui.gui.design.ledger import LedgerDialog
from resnet_gui.gui.kit.bars.folding import Folding, bare, hiding
from resnet_gui.gui.kit.basic import ElidedLabel, button, label
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.page import LabPage
from resnet_gui.gui.lab.parts.claims import HEAD, ROW
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.help import HelpDialog
from resnet_gui.gui.shell.main_window import LEAST_PAGE
from resnet_gui.gui.shell.pages import PAGES
from resnet_gui.lab.experiments import EXPERIMENTS
from tests.conftest import daily
from tests.gui.driving import Opener, copy_run, pin, predict_page, train_page
from tests.gui.evaluate.evaluating import kept
from tests.gui.fitting import cut, faults, outside, overlapping

SIZES = ((960, 540), (1280, 720), (2560, 1440), (853, 480), (1024, 640), (1920, 1080), (3840, 2160))
"""The fourth is a projector of 1280 × 720 with text of 150 %."""


def look_at(window: Application, name: str, sizes: Sequence[tuple[int, int]]) -> list[str]:
    """What does not fit in a window at some sizes."""
    found = []
    for width, height in sizes:
        window.window.resize(width, height)
        for _ in range(3):
            QApplication.processEvents()
        found += [f"{name} at {width} × {height}: {fault}" for fault in faults(window.window)]
    return found


@pytest.mark.parametrize("sizes", daily([SIZES[:4]], [(SIZES,)]))
def test_every_page_fits_at_every_size_with_a_run_pictures_an_evaluation_and_pins(
    open_window: Opener, trained_run: Path, sizes: Sequence[tuple[int, int]]
) -> None:
    copy_run(trained_run)
    window = open_window(engine=False)
    pin(window.session, "resnet18", "resnet34", "resnext50_32x4d")
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(look_at(window, name, sizes))

    for spec in PAGES:
        window.show_page(spec.key)
        look(spec.key)
    window.show_page("train")
    train_page(window).modes.show_mode("sweeps")
    look("sweeps")
    window.show_page("predict")
    predict_page(window).add_files([assets() / "samples" / "cat.jpg"])
    look("a picture")
    window.show_page("evaluate")
    window.evaluate_page().open_evaluation(kept().folder)
    look("an evaluation")
    assert found == []


@pytest.mark.prove
def test_every_experiment_of_the_lab_fits(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("lab")
    page, found = window.page("lab"), list[str]()
    assert isinstance(page, LabPage)
    for key in EXPERIMENTS:
        page.choose(key)
        found += look_at(window, key, SIZES[:4])
    assert found == []


@pytest.mark.parametrize("data", ["mnist", "digits"])
def test_the_first_train_page_of_a_fresh_home_fits(open_window: Opener, data: str) -> None:
    window = open_window(engine=False)
    window.show_page("train")
    first = train_page(window).first
    first.data.show_data(data)
    assert first.isVisible()
    assert look_at(window, "no runs", ((1152, 648), (960, 540), (853, 480), (1440, 900))) == []


def test_the_page_scrolls_only_where_the_window_is_smaller_than_any_page_can_be(open_window: Opener) -> None:
    window = open_window(engine=False)
    for width, height, sideways in ((960, 540, False), (853, 480, True)):
        window.window.resize(width, height)
        QApplication.processEvents()
        assert window.window.width() == width
        assert window.window.area.horizontalScrollBar().isVisible() == sideways
        assert window.window.stack.width() >= LEAST_PAGE.width()


def test_help_and_ledger_fit_on_the_smallest_screen_and_scroll(open_window: Opener) -> None:
    window = open_window(engine=False)
    session = window.session
    for dialog in (HelpDialog(window.window, None), LedgerDialog(window.window, session.design.name, session.plan)):
        dialog.resize(860, 470)
        dialog.show()
        QApplication.processEvents()
        assert dialog.height() <= 470, type(dialog).__name__
        assert faults(dialog) == []
        dialog.close()


# ---- the walk itself


def test_what_is_outside_over_another_or_cut_beside_room_is_found(qtbot: QtBot) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    root.resize(300, 100)
    line = QHBoxLayout(root)
    first, second = QPushButton("A button of many words"), QPushButton("Another of as many words")
    for made in (first, second):
        made.setMinimumWidth(200)
        line.addWidget(made)
    root.setMinimumSize(300, 100)
    root.resize(300, 100)
    root.show()
    QApplication.processEvents()
    assert any("outside" in fault and "Another" in fault for fault in outside(root))
    second.move(first.x() + 20, first.y())
    assert any("overlap" in fault for fault in overlapping(root))
    first.setMinimumWidth(0)
    first.resize(30, 20)
    assert any("cut" in fault and "A button" in fault for fault in cut(root))


def test_an_ellipsis_counts_only_where_there_is_room_for_the_words(qtbot: QtBot) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    words = ElidedLabel("some words that are long")
    words.setParent(root)
    words.setGeometry(0, 0, 40, 20)
    root.resize(400, 40)
    root.show()
    assert len(cut(root)) == 1
    neighbour = QLabel("x", root)
    neighbour.setGeometry(44, 0, 300, 20)
    neighbour.show()
    assert cut(root) == []


# ---- bars that fold


def test_the_buttons_of_a_run_lose_their_words_before_its_name_and_data_do(
    open_window: Opener, trained_run: Path
) -> None:
    copy_run(trained_run)
    window = open_window(engine=False)
    window.show_page("train")
    window.window.resize(1152, 648)
    page = train_page(window)
    run = page.runs.rows()[0]
    run.name = "Degradation: ResNet-56, seed 1"
    page.header.show_run(run, owned=False)
    for _ in range(3):
        QApplication.processEvents()
    names = [each for each in page.header.findChildren(ElidedLabel) if each.isVisible()]
    assert [each.text() for each in names if each.width() < each.fontMetrics().horizontalAdvance(each.text())] == []
    assert page.header.button("predict").text() == ""
    rows = [page.list.visualRect(page.list.model().index(0, 0)).height()]
    assert page.list.viewport().height() >= 3.5 * rows[0], "four runs are in view beside the form"


def test_an_estimate_of_many_words_is_shown_whole(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("train")
    window.window.resize(1152, 648)
    footer = train_page(window).form.footer
    footer.show_cost("busy now; alone about 1 h 23 min\n4.13 GB; bf16 1.5× faster")
    QApplication.processEvents()
    QApplication.processEvents()
    assert footer.note.height() >= footer.note.heightForWidth(footer.note.width())
    assert cut(footer) == []


def test_one_scroll_bar_brings_every_claim_of_a_low_window_into_view(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("lab")
    page = window.page("lab")
    assert isinstance(page, LabPage)
    page.choose("degradation")
    window.window.resize(960, 540)
    for _ in range(3):
        QApplication.processEvents()
    centre = page.centre
    assert centre._scroll.verticalScrollBar().maximum() == 0
    first = centre.claims.mapTo(window.window.area, centre.claims.rect().topLeft()).y()
    assert first + HEAD + ROW <= window.window.area.viewport().height(), "the first claim is in view"


def test_the_diagram_begins_with_its_input_in_a_low_window(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("design")
    for size in ((1440, 900), (1152, 648), (960, 540), (1152, 648)):
        window.window.resize(*size)
        QApplication.processEvents()
        bar = window.design.network.view.verticalScrollBar()
        assert bar.value() == bar.minimum(), size


def test_a_bar_gives_up_its_parts_in_order_and_takes_them_again(qtbot: QtBot, theme: Theme) -> None:
    bar = QWidget()
    qtbot.addWidget(bar)
    line = QHBoxLayout(bar)
    words, save = label("words that explain"), button("Save plots")
    line.addWidget(words)
    line.addStretch()
    line.addWidget(save)
    folding = Folding(bar, line, (hiding(words), bare(save)))
    bar.setMinimumWidth(1)
    bar.resize(500, 40)
    bar.show()
    states = []
    for width in (500, 140, 60, 140, 500):
        bar.resize(width, 40)
        QApplication.processEvents()
        states.append((folding.folded, words.isVisible(), save.text()))
    assert states == [
        (0, True, "Save plots"), (1, False, "Save plots"), (2, False, ""), (1, False, "Save plots"),
        (0, True, "Save plots"),
    ]  # fmt: skip
    bar.resize(60, 40)
    assert save.accessibleName() == "Save plots", "whoever hears the window hears the words"


def test_other_words_fold_a_bar_without_its_width_having_changed(qtbot: QtBot) -> None:
    bar = QWidget()
    qtbot.addWidget(bar)
    outer = QVBoxLayout(bar)
    line = QHBoxLayout()
    outer.addLayout(line)
    about, name = label("about"), label("short")
    line.addWidget(about)
    line.addWidget(name)
    folding = Folding(bar, line, (hiding(about),))
    bar.setMinimumWidth(1)
    bar.resize(160, 40)
    bar.show()
    QApplication.processEvents()
    assert folding.folded == 0
    name.setText("a name that needs all of it")
    QApplication.processEvents()
    QApplication.processEvents()
    assert folding.folded == 1

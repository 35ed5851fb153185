"""The window in other themes, at other widths and scales: all of it changes, and nothing is cut or covered."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import assets
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.basic import ElidedLabel
from resnet_gui.gui.kit.theme import Mode, Theme
from resnet_gui.gui.lab.page import LabPage
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.shell.pages import PAGES
from tests.conftest import daily
from tests.forks import Forks
from tests.gui.driving import START, Opener, predict_page, train_page


def test_the_theme_can_be_changed_while_every_page_is_open(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(engine=False)
    for spec in PAGES:
        window.show_page(spec.key)
    opened = QDialog(window.window)

    def ground() -> QColor:
        return opened.grab().toImage().pixelColor(9, 9)

    modes: tuple[Mode, ...] = ("light", "system", "dark")
    for mode in modes:
        window.theme.set_mode(mode)
        # Part by part, in as many turns of the event loop as a busy machine takes; what opens over it too.
        qtbot.waitUntil(lambda: ground() == window.theme.color("panel"), timeout=START)
    assert window.theme.name == "dark"


@pytest.mark.parametrize("width", [1024, *(pytest.param(wide, marks=pytest.mark.prove) for wide in (1100, 1440))])
def test_nothing_in_the_top_bar_covers_anything_for_any_preset(open_window: Opener, width: int) -> None:
    window = open_window(engine=False)
    window.window.resize(width, 720)
    window.window.stack.hide()  # tables and diagrams are not what is looked at
    for preset in PRESETS.values():
        window.session.choose_preset(preset)
        window.session.edit("change classes", classes=preset.spec.classes + 1)
        QApplication.processEvents()
        parts = [part for part in window.top.findChildren(QWidget) if part.parent() is window.top and part.isVisible()]
        for number, one in enumerate(parts):
            assert window.top.rect().contains(one.geometry()), preset.name
            for other in parts[number + 1 :]:
                assert not one.geometry().intersects(other.geometry()), preset.name


def test_a_theme_that_follows_the_system_changes_with_it(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(Settings(theme="system"), engine=False)

    def looks() -> str:
        return "light" if window.window.grab().toImage().pixelColor(700, 20).lightness() > 128 else "dark"

    theme = window.theme
    theme.set_mode("system")
    hints = QApplication.styleHints()
    try:
        # Which of both the system has is asked of Qt; here no desktop can be switched over.
        for scheme, name in ((Qt.ColorScheme.Dark, "dark"), (Qt.ColorScheme.Light, "light")):
            monkeypatch.setattr(Theme, "_resolve", lambda _theme, name=name: name)
            hints.colorSchemeChanged.emit(scheme)
            assert theme.name == name
            # Part by part, in as many turns of the event loop as a busy machine takes.
            qtbot.waitUntil(lambda: looks() == theme.name, timeout=START)
    finally:
        monkeypatch.undo()
        theme.set_mode("dark")


@pytest.mark.parametrize("factor", daily(["1.25"], ["1.5", "2"]))
def test_at_a_larger_scale_nothing_of_the_first_page_is_cut(forks: Forks, factor: str) -> None:
    script = (
        "from resnet_gui.gui.app import fill, make_application\n"
        "from resnet_gui.gui.shell.main_window import MainWindow\n"
        "from resnet_gui.gui.kit.theme import Theme\n"
        "app = make_application()\n"
        "theme = Theme(app, 'dark')\n"
        "frame = MainWindow(theme)\n"
        "frame.show()\n"
        "bench = fill(frame, theme)\n"
        "bench.engines.kill_all()\n"
        "bench.show_page('design')\n"
        "for _ in range(5): app.processEvents()\n"
        "view = bench.design.network.view\n"
        "print(frame.grab().devicePixelRatio(), bench.design.form._scroll.verticalScrollBar().maximum(),\n"
        "      view.horizontalScrollBar().maximum(), bench.design.form.badge.words.fits())\n"
        "import os, sys; sys.stdout.flush(); os._exit(0)\n"
    )
    env = dict(os.environ, QT_SCALE_FACTOR=factor, QT_QPA_PLATFORM="offscreen")
    done = forks.run("-c", script, env=env)
    assert done.stdout.split() == [str(float(factor)), "0", "0", "True"], done.stderr


def ink(image: QImage, area: QRect) -> QRect:
    """The smallest box around what is drawn in a part of a picture, whose upper left corner is ground."""
    ground = image.pixel(area.topLeft())
    every = ((x, y) for x in range(area.left(), area.right()) for y in range(area.top(), area.bottom()))
    places = [place for place in every if image.pixel(*place) != ground]
    xs, ys = zip(*places, strict=True)
    return QRect(QPoint(min(xs), min(ys)), QPoint(max(xs), max(ys)))


def test_what_stands_beside_each_other_touches_nothing_and_is_of_one_height(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(engine=False)
    window.window.resize(1280, 720)
    window.show_page("design")
    form = window.design.form
    stage = next(made for made in form.grid.findChildren(QLabel) if made.text() == "conv2_x")

    def gap() -> int:
        """Between the field of the stages and the name of the first."""
        return stage.mapTo(form, QPoint()).x() - form.stages.mapTo(form, form.stages.rect().topRight()).x()

    # Pages are dressed and laid out in as many turns of the event loop as a busy machine takes.
    qtbot.waitUntil(lambda: gap() >= 6, timeout=START)

    window.show_page("train")
    page = train_page(window)
    QApplication.processEvents()
    cards = [card.start for card in page.first.cards.values()]
    assert len(cards) > 1
    qtbot.waitUntil(
        lambda: (
            {(start.mapTo(page, QPoint()).y(), start.height()) for start in cards}
            == {(cards[0].mapTo(page, QPoint()).y(), 32)}
        ),
        timeout=START,
    )
    footer = [made for made in page.form.footer.findChildren(QPushButton) if made.isVisible()]
    assert len(footer) > 1
    assert len({(made.mapTo(page, QPoint()).y(), made.height()) for made in footer}) == 1
    more = next(made for made in page.findChildren(QPushButton) if made.accessibleName() == "More about runs")
    dots = ink(more.grab().toImage(), more.rect().adjusted(3, 3, -3, -3))
    for low, high, size in ((dots.left(), dots.right(), more.width()), (dots.top(), dots.bottom(), more.height())):
        assert abs(low - (size - 1 - high)) <= 1, "the dots are in the middle"


def test_no_letters_touch_the_frame_they_stand_in(open_window: Opener) -> None:
    window = open_window(engine=False)
    for spec in PAGES:
        window.show_page(spec.key)
    spins = window.window.findChildren(QAbstractSpinBox)
    assert {spin.accessibleName() for spin in spins} >= {"Seeds", "Batch", "Temperature of the softmax"}
    for spin in spins:
        least = 3 if spin.property("small") else 6
        assert spin.lineEdit().textMargins().left() >= least, spin.accessibleName()


def test_the_buttons_of_an_experiment_touch_nothing_below_them(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("lab")
    page = window.page("lab")
    assert isinstance(page, LabPage)
    head = page.centre.head

    def gap() -> int:
        tools = head.tools.parentWidget()
        below = [part for part in (tools, head.scales) if part is not None and part.isVisible()]
        run = head.button("run")
        return min(part.mapTo(head, QPoint()).y() for part in below) - run.geometry().bottom() - 1

    qtbot.waitUntil(lambda: gap() >= 3, timeout=START)


def test_the_name_of_a_picture_and_the_temperature_are_read_whole_in_a_window_of_1280(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window(engine=False)
    window.window.resize(1280, 720)
    window.show_page("design")
    window.show_page("predict")
    page = predict_page(window)
    page.add_files([assets() / "samples" / "cat.jpg"])
    title = next(made for made in page.findChildren(ElidedLabel) if made.text() == "cat.jpg" and made.isVisible())
    qtbot.waitUntil(
        lambda: title.contentsRect().width() >= title.fontMetrics().horizontalAdvance("cat.jpg"), timeout=START
    )
    edits = [spin.lineEdit() for spin in (page.answer.temperature, window.design.form.classes)]
    # Every field begins its text at the same place.
    qtbot.waitUntil(
        lambda: len({edit.geometry().left() + edit.textMargins().left() for edit in edits}) == 1, timeout=START
    )


@pytest.mark.prove
def test_at_three_times_the_scale_every_page_fits(forks: Forks) -> None:
    script = (
        "from resnet_gui.gui.app import fill, make_application\n"
        "from resnet_gui.gui.shell.main_window import MainWindow\n"
        "from resnet_gui.gui.shell.pages import PAGES\n"
        "from resnet_gui.gui.kit.theme import Theme\n"
        "from tests.gui.fitting import faults\n"
        "app = make_application()\n"
        "theme = Theme(app, 'dark')\n"
        "frame = MainWindow(theme)\n"
        "frame.show()\n"
        "bench = fill(frame, theme)\n"
        "bench.engines.kill_all()\n"
        "frame.resize(960, 540)\n"
        "found = []\n"
        "for spec in PAGES:\n"
        "    bench.show_page(spec.key)\n"
        "    for _ in range(5): app.processEvents()\n"
        "    found += faults(frame)\n"
        "print(frame.grab().devicePixelRatio(), found)\n"
        "import os, sys; sys.stdout.flush(); os._exit(0)\n"
    )
    done = forks.run("-c", script, env=dict(os.environ, QT_SCALE_FACTOR="3", QT_QPA_PLATFORM="offscreen"))
    assert done.stdout.strip() == "3.0 []", done.stderr

"""Presentation mode: every pane lies whole on a small projector, sharp, live, and leaves its page as it was."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import (
    QLabel,
    QScrollArea,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.presentation import Presents
from resnet_gui.gui.common.presented_figure import PresentedFigure
from resnet_gui.gui.kit.charts.chart import ChartAxis, PlotData, paint_chart
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.plot import PlotFigure
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.presentation import PresentationWindow
from resnet_gui.runs.recordings import RECORDED
from tests.gui.driving import Opener, train_page

PAGES = ("design", "train", "compare", "lab", "predict", "welcome")
SIZES = (QSize(1280, 720), QSize(960, 540))


def assert_whole(window: PresentationWindow, title: str) -> None:
    """What is presented now lies on the screen with all that belongs to it."""
    pane = window.pane
    assert pane is not None
    assert window.rect().contains(pane.geometry()), title
    if isinstance(pane, EnlargedWidget):
        pane.refresh()
        assert pane.shown.width() <= pane.width() + 1, title
        assert pane.shown.height() <= pane.height() + 1, title
        assert pane.whole, title
        assert pane.factor() >= 1, title
    if isinstance(pane, PresentedFigure) and pane.figure is not None:
        scale, box = pane.layout_box(pane.figure)
        screen = QRectF(0, 0, pane.width() / scale, pane.height() / scale)
        assert screen.contains(box), title
        assert scale * 11 >= 16, f"{title}: letters for the last row"


def presents(page: Presents) -> bool:
    return len(page.panes()) > 0


def fills(window: PresentationWindow) -> bool:
    return window.pane is not None and window.pane.width() == window.width()


def test_every_pane_of_every_page_lies_whole_on_a_small_projector(open_window: Opener, qtbot: QtBot) -> None:
    app = open_window(engine=False)
    app.window.resize(960, 540)
    seen = set()
    for key in PAGES:
        app.show_page(key)
        if key == "train":
            page = train_page(app)
            page.replay.begin()
            page.replay_bar.play.click()
            page.replay_bar.moment.setValue(120)
        presented: object = app.window.stack.currentWidget()
        assert isinstance(presented, Presents)
        qtbot.waitUntil(partial(presents, presented))
        assert isinstance(presented, QWidget)
        window = PresentationWindow(app.window, app.theme, presented)
        window.resize(SIZES[0])
        window.show()
        for size in SIZES:
            window.resize(size)
            for number, pane in enumerate(presented.panes()):
                window.show_pane(number)
                qtbot.waitUntil(partial(fills, window))
                assert_whole(window, f"{key}: {pane.title}, {size.width()}")
                seen.add(key)
        window.close()
    assert seen == set(PAGES)
    app.show_page("evaluate")
    empty: object = app.window.stack.currentWidget()
    assert isinstance(empty, Presents)
    assert not empty.panes(), "cards without a figure are nothing to present"


def test_curves_on_a_projector_have_their_names_at_their_ends_and_grow_with_the_runs(
    open_window: Opener, theme: Theme, qtbot: QtBot
) -> None:
    app = open_window(engine=False)
    app.show_page("train")
    page = train_page(app)
    page.replay.begin()
    page.replay_bar.play.click()
    page.replay_bar.moment.setValue(60)
    qtbot.waitUntil(lambda: len(page.panes()) > 2)
    for pane in page.panes()[:2]:
        made = pane.make()
        assert isinstance(made, PresentedFigure)
        qtbot.addWidget(made)
        made.resize(960, 440)
        figure = made.figure
        assert isinstance(figure, PlotFigure)
        assert {tag.text for tag in figure.data.tags} == set(RECORDED)
        _, box = made.layout_box(figure)
        assert figure.inside(box, FigureLook(theme.color)).right() < box.right() - 40, "beside the axes"
        before = sum(len(line.points.x) for line in figure.data.lines)
        page.replay_bar.moment.setValue(page.replay_bar.moment.value() + 60)
        made.refresh()
        assert isinstance(made.figure, PlotFigure)
        assert sum(len(line.points.x) for line in made.figure.data.lines) > before


def test_a_widget_is_drawn_large_and_live_and_stays_where_it_is(qtbot: QtBot) -> None:
    source = QLabel("0.17")
    qtbot.addWidget(source)
    source.resize(80, 40)
    source.show()
    shown = EnlargedWidget(source)
    qtbot.addWidget(shown)
    shown.resize(400, 300)
    shown.show()
    qtbot.waitUntil(lambda: shown.factor() > 3)
    before = shown.grab().toImage()
    source.setText("0.16")
    qtbot.waitUntil(lambda: shown.grab().toImage() != before)
    assert (source.size(), source.parent()) == (QSize(80, 40), None)


def test_what_scrolls_in_its_page_is_laid_out_until_all_of_it_is_seen_but_a_long_list_is_scrolled(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    body = QLabel("\n".join(map(str, range(20))))
    area, tree = QScrollArea(), QTreeWidget()
    area.setWidget(body)
    tree.addTopLevelItems([QTreeWidgetItem([str(number)]) for number in range(200)])
    layout = QVBoxLayout(page)
    for each in (area, tree):
        layout.addWidget(each)
    page.resize(200, 200)
    page.show()
    area.verticalScrollBar().setValue(7)
    places = area.geometry(), tree.geometry()
    for source, whole in ((area, True), (tree, False)):
        shown = EnlargedWidget(source)
        qtbot.addWidget(shown)
        shown.resize(800, 450)
        shown.refresh()
        assert shown.whole
        before = shown.grab().toImage()
        qtbot.keyClick(shown, Qt.Key.Key_PageDown)
        assert (shown.grab().toImage() == before) == whole
    assert (area.geometry(), tree.geometry()) == places, "the page is as it was"
    assert area.verticalScrollBar().value() == 7
    assert tree.verticalScrollBar().value() == 0


def test_a_chart_that_is_drawn_enlarged_is_painted_anew_and_not_stretched(theme: Theme, qtbot: QtBot) -> None:
    chart = PlotData(ChartAxis(0, 10, title="epoch"), ChartAxis(0, 1))
    view = ChartView(theme)
    qtbot.addWidget(view)
    view.resize(200, 120)
    view.show_chart(chart)
    view.grab()
    images = []
    for _ in range(2):
        image = QImage(400, 240, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(2)
        image.fill(QColor(theme.color("panel")))
        images.append(image)
    view.render(images[0], QPoint())
    painter = QPainter(images[1])
    paint_chart(painter, chart, QRectF(view.rect()), theme.color)
    painter.end()
    assert images[0] == images[1]

"""Names of a scatter: they stand where nothing else is, and a key has those for which there is no room."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.torchvision import ACCURACIES
from resnet_gui.gui.compare.figures import ScatterFigure
from resnet_gui.gui.compare.names import NamedPoint, NamePlacement, _crosses
from resnet_gui.gui.compare.page import _point
from resnet_gui.gui.compare.scatter import Scatter, ScatterPoint
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.theme import Theme
from tests.gui.driving import FIVE

pytestmark = pytest.mark.usefixtures("theme")


def crowd(bubbles: bool) -> ScatterFigure:
    """Torchvision's designs, most of which lie in one corner."""
    costs = (
        ("ResNet-18", 11.7, 1.8, 2.5, 69.8), ("ResNet-34", 21.8, 3.7, 3.7, 73.3), ("ResNet-50", 25.6, 4.1, 11.1, 76.1),
        ("ResNet-101", 44.5, 7.8, 16.2, 77.4), ("ResNet-152", 60.2, 11.5, 22.6, 78.3),
        ("ResNeXt-50 32×4d", 25.0, 4.2, 14.4, 77.6), ("ResNeXt-101 32×8d", 88.8, 16.4, 31.2, 79.3),
        ("Wide ResNet-50-2", 68.9, 11.4, 14.4, 78.5), ("Wide ResNet-101-2", 126.9, 22.8, 21.2, 78.8),
    )  # fmt: skip
    points = tuple(
        ScatterPoint(name, params * 1e6 if bubbles else macs * 1e9, macs * 1e9 if bubbles else top1,
                     activations * 1e6 if bubbles else 0, "r0", number < 5)
        for number, (name, params, macs, activations, top1) in enumerate(costs)
    )  # fmt: skip
    return ScatterFigure(points, ("cost", "what"), bubbles, not bubbles, "activations" if bubbles else "", "Crowd")


@pytest.mark.parametrize("bubbles", [True, False])
@pytest.mark.parametrize("width", [321.0, 658.0])
def test_no_name_of_a_figure_lies_on_another_a_point_or_the_line_and_each_point_has_one(
    bubbles: bool, width: float
) -> None:
    figure = crowd(bubbles)
    key = figure._key(width)
    frame = figure._frame(width, key)
    inside = frame.inside(QRectF(0, 0, width, frame.height(width)), FigureLook(QColor))
    placed = [(name.text, place) for name, place in figure._placed(frame, inside, key) if place is not None]
    assert {text for text, _ in placed} == {key.get(point.name, point.name) for point in figure.points}
    assert {entry.text for entry in frame.legend if ":" in entry.text} >= {f"{n}: {name}" for name, n in key.items()}
    boxes = [place.box for _, place in placed]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].intersects(pair[1])]
    for point in figure.points:
        at, radius = frame.data.place(point.x, point.y, inside), figure._radius(point)
        for box in boxes:
            near = QPointF(min(max(at.x(), box.left()), box.right()), min(max(at.y(), box.top()), box.bottom()))
            assert QLineF(at, near).length() >= radius
    if figure.best:
        assert any("best for its cost" in entry.text for entry in frame.legend)


def test_a_name_far_from_its_point_has_a_line_and_one_without_room_has_no_place() -> None:
    point = NamedPoint(QPointF(50, 50), 3, 40, 10)
    free = NamePlacement(QRectF(0, 0, 200, 100), [point])
    near = free.place(point)
    assert near is not None
    assert near.leader is None
    blocked = NamePlacement(QRectF(0, 0, 200, 100), [point])
    # All around but for a gap of 4 pixels below.
    blocked.taken += [QRectF(0, 0, 200, 44), QRectF(0, 44, 46, 12), QRectF(54, 44, 146, 12),
                      QRectF(0, 56, 48, 8), QRectF(52, 56, 148, 8)]  # fmt: skip
    far = blocked.place(point)
    assert far is not None
    assert far.box.top() > 64
    assert far.leader is not None
    assert far.leader.length() == pytest.approx(far.box.top() - 53)
    full = NamePlacement(QRectF(40, 40, 20, 20), [point])
    assert full.place(point) is None
    assert full.place_anywhere(point).box.width() == 40


def test_a_name_crosses_no_line() -> None:
    point = NamedPoint(QPointF(50, 50), 3, 40, 10)
    line = QLineF(QPointF(50, 50), QPointF(150, 50))
    place = NamePlacement(QRectF(0, 0, 200, 100), [point], [line]).place(point)
    assert place is not None
    assert not (place.box.top() < 50 < place.box.bottom() and place.box.right() > 50)


def page_points(*pinned: str) -> list[ScatterPoint]:
    """What the page shows of torchvision's designs where some of them are pinned."""
    points = [_point(preset.title, totals(plan(preset.spec)), "r0", solid=name in pinned)
              for name, preset in PRESETS.items() if name in ACCURACIES or name in pinned]  # fmt: skip
    return sorted(points, key=lambda point: point.solid)


WIDE = ("resnet18", "resnet50", "wide_resnet50_2", "wide_resnet101_2", "resnext50_32x4d", "resnext101_32x8d")


@pytest.mark.parametrize("size", [QSize(442, 440), QSize(333, 344)])
@pytest.mark.parametrize("pinned", [FIVE, WIDE, ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")])
def test_names_of_pinned_designs_stand_next_to_their_own_points(
    qtbot: QtBot, theme: Theme, size: QSize, pinned: tuple[str, ...]
) -> None:
    plot = Scatter(theme, "MACs against parameters", "", ("parameters", ""), log_y=True)
    qtbot.addWidget(plot)
    plot.resize(size)
    plot.show()
    plot.show_points(page_points(*pinned))
    QApplication.processEvents()
    view = plot.plot.getViewBox()
    boxes = [view.mapRectFromScene(box) for box in plot.labels()]
    shown = [(point, box, plot._named(number)) for number, (point, box, made)
             in enumerate(zip(plot.points(), boxes, plot._labels, strict=True)) if made.isVisible()]  # fmt: skip
    assert {point.name for point, *_ in shown} >= {PRESETS[name].title for name in pinned}
    assert not [pair for pair in combinations([box for _, box, _ in shown], 2) if pair[0].intersects(pair[1])]
    for point, box, named in shown:
        assert view.rect().adjusted(-1, -1, 1, 1).contains(box)
        near = QPointF(min(max(named.at.x(), box.left()), box.right()), min(max(named.at.y(), box.top()), box.bottom()))
        assert QLineF(named.at, near).length() - named.radius < 25, point.name


def test_a_name_that_would_be_far_from_its_point_chooses_before_those_that_can_give_way() -> None:
    first, second = NamedPoint(QPointF(50, 50), 3, 40, 10), NamedPoint(QPointF(60, 50), 3, 40, 10)
    placement = NamePlacement(QRectF(0, 0, 110, 100), [first, second])
    # Left of both, and above and below the first one, there is no room.
    placement.taken += [QRectF(0, 0, 40, 100), QRectF(40, 0, 18, 44), QRectF(40, 56, 18, 44)]
    names = placement.place_all([True, True])
    assert all(name is not None for name in names)
    assert all(name.leader is None or name.leader.length() < 12 for name in names if name is not None)


def test_a_name_that_may_be_left_out_is_so_where_it_would_be_far_away() -> None:
    point = NamedPoint(QPointF(50, 50), 3, 40, 10)
    for wanted in (True, False):
        placement = NamePlacement(QRectF(0, 0, 200, 200), [point])
        placement.taken.append(QRectF(0, 0, 120, 120))
        (name,) = placement.place_all([wanted])
        assert (name is not None) == wanted


def test_a_line_that_only_ends_at_a_name_or_lies_in_it_crosses_it() -> None:
    box = (10.0, 10.0, 20.0, 20.0)
    for line in ((0.0, 15.0, 10.0, 15.0), (12.0, 12.0, 13.0, 13.0), (0.0, 0.0, 30.0, 30.0), (15.0, 20.0, 15.0, 40.0)):
        assert _crosses(line, box), line
    # The last one passes a corner, within reach of both sides.
    for line in ((0.0, 0.0, 9.0, 30.0), (0.0, 21.0, 30.0, 25.0), (21.0, 0.0, 21.0, 30.0), (5.0, 12.0, 12.0, 5.0)):
        assert not _crosses(line, box), line


def test_a_place_on_a_point_or_outside_is_not_clear() -> None:
    points = [NamedPoint(QPointF(50, 50), 3, 40, 10), NamedPoint(QPointF(80, 50), 6, 40, 10)]
    placement = NamePlacement(QRectF(0, 0, 120, 100), points)
    clear = placement._clear_places(points[0])
    assert clear
    for left, top, right, bottom in clear:
        assert QRectF(0, 0, 120, 100).contains(QRectF(left, top, right - left, bottom - top))
        for point in points:
            near = QPointF(min(max(point.at.x(), left), right), min(max(point.at.y(), top), bottom))
            assert QLineF(point.at, near).length() >= point.radius + 1
    # The nearest one, right of the first point, lies on the second.
    assert clear[0][2] < 50
    assert NamePlacement(QRectF(0, 0, 120, 100), []).place_all([]) == []

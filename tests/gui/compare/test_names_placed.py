"""Names of a scatter: they stand where nothing else is, and a key has those for which there is no room."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor

from resnet_gui.gui.compare.figures import ScatterFigure
from resnet_gui.gui.compare.names import NamedPoint, NamePlacement
from resnet_gui.gui.compare.scatter import ScatterPoint
from resnet_gui.gui.kit.figures.figure import FigureLook

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

"""Places for the names of a scatter's points: none lies on another, on a point, or on a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF

Sides = tuple[float, float, float, float]
"""Left, top, right and bottom of a box: with Qt's own boxes a comparison takes ten times as long."""

Ends = tuple[float, float, float, float]
"""Both ends of a line, x and y of each."""

BESIDE: Final = (0.5, 1.0, 0.0, 2.0, -1.0)
OVER: Final = (0.5, 0.0, 1.0, 0.25, 0.75, -0.25, 1.25, 1.6)
"""Shares of a name's height above its point's middle at its sides, and of its width left of it above and below."""

DISTANCES: Final = (2.0, 7.0, 14.0, 22.0, 32.0, 44.0, 58.0, 74.0, 92.0, 112.0, 134.0)
"""Pixels between a point's edge and its name, the nearest first."""

FAR: Final = 6.0
"""Pixels from which on a line leads from a point to its name."""

SMALL_POINT: Final = 8.0
"""Pixels of the radius of a point that no such line may cross; bubbles overlap each other anyway."""


class NamedPoint(NamedTuple):
    """A point and the size of its name.

    Attributes:
        at: its middle.
        radius: of its circle.
        width, height: of its name.
    """

    at: QPointF
    radius: float
    width: float
    height: float


class PlacedName(NamedTuple):
    """The place of a name: its box, and the line that leads to it; None where it touches its point."""

    box: QRectF
    leader: QLineF | None = None


class NamePlacement:
    """The places of names in an area.

    Attributes:
        area: that they must not leave.
        taken: boxes on which none may lie.
        lines: that none may touch.
    """

    def __init__(self, area: QRectF, points: Sequence[NamedPoint], lines: Sequence[QLineF] = ()) -> None:
        self.area = area
        self.taken: list[QRectF] = []
        self.lines = list(lines)
        self._points = list(points)
        self._area = _sides(area)
        self._circles = [(each.at.x(), each.at.y(), each.radius + 1) for each in points]

    def place(self, point: NamedPoint) -> PlacedName | None:
        """Place a name at the nearest free place, which is taken then; None where there is none."""
        taken, lines = [_sides(box) for box in self.taken], [_ends(line) for line in self.lines]
        for distance in DISTANCES:
            for left, top in _corners(point, distance):
                sides = (left, top, left + point.width, top + point.height)
                if not self._has_room(sides, taken, lines):
                    continue
                found = _led(QRectF(left, top, point.width, point.height), point)
                if self._leads_freely(found, point):
                    self.taken.append(found.box)
                    self.lines += [found.leader] if found.leader is not None else []
                    return found
        return None

    def place_anywhere(self, point: NamedPoint) -> PlacedName:
        """Place a name beside its point where it covers the least of other names."""
        boxes = [QRectF(*corner, point.width, point.height) for corner in _corners(point, DISTANCES[0])]
        best = min(boxes, key=lambda box: _covering(box, self.area, self.taken))
        self.taken.append(best)
        return PlacedName(best)

    def _has_room(self, box: Sides, taken: Sequence[Sides], lines: Sequence[Ends]) -> bool:
        left, top, right, bottom = box
        area = self._area
        if left < area[0] or top < area[1] or right > area[2] or bottom > area[3]:
            return False
        if any(left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in taken):
            return False
        for x, y, radius in self._circles:
            across, down = max(left - x, 0.0, x - right), max(top - y, 0.0, y - bottom)
            if across * across + down * down < radius * radius:
                return False
        return not any(_crosses(line, box) for line in lines)

    def _leads_freely(self, name: PlacedName, own: NamedPoint) -> bool:
        leader = name.leader
        if leader is None:
            return True
        if any(_crosses(_ends(leader), _sides(other)) for other in self.taken) or any(
            _meet(leader, line) for line in self.lines
        ):
            return False
        small = (other for other in self._points if other is not own and other.radius < SMALL_POINT)
        return not any(_from_line(leader, other.at) < other.radius + 1 for other in small)


def _sides(box: QRectF) -> Sides:
    return box.left(), box.top(), box.right(), box.bottom()


def _ends(line: QLineF) -> Ends:
    return line.x1(), line.y1(), line.x2(), line.y2()


def _corners(point: NamedPoint, distance: float) -> Iterator[tuple[float, float]]:
    """Upper left corners of a name at a distance from its point: right and left of it, above and below."""
    x, y, wide, high = point.at.x(), point.at.y(), point.width, point.height
    gap = point.radius + distance
    for share in BESIDE:
        top = y - share * high
        yield x + gap, top
        yield x - gap - wide, top
    for share in OVER:
        left = x - share * wide
        yield left, y - gap - high
        yield left, y + gap


def _led(box: QRectF, point: NamedPoint) -> PlacedName:
    """A name with the line that leads to it, where it is far from its point."""
    near = _nearest(box, point.at)
    way = QLineF(point.at, near)
    if way.length() <= point.radius + FAR:
        return PlacedName(box)
    return PlacedName(box, QLineF(way.pointAt(point.radius / way.length()), near))


def _nearest(box: QRectF, at: QPointF) -> QPointF:
    return QPointF(min(max(at.x(), box.left()), box.right()), min(max(at.y(), box.top()), box.bottom()))


def _meet(one: QLineF, other: QLineF) -> bool:
    kind, _ = one.intersects(other)
    return kind == QLineF.IntersectionType.BoundedIntersection


def _crosses(line: Ends, box: Sides) -> bool:
    """Whether a line passes a box, or lies in it: what is left of it between each two sides (Liang and Barsky 1984)."""
    x, y, across, down = line[0], line[1], line[2] - line[0], line[3] - line[1]
    first, last = 0.0, 1.0
    for way, low, high in ((across, box[0] - x, box[2] - x), (down, box[1] - y, box[3] - y)):
        if way == 0:
            if low > 0 or high < 0:
                return False
            continue
        one, other = sorted((low / way, high / way))
        first, last = max(first, one), min(last, other)
        if first > last:
            return False
    return True


def _from_line(line: QLineF, at: QPointF) -> float:
    """How far a point is from a line between two points."""
    way = line.p2() - line.p1()
    length = QPointF.dotProduct(way, way)
    share = QPointF.dotProduct(at - line.p1(), way) / length if length else 0.0
    return QLineF(at, line.pointAt(min(1.0, max(0.0, share)))).length()


def _covering(box: QRectF, area: QRectF, taken: Sequence[QRectF]) -> float:
    """How much a place covers of others, and four times how much of it lies outside."""
    outside = box.width() * box.height() - _overlap(box, area)
    return 4 * outside + sum(_overlap(box, other) for other in taken)


def _overlap(one: QRectF, other: QRectF) -> float:
    both = one.intersected(other)
    return both.width() * both.height() if both.isValid() else 0.0

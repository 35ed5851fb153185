"""Places for the names of a scatter's points: none lies on another, on a point, or on a line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF

Sides = tuple[float, float, float, float]
"""Left, top, right and bottom of a box: with Qt's own boxes a comparison takes ten times as long."""

Ends = tuple[float, float, float, float]
"""Both ends of a line, x and y of each."""

Places = npt.NDArray[np.float64]
"""Boxes, a row each: their four sides."""

Chosen = npt.NDArray[np.bool_]

BESIDE: Final = (0.5, 1.0, 0.0, 2.0, -1.0)
OVER: Final = (0.5, 0.0, 1.0, 0.25, 0.75, -0.25, 1.25, 1.6)
"""Shares of a name's height above its point's middle at its sides, and of its width left of it above and below."""

ASLANT: Final = tuple(
    (across * math.cos(math.radians(angle)), down * math.sin(math.radians(angle)))
    for angle in (45, 25, 65) for across in (1, -1) for down in (-1, 1)
)  # fmt: skip
"""Ways from a point to the corner of a name that stands aslant of it."""

DISTANCES: Final = (2.0, 7.0, 14.0, 22.0, 32.0, 44.0, 58.0, 74.0, 92.0, 112.0, 134.0)
"""Pixels between a point's edge and its name, the nearest first."""

FAR: Final = 6.0
"""Pixels from which on a line leads from a point to its name."""

NEAR: Final = 12.0
"""Pixels up to which a name is near enough; for one that is farther another order is tried."""

FARTHEST: Final = 34.0
"""Pixels from which on a name that may be left out is left out."""

ROUNDS: Final = 6
"""Orders that are tried."""

LACKING: Final = {True: 1000.0, False: 60.0}
"""Pixels that a name counts as which has no place: one that is to have one, and one that may be left out."""

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


class NameArrangement(NamedTuple):
    """The places of all names in the order of their points, and what they take: boxes and lines."""

    names: list[PlacedName | None]
    taken: list[QRectF]
    lines: list[QLineF]


class NamePlacement:
    """The places of names in an area.

    Attributes:
        area: that they must not leave.
        taken: boxes on which none may lie.
        lines: that none may touch.
        points: that have the names.
    """

    def __init__(self, area: QRectF, points: Sequence[NamedPoint], lines: Sequence[QLineF] = ()) -> None:
        self.area = area
        self.taken: list[QRectF] = []
        self.lines = list(lines)
        self.points = list(points)
        self._area = _sides(area)
        self._clear: dict[tuple[float, ...], list[Sides]] = {}
        self._circles = np.array([(each.at.x(), each.at.y(), each.radius + 1) for each in points]).reshape(-1, 3)

    def place(self, point: NamedPoint) -> PlacedName | None:
        """Place a name at the nearest free place, which is taken then; None where there is none."""
        taken, lines = [_sides(box) for box in self.taken], [_ends(line) for line in self.lines]
        for sides in self._clear_places(point):
            if _overlaps(sides, taken) or any(_crosses(line, sides) for line in lines):
                continue
            found = _led(QRectF(sides[0], sides[1], point.width, point.height), point)
            if found.leader is None or self._leads_freely(found.leader, point, taken):
                self.taken.append(found.box)
                self.lines += [found.leader] if found.leader is not None else []
                return found
        return None

    def place_all(self, wanted: Sequence[bool]) -> list[PlacedName | None]:
        """Place the names of all points, each near its own.

        One that would be far away is let choose before the others; the arrangement that is best on the whole is taken.

        Args:
            wanted: of each point, whether its name is to have a place, if need be over others; those choose first, and
                the others are left out where there is no free place near them.

        Returns:
            The places, in the order of the points.
        """
        taken, lines = self.taken, self.lines
        order = sorted(range(len(self.points)), key=lambda number: not wanted[number])
        best, least = NameArrangement([], [], []), math.inf
        for _ in range(ROUNDS):
            self.taken, self.lines = list(taken), list(lines)
            found = {number: self._placed(self.points[number], wanted=wanted[number]) for number in order}
            costs = {number: self._cost(number, found[number], wanted=wanted[number]) for number in order}
            if sum(costs.values()) < least:
                least = sum(costs.values())
                best = NameArrangement([found[number] for number in range(len(order))], self.taken, self.lines)
            worst = max(order, key=lambda number: costs[number], default=-1)
            if worst < 0 or costs[worst] <= NEAR:
                break
            order.remove(worst)
            order.insert(0 if wanted[worst] else sum(wanted), worst)
        for number, point in enumerate(self.points):
            if best.names[number] is None and wanted[number]:
                best.names[number] = self.place_anywhere(point)
        self.taken, self.lines = best.taken, best.lines
        return best.names

    def _placed(self, point: NamedPoint, *, wanted: bool) -> PlacedName | None:
        before = len(self.taken), len(self.lines)
        found = self.place(point)
        if found is not None and not wanted and _away(found, point) > FARTHEST:
            del self.taken[before[0] :], self.lines[before[1] :]
            return None
        return found

    def _cost(self, number: int, name: PlacedName | None, *, wanted: bool) -> float:
        return LACKING[wanted] if name is None else _away(name, self.points[number]) * (2 if wanted else 1)

    def _clear_places(self, point: NamedPoint) -> list[Sides]:
        """The places of a name that lie inside, on no point, the nearest first."""
        key = (point.at.x(), point.at.y(), *point[1:])
        if key not in self._clear:
            corners = np.array([corner for distance in DISTANCES for corner in _corners(point, distance)])
            places = np.hstack((corners, corners + np.array((point.width, point.height))))
            self._clear[key] = [(left, top, right, bottom) for left, top, right, bottom
                                in places[self._are_clear(places)].tolist()]  # fmt: skip
        return self._clear[key]

    def place_anywhere(self, point: NamedPoint) -> PlacedName:
        """Place a name beside its point where it covers the least of other names and points."""
        boxes = [self._moved_inside(QRectF(*at, point.width, point.height)) for at in _corners(point, DISTANCES[0])]
        circles = [QRectF(x - radius, y - radius, 2 * radius, 2 * radius) for x, y, radius in self._circles.tolist()]
        best = min(boxes, key=lambda box: _covering(box, self.area, self.taken) + 0.3 * _covered(box, circles))
        self.taken.append(best)
        return PlacedName(best)

    def _moved_inside(self, box: QRectF) -> QRectF:
        left, top, right, bottom = self._area
        across, down = max(left, right - box.width()), max(top, bottom - box.height())
        box.moveTo(min(max(box.x(), left), across), min(max(box.y(), top), down))
        return box

    def _are_clear(self, boxes: Places) -> Chosen:
        """Which of several boxes, a row each, lie inside and on no point."""
        left, top, right, bottom = boxes.T[:, :, np.newaxis]
        area, (x, y, radius) = self._area, self._circles.T
        inside = (left >= area[0]) & (top >= area[1]) & (right <= area[2]) & (bottom <= area[3])
        across = np.maximum(np.maximum(left - x, 0.0), x - right)
        down = np.maximum(np.maximum(top - y, 0.0), y - bottom)
        clear: Chosen = inside[:, 0] & (across * across + down * down >= radius * radius).all(axis=1)
        return clear

    def _leads_freely(self, leader: QLineF, own: NamedPoint, taken: Sequence[Sides]) -> bool:
        ends = _ends(leader)
        if any(_crosses(ends, box) for box in taken) or any(_meet(leader, line) for line in self.lines):
            return False
        small = (other for other in self.points if other is not own and other.radius < SMALL_POINT)
        return not any(_from_line(leader, other.at) < other.radius + 1 for other in small)


def _overlaps(box: Sides, taken: Sequence[Sides]) -> bool:
    left, top, right, bottom = box
    return any(left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in taken)


def _away(name: PlacedName, point: NamedPoint) -> float:
    """Pixels between a name and the edge of its point."""
    return max(0.0, QLineF(point.at, _nearest(name.box, point.at)).length() - point.radius)


def _sides(box: QRectF) -> Sides:
    return box.left(), box.top(), box.right(), box.bottom()


def _ends(line: QLineF) -> Ends:
    return line.x1(), line.y1(), line.x2(), line.y2()


def _corners(point: NamedPoint, distance: float) -> Iterator[tuple[float, float]]:
    """Upper left corners of a name at a distance from its point: right and left of it, above and below, aslant."""
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
    for across, down in ASLANT:
        # Its nearest corner is as far from the point as the nearest side is of the others.
        corner_x, corner_y = x + gap * across, y + gap * down
        yield corner_x - (wide if across < 0 else 0), corner_y - (high if down < 0 else 0)


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
    x, y, other_x, other_y = line
    left, top, right, bottom = box
    if (
        (x < left and other_x < left) or (x > right and other_x > right)
        or (y < top and other_y < top) or (y > bottom and other_y > bottom)
    ):  # fmt: skip
        return False
    across, down = other_x - x, other_y - y
    first, last = 0.0, 1.0
    for way, low, high in ((across, left - x, right - x), (down, top - y, bottom - y)):
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
    """How much a place covers of others, and twenty times how much of it lies outside."""
    outside = box.width() * box.height() - _overlap(box, area)
    return 20 * outside + _covered(box, taken)


def _covered(box: QRectF, others: Sequence[QRectF]) -> float:
    return sum(_overlap(box, other) for other in others)


def _overlap(one: QRectF, other: QRectF) -> float:
    both = one.intersected(other)
    return both.width() * both.height() if both.isValid() else 0.0

"""A cloud of points in groups as data, where its points lie on the screen, and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from resnet_gui.gui.kit.charts.chart import Palette
from resnet_gui.gui.kit.cloud.point_image import Numbers, Places, PointPicture, disc
from resnet_gui.gui.kit.theme import font

HUES: Final = 8
"""Colours of groups; the next eight groups have only the rim, and from then on colours begin again."""

RING_GAP: Final = 1.4
RING_WIDTH: Final = 1.6
LINE: Final = 13.0
"""Pixels between two names above each other."""

NUDGES: Final = 4
"""Lines by which a name may leave the middle of its group so that it covers no other."""


@dataclass(frozen=True, eq=False)
class CloudData:
    """Points in groups.

    Attributes:
        places: (N, 2), x to the right and y upwards, in units of their own.
        groups: (N,), the group of each.
        names: a word for each group, which stands in its middle; empty for none.
    """

    places: NDArray[np.floating]
    groups: NDArray[np.integer]
    names: tuple[str, ...] = ()


def group_style(number: int) -> tuple[str, bool]:
    """The colour token of a group, and whether its points have only a rim."""
    return f"r{number % HUES}", number % (2 * HUES) >= HUES


@dataclass(frozen=True)
class Viewpoint:
    """What part of a cloud is seen: the point in the middle, and pixels for one unit (the same along both axes)."""

    x: float
    y: float
    scale: float

    def on_screen(self, places: NDArray[np.floating], size: QSizeF) -> Places:
        """Where points (N, 2) lie in a box of a size, from its upper left corner, in pixels."""
        middle = np.array([size.width() / 2, size.height() / 2])
        return (places - (self.x, self.y)) * (self.scale, -self.scale) + middle

    def moved(self, across: float, down: float) -> Viewpoint:
        """The view after the cloud was dragged by so many pixels."""
        return Viewpoint(self.x - across / self.scale, self.y + down / self.scale, self.scale)

    def zoomed(self, factor: float, at: QPointF, size: QSizeF) -> Viewpoint:
        """The view at another scale, in which what lies under a point of the screen stays there."""
        across, down = at.x() - size.width() / 2, at.y() - size.height() / 2
        gain = (1 - 1 / factor) / self.scale
        return Viewpoint(self.x + across * gain, self.y - down * gain, self.scale * factor)


def whole_view(places: NDArray[np.floating], size: QSizeF, margin: float = 8.0) -> Viewpoint:
    """The view that shows every point, with a margin in pixels."""
    sound = places[np.isfinite(places).all(axis=1)]
    if not len(sound):
        return Viewpoint(0.0, 0.0, 1.0)
    low, high = sound.min(axis=0), sound.max(axis=0)
    room = np.maximum(1.0, np.array([size.width(), size.height()]) - 2 * margin)
    extent = np.maximum(high - low, 1e-12)
    middle = (low + high) / 2
    return Viewpoint(float(middle[0]), float(middle[1]), float((room / extent).min()))


@dataclass(frozen=True)
class CloudStyle:
    """How large things are drawn.

    Attributes:
        radius: of a point in pixels.
        ratio: pixels of the screen for one of the window.
        names: whether the groups' names stand in the cloud.
        ground: token of the colour behind it.
    """

    radius: float = 2.6
    ratio: float = 1.0
    names: bool = True
    ground: str = "canvas"


def cloud_image(
    cloud: CloudData,
    view: Viewpoint,
    size: QSizeF,
    color: Palette,
    style: CloudStyle | None = None,
    picked: Numbers | None = None,
) -> QImage:
    """The picture of a cloud.

    Args:
        cloud: its points; of two that overlap, the later one lies above.
        view: what part of it is seen.
        size: pixels of the window.
        color: of the theme.
        style: sizes.
        picked: numbers of points that have a ring.
    """
    style = style or CloudStyle()
    ratio = style.ratio
    made = PointPicture(
        max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)), color(style.ground)
    )
    places = view.on_screen(cloud.places, size)
    kinds, count = np.asarray(cloud.groups, dtype=np.int64), int(cloud.groups.max(initial=-1)) + 1
    used = [group_style(number) for number in range(min(count, 2 * HUES))]
    inks: list[tuple[QColor, bool]] = [(color(token), hollow) for token, hollow in used]
    if inks:
        made.lay(places * ratio, kinds % (2 * HUES), inks, disc(style.radius * ratio, 1.25 * ratio))
    if picked is not None and len(picked):
        inner = style.radius + RING_GAP
        ring = disc((inner + RING_WIDTH) * ratio, RING_WIDTH * ratio, inner * ratio)
        made.lay(places[picked] * ratio, np.zeros(len(picked), dtype=np.int64), [(color("t1"), False)], ring)
    image = made.image(ratio)
    if style.names:
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _write_names(painter, cloud, places, size, (color("t1"), color(style.ground)))
        painter.end()
    return image


@lru_cache(maxsize=2000)
def _outline(text: str) -> tuple[QPainterPath, float]:
    path = QPainterPath()
    path.addText(QPointF(0, 0), font(11, 600), text)
    return path, QFontMetricsF(font(11, 600)).horizontalAdvance(text)


def _write_names(
    painter: QPainter, cloud: CloudData, places: Places, size: QSizeF, colours: tuple[QColor, QColor]
) -> None:
    """Write each group's name in its middle, on a rim of the ground; one that has no room is left out."""
    ink, ground = colours
    area = QRectF(QPointF(2, 2), size - QSizeF(4, 4))
    rim = QPen(ground, 4)
    rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    for text, box in placed_names(cloud, places, area):
        path, _ = _outline(text)
        painter.save()
        painter.translate(box.left(), box.bottom() - 3)
        painter.strokePath(path, rim)
        painter.fillPath(path, ink)
        painter.restore()


def placed_names(cloud: CloudData, places: Places, area: QRectF) -> list[tuple[str, QRectF]]:
    """The names that have room, each at the median of its group's points or a few lines away; large groups first."""
    groups = np.asarray(cloud.groups, dtype=np.int64)
    counts = np.bincount(groups, minlength=len(cloud.names)) if len(groups) else np.zeros(len(cloud.names), dtype=int)
    order = np.argsort(groups, kind="stable")
    ends = np.cumsum(counts)
    found: list[tuple[str, QRectF]] = []
    for number in np.argsort(-counts, kind="stable").tolist():
        if number >= len(cloud.names) or not cloud.names[number] or not counts[number]:
            continue
        text = cloud.names[number]
        members = places[order[ends[number] - counts[number] : ends[number]]]
        x, y = np.median(members, axis=0).tolist()
        wide = _outline(text)[1]
        box = _free_box(QRectF(x - wide / 2, y - 7, wide, 14), area, [box for _, box in found])
        if box is not None:
            found.append((text, box))
    return found


def _free_box(wanted: QRectF, area: QRectF, taken: Sequence[QRectF]) -> QRectF | None:
    """A box near the wanted one that covers no other; None where there is none, or where it lies outside."""
    if not area.contains(wanted.center()):
        return None
    for step in sorted(range(-NUDGES, NUDGES + 1), key=abs):
        box = wanted.translated(0, step * LINE)
        box.moveLeft(min(max(box.left(), area.left()), max(area.left(), area.right() - box.width())))
        if area.contains(box) and not any(box.intersects(other) for other in taken):
            return box
    return None


def within(places: Places, outline: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which points (N, 2) lie within a closed outline (E, 2), by the even-odd rule."""
    x, y = places[:, 0], places[:, 1]
    inside = np.zeros(len(places), dtype=bool)
    for (x1, y1), (x2, y2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        beside = (y1 > y) != (y2 > y)
        inside ^= beside & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return inside

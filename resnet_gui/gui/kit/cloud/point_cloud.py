"""A cloud of points in groups as data, where its points lie on the screen, and its picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from resnet_gui.gui.kit.charts.chart import Palette
from resnet_gui.gui.kit.cloud.point_image import Numbers, Places, PointPicture, disc
from resnet_gui.gui.kit.theme import font

LARGE_POINT: Final = 2.6
CROWD: Final = 1000
"""Up to so many points are drawn at their full size."""

RING_GAP: Final = 1.4
RING_WIDTH: Final = 1.6
HIGH: Final = 14.0
"""Pixels of a line of a name."""

RIM: Final = 2.0
"""Pixels of ground around the letters of a name."""

GAP: Final = 5.0
"""Pixels between two names beside each other."""

MOST_NAMES: Final = 30
"""Of more groups the largest are named; the others are named under the pointer."""

FEW_NAMES: Final = 20


@dataclass(frozen=True, eq=False)
class CloudData:
    """Points in groups.

    Attributes:
        places: (N, 2), x to the right and y upwards, in units of their own.
        groups: (N,), the group of each.
        names: a word for each group, which stands in its middle; empty for none.
        styles: for each group the token of its colour, and whether its points have only a rim.
    """

    places: NDArray[np.floating]
    groups: NDArray[np.integer]
    names: tuple[str, ...] = ()
    styles: tuple[tuple[str, bool], ...] = ()

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Least and largest x, least and largest y of the points that are somewhere; zeros without any."""
        x, y = self.places[:, 0], self.places[:, 1]
        sound = np.isfinite(x) & np.isfinite(y)
        if not sound.any():
            return 0.0, 0.0, 0.0, 0.0
        x, y = x[sound], y[sound]
        return float(x.min()), float(x.max()), float(y.min()), float(y.max())

    @cached_property
    def middles(self) -> list[tuple[str, float, float]]:
        """The name and the median of each of the largest groups that have a name, the largest first."""
        counts = np.bincount(self.groups, minlength=len(self.names))
        named = [number for number in np.argsort(-counts, kind="stable").tolist()
                 if number < len(self.names) and self.names[number] and counts[number]]  # fmt: skip
        found = list[tuple[str, float, float]]()
        for number in named[:MOST_NAMES]:
            x, y = np.median(self.places[self.groups == number], axis=0).tolist()
            found.append((self.names[number], x, y))
        return found

    @cached_property
    def kinds(self) -> tuple[tuple[tuple[str, bool], ...], Numbers]:
        """The different styles, and which of them each point has (N,)."""
        kinds = tuple(dict.fromkeys(self.styles))
        of_group = np.array([kinds.index(style) for style in self.styles], dtype=np.int64)
        return kinds, of_group[np.asarray(self.groups, dtype=np.int64)]


@dataclass(frozen=True)
class Viewpoint:
    """A part of a cloud as it is seen: the point in the middle, and pixels for one unit (the same along both axes)."""

    x: float
    y: float
    scale: float

    def on_screen(self, places: NDArray[np.floating], size: QSizeF) -> Places:
        """Where points (N, 2) lie in a box of a size, from its upper left corner, in pixels."""
        middle = np.array([size.width() / 2, size.height() / 2])
        made: Places = (places - (self.x, self.y)) * (self.scale, -self.scale) + middle
        return made

    def off_screen(self, places: Places, size: QSizeF) -> Places:
        """What lies at places (N, 2) of a box of a size, in the units of the points."""
        middle = np.array([size.width() / 2, size.height() / 2])
        made: Places = (places - middle) / (self.scale, -self.scale) + (self.x, self.y)
        return made

    def moved(self, across: float, down: float) -> Viewpoint:
        """The view after the cloud was dragged by so many pixels."""
        return Viewpoint(self.x - across / self.scale, self.y + down / self.scale, self.scale)

    def zoomed(self, factor: float, at: QPointF, size: QSizeF) -> Viewpoint:
        """The view at another scale, in which what lies under a point of the screen stays there."""
        across, down = at.x() - size.width() / 2, at.y() - size.height() / 2
        gain = (1 - 1 / factor) / self.scale
        return Viewpoint(self.x + across * gain, self.y - down * gain, self.scale * factor)


def whole_view(cloud: CloudData, size: QSizeF, margin: float = 8.0) -> Viewpoint:
    """The view that shows every point, with a margin in pixels."""
    left, right, bottom, top = cloud.bounds
    across, up = max(1.0, size.width() - 2 * margin), max(1.0, size.height() - 2 * margin)
    scale = min(across / max(right - left, 1e-12), up / max(top - bottom, 1e-12))
    return Viewpoint((left + right) / 2, (bottom + top) / 2, min(scale, 1e9))


def point_radius(count: int, enlarged: float = 1.0) -> float:
    """Pixels from the middle of a point to its rim: less where there are thousands, more where one has come nearer."""
    wanted = LARGE_POINT * float((CROWD / max(count, CROWD)) ** 0.2 * max(1.0, enlarged) ** 0.25)
    return round(min(LARGE_POINT, wanted), 1)


@dataclass(frozen=True)
class CloudStyle:
    """The sizes in which a cloud is drawn.

    Attributes:
        radius: of a point in pixels.
        ratio: pixels of the screen for one of the window.
        names: whether the groups' names stand in the cloud.
        ground: token of the colour behind it.
    """

    radius: float = LARGE_POINT
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
    made = PointPicture(max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)), color(style.ground))
    places = view.on_screen(cloud.places, size)
    kinds, of_point = cloud.kinds
    inks = [(color(token), hollow) for token, hollow in kinds]
    made.lay(places * ratio, of_point, inks, disc(style.radius * ratio, 1.25 * ratio))
    if picked is not None and len(picked):
        inner = style.radius + RING_GAP
        ring = disc((inner + RING_WIDTH) * ratio, RING_WIDTH * ratio, inner * ratio)
        made.lay(places[picked] * ratio, np.zeros(len(picked), dtype=np.int64), [(color("t1"), False)], ring)
    image = made.image(ratio)
    if style.names and cloud.names:
        painter = QPainter(image)
        for text, box in placed_names(cloud, view, size):
            word = _word(text, color("t1").rgba(), color(style.ground).rgba(), ratio)
            painter.drawImage(box.topLeft() - QPointF(RIM, RIM), word)
        painter.end()
    return image


@lru_cache(maxsize=500)
def _word(text: str, ink: int, ground: int, ratio: float) -> QImage:
    """A name on a rim of the ground, as a picture that is laid over the points."""
    metrics = QFontMetricsF(font(11, 600))
    wide, high = metrics.horizontalAdvance(text) + 2 * RIM, HIGH + 2 * RIM
    made = QImage(QSizeF(wide * ratio + 1, high * ratio + 1).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    path.addText(QPointF(RIM, RIM + metrics.ascent()), font(11, 600), text)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rim = QPen(QColor.fromRgba(ground), 2 * RIM)
    rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, rim)
    painter.fillPath(path, QColor.fromRgba(ink))
    painter.end()
    return made


@lru_cache(maxsize=2000)
def _width(text: str) -> float:
    return QFontMetricsF(font(11, 600)).horizontalAdvance(text)


def placed_names(cloud: CloudData, view: Viewpoint, size: QSizeF) -> list[tuple[str, QRectF]]:
    """The names that have room, and where they stand: in the middle of their group, or as near to it as is free.

    Large groups come first, and of few groups those in the midst, so that the others are pushed outwards.
    """
    middles = cloud.middles
    if not middles:
        return []
    places = view.on_screen(np.array([(x, y) for _, x, y in middles]), size)
    order = np.arange(len(middles))
    if len(middles) <= FEW_NAMES:
        order = np.argsort(np.hypot(*(places - places.mean(axis=0)).T), kind="stable")
    taken = np.empty((0, 4))
    found: list[tuple[str, QRectF]] = []
    for number in order.tolist():
        text = middles[number][0]
        wide, (x, y) = _width(text), places[number].tolist()
        box = _free_box((x - wide / 2, y - HIGH / 2, wide), size, taken)
        if box is not None:
            taken = np.vstack([taken, box])
            found.append((text, QRectF(QPointF(box[0], box[1]), QPointF(box[2], box[3]))))
    return found


@cache
def _steps() -> Places:
    """Ways from the middle of a group to a place for its name, the shortest first."""
    across, down = np.meshgrid(np.arange(-10, 11) * 6.0, np.arange(-7, 8) * 7.0)
    steps = np.stack([across.ravel(), down.ravel()], axis=1)
    made: Places = steps[np.argsort(np.hypot(*steps.T), kind="stable")]
    return made


def _free_box(wanted: tuple[float, float, float], size: QSizeF, taken: Places) -> Places | None:
    """The nearest box, as its left, top, right and bottom, that covers no other and lies inside; None without one.

    Args:
        wanted: left, top and width.
        size: of the picture.
        taken: (N, 4) boxes that are there.
    """
    left, top, wide = wanted
    if not (0 <= left + wide / 2 <= size.width() and 0 <= top + HIGH / 2 <= size.height()):
        return None
    starts = _steps() + np.array([left, top])
    boxes = np.concatenate([starts, starts + np.array([wide, HIGH])], axis=1)
    free = (boxes[:, :2] >= RIM).all(axis=1)
    free &= (boxes[:, 2] <= size.width() - RIM) & (boxes[:, 3] <= size.height() - RIM)
    for one in taken:
        beside = (boxes[:, 0] >= one[2] + GAP) | (boxes[:, 2] + GAP <= one[0])
        free &= beside | (boxes[:, 1] >= one[3]) | (boxes[:, 3] <= one[1])
    return boxes[int(np.argmax(free))] if free.any() else None

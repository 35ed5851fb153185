"""A cloud of points in groups as data, where its points lie on the screen, and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
LINE: Final = 13.0
"""Pixels between two names above each other."""

HIGH: Final = 14.0
"""Pixels of a line of a name."""

RIM: Final = 2.0
"""Pixels of ground around the letters of a name."""

NUDGES: Final = 4
"""Lines by which a name may leave the middle of its group so that it covers no other."""


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
        """The name and the median of each group that has both, large groups first."""
        found = list[tuple[int, str, float, float]]()
        for number, name in enumerate(self.names):
            members = self.places[self.groups == number] if name else self.places[:0]
            if len(members):
                x, y = np.median(members, axis=0).tolist()
                found.append((len(members), name, x, y))
        found.sort(key=lambda each: -each[0])
        return [(name, x, y) for _, name, x, y in found]


@dataclass(frozen=True)
class Viewpoint:
    """What part of a cloud is seen: the point in the middle, and pixels for one unit (the same along both axes)."""

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
    """How large things are drawn.

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
    inks = [(color(token), hollow) for token, hollow in cloud.styles]
    kinds = np.asarray(cloud.groups, dtype=np.int64)
    made.lay(places * ratio, kinds, inks, disc(style.radius * ratio, 1.25 * ratio))
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
    """The names that have room, each in the middle of its group or a few lines away, and where they stand."""
    area = QRectF(QPointF(RIM, RIM), size - QSizeF(2 * RIM, 2 * RIM))
    middles = cloud.middles
    if not middles:
        return []
    places = view.on_screen(np.array([(x, y) for _, x, y in middles]), size)
    found: list[tuple[str, QRectF]] = []
    for (text, _, _), (x, y) in zip(middles, places.tolist(), strict=True):
        wide = _width(text)
        box = _free_box(QRectF(x - wide / 2, y - HIGH / 2, wide, HIGH), area, [box for _, box in found])
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

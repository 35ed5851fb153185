"""Clouds of points: what is painted, what is seen, what is picked."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.cloud.cloud_view import CloudView
from resnet_gui.gui.kit.cloud.point_cloud import CloudData, Viewpoint, placed_names, point_radius, whole_view
from resnet_gui.gui.kit.cloud.point_image import PointPicture, Shape, disc
from resnet_gui.gui.kit.theme import Theme

WHITE, RED, BLUE = QColor("#FFFFFF"), QColor("#C00000"), QColor("#0000C0")
SOLID = [(RED, False), (BLUE, False)]
SIZE = QSizeF(200, 150)


def pixels_of(picture: PointPicture) -> NDArray[np.uint32]:
    image = picture.image()
    rows = np.frombuffer(bytes(image.constBits()), dtype=np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return rows[:, : image.width()]


def laid(places: list[tuple[float, float]], kinds: list[int], shape: Shape, size: int = 30) -> NDArray[np.uint32]:
    picture = PointPicture(size, size, WHITE)
    picture.lay(np.array(places, dtype=np.float64), np.array(kinds, dtype=np.int64), SOLID, shape)
    return pixels_of(picture)


def one_by_one(places: list[tuple[float, float]], kinds: list[int], shape: Shape, size: int) -> NDArray[np.float64]:
    """The same by a loop over points and pixels."""
    made = np.full((size, size, 3), 255.0)
    for (x, y), kind in zip(places, kinds, strict=True):
        colour = np.array([SOLID[kind][0].red(), SOLID[kind][0].green(), SOLID[kind][0].blue()])
        for across, down, cover in zip(shape.across, shape.down, shape.cover, strict=True):
            column, row = int(x) + int(across), int(y) + int(down)
            if 0 <= column < size and 0 <= row < size:
                made[row, column] += cover * (colour - made[row, column])
    return made


def test_points_are_painted_as_by_a_loop_over_each_of_their_pixels() -> None:
    places = [(5.5, 6.5), (20.2, 6.9), (28.0, 14.0), (6.0, 29.0), (15.0, 20.0)]
    kinds, shape = [0, 1, 0, 1, 0], disc(2.6, 1.2)
    found = laid(places, kinds, shape)
    wanted = one_by_one(places, kinds, shape, 30)
    for channel, shift in enumerate((16, 8, 0)):
        assert np.abs((found >> shift & 255) - wanted[..., channel]).max() <= 2


def test_of_points_at_one_place_the_later_is_seen_in_whatever_order_of_colours() -> None:
    for kinds in ([0, 1], [1, 0]):
        found = laid([(9.0, 9.0), (9.0, 9.0)], kinds, disc(2.6, 1.2))
        assert found[9, 9] == SOLID[kinds[-1]][0].rgba()


def test_a_soft_edge_lies_over_the_point_below_and_not_over_the_ground() -> None:
    shape = disc(2.6, 1.2)
    found = laid([(9.0, 9.0), (12.0, 9.0)], [0, 1], shape)
    soft = [int(across) for across, down, cover in zip(*shape[:3], strict=True) if down == 0 and 0 < cover < 0.999]
    assert soft
    column = 12 + min(soft)
    assert found[9, column] >> 8 & 255 == 0  # a mixture of red and blue has no green, one with the white ground has


def test_a_hollow_point_has_the_ground_in_its_middle() -> None:
    picture = PointPicture(20, 20, WHITE)
    picture.lay(np.array([[10.0, 10.0]]), np.zeros(1, dtype=np.int64), [(RED, True)], disc(4.5, 2))
    found = pixels_of(picture)
    assert found[10, 10] == WHITE.rgba()
    assert found[10, 7] == RED.rgba()


def test_points_outside_and_at_no_number_are_left_out() -> None:
    found = laid([(-1.0, 5.0), (5.0, 31.0), (np.nan, 5.0), (np.inf, 5.0)], [0, 0, 0, 0], disc(2.6, 1.2))
    assert (found == WHITE.rgba()).all()


def a_cloud(places: list[tuple[float, float]], groups: list[int]) -> CloudData:
    return CloudData(np.array(places), np.array(groups), ("one", "two"), (("r0", False), ("r1", True)))


CORNERS = a_cloud([(-3.0, 0.0), (5.0, 40.0), (1.0, 2.0)], [0, 0, 1])


def test_all_points_are_seen_at_first_with_their_distances_in_proportion() -> None:
    places = whole_view(CORNERS, SIZE).on_screen(CORNERS.places, SIZE)
    assert (places >= 8 - 1e-9).all()
    assert (places <= (200 - 8 + 1e-9, 150 - 8 + 1e-9)).all()
    across, up = places[1] - places[0]
    assert up / across == pytest.approx(-40 / 8)
    assert whole_view(a_cloud([(1.0, 1.0)], [0]), SIZE).on_screen(np.array([[1.0, 1.0]]), SIZE).tolist() == [[100, 75]]


def test_what_lies_under_the_pointer_stays_there_when_one_comes_nearer() -> None:
    view = Viewpoint(2.0, -1.0, 30.0)
    at = np.array([[160.0, 20.0]])
    point = view.off_screen(at, SIZE)
    nearer = view.zoomed(1.7, QPointF(160, 20), SIZE)
    assert nearer.on_screen(point, SIZE) == pytest.approx(at)
    assert nearer.scale == pytest.approx(51)
    assert view.moved(10, -4).on_screen(point, SIZE) == pytest.approx(at + np.array([10, -4]))


def test_names_stand_in_the_cloud_without_covering_each_other(theme: Theme) -> None:
    rng = np.random.default_rng(0)
    groups = np.arange(600) % 12
    names = tuple(f"class {number}" for number in range(12))
    cloud = CloudData(rng.normal(size=(600, 2)), groups, names)
    found = placed_names(cloud, whole_view(cloud, SIZE), SIZE)
    assert 3 < len(found) <= 12
    boxes = [box for _, box in found]
    assert not any(one.intersects(other) for one, other in itertools.combinations(boxes, 2))
    assert all(box.left() >= 0 and box.right() <= 200 and box.top() >= 0 and box.bottom() <= 150 for box in boxes)


def test_the_largest_of_a_thousand_groups_are_named_and_two_styles_are_two_colours() -> None:
    groups = np.concatenate([np.arange(1000), np.full(50, 777)])
    styles = tuple((f"r{number % 2}", False) for number in range(1000))
    cloud = CloudData(np.zeros((1050, 2)), groups, tuple(map(str, range(1000))), styles)
    assert cloud.middles[0][0] == "777"
    assert len(cloud.middles) == 30
    assert cloud.kinds[0] == (("r0", False), ("r1", False))
    assert np.array_equal(cloud.kinds[1], groups % 2)


def test_points_are_smaller_in_a_crowd_and_grow_where_one_comes_nearer() -> None:
    assert point_radius(300) == point_radius(1000) > point_radius(10_000)
    assert point_radius(10_000, 4.0) > point_radius(10_000)


# ---- the widget


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> CloudView:
    made = CloudView(theme, "points")
    qtbot.addWidget(made)
    made.resize(200, 150)
    made.show_cloud(a_cloud([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)], [0, 0, 1, 1]))
    made.words = lambda number: f"point {number}"
    return made


def middle(view: CloudView, number: int) -> QPoint:
    x, y = view.on_screen()[number]
    return QPoint(round(x), round(y))


def drag(
    qtbot: QtBot,
    view: CloudView,
    way: list[QPoint],
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, keys, way[0])
    for place in way[1:]:
        qtbot.mouseMove(view, place)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, keys, way[-1])


def test_a_line_around_points_is_handed_on_in_the_units_of_the_points(qtbot: QtBot, view: CloudView) -> None:
    around = middle(view, 2)
    way = [around + QPoint(*step) for step in ((-12, -6), (12, -6), (12, 12), (-12, 12))]
    with qtbot.waitSignal(view.outlined) as heard:
        drag(qtbot, view, way)
    (outline,) = heard.args
    assert (outline.min(axis=0) < (0, 1)).all()
    assert (outline.max(axis=0) > (0, 1)).all()
    assert outline[:, 1].min() > 0.5
    assert view.on_screen()[2] == pytest.approx(view.view.on_screen(np.array([[0.0, 1.0]]), QSizeF(view.size()))[0])


def test_a_click_names_the_point_under_it_or_none(qtbot: QtBot, view: CloudView) -> None:
    with qtbot.waitSignal(view.clicked, check_params_cb=lambda number: number == 1):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(view, 1))
    with qtbot.waitSignal(view.clicked, check_params_cb=lambda number: number == -1):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 75))


def test_with_shift_the_cloud_follows_the_pointer_and_a_double_click_shows_all(qtbot: QtBot, view: CloudView) -> None:
    before = middle(view, 0)
    drag(qtbot, view, [QPoint(50, 50), QPoint(70, 45)], Qt.KeyboardModifier.ShiftModifier)
    assert middle(view, 0) == before + QPoint(20, -5)
    assert view.fit.isVisibleTo(view)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert middle(view, 0) == before
    assert not view.fit.isVisibleTo(view)


def wheel(view: CloudView, keys: Qt.KeyboardModifier) -> bool:
    place = QPointF(30, 30)
    event = QWheelEvent(place, view.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, keys,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(view, event)
    return event.isAccepted()


def test_the_wheel_scrolls_the_page_unless_ctrl_is_held(view: CloudView) -> None:
    before = view.view
    assert not wheel(view, Qt.KeyboardModifier.NoModifier)
    assert view.view == before
    assert wheel(view, Qt.KeyboardModifier.ControlModifier)
    assert view.view.scale == pytest.approx(1.25 * before.scale)


@pytest.mark.parametrize(
    ("key", "changed"),
    [
        (Qt.Key.Key_Plus, lambda before, after: after.scale > before.scale),
        (Qt.Key.Key_Minus, lambda before, after: after.scale < before.scale),
        (Qt.Key.Key_Left, lambda before, after: after.x < before.x),
        (Qt.Key.Key_Up, lambda before, after: after.y > before.y),
    ],
)
def test_keys_move_the_cloud_and_change_its_size(
    qtbot: QtBot, view: CloudView, key: Qt.Key, changed: Callable[[Viewpoint, Viewpoint], bool]
) -> None:
    before = view.view
    qtbot.keyClick(view, key)
    assert changed(before, view.view)
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.view == before


def test_picked_points_have_a_ring_and_a_change_of_the_theme_paints_anew(view: CloudView, theme: Theme) -> None:
    plain = view.grab().toImage()
    view.show_picked(np.array([3]))
    ringed = view.grab().toImage()
    assert ringed != plain
    x, y = view.on_screen()[3]
    assert ringed.pixelColor(int(x) + 5, int(y)) == theme.color("t1")
    view.show_picked(np.array([], dtype=np.int64))
    assert view.grab().toImage() == plain


def test_a_message_of_many_words_is_broken_into_lines_inside_the_view(theme: Theme, qtbot: QtBot) -> None:
    view = CloudView(theme, "Points")
    qtbot.addWidget(view)
    view.resize(200, 160)
    blank = _rows(view)
    view.message = "Three pictures are too few for a t-SNE, which needs more than three times its perplexity of them."
    written = _rows(view) != blank
    assert len(np.unique(np.flatnonzero(written.any(axis=1)) // 16)) > 3, "lines"
    assert not written[:, [*range(2, 8), *range(192, 198)]].any(), "cut at a side"


def _rows(view: CloudView) -> NDArray[np.uint8]:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    return np.array(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())[:, : image.width()]

"""Figures for papers: what is written is right in other programs, and says nothing of who wrote it."""

from __future__ import annotations

import getpass
import io
import re
import socket
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import cairosvg
import numpy as np
import pypdf
import pytest
import resvg_py
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from resnet_gui.base.errors import InputError
from resnet_gui.gui.kit.charts.bands import band_of
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBar, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.charts.dashes import dash_strokes
from resnet_gui.gui.kit.charts.surface import HeightRange
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.figures.figure import FigureDrawing, FigureLook, FigureOptions, FileForm, Ground, is_threaded
from resnet_gui.gui.kit.figures.files import drawn_figure, figure_file, figure_image, largest_dpi
from resnet_gui.gui.kit.figures.map import MapFigure
from resnet_gui.gui.kit.figures.matrix import MatrixFigure
from resnet_gui.gui.kit.figures.panels import PanelsFigure
from resnet_gui.gui.kit.figures.plot import PlotFigure, bands_figure
from resnet_gui.gui.kit.figures.title import HEAD, TITLE_LINE, title_lines
from resnet_gui.gui.kit.theme import palette_of
from resnet_gui.gui.kit.window.thread_work import done_in_thread

pytestmark = pytest.mark.usefixtures("theme")
Pixels = NDArray[np.float64]
SVG = "{http://www.w3.org/2000/svg}"


def curves() -> PlotFigure:
    """Two bands of three seeds; one passes the top of the axis."""
    x = np.arange(1.0, 11.0)
    bands = [
        band_of(name, name, f"r{number}", [Points(x, 120 / (x + number) + seed) for seed in range(3)])
        for number, name in enumerate(("3×3 conv (a)", "plain"))
    ]
    return bands_figure(bands, ChartAxis(0, 10, title="epoch"), ChartAxis(0, 50, title="test error (%)"), "3 × 3 seeds")


def everything() -> PanelsFigure:
    """One figure of every kind."""
    values = 10.0 ** np.add.outer(np.linspace(-3, 0, 6), np.linspace(-1, 0, 8))
    grid = MapFigure(values, ChartAxis(0, 8, title="epoch"), ChartAxis(6.5, 0.5, title="layer"),
                     HeightRange(1e-4, 1.0, log=True), "norm", "Gradients")  # fmt: skip
    shares = np.array([[0.9, 0.1], [0.25, 0.75]])
    matrix = MatrixFigure(shares, (("90", "10"), ("25", "75")), ("cat", "dog"), ("true", "answer", "of the true"))
    bars = PlotFigure(
        PlotData(ChartAxis(0, 3, title="block"), ChartAxis(0, 2, title="ratio"), bars=(ChartBar(1, 1.5, 0.8, "s1"),
                 ChartBar(2, 1.0, 0.8, "s2", hollow=True))), "Bars",
    )  # fmt: skip
    return PanelsFigure((curves(), grid, bars, matrix), "Everything")


def written(figure: FigureDrawing, **options: object) -> bytes:
    return figure_file(figure, replace(FigureOptions(), **options))  # type: ignore[arg-type]


def pixels(image: QImage) -> Pixels:
    """RGB (height, width, 3) over white, 0 to 255."""
    ground = QImage(image.size(), QImage.Format.Format_RGB888)
    ground.fill(0xFFFFFFFF)
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()
    rows = np.frombuffer(ground.constBits(), dtype=np.uint8).reshape(ground.height(), ground.bytesPerLine())
    return rows[:, : 3 * ground.width()].reshape(ground.height(), ground.width(), 3).astype(np.float64)


def by_cairo(svg: bytes) -> Pixels:
    return pixels(QImage.fromData(QByteArray(cairosvg.svg2png(bytestring=svg, dpi=96))))


def by_resvg(svg: bytes) -> Pixels:
    return pixels(QImage.fromData(QByteArray(bytes(resvg_py.svg_to_bytes(svg_string=svg.decode(), dpi=96)))))


def by_qt(svg: bytes, like: Pixels) -> Pixels:
    image = QImage(like.shape[1], like.shape[0], QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg)).render(painter)
    painter.end()
    return pixels(image)


@pytest.mark.parametrize("ground", ["light", "dark", "clear"])
def test_three_programs_draw_the_same_picture_of_an_svg(ground: Ground) -> None:
    svg = written(everything(), width=174.0, ground=ground)
    cairo = by_cairo(svg)
    drawn = {"resvg": by_resvg(svg), "Qt": by_qt(svg, cairo), "itself": pixels(
        figure_image(everything(), FigureOptions(width=174.0, ground=ground), 1.0)
    )}  # fmt: skip
    middle = np.median(cairo, axis=(0, 1))
    assert 0.03 < float((np.abs(cairo - middle).max(axis=2) > 60).mean()) < 0.6, "neither blank nor filled"
    high, wide = (min(each.shape[axis] for each in (cairo, *drawn.values())) for axis in (0, 1))
    for name, other in drawn.items():
        apart = np.abs(cairo[:high, :wide] - other[:high, :wide]).max(axis=2)
        assert float(apart.mean()) < 6.0, name
        assert float((apart > 128).mean()) < 0.015, f"{name}: only edges of letters and lines are rounded otherwise"


def test_an_svg_has_only_what_every_reader_knows() -> None:
    svg = written(everything(), width=174.0).decode()
    kinds = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}  # noqa: S314 (our own)
    assert kinds <= {"svg", "title", "desc", "defs", "g", "path", "rect", "polyline", "polygon", "circle", "ellipse",
                     "line", "image"}  # fmt: skip
    for unknown in ("non-scaling-stroke", "clip-path", "filter", ' style="', "<text", "pattern"):
        assert unknown not in svg, unknown
    assert 'width="174mm"' in svg


def ink_share(image: Pixels) -> float:
    """The share of a line's pixels that are inked, of the rows that the line crosses."""
    dark = 255 - image.min(axis=2)
    row = dark[np.argmax(dark.sum(axis=1))]
    across = np.flatnonzero(row > 60)
    return float(row[across[0] : across[-1] + 1].mean() / row.max())


@pytest.mark.parametrize("dash", range(4))
def test_dashes_are_as_long_in_every_program(dash: int) -> None:
    line = PlotLine(Points(np.array([0.0, 1.0]), np.array([0.6, 0.6])), "t1", 3.0, dash=dash)
    svg = written(PlotFigure(PlotData(ChartAxis(0, 1), ChartAxis(0, 1), (line,), grid=False)), width=120.0)
    cairo = by_cairo(svg)
    shares = [ink_share(image[:, 40:]) for image in (cairo, by_resvg(svg), by_qt(svg, cairo))]
    strokes = dash_strokes(dash)
    wanted = sum(strokes[::2]) / sum(strokes) if strokes else 1.0
    assert max(abs(share - wanted) for share in shares) < 0.06, shares


def test_no_two_patterns_of_dashes_are_the_same_from_any_beginning() -> None:
    found = [dash_strokes(number) for number in range(40)]
    turned = [
        {strokes[2 * at :] + strokes[: 2 * at] for at in range(len(strokes) // 2)} or {strokes} for strokes in found
    ]
    assert all(not (one & other) for one, other in combinations(turned, 2))


def test_letters_can_stay_text_that_is_edited() -> None:
    svg = written(curves(), svg_letters="text").decode()
    found = [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 (our own)
    assert {"3 × 3 seeds", "test error (%)", "epoch", "3×3 conv (a)"} <= set(found)


def test_the_text_of_a_pdf_is_copied_whole_and_its_font_is_inside() -> None:
    page: Any = pypdf.PdfReader(io.BytesIO(written(curves(), form="pdf"))).pages[0]
    text = page.extract_text()
    for words in ("3 × 3 seeds", "test error (%)", "epoch", "3×3 conv (a)", "± sd"):
        assert words in text, words
    fonts = page["/Resources"]["/Font"]
    inside = [font.get_object()["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts.values()]
    assert inside
    assert all("/FontFile2" in font for font in inside)
    assert abs(float(page.mediabox.width) - 85 / 25.4 * 72) < 1


def test_a_pdf_of_outlines_has_no_text() -> None:
    page: Any = pypdf.PdfReader(io.BytesIO(written(curves(), form="pdf", pdf_letters="outlines"))).pages[0]
    assert page.extract_text().strip() == ""
    assert len(page.get_contents().get_data()) > 10_000, "but shapes"


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_a_figure_is_the_same_file_every_time_and_names_no_path_user_or_host(form: str) -> None:
    first, second = (written(curves(), form=form) for _ in range(2))
    assert first == second
    for private in (str(Path.home()), getpass.getuser(), socket.gethostname()):
        if len(private) > 4:
            assert private.encode() not in first


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_a_figure_that_a_thread_draws_is_the_same_file_and_takes_nothing_of_the_window_s(
    form: FileForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure, options = everything(), FigureOptions(form=form)
    expected = figure_file(figure, options)
    assert figure_file(figure, options) == expected, "whatever has been drawn before"
    assert is_threaded(figure)
    for shared in ("_figures", "ink", "elided", "wrapped"):
        monkeypatch.setattr(f"resnet_gui.gui.kit.cached_text.{shared}", None)
    assert done_in_thread(drawn_figure(figure, options)) == expected


def test_lines_end_at_the_axes_without_the_help_of_clips() -> None:
    steep = PlotLine(Points(np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 900.0, 2.0, np.nan])), "r3", 1.0)
    figure = PlotFigure(PlotData(ChartAxis(0, 4), ChartAxis(0, 10), (steep,)))
    image = pixels(figure_image(figure, FigureOptions(), 1.0))
    red = palette_of("light")("r3")
    colour = np.array([red.red(), red.green(), red.blue()])
    rows = np.flatnonzero((np.abs(image - colour).max(axis=2) < 40).any(axis=1))
    assert rows.min() >= 8, "not above the axes"
    assert rows.min() < 16, "but up to their top"


def test_names_stand_at_line_ends_where_they_have_room_and_else_in_a_legend() -> None:
    line = PlotLine(Points(np.array([0.0, 1.0]), np.array([0.0, 1.0])), "r0")
    short, long = (
        PlotFigure(PlotData(ChartAxis(0, 1), ChartAxis(0, 1), (line,), tags=(ChartTag(name, "r0", 1.0),)))
        for name in ("net", "a very long name of a network with many options")
    )
    assert long.height(321) > short.height(321), "the legend has a line of its own"
    for figure in (short, long):
        labels = re.findall(r'aria-label="([^"]+)"', written(figure).decode())
        assert figure.data.tags[0].text in labels


def test_a_png_is_of_the_dots_an_inch_that_are_asked_for_and_refused_where_it_is_too_large() -> None:
    image = QImage.fromData(QByteArray(written(curves(), form="png", width=101.6, dpi=150)))
    assert image.width() == 600
    assert round(image.dotsPerMeterX() * 0.0254) == 150
    most = largest_dpi(curves(), 600.0)
    with pytest.raises(InputError, match=f"at most {most} fits"):
        written(curves(), form="png", width=600.0, dpi=most + 1)


class Tall:
    """A drawing that is so many times as high as it is wide."""

    title = "Tall"

    def __init__(self, times: float) -> None:
        self._times = times

    def height(self, width: float) -> float:
        return self._times * width

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        raise AssertionError("it is too large to be painted")


@pytest.mark.parametrize(("times", "fits"), [(30.0, 174.0), (100.0, 85.0), (200.0, 40.0), (1000.0, None)])
def test_the_advice_about_a_png_that_is_too_large_can_be_followed(times: float, fits: float | None) -> None:
    figure = Tall(times)
    narrower = "" if fits is None else f"at {fits:g} mm up to {largest_dpi(figure, fits)} dpi fit, and "
    said = f"At 600 mm not even the 72 dpi that a PNG has at least fit; {narrower}an SVG or a PDF is as sharp"
    with pytest.raises(InputError, match=said):
        written(figure, form="png", width=600.0, dpi=300)
    assert fits is None or largest_dpi(figure, fits) >= 72


@pytest.mark.parametrize("kind", ["plot", "map", "matrix"])
def test_a_long_title_breaks_into_lines_inside_the_figure(kind: str) -> None:
    title = "resnet50-imagenet-seed-0, best weights: calibration error 12.3 %, 4.5 % at T, and a" + "verylongword" * 9
    width = 321.0
    axis = ChartAxis(0, 1)

    def figure(words: str) -> FigureDrawing:
        if kind == "plot":
            return PlotFigure(PlotData(axis, axis), words)
        if kind == "map":
            scale = HeightRange(0.5, 2.0, log=False)
            return MapFigure(np.ones((2, 2)), axis, axis, scale, "a title over the scale", words)
        return MatrixFigure(np.eye(2), (("1", "0"), ("0", "1")), ("a", "b"), ("true", "answer", "share"), words)

    long, short = figure(title), figure("short")
    lines = title_lines(title, width)
    assert "".join(lines).replace(" ", "") == title.replace(" ", ""), "nothing of it is lost"
    assert long.height(width) >= short.height(width) + TITLE_LINE * (len(lines) - 1) > short.height(width)
    picture = QImage(900, round(long.height(width)), QImage.Format.Format_Grayscale8)
    picture.fill(255)
    painter = QPainter(picture)
    long.paint(painter, QRectF(0, 0, width, picture.height()), FigureLook(palette_of("light")))
    painter.end()
    pixels = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), -1)
    assert (pixels[: round(HEAD), : round(width)] < 200).any()
    assert (pixels[: round(HEAD + 3 * TITLE_LINE), round(width) + 2 :] > 200).all(), "it runs out of the figure"


def test_a_title_of_any_letters_makes_a_well_formed_file() -> None:
    figure = replace(curves(), title='a\x0bb\x00<c> & "d"')
    root = ET.fromstring(written(figure))  # noqa: S314 (our own)
    assert root.findtext(f"{SVG}title") == 'a b <c> & "d"'
    written(figure, form="pdf")


class Placed:
    """A panel that notes where it is painted."""

    title = ""

    def __init__(self) -> None:
        self.box = QRectF()

    def height(self, _width: float) -> float:
        return 200.0

    def paint(self, _painter: QPainter, box: QRectF, _look: FigureLook) -> None:
        self.box = QRectF(box)


@pytest.mark.parametrize("high", [260.0, 416.0, 600.0])
def test_panels_below_each_other_lie_in_any_box_without_a_gap(high: float) -> None:
    panels = [Placed(), Placed()]
    image = QImage(500, 700, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    box = QRectF(10, 20, 480, high)
    PanelsFigure(panels, columns=1, lettered=False).paint(painter, box, FigureLook(palette_of("light")))
    painter.end()
    assert panels[0].box.top() == box.top()
    assert panels[0].box.height() == panels[1].box.height() > 100
    assert panels[1].box.bottom() == pytest.approx(box.bottom())
    assert panels[1].box.top() > panels[0].box.bottom()

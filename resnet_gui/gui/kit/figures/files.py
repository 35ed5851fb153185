"""A figure as a file: SVG, PDF or PNG of a width in millimetres, which tells nobody who wrote it, where or when."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer

from resnet_gui import __version__
from resnet_gui.base.errors import InputError
from resnet_gui.gui.kit.figures.figure import (
    LEAST_DPI,
    NARROWEST,
    ONE_COLUMN,
    PIXEL,
    TWO_COLUMNS,
    FigureDrawing,
    FigureOptions,
    is_threaded,
    look_of,
)
from resnet_gui.gui.kit.figures.outlines import outlined

PRODUCER: Final = f"ResNet Explorer {__version__}"
PDF_DPI: Final = 1200
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

MARGIN: Final = 4.0
"""Units of 1/96 inch around a figure, so that nothing touches the edge of its ground."""

NARROWER: Final = (TWO_COLUMNS, ONE_COLUMN, NARROWEST)
"""Millimetres that are named where a PNG of the width that is asked for would be too large."""

MAX_EDGE: Final = 32_000
MAX_PIXELS: Final = 400_000_000
"""What a PNG may have: Qt's limit for an edge, and 1.6 GB of memory."""


def figure_file(figure: FigureDrawing, options: FigureOptions) -> bytes:
    """The content of the file.

    Raises:
        InputError: a PNG would be too large.
    """
    return _drawn(figure, options)()


def drawn_figure(figure: FigureDrawing, options: FigureOptions) -> Callable[[], bytes]:
    """Draw a figure, in the window's thread where it must be; what is given makes the file's content, in any thread.

    Raises:
        InputError: a PNG would be too large; raised by what is given where all is done there.
    """
    return (lambda: figure_file(figure, options)) if is_threaded(figure) else _drawn(figure, options)


def _drawn(figure: FigureDrawing, options: FigureOptions) -> Callable[[], bytes]:
    match options.form:
        case "svg":
            outlines = options.svg_letters == "outlines"
            drawn = _drawn_svg(figure, options, outlines=outlines)
            high = figure_height(figure, options.pixels)
            return lambda: _finished_svg(drawn, options, high, outlines=outlines).encode()
        case "pdf":
            return partial(_finished_pdf, _drawn_pdf(figure, options))
        case _:
            return partial(_png_content, _drawn_png(figure, options))


def figure_height(figure: FigureDrawing, width: float) -> float:
    """The height of the file for its width, both in units of 1/96 inch."""
    return figure.height(width - 2 * MARGIN) + 2 * MARGIN


def largest_dpi(figure: FigureDrawing, width: float) -> int:
    """How many dots an inch a PNG of so many millimetres may have at most."""
    across = width / PIXEL
    high = figure_height(figure, across)
    return int(96 * min(MAX_EDGE / max(across, high), math.sqrt(MAX_PIXELS / (across * high))))


def figure_image(figure: FigureDrawing, options: FigureOptions, scale: float) -> QImage:
    """The figure at so many dots a unit of 1/96 inch; null where there is no memory for it."""
    across, high = options.pixels, figure_height(figure, options.pixels)
    # A width that is whole but for the last bit of a float is whole.
    wide, tall = (math.ceil(edge * scale - 1e-6) for edge in (across, high))
    image = QImage(wide, tall, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        return image
    image.fill(0)
    painter = QPainter(image)
    painter.scale(scale, scale)
    _paint(painter, figure, options, QSizeF(across, high), tabular=True)
    painter.end()
    return image


def printable(text: str) -> str:
    """A title for a file: what XML and PDF may not hold becomes a space."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _paint(painter: QPainter, figure: FigureDrawing, options: FigureOptions, size: QSizeF, *, tabular: bool) -> None:
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    look = look_of(options, tabular=tabular)
    box = QRectF(0, 0, size.width(), size.height())
    if options.filled:
        painter.fillRect(box, look.color("panel"))
    figure.paint(painter, box.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN), look)


def _svg(figure: FigureDrawing, options: FigureOptions, *, outlines: bool) -> str:
    drawn = _drawn_svg(figure, options, outlines=outlines)
    return _finished_svg(drawn, options, figure_height(figure, options.pixels), outlines=outlines)


def _drawn_svg(figure: FigureDrawing, options: FigureOptions, *, outlines: bool) -> bytes:
    across, high = options.pixels, figure_height(figure, options.pixels)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QSvgGenerator()
    writer.setOutputDevice(buffer)
    writer.setResolution(96)
    writer.setSize(QSize(math.ceil(across), math.ceil(high)))
    writer.setViewBox(QRectF(0, 0, across, high))
    title = printable(figure.title)
    writer.setTitle(title)
    writer.setDescription(f"{title}, drawn by {PRODUCER}")
    painter = QPainter(writer)
    _paint(painter, figure, options, QSizeF(across, high), tabular=outlines)
    painter.end()
    return bytes(buffer.data().data())


def _finished_svg(drawn: bytes, options: FigureOptions, high: float, *, outlines: bool) -> str:
    # No XML holds control characters, which a name may have.
    text = _CONTROLS.sub(" ", drawn.decode())
    # Qt gives the size in whole pixels, and lines that keep their width at any zoom, which CairoSVG fills.
    size = f'width="{options.width:g}mm" height="{high * PIXEL:.3f}mm"'
    text = re.sub(r'width="[\d.]+mm" height="[\d.]+mm"', size, text, count=1)
    text = text.replace(' vector-effect="non-scaling-stroke"', "")
    # Qt's outermost group has square caps; for CairoSVG they hold inside, where a dash asks for none ("butt").
    text = text.replace('stroke-linecap="square"', 'stroke-linecap="butt"')
    return outlined(text) if outlines else text


def _drawn_pdf(figure: FigureDrawing, options: FigureOptions) -> bytes:
    across, high = options.pixels, figure_height(figure, options.pixels)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    title = printable(figure.title)
    writer.setTitle(title)
    writer.setCreator(PRODUCER)
    writer.setResolution(PDF_DPI)
    size = QPageSize(
        QSizeF(options.width, high * PIXEL), QPageSize.Unit.Millimeter, title[:60],
        QPageSize.SizeMatchPolicy.ExactMatch,
    )  # fmt: skip
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    painter = QPainter(writer)
    painter.scale(PDF_DPI / 96, PDF_DPI / 96)
    if options.pdf_letters == "outlines":
        drawn = QByteArray(_svg(figure, options, outlines=True).encode())
        QSvgRenderer(drawn).render(painter, QRectF(0, 0, across, high))
    else:
        _paint(painter, figure, options, QSizeF(across, high), tabular=False)
    painter.end()
    return bytes(buffer.data().data())


def _finished_pdf(drawn: bytes) -> bytes:
    return _with_spaces(without_times(drawn))


def _with_spaces(pdf: bytes) -> bytes:
    """The same document, of which a space is copied as a space: for Qt its glyph is that of a tabulator, its first."""
    return re.sub(rb"\[(?:<[0-9A-F]{4}> ?)+\]", lambda found: found[0].replace(b"<0009>", b"<0020>"), pdf)


def without_times(pdf: bytes) -> bytes:
    """The same document without when, in which time zone and under which number Qt wrote it: one figure, one file.

    Qt can be told neither; what stands there instead is as long, so that the table of offsets holds.
    """
    found = re.search(rb"uuid:([0-9a-f-]{36})", pdf)
    if found:
        number = str(uuid.uuid5(uuid.NAMESPACE_OID, "a figure")).encode()
        pdf = pdf.replace(found[1], number).replace(found[1].hex().encode(), number.hex().encode())
    pdf = re.sub(rb"D:\d{14}", b"D:20000101000000", pdf)
    pdf = re.sub(rb"(D:20000101000000)[+-]\d\d'\d\d'", rb"\g<1>+00'00'", pdf)
    pdf = re.sub(rb"(Date=\")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", rb"\g<1>2000-01-01T00:00:00", pdf)
    return re.sub(rb"(Date=\"2000-01-01T00:00:00)[+-]\d\d:\d\d", rb"\g<1>+00:00", pdf)


def _drawn_png(figure: FigureDrawing, options: FigureOptions) -> QImage:
    if options.dpi > (most := largest_dpi(figure, options.width)):
        if most < LEAST_DPI:
            raise InputError(_too_large(figure, options.width))
        raise InputError(f"At {options.dpi} dpi the picture is too large; at {options.width:g} mm at most {most} fits.")
    image = figure_image(figure, options, options.dpi / 96)
    if image.isNull():
        raise InputError(f"There is not enough memory for a picture of {options.dpi} dpi; choose fewer.")
    image.setDotsPerMeterX(round(options.dpi / 0.0254))
    image.setDotsPerMeterY(round(options.dpi / 0.0254))
    return image


def _too_large(figure: FigureDrawing, width: float) -> str:
    """The sentence about a drawing of which not even a PNG of the fewest dots an inch fits, with what does."""
    fits = next((less for less in NARROWER if less < width and largest_dpi(figure, less) >= LEAST_DPI), None)
    narrower = f"at {fits:g} mm up to {largest_dpi(figure, fits)} dpi fit, and " if fits is not None else ""
    return (
        f"At {width:g} mm not even the {LEAST_DPI} dpi that a PNG has at least fit; {narrower}an SVG or a PDF is as "
        "sharp at any size."
    )


def _png_content(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())

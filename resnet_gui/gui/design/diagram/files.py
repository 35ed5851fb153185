"""The diagram of a whole network as a picture file: SVG, PNG, PDF."""

from __future__ import annotations

import math
import os
import re
import uuid
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from resnet_gui import __version__
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.gui.design.diagram.paint import Colouring, PaintContext, paint_diagram
from resnet_gui.gui.design.diagram.scene import WIDTH, Diagram
from resnet_gui.gui.kit.theme import load_fonts, palette_of

Picture = Literal["svg", "png", "pdf"]
MAX_EDGE: Final = 32_000
MAX_PIXELS: Final = 400_000_000
"""What a PNG may have: Qt's limit for an edge, and 1.6 GB of memory."""


def largest_scale(design: Design) -> float:
    """How many pixels a scene unit a PNG of the whole network may have at most."""
    height = lay_out(plan(design.spec), whole=True).height
    return min(MAX_EDGE / height, math.sqrt(MAX_PIXELS / height / WIDTH))


def write_picture(
    design: Design,
    form: Picture,
    path: Path,
    *,
    theme: str = "light",
    scale: float = 2.0,
    colouring: Colouring = "stage",
) -> None:
    """Draw every block of a network into a file, whole or not at all; ``scale`` is for PNG, pixels a unit.

    Raises:
        InputError: the file cannot be written, or the PNG would be too large.
    """
    diagram = lay_out(plan(design.spec), whole=True)
    if form == "png" and scale > (limit := largest_scale(design)):
        raise InputError(f"At scale {scale:g} the picture is too large; for {design.name} at most {limit:.1f} fits.")
    pixels = max(scale, 1.0) if form == "png" else 1.0
    look = PaintContext(palette_of(theme), pixels, colouring, tabular=form == "png")
    # Into memory first: Qt's writers do not tell when a disk is full.
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if form == "svg":
        _draw_svg(design, diagram, look, buffer)
    elif form == "pdf":
        _draw_pdf(design, diagram, look, buffer)
    else:
        _draw_png(diagram, look, scale, buffer)
    data = bytes(buffer.data().data())
    write_out(path, _without_times(data) if form == "pdf" else data)


def write_without_window(design: Design, path: Path) -> None:
    """Draw a network as SVG where there is no window, and maybe no display either.

    Raises:
        InputError: the file cannot be written.
    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        # Kept by the module: Qt must outlive everything that was drawn with it.
        _applications.append(QApplication(["resnet-gui"]))
        load_fonts()
    write_picture(design, "svg", path)


_applications: Final[list[QApplication]] = []


def _paint(painter: QPainter, diagram: Diagram, look: PaintContext) -> None:
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.fillRect(QRectF(0, 0, WIDTH, diagram.height), look.color("canvas"))
    paint_diagram(painter, diagram, look)


def _draw_svg(design: Design, diagram: Diagram, look: PaintContext, device: QIODevice) -> None:
    writer = QSvgGenerator()
    writer.setOutputDevice(device)
    writer.setResolution(96)
    writer.setSize(QSize(round(WIDTH), round(diagram.height)))
    writer.setViewBox(QRectF(0, 0, WIDTH, diagram.height))
    # Qt escapes what XML reserves, but control characters may not stand in it at all.
    name = "".join(letter if letter.isprintable() else " " for letter in design.name)
    writer.setTitle(name)
    writer.setDescription(f"{name}, drawn by ResNet Explorer {__version__}")
    painter = QPainter(writer)
    _paint(painter, diagram, look)
    painter.end()


def _draw_pdf(design: Design, diagram: Diagram, look: PaintContext, device: QIODevice) -> None:
    writer = QPdfWriter(device)
    writer.setTitle(design.name)
    writer.setCreator(f"ResNet Explorer {__version__}")
    writer.setResolution(288)
    size = QPageSize(QSizeF(WIDTH * 0.75, diagram.height * 0.75), QPageSize.Unit.Point, design.name[:60])
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    painter = QPainter(writer)
    # 0.75 points a unit, as a browser prints pixels.
    painter.scale(288 / 96, 288 / 96)
    _paint(painter, diagram, look)
    painter.end()


def _without_times(pdf: bytes) -> bytes:
    """The same document without when, in which time zone and under which number Qt wrote it: one design gives one file.

    Qt can be told neither; what stands there instead is as long, so that the table of offsets holds.
    """
    found = re.search(rb"uuid:([0-9a-f-]{36})", pdf)
    if found:
        number = str(uuid.uuid5(uuid.NAMESPACE_URL, "resnet-explorer")).encode()
        pdf = pdf.replace(found[1], number).replace(found[1].hex().encode(), number.hex().encode())
    pdf = re.sub(rb"D:\d{14}", b"D:20000101000000", pdf)
    pdf = re.sub(rb"(D:20000101000000)[+-]\d\d'\d\d'", rb"\g<1>+00'00'", pdf)
    pdf = re.sub(rb"(Date=\")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", rb"\g<1>2000-01-01T00:00:00", pdf)
    return re.sub(rb"(Date=\"2000-01-01T00:00:00)[+-]\d\d:\d\d", rb"\g<1>+00:00", pdf)


def _draw_png(diagram: Diagram, look: PaintContext, scale: float, device: QIODevice) -> None:
    image = QImage(round(WIDTH * scale), round(diagram.height * scale), QImage.Format.Format_RGB32)
    if image.isNull():
        raise InputError(f"There is not enough memory for a picture at scale {scale:g}; choose a smaller one.")
    image.setDotsPerMeterX(round(96 * scale / 0.0254))
    image.setDotsPerMeterY(round(96 * scale / 0.0254))
    painter = QPainter(image)
    painter.scale(scale, scale)
    _paint(painter, diagram, look)
    painter.end()
    image.save(device, "PNG")  # type: ignore[call-overload]

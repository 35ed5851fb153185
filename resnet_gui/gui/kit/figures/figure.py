"""What a figure is, and the choices with which it is drawn into a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from resnet_gui.gui.kit.cached_text import CachedText, DrawingTexts
from resnet_gui.gui.kit.theme import palette_of

Ground = Literal["light", "dark", "clear", "clear-dark"]
Letters = Literal["outlines", "text"]
FileForm = Literal["svg", "pdf", "png"]

GROUNDS: Final[tuple[tuple[Ground, str], ...]] = (
    ("light", "White"), ("dark", "Dark"), ("clear", "None, for light pages"), ("clear-dark", "None, for dark pages"),
)  # fmt: skip

ONE_COLUMN: Final = 85.0
TWO_COLUMNS: Final = 174.0
"""Millimetres of one and of two columns of a journal's page."""

NARROWEST, WIDEST = 40.0, 600.0
DPI: Final = (150, 300, 600)
"""Dots an inch that are offered for a PNG; most journals ask for 300 or 600."""

LEAST_DPI: Final = 72
"""Dots an inch that a PNG has at least."""

PIXEL: Final = 25.4 / 96
"""Millimetres of a unit in which figures are painted, the pixel of CSS: letters of 11 units are 8.25 points high."""


@dataclass(frozen=True)
class FigureOptions:
    """The choices with which figures are written.

    Attributes:
        width: in millimetres.
        ground: white, dark, or none, then with the letters of a light or a dark page.
        form: of the file.
        svg_letters: in an SVG outlines look the same everywhere, text can be edited but needs the font.
        pdf_letters: in a PDF text can be copied and its font is embedded.
        dpi: dots an inch of a PNG.
    """

    width: float = ONE_COLUMN
    ground: Ground = "light"
    form: FileForm = "svg"
    svg_letters: Letters = "outlines"
    pdf_letters: Letters = "text"
    dpi: int = 300

    @property
    def pixels(self) -> float:
        """The width in units of the painter."""
        return self.width / PIXEL

    @property
    def theme(self) -> str:
        """Whose colours are used, "light" or "dark"."""
        return "dark" if self.ground in {"dark", "clear-dark"} else "light"

    @property
    def filled(self) -> bool:
        """Whether there is a ground."""
        return self.ground in {"light", "dark"}


@dataclass(frozen=True)
class FigureLook:
    """The way a figure is painted.

    Attributes:
        color: the colour of a token.
        tabular: whether figures have one width; in a PDF such figures could not be copied.
        filled: whether the ground is painted; without one nothing may be painted in its colour.
        texts: of this drawing.
    """

    color: Callable[[str], QColor]
    tabular: bool = True
    filled: bool = True
    texts: DrawingTexts = field(default_factory=DrawingTexts, compare=False)

    def ink(self, text: str, size: int = 11, weight: int = 400) -> CachedText:
        """A text ready to be drawn, its size in units of 1/96 inch."""
        return self.texts.ink(text, size, weight, tabular=self.tabular)

    def elided(self, text: str, room: int, size: int = 11, weight: int = 400, *, middle: bool = False) -> str:
        """The text, cut where it needs more room."""
        return self.texts.elided(text, room, size, weight, middle=middle)


def look_of(options: FigureOptions, *, tabular: bool = True) -> FigureLook:
    """The look that the choices ask for."""
    return FigureLook(palette_of(options.theme), tabular, options.filled)


def is_threaded(figure: FigureDrawing) -> bool:
    """Whether a figure may be drawn in any thread: it says so by ``threaded``, and takes all texts from its look."""
    return bool(getattr(figure, "threaded", False))


class FigureDrawing(Protocol):
    """A drawing that can be painted at any width: as a file, in a dialog, or large for an audience."""

    @property
    def title(self) -> str:
        """What it is, for the file's own title."""

    def height(self, width: float) -> float:
        """The height that suits a width, both in units of 1/96 inch."""

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint it into a box; the ground is there already, if there is one."""

"""Small maps side by side, one of them chosen."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.theme import Theme

CELL, GAP_X, GAP_Y = 48, 4, 6


@dataclass(frozen=True)
class Tile:
    """A picture with what it is called, for its tooltip and for readers."""

    image: QImage
    words: str


class MapGrid(QWidget):
    """A grid of tiles, as many as there is room for.

    Signals:
        chosen: number of the tile that was chosen.
        room_changed: there is room for another number of tiles.
    """

    chosen = Signal(int)
    room_changed = Signal()

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._tiles: list[Tile] = []
        self._place = 0
        self._room = 0
        self._smooth = True
        self._words = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(3 * (CELL + GAP_X), CELL)
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    @property
    def columns(self) -> int:
        """How many tiles stand in a row."""
        return max(1, (self.width() + GAP_X) // (CELL + GAP_X))

    @property
    def room(self) -> int:
        """How many tiles there is room for."""
        return self.columns * max(1, (self.height() + GAP_Y) // (CELL + GAP_Y))

    @property
    def place(self) -> int:
        """Number of the chosen tile."""
        return self._place

    def tiles(self) -> list[Tile]:
        """What is shown."""
        return list(self._tiles)

    def show_tiles(self, tiles: list[Tile], *, smooth: bool = True, words: str = "") -> None:
        """Show tiles, the first one chosen; ``words`` stand where there are none."""
        self._tiles, self._smooth, self._words = tiles, smooth, words
        self._place = min(self._place, max(0, len(tiles) - 1))
        self._describe()
        self.update()

    def choose(self, place: int) -> None:
        """Choose a tile."""
        if 0 <= place < len(self._tiles):
            self._place = place
            self._describe()
            self.update()
            self.chosen.emit(place)

    def _describe(self) -> None:
        self.setAccessibleDescription(self._tiles[self._place].words if self._tiles else self._words)

    def _cell(self, number: int) -> QRectF:
        line, place = divmod(number, self.columns)
        return QRectF(place * (CELL + GAP_X), line * (CELL + GAP_Y), CELL, CELL)

    def _at(self, event: QMouseEvent) -> int:
        found = (n for n in range(len(self._tiles)) if self._cell(n).contains(event.position()))
        return next(found, -1)

    def sizeHint(self) -> QSize:
        """Eight by three."""
        return QSize(8 * (CELL + GAP_X), 3 * (CELL + GAP_Y))

    def resizeEvent(self, _event: object) -> None:
        """There may be room for more."""
        if self.room != self._room:
            self._room = self.room
            self.room_changed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the mouse."""
        number = self._at(event)
        self.setToolTip(self._tiles[number].words if number >= 0 else "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the tile under the mouse."""
        self.choose(self._at(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys choose a neighbour."""
        step = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -self.columns, Qt.Key.Key_Down: self.columns,
        }.get(Qt.Key(event.key()))  # fmt: skip
        if step is None:
            super().keyPressEvent(event)
        else:
            self.choose(self._place + step)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tiles."""
        painter = QPainter(self)
        color = self._theme.color
        if not self._tiles:
            painter.setPen(color("t3"))
            where = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), where, self._words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
        for number, tile in enumerate(self._tiles):
            cell = self._cell(number)
            if cell.bottom() > self.height() + 1:
                break
            painter.drawImage(cell, tile.image)
        if self._place < len(self._tiles):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(color("acc"), 2))
            painter.drawRoundedRect(self._cell(self._place).adjusted(1, 1, -1, -1), 3, 3)


class Enlarged(QWidget):
    """The view of one tile, enlarged."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._image = QImage()
        self._smooth = True
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(100)

    def show_image(self, image: QImage, *, smooth: bool = True) -> None:
        """Show a picture; a null one for none."""
        self._image, self._smooth = image, smooth
        self.update()

    def image(self) -> QImage:
        """What is shown."""
        return self._image

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(160, 160)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it as a square, or an empty frame."""
        painter = QPainter(self)
        side = min(self.width(), self.height())
        frame = QRectF(0, 0, side, side)
        if self._image.isNull():
            painter.fillRect(frame, self._theme.color("hover"))
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
        scale = side / max(self._image.width(), self._image.height())
        painter.drawImage(QRectF(0, 0, self._image.width() * scale, self._image.height() * scale), self._image)


def number(value: float) -> str:
    """A value of a map in three digits."""
    return f"{value:.3g}".replace("-", "−")


def beside_grid(grid: MapGrid, large: Enlarged, title: QLabel, stats: QLabel) -> QHBoxLayout:
    """A grid, the chosen tile enlarged, and what is to be said of it."""
    body = row(gap=12)
    side = QWidget()
    words = column(side, gap=4)
    words.addWidget(title)
    words.addWidget(stats)
    words.addStretch()
    side.setFixedWidth(104)
    body.addWidget(grid, 5)
    body.addWidget(large, 2)
    body.addWidget(side)
    return body

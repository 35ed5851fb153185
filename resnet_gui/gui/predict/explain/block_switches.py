"""The blocks of a network as the Design page draws them, to be turned off and on."""

from __future__ import annotations

from itertools import groupby
from typing import Final, NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.analysis.deletions import DeletionKind, deletion_kind
from resnet_gui.design.choices import KINDS
from resnet_gui.design.location import Location
from resnet_gui.design.structure import BlockPlan, Plan
from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme

CARD: Final = QSize(38, 30)
PITCH, LINE, PAD, GAP = 58, 48, 10, 8
"""Pixels from card to card, from line to line, around the cards of a stage and between stages."""

TITLE = 18
"""Pixels for the name of a stage."""

FAINT = 0.25
"""How much is seen of a block whose branch adds nothing."""


class SwitchedBlock(NamedTuple):
    """A block as it is drawn: its channels are those of its convolutions."""

    location: Location
    kind: DeletionKind
    adds: bool
    changes_shape: bool
    channels: tuple[int, ...]


class StageBand(NamedTuple):
    """The ground of a stage, with its name."""

    rect: QRectF
    token: str
    title: str


def _switched(location: Location, block: BlockPlan) -> SwitchedBlock:
    channels = tuple(layer.output[0] for layer in block.main() if KINDS[layer.kind].mixes)
    return SwitchedBlock(location, deletion_kind(block), block.adds, block.input != block.output, channels)


class BlockSwitches(QWidget):
    """The switches of the branches: a card a block, a band a stage; a branch that is off is hatched.

    Signals:
        toggled: the blocks that are off now, in order.
        moved: x and y of the card that keys have gone to.
    """

    toggled = Signal(object)
    moved = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._blocks: list[SwitchedBlock] = []
        self._off: set[str] = set()
        self._share = 1.0
        self._place = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Told so, and not by a least height: an area would keep a scroll bar which makes the lines break that need it.
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Branches that can be turned off")
        theme.changed.connect(self.update)

    def show_network(self, planned: Plan) -> None:
        """Take the blocks of a network; all are on."""
        self._off, self._place, self._share = set(), 0, 1.0
        self._blocks = [_switched(location, block) for location, block in planned.blocks()]
        self.updateGeometry()
        self.update()

    def show_share(self, share: float) -> None:
        """Show how much of its branch every block adds, 0 to 1."""
        self._share = share
        self.update()

    def off(self) -> tuple[str, ...]:
        """The blocks that are off, in order."""
        return tuple(block.location.path for block in self._blocks if block.location.path in self._off)

    def show_off(self, off: tuple[str, ...]) -> None:
        """Show which blocks are off, without telling anybody."""
        self._off = set(off)
        self.setAccessibleDescription(f"off: {', '.join(off)}" if off else "all are on")
        self.update()

    def set_all_on(self) -> None:
        """Turn everything on."""
        if self._off:
            self._off.clear()
            self._tell()

    def toggle(self, name: str) -> None:
        """Turn a branch off or on."""
        if any(block.location.path == name and block.kind != "none" for block in self._blocks):
            self._off ^= {name}
            self._tell()

    def _tell(self) -> None:
        off = self.off()
        self.show_off(off)
        self.toggled.emit(off)

    # ---- geometry

    def _layout(self, wide: int) -> tuple[list[StageBand], list[QRectF]]:
        """Bands beside each other while there is room, and the cards in them; a long stage has several lines."""
        bands, cards = list[StageBand](), list[QRectF]()
        x = y = high = 0
        room = max(wide, 2 * PAD + PITCH)
        for stage, group in groupby(self._blocks, key=lambda block: block.location.stage):
            blocks = list(group)
            columns = min(len(blocks), max(1, (room - 2 * PAD) // PITCH))
            wide, tall = 2 * PAD + columns * PITCH, TITLE + LINE * -(-len(blocks) // columns) + 4
            if x and x + wide > room:
                x, y, high = 0, y + high + GAP, 0
            bands.append(StageBand(QRectF(x + 0.5, y + 0.5, wide - 1, tall - 1), section_token(stage),
                                   blocks[0].location.section_title))  # fmt: skip
            for number in range(len(blocks)):
                left, top = x + PAD + 6 + PITCH * (number % columns), y + TITLE + 13 + LINE * (number // columns)
                cards.append(QRectF(left, top, CARD.width(), CARD.height()))
            x, high = x + wide + GAP, max(high, tall)
        return bands, cards

    def _cells(self) -> list[QRectF]:
        return self._layout(self.width())[1]

    def heightForWidth(self, wide: int) -> int:
        """As high as its lines, which break elsewhere at another width."""
        bands, _ = self._layout(wide)
        return int(max((band.rect.bottom() for band in bands), default=LINE)) + 2

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(400, self.heightForWidth(max(400, self.width())))

    # ---- the user

    def _at(self, event: QMouseEvent) -> int:
        found = (n for n, cell in enumerate(self._cells()) if cell.contains(event.position()))
        return next(found, -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the mouse."""
        number = self._at(event)
        if number < 0:
            self.setToolTip("")
            return
        block = self._blocks[number]
        name = block.location.path
        if block.kind == "none":
            self.setToolTip(f"{name} has no shortcut and changes the shape, so nothing would be left of it")
            return
        left = "only its shortcut is left" if block.kind == "shortcut" else "it is bypassed"
        self.setToolTip(f"{name}: off, {left}" if name in self._off else f"{name}: on")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Turn the branch under the mouse off or on."""
        number = self._at(event)
        if number >= 0:
            self._place = number
            self.toggle(self._blocks[number].location.path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move, space turns."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and self._blocks:
            self._place = min(len(self._blocks) - 1, max(0, self._place + step))
            self.moved.emit(*self._cells()[self._place].center().toPoint().toTuple())
            self.update()
        elif event.key() == Qt.Key.Key_Space and self._blocks:
            self.toggle(self._blocks[self._place].location.path)
        else:
            super().keyPressEvent(event)

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bands, shortcuts and cards."""
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bands, cards = self._layout(self.width())
        for band in bands:
            painter.setPen(QPen(color(f"{band.token}l"), 1))
            painter.setBrush(color(f"{band.token}t"))
            painter.drawRoundedRect(band.rect, 6, 6)
            painter.setPen(color("t2"))
            ink(band.title, 11, 500).draw(painter, band.rect.left() + PAD, band.rect.top() + 3)
        for number, (block, cell) in enumerate(zip(self._blocks, cards, strict=True)):
            token = section_token(block.location.stage)
            self._paint_ways(painter, block, cell, token)
            self._paint_card(painter, block, cell, token)
            if self.hasFocus() and number == self._place:
                painter.setPen(QPen(color("acc"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(cell.adjusted(-3, -3, 3, 3), 8, 8)

    def _paint_ways(self, painter: QPainter, block: SwitchedBlock, cell: QRectF, token: str) -> None:
        """The way through the block, and around it: solid an identity, dashed what changes the shape."""
        color, middle, off = self._theme.color, cell.center().y(), block.location.path in self._off
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color("t2"), 1.2))
        painter.drawLine(QLineF(cell.left() - 10, middle, cell.left(), middle))
        node = QPointF(cell.right() + 8, middle)
        if not block.adds and not off:
            painter.drawLine(QLineF(cell.right(), middle, cell.right() + 12, middle))
            return
        around = QPainterPath(QPointF(cell.left() - 6, middle))
        top = cell.top() - 8
        around.lineTo(cell.left() - 6, top + 4)
        around.quadTo(cell.left() - 6, top, cell.left() - 2, top)
        around.lineTo(node.x() - 4, top)
        around.quadTo(node.x(), top, node.x(), top + 4)
        around.lineTo(node)
        pen = QPen(color("acc" if off else token), 2.4 if off else 1.8)
        if block.changes_shape:
            pen.setDashPattern([2, 1.5])
        painter.setPen(pen)
        painter.drawPath(around)
        if not block.adds:
            return
        painter.setOpacity(0.0 if off else max(FAINT, self._share))
        painter.setPen(QPen(color("t2"), 1.2))
        painter.drawLine(QLineF(cell.right(), middle, node.x() - 4, middle))
        painter.setOpacity(1.0)
        painter.setPen(QPen(color(token), 1.3))
        painter.setBrush(color("panel"))
        painter.drawEllipse(node, 4, 4)
        painter.setPen(QPen(color("t1"), 1.1))
        painter.drawLine(QLineF(node.x() - 2, middle, node.x() + 2, middle))
        painter.drawLine(QLineF(node.x(), middle - 2, node.x(), middle + 2))

    def _paint_card(self, painter: QPainter, block: SwitchedBlock, cell: QRectF, token: str) -> None:
        """The card with a bar a convolution, the fainter the less of its branch is added."""
        color, off = self._theme.color, block.location.path in self._off
        painter.setPen(
            QPen(color("acc" if off else token), 1.2, Qt.PenStyle.DashLine if off else Qt.PenStyle.SolidLine)
        )
        painter.setBrush(color("panel"))
        painter.drawRoundedRect(cell, 6, 6)
        painter.setOpacity(FAINT + (1 - FAINT) * self._share)
        if off:
            _hatch(painter, cell, color("acc"))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(f"{token}c"))
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 5, 5)
            self._paint_bars(painter, block, cell, color(token))
        painter.setOpacity(1.0)
        name = ink(block.location.number, 11, 600)
        place = cell.adjusted(0, 3, 0, -13)
        if off:
            ground = QRectF(cell.center().x() - name.width / 2 - 2, cell.center().y() - 7, name.width + 4, 14)
            painter.fillRect(ground, color("panel"))
            place = cell
        painter.setPen(color("t2" if block.kind == "none" else "t1"))
        name.draw_in(painter, place, "centre")

    @staticmethod
    def _paint_bars(painter: QPainter, block: SwitchedBlock, cell: QRectF, hue: QColor) -> None:
        pen = QPen(hue, 2.2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        most, middle = max(block.channels, default=1), cell.center().x()
        top = cell.bottom() - 3.5 - 4 * len(block.channels)
        for number, channels in enumerate(block.channels):
            half, y = max(4.0, (cell.width() - 12) * channels / most) / 2, top + 4 * number + 2
            painter.drawLine(QLineF(middle - half, y, middle + half, y))


def _hatch(painter: QPainter, cell: QRectF, colour: QColor) -> None:
    """Lines at 45° in a card."""
    painter.save()
    clip = QPainterPath()
    clip.addRoundedRect(cell.adjusted(1, 1, -1, -1), 5, 5)
    painter.setClipPath(clip)
    painter.setPen(QPen(colour, 1.2))
    high = cell.height()
    starts = [cell.left() - high + 8 * number for number in range(int((cell.width() + high) / 8) + 1)]
    painter.drawLines([QLineF(x, cell.bottom(), x + high, cell.top()) for x in starts])
    painter.restore()

"""A network's blocks with the error without each: click to delete, or to swap two."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.common.section_hues import stage_token
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.format import shape
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.lab.measured.lesions import BlockDeletion

LEFT: Final = 112
"""Pixels for the words of a stage."""

PITCH: Final = 65
BLOCK: Final = (42, 34)
BAND: Final = 134
LEAST_BAND: Final = 122
GAP: Final = 10
FULL: Final = 45
"""Pixels of an error of 100 %, the same in every diagram."""

Mode = Literal["delete", "swap"]


@dataclass(frozen=True)
class DrawnBlock:
    """A block in the diagram: its location, box, stage and how its input goes around it."""

    location: Location
    box: QRectF
    stage: int
    adds: bool
    changes_shape: bool


@lru_cache(maxsize=16)
def _blocks(spec: ResNetSpec) -> tuple[tuple[Location, bool, bool, str], ...]:
    return tuple(
        (location, block.adds, block.input != block.output, shape(block.output, wide=True))
        for location, block in plan(spec).blocks()
    )


class LesionDiagram(QWidget):
    """The blocks of one network, a band a stage.

    Attributes:
        mode: what a click does.
        message: where there is no network to show.

    Signals:
        deleted_changed: paths of the blocks that are deleted now.
        swapped: two paths whose blocks are to change places.
    """

    deleted_changed = Signal(object)
    swapped = Signal(str, str)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme, self._token = theme, "r1"
        self._spec: ResNetSpec | None = None
        self._errors: dict[str, BlockDeletion] = {}
        self._intact: float | None = None
        self._deleted: set[str] = set()
        self._swaps: tuple[tuple[str, str], ...] = ()
        self._first = ""
        self._at = 0
        self.mode: Mode = "delete"
        self.setAccessibleName(f"Blocks of {name}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.message = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_network(self, spec: ResNetSpec | None, token: str) -> None:
        """Show the blocks of a network; all are there."""
        self._spec, self._token = spec, token
        self._deleted, self._swaps, self._first, self._at = set(), (), "", 0
        self.setMinimumHeight(self.sizeHint().height())
        self.update()

    def show_errors(self, deletions: Mapping[str, BlockDeletion], intact: float | None) -> None:
        """Show the error without each block; ``intact`` is that of the whole network, as a fraction."""
        self._errors, self._intact = dict(deletions), intact
        self.update()

    def show_changes(self, deleted: Collection[str], swaps: tuple[tuple[str, str], ...]) -> None:
        """Show what is deleted and swapped, without telling anybody."""
        self._deleted, self._swaps, self._first = set(deleted), swaps, ""
        self.setAccessibleDescription(f"deleted: {', '.join(sorted(deleted))}" if deleted else "all blocks are there")
        self.update()

    @property
    def deleted(self) -> tuple[str, ...]:
        """What is deleted, in the order of the blocks."""
        return tuple(block.location.path for block in self.blocks() if block.location.path in self._deleted)

    def deletable(self) -> list[str]:
        """Paths of the blocks that something is left of where they are deleted."""
        return [block.location.path for block in self.blocks() if block.adds or not block.changes_shape]

    # ---- where things are

    def sizeHint(self) -> QSize:
        """As high as its bands."""
        stages = len({location.stage for location, *_ in _blocks(self._spec)}) if self._spec is not None else 3
        return QSize(400, 8 + stages * (LEAST_BAND + GAP))

    def _band(self, stage: int) -> QRectF:
        stages = max(1, len({location.stage for location, *_ in _blocks(self._spec)})) if self._spec else 3
        high = min(BAND, max(LEAST_BAND, (self.height() - 8) / stages - GAP))
        return QRectF(0.5, 4.5 + stage * (high + GAP), self.width() - 1, high)

    def blocks(self) -> list[DrawnBlock]:
        """The blocks with their boxes."""
        if self._spec is None:
            return []
        found, every = list[DrawnBlock](), _blocks(self._spec)
        for stage in dict.fromkeys(location.stage for location, *_ in every):
            if not isinstance(stage, int):
                continue
            here, band = [each for each in every if each[0].stage == stage], self._band(stage)
            pitch = min(PITCH, (band.width() - LEFT - 14) / len(here))
            wide = min(BLOCK[0], max(6.0, pitch - 16))
            for number, (location, adds, changes, _) in enumerate(here):
                box = QRectF(band.left() + LEFT + number * pitch, band.top() + 22, wide, BLOCK[1])
                found.append(DrawnBlock(location, box, stage, adds, changes))
        return found

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bands, wires, blocks and bars."""
        painter, color = QPainter(self), self._theme.color
        painter.fillRect(self.rect(), color("canvas"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        blocks = self.blocks()
        if self._spec is None:
            painter.setPen(color("t2"))
            ink(self.message, 12).draw_in(painter, QRectF(self.rect()), "centre")
            return
        shapes = {location.stage: words for location, _, _, words in _blocks(self._spec)}
        for stage in dict.fromkeys(block.stage for block in blocks):
            self._paint_band(painter, stage, shapes[stage])
        self._paint_wraps(painter, blocks)
        for number, block in enumerate(blocks):
            self._paint_wire(painter, block)
            self._paint_block(painter, block, focused=self.hasFocus() and number == self._at)
            self._paint_bar(painter, block)

    def _baseline(self, band: QRectF) -> float:
        return round(band.bottom() - 12) + 0.5

    def _full(self, band: QRectF) -> float:
        return min(FULL, band.height() - 12 - 22 - BLOCK[1] - 20)

    def _paint_band(self, painter: QPainter, stage: int, words: str) -> None:
        color, band, token = self._theme.color, self._band(stage), stage_token(stage)
        painter.setPen(QPen(color(f"{token}l"), 1))
        painter.setBrush(color(f"{token}t"))
        painter.drawRoundedRect(band, 8, 8)
        painter.setPen(color("t1"))
        ink(f"Stage {stage + 1}", 12, 600).draw(painter, band.left() + 12, band.top() + 14)
        painter.setPen(color("t2"))
        ink(Location(stage).paper_name, 11).draw(painter, band.left() + 12, band.top() + 31)
        ink(words, 11).draw(painter, band.left() + 12, band.top() + 46)
        base, full = self._baseline(band), self._full(band)
        left, right = band.left() + LEFT - 12, band.right() - 8
        for share, text in ((0.5, "50"), (1.0, "100"), (0.0, "0 %")):
            y = base - full * share
            pen = QPen(color("ctl" if not share else f"{token}l"), 1)
            if share:
                pen.setDashPattern([1, 3])
            painter.setPen(pen)
            painter.drawLine(QLineF(left, y, right, y))
            painter.setPen(color("t2"))
            ink(text, 11).draw_in(painter, QRectF(left - 50, y - 7, 45, 14), "right")
        if self._intact is not None:
            pen = QPen(color("t1"), 1)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            painter.drawLine(QLineF(left, base - full * self._intact, right, base - full * self._intact))

    def _paint_wire(self, painter: QPainter, block: DrawnBlock) -> None:
        color, box, token = self._theme.color, block.box, stage_token(block.stage)
        off = block.location.path in self._deleted
        painter.setPen(QPen(color("t2"), 1.5))
        middle = box.center().y()
        if not (off and not block.adds):
            painter.drawLine(QLineF(box.left() - 12, middle, box.left() - 1, middle))
        painter.drawLine(QLineF(box.right(), middle, box.right() + (5 if block.adds else 12), middle))
        around = QPainterPath(QPointF(box.left() - 9, middle))
        top = box.top() - 11
        around.lineTo(box.left() - 9, top + 4)
        around.quadTo(box.left() - 9, top, box.left() - 5, top)
        around.lineTo(box.right() + 6, top)
        around.quadTo(box.right() + 10, top, box.right() + 10, top + 4)
        around.lineTo(box.right() + 10, middle - (5 if block.adds else 0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if block.adds:
            pen = QPen(color("acc" if off else token), 2.6 if off else 1.8)
            if block.changes_shape:
                pen.setDashPattern([1.5, 1.5])
            painter.setPen(pen)
            painter.drawPath(around)
            node = QPointF(box.right() + 10, middle)
            painter.setPen(QPen(color(token), 1.3))
            painter.setBrush(color("panel"))
            painter.drawEllipse(node, 5, 5)
            painter.setPen(QPen(color("t1"), 1.1))
            painter.drawLine(node - QPointF(2.5, 0), node + QPointF(2.5, 0))
            painter.drawLine(node - QPointF(0, 2.5), node + QPointF(0, 2.5))
        elif off:
            pen = QPen(color("acc"), 2.2)
            pen.setDashPattern([2, 1.5])
            painter.setPen(pen)
            painter.drawPath(around)

    def _paint_wraps(self, painter: QPainter, blocks: list[DrawnBlock]) -> None:
        """The way from the last block of a stage around to the first of the next."""
        painter.setPen(QPen(self._theme.color("t2"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for block, following in itertools.pairwise(blocks):
            if block.stage == following.stage:
                continue
            first, second = self._band(block.stage), self._band(following.stage)
            gap, right = (first.bottom() + second.top()) / 2, first.right() - 4
            start, end = block.box.center().y(), following.box.center().y()
            left = following.box.left() - 30
            path = QPainterPath(QPointF(block.box.right() + 15, start))
            for x, y in ((right, start), (right, gap), (left, gap), (left, end), (following.box.left() - 12, end)):
                path.lineTo(x, y)
            painter.drawPath(path)

    def _paint_block(self, painter: QPainter, block: DrawnBlock, *, focused: bool) -> None:
        color, box, token, path = self._theme.color, block.box, stage_token(block.stage), block.location.path
        off, picked = path in self._deleted, path == self._first
        moved = any(path in pair for pair in self._swaps)
        painter.setPen(QPen(color("acc" if off or picked or moved else token), 2 if picked or focused else 1.3))
        painter.setBrush(color("canvas" if off else f"{token}c"))
        if off:
            pen = QPen(color("acc"), 1.3)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
        painter.drawRoundedRect(box, 6, 6)
        if off:
            _paint_hatch(painter, box, color("acc"))
        name = ink(block.location.number, 11, 600)
        if name.width > box.width() - 2:
            return
        if off:
            painter.fillRect(QRectF(box.center().x() - name.width / 2 - 2, box.center().y() - 7, name.width + 4, 14),
                             color("canvas"))  # fmt: skip
        painter.setPen(color("t1"))
        place = box if off else box.adjusted(0, 0, 0, -12)
        name.draw_in(painter, place, "centre")
        if not off:
            pen = QPen(color(token), 2.2)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            for line in (23.0, 28.0):
                painter.drawLine(QLineF(box.left() + 10, box.top() + line, box.right() - 10, box.top() + line))

    def _paint_bar(self, painter: QPainter, block: DrawnBlock) -> None:
        found = self._errors.get(block.location.path)
        color, band = self._theme.color, self._band(block.stage)
        base, full = self._baseline(band), self._full(band)
        box = block.box
        if found is None:
            return
        if found.error is None:
            painter.setPen(color("t2"))
            words = ink(found.reason, 11)
            words.draw(painter, max(box.center().x() - words.width / 2, box.left() - 10), base - 17)
            return
        wide = min(22.0, box.width())
        high = max(1.0, full * found.error)
        painter.fillRect(QRectF(box.center().x() - wide / 2, base - high, wide, high), color(self._token))
        text = ink(f"{100 * found.error:.1f}", 11, 600 if found.error > 0.1 else 400)
        if text.width <= box.width() + 14:
            painter.setPen(color("t1"))
            text.draw(painter, box.center().x() - text.width / 2, base - high - 15)

    # ---- the user

    def _under(self, place: QPointF) -> DrawnBlock | None:
        found = (block for block in self.blocks() if block.box.adjusted(-4, -4, 4, 4).contains(place))
        return next(found, None)

    def act_on(self, path: str) -> None:
        """What a click on a block does."""
        if self.mode == "swap":
            if not self._first or self._first == path:
                self._first = "" if self._first else path
                self.update()
            else:
                first, self._first = self._first, ""
                self.swapped.emit(first, path)
            return
        if path not in self.deletable():
            return
        self._deleted ^= {path}
        self.update()
        self.deleted_changed.emit(self.deleted)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Delete or put back the block under the pointer, or take it for a swap."""
        block = self._under(event.position())
        if block is not None and event.button() == Qt.MouseButton.LeftButton:
            self._at = [each.location for each in self.blocks()].index(block.location)
            self.act_on(block.location.path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from block to block, the space bar deletes."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        blocks = self.blocks()
        if step is not None and blocks:
            self._at = min(len(blocks) - 1, max(0, self._at + step))
            self.update()
        elif event.key() == Qt.Key.Key_Space and blocks:
            self.act_on(blocks[self._at].location.path)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what the block under the pointer is."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            block = self._under(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._words(block) if block is not None else "", self)
            return True
        return super().event(event)

    def _words(self, block: DrawnBlock) -> str:
        found = self._errors.get(block.location.path)
        if block.location.path not in self.deletable():
            return f"{block.location.path}: its shape changes and it has no shortcut, so nothing would be left of it"
        if found is None or found.error is None:
            return block.location.path
        return f"{block.location.path}: test error {100 * found.error:.2f} % without it"


def _paint_hatch(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Lines at 45° in a rounded box."""
    painter.save()
    clip = QPainterPath()
    clip.addRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
    painter.setClipPath(clip)
    painter.setPen(QPen(colour, 1.2))
    reach = box.height()
    count = int((box.width() + reach) / 8.5) + 1
    starts = [box.left() - reach + 8.5 * number for number in range(count)]
    painter.drawLines([QLineF(x, box.bottom(), x + reach, box.top()) for x in starts])
    painter.restore()

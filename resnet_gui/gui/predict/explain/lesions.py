"""Switches of the residual branches: turn some off and see the answer change (Veit et al. 2016)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QWidget

from resnet_gui.analysis.deletions import DeletionKind, deletion_kind
from resnet_gui.design.location import Location
from resnet_gui.design.structure import Plan
from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.kit.basic import button, column, label, row
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.state import PredictState

CHIP, HIGH, GAP, LEFT = 34, 24, 4, 64


class BlockSwitches(QWidget):
    """The switches of the branches: a chip a block, a line a stage; one that is off is crossed out.

    Signals:
        toggled: the blocks that are off now, in order.
        moved: x and y of the chip that keys have gone to.
    """

    toggled = Signal(object)
    moved = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._blocks: list[tuple[Location, DeletionKind]] = []
        self._off: set[str] = set()
        self._place = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Branches that can be turned off")
        theme.changed.connect(self.update)

    def show_network(self, planned: Plan) -> None:
        """Take the blocks of a network; all are on."""
        self._off, self._place = set(), 0
        self._blocks = [(location, deletion_kind(block)) for location, block in planned.blocks()]
        self._fit()
        self.update()

    def off(self) -> tuple[str, ...]:
        """The blocks that are off, in order."""
        return tuple(block.path for block, _ in self._blocks if block.path in self._off)

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
        if any(block.path == name and kind != "none" for block, kind in self._blocks):
            self._off ^= {name}
            self._tell()

    def _tell(self) -> None:
        off = self.off()
        self.show_off(off)
        self.toggled.emit(off)

    def _columns(self) -> int:
        return max(1, (self.width() - LEFT + GAP) // (CHIP + GAP))

    def _cells(self) -> list[QRectF]:
        cells: list[QRectF] = []
        y, last, place, columns = 0, None, 0, self._columns()
        for block, _ in self._blocks:
            if block.stage != last:
                y += (HIGH + GAP) if last is not None else 0
                last, place = block.stage, 0
            elif place == columns:
                y, place = y + HIGH + GAP, 0
            cells.append(QRectF(LEFT + place * (CHIP + GAP), y, CHIP, HIGH))
            place += 1
        return cells

    def _fit(self) -> None:
        cells = self._cells()
        self.setMinimumHeight(int(cells[-1].bottom()) + 2 if cells else HIGH)

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(400, self.minimumHeight())

    def resizeEvent(self, _event: object) -> None:
        """The lines break elsewhere."""
        self._fit()

    def _at(self, event: QMouseEvent) -> int:
        found = (n for n, cell in enumerate(self._cells()) if cell.contains(event.position()))
        return next(found, -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the mouse."""
        number = self._at(event)
        if number < 0:
            self.setToolTip("")
            return
        block, kind = self._blocks[number]
        name = block.path
        if kind == "none":
            self.setToolTip(f"{name} has no shortcut and changes the shape, so nothing would be left of it")
            return
        left = "only its shortcut is left" if kind == "shortcut" else "it is bypassed"
        self.setToolTip(f"{name}: off, {left}" if name in self._off else f"{name}: on")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Turn the branch under the mouse off or on."""
        number = self._at(event)
        if number >= 0:
            self._place = number
            self.toggle(self._blocks[number][0].path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move, space turns."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and self._blocks:
            self._place = min(len(self._blocks) - 1, max(0, self._place + step))
            self.moved.emit(*self._cells()[self._place].center().toPoint().toTuple())
            self.update()
        elif event.key() == Qt.Key.Key_Space and self._blocks:
            self.toggle(self._blocks[self._place][0].path)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the chips."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, last = self._theme.color, None
        for number, ((block, kind), cell) in enumerate(zip(self._blocks, self._cells(), strict=True)):
            if block.stage != last:
                last = block.stage
                painter.setPen(color("t2"))
                ink(block.section_title, 11, 500).draw_in(painter, QRectF(0, cell.top(), LEFT, HIGH))
            off = block.path in self._off
            focused = self.hasFocus() and number == self._place
            line = "acc" if focused else "err" if off else section_token(block.stage)
            painter.setPen(QPen(color(line), 2 if focused else 1))
            painter.setBrush(color("errsoft" if off else "raise"))
            painter.drawRoundedRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(color("dis" if kind == "none" else "err" if off else "t1"))
            ink(block.number, 11, 500).draw_in(painter, cell, "centre")
            if off:
                painter.setPen(QPen(color("err"), 1.5))
                painter.drawLine(cell.adjusted(5, 5, -5, -5).bottomLeft(), cell.adjusted(5, 5, -5, -5).topRight())


class LesionView(ExplainWidget):
    """The view of lesions: the switches with what became of the answer."""

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__(theme, state)
        layout = column(self, (16, 6, 16, 8), 6)
        line = row(gap=8)
        self.words = label("", "muted12", wrap=True)
        line.addWidget(self.words, 1)
        self.reset = button("All on", "small", "Turn every branch on again")
        line.addWidget(self.reset)
        layout.addLayout(line)
        self.switches = BlockSwitches(theme)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.switches.moved.connect(area.ensureVisible)
        area.setWidget(self.switches)
        layout.addWidget(area, 1)
        # What was said before is true no more; the answer to what is off now follows.
        state.lesions_changed.connect(self._lesions_changed)
        self.switches.toggled.connect(state.set_lesions)
        self.reset.clicked.connect(self.switches.set_all_on)
        self.show_change("", 0.0, 0.0)

    def show_network(self, planned: Plan) -> None:
        """Take the blocks of a network."""
        self.switches.show_network(planned)
        self.show_change("", 0.0, 0.0)

    def _lesions_changed(self) -> None:
        self.switches.show_off(self.state.lesions)
        self.show_change("", 0.0, 0.0)

    def show_change(self, before: str, was: float, now: float) -> None:
        """Say how sure the network is of its first answer with and without lesions."""
        off = len(self.switches.off())
        self.reset.setEnabled(off > 0)
        if not off:
            self.words.setText(
                "Turn a residual branch off: only its shortcut is left. A plain block is bypassed, which few survive."
            )
        elif not before:
            self.words.setText(f"{off} off")
        else:
            shown = elided(before, 200, 12)
            self.words.setText(
                f"{off} off: {shown} falls from {percent(was)} to {percent(now)}"
                if now < was
                else f"{off} off: {shown} goes from {percent(was)} to {percent(now)}"
            )

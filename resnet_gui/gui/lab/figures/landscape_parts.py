"""Parts of the loss landscape: the colours of the loss, a surface with what was computed, contours side by side."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, StatusDot, column, label, panel, row
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.charts.surface import HeightRange
from resnet_gui.gui.kit.charts.surface_view import ContourView, SurfaceView
from resnet_gui.gui.kit.colormap import viridis
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.figures.figure import divider
from resnet_gui.lab.measured.landscape import EDGE, GRIDS, LossSurface, points_of_pass

MAPS: Final = 174
DIRECTIONS: Final = 3
"""Direction seeds that are shown side by side."""


class LossScale(QWidget):
    """The colours of the losses, from the lowest to the highest."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._words = ("", "")
        self.setFixedSize(150, 16)
        self.setAccessibleName("Colours of the loss")
        theme.changed.connect(self.update)

    def show_span(self, span: HeightRange) -> None:
        """Show other ends."""
        self._words = f"loss {span.low:.2g}", f"{span.high:.3g}"
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the words and the colours between them."""
        painter = QPainter(self)
        painter.setPen(self._theme.color("t2"))
        left, right = (ink(word, 11) for word in self._words)
        left.draw_in(painter, QRectF(0, 0, left.width, 16))
        right.draw_in(painter, QRectF(self.width() - right.width, 0, right.width, 16))
        first, last = left.width + 6, self.width() - right.width - 6
        for x in range(int(first), int(last), 2):
            painter.fillRect(QRectF(x, 4, 2, 8), viridis((x - first) / max(1.0, last - first)))


class SurfaceSide(QWidget):
    """One network: its name, how far its surface is, the surface, and what was computed.

    Signals:
        turned: the camera that the user has chosen.
    """

    turned = Signal(object)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        layout = column(self)
        head = panel()
        head.setFixedHeight(34)
        line = row(head, (16, 0, 16, 0), 8)
        self.dot = StatusDot(theme, "r0")
        self.name, self.loss = label("", "title"), label("", "muted12")
        self.passes = label("", "small")
        for part in (self.dot, self.name, self.loss):
            line.addWidget(part)
        line.addStretch()
        line.addWidget(self.passes)
        layout.addWidget(head)
        layout.addWidget(divider(upright=False))
        self.view = SurfaceView(theme, name)
        self.view.turned.connect(self.turned)
        layout.addWidget(self.view, 1)
        layout.addWidget(divider(upright=False))
        foot = panel()
        foot.setFixedHeight(25)
        self.caption = ElidedLabel("", "small")
        row(foot, (16, 0, 16, 0)).addWidget(self.caption)
        layout.addWidget(foot)

    def show_side(self, name: str, token: str, loss: LossSurface | None) -> None:
        """Show name, training loss, passes and caption of a surface."""
        self.dot.set_token(token)
        self.name.setText(name)
        self.loss.setText(f"training loss {loss.training_loss:.2g}" if loss is not None else "")
        self.passes.setText(_passes(loss) if loss is not None else "")
        self.caption.setText(loss.caption if loss is not None else "")


class MapsSide(QWidget):
    """The contours of one network: the chosen direction large, all of them small.

    Signals:
        seed_chosen: number of the direction whose small map was clicked.
        row_chosen: row of the section.
    """

    seed_chosen = Signal(int)
    row_chosen = Signal(int)

    def __init__(self, theme: Theme, *, mirrored: bool) -> None:
        super().__init__()
        layout = row(self, gap=6)
        self.large = ContourView(theme, "Contours")
        self.large.setFixedSize(MAPS, MAPS)
        self.large.row_chosen.connect(self.row_chosen)
        small = QWidget()
        stack = column(small, gap=4)
        self.small = [ContourView(theme, f"Contours, direction {n + 1}", small=True) for n in range(DIRECTIONS)]
        for number, view in enumerate(self.small):
            view.setFixedSize((MAPS - 8) // 3, (MAPS - 8) // 3)
            view.clicked.connect(lambda number=number: self.seed_chosen.emit(number))
            stack.addWidget(view)
        for part in (small, self.large) if mirrored else (self.large, small):
            layout.addWidget(part)


def _passes(loss: LossSurface) -> str:
    parts = []
    for number, (grid, known) in enumerate(zip(GRIDS, loss.passes, strict=True)):
        total = len(points_of_pass(number))
        name = f"{grid}×{grid}"
        if known == total:
            parts.append(f"✓ {name}")
        elif known:
            parts.append(f"{name} {len(loss.losses)} / {EDGE * EDGE}")
    return "   ".join(parts)

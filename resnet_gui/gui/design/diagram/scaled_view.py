"""The size of the diagram: it fills its place until the user zooms, and is laid out as wide as that is."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsView

from resnet_gui.design.structure import Plan
from resnet_gui.gui.design.diagram.fitting import MARGIN, DiagramFit, fill, show_all
from resnet_gui.gui.design.diagram.scene import WIDTH, Diagram

LARGEST, LEAST = 4.0, 0.4
BAR: Final = 10

Zooming = Literal["fill", "whole", "hand"]
"""Whether the diagram fills its place, is shown whole however small, or has the size that the user chose."""


class ScaledDiagramView(QGraphicsView):
    """A view of a plan's diagram that knows how large and how wide it is to be; whoever extends it draws.

    Attributes:
        diagram: what is drawn.

    Signals:
        zoomed: the scale has changed.
    """

    zoomed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        # A graphics view takes every drag for its scene, which refuses it: the window would never hear of it.
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self._scale, self._width = 1.0, WIDTH
        self._zooming: Zooming = "fill"
        self._plan: Plan | None = None
        self.diagram = Diagram()

    def _draw(self) -> None:
        """Lay the plan out at the present width and draw it."""

    def zoom(self, factor: float) -> None:
        """Scale by a factor, between 40 and 400 per cent; from then on the size is the user's."""
        self._zooming = "hand"
        self.set_zoom(self._scale * factor)

    def natural(self) -> None:
        """The size it is drawn for, or what fits across where that is less."""
        self._zooming = "hand"
        if self._width != WIDTH:
            self._width = WIDTH
            self._draw()
        self.set_zoom(min(1.0, self._room() / (WIDTH - 2 * MARGIN)))

    def _arrange(self, *, anew: bool = False) -> None:
        """Let the diagram fill its place, unless the user has chosen a size; ``anew`` draws it in any case."""
        if self._plan is None:
            return
        fit = DiagramFit(self._scale, self._width)
        if self._zooming == "fill":
            fit = fill(self._plan, self._room(), self.height())
        elif self._zooming == "whole":
            fit = show_all(self._plan, self._room(), self.height(), self.diagram.unfolded)
        if anew or fit.width != self._width:
            self._width = fit.width
            self._draw()
        if self._zooming != "hand":
            bar = self.verticalScrollBar()
            at_top = bar.value() <= bar.minimum()
            self.set_zoom(fit.scale)
            # Scaling keeps the middle in its place, which would push the beginning of a diagram out of sight.
            if at_top:
                bar.setValue(bar.minimum())
        else:
            self._settle_bar()

    def set_zoom(self, scale: float) -> None:
        """Scale to a size, 1 being the size it is drawn for."""
        wanted = min(LARGEST, max(LEAST, scale))
        if wanted == self._scale:
            self._settle_bar()
            return
        self.scale(wanted / self._scale, wanted / self._scale)
        self._scale = wanted
        self._settle_bar()
        self.zoomed.emit(wanted)

    def _settle_bar(self) -> None:
        """A bar for what lies beside the view, and only then.

        Left to itself, the view reckons with the width that scroll bars have without the style sheet. What is asked
        here must not depend on whether there are bars, or they would come and go for ever.
        """
        fits = self._scale * (self._width - 2 * MARGIN) <= self._room() + 0.5
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        if policy != self.horizontalScrollBarPolicy():
            self.setHorizontalScrollBarPolicy(policy)

    def _room(self) -> int:
        """Pixels across, a vertical scroll bar left out."""
        return self.width() - BAR

    def fit(self) -> None:
        """Show the whole network, and go on doing so in another size of the window."""
        self._zooming = "whole"
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The diagram fills its place, unless somebody has chosen another size."""
        super().resizeEvent(event)
        self._arrange()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.15 if event.angleDelta().y() > 0 else 1 / 1.15)
            event.accept()
            return
        super().wheelEvent(event)

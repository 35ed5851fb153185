"""Where other parts of a network begin to learn: dashed lines over a plot, and a strip with the parts above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.curve_plot import CurvePlot
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.runs.series import Axis
from resnet_gui.gui.train.thawing.parts import paint_part, part_tokens
from resnet_gui.training.phase_edits import learning_words, parts_of
from resnet_gui.training.phases import first_epochs

CELL, CELL_GAP, HIGH = 8, 1, 11
HEIGHT: Final = 34


class PhaseSpan(NamedTuple):
    """A phase as it is marked: where it begins on the x axis, how many parts are frozen of how many, and words."""

    x: float
    frozen: int
    stages: int
    words: str


def phase_spans(run: RunRow, axis: Axis) -> tuple[PhaseSpan, ...]:
    """The phases of a run, also those that are still to come; none where it names none, or its steps are not known.

    Over an axis of time only those that have begun: nobody knows when the others will.
    """
    state = run.state
    if not run.recipe.phases or state is None or state.started is None:
        return ()
    per_epoch, stages = state.started.steps_per_epoch, len(run.spec.blocks)
    found = []
    begun = {phase.number: phase.step for phase in state.phases}
    for number, (first, phase) in enumerate(zip(first_epochs(run.recipe.phases), run.recipe.phases, strict=True)):
        step = begun.get(number, first * per_epoch)
        x = step / per_epoch if axis == "epoch" else float(step)
        if axis == "time":
            curve = state.curves["seconds"]
            place = int(np.searchsorted(np.asarray(curve.x), step))
            if place >= len(curve.y):
                break
            x = curve.y[place] if step else 0.0
        found.append(PhaseSpan(x, parts_of(phase, stages), stages, learning_words(phase, stages)))
    return tuple(found)


class PhaseStrip(QWidget):
    """The strip above a plot: for each phase the parts of the network, hatched where frozen, and what learns."""

    def __init__(self, theme: Theme, view: Any, scene: QWidget) -> None:
        super().__init__()
        self._theme, self._view, self._scene = theme, view, scene
        self._spans: tuple[PhaseSpan, ...] = ()
        self.setFixedHeight(HEIGHT)
        view.sigXRangeChanged.connect(self._moved)
        theme.changed.connect(self.update)
        self.hide()

    def show_spans(self, spans: tuple[PhaseSpan, ...]) -> None:
        """Show other phases."""
        self._spans = spans
        self.setAccessibleName("; ".join(span.words for span in spans))
        self.setVisible(bool(spans))
        self.update()

    def _moved(self, *_range: object) -> None:
        self.update()

    def places(self) -> list[float]:
        """Where the phases begin, in pixels of the strip."""
        area = self._view.sceneBoundingRect()
        (low, high), _ = self._view.viewRange()
        scale = area.width() / max(high - low, 1e-9)
        left = self._scene.mapTo(self.window(), self._scene.rect().topLeft()).x()
        left -= self.mapTo(self.window(), self.rect().topLeft()).x()
        return [left + area.left() + (span.x - low) * scale for span in self._spans]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw cells and words of each phase, as far as there is room until the next one."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self.places()
        for number, (span, x) in enumerate(zip(self._spans, places, strict=True)):
            room = (places[number + 1] if number + 1 < len(places) else self.width()) - x - 6
            if x < 0 or room < CELL:
                continue
            parts = span.stages + 2
            wide = min(CELL, (room - CELL_GAP) / parts - CELL_GAP)
            if wide >= 3:
                for part in range(parts):
                    box = QRectF(x + 3 + part * (wide + CELL_GAP), 3, wide, HIGH)
                    paint_part(painter, self._theme, box, part_tokens(part, span.stages), frozen=part < span.frozen)
            painter.setPen(self._theme.color("t2"))
            ink(elided(span.words, int(room), 11), 11).draw(painter, x + 3, 17)


class PhaseMarks(QObject):
    """The marks of phases over one plot.

    Attributes:
        strip: above the plot.
        lines: one where each phase but the first begins.
    """

    def __init__(self, theme: Theme, plot: CurvePlot) -> None:
        super().__init__(plot)
        self._theme, self._item = theme, plot.item
        self.strip = PhaseStrip(theme, plot.item.getViewBox(), plot.item.getViewWidget())
        plot.place_above(self.strip)
        self.lines: list[Any] = []
        self._spans: tuple[PhaseSpan, ...] = ()
        theme.changed.connect(self._recolour)

    def show_spans(self, spans: Sequence[PhaseSpan]) -> None:
        """Show phases; those that are shown already are left alone."""
        if tuple(spans) == self._spans:
            return
        self._spans = tuple(spans)
        for line in self.lines:
            self._item.removeItem(line)
        self.lines = []
        for span in self._spans[1:]:
            line = pg.InfiniteLine(QPointF(span.x, 0), angle=90, movable=False)
            line.setZValue(900)
            self._item.addItem(line, ignoreBounds=True)
            self.lines.append(line)
        self._recolour()
        self.strip.show_spans(self._spans)

    def _recolour(self) -> None:
        for line in self.lines:
            line.setPen(pg.mkPen(self._theme.color("t2"), width=1, style=Qt.PenStyle.DashLine))

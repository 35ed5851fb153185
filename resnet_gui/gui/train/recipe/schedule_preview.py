"""The learning rate over a whole training, as a small line."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.training.recipe import Recipe, lr_at, steps_in_epoch, total_steps

POINTS = 240

USUAL_PICTURES = 50_000
"""Pictures of an epoch while nobody knows how many there are."""


class SchedulePreview(QWidget):
    """A preview of the learning rate: a line over three logarithmic decades, with the epochs at which it falls."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rates: list[float] = []
        self._marks: list[tuple[float, str]] = []
        self._top, self._here = 1.0, 0.0
        self.setFixedHeight(30)
        self.setAccessibleName("Schedule of the learning rate")
        theme.changed.connect(self.update)

    def show_training(self, recipe: Recipe, images: int) -> None:
        """Show a recipe's schedule over its epochs of so many pictures."""
        per_epoch = max(1, steps_in_epoch(images, min(recipe.batch_size, images), recipe.accumulate))
        self.show_recipe(recipe, total_steps(recipe, per_epoch), per_epoch)

    def show_recipe(self, recipe: Recipe, steps: int, steps_per_epoch: int, *, here: float = 0.0) -> None:
        """Show a recipe's schedule over so many steps; ``here`` is the fraction of them that is behind."""
        self._here = here
        total = max(1, steps)
        self._rates = [lr_at(recipe, round(total * point / POINTS), total) for point in range(POINTS)]
        self._top = recipe.lr
        self._marks = []
        if recipe.schedule == "step":
            for number, at in enumerate(recipe.step_at):
                epoch = math.ceil(at * total / max(1, steps_per_epoch))
                self._marks.append((at, f"epoch {epoch:,}" if number == 0 else f"{epoch:,}"))
        first, last = (lr_at(recipe, step, total) for step in (0, total - 1))
        self.setToolTip(
            f"Learning rate from {first:.3g} to {last:.3g}, at most {max(self._rates):.3g}, over {total:,} steps"
        )
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the form."""
        return QSize(200, 30)

    def _y(self, rate: float) -> float:
        decades = math.log10(max(rate, self._top * 1e-3) / self._top)
        return 4 - decades / 3 * (self.height() - 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line."""
        if not self._rates:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        wide = self.width()
        line = QPolygonF([QPointF(wide * number / POINTS, self._y(rate)) for number, rate in enumerate(self._rates)])
        painter.setPen(QPen(color("acc"), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)
        painter.setPen(color("t2"))
        if self._here:
            x = min(wide - 1.0, wide * self._here)
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
            ink("here", 11).draw_in(painter, QRectF(max(0.0, x - 34), 0, 30, 13), "right")
        for at, text in self._marks:
            rate = self._rates[min(POINTS - 1, math.ceil(at * POINTS))]
            # Above the line behind the step, where that has room; else beside its fall.
            words, top = ink(text, 11), self._y(rate) - 15
            words.draw_in(painter, QRectF(wide * at + 5, top if top >= -2 else self._y(rate) + 2, 70, 13))

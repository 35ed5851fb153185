"""The runs of last time: how each stands, how its error fell, and how far."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.basic import column
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.gui.runs.row import RunRow, progress_text, state_word
from resnet_gui.gui.welcome.row_button import RecentCard, RowButton
from resnet_gui.runs.history import replay

if TYPE_CHECKING:
    # At run time it would load the messages of engines, which the first paint does without.
    from resnet_gui.gui.runs.model import RunModel

SHOWN: Final = 4
FOLLOW_MS: Final = 1500
"""How often the row of a run that goes on is painted anew."""

LINE_WIDE, LINE_HIGH = 66, 16
_BADGES: Final = {
    "running": ("accsoft", "acc"), "starting": ("accsoft", "acc"), "finished": ("oksoft", "ok"),
    "paused": ("warnsoft", "warn"), "interrupted": ("warnsoft", "warn"), "failed": ("errsoft", "err"),
}  # fmt: skip
"""Status -> ground and text of its badge, as the style sheet has them."""


class RunButton(RowButton):
    """The row of a run.

    Attributes:
        run: that it leads to.
        errors: after each epoch, as fractions.
    """

    def __init__(self, theme: Theme, run: RunRow) -> None:
        super().__init__(theme, run.name)
        self.run = run
        self.errors: tuple[float, ...] = ()
        self.show_run()

    def show_run(self) -> None:
        """Show the run as it stands."""
        run = self.run
        if run.state is not None:
            self.errors = tuple(run.state.curves["test_error"].y)
        error = f"best top-1 error {percent(run.error)}" if run.error is not None else "no error yet"
        self.setText(run.name)
        self.setAccessibleName(f"{run.name}, {state_word(run)}, {progress_text(run)}, {error}")
        self.setToolTip(f"Show {run.name} on the Train page")
        self.update()

    def paint_contents(self, painter: QPainter, box: QRectF) -> None:
        """Draw sign, name, state, curve and error."""
        run, color = self.run, self._theme.color
        middle = box.center().y()
        painter.setPen(QPen(color(run.token), 1.6) if run.dashed else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if run.dashed else color(run.token))
        painter.drawEllipse(QPointF(box.left() + 4, middle), 3.6, 3.6)
        drawn = box.width() >= 420
        room = box.width() - 18 - 66 - (LINE_WIDE + 16 if drawn else 0)
        name = min(room * 0.55, 220.0)
        self.write(painter, self.text(), QRectF(box.left() + 18, box.top(), name, box.height()), "t1", weight=500)
        self._draw_state(painter, QRectF(box.left() + 18 + name + 10, box.top(), room - name - 10, box.height()))
        if drawn:
            self._draw_line(painter, QRectF(box.right() - 62 - LINE_WIDE, middle - LINE_HIGH / 2, LINE_WIDE, LINE_HIGH))
        error = "–" if run.error is None else percent(run.error)
        self.write_right(painter, error, QRectF(box.right() - 58, box.top(), 58, box.height()), "t1", weight=600)

    def _draw_state(self, painter: QPainter, box: QRectF) -> None:
        """The state in a badge, and how far it is or why it ended."""
        run, color = self.run, self._theme.color
        ground, letters = _BADGES.get(run.status, ("hover", "t2"))
        word = ink(state_word(run), 11, 500)
        badge = QRectF(box.left(), box.center().y() - 9, word.width + 12, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(ground))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(color(letters))
        word.draw_in(painter, badge, "centre")
        room = int(box.right() - badge.right() - 8)
        if room > 30:
            painter.setPen(color("t2"))
            rest = QRectF(badge.right() + 8, box.top(), room, box.height())
            ink(elided(progress_text(run), room, 11), 11).draw_in(painter, rest)

    def _draw_line(self, painter: QPainter, box: QRectF) -> None:
        """The error after each epoch, from its own highest to zero."""
        top = max(self.errors, default=0.0)
        if len(self.errors) < 2 or not top:
            return
        color, last = self._theme.color(self.run.token), len(self.errors) - 1
        points = [
            QPointF(box.left() + box.width() * number / last, box.bottom() - box.height() * error / top)
            for number, error in enumerate(self.errors)
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 1.6, j=Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(QPolygonF(points))
        if self.run.going:
            painter.setBrush(color)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(points[-1], 2.5, 2.5)


class RecentRuns(QWidget):
    """The card of the recent runs, those that go on first.

    Signals:
        chosen: folder of a run that is to be shown.
        changed: there are others, or none any more.
    """

    chosen = Signal(str)
    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.card = RecentCard("Recent runs", "best top-1 error", "Runs that you start will appear here.")
        column(self).addWidget(self.card)
        self._runs: RunModel | None = None
        self._shown: list[Path] = []
        self._rows: list[RunButton] = []
        self._curves = QTimer(self, interval=0)
        self._curves.timeout.connect(self._read_one)
        self._late = Throttle(self, FOLLOW_MS, self._show)

    def show_runs(self, runs: RunModel) -> None:
        """Follow the runs of the session."""
        if self._runs is None:
            self._runs = runs
            for signal in (runs.rowsInserted, runs.rowsRemoved, runs.modelReset):
                signal.connect(self._show)
            runs.run_changed.connect(self._late.request)
        self._show()

    @property
    def empty(self) -> bool:
        """Whether there is no run."""
        return not self._shown

    def _show(self) -> None:
        """Show the latest few, and read the curve of one after the other."""
        page = self.parentWidget()
        if self._runs is None or page is None or not page.isVisible():
            return
        own = [run for run in self._runs.rows() if not run.recorded]
        wanted = sorted(own, key=lambda run: (not run.going, run.status == "queued"))[:SHOWN]
        if [run.folder for run in wanted] != self._shown:
            self._shown = [run.folder for run in wanted]
            self._rows = [RunButton(self._theme, run) for run in wanted]
            for made in self._rows:
                made.clicked.connect(lambda _=False, folder=str(made.run.folder): self.chosen.emit(folder))
            self.card.show_rows(self._rows)
            self.changed.emit()
        for made in self._rows:
            made.show_run()
        self._curves.start()

    def _read_one(self) -> None:
        """Read the errors of a run whose events nobody has looked at; the window answers between two of them."""
        for made in self._rows:
            if not made.errors and made.run.state is None and made.run.epoch:
                made.errors = tuple(replay(made.run.folder, steps=False).curves["test_error"].y) or (0.0,)
                made.update()
                return
        self._curves.stop()

"""The head of a sweep: what it is, one cell a run, how long still, and what can be done with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton

from resnet_gui.gui.kit.basic import ElidedLabel, button, column, label, restyle, row, set_icon
from resnet_gui.gui.kit.charts.cell_strip import CellStrip, ProgressCell
from resnet_gui.gui.kit.format import duration
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.sweeps.lists import run_words
from resnet_gui.gui.train.sweeps.model import SweepItem
from resnet_gui.sweeps.state import LIVE, RunCell
from resnet_gui.sweeps.sweep import Sweep
from resnet_gui.sweeps.words import recipe_words

NARROW: Final = 860
"""Width below which buttons have no text."""

BUTTONS: Final = {
    "pause": ("Pause", "", "Hold all runs after their step, with checkpoints (Space)", "pause"),
    "go_on": ("Go on", "", "Go on with the held runs (Space)", "play"),
    "stop": ("Stop", "danger", "End the runs after their step, with checkpoints; Resume goes on", "stop"),
    "kill": ("End now", "danger", "Do not wait for the steps", "stop"),
    "resume": ("Resume", "", "Train the runs that are not over", "refresh"),
    "retry": ("Retry failed", "", "Train the runs again that failed", "refresh"),
    "seeds": ("More seeds", "", "Train every configuration with further seeds; what there is stays", "seed"),
}  # fmt: skip


class SweepHeader(QFrame):
    """The head of the chosen sweep.

    Attributes:
        cells: one a run.
        export: the button whose menu writes reports and files.

    Signals:
        requested: name of the button that was pressed.
        cell_clicked: folder of the run whose cell was clicked.
    """

    requested = Signal(str)
    cell_clicked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panelHeader")
        self.setFixedHeight(77)
        layout = column(self, (16, 8, 16, 4), 2)
        layout.addLayout(self._top(theme))
        layout.addLayout(self._progress(theme))

    def _top(self, theme: Theme) -> QHBoxLayout:
        top = row(gap=8)
        sign = QLabel()
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap("sweep", "acc", 16)))
        self._name = ElidedLabel("", "run", least=80)
        self.badge = label("")
        self.badge.setProperty("badge", "idle")
        self._about = ElidedLabel("", "muted", least=20)
        for widget in (sign, self._name, self.badge):
            top.addWidget(widget)
        top.addWidget(self._about, 1)
        self.export = button("Report", "menu", "Report, tables, the sweep's file, pictures of the figures")
        set_icon(theme, self.export, "report", "t1")
        self.export.setMenu(QMenu(self.export))
        top.addWidget(self.export)
        self._buttons: dict[str, QPushButton] = {}
        for name, (text, kind, tip, icon) in BUTTONS.items():
            made = self._buttons[name] = button(text, kind, tip)
            made.setAccessibleName(text)
            set_icon(theme, made, icon, "err" if kind == "danger" else "t1")
            made.clicked.connect(lambda _=False, name=name: self.requested.emit(name))
            top.addWidget(made)
        return top

    def _progress(self, theme: Theme) -> QHBoxLayout:
        line = row(gap=8)
        self._word = label("Run", "muted")
        self._run, self._runs = label("", "run"), label("", "muted")
        for widget in (self._word, self._run, self._runs):
            line.addWidget(widget)
        self.cells = CellStrip(theme)
        self.cells.cell_clicked.connect(self.cell_clicked)
        line.addSpacing(6)
        line.addWidget(self.cells, 1)
        line.addSpacing(6)
        self._failed_sign = QFrame()
        self._failed_sign.setFixedSize(QSize(10, 10))
        theme.follow(
            self._failed_sign,
            lambda: self._failed_sign.setStyleSheet(f"background: {theme.hex('err')}; border-radius: 2px;"),
        )
        self._failed = label("", "small")
        self._left_word, self._left = label("ETA", "muted"), label("", "title")
        for part in (self._failed_sign, self._failed, self._left_word, self._left):
            line.addWidget(part)
        return line

    def button(self, name: str) -> QPushButton:
        """A button by its name, such as pause, stop, resume or retry."""
        return self._buttons[name]

    def texts(self) -> tuple[str, str, str]:
        """Run, time and state as shown."""
        return f"{self._run.text()} {self._runs.text()}", self._left.text(), self.badge.text()

    def show_sweep(self, item: SweepItem) -> None:
        """Show a sweep as it stands."""
        sweep, state, status = item.sweep, item.state, item.status
        self._name.setText(item.name)
        self._name.setToolTip(str(item.folder))
        self.badge.setText("Stopping" if item.stopping else status.capitalize())
        restyle(self.badge, badge=status)
        self._about.setText(about_words(sweep))
        self._about.setToolTip(about_words(sweep))
        done, total = item.counts
        going = item.going and done < total
        self._word.setText("Run" if going else "Runs")
        self._run.setText(f"{min(done + max(1, item.live()), total):,}" if going else f"{done:,}")
        self._runs.setText(f"/ {total:,}")
        failed = len(state.failed) if state is not None else 0
        self._failed.setText(f"{failed} failed")
        self._failed.setVisible(bool(failed))
        self._failed_sign.setVisible(bool(failed))
        left = item.seconds_left()
        self._left_word.setVisible(item.going)
        self._left.setText(("…" if left is None else duration(left)) if item.going else "")
        self.cells.show_groups(_cells(item))
        self._show_buttons(item, failed=bool(failed))

    def _show_buttons(self, item: SweepItem, *, failed: bool) -> None:
        done, total = item.counts
        rests = not item.going and not item.waiting
        wanted = {
            "pause": item.going and item.status == "running" and not item.stopping,
            "go_on": item.status == "paused" and not item.stopping,
            "stop": (item.going or item.waiting) and not item.stopping,
            "kill": item.owned and item.stopping,
            "resume": rests and item.state is not None and done < total,
            "retry": rests and failed,
            "seeds": rests and item.state is not None and done == total,
        }
        for name, made in self._buttons.items():
            made.setVisible(wanted[name])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the texts of the lesser buttons out where there is little room."""
        super().resizeEvent(event)
        short = self.width() < NARROW
        for name, made in self._buttons.items():
            made.setText("" if short and name in {"pause", "seeds"} else BUTTONS[name][0])
        self.export.setText("" if short else "Report")


def about_words(sweep: Sweep) -> str:
    """What a sweep trains with: ``digits, 8 epochs, batch 64, seeds 1, 2, 3``."""
    seeds = ", ".join(map(str, sweep.seeds[:6])) + (" …" if len(sweep.seeds) > 6 else "")
    return f"{recipe_words(sweep)}, seed{'s' if len(sweep.seeds) != 1 else ''} {seeds}"


def _cells(item: SweepItem) -> list[list[ProgressCell]]:
    """One cell a run, in a group a seed."""
    if item.state is None:
        return []
    groups: dict[int, list[ProgressCell]] = {}
    for cell in item.state.cells:
        groups.setdefault(cell.seed, []).append(progress_cell(cell))
    return list(groups.values())


def progress_cell(cell: RunCell) -> ProgressCell:
    """A run as a cell."""
    words = f"{run_words(cell)}: {cell.status}"
    if cell.message:
        words += f". {cell.message}"
    elif cell.figures is not None:
        words += f", test error {100 * cell.figures.test_error:.2f} %"
    begun = cell.folder if cell.status != "queued" else None
    if cell.status in {"finished", "failed"}:
        return ProgressCell("done" if cell.status == "finished" else "failed", 1.0, words, begun)
    going = cell.status in LIVE or cell.fraction > 0
    return ProgressCell("going" if going else "waits", cell.fraction, words, begun)

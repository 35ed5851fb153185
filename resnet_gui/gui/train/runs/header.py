"""The head of the Train page: which run, how far, how long still, and what can be done with it."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from resnet_gui.design.choices import SHORTCUTS
from resnet_gui.gui.kit.bars.folding import Folding, bare, eliding, hiding
from resnet_gui.gui.kit.basic import ElidedLabel, StatusDot, button, column, label, restyle, row, set_icon
from resnet_gui.gui.kit.format import duration, percent
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.row import RunRow, state_word
from resnet_gui.gui.train.runs.continuation import is_extendable, is_moved
from resnet_gui.gui.train.runs.progress import RunProgress
from resnet_gui.training.phases import first_epochs, onset_words
from resnet_gui.training.recipe import Recipe

STOP, STOP_TIP = "Stop", "End after this step, with a checkpoint"
GOING_ON = ("go_on", "resume", "locate", "pause", "start", "extend", "predict", "begin")
"""Buttons that take the focus over from one that goes away, the likeliest first."""

WHOLE_NAME, WHOLE_ABOUT = 280, 240
"""Pixels up to which a run's name, and what it trains on, are shown whole before the buttons lose their words."""

STOPPING = "Stopping, saving …"
STOPPING_TIP = "It ends after this step, with a checkpoint; press again to end it at once"


class RunHeader(QFrame):
    """The head of the Train page: the run that is shown, how far it is, and its buttons.

    Signals:
        asked: name of the button that was pressed, about the run that is shown.
    """

    requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panelHeader")
        self.setFixedHeight(92)
        layout = column(self, (16, 8, 16, 2), 4)
        top = row(gap=8)
        self._dot = StatusDot(theme, "r0", 10)
        self._name = ElidedLabel("", "run", least=80, middle=True)
        self.badge = label("")
        self.badge.setProperty("badge", "idle")
        self._about = ElidedLabel("", "muted", least=40)
        self._speed = label("", "muted12")
        for widget in (self._dot, self._name, self.badge):
            top.addWidget(widget)
        top.addWidget(self._about, 1)
        top.addWidget(self._speed)
        self._buttons = self._make_buttons(theme)
        for made in self._buttons.values():
            top.addWidget(made)
            # All of them at once would be wider than a window, which grows for them before a run is shown.
            made.hide()
        layout.addLayout(top)
        layout.addLayout(self._progress_row(theme))
        # The button that stops keeps its words: while a run is being stopped they say so.
        lesser = [made for name, made in self._buttons.items() if name != "stop"]
        words = eliding(self._about, WHOLE_ABOUT), eliding(self._name, WHOLE_NAME)
        Folding(self, top, (hiding(self._speed), bare(*lesser), *words))
        self._shown: tuple[object, ...] = ()

    def _make_buttons(self, theme: Theme) -> dict[str, QPushButton]:
        use = "Classify pictures with this run's best weights"
        table = {
            "pause": ("Pause", "", "Hold after this step, with a checkpoint (Space)", "pause"),
            "step": ("One step", "", "Make one step and hold again", "chevron-right"),
            "go_on": ("Go on", "", "Go on with the held run (Space)", "play"),
            "stop": (STOP, "danger", STOP_TIP, "stop"),
            "start": ("Start now", "", "Do not wait for the other runs", "play"),
            "error": ("Show error", "", "What happened, and what would help", "alert"),
            "resume": ("Resume", "", "Go on from the last checkpoint", "refresh"),
            "locate": ("Locate data", "", "Its pictures are not where they were; say where they are now", "folder"),
            "extend": ("Extend", "", "More epochs of this run; the schedule's new end is shown before", "plus"),
            "begin": ("Train from it", "", "Begin a new run from this run's best weights", "train"),
            "predict": ("Use in Predict", "", use, "image"),
        }
        made: dict[str, QPushButton] = {}
        for name, (text, kind, tip, icon) in table.items():
            made[name] = button(text, kind, tip)
            set_icon(theme, made[name], icon, "err" if kind == "danger" else "t1")
            made[name].clicked.connect(lambda _=False, name=name: self.requested.emit(name))
        return made

    def _progress_row(self, theme: Theme) -> QHBoxLayout:
        line = row(gap=8)
        line.addWidget(label("Epoch", "muted"))
        self._epoch, self._epochs = label("0", "number"), label("", "muted")
        line.addWidget(self._epoch)
        line.addWidget(self._epochs)
        line.addSpacing(12)
        self.bar = RunProgress(theme)
        line.addWidget(self.bar, 1)
        line.addSpacing(12)
        self._thaws = label("", "muted12")
        line.addWidget(self._thaws)
        self._left_word, self._left = label("", "muted"), label("", "number")
        line.addWidget(self._left_word)
        line.addWidget(self._left)
        return line

    def shows(self, run: RunRow) -> bool:
        """Whether it shows a run, in the state in which that is now, and in the epoch that it is in."""
        return self._shown == (run, state_word(run), run.epoch_now, run.error)

    def show_run(self, run: RunRow, *, owned: bool) -> None:
        """Show a run; ``owned`` says whether this window's engine trains it."""
        self._shown = run, state_word(run), run.epoch_now, run.error
        state = run.look() if run.state is None else run.state
        self._dot.set_token(run.token)
        self._name.setText(run.name)
        self.badge.setText(state_word(run))
        look = "paused" if run.stopping else "running" if run.replaying else run.status
        restyle(self.badge, badge="failed" if run.gone else look)
        shortcut = SHORTCUTS[run.spec.shortcut].short_run
        about = f"{run.data_name}, {shortcut}, batch {run.recipe.batch_size}, seed {run.recipe.seed}"
        features = state.features
        if features is not None:
            about = f"features computed once: {features.done:,} of {features.total:,} pictures"
        threads = threads_words(run)
        self._about.setText(", ".join(filter(None, (threads, run.message or about))))
        changed = state.threads.sentence if threads and state.threads is not None else ""
        self._about.setToolTip("\n".join(filter(None, (str(run.folder), about, changed, run.message, run.note))))
        total = state.total_steps
        per_epoch = state.started.steps_per_epoch if state.started else 0
        self._epoch.setText(f"{run.epoch_now:,}")
        self._epochs.setText(f"/ {run.epochs:,}")
        ticks = [*rate_ticks(run.recipe, total, per_epoch), *phase_ticks(run.recipe, total, per_epoch)]
        self.bar.show_progress(state.step / total if total else 0.0, ticks)
        self._thaws.setText(thaw_words(run.recipe))
        self._show_time(run)
        self._speed.setText(self._speed_text(run))
        self._show_buttons(run, owned=owned)

    @staticmethod
    def _speed_text(run: RunRow) -> str:
        """Pictures a second over the last steps."""
        state = run.state
        seconds = state.curves["seconds"].y if state is not None else None
        if state is None or not seconds or len(seconds) < 2:
            return ""
        first = max(0, len(seconds) - 21)
        taken = seconds[-1] - seconds[first]
        steps = len(seconds) - 1 - first
        return f"{steps * run.recipe.batch_size / taken:,.0f} images/s" if taken > 0 else ""

    @property
    def about(self) -> str:
        """What is said of the run beside its name."""
        return self._about.text()

    def texts(self) -> tuple[str, str, str]:
        """Epoch, time and state as shown."""
        return self._epoch.text(), self._left.text(), self.badge.text()

    def button(self, name: str) -> QPushButton:
        """A button by its name, such as pause, stop, resume, extend or predict."""
        return self._buttons[name]

    def _show_time(self, run: RunRow) -> None:
        state = run.state
        if run.going:
            left = state.seconds_left() if state is not None else None
            self._left_word.setText("ETA")
            self._left.setText("…" if left is None else duration(left))
        elif run.status == "queued":
            self._left_word.setText("waits for the runs before it")
            self._left.setText("")
        else:
            self._left_word.setText("best top-1 error" if run.error is not None else "")
            self._left.setText(percent(run.error, 2) if run.error is not None else "")

    def _show_buttons(self, run: RunRow, *, owned: bool) -> None:
        stopping = run.stopping and run.going
        ended = run.state.ended if run.state is not None else None
        moved = not run.going and is_moved(run)
        infinite = ended is not None and ended.cause == "infinite"
        wanted = {
            "pause": run.status == "running" and not stopping,
            "step": owned and run.status == "paused" and not stopping,
            "go_on": run.status == "paused" and not stopping,
            "stop": run.going or run.status == "queued",
            "start": run.status == "queued",
            "error": run.status == "failed" and ended is not None and not run.going and not run.gone,
            "resume": run.resumable and not infinite and not moved,
            "locate": run.resumable and not infinite and moved,
            "extend": is_extendable(run),
            "begin": run.usable and not run.going and run.status != "queued",
            "predict": run.usable and not run.going and run.status != "failed",
        }
        stop = self._buttons["stop"]
        stop.setText(STOPPING if stopping else STOP)
        stop.setToolTip(STOPPING_TIP if stopping else STOP_TIP)
        focused = self.window().focusWidget()
        for name, made in self._buttons.items():
            made.setVisible(wanted[name])
        if any(made is focused and not wanted[name] for name, made in self._buttons.items()):
            # Else it falls to whatever is first in the window.
            going_on = next((name for name in GOING_ON if wanted[name]), None)
            if going_on is not None:
                self._buttons[going_on].setFocus(Qt.FocusReason.OtherFocusReason)


def threads_words(run: RunRow) -> str:
    """With how many threads a going run computes now, and why with fewer than at first; empty while nothing changed."""
    change = run.state.threads if run.state is not None and run.going else None
    if change is None:
        return ""
    fewer = run.info is not None and change.threads < run.info.threads
    return f"{change.count}, the computer is busy" if fewer else change.count


def rate_ticks(recipe: Recipe, total: int, per_epoch: int) -> list[tuple[float, str]]:
    """Where the learning rate falls by ten: fraction of the run, and words."""
    if recipe.schedule != "step" or not total or not per_epoch:
        return []
    return [(at, f"lr ÷10, epoch {math.ceil(at * total / per_epoch):,}") for at in recipe.step_at]


def phase_ticks(recipe: Recipe, total: int, per_epoch: int) -> list[tuple[float, str]]:
    """Where other parts of the network begin to learn: fraction of the run, and no words, which stand beside it."""
    if not total:
        return []
    return [(first * per_epoch / total, "") for first in first_epochs(recipe.phases)[1:]]


def thaw_words(recipe: Recipe) -> str:
    """``unfreezes from epochs 4 and 11 on``; empty for a recipe of one phase."""
    epochs = [first + 1 for first in first_epochs(recipe.phases)[1:]]
    return f"unfreezes {onset_words(epochs)}" if epochs else ""

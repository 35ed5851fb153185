"""The head of the Train page: which run, how far, how long still, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton

from resnet_gui.gui.format import duration, percent
from resnet_gui.gui.models.runs import RunRow
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.bars import Dot
from resnet_gui.gui.widgets.basic import button, column, label, restyle, row, set_icon

SHORTCUT_WORDS = {"A": "option A", "B": "option B", "C": "option C", "none": "plain"}


class RunHeader(QFrame):
    """The header.

    Signals:
        pause_asked, go_on_asked, stop_asked, kill_asked, resume_asked, predict_asked: about the run that is shown.
    """

    pause_asked = Signal()
    go_on_asked = Signal()
    stop_asked = Signal()
    kill_asked = Signal()
    resume_asked = Signal()
    predict_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panelHeader")
        self.setFixedHeight(92)
        layout = column(self, (16, 8, 16, 8), 6)
        top = row(gap=8)
        self._dot = Dot(theme, "r0", 10)
        self._name = label("", "run")
        self.badge = label("")
        self.badge.setProperty("badge", "idle")
        self._about = label("", "muted")
        self._speed = label("", "muted12")
        for widget in (self._dot, self._name, self.badge, self._about):
            top.addWidget(widget)
        top.addStretch()
        top.addWidget(self._speed)
        use = "Classify pictures with this run's best weights"
        self._buttons = {
            "pause": (button("Pause", "", "Hold after this step, with a checkpoint"), "pause", "t1", self.pause_asked),
            "go_on": (button("Go on", "", "Go on with the held run"), "play", "t1", self.go_on_asked),
            "stop": (
                button("Stop", "danger", "End after this step, with a checkpoint"),
                "stop",
                "err",
                self.stop_asked,
            ),
            "kill": (button("End now", "danger", "Do not wait for the step"), "stop", "err", self.kill_asked),
            "resume": (button("Resume", "", "Go on from the checkpoint"), "refresh", "t1", self.resume_asked),
            "predict": (button("Use in Predict", "", use), "image", "t1", self.predict_asked),
        }
        for made, icon, token, signal in self._buttons.values():
            set_icon(theme, made, icon, token)
            made.clicked.connect(signal)
            top.addWidget(made)
        layout.addLayout(top)
        layout.addLayout(self._progress_row())

    def _progress_row(self) -> QHBoxLayout:
        line = row(gap=8)
        line.addWidget(label("Epoch", "muted"))
        self._epoch, self._epochs = label("0", "number"), label("", "muted")
        line.addWidget(self._epoch)
        line.addWidget(self._epochs)
        self._bar = QProgressBar()
        self._bar.setProperty("size", "run")
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the run")
        line.addWidget(self._bar, 1)
        self._left_word, self._left = label("ETA", "muted"), label("", "number")
        line.addWidget(self._left_word)
        line.addWidget(self._left)
        return line

    def show_run(self, run: RunRow, *, owned: bool, stopping: bool) -> None:
        """Show a run; ``owned`` says whether this window's engine trains it."""
        state = run.look()
        self._dot.set_token(run.token)
        self._name.setText(run.name)
        self.badge.setText(run.status.capitalize())
        restyle(self.badge, badge=run.status)
        data = run.data.name if run.data is not None else run.recipe.data
        shortcut = SHORTCUT_WORDS[run.spec.shortcut]
        self._about.setText(f"{data}, {shortcut}, batch {run.recipe.batch_size}, seed {run.recipe.seed}")
        if run.message:
            self._about.setText(run.message)
        self._about.setToolTip(f"{run.folder}\n{run.message}".strip())
        total = state.total_steps
        per_epoch = state.started.steps_per_epoch if state.started else 0
        epoch = min(run.recipe.epochs, state.step // per_epoch + 1) if per_epoch else 0
        if not run.going:
            epoch = run.epoch
        self._epoch.setText(str(epoch))
        self._epochs.setText(f"/ {run.recipe.epochs}")
        self._bar.setValue(round(1000 * state.step / total) if total else 0)
        self._show_time(run)
        epoch_done = state.last_epoch
        self._speed.setText(f"{epoch_done.images_per_second:,.0f} images/s" if epoch_done else "")
        self._show_buttons(run, owned=owned, stopping=stopping)

    def texts(self) -> tuple[str, str, str]:
        """Epoch, time and state as shown."""
        return self._epoch.text(), self._left.text(), self.badge.text()

    def button(self, name: str) -> QPushButton:
        """A button by its name: pause, go_on, stop, kill, resume, predict."""
        return self._buttons[name][0]

    def _show_time(self, run: RunRow) -> None:
        state = run.look()
        if run.going:
            left = state.seconds_left()
            self._left_word.setText("ETA")
            self._left.setText("…" if left is None else duration(left))
        else:
            self._left_word.setText("best top-1 error" if run.error is not None else "")
            self._left.setText(percent(run.error, 2) if run.error is not None else "")

    def _show_buttons(self, run: RunRow, *, owned: bool, stopping: bool) -> None:
        wanted = {
            "pause": owned and run.status == "running" and not stopping,
            "go_on": owned and run.status == "paused" and not stopping,
            "stop": run.going and not stopping,
            "kill": owned and run.going and stopping,
            "resume": run.resumable,
            "predict": run.usable and not run.going,
        }
        for name, (made, *_) in self._buttons.items():
            made.setVisible(wanted[name])


class Banner(QFrame):
    """A sentence across the page that stays until it is closed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setFixedHeight(40)
        line = row(self, (16, 0, 8, 0))
        self.text = label("")
        line.addWidget(self.text, 1)
        close = button("Close", "small")
        close.clicked.connect(self.hide)
        line.addWidget(close)
        self.hide()

    def show_sentence(self, sentence: str) -> None:
        """Show a sentence."""
        self.text.setText(sentence)
        self.text.setToolTip(sentence)
        self.show()

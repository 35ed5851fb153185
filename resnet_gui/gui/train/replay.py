"""The replay of the recorded runs on the Train page: a bar that plays them, and what they say at the end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout

from resnet_gui.export.lab_text import about
from resnet_gui.gui.kit.basic import button, column, icon_button, label, row, set_icon
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.replay import RunReplay
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.centre import TrainCentre
from resnet_gui.gui.train.runs.side import RunSide
from resnet_gui.gui.train.state import TrainState
from resnet_gui.runs.recordings import EXPERIMENT_OF_RECORDED
from resnet_gui.sweeps.sweep import expanded

SPEEDS: Final = (("1", "1×", ""), ("2", "2×", ""), ("5", "5×", ""))
TICKS: Final = 20
"""Steps of the slider for an epoch."""

SAME: Final = 0.03
"""Difference of two errors up to which they count as equal."""

QUESTION: Final = "Four networks learn the same digits by one recipe. Which of them ends with the highest error?"


class ReplayBar(QFrame):
    """The bar over the curves: play and hold, the moment, the speed, the end, and what is to be seen.

    Signals:
        play_requested, end_requested, close_requested, experiment_requested: its buttons.
        moved: the user has chosen a moment, in epochs.
        speed_chosen: times the own pace.
    """

    play_requested = Signal()
    end_requested = Signal()
    close_requested = Signal()
    experiment_requested = Signal()
    moved = Signal(float)
    speed_chosen = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("askStrip")
        layout = column(self, (16, 8, 12, 8), 6)
        line = row(gap=8)
        line.addWidget(label("Replay", "title"))
        self.play = icon_button(theme, "pause", "Hold the replay")
        self.play.clicked.connect(self.play_requested)
        line.addWidget(self.play)
        self.moment = AbsoluteSlider(Qt.Orientation.Horizontal)
        self.moment.setAccessibleName("Moment of the replay")
        self.moment.setToolTip("The epoch that is shown")
        self.moment.setMinimumWidth(60)
        self.moment.valueChanged.connect(lambda value: self.moved.emit(value / TICKS))
        line.addWidget(self.moment, 1)
        self._epoch = label("", "muted12")
        line.addWidget(self._epoch)
        self.speed = SegmentedControl(theme, list(SPEEDS), height=24)
        self.speed.setAccessibleName("Speed of the replay")
        self.speed.setToolTip("How fast the recorded runs are shown")
        self.speed.setFixedWidth(120)
        self.speed.chosen.connect(lambda key: self.speed_chosen.emit(float(key)))
        line.addWidget(self.speed)
        self.end = button("To the end", "small", "Show the recorded runs as they ended")
        self.end.clicked.connect(self.end_requested)
        line.addWidget(self.end)
        self.close_bar = icon_button(theme, "close", "End the replay and take the recorded runs off the list", size=24)
        self.close_bar.clicked.connect(self.close_requested)
        line.addWidget(self.close_bar)
        layout.addLayout(line)
        below = row(gap=12)
        self.sentence = label("", "", wrap=True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.sentence)
        self.difference = label("", "muted12", wrap=True)
        words.addWidget(self.difference)
        below.addLayout(words, 1)
        self.here = button("Run it here", "small", "The same experiment on this computer, with your prediction first")
        set_icon(theme, self.here, "lab", "t1")
        self.here.clicked.connect(self.experiment_requested)
        below.addWidget(self.here)
        layout.addLayout(below)
        self._playing = True
        theme.changed.connect(self._show_sign)
        self.hide()

    def show_replay(self, replay: RunReplay) -> None:
        """Show where a replay is."""
        self.moment.blockSignals(True)
        self.moment.setRange(0, round(replay.epochs * TICKS))
        self.moment.setPageStep(TICKS)
        self.moment.setValue(round(replay.epoch * TICKS))
        self.moment.blockSignals(False)
        # Of the runs and not of the moment: a step's place in time is rounded.
        shown = max((row.epoch_now for row in replay.rows), default=0)
        self._epoch.setText(f"epoch {shown} / {int(replay.epochs)}")
        self.difference.setText(difference_words(len(replay.rows), int(replay.epochs)))
        ended = replay.epoch >= replay.epochs
        self.sentence.setText(result_sentence(replay.rows) if ended else QUESTION)
        self.end.setEnabled(not ended)
        if replay.playing != self._playing:
            self._playing = replay.playing
            self._show_sign()

    def _show_sign(self) -> None:
        tip = "Hold the replay" if self._playing else "Play the recorded runs"
        self.play.setIcon(self._theme.icon("pause" if self._playing else "play"))
        self.play.setToolTip(tip)
        self.play.setAccessibleName(tip)


class RunsReplay(QObject):
    """The replay on the page: lists the recorded runs, draws them alone and plays them.

    Signals:
        experiment_requested: the experiment is to be run here, by its key.
    """

    experiment_requested = Signal(str)

    def __init__(
        self,
        bar: ReplayBar,
        runs: RunModel,
        state: TrainState,
        session: Session,
        parts: Sequence[RunSide | TrainCentre],
    ) -> None:
        """Replay on the page; its ``parts`` make room while a replay is on show."""
        super().__init__(bar)
        self._parts = parts
        self.bar, self._runs, self._state, self._session = bar, runs, state, session
        self._replay: RunReplay | None = None
        bar.play_requested.connect(self._toggle)
        bar.end_requested.connect(lambda: self._seek(float("inf")))
        bar.moved.connect(self._seek)
        bar.speed_chosen.connect(self._set_speed)
        bar.close_requested.connect(self.end)
        bar.experiment_requested.connect(lambda: self.experiment_requested.emit(EXPERIMENT_OF_RECORDED))

    @property
    def going(self) -> RunReplay | None:
        """The replay that is on show; None where there is none."""
        return self._replay

    def begin(self) -> None:
        """List the recorded runs, draw no others and play them from their beginning."""
        rows = self._runs.show_recorded()
        if not rows:
            self._session.say("The recorded runs are missing; install the program anew.", "error")
            return
        self._drop()
        self._replay = RunReplay(self._runs, rows, self)
        self._replay.changed.connect(self._show)
        self._replay.speed = float(self.bar.speed.key)
        self._replay.seek(0.0)
        self._runs.show_only([str(row.folder) for row in rows])
        self._state.choose(deepest(rows))
        self.bar.show()
        self._make_room(on=True)
        self._replay.play()

    def end(self) -> None:
        """Take the recorded runs off the list; the user's own are drawn again."""
        self._drop()
        self.bar.hide()
        self._make_room(on=False)
        self._runs.hide_recorded()
        for run in self._runs.rows()[:4]:
            self._runs.set_shown(run, shown=run.folder not in self._runs.hidden)

    def _make_room(self, *, on: bool) -> None:
        for part in self._parts:
            part.set_replaying(on=on)

    def _drop(self) -> None:
        ended, self._replay = self._replay, None
        if ended is not None:
            ended.pause()
            ended.deleteLater()

    def _show(self) -> None:
        if self._replay is not None:
            if not self._replay.rows:
                self.end()
            else:
                self.bar.show_replay(self._replay)

    def _toggle(self) -> None:
        if self._replay is not None:
            (self._replay.pause if self._replay.playing else self._replay.play)()

    def _seek(self, epoch: float) -> None:
        if self._replay is not None:
            self._replay.seek(epoch)

    def _set_speed(self, speed: float) -> None:
        if self._replay is not None:
            self._replay.speed = speed


@cache
def difference_words(runs: int, epochs: int) -> str:
    """How the experiment differs here, at its first scale, from a recording of so many runs and epochs."""
    # Not needed before somebody asks for the replay.
    from resnet_gui.lab.experiments import EXPERIMENTS

    scale = EXPERIMENTS[EXPERIMENT_OF_RECORDED].scales[0]
    if scale.sweep is None:
        return ""
    seeds = len(scale.seeds)
    here = len(expanded(scale.sweep).configurations) * seeds
    return (
        f"Run here: {here} runs of {scale.sweep.recipe.epochs} epochs, {seeds} seeds, about {about(scale.seconds)}. "
        f"Recorded: {runs} runs of {epochs} epochs, one seed."
    )


def deepest(rows: list[RunRow]) -> RunRow:
    """The run of the deepest network that has shortcuts, which the head of the page is about."""
    return max(rows, key=lambda row: (row.spec.depth, row.spec.adds))


def result_sentence(rows: list[RunRow]) -> str:
    """What recorded runs came to: of each kind, whether the deeper network ended with more training error.

    Two errors within 3 points count as equal, as in the experiment of the Lab.
    """
    ends = {(row.spec.adds, row.spec.depth): _last_error(row) for row in rows}
    parts: list[str] = []
    for adds, kind in ((False, "Without shortcuts"), (True, "With shortcuts")):
        depths = sorted(depth for each, depth in ends if each == adds)
        if len(depths) < 2:
            continue
        shallow, deep = depths[0], depths[-1]
        less, more = ends[adds, shallow], ends[adds, deep]
        word = "worse than" if more > less + SAME else "better than" if more < less - SAME else "as well as"
        measured = "" if parts else " training error"
        parts.append(f"{kind} {deep} layers end {word} {shallow}: {percent(more)} against {percent(less)}{measured}.")
    return " ".join(parts)


def _last_error(row: RunRow) -> float:
    """Training error of the last epoch, as a fraction."""
    last = row.look().last_epoch
    return last.train_error if last is not None else 1.0

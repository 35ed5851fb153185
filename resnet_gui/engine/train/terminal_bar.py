"""The progress of a training in a terminal: a bar that moves, or a line an epoch where there is none to draw it on.

By hand, because tqdm and rich count the turns of a loop. Here events tell the progress, a resumed run begins in the
middle, and a log file gets whole lines: of their code only the drawing of one bar would be left.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import Final, assert_never

from resnet_gui.data.layouts.description import DataDescription, PartName, description_lines
from resnet_gui.runs.events import (
    Answered,
    EpochDone,
    FeaturesComputed,
    PhaseStarted,
    Probed,
    RunEnded,
    RunEvent,
    RunPaused,
    RunStarted,
    RunUnpaused,
    Skipped,
    StepDone,
    ThreadsChanged,
)
from resnet_gui.training.phases import BACKBONE, STEM, onset_words

WIDTH: Final = 24
REDRAW: Final = 0.1
LINE_SECONDS: Final = 5.0
"""Between two lines about something that takes long, where no bar can be drawn."""

PARTS: Final = "▏▎▍▌▋▊▉█"


def clock(seconds: float) -> str:
    """A span of time: ``1:02:03``, ``2:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def bar(fraction: float, width: int = WIDTH) -> str:
    """A bar of blocks."""
    eighths = round(min(1.0, max(0.0, fraction)) * width * 8)
    whole, part = divmod(eighths, 8)
    return ("█" * whole + (PARTS[part - 1] if part else "")).ljust(width, "·")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


class SlowLines:
    """A line now and then about something that takes long, where no bar can be drawn; what is over soon has none."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain, self._said_at = complain, time.monotonic()

    def say(self, text: str) -> None:
        """Say how far it is, if the last line was long ago."""
        now = time.monotonic()
        if now - self._said_at >= LINE_SECONDS:
            self._said_at = now
            self._complain(text)


class Progress:
    """A progress bar on stderr; ``complain`` says what was skipped, and ``building`` behind what the pictures are."""

    def __init__(self, complain: Callable[[str], None], building: str = "") -> None:
        self._complain, self._building = complain, building
        self._started: RunStarted | None = None
        self._live, self._lines = sys.stderr.isatty(), SlowLines(complain)
        self._drawn = 0.0
        self._pace: float | None = None
        self._last: StepDone | None = None
        self._wide = 0
        self._selection: PartName = "test"

    def __call__(self, event: RunEvent) -> None:
        """Say what an event means for the person who waits."""
        match event:
            case RunStarted():
                self._begin(event)
            case FeaturesComputed():
                if self._live:
                    self._draw(f"computing features {bar(event.done / event.total)} {event.done:,} / {event.total:,}")
                else:
                    self._lines.say(f"computing features: {event.done:,} of {event.total:,}")
            case StepDone():
                self._step(event)
            case EpochDone():
                self._epoch(event)
            case Skipped():
                self._clear()
                self._complain(f"skipped: {event.sentence}")
            case PhaseStarted():
                self._clear()
                self._complain(phase_sentence(event))
            case ThreadsChanged():
                self._clear()
                self._complain(event.sentence)
            case RunEnded():
                self._clear()
            case Probed() | Answered() | RunPaused() | RunUnpaused():
                pass  # for plots; a run that a window holds just stands still
            case _:
                assert_never(event)
        sys.stderr.flush()

    def watch(self, done: int, total: int) -> None:
        """Show how far the reading of pictures is; of 0, how many files are found."""
        if self._live and total:
            self._draw(f"reading pictures {bar(done / total)} {done:,} / {total:,}")
        elif self._live and time.monotonic() - self._drawn > REDRAW:
            self._drawn = time.monotonic()
            self._draw(f"looking through the folder: {done:,} files")
        elif not self._live:
            self._lines.say(
                f"reading pictures: {done:,} of {total:,}" if total else f"looking through the folder: {done:,} files"
            )

    def tell_data(self, news: str | DataDescription) -> None:
        """Say what the data set holds, or what is done before that is known."""
        self._clear()
        if isinstance(news, str):
            self._complain(news)
            return
        self._selection = news.selection
        sys.stderr.write("".join(f"{line}\n" for line in description_lines(news)))
        sys.stderr.flush()
        if self._building:
            self._complain(self._building)

    def _begin(self, event: RunStarted) -> None:
        self._clear()
        self._started, self._last, self._pace = event, None, None
        for sentence in event.skipped[:10]:
            self._complain(f"skipped: {sentence}")
        if event.note:
            self._complain(event.note)
        if event.skipped_count > 10:
            self._complain(f"skipped {event.skipped_count - 10:,} more pictures")
        for sentence in event.start:
            self._complain(sentence)
        sys.stderr.write(
            f"{event.train_images:,} training and {event.test_images:,} {self._selection} pictures, "
            f"{_many(event.epochs, 'epoch')} of {_many(event.steps_per_epoch, 'step')} on {event.device} "
            f"in {event.precision}\n"
        )

    def _step(self, event: StepDone) -> None:
        if self._last is not None and event.seconds > self._last.seconds:
            pace = (event.seconds - self._last.seconds) / (event.step - self._last.step)
            # Smoothed over some twenty steps, so that the rest does not jump.
            self._pace = pace if self._pace is None else 0.95 * self._pace + 0.05 * pace
        self._last = event
        started, now = self._started, time.monotonic()
        if not self._live or started is None or now - self._drawn < REDRAW:
            return
        self._drawn = now
        total = started.total_steps
        left = "" if self._pace is None else f"ETA {clock(self._pace * (total - event.step))}"
        epoch = (event.step - 1) // started.steps_per_epoch + 1
        self._draw(
            f"{bar(event.step / total)} {event.step / total:4.0%}  epoch {epoch}/{started.epochs}  "
            f"step {event.step:,}/{total:,}  loss {event.loss:.4f}  {left}"
        )

    def _epoch(self, event: EpochDone) -> None:
        started = self._started
        if started is None:
            return
        self._clear()
        behind = event.step - started.step
        pace = (event.seconds - started.seconds) / behind if behind else 0.0
        left = pace * (started.total_steps - event.step)
        sys.stderr.write(
            f"epoch {event.epoch:>4}/{started.epochs}  loss {event.train_loss:.4f}  "
            f"{self._selection} loss {event.test_loss:.4f}  {self._selection} error {event.test_error:6.2%}  "
            f"{event.images_per_second:,.0f} images/s  ETA {clock(left)}\n"
        )

    def _draw(self, text: str) -> None:
        text = text[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write(f"\r{text.ljust(self._wide)}")
        sys.stderr.flush()
        self._wide = len(text)

    def _clear(self) -> None:
        if self._wide:
            sys.stderr.write(f"\r{' ' * self._wide}\r")
            self._wide = 0


def phase_sentence(event: PhaseStarted) -> str:
    """What learns from now on."""
    first = onset_words((event.epoch,))
    if not event.frozen_parameters:
        return f"{first} the whole network learns, {event.learning_parameters:,} parameters"
    everything = event.frozen_parameters + event.learning_parameters
    until = {STEM: "the stem is frozen", BACKBONE: "all but the head is frozen"}
    what = until.get(event.frozen, f"everything up to {event.frozen.replace('stage', 'stage ')} is frozen")
    return f"{first} {what}: {event.learning_parameters:,} of {everything:,} parameters learn"

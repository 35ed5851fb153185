"""What has happened in a run: its events read as they are appended, and added up."""

from __future__ import annotations

import os
import zlib
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

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
    TrainResult,
    decode_run_event,
)

EVENTS_FILE: Final = "events.jsonl"
Status = Literal["queued", "starting", "running", "paused", "finished", "stopped", "failed", "interrupted"]
STEP_LINE: Final = b'{"type":"step"'


class RunReader:
    """A reader of events as they are appended; a torn last line waits, a line that is no event is counted and left.

    Attributes:
        bad_lines: lines that could not be read.
        behind: whether there is more in the file than the last call took.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / EVENTS_FILE
        self._offset = 0
        self.bad_lines = 0
        self.behind = False

    def read(self, limit: int = -1, *, steps: bool = True) -> list[RunEvent]:
        """The events since the last call; none while the file is missing.

        Args:
            limit: bytes to read at most, so that a long run does not hold up its reader; -1 for all.
            steps: False leaves single steps out without decoding them.
        """
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                # A resumed writer cut a torn line that had not been handed out; its start is still right.
                self._offset = min(size, self._offset)
                file.seek(self._offset)
                data = file.read(limit)
                if limit >= 0 and b"\n" not in data:
                    data += file.read()
        except OSError:
            return []
        whole = data.rfind(b"\n") + 1
        self._offset += whole
        self.behind = self._offset + len(data) - whole < size
        lines = data[:whole].splitlines()
        return list(self._decode(lines if steps else [line for line in lines if not line.startswith(STEP_LINE)]))

    def _decode(self, lines: list[bytes]) -> Iterator[RunEvent]:
        for line in lines:
            try:
                yield decode_run_event(line)
            except msgspec.MsgspecError:
                self.bad_lines += 1


class Curve:
    """Points of a curve as two arrays; curves of one table share their x."""

    def __init__(self, x: array[float]) -> None:
        self.x = x
        self.y = array("d")

    def cut(self, count: int) -> None:
        """Keep the first ``count`` points."""
        del self.y[count:]


def _count_until(x: array[float], last: float) -> int:
    """How many values of a rising array are not above ``last``."""
    count = len(x)
    while count and x[count - 1] > last:
        count -= 1
    return count


class Heat:
    """Rows of figures by depth, one row for each probe.

    Attributes:
        steps: of the probes.
        values: all rows one after the other, ``width`` figures each.
    """

    def __init__(self) -> None:
        self.steps = array("d")
        self.values = array("f")
        self.width = 0

    def add(self, step: int, row: tuple[float, ...]) -> None:
        """Append a row; one of another length is no row of this network and is left out."""
        if not row or (self.steps and len(row) != self.width):
            return
        self.width = len(row)
        self.steps.append(step)
        self.values.extend(row)

    def cut(self, step: int) -> None:
        """Drop the rows after a step."""
        count = _count_until(self.steps, step)
        del self.steps[count:]
        del self.values[count * self.width :]


class RunState:
    """The state of a run: what its events so far add up to.

    Attributes:
        started: the last start, None before the first.
        ended: the last word, None while the run goes on.
        step: last optimiser step, counted from 1.
        curves: "train_loss", "train_error", "lr" and "seconds" at every step, "test_loss" and "test_error" at the end
            of epochs, "pace" (pictures a second) too; x is the step, errors are fractions.
        epochs: those that are over.
        phases: those that have begun, one each; none of a run without phases.
        thread_changes: other counts of threads than that of the start, in their order.
        features: how far the features of a cached phase are; None where none are being computed.
        gradients, ratios: probes of the signal by depth.
        answers: packed classes of the test pictures, one for each epoch.
        skipped: pictures that were found unreadable while training.
        final_tests: what the test part of the data gave, by the step after which it was counted; none where there is no
            such part. What was seen stays seen, wherever the run goes on from.
        resuming: an engine has been asked to go on and has not begun yet; its last word is an old one.
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        self.paused = False
        self.step = 0
        self.epochs: list[EpochDone] = []
        self.phases: list[PhaseStarted] = []
        self.thread_changes: list[ThreadsChanged] = []
        self.features: FeaturesComputed | None = None
        self.gradients, self.ratios = Heat(), Heat()
        self.answers: list[Answered] = []
        self.skipped: list[str] = []
        self.final_tests: dict[int, TrainResult] = {}
        self.resuming = False
        self.best_error: float | None = None
        self._steps, self._tests = array("d"), array("d")
        self.curves = {name: Curve(self._steps) for name in ("train_loss", "train_error", "lr", "seconds")}
        self.curves |= {name: Curve(self._tests) for name in ("test_loss", "test_error", "pace")}

    def apply(self, event: RunEvent) -> None:
        """Take one event in."""
        match event:
            case StepDone():
                self._take_step(event)
            case Probed():
                self.gradients.add(event.step, event.gradients)
                self.ratios.add(event.step, event.ratios)
            case EpochDone():
                self._take_epoch(event)
            case Answered():
                self.answers.append(event)
            case RunStarted():
                self._restart(event)
            case FeaturesComputed():
                self.features = event if event.done < event.total else None
            case PhaseStarted():
                # A run that goes on says again in which phase it is.
                self.phases = [*(phase for phase in self.phases if phase.number < event.number), event]
            case Skipped():
                if event.sentence not in self.skipped:  # a resumed run finds it again
                    self.skipped.append(event.sentence)
            case _:
                self._take_state(event)

    def _take_state(self, event: RunPaused | RunUnpaused | RunEnded | ThreadsChanged) -> None:
        """Take in how the run goes on, or that it does not."""
        match event:
            case ThreadsChanged():
                self.thread_changes.append(event)
            case RunEnded():
                self._end(event)
            case _:
                self.paused = isinstance(event, RunPaused)

    def _end(self, event: RunEnded) -> None:
        self.ended, self.features, self.paused = event, None, False
        if event.result is not None and event.result.final_top1 is not None:
            self.final_tests[event.step] = event.result

    def _take_step(self, event: StepDone) -> None:
        if event.step <= self.step and self._steps:
            # A step that is told again, after a start that was lost, takes the place of the old one.
            self._cut(event.step - 1)
        self.step, self.features = event.step, None
        self._steps.append(event.step)
        curves = self.curves
        for name, value in zip(("train_loss", "train_error", "lr", "seconds"), _figures(event), strict=True):
            curves[name].y.append(value)

    def _take_epoch(self, event: EpochDone) -> None:
        self.step = max(self.step, event.step)
        self.epochs.append(event)
        self._tests.append(event.step)
        figures = (event.test_loss, event.test_error, event.images_per_second)
        for name, value in zip(("test_loss", "test_error", "pace"), figures, strict=True):
            self.curves[name].y.append(value)
        if self.best_error is None or event.test_error < self.best_error:
            self.best_error = event.test_error

    def _restart(self, event: RunStarted) -> None:
        self.started, self.ended, self.paused, self.step = event, None, False, event.step
        self._cut(event.step)
        self.features, self.resuming = None, False

    def _cut(self, step: int) -> None:
        """Forget what was told of later steps: a run goes on from its checkpoint, not from its last line."""
        for x in (self._steps, self._tests):
            count = _count_until(x, step)
            del x[count:]
            for curve in self.curves.values():
                if curve.x is x:
                    curve.cut(count)
        self.gradients.cut(step)
        self.ratios.cut(step)
        self.phases = [phase for phase in self.phases if phase.step <= step]
        self.thread_changes = [change for change in self.thread_changes if change.step < step]
        self.epochs = [epoch for epoch in self.epochs if epoch.step <= step]
        self.answers = [answer for answer in self.answers if answer.step <= step]
        errors = self.curves["test_error"].y
        self.best_error = min(errors) if errors else None

    @property
    def threads(self) -> ThreadsChanged | None:
        """The last change of the count of threads; None where it is that of the start."""
        return self.thread_changes[-1] if self.thread_changes else None

    @property
    def last_epoch(self) -> EpochDone | None:
        """The last epoch that is over."""
        return self.epochs[-1] if self.epochs else None

    @property
    def total_steps(self) -> int:
        """Steps of the whole training; 0 before the first start."""
        if self.started is None:
            return 0
        return self.started.total_steps or self.started.epochs * self.started.steps_per_epoch

    @property
    def seconds(self) -> float | None:
        """Training time so far; None before the first step."""
        taken = self.curves["seconds"].y
        if taken:
            return taken[-1]
        return self.epochs[-1].seconds if self.epochs else None

    def seconds_left(self) -> float | None:
        """Training time to go, from the pace of the last steps; None while there is no pace yet."""
        x, taken = self._steps, self.curves["seconds"].y
        if len(x) < 2 or not self.total_steps:
            return None
        # The last two epochs, so that the tests at their ends are in the pace.
        window = 2 * self.started.steps_per_epoch if self.started else 0
        first = max(0, len(x) - 1 - max(window, 20))
        pace = (taken[-1] - taken[first]) / (x[-1] - x[first])
        return max(0.0, (self.total_steps - self.step) * pace)

    def status(self, *, alive: bool) -> Status:
        """The run's state in one word; ``alive`` says whether a process is training it."""
        if alive and self.resuming:
            return "starting"
        if alive and (self.ended is None or self.started is None):
            return "paused" if self.paused else ("running" if self.started else "starting")
        return self.ended.status if self.ended else "interrupted"


def _figures(event: StepDone) -> tuple[float, float, float, float]:
    return event.loss, event.error, event.lr, event.seconds


def replay(folder: Path, *, steps: bool = True) -> RunState:
    """Add up all events of a run; without ``steps``, what epochs and the last word tell."""
    state = RunState()
    for event in RunReader(folder).read(steps=steps):
        state.apply(event)
    return state


def pack(numbers: bytes) -> bytes:
    """Compress classes, unsigned 16-bit little-endian, for an event."""
    return zlib.compress(numbers, 6)


def unpack(packed: bytes, limit: int = 1 << 26) -> bytes:
    """What ``pack`` was given; empty where it is damaged or larger than ``limit`` bytes."""
    try:
        worker = zlib.decompressobj()
        found = worker.decompress(packed, limit)
        return b"" if worker.unconsumed_tail or len(found) % 2 else found
    except zlib.error:
        return b""


def lost_steps_note(folder: Path, step: int) -> str:
    """What the events of a run have lost before a step, in a sentence; empty for nothing.

    The weights do not depend on them.
    """
    lost = step - sum(each <= step for each in replay(folder).curves["train_loss"].x)
    return f"{lost:,} of {step:,} steps are missing from its history ({EVENTS_FILE})." if lost > 0 else ""

"""One run of the list: what it is, how it stands, and its curves."""

from __future__ import annotations

import contextlib
import platform
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import data_title
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, RUN_FILE, DataIdentity, RunInfo, RunSummary, read_run_info
from resnet_gui.runs.history import RunReader, RunState, Status
from resnet_gui.runs.lock import writer_of
from resnet_gui.runs.notes import notes_stamp, read_notes
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest

if TYPE_CHECKING:
    from resnet_gui.gui.runs.series import Series

PIECE: Final = 400_000
"""Bytes of events that are read at once: some thousand steps, a few milliseconds."""

HUES: Final = 8
"""Tokens of runs that a theme has; the same again are dashed."""

LOOKS: Final = 2 * HUES
"""Numbers of colours that look different."""


GONE: Final = "Its folder was moved or deleted by somebody else; take it off the list, or put the folder back."


class RunRow:
    """One run as a row of the model.

    Attributes:
        folder: of the run.
        name: the user's for it, or its design's, with a number where another run has the same.
        own_name: the same without a number.
        note: the user's.
        tags: the user's.
        colour: number of its colour, from 0; the same for its life, see ``RunColours``.
        colour_kept: whether its folder says which.
        notes_stamp: of the notes that were read, see ``runs.notes``.
        status: in one word.
        stopping: whether it was asked to end, and has not yet.
        gone: whether its folder was taken away while it is listed.
        recorded: whether it ships with the program; nothing is ever written into its folder.
        replayed: whether its state is a moment of the past, see ``RunReplay``.
        seconds: how long it was trained; None until its folder tells.
        shown: whether its curves are drawn.
        data: what it learns from; None until its folder tells.
        start: weights that it was asked to begin from, while its folder does not tell; None where they are drawn.
        state: its events added up; None until somebody looks.
        skipped: how many pictures could not be read.
    """

    def __init__(self, folder: Path, name: str, spec: ResNetSpec, recipe: Recipe) -> None:
        self.folder, self.design, self.spec, self.recipe = folder, name, spec, recipe
        self.colour = 0
        self.status: Status = "starting"
        self.epoch = 0
        self.error: float | None = None
        self.message = ""
        self.stopping, self.recorded, self.replayed, self.gone = False, False, False, False
        self.seconds: float | None = None
        self.shown = True
        self.info: RunInfo | None = None
        self.start: StartRequest | None = None
        self.state: RunState | None = None
        self._reader: RunReader | None = None
        self.read_notes()

    @classmethod
    def of(cls, summary: RunSummary) -> RunRow:
        """A row of what a folder says."""
        info = summary.info
        row = cls(summary.folder, info.name, info.spec, info.recipe)
        row.status, row.epoch, row.error = summary.status, summary.epoch, summary.error
        row.message, row.info, row.seconds = summary.message, info, summary.seconds
        return row

    @cached_property
    def series(self) -> Series:
        """Its curves."""
        # Here and not above: curves need numpy, and that a run goes on is known without it.
        from resnet_gui.gui.runs.series import Series

        return Series()

    def read_notes(self) -> None:
        """Take the name, the note and the tags that the user gave, and the colour that is kept with the run."""
        # The stamp first: notes that are written meanwhile are read once more.
        self.notes_stamp = notes_stamp(self.folder)
        notes = read_notes(self.folder)
        self.own_name = self.name = notes.name or self.design
        self.note, self.tags = notes.note, notes.tags
        self.colour_kept = notes.colour is not None
        if notes.colour is not None:
            self.colour = notes.colour

    @property
    def token(self) -> str:
        """Token of its colour; ``dashed`` tells it from the run that has the same."""
        return f"r{self.colour % HUES}"

    @property
    def dashed(self) -> bool:
        """Whether its lines are dashed, and its sign is a ring."""
        return self.colour // HUES % 2 == 1

    @property
    def data(self) -> DataIdentity | None:
        """What it learns from, once its folder tells."""
        return self.info.data if self.info is not None else None

    @property
    def data_name(self) -> str:
        """What it learns from, for people."""
        return data_title(self.data.name if self.data is not None else self.recipe.data)

    @property
    def going(self) -> bool:
        """Whether more events may come."""
        return self.status in {"starting", "running", "paused"}

    @property
    def replaying(self) -> bool:
        """Whether it is shown at a moment before its end."""
        return self.replayed and self.state is not None and self.state.ended is None

    @property
    def is_local(self) -> bool:
        """Whether the process that trains it is of this computer."""
        return writer_of(self.folder)[0] in {"", platform.node()}

    @property
    def behind(self) -> bool:
        """Whether its file holds more than has been read."""
        return self._reader is not None and self._reader.behind

    @property
    def usable(self) -> bool:
        """Whether its best weights can classify pictures."""
        return (self.folder / BEST_FILE).is_file()

    @property
    def resumable(self) -> bool:
        """Whether it can go on: it is not at its end, and not one whose loss is no number any more."""
        ended = self.status in {"stopped", "failed", "interrupted"} and self.info is not None
        return ended and not self.recorded and not self.gone

    @property
    def checkpoint(self) -> bool:
        """Whether there is a checkpoint."""
        return (self.folder / LAST_FILE).is_file()

    @property
    def top1(self) -> float | None:
        """Best test accuracy as a fraction."""
        return None if self.error is None else 1 - self.error

    @property
    def epochs(self) -> int:
        """How many epochs the whole training has."""
        started = self.state.started if self.state is not None else None
        return started.epochs if started is not None else self.recipe.epochs

    @property
    def epoch_now(self) -> int:
        """The epoch that it is in, from 1, while it goes on or is replayed; then how many it has made."""
        started = self.state.started if self.state is not None else None
        if self.state is None or started is None or not started.steps_per_epoch or not (self.going or self.replaying):
            return self.epoch
        return min(self.epochs, self.state.step // started.steps_per_epoch + 1)

    def read_info(self) -> None:
        """Read what the run is anew: it may have been given more epochs, or pictures at another place."""
        with contextlib.suppress(InputError):
            self.info = read_run_info(self.folder)
            self.spec, self.recipe = self.info.spec, self.info.recipe

    def look_for_folder(self) -> bool:
        """Look whether its folder is still there; whether that is another answer than before."""
        before, self.gone = self.gone, self.info is not None and not (self.folder / RUN_FILE).is_file()
        if self.gone != before:
            self.message = GONE if self.gone else ""
        return self.gone != before

    def begin(self) -> None:
        """An engine has been asked to train it."""
        self.status, self.message = "starting", ""
        if self.state is not None:
            self.state.resuming = True

    def end(self, sentence: str) -> None:
        """Its engine is gone; ``sentence`` says how if that was not wanted."""
        if self.state is not None:
            self.state.resuming = False
        while self.refresh(alive=False) and self.behind:
            pass
        if sentence:
            self.message = sentence

    def look(self) -> RunState:
        """The events so far; reads on by a piece of what has come since the last look."""
        if self.replayed and self.state is not None:
            return self.state
        if self.state is None or self._reader is None:
            self.state, self._reader = RunState(), RunReader(self.folder)
        for event in self._reader.read(PIECE):
            self.state.apply(event)
        return self.state

    def show_moment(self, state: RunState) -> None:
        """Show a finished run as it was at a moment."""
        self.state, self.replayed = state, True
        self.error = state.best_error
        self.epoch = state.last_epoch.epoch if state.last_epoch else 0

    def refresh(self, *, alive: bool) -> bool:
        """Read on; whether anything has changed."""
        if self.info is None and (self.folder / RUN_FILE).is_file():
            self.read_info()
        if self._reader is not None and self._reader.bad_lines and not self.message:
            self.message = f"{self._reader.bad_lines} lines of its events could not be read and were left out."
        before = (self.status, self.epoch, self.error, self.state.step if self.state else -1)
        state = self.look()
        if not self.behind:
            # While an old file is still being read, what the summary said of its end stands.
            self.status = state.status(alive=alive)
            self.error = state.best_error
            self.epoch = state.last_epoch.epoch if state.last_epoch else 0
            self.seconds = state.seconds
            self.stopping = self.stopping and self.going
            if state.ended is not None:
                self.message = state.ended.message
            elif state.started is not None and state.started.note:
                self.message = state.started.note
        return before != (self.status, self.epoch, self.error, state.step)


def state_word(row: RunRow) -> str:
    """How a run stands, in a word."""
    if row.replaying:
        return "Replaying"
    if row.gone:
        return "Gone"
    return "Stopping" if row.stopping and row.going else row.status.capitalize()


def progress_text(row: RunRow) -> str:
    """What a run has come to, in a few words."""
    if row.gone:
        return "its folder was taken away"
    if row.status == "queued":
        return f"{row.recipe.epochs} epochs, {row.data_name}"
    if (row.going and row.status != "starting") or row.replaying:
        return f"epoch {row.epoch_now} / {row.epochs}"
    if row.status == "failed" and row.message:
        return row.message.split(";")[0].split(".")[0]
    return f"{row.epoch} epochs, {row.data_name}" if row.epoch != 1 else f"1 epoch, {row.data_name}"

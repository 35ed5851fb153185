"""The preparation of a new run on the page: what is dropped on it, what it begins from, and what is shown meanwhile."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from resnet_gui.data.archives import is_archive
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.array_names import is_array_file
from resnet_gui.design.spec import Design
from resnet_gui.gui.common.dropped_kinds import is_network
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.centre import CURVES, DATA, TrainCentre
from resnet_gui.gui.train.data.panel import data_name
from resnet_gui.gui.train.data.preview import DataPreview
from resnet_gui.gui.train.launcher import start_of
from resnet_gui.gui.train.runs.side import RunSide
from resnet_gui.gui.train.start.choice import RANDOM
from resnet_gui.training.start import StartRequest

NARROW: Final = 1220
"""Width of a page below which data and curves are tabs: that of a window of 1280."""


class RunPreparation(QObject):
    """The preparation of a new run: its form, its data, and what is dropped for it."""

    def __init__(
        self, page: QWidget, side: RunSide, centre: TrainCentre, preview: DataPreview, session: Session
    ) -> None:
        super().__init__(page)
        self._page, self._side, self._centre, self._session = page, side, centre, session
        self._form = side.form
        self._form.begin.chosen.connect(self.look)
        self._form.data_changed.connect(lambda _data: self.look())
        self._form.data_changed.connect(lambda _data: self.unfold())
        side.new.toggled.connect(lambda on: self.unfold() if on else None)
        side.arranged.connect(self.look)
        centre.data.folded.connect(lambda _on: self.look())
        centre.data_shown.connect(lambda: QTimer.singleShot(0, preview, preview.look))
        self.look()

    @property
    def on(self) -> bool:
        """Whether the form is open with weights to begin from, or pictures of the user's own."""
        return self._side.new.open and (self._form.begin.kind != RANDOM or self._form.data not in KNOWN)

    def look(self) -> None:
        """Show what belongs to the form as it stands, in the room that the page has."""
        narrow = self._page.width() < NARROW
        self._side.set_narrow(narrow=narrow)
        self._side.set_preparing(on=self.on and not self._centre.data.is_folded)
        self._centre.set_preparing(on=self.on, narrow=narrow)

    def show_started(self) -> None:
        """A run has begun: it and its curves are to be seen, and not the data that it learns from."""
        self.fold()
        self._centre.show_tab(CURVES)

    def fold(self) -> None:
        """Fold the data set to its bar, and unfold the list of runs."""
        self._centre.data.set_folded(on=True)

    def unfold(self) -> None:
        """Show the data set, of which something is about to be chosen."""
        self._centre.data.set_folded(on=False)

    # ---- what a run begins from

    def begin_from(self, request: StartRequest, design: Design | None = None) -> None:
        """Begin a new run from weights, with their design where it is known."""
        if design is not None:
            self._session.open_design(design)
        self._side.open_form()
        self._form.begin.choose(request)
        self._session.say(f"A new run begins from {Path(request.model).name}; choose its pictures and start.")

    def begin_from_run(self, run: RunRow) -> None:
        """Begin a new run from the best weights of another."""
        self.begin_from(StartRequest(model=str(run.folder)), Design(name=run.design, spec=run.spec))

    def take_run(self, run: RunRow) -> None:
        """Show everything that a run began with, for another one: its design, its recipe and its start."""
        start = start_of(run)
        self._session.open_design(Design(name=run.design, spec=run.spec))
        self._form.take_training(run.recipe, start)
        self._side.open_form()
        held = "the design and the recipe" if start is None else "the design, the recipe and the start"
        self._session.say(f"The form holds {held} of {run.name}; change what you like, then start.")

    # ---- what is dropped

    @staticmethod
    def takes_files(paths: Sequence[Path]) -> bool:
        """Whether all of what is dropped is of use here: data, weights, or one of each."""
        data, weights = _data_and_weights(paths)
        return bool(paths) and len(data) <= 1 and len(weights) <= 1 and len(data) + len(weights) == len(paths)

    def take_files(self, paths: Sequence[Path]) -> None:
        """Take dropped data and weights."""
        data, weights = _data_and_weights(paths)
        self._side.open_form()
        self.unfold()
        for path in data:
            self._form.choice.choose_folder(path.absolute())
            self._centre.show_tab(DATA)
            self._session.say(f"The new run learns from the pictures in “{data_name(str(path))}”.")
        for path in weights:
            self._form.begin.choose(StartRequest(model=str(path.absolute())))
            self._session.say(f"The new run begins from {path.name}.")


def _data_and_weights(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    data = [path for path in paths if is_data(path)]
    return data, [path for path in paths if path not in data and is_network(path)]


def is_data(path: Path) -> bool:
    """Whether something dropped is data to learn from: a folder that is no run, an archive, or a file of arrays."""
    if path.is_dir():
        return not is_network(path)
    if is_array_file(path.name):
        return True
    # Weights are called .tar too, but are none: torch writes other archives under that name.
    return is_archive(path) and (not path.name.casefold().endswith(".tar") or tarfile.is_tarfile(path))

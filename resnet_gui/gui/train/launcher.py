"""New runs: from the form, from a starter, again with other seeds or a recipe that fits."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal

from resnet_gui.data.datasets import KNOWN, is_here
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.queue import RunQueue
from resnet_gui.gui.train.recipe.form import RecipeForm, seeds_of
from resnet_gui.gui.train.setup import TrainSetup
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.folder import new_run_folder
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from resnet_gui.training.starters import STARTERS, Starter


class RunLauncher(QObject):
    """The launcher of new runs, which start one after the other.

    Attributes:
        queue: of runs that wait for their turn.

    Signals:
        started: a run that is to be shown.
        dataset_missing: a data set that is needed and is not here.
    """

    started = Signal(object)
    dataset_missing = Signal()

    def __init__(self, form: RecipeForm, runs: RunModel, session: Session, engines: Engines, setup: TrainSetup) -> None:
        super().__init__(form)
        self._form, self._runs, self._session = form, runs, session
        self._engines, self._setup = engines, setup
        self.queue = RunQueue(self._train, lambda: bool(engines.running()) or self._others(), self)
        self.queue.lost.connect(self._leave_to_other)
        self.queue.refused.connect(lambda sentence: session.say(sentence, "error"))
        form.start_requested.connect(self.present)
        form.message.connect(session.say)

    def present(self, recipe: Recipe, repeats: int) -> None:
        """Train the present design, as often as asked."""
        if not self._is_here(recipe.data):
            return
        design, start = self._session.design, self._form.begin.request
        for number, each in enumerate(seeds_of(recipe, repeats)):
            name = design.name if repeats == 1 else f"{design.name}, seed {each.seed}"
            self._start(name, design.spec, each, show=number == 0, start=start)

    def begin(self, key: str) -> None:
        """Train a starter; the design and the form of a new run stay as they are."""
        starter = next(each for each in STARTERS if each.key == key)
        self.queue_starter(starter, starter.recipe.data)

    def queue_starter(self, starter: Starter, data: str) -> None:
        """Train a starter's designs, which begin from drawn weights, on its data or on what takes their place."""
        if not self._is_here(data):
            return
        recipe = msgspec.structs.replace(starter.recipe, data=data)
        for number, design in enumerate(starter.designs):
            self._start(design.name, design.spec, recipe, show=number == 0)

    def again(self, run: RunRow, recipe: Recipe, device: str) -> None:
        """Train a run's design by another recipe, from the same weights."""
        self._start(run.design, run.spec, recipe, device, start=start_of(run))

    def _is_here(self, data: str) -> bool:
        if data not in KNOWN or is_here(data):
            return True
        self._session.say(f"{KNOWN[data].title} is not on this computer yet; download it or choose its folder.", "warn")
        self.dataset_missing.emit()
        return False

    def _start(
        self,
        name: str,
        spec: ResNetSpec,
        recipe: Recipe,
        device: str = "",
        *,
        show: bool = True,
        start: StartRequest | None = None,
    ) -> None:
        """Put a new run at the end of the queue; without a ``device`` on the chosen one."""
        folder = new_run_folder(name)
        taken = {str(each.folder) for each in self._runs.rows()}
        number = 2
        while str(folder) in taken:
            folder, number = folder.with_name(f"{folder.name}-{number}"), number + 1
        job = Train(self._engines.next_job(), str(folder), name, spec, recipe, device or self._session.device, start)
        # It waits until the queue starts it, which may be at once; who is busy is decided there alone.
        made = self._runs.add(job, queued=True)
        self.queue.add(job)
        if show:
            self.started.emit(made)

    def _others(self) -> bool:
        """Whether another process of this computer trains, such as a run that an earlier window was told to keep."""
        return any(run.going and run.is_local for run in self._runs.rows() if run.status != "starting")

    def _leave_to_other(self, folder: str) -> None:
        """Another window has begun a run that waited here, or has taken it out of the queue."""
        row = self._runs.row(folder)
        if row is None or row.status != "queued":
            return
        if row.folder.exists():
            self._runs.take_begun(row)
        else:
            # It comes again with its folder.
            self._runs.remove(row)

    def _train(self, job: Train) -> None:
        """Start an engine for a run that is in the list, unless another window was quicker."""
        row = self._runs.row(job.run)
        if row is not None and row.status == "queued" and row.folder.exists():
            self._runs.take_begun(row)
            self.queue.proceed()
            return
        self._runs.own(job.run)
        self._engines.train(job)
        self._setup.look()


def start_of(run: RunRow) -> StartRequest | None:
    """The weights that a run began from, or is to begin from while it waits; None where they are drawn."""
    if run.info is None:
        return run.start
    began = run.info.start
    return StartRequest(**{name: getattr(began, name) for name in StartRequest.__struct_fields__}) if began else None

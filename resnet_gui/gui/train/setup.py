"""What the form of a new run needs to know: what the data set holds, what the run will cost, what is being fetched."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import SpecError
from resnet_gui.data.datasets import KNOWN, is_here
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.data.layouts.splitting import SplitRule
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.client.downloads import Downloads
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.kit.throttle import Debounce
from resnet_gui.gui.kit.window.shown_update import ShownUpdate
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.first_run import DataBanner
from resnet_gui.gui.train.fit_words import SMALL_STEM, fit_words, fits, stem_words
from resnet_gui.gui.train.recipe.cost_words import CostWords
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.protocol.events import (
    DataSetDescribed,
    DataSetListed,
    Event,
    Failed,
    Fit,
    Progressed,
    TrainingEstimated,
)
from resnet_gui.protocol.jobs import Describe, Estimate
from resnet_gui.training.starters import Starter

LOG = logging.getLogger(__name__)
REST_MS = 700
"""A form that is being changed is measured when it rests."""


class TrainSetup(QObject):
    """The preparation of a new run: the engine is asked about data and cost, and the form is told.

    Attributes:
        downloads: of data sets.
        fit: what the chosen data set holds, once that is known.
        description: the same in words, of a folder; None for known sets, and while it is not known.
        problem: a sentence why the chosen data cannot be read; empty if they can, or nobody knows yet.
        progress: bytes that are here, and in all, of what is being fetched.
        active: whether the page has been on screen.

    Signals:
        data_changed: something about the chosen data set is new.
        known: what it holds is known.
        progressed: how far the engine's look through it is, in words.
        step_time_measured: key of a starter and the seconds that it takes here, None where it does not fit.
    """

    data_changed = Signal()
    known = Signal()
    progressed = Signal(str)
    step_time_measured = Signal(str, object)

    def __init__(self, form: RecipeForm, session: Session, engines: Engines) -> None:
        super().__init__(form)
        self._form, self._session, self._engines = form, session, engines
        self.downloads = Downloads(self)
        self.fit: Fit | None = None
        self.description: DataDescription | None = None
        self.problem = ""
        self.progress: dict[str, tuple[int, int]] = {}
        self.active = False
        self._requests = LatestRequests(engines, self)
        self._to_time: list[tuple[Starter, ResNetSpec]] = []
        self._timing: tuple[Starter, ResNetSpec] | None = None
        self._times: dict[str, list[float | None]] = {}
        self._asked_split = SplitRule()
        self._shown_spec: ResNetSpec | None = None
        self._misfit = False
        self._cost = CostWords(form, session, lambda: self.fit)
        self._estimating = Debounce(self, REST_MS, self._ask)
        form.changed.connect(self.look)
        self.data_changed.connect(lambda: form.footer.refuse_data(self.problem))
        form.data_changed.connect(self._take_data)
        form.fit_requested.connect(self._fit_design)
        form.memory_fix_requested.connect(self._cost.take_memory_fix)
        form.download_requested.connect(self.download)
        form.device_chosen.connect(session.set_device)
        self._following = ShownUpdate(form, self.look)
        session.design_changed.connect(self._following.request)
        session.design_changed.connect(self._forget_misfit)
        session.device_changed.connect(self._show_devices)
        self._requests.answered.connect(self._take)
        engines.state_changed.connect(lambda _state: self.look())
        self.downloads.progressed.connect(self._fetched)
        self.downloads.ended.connect(self._fetch_ended)
        self._show_devices()

    # ---- asking

    def classes(self) -> tuple[str, ...]:
        """Names of the classes of the chosen data, where they are known before a training."""
        return tuple(each.name for each in self.description.classes) if self.description is not None else ()

    def look(self) -> None:
        """Something has changed; what it costs is asked when it rests."""
        if self.active and self._form.data not in KNOWN and self._split() != self._asked_split:
            self._take_data(self._form.data)
            return
        self._show_fit()
        self._show_parts()
        self._cost.show_parameters()
        self._estimating.request()

    def _show_parts(self) -> None:
        """Tell the form the parts of the network that will be trained: its head has as many classes as the data."""
        spec = self._session.spec
        if self.fit is not None:
            spec = evolve(spec, classes=self.fit.classes)
        if spec != self._shown_spec:
            same, self._shown_spec = spec == self._session.spec, spec
            planned = self._session.plan if same else plan(spec)
            self._cost.params = (self._session.totals if same else totals(planned)).cost.params
            self._form.show_plan(planned)

    def _split(self) -> SplitRule:
        """What is held out by the form as it stands; as usual while a field of it is wrong."""
        recipe = self._form.valid_recipe()
        return recipe.split if recipe is not None else SplitRule()

    def busy(self) -> bool:
        """Whether a run is going on this computer, which measuring would disturb."""
        return any(run.going for run in self._session.runs.rows())

    def tell_data(self) -> None:
        """Say once more which data set is missing or being fetched."""
        self.data_changed.emit()

    def begin(self) -> None:
        """The page is on screen."""
        self.active = True
        self.look_through()

    def look_through(self) -> None:
        """Look through the chosen data set, anew where that was done already."""
        self._take_data(self._form.data)

    def time_starters(self, starters: Sequence[Starter]) -> None:
        """Measure how long each starter takes here, one after the other; told by ``step_time_measured``."""
        self._to_time = [(each, design.spec) for each in starters for design in each.designs]
        self._time_next()

    def _postpone_timing(self) -> None:
        """Give up what is being measured, and measure it after the others."""
        if self._requests.asking("starter") and self._timing is not None:
            self._requests.forget("starter")
            self._to_time.append(self._timing)

    def _time_next(self) -> None:
        if not self._to_time or self._requests.asking("starter"):
            return
        if self.busy():
            # A run has begun, which measuring would disturb.
            for key in dict.fromkeys(starter.key for starter, _ in self._to_time):
                self.step_time_measured.emit(key, None)
            self._to_time.clear()
            self._times.clear()
            return
        self._timing = starter, spec = self._to_time.pop(0)
        self._requests.ask("starter", lambda job: Estimate(job, spec, starter.recipe, self._session.device))

    def _take_time(self, seconds: float | None) -> None:
        key = self._timing[0].key if self._timing is not None else ""
        self._times.setdefault(key, []).append(seconds)
        if all(starter.key != key for starter, _ in self._to_time):
            taken = self._times.pop(key)
            known = [seconds for seconds in taken if seconds is not None]
            self.step_time_measured.emit(key, sum(known) if len(known) == len(taken) else None)
        self._time_next()

    def _take_data(self, data: str) -> None:
        self.fit, self.description, self.problem = None, None, ""
        # The data are looked through at once, and not when the time of something else has been measured.
        self._requests.forget("cost")
        self._postpone_timing()
        self._form.show_fit(None)
        self._form.choice.refresh()
        self._form.choice.show_description(None)
        self.data_changed.emit()
        if data in KNOWN:
            known = KNOWN[data]
            self._know(Fit(known.shape, known.classes, known.train_images, known.test_images, known=True))
            self._time_next()
        elif self.active:
            split = self._asked_split = self._split()
            self._form.choice.show_searching(0)
            self._requests.ask("data", lambda job: Describe(job, data, split))
        self.look()

    def _know(self, fit: Fit) -> None:
        self.fit = fit
        self._form.show_fit(fit)
        self._show_fit()
        self._show_parts()
        self.known.emit()

    def _ask(self) -> None:
        if not self.active or self.fit is None:
            return
        if self.busy():
            # Measuring would take the cores from the run, and the run would falsify the measurement.
            self._cost.show_later()
            return
        if self._form.data in KNOWN and not is_here(self._form.data):
            return
        recipe, fit = self._form.valid_recipe(), self.fit
        if recipe is None:
            return
        spec = evolve(self._session.spec, classes=fit.classes)
        self._cost.show_measuring()
        self._requests.ask("cost", lambda job: Estimate(job, spec, recipe, self._session.device, fit))

    def _take(self, kind: str, event: Event) -> None:
        match kind, event:
            case "data", Progressed():
                if self.description is None:
                    self._form.choice.show_searching(event.done, event.sentence if event.note else "")
                self.progressed.emit(event.sentence)
            case "data", DataSetListed():
                self.description = event.description
                self._form.choice.show_description(event.description)
                self.data_changed.emit()
            case "data", DataSetDescribed():
                self._know(event.fit)
                self._estimating.request()
                self._time_next()
            case "data", Failed():
                self.problem = event.message
                self._form.show_error("data", event.message)
                self.data_changed.emit()
            case "starter", TrainingEstimated():
                self._take_time(event.seconds)
            case "starter", Failed():
                self._take_time(None)
            case "cost", TrainingEstimated():
                self._cost.show_estimate(event)
            case "cost", Failed() if self.busy() or self._engines.running():
                # The run that was started took the measuring's place, which is nobody's fault.
                self._cost.show_later()
            case "cost", Failed():
                self._cost.show_parameters(event.message)
            case _:
                LOG.error("Nothing takes %s as the answer to a question of kind '%s'.", type(event).__name__, kind)

    # ---- telling

    def _show_devices(self) -> None:
        self._form.device.show_devices(self._session.devices, self._session.device)
        self.look()

    def _show_fit(self) -> None:
        fit, spec, choice = self.fit, self._session.spec, self._form.choice
        choice.show_fit(fit_words(spec, fit), can_fit=fit is not None and not fits(spec, fit))
        choice.show_stem(stem_words(spec) if fit is not None and spec.input == fit.shape else "")

    def _fit_design(self, what: str) -> None:
        """Change the design's input and classes to the data's, or its stem to their size."""
        if self.fit is None:
            return
        changes = {"stem": SMALL_STEM} if what == "stem" else {"input": self.fit.shape, "classes": self.fit.classes}
        try:
            self._session.edit("fit to the data", **changes)
        except SpecError as error:
            self._form.show_error("data", f"The design cannot be fitted: {error}")
            self._misfit = True

    def _forget_misfit(self) -> None:
        """What was said of fitting was of another design."""
        if self._misfit:
            self._misfit = False
            self._form.show_error("", "")

    def show_in(self, first: DataBanner, beside: DataBanner) -> None:
        """Keep two banners up to date: of the page before there are runs, and of the page beside them."""

        def show() -> None:
            data = self._form.data
            # Two of the starters want CIFAR-10; its size is said before anybody starts them.
            wanted = data if data in KNOWN and not is_here(data) else "cifar10"
            for banner, name in ((first, wanted), (beside, data)):
                done, total = self.progress.get(name, (0, 0))
                banner.show_data(name, downloading=name in self.progress, done=done, total=total)

        self.data_changed.connect(show)

    # ---- downloads

    def download(self, name: str) -> None:
        """Fetch a data set."""
        if name in KNOWN:
            self.progress[name] = (0, 0)
            self.downloads.start(name)
            self.data_changed.emit()

    def _fetched(self, name: str, done: int, total: int) -> None:
        if name in KNOWN:
            self.progress[name] = (done, total)
            self.data_changed.emit()

    def _fetch_ended(self, name: str, sentence: str) -> None:
        if name not in KNOWN:
            return
        self.progress.pop(name, None)
        if sentence:
            self._session.say(sentence, "error")
        elif is_here(name):
            self._session.say(f"{KNOWN[name].title} is here.", "ok")
        self._form.choice.refresh()
        self.data_changed.emit()
        self.look()

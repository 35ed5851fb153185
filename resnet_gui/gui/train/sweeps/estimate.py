"""How long the sweep in the builder would take: one run is measured, the others are scaled by their MACs."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QObject

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import KNOWN, is_here
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design, ResNetSpec, evolve
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.kit.throttle import Debounce
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.sweeps.builder import CHECKED, Making, SweepBuilder
from resnet_gui.protocol.events import Event, Fit, TrainingEstimated
from resnet_gui.protocol.jobs import Estimate
from resnet_gui.sweeps.sweep import Sweep, expanded
from resnet_gui.training.recipe import Recipe

REST_MS: Final = 700


class SweepEstimate(QObject):
    """The estimate of the builder's sweep, measured when the form rests and nothing trains."""

    def __init__(self, builder: SweepBuilder, session: Session, engines: Engines, making: Making) -> None:
        super().__init__(builder)
        self._builder, self._session, self._engines, self._making = builder, session, engines, making
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        self._asked: tuple[object, ...] = ()
        self._measured: tuple[Design, Recipe] | None = None
        self._seconds: float | None = None
        self._resting = Debounce(self, REST_MS, self._ask)
        builder.changed.connect(self._show)

    def look(self) -> None:
        """Something has changed."""
        self._show()
        self._resting.request()

    def _ask(self) -> None:
        try:
            design, recipe, device = self._making()
        except InputError:
            return
        known = KNOWN.get(recipe.data)
        if not self._builder.isVisible() or self._engines.running() or known is None or not is_here(recipe.data):
            return
        wanted = (design.spec, recipe, device)
        if wanted == self._asked:
            return
        self._asked, self._seconds, self._measured = wanted, None, (design, recipe)
        fit = Fit(known.shape, known.classes, known.train_images, known.test_images, known=True)
        spec = evolve(design.spec, classes=fit.classes)
        self._requests.ask("cost", lambda job: Estimate(job, spec, recipe, device, fit))

    def _take(self, _kind: str, event: Event) -> None:
        if isinstance(event, TrainingEstimated):
            self._seconds = event.seconds
            self._show()

    def _show(self) -> None:
        self._builder.show_seconds(self._scaled())

    def _scaled(self) -> float | None:
        if self._seconds is None or self._measured is None:
            return None
        try:
            sweep = self._builder.sweep()
            if sweep.combinations > CHECKED:
                return None
            return sweep_seconds(sweep, self._measured[0].spec, self._measured[1], self._seconds)
        except InputError:
            return None


def sweep_seconds(sweep: Sweep, spec: ResNetSpec, recipe: Recipe, seconds: float) -> float:
    """Seconds of a sweep, if a run of ``spec`` and ``recipe`` takes ``seconds``: by MACs and epochs.

    Runs beside each other, one thread each, are taken to train as fast together as one alone with all threads: they
    are faster, by what the machine decides.

    Raises:
        InputError: none of its configurations can be trained.
    """
    whole = _macs(spec) * recipe.epochs
    each = [_macs(one.spec) * one.recipe.epochs for one in expanded(sweep).configurations]
    return sum(each) / whole * seconds * len(sweep.seeds)


@lru_cache(maxsize=1024)
def _macs(spec: ResNetSpec) -> int:
    return totals(plan(spec)).cost.macs

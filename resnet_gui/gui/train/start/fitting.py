"""What of the chosen weights fits the design: the engine is asked, and the form is told."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from resnet_gui.data.weights_catalogue import WEIGHTS, published_file
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.client.downloads import Downloads
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.kit.throttle import Debounce, Throttle
from resnet_gui.gui.kit.window.shown_update import ShownUpdate
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.gui.train.start.choice import missing_sentence
from resnet_gui.gui.train.start.offers import named_weights
from resnet_gui.gui.train.start.tensors_dialog import TensorsDialog
from resnet_gui.protocol.events import Event, Failed, Fit
from resnet_gui.protocol.start_messages import FitWeights, WeightsFitted
from resnet_gui.training.start import StartRequest

REST_MS = 120
"""A design that is being edited is compared when it rests."""

LIST_MS = 1000
CHECKING = "Checking what of the weights fits this design …"
MISFIT = "The weights do not fit this design; take theirs, or choose other weights."


class WeightsFitting(QObject):
    """The comparison of the chosen weights with the design, kept up to date.

    Signals:
        changed: the answer about the weights has come, or does not hold any more.
    """

    changed = Signal()

    def __init__(
        self,
        form: RecipeForm,
        session: Session,
        engines: Engines,
        downloads: Downloads,
        data: Callable[[], tuple[Fit | None, tuple[str, ...]]],
    ) -> None:
        """Begin; ``data`` says what the chosen data set holds, and the names of its classes where they are known."""
        super().__init__(form)
        self._form, self._session, self._downloads, self._data = form, session, downloads, data
        self._requests = LatestRequests(engines, self)
        self._resting = Debounce(self, REST_MS, self._ask)
        self._progress: dict[str, tuple[int, int]] = {}
        self._asked: object = None
        self._answer: WeightsFitted | Failed | None = None
        card = form.begin.card
        form.begin.chosen.connect(self.look)
        form.begin.runs_requested.connect(self._show_runs)
        form.data_changed.connect(lambda _data: self.look())
        self._following = ShownUpdate(form, self._design_changed)
        session.design_changed.connect(self._following.request)
        engines.state_changed.connect(lambda state: self._again() if state == "ready" else None)
        card.tensors_requested.connect(self._show_tensors)
        card.design_requested.connect(self.use_design)
        card.download_requested.connect(self._download)
        card.cancel_requested.connect(lambda: self._downloads.cancel(form.begin.model))
        self._requests.answered.connect(self._take)
        downloads.progressed.connect(self._fetched)
        downloads.ended.connect(self._fetch_ended)
        runs = session.runs
        # Of many runs that come or go at once each would look into all folders.
        listing = Throttle(self, 0, self._show_runs)
        for signal in (runs.rowsInserted, runs.rowsRemoved, runs.modelReset):
            signal.connect(listing.request)
        # A run that is going has weights from its first test on.
        runs.run_changed.connect(Throttle(self, LIST_MS, self._show_runs).request)
        self._show_runs()
        self._design_changed()

    def _show_runs(self) -> None:
        """Offer the runs, also those that have come later."""
        self._form.begin.show_runs(self._session.runs.rows())

    @property
    def found(self) -> WeightsFitted | None:
        """What fits; None while that is not known."""
        return self._answer if isinstance(self._answer, WeightsFitted) else None

    # ---- asking

    def look(self) -> None:
        """Something that the answer depends on may have changed."""
        choice = self._form.begin
        if choice.request is None:
            self._requests.forget("fit")
            self._forget()
            self._form.footer.refuse(choice.lacking)
            return
        if self._missing():
            self._show_missing()
            return
        if self._question() == self._asked:
            self._show_answer()
        else:
            self._form.footer.refuse(CHECKING)
        self._resting.request()

    def _forget(self) -> None:
        """What was answered does not hold any more."""
        self._asked = None
        if self._answer is not None:
            self._answer = None
            self.changed.emit()

    def _again(self) -> None:
        self._forget()
        self.look()

    def _missing(self) -> bool:
        model = self._form.begin.model
        return model in WEIGHTS and not published_file(model).is_file()

    def _ask(self) -> None:
        request = self._form.begin.request
        if request is None or self._missing():
            return
        asked = self._question()
        if asked == self._asked:
            return
        self._forget()
        self._asked = asked
        self._show_answer()
        _, spec, classes = asked
        self._requests.ask("fit", lambda job: FitWeights(job, request, spec, classes))

    def _question(self) -> tuple[StartRequest | None, ResNetSpec, tuple[str, ...]]:
        """What is to be compared as the form stands: the weights, the design for the data, and their classes."""
        fit, classes = self._data()
        spec = self._session.spec if fit is None else evolve(self._session.spec, classes=fit.classes)
        return self._form.begin.request, spec, classes

    def _take(self, _kind: str, event: Event) -> None:
        if isinstance(event, WeightsFitted | Failed):
            self._answer = event
            # Of a question that the form has left behind meanwhile nothing is shown: the next one is on its way.
            if self._question() == self._asked:
                self._show_answer()
            self.changed.emit()

    def _show_answer(self) -> None:
        """Show what is known of the question that was asked; nothing can start before its answer."""
        card, footer, found = self._form.begin.card, self._form.footer, self._answer
        match found:
            case WeightsFitted():
                card.show_fitted(found)
                self._form.begin.rows.setVisible(not found.refused)
                footer.refuse(MISFIT if found.refused else "")
            case Failed():
                card.show_refusal(found.message, design=False)
                footer.refuse("The weights to start from cannot be read; choose others.")
            case _:
                card.show_busy("Compared with the design …")
                footer.refuse(CHECKING)

    # ---- from the user

    def use_design(self) -> None:
        """Replace the design by that of the weights, on the present data."""
        if self.found is not None:
            self._session.open_design(self.found.design)

    def _show_tensors(self) -> None:
        if self.found is not None:
            dialog = TensorsDialog(self._form.window(), self._form.begin.model, self.found)
            dialog.exec()
            dialog.deleteLater()

    def _design_changed(self) -> None:
        self._form.begin.show_named(named_weights(self._session.spec))
        self.look()

    # ---- weights that are not here

    def _show_missing(self) -> None:
        self._forget()
        model = self._form.begin.model
        done, total = self._progress.get(model, (0, 0))
        going = model in self._progress
        sentence = missing_sentence(model)
        if going:
            sentence = f"Fetching {done / 1e6:,.1f} of {total / 1e6:,.1f} MB" if total else "The engine asks for it …"
        self._form.begin.card.show_missing(sentence, done, total, downloading=going)
        self._form.footer.refuse("The weights to start from are not on this computer yet.")

    def _download(self) -> None:
        model = self._form.begin.model
        if model in WEIGHTS:
            self._progress[model] = (0, 0)
            self._downloads.start(model)
            self.look()

    def _fetched(self, name: str, done: int, total: int) -> None:
        if name in WEIGHTS:
            self._progress[name] = (done, total)
            if name == self._form.begin.model:
                self._show_missing()

    def _fetch_ended(self, name: str, sentence: str) -> None:
        if name not in WEIGHTS:
            return
        self._progress.pop(name, None)
        if sentence:
            self._session.say(sentence, "error")
        self._again()

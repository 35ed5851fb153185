"""Asks the engine for what the explain views show, and lays it over the picture."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal

from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.predict.explain.panel import ExplainPanel
from resnet_gui.gui.predict.explain.views import VIEWS, ExplainView
from resnet_gui.gui.predict.pictures.canvas import Marks, Overlay, PictureCanvas
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.events import Event, Failed
from resnet_gui.protocol.explain_events import Explanation
from resnet_gui.protocol.jobs import ExplainRequest


class ExplainController(QObject):
    """The controller that keeps state, explain views, picture and engine in agreement.

    A view is asked anew when the question that follows from the state is another one; it is on show then, or its answer
    is shown elsewhere too.

    Signals:
        failed: a sentence why a question has no answer.
        answered: key of a view whose question has its answer, or will have none.
        drawing_named: what lies over the picture, empty for Grad-CAM, and whether it has a place in the network.
    """

    failed = Signal(str)
    answered = Signal(str)
    drawing_named = Signal(str, bool)

    def __init__(self, engines: Engines, state: PredictState, panel: ExplainPanel, canvas: PictureCanvas) -> None:
        super().__init__(panel)
        self._state, self._panel, self.canvas = state, panel, canvas
        self._asked: dict[str, ExplainRequest] = {}
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        state.model_changed.connect(self._model_changed)
        state.design_changed.connect(self._design_changed)
        state.picture_changed.connect(self._picture_changed)
        state.picture_answered.connect(self._picture_answered)
        state.lesions_changed.connect(lambda: self._clear("", of_picture=True))
        # What lies over the picture stays until the next is there; the others are asked when they are on show.
        state.branch_share_changed.connect(lambda: self._clear("", of_picture=True, but_always=True))
        state.changed.connect(self._update)
        canvas.clicked.connect(self._picture_clicked)
        for key, widget in panel.widgets.items():
            widget.given_up.connect(lambda key=key: self._requests.forget(key))
            widget.wanted_again.connect(lambda key=key: self._ask_again(key))

    # ---- questions

    def _update(self) -> None:
        """Ask what the state asks for, and lay over the picture what is known."""
        for view in VIEWS:
            if view.always or view.key == self._state.view:
                self._ask(view)
        self._lay()

    def _ask(self, view: ExplainView) -> None:
        request = view.request(self._state) if view.request is not None else None
        if request is not None and request != self._asked.get(view.key):
            asked = self._asked[view.key] = request
            self._requests.ask(view.key, lambda job: msgspec.structs.replace(asked, job=job))

    def _ask_again(self, key: str) -> None:
        """Ask what was given up."""
        self._asked.pop(key, None)
        self._update()

    def asking(self, key: str) -> bool:
        """Whether the answer of a view is on its way."""
        return self._requests.asking(key)

    def _clear(self, sentence: str, *, of_picture: bool, but_always: bool = False) -> None:
        """Give up questions and forget answers: those on the picture, or all; perhaps not of what is always asked."""
        for view in VIEWS:
            if (view.of_picture or not of_picture) and not (but_always and view.always):
                self._requests.forget(view.key)
                self._asked.pop(view.key, None)
                self._panel.widgets[view.key].clear(sentence)

    # ---- what changes

    def _model_changed(self) -> None:
        chosen = self._state.model_request is not None
        self._clear("The network is being loaded …" if chosen else "Choose a network.", of_picture=False)

    def _design_changed(self) -> None:
        if self._state.plan is not None:
            self._panel.show_network(self._state.plan)

    def _picture_changed(self) -> None:
        there = self._state.picture is not None
        self._clear("" if there else "Feature maps appear here with the first answer.", of_picture=True)
        self._picture_answered()

    def _picture_answered(self) -> None:
        if self._state.picture is not None and self._state.picture.error:
            self._clear("Nothing can be shown of a picture without an answer.", of_picture=True)

    def _picture_clicked(self, x: float, y: float) -> None:
        self._panel.current.choose_place(x, y)

    # ---- answers

    def _take(self, key: str, event: Event) -> None:
        self._show(key, event)
        if not self._requests.asking(key):
            self.answered.emit(key)

    def _show(self, key: str, event: Event) -> None:
        if isinstance(event, Failed):
            self._asked.pop(key, None)
            self._panel.widgets[key].show_failure(event.message)
            self._lay()
            self.failed.emit(event.message)
            return
        view = next(view for view in VIEWS if view.key == key)
        if view.shows_pieces and isinstance(event, view.shows_pieces):
            self._panel.widgets[key].show_piece(event)
            self._lay()
            return
        if view.shows is None or not isinstance(event, view.shows):
            raise TypeError(f"{type(event).__name__} is no answer that the view '{key}' shows.")
        self._panel.widgets[key].show_answer(event)
        if isinstance(event, Explanation):
            self._state.set_explanation(event)
        self._lay()

    def _lay(self) -> None:
        """Lay over the picture what the view on show draws there, else Grad-CAM."""
        state = self._state
        if state.plan is not None:
            self.canvas.scene.input = (state.plan.spec.input[2], state.plan.spec.input[1])
        current = self._panel.current
        self.drawing_named.emit(current.drawing_title(), current.drawing_is_placed())
        drawing = current.drawing() if state.picture is not None else None
        self.canvas.lay(*(drawing if drawing is not None else (self._cam(), Marks())))

    def _cam(self) -> Overlay | None:
        """Grad-CAM of the chosen place, unless it is switched off, not known yet or nothing speaks for the class."""
        state = self._state
        heats = state.explanation.heats if state.cam and state.explanation is not None else ()
        heat = next((heat for heat in heats if heat.location == state.location), None)
        return Overlay(heat.values, heat.width, heat.height) if heat is not None and heat.peak else None

"""The right side of the Predict page kept in step: the answer of the chosen picture, as trained and as altered."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import describe_steps
from resnet_gui.evaluation.calibrations import calibration_key, find_calibration
from resnet_gui.gui.predict.answer.panel import AnswerPanel
from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.predict.model_controller import ModelController
from resnet_gui.gui.predict.pictures.model import Picture
from resnet_gui.gui.predict.pictures.viewer import PictureViewer
from resnet_gui.gui.predict.predictions import Predictions
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.events import Latency, Predicted
from resnet_gui.protocol.explain_events import Explanation

LOADING: Final = "The chosen network is loading; this is what the one before it said."


class AnswerPresenter(QObject):
    """The presenter of the answers about one picture: the whole network's, and the one with lesions if any."""

    def __init__(
        self,
        state: PredictState,
        predictions: Predictions,
        models: ModelController,
        panel: AnswerPanel,
        viewer: PictureViewer,
    ) -> None:
        super().__init__(panel)
        self._state, self._predictions, self._models = state, predictions, models
        self._panel, self._viewer = panel, viewer
        self._explanation: Explanation | None = None
        self._with_lesions: Picture | None = None
        self._cut = self._former = False
        state.model_changed.connect(self._model_changed)
        state.model_loaded.connect(self._model_loaded)
        state.picture_changed.connect(self._picture_changed)
        state.picture_answered.connect(self._picture_answered)
        state.explanation_changed.connect(self._explanation_changed)
        state.lesions_changed.connect(self._lesions_changed)
        state.branch_share_changed.connect(self._share_changed)
        predictions.lesions_answered.connect(self._take_with_lesions)
        panel.temperature_changed.connect(self._temperature_changed)
        panel.class_clicked.connect(viewer.bar.choose_target)

    # ---- what changes

    def _model_changed(self) -> None:
        """Another network is asked: nothing is known of it yet."""
        self._explanation, self._with_lesions = None, None
        if self._state.model_request is None:
            self._panel.show_network(0, ())
            self._panel.known.show_classes(())
            self._panel.preprocessing.show_steps(())
            self._panel.preprocessing.show_input(b"")
            self._set_former(on=False)
        else:
            self._set_former(on=True)
            self._panel.classes.setText("loading …")
        self.show()

    def _set_former(self, *, on: bool) -> None:
        """Whether the answer on show is that of another network than the chosen one, which has not answered yet."""
        self._former = on
        self._panel.bars.set_former(on=on)
        self._panel.latency.set_former(on=on)

    def _model_loaded(self) -> None:
        """Say what the network reads and answers."""
        loaded, request = self._state.loaded, self._state.model_request
        if loaded is not None and request is not None:
            if self._state.picture is None:
                self._set_former(on=False)
            self._panel.show_network(loaded.spec.classes, loaded.spec.input)
            self._panel.known.show_classes(loaded.classes)
            self._show_steps()
            self._panel.preprocessing.show_normal(loaded.preprocess)
            self.look_for_calibration()
            self.show()

    def look_for_calibration(self) -> None:
        """Use the temperature that was fitted to the network, if there is one; it may have been fitted meanwhile."""
        loaded, request = self._state.loaded, self._state.model_request
        if loaded is None or request is None:
            return
        key = calibration_key(
            loaded.weights_sha256, loaded.spec, loaded.preprocess, request.views, request.mode, request.lesions
        )
        try:
            found = find_calibration(key)
        except InputError as error:
            self._predictions.message.emit(str(error), "warn")
            found = None
        self._panel.temperatures.show_calibration(found)

    def _picture_changed(self) -> None:
        self._explanation = None
        if self._state.loaded is not None:
            self._set_former(on=False)
        self._panel.preprocessing.show_input(b"")
        self._ask_with_lesions()
        self.show()

    def _picture_answered(self) -> None:
        """Show the answer of the whole network; it may be another network than the one that was asked with lesions."""
        self._set_former(on=False)
        self._ask_with_lesions()
        self.show()

    def _explanation_changed(self) -> None:
        """Take Grad-CAM's time and the input it was computed for; until the next one comes, the last stays."""
        explanation = self._state.explanation
        if explanation is not None:
            self._explanation = explanation
            self._panel.preprocessing.show_input(explanation.input_png)
            self.show()

    def _lesions_changed(self) -> None:
        self._ask_with_lesions()
        self.show()

    def _share_changed(self) -> None:
        """Ask with another share; until the answer is there, the one before stays, as under a hand that drags."""
        self._ask_with_lesions(keep=self._state.altered)
        self.show()

    def _ask_with_lesions(self, *, keep: bool = False) -> None:
        """Forget what the altered network says, unless that is to be kept, and ask it about the picture."""
        if not keep:
            self._with_lesions = None
        picture, state = self._state.picture, self._state
        if picture is not None and state.altered and not picture.error:
            self._predictions.ask_with_lesions(picture, state.lesions, state.branch_share)
        else:
            self._predictions.forget_lesions()

    def _take_with_lesions(self, event: Predicted) -> None:
        picture, loaded = self._state.picture, self._state.loaded
        if picture is not None and str(picture.path) == event.image and loaded is not None:
            self._with_lesions = Picture(picture.path, picture.row)
            self._with_lesions.take(event, loaded.classes, self._predictions.temperature)
            self.show()

    def _temperature_changed(self, temperature: float) -> None:
        self._predictions.set_temperature(temperature)
        if self._with_lesions is not None and self._state.loaded is not None:
            self._with_lesions.heat(self._state.loaded.classes, temperature)
        self.show()

    # ---- what is shown

    def show(self) -> None:
        """Show what is known now."""
        picture, panel, loaded = self._state.picture, self._panel, self._state.loaded
        if (picture is not None and picture.cut) != self._cut:
            self._show_steps()
        self._show_bars()
        self._show_lesions()
        self._show_likeliest()
        waiting = "…" if self._state.model_request is not None else "Choose a network, or fetch this one."
        waiting = waiting if picture is not None else "The five most likely classes appear here."
        if self._former and self._panel.bars.scores():
            panel.show_hint(LOADING)
        else:
            panel.show_hint(picture.sentence if picture is not None and picture.answered else waiting)
        latency = picture.latency if picture is not None and picture.top else None
        if latency is not None and self._explanation is not None:
            explain = self._explanation.milliseconds
            latency = Latency(latency.preprocess, latency.forward, explain, latency.batch)
        panel.show_latency(latency, self._models.device, loaded.computed if loaded is not None else "")

    def _show_steps(self) -> None:
        """What the network does to the picture that is shown, of which its depth is a part."""
        loaded, request, picture = self._state.loaded, self._state.model_request, self._state.picture
        self._cut = picture is not None and picture.cut
        if loaded is not None and request is not None:
            steps = describe_steps(loaded.spec.input, loaded.preprocess, request.views, cut=self._cut)
            self._panel.preprocessing.show_steps(steps)

    def _show_bars(self) -> None:
        """The likeliest classes; with lesions, a line at each shows what the whole network says."""
        picture, other = self._state.picture, self._with_lesions
        if picture is None or other is None:
            top = picture.top if picture is not None else ()
            self._panel.bars.show_scores(top)
        else:
            top = other.top
            self._panel.bars.show_scores(top, {score.index: score.probability for score in picture.top})
        self._panel.title.setText("Top 5" if other is None else "Top 5, altered network")
        self._panel.known.show_answer(top[0].index if top else -1)

    def _show_lesions(self) -> None:
        """How sure the network is of its first answer with and without lesions."""
        picture, other = self._state.picture, self._with_lesions
        first = picture.top[0] if picture is not None and picture.top else None
        view = self._viewer.explain.widget(LesionView)
        if first is None or other is None:
            view.show_change("", 0.0, 0.0)
        else:
            now = next((score.probability for score in other.top if score.index == first.index), 0.0)
            view.show_change(first.label, first.probability, now)

    def _show_likeliest(self) -> None:
        """Name the class that is explained where the likeliest one is."""
        explanation, loaded = self._explanation, self._state.loaded
        target = explanation.target if explanation is not None and self._state.target < 0 else -1
        named = loaded is not None and 0 <= target < len(loaded.classes)
        self._viewer.bar.show_likeliest(loaded.classes[target] if loaded is not None and named else "")

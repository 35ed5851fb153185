"""The right side of the Predict page kept in step: the answer of the chosen picture, with and without lesions."""

from __future__ import annotations

from PySide6.QtCore import QObject

from resnet_gui.data.preprocessing import describe_steps
from resnet_gui.gui.predict.answer.panel import AnswerPanel
from resnet_gui.gui.predict.explain.controller import ExplainController
from resnet_gui.gui.predict.model_controller import ModelController
from resnet_gui.gui.predict.pictures.model import Picture
from resnet_gui.gui.predict.pictures.viewer import PictureViewer
from resnet_gui.gui.predict.predictions import Predictions
from resnet_gui.protocol.events import Latency, Predicted
from resnet_gui.protocol.explain_events import Explanation


class AnswerPresenter(QObject):
    """Shows what is known of one picture."""

    def __init__(
        self,
        predictions: Predictions,
        network: ModelController,
        looks: ExplainController,
        panel: AnswerPanel,
        viewer: PictureViewer,
    ) -> None:
        super().__init__(panel)
        self._predictions, self._network, self._looks = predictions, network, looks
        self._panel, self._viewer = panel, viewer
        self._picture: Picture | None = None
        self._explained: Explanation | None = None
        self._lesioned: Picture | None = None
        predictions.lesioned.connect(self._take_lesioned)
        looks.explained.connect(self._take_explained)
        looks.lesions_changed.connect(self.ask_lesioned)
        panel.temperature_changed.connect(self._temperature_changed)
        panel.class_clicked.connect(viewer.bar.choose_target)

    def set_picture(self, picture: Picture | None) -> None:
        """Another picture is looked at; None for none."""
        self._picture, self._explained = picture, None
        self.ask_lesioned()

    def forget(self) -> None:
        """Another network is asked: nothing is known of it yet."""
        self._explained, self._lesioned = None, None
        if self._network.subject is None:
            self._panel.show_network(0, (), ())
        self.show()

    def show_network(self) -> None:
        """Say what the network reads and answers."""
        known, subject = self._network.known, self._network.subject
        if known is not None and subject is not None:
            steps = describe_steps(known.spec.input, known.preprocess, subject.views)
            self._panel.show_network(len(known.classes), known.spec.input, steps)
            self._panel.seen.show_normal(known.preprocess)
            self.show()

    def ask_lesioned(self) -> None:
        """Ask the network with lesions about the picture, if there are any."""
        self._lesioned = None
        lesions = self._looks.lesions
        if self._picture is not None and lesions and not self._picture.error:
            self._predictions.ask_lesioned(self._picture, lesions)
        else:
            self._predictions.forget_lesioned()
        self.show()

    def show(self) -> None:
        """Show what is known now."""
        picture, panel = self._picture, self._panel
        self._show_bars()
        waiting = "…" if self._network.subject is not None else "Choose a network, or fetch this one."
        waiting = waiting if picture is not None else "The five most likely classes appear here."
        panel.show_hint(picture.sentence if picture is not None and picture.answered else waiting)
        latency = picture.latency if picture is not None and picture.top else None
        if latency is not None and self._explained is not None:
            explain = self._explained.milliseconds
            latency = Latency(latency.preprocess, latency.forward, explain, latency.batch)
        known = self._network.known
        panel.show_latency(latency, self._network.device, known.computed if known is not None else "")

    def _show_bars(self) -> None:
        picture, other, known = self._picture, self._lesioned, self._network.known
        explained, viewer = self._explained, self._viewer
        whole = {score.index: score.probability for score in picture.top} if picture is not None else {}
        if picture is None or other is None:
            self._panel.bars.show_scores(picture.top if picture is not None else ())
        else:
            self._panel.bars.show_scores(other.top, whole)
        first = picture.top[0] if picture is not None and picture.top else None
        if first is None or other is None:
            viewer.look.lesions.show_change("", 0.0, 0.0)
        else:
            now = next((score.probability for score in other.top if score.index == first.index), 0.0)
            viewer.look.lesions.show_change(first.label, first.probability, now)
        target = explained.target if explained is not None and self._looks.target < 0 else -1
        named = known is not None and 0 <= target < len(known.classes)
        viewer.bar.show_likeliest(known.classes[target] if known is not None and named else "")

    def _take_explained(self, event: Explanation) -> None:
        self._explained = event
        self.show()

    def _take_lesioned(self, event: Predicted) -> None:
        picture, known = self._picture, self._network.known
        if picture is not None and str(picture.path) == event.image and known is not None:
            self._lesioned = Picture(picture.path, picture.row)
            self._lesioned.take(event, known.classes, self._predictions.temperature)
            self.show()

    def _temperature_changed(self, temperature: float) -> None:
        self._predictions.set_temperature(temperature)
        self.ask_lesioned()

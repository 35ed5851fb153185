"""Where questions about pictures are answered, by networks that stay warm between them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resnet_gui.base.text import readable
from resnet_gui.engine.data.picture_paths import pictures_in
from resnet_gui.engine.predict.classifier import Classifier, ClassifierCache
from resnet_gui.engine.predict.picture_answers import ClassifierAnswer, classify
from resnet_gui.engine.predict.quantising import Watch
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.events import Event, FolderListed, JobDone, ModelLoaded, Predicted, PredictFailed
from resnet_gui.protocol.explain_events import Attribution, ExplainAnswer
from resnet_gui.protocol.jobs import ExplainRequest, LoadModel, Predict

if TYPE_CHECKING:
    from resnet_gui.engine.explain.attribution.attribution import AttributionWatch
    from resnet_gui.engine.explain.service import ExplainService

LISTED: Final = 500
"""Paths in a message."""


class InferenceService:
    """A service that answers one question after the other; ``send`` takes the answers that come in pieces."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._classifiers = ClassifierCache(quantises=True)

    @cached_property
    def looking_inside(self) -> ExplainService:
        """What answers questions about the inside of a network; imported with the first of them, or beforehand."""
        from resnet_gui.engine.explain.service import ExplainService

        return ExplainService(self._classifiers)

    def rest(self) -> None:
        """Use a moment in which nobody asks: import what explains answers, and make the next answer come sooner."""
        _ = self.looking_inside
        self._classifiers.record()

    def load_model(self, job: LoadModel, watch: Watch) -> ModelLoaded:
        """Load a network and say what it is; ``watch`` is told how far a comparison of fast answers with exact ones is.

        Raises:
            InputError: it cannot be loaded.
            QuantisingStopped: ``watch`` has given the comparison up.
        """
        request = job.model_request
        _, loaded = self._classifiers.networks.get(request.model, request.key, request.assigned, request.weights)
        if loaded.digest is not None:
            # While the network is made ready.
            loaded.digest.begin()
        return self._classifiers.get(request, watch).describe(job.job)

    def explain(self, job: ExplainRequest) -> ExplainAnswer:
        """Answer a question about the inside of a network.

        Raises:
            InputError: the picture cannot be read, or the network has no such place.
        """
        return self.looking_inside.answer(job)

    def attribute(self, job: Attribute, watch: AttributionWatch) -> Attribution:
        """Say which pixels speak for a class; ``watch`` is kept informed.

        Raises:
            InputError: the picture cannot be read, or a setting does not do.
        """
        return self.looking_inside.attribute(job, watch)

    def predict(self, job: Predict, go_on: Callable[[], bool]) -> None:
        """Classify pictures; a folder that cannot be read is answered like a picture.

        Args:
            job: with the pictures.
            go_on: asked before every batch.

        Raises:
            InputError: the network cannot be loaded.
        """
        classifier = self._classifiers.get(job.model_request)
        found = pictures_in(map(Path, job.images))
        for folder, sentence in found.unreadable:
            self._send(PredictFailed(job.job, readable(str(folder)), readable(sentence)))
        if any(path.is_dir() for path in map(Path, job.images)):
            for start in range(0, len(found.paths), LISTED):
                names = tuple(readable(str(path)) for path in found.paths[start : start + LISTED])
                left_out = readable(" ".join(found.left_out)) if start == 0 else ""
                self._send(FolderListed(job.job, names, left_out))
        for answers in classify(classifier, found.paths, lambda: not go_on()):
            for answer in answers:
                self._send(_event(job, classifier, answer))
        self._send(JobDone(job.job))


def _event(job: Predict, classifier: Classifier, answer: ClassifierAnswer) -> Predicted | PredictFailed:
    name = readable(str(answer.path))
    if answer.scores is None:
        return PredictFailed(job.job, name, readable(answer.error))
    scores = answer.scores.astype("<f4").tobytes() if job.scores else b""
    top = classifier.top(answer.scores, job.top)
    return Predicted(job.job, name, top, answer.latency, answer.size, scores, answer.cut)

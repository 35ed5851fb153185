"""Where questions about pictures are answered, by networks that stay warm between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from resnet_gui.engine.explain import Lookers
from resnet_gui.engine.pictures import pictures_in
from resnet_gui.engine.predict import Answer, Classifier, Warm, classify
from resnet_gui.spec.events import Event, Introduced, JobDone, Listed, Predicted, PredictFailed
from resnet_gui.spec.jobs import Introduce, Look, Predict
from resnet_gui.spec.look_events import Explained, Filtered, Mapped, Spread, Traced
from resnet_gui.spec.report import readable

LISTED: Final = 500
"""Paths in a message."""


class Desk:
    """Answers one question after the other; ``send`` takes the answers that come in pieces."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._warm = Warm()
        self._lookers = Lookers(self._warm)

    def introduce(self, job: Introduce) -> Introduced:
        """Load a network and say what it is.

        Raises:
            InputError: it cannot be loaded.
        """
        return self._warm.get(job.subject).introduce(job.job)

    def look(self, job: Look) -> Explained | Mapped | Filtered | Spread | Traced:
        """Answer a short question.

        Raises:
            InputError: the picture cannot be read, or the network has no such place.
        """
        return self._lookers.answer(job)

    def predict(self, job: Predict, go_on: Callable[[], bool]) -> None:
        """Classify pictures; a folder that cannot be read is answered like a picture.

        Args:
            job: with the pictures.
            go_on: asked before every batch.

        Raises:
            InputError: the network cannot be loaded.
        """
        classifier = self._warm.get(job.subject)
        found = pictures_in(map(Path, job.images))
        for folder, sentence in found.unreadable:
            self._send(PredictFailed(job.job, readable(str(folder)), readable(sentence)))
        if any(path.is_dir() for path in map(Path, job.images)):
            for start in range(0, len(found.paths), LISTED):
                names = tuple(readable(str(path)) for path in found.paths[start : start + LISTED])
                self._send(Listed(job.job, names))
        for answers in classify(classifier, found.paths, lambda: not go_on()):
            for answer in answers:
                self._send(_event(job, classifier, answer))
        self._send(JobDone(job.job))


def _event(job: Predict, classifier: Classifier, answer: Answer) -> Predicted | PredictFailed:
    name = readable(str(answer.path))
    if answer.scores is None:
        return PredictFailed(job.job, name, readable(answer.error))
    scores = answer.scores.astype("<f4").tobytes() if job.scores else b""
    top = classifier.top(answer.scores, job.top)
    return Predicted(job.job, name, top, answer.latency, answer.size, scores)

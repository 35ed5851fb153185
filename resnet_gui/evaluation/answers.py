"""What a network said about each labelled picture, and the figures that follow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.cache import LruCache
from resnet_gui.base.errors import InputError
from resnet_gui.base.file_states import GONE
from resnet_gui.evaluation.by_class import ClassFigures, class_figures
from resnet_gui.evaluation.calibration import (
    BINS,
    TEMPERATURES,
    Reliability,
    Temperature,
    confidences_at,
    fit_temperature,
    reliability,
)
from resnet_gui.evaluation.confusion import Counts, confusion
from resnet_gui.evaluation.intervals import Share, wilson
from resnet_gui.evaluation.label_errors import LabelErrors, label_errors
from resnet_gui.evaluation.picture_figures import PictureFigures, picture_figures

NEAR: Final = 5
"""Classes among which the truth has to be for top-5."""


class PreparedFigures(NamedTuple):
    """The figures that take all log-probabilities, computed once; from then on only arrays of (N,) are worked on.

    Attributes:
        pictures: figures of each picture.
        confidences: largest probability at each of TEMPERATURES, (T, N).
        temperature: that was fitted; None of a single picture, which cannot be halved.
        calibrated: largest probability at that temperature (N,); at 1 where there is none.
        suspects: probable label errors.
    """

    pictures: PictureFigures
    confidences: NDArray[np.float32]
    temperature: Temperature | None
    calibrated: NDArray[np.float32]
    suspects: LabelErrors


def prepare(
    scores: NDArray[np.float32],
    truth: NDArray[np.int32],
    *,
    seed: int = 0,
    pictures: PictureFigures | None = None,
    confidences: NDArray[np.float32] | None = None,
) -> PreparedFigures:
    """Compute what needs all log-probabilities, a block of pictures at a time.

    Args:
        scores: log-probabilities (N, K), N at least 1, in memory or on disk.
        truth: class of each picture (N,).
        seed: of the halves for the temperature.
        pictures: their figures, where they are known already.
        confidences: at TEMPERATURES, where they are known already (T, N).

    Raises:
        InputError: something is no log-probability, or a class is none of the network's.
    """
    pictures = picture_figures(scores, truth) if pictures is None else pictures
    confidences = confidences_at(scores, TEMPERATURES) if confidences is None else confidences
    temperature = fit_temperature(scores, truth, seed) if len(truth) > 1 else None
    calibrated = confidences_at(scores, (1.0 if temperature is None else temperature.value,))[0]
    return PreparedFigures(pictures, confidences, temperature, calibrated, label_errors(scores, truth))


class PictureSources(NamedTuple):
    """The origin of the pictures that were answered, by their numbers in the evaluation.

    Attributes:
        files: names, as they are shown and written; empty ones where the set is held in arrays.
        paths: the same as the file system has them, of which some may be no valid text.
        numbers: in the data set (N,): pictures that were left out have one too.
        states: of the files when they were measured (N, 4), as FileState has them; GONE where that is not known.
        data_sha: digest of the data set; empty where that is not known.
    """

    files: tuple[str, ...]
    paths: tuple[str, ...]
    numbers: NDArray[np.int64]
    states: NDArray[np.int64]
    data_sha: str = ""

    @classmethod
    def of_files(cls, files: Sequence[str]) -> PictureSources:
        """Pictures of which no more than their files is known."""
        states = np.tile(np.array(GONE, dtype=np.int64), (len(files), 1))
        return cls(tuple(files), tuple(files), np.arange(len(files), dtype=np.int64), states)


class Answers:
    """The answers of a network about N labelled pictures; len() is N.

    Args:
        scores: log-probabilities (N, K), in memory or on disk.
        truth: class of each picture by the network's numbers (N,).
        labels: names of the K classes.
        files: names of the pictures; empty ones, or none at all, where the set is held in arrays; or all that is
            known of where they are from.
        prepared: what was computed of them already; None to compute it when it is first asked for.
        seed: of the halves for the temperature.

    Raises:
        InputError: there are no pictures, or the sizes do not agree.
    """

    def __init__(
        self,
        scores: NDArray[np.float32],
        truth: NDArray[np.int32],
        labels: Sequence[str],
        files: PictureSources | Sequence[str] = (),
        *,
        prepared: PreparedFigures | None = None,
        seed: int = 0,
    ) -> None:
        if not len(truth):
            raise InputError("There are no labelled pictures, so nothing can be counted.")
        sources = files if isinstance(files, PictureSources) else PictureSources.of_files(files or ("",) * len(truth))
        if scores.shape != (len(truth), len(labels)) or len(sources.files) != len(truth):
            raise InputError(
                f"Answers of shape {scores.shape} do not fit {len(truth):,} pictures of {len(labels):,} classes."
            )
        self.scores, self.truth, self.labels = scores, truth, tuple(labels)
        self.sources, self.files = sources, sources.files
        self._prepared, self._seed = prepared, seed
        self._at: LruCache[float, NDArray[np.float32]] = LruCache(8)

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def classes(self) -> int:
        """How many classes the network knows."""
        return len(self.labels)

    @property
    def prepared(self) -> PreparedFigures:
        """What needs all log-probabilities: seconds for 50,000 pictures of 1,000 classes, the first time."""
        if self._prepared is None:
            self._prepared = prepare(self.scores, self.truth, seed=self._seed)
        return self._prepared

    @property
    def answer(self) -> NDArray[np.int32]:
        """The likeliest class of each picture; of equal ones the first."""
        return self.prepared.pictures.answer

    @property
    def confidence(self) -> NDArray[np.float32]:
        """Its probability."""
        return self.prepared.pictures.confidence

    @property
    def loss(self) -> NDArray[np.float32]:
        """−log of the probability of the truth, in nats."""
        return self.prepared.pictures.loss

    @property
    def rank(self) -> NDArray[np.int32]:
        """How many classes stand before the truth; 0 is a right answer."""
        return self.prepared.pictures.rank

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each picture was answered rightly."""
        return np.asarray(self.answer == self.truth)

    @property
    def temperature(self) -> Temperature | None:
        """The temperature that was fitted; None of a single picture."""
        return self.prepared.temperature

    @property
    def suspects(self) -> LabelErrors:
        """Probable label errors, the most probable first."""
        return self.prepared.suspects

    @cached_property
    def top1(self) -> Share:
        """Pictures that were answered rightly."""
        return wilson(int(self.correct.sum()), len(self))

    @cached_property
    def top5(self) -> Share | None:
        """Pictures whose class is among the five likeliest; None where there are no more than five."""
        return wilson(int((self.rank < NEAR).sum()), len(self)) if self.classes > NEAR else None

    @cached_property
    def log_loss(self) -> float:
        """Mean loss, in nats; a probability of 0 counts as the smallest that a float32 has."""
        return float(self.loss.mean(dtype=np.float64))

    @cached_property
    def brier(self) -> float:
        """Mean squared error of the probabilities, summed over the classes (Brier 1950): 0 to 2."""
        return float(self.prepared.pictures.brier.mean(dtype=np.float64))

    @cached_property
    def counts(self) -> Counts:
        """The confusion matrix: pictures by true class (rows) and answer (columns), (K, K)."""
        return confusion(self.truth, self.answer, self.classes)

    @cached_property
    def by_class(self) -> tuple[ClassFigures, ...]:
        """The figures of every class that the network knows, in the order of its outputs."""
        return class_figures(self.counts, self.labels)

    def confidence_at(self, temperature: float) -> NDArray[np.float32]:
        """Largest probability of each picture at a temperature (N,).

        At 1, on the grid of TEMPERATURES and at the fitted one it is there already; elsewhere it is computed of all
        log-probabilities, and the last few are kept.
        """
        if temperature == 1:
            return self.confidence
        fitted = self.temperature
        if fitted is not None and temperature == fitted.value:
            return self.prepared.calibrated
        if temperature in TEMPERATURES:
            return np.asarray(self.prepared.confidences[TEMPERATURES.index(temperature)])
        return self._at.get_or_make(temperature, lambda: confidences_at(self.scores, (temperature,))[0])

    def reliability(self, temperature: float = 1.0, bins: int = BINS) -> Reliability:
        """The reliability diagram and the calibration error of all pictures at a temperature."""
        return reliability(self.confidence_at(temperature), self.correct, bins)

    def likeliest(self, number: int, most: int = NEAR) -> tuple[tuple[int, float], ...]:
        """The likeliest classes of one picture with their probabilities, the likeliest first."""
        scores = self.scores[number]
        order = np.argsort(-scores, kind="stable")[:most]
        return tuple(zip(order.tolist(), np.exp(scores[order].astype(np.float64)).tolist(), strict=True))

    def name(self, number: int) -> str:
        """The file of a picture, or "picture 17" where the set is held in arrays."""
        return self.files[number] or f"picture {number}"

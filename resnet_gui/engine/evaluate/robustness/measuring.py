"""Right answers of a model on a sample of its evaluation's pictures: under corruptions, under attacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate.robustness.evaluated_model import EvaluatedModel, Scores
from resnet_gui.engine.evaluate.robustness.pixels import Pixels, corrupted
from resnet_gui.evaluation.attacks import Attack
from resnet_gui.evaluation.corruptions import MOST, Corruption
from resnet_gui.evaluation.robustness import (
    AttackAccuracy,
    CombinedAccuracy,
    CorruptionCurve,
    DrawnSample,
    RobustnessRecord,
    empty_curve,
    take_up_robustness,
    write_robustness,
)
from resnet_gui.evaluation.writing import disk_sentences

HELD: Final = 512 * 2**20
"""Bytes of inputs that are held between two points of a curve; of a larger sample each point reads them anew."""

BROKEN_OFF: Final = "The measurement was given up; what it has measured is kept, and gone on with the next time."

PointWatch = Callable[[int, int], bool]
"""Asked after every batch with the pictures that are answered and all: whether to go on."""

PointMeasured = Callable[[int, int], None]
"""Hears of each point, once it is kept: its place among those that were asked for, and its right answers."""


class MeasuredSample:
    """The pictures of a sample, read once where they fit into memory."""

    def __init__(self, model: EvaluatedModel, sample: DrawnSample) -> None:
        self._model = model
        self.numbers = sample.numbers()
        size = len(self.numbers) * int(np.prod(model.shape))
        self._held: list[Pixels] | None = [] if size <= HELD else None

    def batches(self) -> Iterator[tuple[NDArray[np.int64], Pixels]]:
        """Numbers and pictures, a batch at a time."""
        step = self._model.batch
        for place, start in enumerate(range(0, len(self.numbers), step)):
            numbers = self.numbers[start : start + step]
            if self._held is None:
                yield numbers, self._model.read(numbers.tolist())
                continue
            if place == len(self._held):
                self._held.append(self._model.read(numbers.tolist()))
            yield numbers, self._held[place]


class RobustnessMeasurement:
    """A measurement on one sample, gone on with from what an evaluation's folder keeps.

    Every point is written as soon as it is measured. What the folder has of another sample, seed or way of computing is
    not mixed with it: it is set aside, and gone on with when it is asked for again.

    Raises:
        InputError: what the folder has cannot be read, or the folder cannot be written.

    Attributes:
        record: what is measured so far.
    """

    def __init__(self, folder: Path, model: EvaluatedModel, sample: DrawnSample) -> None:
        self._folder, self._model, self._sample = folder, model, sample
        self._pictures = MeasuredSample(model, sample)
        fresh = RobustnessRecord(
            sample=sample, classes=len(model.classifier.loaded.classes), shape=model.shape, computed=model.computed
        )
        with disk_sentences(folder):
            self.record = take_up_robustness(folder, fresh)

    def measure_curves(self, corruptions: Sequence[Corruption], watch: PointWatch, hear: PointMeasured) -> None:
        """Measure severity 0 to 5 of some corruptions, as far as they are not measured.

        Raises:
            InputError: a picture cannot be read, or ``watch`` gave it up.
        """
        place = 0
        for corruption in corruptions:
            curve = self._begun(corruption)
            for severity in range(MOST + 1):
                if severity == len(curve.correct):
                    settings = {corruption.key: curve.values[severity]}
                    # Nothing is changed at severity 0, whatever the corruption.
                    known = self._plain() if severity == 0 else None
                    correct = self._corrupted(settings, watch) if known is None else known
                    curve = msgspec.structs.replace(curve, correct=(*curve.correct, correct))
                    self._keep(self.record.with_curve(curve))
                hear(place, curve.correct[severity])
                place += 1

    def measure_settings(self, settings: Mapping[str, float], watch: PointWatch) -> CombinedAccuracy:
        """Measure several corruptions together, unless they are measured.

        Raises:
            InputError: a picture cannot be read, or ``watch`` gave it up.
        """
        wanted = dict(settings)
        found = self.record.combination(wanted)
        if found is None:
            found = CombinedAccuracy(wanted, self._corrupted(wanted, watch))
            self._keep(self.record.with_combination(found))
        return found

    def measure_attacks(self, attacks: Sequence[Attack], watch: PointWatch, hear: PointMeasured) -> None:
        """Measure some attacks, as far as they are not measured.

        Raises:
            InputError: a picture cannot be read, or ``watch`` gave it up.
        """
        for place, attack in enumerate(attacks):
            found = self.record.attacked(attack)
            if found is None or found.computed != self._model.gradients_computed:
                correct = self._attacked(attack, watch)
                found = AttackAccuracy(attack, attack.step_size, correct, self._model.gradients_computed)
                self._keep(self.record.with_attack(found))
            hear(place, found.correct)

    def _begun(self, corruption: Corruption) -> CorruptionCurve:
        """The curve as far as it is measured with the same settings."""
        fresh = empty_curve(corruption, self._model.shape)
        there = self.record.curve(corruption.key)
        return there if there is not None and there.values == fresh.values else fresh

    def _plain(self) -> int | None:
        """Right answers to the pictures as they are, if they are known."""
        return next((curve.correct[0] for curve in self.record.curves if curve.correct), None)

    def _corrupted(self, settings: Mapping[str, float], watch: PointWatch) -> int:
        def answer(numbers: NDArray[np.int64], pixels: Pixels) -> Scores:
            return self._model.scores(corrupted(pixels, numbers.tolist(), settings, self._sample.seed))

        return self._count(answer, watch)

    def _attacked(self, attack: Attack, watch: PointWatch) -> int:
        def answer(numbers: NDArray[np.int64], pixels: Pixels) -> Scores:
            levels = self._model.attacked(pixels, numbers.tolist(), attack, self._sample.seed)
            return self._model.gradient_scores(levels)

        return self._count(answer, watch)

    def _count(self, answer: Callable[[NDArray[np.int64], Pixels], Scores], watch: PointWatch) -> int:
        """Right answers on the whole sample; an answer that is no number is none."""
        correct = done = 0
        for numbers, pixels in self._pictures.batches():
            scores = answer(numbers, pixels)
            right = (scores.argmax(axis=1) == self._model.truth[numbers]) & ~np.isnan(scores).any(axis=1)
            correct += int(right.sum())
            done += len(numbers)
            if not watch(done, len(self._pictures.numbers)):
                raise InputError(BROKEN_OFF)
        return correct

    def _keep(self, record: RobustnessRecord) -> None:
        self.record = record
        with disk_sentences(self._folder):
            write_robustness(self._folder, record)

"""What is asked about an evaluation's robustness, by the window and by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_gui.engine.data.set_thumbnails import as_png
from resnet_gui.engine.evaluate.progress import GoOn, JobProgress, Send
from resnet_gui.engine.evaluate.robustness.evaluated_model import evaluated_model
from resnet_gui.engine.evaluate.robustness.measuring import RobustnessMeasurement
from resnet_gui.engine.evaluate.robustness.pixels import as_levels, corrupted
from resnet_gui.evaluation.attacks import checked_attack
from resnet_gui.evaluation.corruptions import MOST, checked_settings, known_corruptions
from resnet_gui.evaluation.robustness import drawn_sample
from resnet_gui.protocol.evaluation_events import (
    AttackCounted,
    PictureAttacked,
    PictureCorrupted,
    RobustnessCounted,
    RobustnessMeasured,
    SettingsMeasured,
)
from resnet_gui.protocol.evaluation_messages import (
    AttackPicture,
    CorruptPicture,
    MeasureAttacks,
    MeasureRobustness,
    MeasureSettings,
)

ANSWERED: Final = "changed pictures answered"


class _PointProgress:
    """The pictures of all points of a measurement that are answered so far."""

    def __init__(self, job: int, send: Send, go_on: GoOn, points: int) -> None:
        self._progress, self._go_on, self._points = JobProgress(job, send, go_on), go_on, points
        self.point = 0

    def watch(self, done: int, total: int) -> bool:
        """So many pictures of a point are answered; whether to go on."""
        self._progress.reached(ANSWERED, self.point * total + done, self._points * total)
        return self._go_on()


def measure_robustness(job: MeasureRobustness, send: Send, go_on: GoOn) -> RobustnessMeasured:
    """Measure curves of corruptions into an evaluation's folder; see MeasureRobustness.

    Raises:
        InputError: there is no such evaluation or corruption, a picture or the model has changed, or it was given up.
    """
    corruptions = known_corruptions(job.corruptions)
    measurement = _measurement(job.folder, job.pictures, job.seed)
    total = len(corruptions) * (MOST + 1)
    progress = _PointProgress(job.job, send, go_on, total)

    def hear(place: int, correct: int) -> None:
        progress.point = place + 1
        key, severity = corruptions[place // (MOST + 1)].key, place % (MOST + 1)
        pictures = measurement.record.sample.pictures
        send(
            RobustnessCounted(
                job=job.job, corruption=key, severity=severity, correct=correct, pictures=pictures, done=place + 1,
                total=total,
            )
        )  # fmt: skip

    measurement.measure_curves(corruptions, progress.watch, hear)
    return RobustnessMeasured(job.job, job.folder)


def measure_settings(job: MeasureSettings, send: Send, go_on: GoOn) -> SettingsMeasured:
    """Measure several corruptions together; see MeasureSettings.

    Raises:
        InputError: as ``measure_robustness``, or a setting lies beyond its slider.
    """
    measurement = _measurement(job.folder, job.pictures, job.seed)
    settings = checked_settings(job.settings, measurement.record.shape)
    watch = _PointProgress(job.job, send, go_on, 1).watch
    found = measurement.measure_settings(settings, watch)
    return SettingsMeasured(job.job, found.correct, measurement.record.sample.pictures)


def measure_attacks(job: MeasureAttacks, send: Send, go_on: GoOn) -> RobustnessMeasured:
    """Measure accuracy against ε into an evaluation's folder; see MeasureAttacks.

    Raises:
        InputError: as ``measure_robustness``, or there is no such attack.
    """
    attacks = [checked_attack(epsilon, job.steps) for epsilon in sorted({0.0, *job.epsilons})]
    measurement = _measurement(job.folder, job.pictures, job.seed)
    progress = _PointProgress(job.job, send, go_on, len(attacks))

    def hear(place: int, correct: int) -> None:
        progress.point = place + 1
        send(
            AttackCounted(
                job=job.job, epsilon=attacks[place].epsilon, steps=job.steps, correct=correct,
                pictures=measurement.record.sample.pictures, done=place + 1, total=len(attacks),
            )
        )  # fmt: skip

    measurement.measure_attacks(attacks, progress.watch, hear)
    return RobustnessMeasured(job.job, job.folder)


def corrupt_picture(job: CorruptPicture, _send: Send, _go_on: GoOn) -> PictureCorrupted:
    """Corrupt one picture and answer it before and after; see CorruptPicture.

    Raises:
        InputError: as ``measure_settings``, or there is no such picture.
    """
    model = evaluated_model(job.folder)
    settings = checked_settings(job.settings, model.shape)
    before = model.read([job.number])
    after = corrupted(before, [job.number], settings, job.seed)
    scores = model.scores(np.concatenate([before, after]))
    return PictureCorrupted(
        job=job.job, number=job.number, before_png=as_png(before[0]), after_png=as_png(after[0]),
        before=model.top(scores[0]), after=model.top(scores[1]), truth=int(model.truth[job.number]),
    )  # fmt: skip


def attack_picture(job: AttackPicture, _send: Send, _go_on: GoOn) -> PictureAttacked:
    """Attack one picture and answer it before and after; see AttackPicture.

    Raises:
        InputError: as ``measure_attacks``, or there is no such picture.
    """
    attack = checked_attack(job.epsilon, job.steps)
    model = evaluated_model(job.folder)
    before = model.read([job.number])
    plain = torch.from_numpy(before).to(model.gradients.device).float()
    after = model.attacked(before, [job.number], attack, job.seed)
    change = after - plain
    scores = model.gradient_scores(torch.cat([plain, after]))
    return PictureAttacked(
        job=job.job, number=job.number, epsilon=attack.epsilon, steps=attack.steps, step_size=attack.step_size,
        before_png=as_png(before[0]), after_png=as_png(as_levels(after)[0]),
        difference_png=as_png(_amplified(change, attack.factor)), factor=attack.factor,
        largest=float(change.abs().max()), before=model.top(scores[0]), after=model.top(scores[1]),
        truth=int(model.truth[job.number]),
    )  # fmt: skip


def _amplified(change: torch.Tensor, factor: int) -> NDArray[np.uint8]:
    """A change of one picture (1, C, H, W) around a middle grey, (C, H, W) bytes."""
    made: NDArray[np.uint8] = as_levels(128 + factor * change)[0]
    return made


def _measurement(folder: str, pictures: int, seed: int) -> RobustnessMeasurement:
    """A measurement on a sample of an evaluation's pictures.

    Raises:
        InputError: there is no such evaluation, or its model or pictures have changed.
    """
    model = evaluated_model(folder)
    return RobustnessMeasurement(Path(folder), model, drawn_sample(pictures, len(model.truth), seed))

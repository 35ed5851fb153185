"""What a run came to: the figures of its last epoch that a sweep compares."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from resnet_gui.runs.history import RunState

Measure = Literal["test_error", "train_error", "test_loss", "train_loss", "seconds"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


class RunFigures(msgspec.Struct, frozen=True):
    """The figures of a run's last epoch.

    Attributes:
        train_error, test_error: fractions; the first over the training batches as seen, see ``EpochDone``.
        train_loss, test_loss: mean cross-entropy, nats.
        seconds: of training.
        epochs: behind.
        train_images, test_images: pictures that the errors are counted over; 0 where that is not known.
    """

    train_error: float
    test_error: float
    train_loss: float
    test_loss: float
    seconds: float
    epochs: int
    train_images: int = 0
    test_images: int = 0

    def value(self, measure: Measure) -> float:
        """One of them by name."""
        return float(getattr(self, measure))

    def resolution(self, measure: Measure) -> float:
        """The step of a figure that is counted: one picture; 0 of others."""
        images = {"train_error": self.train_images, "test_error": self.test_images}.get(measure, 0)
        return 1 / images if images else 0.0


def figures_of(state: RunState, epochs: int) -> RunFigures | None:
    """The figures after the last epoch, of the first ``epochs``: a run that was extended is compared without the rest.

    Returns:
        None before the end of the first epoch.
    """
    done = [epoch for epoch in state.epochs if epoch.epoch <= epochs]
    if not done:
        return None
    last, started = done[-1], state.started
    return RunFigures(
        train_error=last.train_error,
        test_error=last.test_error,
        train_loss=last.train_loss,
        test_loss=last.test_loss,
        seconds=last.seconds,
        epochs=last.epoch,
        train_images=started.train_images if started else 0,
        test_images=started.test_images if started else 0,
    )

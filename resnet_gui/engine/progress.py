"""The progress of a training in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

from resnet_gui.spec.events import EpochDone, RunEvent, RunStarted


class Progress:
    """Prints a line an epoch to stderr, with the time that is left; ``complain`` says what was skipped."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._started: RunStarted | None = None

    def __call__(self, event: RunEvent) -> None:
        """Say what an event means for the person who waits."""
        match event:
            case RunStarted():
                self._started = event
                for sentence in event.skipped[:10]:
                    self._complain(f"skipped: {sentence}")
                if len(event.skipped) > 10:
                    self._complain(f"skipped {len(event.skipped) - 10:,} more pictures")
                sys.stderr.write(
                    f"{event.train_images:,} training and {event.test_images:,} test pictures, "
                    f"{event.epochs} epochs of "
                    f"{event.steps_per_epoch} steps on {event.device} in {event.precision}\n"
                )
            case EpochDone() if self._started is not None:
                behind = event.step - self._started.step
                pace = (event.seconds - self._started.seconds) / behind
                left = pace * (self._started.epochs * self._started.steps_per_epoch - event.step)
                sys.stderr.write(
                    f"epoch {event.epoch:>4}/{self._started.epochs}  loss {event.train_loss:.4f}  "
                    f"test loss {event.test_loss:.4f}  test error {event.test_error:6.2%}  "
                    f"{event.images_per_second:,.0f} images/s  {left:,.0f} s left\n"
                )
            case _:
                pass
        sys.stderr.flush()

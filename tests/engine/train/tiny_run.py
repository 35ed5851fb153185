"""A tiny training in this process, for tests that look at its events and its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import RunEnded, RunEvent
from resnet_gui.training.recipe import Recipe

SPEC = ResNetSpec(block="basic", blocks=(1, 1), widths=(16, 16), shortcut="B", stem="cifar", classes=2, input=(1, 8, 8))
STEPS = 4  # an epoch: 32 training pictures in batches of 8
EPOCHS = 4


class Run:
    """Trains and keeps the events; ``react`` sees each event between two steps, as another thread might act there."""

    def __init__(self, pictures: Path, folder: Path) -> None:
        self.folder = folder
        self.control = Control()
        self.events: list[RunEvent] = []
        self.react: Callable[[RunEvent], None] = lambda _event: None
        self.recipe = Recipe(data=str(pictures), epochs=EPOCHS, batch_size=8, lr=0.05, augment="shift-flip")

    def emit(self, event: RunEvent) -> None:
        self.events.append(event)
        self.react(event)

    def start(self, **changes: object) -> RunEnded:
        values = {field: getattr(self.recipe, field) for field in self.recipe.__struct_fields__}
        recipe = Recipe(**values | changes)
        return train(Train(1, str(self.folder), "tiny", SPEC, recipe, "cpu"), self.emit, self.control)

    def resume(self) -> RunEnded:
        self.control = Control()
        return train(Resume(2, str(self.folder)), self.emit, self.control)

    def of(self, kind: type[RunEvent]) -> list[RunEvent]:
        return [event for event in self.events if isinstance(event, kind)]


PlainRun = Callable[..., tuple[Run, RunEnded]]
"""Trains with what is changed of the recipe; of each recipe one run for all tests of a file."""


def sha(ended: RunEnded) -> str:
    assert ended.status == "finished", ended
    assert ended.result is not None
    return ended.result.weights_sha256

"""The cards of the list: which there are, and in what state."""

from __future__ import annotations

from collections import deque
from typing import Final

from PySide6.QtCore import QObject, QTimer

from resnet_gui.base.errors import InputError
from resnet_gui.export.lab_text import about
from resnet_gui.gui.kit.charts.badge import BadgeData
from resnet_gui.gui.lab.list.card import CardData
from resnet_gui.gui.lab.list.list import ExperimentList
from resnet_gui.gui.lab.runner import ExperimentRunner, Key
from resnet_gui.gui.lab.words import NOT_RUN, is_complete, training_seconds
from resnet_gui.gui.session import Session
from resnet_gui.lab.experiment import GROUPS, Experiment, Scale
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import ExperimentRecord, sweep_folder
from resnet_gui.lab.reader import ResultsReader
from resnet_gui.sweeps.folder import SWEEP_FILE

PAPER: Final = "Paper scale (GPU)"
PAPER_PICTURES: Final = frozenset(["degradation", "orders-bench"])
"""Experiments with a picture of their own for the paper's scale."""

FINISHED: Final = BadgeData("finished", "ok", "check")
FAILED: Final = BadgeData("failed", "err", "alert")
UNFINISHED: Final = BadgeData("unfinished", "warn")
NEEDS_GPU: Final = BadgeData("needs GPU")


class Overview(QObject):
    """The filler of the list: a card at a time, since reading what an experiment has measured takes most of a frame.

    Args:
        cards: the list.
        runner: that says what is going.
        session: that knows the devices.
    """

    def __init__(self, cards: ExperimentList, runner: ExperimentRunner, session: Session) -> None:
        super().__init__(cards)
        self._list, self._runner, self._session = cards, runner, session
        self._waiting: deque[Key] = deque()
        self._states: dict[Key, BadgeData] = {}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        groups = {
            heading: [self._card(each, each.scales[0], NOT_RUN) for each in EXPERIMENTS.values() if each.group == group]
            for group, heading in GROUPS.items()
        }
        papers = [(each, scale) for each in EXPERIMENTS.values() for scale in each.scales if scale.key == "paper"]
        groups[PAPER] = [self._card(each, scale, NOT_RUN) for each, scale in papers]
        seconds = sum(each.scales[0].seconds for each in EXPERIMENTS.values() if each.group == "untrained")
        cards.show_groups(groups, {GROUPS["untrained"]: f"Run all, {about(seconds)}"})
        session.device_changed.connect(self.show)
        self.show()

    def show(self) -> None:
        """Look at every experiment anew, one each time the event loop turns."""
        self._waiting = deque(self._list.cards)
        self._timer.start(0)

    def _look(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        self.show_one(*self._waiting.popleft())

    def show_one(self, experiment: str, scale: str) -> None:
        """Look at one experiment anew."""
        card, found = self._list.cards.get((experiment, scale)), EXPERIMENTS[experiment].scale(scale)
        if card is not None and found is not None:
            state = self._states[experiment, scale] = self._state(EXPERIMENTS[experiment], found)
            card.show_data(self._card(EXPERIMENTS[experiment], found, state))
            for heading, made in self._list.all.items():
                made.setVisible(any(
                    self._states.get((each.key, each.scales[0].key), NOT_RUN) == NOT_RUN
                    for each in EXPERIMENTS.values() if GROUPS[each.group] == heading
                ))  # fmt: skip

    def _card(self, experiment: Experiment, scale: Scale, state: BadgeData) -> CardData:
        paper = scale.key == "paper"
        picture = f"{experiment.key}-paper" if paper and experiment.key in PAPER_PICTURES else experiment.key
        question = f"{scale.data.split(',')[0]}, {len(scale.seeds)} seeds" if paper else experiment.short
        record = ExperimentRecord(experiment=experiment.key, scale=scale.key, seeds=scale.seeds)
        there = (sweep_folder(experiment, record) / SWEEP_FILE).is_file()
        seconds = scale.seconds + (0.0 if there else training_seconds(scale, len(scale.seeds)))
        return CardData(experiment.key, scale.key, experiment.title, question, about(seconds), picture, state)

    def _state(self, experiment: Experiment, scale: Scale) -> BadgeData:
        going = self._runner.going(experiment.key, scale.key)
        if going is not None:
            word = "paused" if going.state == "paused" else f"{100 * going.share:.0f} %"
            return BadgeData(word, "warn" if going.state == "paused" else "acc")
        try:
            kept = ResultsReader(experiment, scale.key)
            if not kept.record.locked:
                has_gpu = any(device.name != "cpu" for device in self._session.devices)
                return NEEDS_GPU if scale.needs_gpu and not has_gpu else NOT_RUN
            results = kept.read()
        except InputError:
            return FAILED  # the page says why when it is chosen
        if any(results.failed.values()):
            return FAILED
        return FINISHED if is_complete(results) else UNFINISHED

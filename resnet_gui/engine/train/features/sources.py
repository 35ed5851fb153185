"""What a training takes its batches from: its pictures, or in a cached phase their features."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Final

import torch
from torch import Tensor

from resnet_gui.engine.data.loaders import WHOLE, Batch, Resident, Source
from resnet_gui.engine.data.splits import DataSet
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.features.cache import feature_key, read_features, write_features
from resnet_gui.engine.train.features.extractor import (
    FeatureExtractor,
    FeatureTable,
    Progress,
    check_room,
    extracted,
    feature_count,
)
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.events import FeaturesComputed
from resnet_gui.runs.folder import RunInfo
from resnet_gui.training.phases import Phase, frozen_parts

SAID_SECONDS: Final = 0.5
"""How far the features are is said so often at most."""


class FeatureSource:
    """The features of pictures in place of the pictures, on the device.

    Attributes:
        labels: of all pictures, as their set has them; batches have ``IGNORED`` for those that could not be read.
    """

    cuts = False

    def __init__(self, table: FeatureTable, labels: Tensor, device: torch.device) -> None:
        self.labels = labels
        self._rows = Resident(table.features, table.labels, device)

    def batches(self, parts: Iterable[Tensor], _crops: Iterable[Tensor | None] = WHOLE, /) -> Iterator[Batch]:
        """Features (N, D) float32 and labels of each tensor of numbers, in order."""
        return self._rows.batches(parts)


class TrainingSources:
    """The sources of a run's batches in its present phase.

    Attributes:
        train: what is learnt from.
        test: what is tested after every epoch.
    """

    train: Source
    test: Source

    def __init__(
        self, info: RunInfo, data: DataSet, device: torch.device, ranks: RankGroup, skipped: Callable[[str], None]
    ) -> None:
        self._info, self._data, self._device, self._ranks = info, data, device, ranks
        self._skipped = skipped
        self._cached = 0
        self._take_pictures()

    def _take_pictures(self) -> None:
        data, shape = self._data, self._info.spec.input
        self.train = data.source(data.train, shape, self._device, self._skipped)
        self.test = data.source(data.test, shape, self._device, self._skipped)

    def enter(self, phase: Phase, model: ResNet, step: int) -> Iterator[FeaturesComputed | None]:
        """Have the sources of a phase; whoever breaks off the iteration has those of before.

        Args:
            phase: that begins, or is gone on with.
            model: the network by now.
            step: steps behind.

        Yields:
            After each batch of pictures whose features are computed, how far that is, or None if it was just said.
            Nothing where there is nothing to compute. All ranks get equally many.

        Raises:
            InputError: there is too little memory for them.
        """
        frozen = frozen_parts(phase.frozen, len(model.plan.stages)) if phase.cached else 0
        if frozen == self._cached:
            return
        if self._cached:
            self._take_pictures()
            self._cached = 0
        if frozen:
            self.train, self.test = yield from self._features(model, frozen, step)
        self._cached = frozen

    def _features(
        self, model: ResNet, frozen: int, step: int
    ) -> Generator[FeaturesComputed | None, None, tuple[Source, Source]]:
        total = len(self.train.labels) + len(self.test.labels)
        self._ranks.together(lambda: check_room(total, model.plan, frozen, self._device))
        extractor = FeatureExtractor(model, self._info.data, self._info.precision, frozen)
        found: list[FeatureSource] = []
        said = -SAID_SECONDS
        for part, source in (("train", self.train), ("test", self.test)):
            before = len(found[0].labels) if found else 0
            making = self._table(extractor, model, part, source)
            while True:
                try:
                    done = before + next(making)[0]
                except StopIteration as end:
                    found.append(FeatureSource(end.value, source.labels, self._device))
                    break
                due = done == total or time.monotonic() - said >= SAID_SECONDS
                said = time.monotonic() if due else said
                yield FeaturesComputed(step, done, total) if due else None
        return found[0], found[1]

    def _table(self, extractor: FeatureExtractor, model: ResNet, part: str, source: Source) -> Progress:
        """The features of a part: those that the first rank has kept, or computed anew and then kept."""
        numbers = feature_count(model.plan, extractor.frozen)
        split = self._data.train if part == "train" else self._data.test
        key = feature_key(self._info, model, (extractor.way, extractor.frozen), split, part)
        shape = len(source.labels), numbers
        held = read_features(key, shape) if self._ranks.first else None
        if self._ranks.together(lambda: held is not None):
            features = held if held is not None else torch.zeros(shape)
            return FeatureTable(self._ranks.sum(features), source.labels.cpu())
        table = yield from extracted(extractor, source, self._ranks, numbers)
        # What cannot be read now may be readable the next time: only what is whole is kept.
        if self._ranks.first and torch.equal(table.labels, source.labels.cpu()):
            write_features(key, table.features)
        return table

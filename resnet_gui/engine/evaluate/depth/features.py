"""Pooled features after the stem and after every block, taken in the forward passes that give the answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from resnet_gui.design.structure import Plan
from resnet_gui.engine.lab.probe import channel_means
from resnet_gui.evaluation.depth import affordable_pictures

STEM: Final = "stem"


class CollectedFeatures(NamedTuple):
    """Features of some pictures.

    Attributes:
        numbers: (M,) int64 of the pictures, increasing.
        by_location: path of each location -> (M, C) float32.
    """

    numbers: NDArray[np.int64]
    by_location: Mapping[str, NDArray[np.float32]]


def location_channels(planned: Plan) -> dict[str, int]:
    """Channels behind the stem and behind every block, in the order of computation; "stem", or the block's path."""
    blocks = list(planned.blocks())
    return {STEM: blocks[0][1].input[0]} | {location.path: block.output[0] for location, block in blocks}


def most_pictures(planned: Plan) -> int:
    """Pictures whose features an evaluation keeps."""
    return affordable_pictures(tuple(location_channels(planned).values()))


class _Passes(threading.local):
    """The passes of one thread: what the one that goes on has left, and the rows that nobody has kept yet."""

    def __init__(self) -> None:
        self.current: dict[str, Tensor] = {}
        self.waiting: list[NDArray[np.float32]] = []


class FeatureCollector:
    """The hooks that keep the mean over the map of each channel, for a sample of the pictures; they change no answer.

    Works with any network whose blocks are where its plan has them, so also with folded and fused ones, and in several
    threads at once, each of which keeps what it has answered itself::

        with FeatureCollector(network, planned, sample) as collector:
            scores = classifier.scores(pixels)
            collector.keep(numbers)  # of the pictures that these scores are of
        collected = collector.collected()
    """

    def __init__(self, network: nn.Module, planned: Plan, sample: NDArray[np.integer[Any]], crops: int = 1) -> None:
        """Make room for the features of a sample; hooks are there from ``__enter__`` to ``__exit__``.

        Args:
            network: that computes, built from ``planned``.
            planned: its plan.
            sample: numbers of the pictures whose features are kept.
            crops: inputs of the network a picture, one after the other; its features are their mean.
        """
        self._network, self._crops = network, crops
        self._channels = location_channels(planned)
        self._sample = np.unique(np.asarray(sample, dtype=np.int64))
        self._kept = np.zeros(len(self._sample), dtype=bool)
        self._features = {
            path: np.zeros((len(self._sample), channels), dtype=np.float32) for path, channels in self._channels.items()
        }
        self._handles: list[Any] = []
        self._passes = _Passes()

    def __enter__(self) -> FeatureCollector:
        blocks = {path: self._network.get_submodule(path) for path in self._channels if path != STEM}
        first = next(iter(blocks.values()))
        self._handles = [
            self._network.register_forward_pre_hook(self._begin),
            first.register_forward_pre_hook(self._pool_stem),
            *(block.register_forward_hook(self._pool_after(path)) for path, block in blocks.items()),
            self._network.register_forward_hook(self._end),
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _begin(self, _module: nn.Module, _inputs: object) -> None:
        # A pass that failed half-way left some.
        self._passes.current = {}

    def _pool(self, path: str, x: Tensor) -> None:
        # At once: the next layer may work in place.
        self._passes.current[path] = channel_means(x)

    def _pool_stem(self, _module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        """Keep what the stem puts out: the first block reads it."""
        self._pool(STEM, inputs[0])

    def _pool_after(self, path: str) -> Callable[[nn.Module, object, Tensor], None]:
        def pool(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            self._pool(path, output)

        return pool

    def _end(self, _module: nn.Module, _inputs: object, logits: Tensor) -> None:
        """Take what a whole pass left, but for pictures whose answer is no number: nobody counts them."""
        rows = torch.cat([self._passes.current[path] for path in self._channels], dim=1)
        answered = logits.amax(1).isfinite()
        if self._crops > 1:
            rows = rows.view(-1, self._crops, rows.shape[1]).mean(1)
            answered = answered.view(-1, self._crops).all(1)
        self._passes.waiting.append(rows[answered].cpu().numpy())
        self._passes.current = {}

    def keep(self, numbers: NDArray[np.integer[Any]]) -> None:
        """Keep the features of this thread's passes since its last call, where they are of the sample.

        Args:
            numbers: (B,) of the pictures that were answered, in the order of the passes.

        Raises:
            ValueError: the passes answered more or fewer pictures.
        """
        none = np.zeros((0, sum(self._channels.values())), dtype=np.float32)
        rows = np.concatenate([none, *self._passes.waiting])
        self._passes.waiting = []
        if len(rows) != len(numbers):
            raise ValueError(f"{len(rows)} pictures were answered, and {len(numbers)} are named")
        if not len(self._sample):
            return
        places = np.searchsorted(self._sample, numbers).clip(max=len(self._sample) - 1)
        wanted = self._sample[places] == numbers
        places, rows = places[wanted], rows[wanted]
        start = 0
        for path, channels in self._channels.items():
            self._features[path][places] = rows[:, start : start + channels]
            start += channels
        self._kept[places] = True

    def collected(self) -> CollectedFeatures:
        """The features of the pictures of the sample that were answered."""
        if self._kept.all():
            return CollectedFeatures(self._sample, self._features)
        return CollectedFeatures(
            self._sample[self._kept], {path: values[self._kept] for path, values in self._features.items()}
        )

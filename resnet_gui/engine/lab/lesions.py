"""The error of a network whose blocks are deleted or change places (Veit et al. 2016, section 4.1)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from resnet_gui.analysis.deletions import deletion_kind
from resnet_gui.base.errors import InputError
from resnet_gui.engine.lab.block_row import BlockRow, KeptMaps, PlacedBlock
from resnet_gui.engine.lab.finished_run import (
    LabelledPictures,
    MeasuredNetwork,
    Report,
    unreported,
)
from resnet_gui.engine.lab.networks import without_overwriting
from resnet_gui.engine.lab.norm_statistics import kept_statistics, measuring, most_pictures
from resnet_gui.engine.predict.lesions import check_deletable
from resnet_gui.lab.measured.lesions import (
    BlockDeletion,
    LesionedError,
    Lesions,
    LesionSetup,
    LesionStudy,
    RandomDeletions,
    RandomSwaps,
    kendall_tau,
)

T = TypeVar("T")


class LesionBench:
    """A network that is ready to be tested with any lesions: each answer takes what is behind the first change.

    Attributes:
        pictures: that are tested.
        measured_over: pictures that statistics are measured over; 0 where they are as trained.
        intact: error of the whole network with its trained statistics.
    """

    def __init__(
        self, network: MeasuredNetwork, tested: LabelledPictures, measuring_pictures: LabelledPictures | None = None
    ) -> None:
        """Make it ready.

        Args:
            network: that was trained.
            tested: whose error is counted.
            measuring_pictures: whose statistics the batch norms take after every change; those of the training if
                None. They pass through the network together: of more than fit, evenly spaced ones are taken.

        Raises:
            InputError: there are no pictures.
        """
        if not len(tested.labels):
            raise InputError("There are no pictures to test the network with; name some.")
        self._network, self._labels = network, tested.labels.to(network.device)
        self.pictures, self.measured_over = len(tested.labels), 0
        # A copy: statistics that are measured are its own, and nothing writes over maps that are kept.
        self._row = BlockRow(without_overwriting(network.copied()))
        self._stages = [location.stage for location, _ in self._row.model.plan.blocks()]
        with network.computing(), torch.inference_mode():
            inputs = [network.input(images) for images in torch.split(tested.images, network.batch)]
            self._measuring: KeptMaps | None = None
            self._tested = KeptMaps(self._row, inputs)
            self.intact = self._counted(self._row.whole, len(self._row.names))
            if measuring_pictures is not None:
                self._measure(measuring_pictures.images, inputs)

    def _measure(self, images: Tensor, inputs: Sequence[Tensor]) -> None:
        """Take the statistics of the whole network over some pictures, and the maps that follow."""
        most = most_pictures(self._row.model.plan)
        step = -(-len(images) // most)
        read = self._network.input(images[::step])
        self.measured_over = len(read)
        with measuring(self._row.model):
            self._measuring = KeptMaps(self._row, [read])
        self._tested = KeptMaps(self._row, inputs)

    def test(self, lesions: Lesions) -> LesionedError:
        """The error of the network with some lesions.

        Raises:
            InputError: a block cannot be deleted, or two cannot change places.
        """
        row = self._changed(lesions)
        first = next((at for at, placed in enumerate(row) if placed != PlacedBlock(at)), len(row))
        with self._network.computing(), torch.inference_mode():
            error = self._error(row, first)
        return LesionedError(lesions, error, kendall_tau([placed.number for placed in row]))

    def _error(self, row: Sequence[PlacedBlock], first: int) -> float:
        if self._measuring is None:
            return self._counted(row, first)
        with kept_statistics(self._row.model):
            with measuring(self._row.model):
                for x in self._measuring.before(first):
                    self._row.rest(row[first:], x)
            return self._counted(row, first)

    def _counted(self, row: Sequence[PlacedBlock], first: int) -> float:
        answers = torch.cat([self._row.rest(row[first:], x).argmax(1) for x in self._tested.before(first)])
        return int((answers != self._labels).sum()) / self.pictures

    def _changed(self, lesions: Lesions) -> list[PlacedBlock]:
        """The row of blocks with some lesions."""
        names = self._row.names
        check_deletable(self._row.model.plan, lesions.deleted)
        deleted = {names.index(name) for name in lesions.deleted}
        order = list(range(len(names)))
        swappable = {frozenset(pair) for pair in self.swappable()}
        for one, other in lesions.swapped:
            if frozenset((one, other)) not in swappable:
                raise InputError(
                    f"'{one}' and '{other}' cannot change places: choose two blocks of one stage that both keep the "
                    "shape of what they read."
                )
            a, b = names.index(one), names.index(other)
            order[a], order[b] = order[b], order[a]
        return [PlacedBlock(number, number in deleted) for number in order]

    def deletable(self) -> tuple[str, ...]:
        """Paths of the blocks that can be deleted."""
        blocks = self._row.model.plan.blocks()
        return tuple(location.path for location, block in blocks if deletion_kind(block) != "none")

    def swappable(self) -> Iterator[tuple[str, str]]:
        """Pairs of paths of blocks that can change places: of one stage, and both keep its shape."""
        blocks = tuple(self._row.model.plan.blocks())
        for at, (location, block) in enumerate(blocks):
            for other, another in blocks[at + 1 :]:
                same = location.stage == other.stage and another.input == another.output
                if same and block.input == block.output == another.output:
                    yield location.path, other.path

    def delete_each(self) -> Iterator[BlockDeletion]:
        """The network without each of its blocks, one at a time."""
        for location, block in self._row.model.plan.blocks():
            kind, path = deletion_kind(block), location.path
            if kind == "none":
                yield BlockDeletion(path, kind, None, "shape changes")
            else:
                yield BlockDeletion(path, kind, self.test(Lesions((path,))).error)


def study_lesions(
    network: MeasuredNetwork,
    tested: LabelledPictures,
    measuring_pictures: LabelledPictures | None,
    setup: LesionSetup,
    report: Report = unreported,
) -> LesionStudy:
    """Delete every block alone and several at random, and let blocks of a stage change places.

    Args:
        network: that was trained.
        tested: pictures whose error is counted.
        measuring_pictures: over which statistics are measured, where the set-up says so; else they are not needed.
        setup: what is drawn, and how often.
        report: takes how far it is.

    Raises:
        InputError: there are no pictures to test with, or none to measure over.
    """
    again = setup.statistics == "remeasured"
    if again and (measuring_pictures is None or not len(measuring_pictures.labels)):
        raise InputError("Statistics cannot be measured again without training pictures; name some.")
    bench = LesionBench(network, tested, measuring_pictures if again else None)
    deletable, pairs = bench.deletable(), tuple(bench.swappable())
    counts = [count for count in setup.counts if count <= len(deletable)]
    swap_counts = setup.swap_counts if pairs else ()
    total = sum(network.model.plan.spec.blocks) + setup.draws * (len(counts) + len(swap_counts))
    numbers = itertools.count(1)

    def reported(found: T) -> T:
        report(next(numbers) / total)
        return found

    deletions = tuple(map(reported, bench.delete_each()))
    at_random = []
    for count in counts:
        drawn = [_generator(setup.seed, "delete", count, draw).sample(deletable, count) for draw in range(setup.draws)]
        sets = tuple(tuple(sorted(names, key=deletable.index)) for names in drawn)
        errors = tuple(reported(bench.test(Lesions(names))).error for names in sets)
        at_random.append(RandomDeletions(count, sets, errors))
    swaps = []
    for count in swap_counts:
        rows = [_generator(setup.seed, "swap", count, draw).choices(pairs, k=count) for draw in range(setup.draws)]
        swaps.append(RandomSwaps(count, tuple(reported(bench.test(Lesions(swapped=tuple(row)))) for row in rows)))
    return LesionStudy(
        setup=setup, pictures=bench.pictures, measured_over=bench.measured_over, intact=bench.intact,
        chance=1 - 1 / max(2, network.model.plan.spec.classes), deletions=deletions, at_random=tuple(at_random),
        swaps=tuple(swaps),
    )  # fmt: skip


def _generator(seed: int, what: str, count: int, draw: int) -> random.Random:
    """A generator of its own for every draw."""
    return random.Random(f"{seed} {what} {count} {draw}")  # noqa: S311 (no secret)

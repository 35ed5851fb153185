"""What an experiment has measured so far, by network and seed, as its claims read it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeVar

import msgspec

M = TypeVar("M")

ScaleKey = Literal["quick", "cifar", "paper"]

ALL: Final = "all"
"""Name under which one measurement of all networks of a seed is kept."""


class TrainedRun(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a run that claims ask for: those of its last epoch, and how it began.

    Attributes:
        train_error: mean over the last epoch's training batches as they were seen, a fraction.
        test_error: over the test pictures after the last epoch, a fraction.
        train_loss: mean over the last epoch's training batches, in nats.
        test_loss: over the test pictures after the last epoch, in nats.
        early_error: mean training error of the batches of steps 51 to 100, a fraction; None of a shorter run.
        seconds: of training.
        train_images, test_images, early_images: pictures that ``train_error``, ``test_error`` and ``early_error`` are
            counted over; 0 where that is not known.
    """

    train_error: float
    test_error: float
    train_loss: float
    test_loss: float
    early_error: float | None = None
    seconds: float = 0.0
    train_images: int = 0
    test_images: int = 0
    early_images: int = 0


class NetworkOfRole(msgspec.Struct, frozen=True):
    """The network that was measured in a role, whichever run it is.

    Attributes:
        depth: layers with weights.
        residual: whether it adds shortcuts; else it is a plain network.
        classes: that it answers with.
    """

    depth: int
    residual: bool
    classes: int

    @property
    def name(self) -> str:
        """What it is called in a claim, such as "plain-20"."""
        return f"{'ResNet' if self.residual else 'plain'}-{self.depth}"


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All that an experiment has measured at a scale.

    Attributes:
        scale: key of the scale.
        seeds: that were asked for.
        trained: network -> seed -> its run, of runs that are finished.
        measured: role -> seed -> a struct of ``lab.measured``; without roles, ``ALL`` -> seed -> one for all networks.
        networks: role -> the network that was measured; one whose run cannot be read any more is missing.
        failed: network or role -> seed -> why it has no result, in a sentence.
        absent: role -> seed -> why nothing is measured of it, in a sentence: no run was given for it.
    """

    scale: ScaleKey
    seeds: tuple[int, ...]
    trained: Mapping[str, Mapping[int, TrainedRun]] = {}
    measured: Mapping[str, Mapping[int, Any]] = {}
    networks: Mapping[str, NetworkOfRole] = {}
    failed: Mapping[str, Mapping[int, str]] = {}
    absent: Mapping[str, Mapping[int, str]] = {}

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is there, has failed, or cannot be as no run was given for it."""
        asked = {**self.trained, **self.measured}
        return bool(self.seeds and asked) and all(
            set(self.seeds) <= {*found, *self.failed.get(name, ()), *self.absent.get(name, ())}
            for name, found in asked.items()
        )

    @property
    def all_failed(self) -> bool:
        """Whether there were failures and nothing else."""
        return any(self.failed.values()) and not any((*self.trained.values(), *self.measured.values()))

    def of(self, network: str, figure: Callable[[Any], float | None]) -> dict[int, float]:
        """A figure of what was measured of a network, by seed; seeds without it, or with no number, are left out."""
        return _taken(self.measured.get(network, {}), figure)

    def run(self, network: str, figure: Callable[[TrainedRun], float | None]) -> dict[int, float]:
        """A figure of a network's finished runs, by seed; seeds without it, or with no number, are left out."""
        return _taken(self.trained.get(network, {}), figure)

    def train_percent(self, network: str) -> dict[int, float]:
        """Training errors of a network's last epoch, in per cent, by seed."""
        return self.run(network, lambda run: 100 * run.train_error)

    def test_percent(self, network: str) -> dict[int, float]:
        """Test errors of a network after its last epoch, in per cent, by seed."""
        return self.run(network, lambda run: 100 * run.test_error)


def _taken(found: Mapping[int, M], figure: Callable[[M], float | None]) -> dict[int, float]:
    values = {seed: figure(one) for seed, one in found.items()}
    return {seed: value for seed, value in values.items() if value is not None and not math.isnan(value)}


def difference(values: Mapping[int, float], others: Mapping[int, float]) -> dict[int, float]:
    """Differences of the seeds that both have."""
    return {seed: values[seed] - others[seed] for seed in values if seed in others}


def ratio(values: Mapping[int, float], others: Mapping[int, float]) -> dict[int, float]:
    """Quotients of the seeds that both have, and whose divisor is not 0."""
    return {seed: values[seed] / others[seed] for seed in values if others.get(seed)}


def quotient(value: float, other: float) -> float:
    """One number over another; not a number where that is 0."""
    return value / other if other else math.nan


class NothingMeasuredError(LookupError):
    """A question about something that no seed has, or that is no finite number in one."""


def mean(values: Mapping[int, float]) -> float:
    """The mean over the seeds.

    Raises:
        NothingMeasuredError: there is none, or a value is no finite number.
    """
    if not values or not all(map(math.isfinite, values.values())):
        raise NothingMeasuredError
    return math.fsum(values.values()) / len(values)

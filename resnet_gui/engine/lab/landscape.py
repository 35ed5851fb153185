"""The training loss on a plane through the weights of a network, point by point (Li et al. 2018)."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, nullcontext
from itertools import islice
from queue import SimpleQueue
from typing import Final

import msgspec
import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.engine.lab.finished_run import (
    EvaluationBatches,
    LabelledPictures,
    MeasuredNetwork,
)
from resnet_gui.engine.lab.norm_statistics import kept_statistics, measuring, most_pictures
from resnet_gui.lab.measured.landscape import ORDER, LandscapeSetup, LossSurface, SurfacePoint, steps
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import weights_sha256

DIRECTIONS: Final = 2

SAME_LOSS: Final = 1e-4
"""By which fraction losses of one network over the same pictures may differ between computers."""

MOST_THREADS: Final = 8
"""That compute points at the same time: between operations they wait for one interpreter."""

TINY: Final = 1e-10
"""Added to the norm of a drawn filter before it divides, as the paper's code does."""


def filter_normalised(
    weights: Sequence[Tensor], generator: torch.Generator, *, move_biases_and_norms: bool = False
) -> list[Tensor]:
    """One random direction: Gaussian, each filter scaled to the norm of the network's own (Li et al. 2018, section 4).

    A filter is what makes one output channel of a convolution, or one row of a linear layer. What has one number a
    channel, norms and biases, stays where it is, or moves along itself, as in the paper's code (``biasbn``).

    Args:
        weights: parameters of a network, in its order.
        generator: on the CPU; a direction is drawn for all parameters, the unmoved ones too.
        move_biases_and_norms: whether these move.

    Returns:
        A tensor of its shape, device and layout for each parameter.
    """
    found = []
    for weight in weights:
        drawn = torch.randn(weight.shape, generator=generator).to(weight.device)
        if weight.ndim > 1:
            norms = weight.flatten(1).norm(dim=1) / (drawn.flatten(1).norm(dim=1) + TINY)
            drawn *= norms.view(-1, *[1] * (weight.ndim - 1))
        elif move_biases_and_norms:
            drawn = weight.clone()
        else:
            drawn.zero_()
        found.append(torch.empty_like(weight).copy_(drawn))
    return found


class Plane:
    """A plane of networks around a trained one, of which one point at a time stands in a copy of the network.

    Attributes:
        model: the copy.
    """

    def __init__(self, model: ResNet, weights: Sequence[Tensor], directions: Sequence[Sequence[Tensor]]) -> None:
        self.model = model
        self._parameters = list(model.parameters())
        self._weights, self._directions = weights, directions

    @torch.no_grad()
    def go_to(self, *coordinates: float) -> None:
        """Weights + Σ coordinate · direction."""
        for place, (parameter, weight) in enumerate(zip(self._parameters, self._weights, strict=True)):
            parameter.copy_(weight)
            for coordinate, direction in zip(coordinates, self._directions, strict=True):
                parameter.add_(direction[place], alpha=coordinate)


class Landscape:
    """A plane through the weights of a network, and pictures that are ready to be tested at each point of it.

    Attributes:
        empty: the surface without any point yet.
    """

    def __init__(self, network: MeasuredNetwork, pictures: LabelledPictures, setup: LandscapeSetup) -> None:
        """Make it ready.

        Args:
            network: that was trained.
            pictures: whose mean loss is computed; where statistics are measured again, over these.
            setup: of the plane.

        Raises:
            InputError: there are no pictures, or more than can be measured over, or their loss is no number.
        """
        if not len(pictures.labels):
            raise InputError("There are no pictures to compute the loss of; name some.")
        most = most_pictures(network.model.plan)
        if setup.statistics == "remeasured" and len(pictures.labels) > most:
            raise InputError(f"Statistics can be measured again over {most:,} pictures of this size; ask for fewer.")
        self._network, self._setup = network, setup
        self._tested = EvaluationBatches(network, pictures)
        generator = torch.Generator().manual_seed(setup.seed)
        weights = list(network.model.parameters())
        self._directions = [
            filter_normalised(weights, generator, move_biases_and_norms=setup.move_biases_and_norms)
            for _ in range(DIRECTIONS)
        ]
        with network.computing():
            own = self._tested.test(network.model).loss
        if not math.isfinite(own):
            raise InputError("The network's own loss over these pictures is no number, so nothing lies around it.")
        self.empty = LossSurface(setup, weights_sha256(network.model.state_dict()), len(pictures.labels), own)
        self._steps = steps(setup.extent)

    def plane(self) -> Plane:
        """A plane with a network of its own, at the trained weights."""
        return Plane(self._network.copied(), list(self._network.model.parameters()), self._directions)

    def loss(self, plane: Plane, *coordinates: float) -> float:
        """Mean loss at a point in units of the directions, in nats; perhaps infinite or no number."""
        plane.go_to(*coordinates)
        if self._setup.statistics == "trained":
            return self._tested.test(plane.model).loss
        with torch.inference_mode(), kept_statistics(plane.model), measuring(plane.model):
            return self._tested.figures_of(plane.model(self._tested.whole())).loss

    def surface(self, begun: LossSurface | None = None) -> Iterator[LossSurface]:
        """The surface after each further point, coarse to fine; whoever stops asking pauses it.

        Args:
            begun: as far as it was computed before; from the beginning if None.

        Raises:
            InputError: what was begun is the surface of another network, set-up or other pictures.
        """
        surface = begun or self.empty
        own = self.empty.training_loss
        same = msgspec.structs.replace(surface, losses=(), training_loss=own) == self.empty
        if not same or not math.isclose(surface.training_loss, own, rel_tol=SAME_LOSS):
            raise InputError(
                "The surface that was begun belongs to other weights, other pictures or another set-up; compute it "
                "from the beginning."
            )
        with closing(self._losses(ORDER[len(surface.losses) :])) as losses:
            for loss in losses:
                surface = msgspec.structs.replace(surface, losses=(*surface.losses, loss))
                yield surface

    def _losses(self, points: Sequence[SurfacePoint]) -> Generator[float | None, None, None]:
        """The loss at each point, in order; None where it is no number or infinite.

        Threads have a network each where an operation uses one thread only: they compute the same bits.
        """
        alone = self._network.device.type != "cpu" or self._network.threads > 1
        count = min(1 if alone else os.cpu_count() or 1, MOST_THREADS, max(1, len(points)))
        planes = SimpleQueue[Plane]()
        for _ in range(count):
            planes.put(self.plane())

        def computed(point: SurfacePoint) -> float | None:
            plane = planes.get()
            try:
                # What it sets of a GPU is for the whole process, so that only one thread may put it back.
                with self._network.computing() if alone else nullcontext():
                    loss = self.loss(plane, self._steps[point.column], self._steps[point.row])
            finally:
                planes.put(plane)
            return loss if math.isfinite(loss) else None

        waiting = deque[Future[float | None]]()
        rest = iter(points)
        with ThreadPoolExecutor(count, "landscape", torch.set_num_threads, (self._network.threads,)) as pool:
            try:
                while True:
                    waiting.extend(pool.submit(computed, point) for point in islice(rest, count + 1 - len(waiting)))
                    if not waiting:
                        return
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)
                # What new threads begin with is for the whole process.
                torch.set_num_threads(torch.get_num_threads())

"""A finished run opened for measuring: its best weights, its pictures, and its losses to the bit."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.base.errors import InputError
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.loaders import IGNORED
from resnet_gui.engine.data.picture_survey import evenly
from resnet_gui.engine.data.splits import DataSet
from resnet_gui.engine.devices import free_memory, resolve_layout
from resnet_gui.engine.lab.networks import exact_arithmetic
from resnet_gui.engine.predict.models import weights_file
from resnet_gui.engine.train.run_pictures import check_same, check_there
from resnet_gui.engine.train.trainer import EVALUATION_BATCH
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.sampled import laid_out
from resnet_gui.network.weights import load_model
from resnet_gui.runs.folder import RunInfo, read_run_info
from resnet_gui.runs.history import replay

Report = Callable[[float], None]
"""Takes how far a measurement is, 0 to 1; may raise to give it up."""

READ_TOGETHER: Final = 512
"""Pictures that are read at once."""

MOST_OF_MEMORY: Final = 0.25
"""Part of the free memory that pictures to measure with may take."""


def unreported(_fraction: float) -> None:
    """A Report that nobody reads."""


class LabelledPictures(NamedTuple):
    """Pictures (N, C, H, W) uint8 at the size of a network's input, and their labels (N,) int64, on one device."""

    images: Tensor
    labels: Tensor


class MeasuredNetwork(NamedTuple):
    """A network with all that its answers depend on to the last bit.

    Attributes:
        model: in eval mode, on its device, in its layout, fp32; it is never changed.
        mean: of each channel, on the scale 0 to 1; what is subtracted.
        std: of each channel; what is divided by.
        layout: of feature maps.
        threads: on the CPU, for each operation.
        batch: pictures that are tested together.
    """

    model: ResNet
    mean: tuple[float, ...]
    std: tuple[float, ...]
    layout: torch.memory_format
    threads: int
    batch: int

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.model.parameters()).device

    def input(self, images: Tensor) -> Tensor:
        """Pictures (N, C, H, W) uint8 as the network reads them in the tests of its training."""
        mean, std = (torch.tensor(each, device=self.device).view(1, -1, 1, 1) for each in (self.mean, self.std))
        # A copy in any case: of one channel both layouts claim to be contiguous, with strides that differ.
        return images.to(self.device).float().div_(255).sub_(mean).div_(std).clone(memory_format=self.layout)

    def copied(self) -> ResNet:
        """A copy of the network that may be changed."""
        return copy.deepcopy(self.model)

    def computing(self) -> AbstractContextManager[None]:
        """Within it, operations of this thread round as those of its training's tests: as many threads, full fp32."""
        return exact_arithmetic(self.threads)


class LossAndError(NamedTuple):
    """Mean cross-entropy in nats, and error as a fraction."""

    loss: float
    error: float


class EvaluationBatches:
    """Pictures that are ready to be tested again and again, in the batches of a training's tests."""

    def __init__(self, network: MeasuredNetwork, pictures: LabelledPictures) -> None:
        self._batches = [
            (network.input(images), labels.to(network.device))
            for images, labels in zip(
                torch.split(pictures.images, network.batch), torch.split(pictures.labels, network.batch), strict=True
            )
        ]
        self._count = len(pictures.labels)

    def whole(self) -> Tensor:
        """All inputs in one batch."""
        return torch.cat([inputs for inputs, _ in self._batches])

    @torch.inference_mode()
    def test(self, network: nn.Module) -> LossAndError:
        """Loss and error of a network in eval mode, computed as a training tests: sums of batches, added in fp64."""
        return self._figures(network(inputs).float() for inputs, _ in self._batches)

    @torch.inference_mode()
    def figures_of(self, logits: Tensor) -> LossAndError:
        """Loss and error of logits (N, classes) that were computed already."""
        return self._figures(iter(torch.split(logits.float(), [len(labels) for _, labels in self._batches])))

    def _figures(self, answers: Iterator[Tensor]) -> LossAndError:
        sums = torch.zeros(2, dtype=torch.float64)
        for logits, (_, labels) in zip(answers, self._batches, strict=True):
            loss = functional.cross_entropy(logits, labels, reduction="sum")
            sums += torch.stack([loss.double(), (logits.argmax(1) != labels).sum().double()]).cpu()
        loss_sum, wrong = sums.tolist()
        return LossAndError(loss_sum / self._count, wrong / self._count)


class FinishedRun:
    """A run with weights, and the pictures that it learnt from and was tested with.

    Attributes:
        info: what was trained, on what, and how.
        network: with the best weights.
    """

    def __init__(self, info: RunInfo, network: MeasuredNetwork, data: DataSet) -> None:
        self.info, self.network, self._data = info, network, data

    def train(self, count: int = 0) -> LabelledPictures:
        """Evenly spaced pictures that it learnt from, without augmentation; all for 0.

        Raises:
            InputError: so many do not fit into memory, or none can be read.
        """
        return self._pictures("training", count)

    def test(self, count: int = 0) -> LabelledPictures:
        """Evenly spaced pictures of those that it was tested with after every epoch; all for 0.

        Raises:
            InputError: so many do not fit into memory, or none can be read.
        """
        return self._pictures("test", count)

    def _pictures(self, part: str, count: int) -> LabelledPictures:
        device, shape = self.network.device, self.info.spec.input
        source = self._data.source(self._data.train if part == "training" else self._data.test, shape, device)
        total = len(source.labels)
        numbers = torch.tensor(evenly(range(total), count or total), dtype=torch.int64)
        size = len(numbers) * shape[0] * shape[1] * shape[2]
        # They are held as bytes and as numbers of four bytes.
        if 5 * size > MOST_OF_MEMORY * free_memory(device)[0]:
            raise InputError(
                f"{len(numbers):,} {part} pictures of {shape[1]}×{shape[2]} do not fit into the memory that is free; "
                "ask for fewer."
            )
        found = list(source.batches(torch.split(numbers, READ_TOGETHER)))
        images, labels = (torch.cat(tensors) for tensors in zip(*found, strict=True))
        readable = labels != IGNORED
        if not bool(readable.any()):
            raise InputError(f"None of the {part} pictures of '{self.info.recipe.data}' can be read any more.")
        return LabelledPictures(images[readable], labels[readable])


def open_run(folder: Path, device: torch.device, report: Report = unreported) -> FinishedRun:
    """Read the best weights of a run and its pictures.

    Args:
        folder: of the run.
        device: where it is measured, in fp32.
        report: takes how far the reading of the pictures is.

    Raises:
        InputError: there are no weights yet, or its pictures are gone or have changed.
    """
    info = read_run_info(folder)
    model, card = load_model(weights_file(str(folder)))
    check_there(info)

    def watch(done: int, total: int) -> None:
        report(done / total if total else 0.0)

    data = load(info.recipe.data, info.spec.input, watch, known=info.data, recipe=info.recipe)
    check_same(info, data.identity)
    layout = resolve_layout("channels-last" if info.layout == "channels-last" else "contiguous")
    pieces = info.processes * info.recipe.accumulate
    learnt = min(info.recipe.batch_size, len(data.train.labels))
    network = MeasuredNetwork(
        model=laid_out(model.to(device), layout).requires_grad_(False),
        mean=info.data.mean,
        std=info.data.std,
        layout=layout,
        # Another computer rounds otherwise anyway.
        threads=min(_threads_of_best(folder, info, card.top1), os.cpu_count() or 1),
        # As the training tests after every epoch.
        batch=min(EVALUATION_BATCH, max(1, 2 * learnt // pieces)),
    )
    return FinishedRun(info, network, data)


def _threads_of_best(folder: Path, info: RunInfo, top1: float | None) -> int:
    """Threads that the best weights were tested with."""
    if not info.thread_changes or top1 is None:
        return info.threads
    steps = [epoch.step for epoch in replay(folder, steps=False).epochs if 1 - epoch.test_error == top1]
    return info.threads_of_step(steps[0]) if steps else info.threads

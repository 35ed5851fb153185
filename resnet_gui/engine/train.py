"""Training: one run from its job to its last word, resumable to the bit on a CPU.

Order and augmentation are drawn from generators keyed by seed, epoch and step, so a run that goes on from its
checkpoint sees the batches that it would have seen.
"""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from resnet_gui import __version__
from resnet_gui.core.resnet import ResNet
from resnet_gui.core.weights import save_model, weights_sha256
from resnet_gui.engine.augment import augment, epoch_order
from resnet_gui.engine.checkpoint import load_checkpoint, save_checkpoint
from resnet_gui.engine.control import Control
from resnet_gui.engine.datasets import DataSet, load
from resnet_gui.engine.devices import resolve_device, resolve_precision, useful_threads
from resnet_gui.engine.errors import explain
from resnet_gui.spec.arch import evolve
from resnet_gui.spec.costs import totals
from resnet_gui.spec.errors import InputError
from resnet_gui.spec.events import (
    EpochDone,
    RunEnded,
    RunEvent,
    RunPaused,
    RunStarted,
    RunUnpaused,
    StepDone,
    TrainResult,
)
from resnet_gui.spec.history import replay
from resnet_gui.spec.jobs import Resume, Train
from resnet_gui.spec.model import ModelInfo
from resnet_gui.spec.plan import plan
from resnet_gui.spec.recipe import DIGITS, lr_at
from resnet_gui.spec.runs import (
    BEST_FILE,
    LAST_FILE,
    LOCK_FILE,
    RUN_FILE,
    STOP_FILE,
    EventLog,
    RunInfo,
    now_text,
    prepare_run_folder,
    read_run_info,
    write_run_info,
    writing,
)

Emit = Callable[[RunEvent], None]
CHECKPOINT_SECONDS = 10.0
"""Epochs that end sooner after the last checkpoint than this write none; the end, a stop and a pause always do."""

LONG_EPOCH_SECONDS = 60.0
"""Within an epoch a checkpoint is written this often."""

EVALUATION_BATCH = 512


def train(job: Train | Resume, emit: Emit, control: Control) -> RunEnded:
    """Run a job to its end; every event goes to ``emit`` and into the run folder.

    Returns:
        The last event: finished, stopped, or failed with a sentence.

    Raises:
        InputError: the run could not even begin; nothing was trained.
    """
    folder = Path(job.run)
    if isinstance(job, Train):
        device = resolve_device(job.device)
        prepare_run_folder(folder)
        try:
            with writing(folder):
                return _begin(job, folder, device, emit, control)
        finally:
            _remove_if_unused(folder)
    info = read_run_info(folder)
    device = resolve_device(job.device or info.device)
    with writing(folder):
        checkpoint = load_checkpoint(folder)
        (folder / STOP_FILE).unlink(missing_ok=True)
        data = load(info.recipe.data, info.spec.input)
        if data.identity.sha256 != info.data.sha256:
            raise InputError(
                f"The pictures of '{info.recipe.data}' have changed since this run began; start a new run."
            )
        if device.type == "cpu":
            torch.set_num_threads(info.threads)

        def make() -> Trainer:
            trainer = Trainer(folder, info, data, device)
            trainer.restore(checkpoint)
            return trainer

        return _drive(make, folder, info, emit, control)


def _begin(job: Train, folder: Path, device: torch.device, emit: Emit, control: Control) -> RunEnded:
    recipe = job.recipe
    data = load(recipe.data, job.spec.input)
    if recipe.data != DIGITS:
        # A run is resumed from wherever; its data stays where it is.
        recipe = msgspec.structs.replace(recipe, data=str(Path(recipe.data).absolute()))
    spec = evolve(job.spec, classes=len(data.identity.classes))
    if device.type == "cpu":
        torch.set_num_threads(useful_threads(recipe.batch_size * totals(plan(spec)).cost.macs))
    info = RunInfo(
        name=job.name,
        spec=spec,
        recipe=recipe,
        data=data.identity,
        device=str(device),
        precision=resolve_precision(recipe.precision, device),
        threads=torch.get_num_threads(),
        versions={"resnet-gui": __version__, "torch": str(torch.__version__)},
        created=now_text(),
    )
    try:
        write_run_info(folder, info)
    except OSError as error:
        raise InputError(f"The run folder {folder} cannot be written: {error.strerror or error}.") from error
    return _drive(lambda: Trainer(folder, info, data, device), folder, info, emit, control)


def _remove_if_unused(folder: Path) -> None:
    """Take back a folder that never became a run."""
    if folder.is_dir() and not (folder / RUN_FILE).exists():
        (folder / LOCK_FILE).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def _drive(make: Callable[[], Trainer], folder: Path, info: RunInfo, emit: Emit, control: Control) -> RunEnded:
    """Train to the end and turn whatever goes wrong, from building the network on, into the run's last word."""
    log = EventLog(folder)
    trainer: Trainer | None = None

    def tell(event: RunEvent) -> None:
        log.append(event)
        emit(event)

    try:
        trainer = make()
        ended = trainer.run(tell, control)
    except Exception as error:
        if trainer is None and isinstance(error, InputError):  # nothing has begun, so nothing has failed
            log.close()
            raise
        kept = (folder / LAST_FILE).is_file()
        step = trainer.step if trainer is not None else 0
        ended = RunEnded("failed", step, explain(error, info, kept=kept), traceback.format_exc())
    try:
        tell(ended)
    except OSError:
        emit(ended)
    finally:
        log.close()
    return ended


class Trainer:
    """One run in memory.

    Attributes:
        folder: of the run.
        info: what is trained on what, and how.
        step: optimiser steps behind.
        seconds: training time behind, tests and checkpoints included, pauses left out.
    """

    def __init__(self, folder: Path, info: RunInfo, data: DataSet, device: torch.device) -> None:
        self.folder, self.info, self.skipped = folder, info, data.skipped
        self._device = device
        recipe = info.recipe
        torch.manual_seed(recipe.seed)
        self._model = ResNet(plan(info.spec)).to(device)
        # Channels last is the GPU's layout. On the CPU oneDNN (its issue 6035) then writes past its buffers in the
        # gradient of a strided 1×1 convolution with few channels, which crashes the process.
        self._layout = torch.channels_last if device.type == "cuda" else torch.contiguous_format
        self._model.to(memory_format=self._layout)
        self._optimiser = torch.optim.SGD(
            self._model.parameters(), lr=recipe.lr, momentum=recipe.momentum, weight_decay=recipe.weight_decay
        )
        self._loss = nn.CrossEntropyLoss()
        self._train_images, self._train_labels = data.train.images.to(device), data.train.labels.to(device)
        self._test_images, self._test_labels = data.test.images.to(device), data.test.labels.to(device)
        self._mean = torch.tensor(data.identity.mean, device=device).view(1, -1, 1, 1)
        self._std = torch.tensor(data.identity.std, device=device).view(1, -1, 1, 1)
        self.batch_size = min(recipe.batch_size, len(self._train_labels))
        # A rest of one picture cannot be normalised over the batch, so a last batch that small is left out.
        count = len(self._train_labels)
        self.steps_per_epoch = count // self.batch_size + (1 if count % self.batch_size > 1 else 0)
        self.total_steps = recipe.epochs * self.steps_per_epoch
        self.step, self.seconds = 0, 0.0
        self._sums = [0.0, 0.0, 0.0, 0.0]  # loss, wrong answers, pictures, seconds of this epoch
        self._best_error = math.inf
        self._best: dict[str, Tensor] | None = None
        self._best_written = True
        self._tested: EpochDone | None = None
        self._checkpoint_at = time.monotonic()

    def run(self, emit: Emit, control: Control) -> RunEnded:
        """Train from where it is to the end, a stop, or an exception."""
        emit(self._started())
        order, ordered = torch.empty(0), -1
        while self.step < self.total_steps:
            if control.stopping(self.folder):
                self._save()
                return self._ended("stopped")
            if control.paused:
                self._hold(emit, control)
                continue
            begun = time.perf_counter()
            epoch, position = divmod(self.step, self.steps_per_epoch)
            if ordered != epoch:
                order = epoch_order(len(self._train_labels), self.info.recipe.seed, epoch).to(self._device)
                ordered = epoch
            loss, error, lr = self._learn(order[position * self.batch_size : (position + 1) * self.batch_size])
            taken = time.perf_counter() - begun
            self.seconds += taken
            self._sums[3] += taken
            if not math.isfinite(loss):
                raise FloatingPointError
            emit(StepDone(self.step, loss, error, lr, self.seconds))
            if position + 1 == self.steps_per_epoch:
                self._finish_epoch(epoch + 1, emit)
            elif time.monotonic() - self._checkpoint_at > LONG_EPOCH_SECONDS:
                self._save()
        self._save()
        return self._ended("finished")

    def _learn(self, indices: Tensor) -> tuple[float, float, float]:
        """One optimiser step on the pictures of ``indices``; returns loss, error (fraction) and learning rate."""
        recipe = self.info.recipe
        lr = lr_at(recipe, self.step / self.total_steps)
        for group in self._optimiser.param_groups:
            group["lr"] = lr
        labels = self._train_labels[indices]
        images = self._normalised(augment(self._train_images[indices], recipe.augment, recipe.seed, self.step))
        self._model.train()
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self.info.precision == "bf16"):
            logits = self._model(images)
        loss = self._loss(logits.float(), labels)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self._optimiser.step()
        self.step += 1
        value = float(loss.detach())
        wrong = int((logits.detach().argmax(1) != labels).sum())
        for index, amount in enumerate((value * len(labels), wrong, len(labels))):
            self._sums[index] += amount
        return value, wrong / len(labels), lr

    def _normalised(self, images: Tensor) -> Tensor:
        scaled = images.float().div_(255).sub_(self._mean).div_(self._std)
        # A copy in any case: of one channel both layouts claim to be contiguous, with strides that differ.
        return scaled.clone(memory_format=self._layout)

    @torch.inference_mode()
    def _test(self) -> tuple[float, float]:
        """Mean loss and error (fraction) over the test pictures."""
        self._model.eval()
        loss, wrong = 0.0, 0
        # What fits for training fits twice here, where nothing is kept for the gradient.
        size = min(EVALUATION_BATCH, 2 * self.batch_size)
        for start in range(0, len(self._test_labels), size):
            labels = self._test_labels[start : start + size]
            images = self._normalised(self._test_images[start : start + size])
            with torch.autocast(self._device.type, torch.bfloat16, enabled=self.info.precision == "bf16"):
                logits = self._model(images).float()
            loss += float(nn.functional.cross_entropy(logits, labels, reduction="sum"))
            wrong += int((logits.argmax(1) != labels).sum())
        return loss / len(self._test_labels), wrong / len(self._test_labels)

    def _finish_epoch(self, epoch: int, emit: Emit) -> None:
        begun = time.perf_counter()
        test_loss, test_error = self._test()
        if not math.isfinite(test_loss):
            raise FloatingPointError
        loss, wrong, seen, seconds = self._sums
        if test_error < self._best_error:
            self._best_error = test_error
            self._best = {name: value.detach().cpu().clone() for name, value in self._model.state_dict().items()}
            self._best_written = False
        self._sums = [0.0, 0.0, 0.0, 0.0]
        pace = seen / seconds if seconds > 0 else 0.0
        self._tested = EpochDone(epoch, self.step, loss / seen, wrong / seen, test_loss, test_error, pace, self.seconds)
        self.seconds += time.perf_counter() - begun
        # Told before it is saved: a point that is told twice is drawn once, one that is never told is lost.
        emit(self._tested)
        if self.step < self.total_steps and time.monotonic() - self._checkpoint_at > CHECKPOINT_SECONDS:
            self._save()

    def _hold(self, emit: Emit, control: Control) -> None:
        self._save()
        emit(RunPaused(self.step))
        while control.paused and not control.stopping(self.folder):
            control.wait(0.25)
        emit(RunUnpaused(self.step))

    def _save(self) -> None:
        """Write ``last.pt``, and the best weights if they are newer than their file."""
        if self._best is not None and not self._best_written:
            save_model(self.folder / BEST_FILE, self._best, self._model_info(self._best))
            self._best_written = True
        save_checkpoint(
            self.folder,
            {
                "model": self._model.state_dict(),
                "optimiser": self._optimiser.state_dict(),
                "best": self._best,
                "best_error": self._best_error,
                "step": self.step,
                "seconds": self.seconds,
                "sums": self._sums,
                "rng": torch.get_rng_state(),
            },
        )
        self._checkpoint_at = time.monotonic()

    def restore(self, state: dict[str, Any]) -> None:
        """Take up a checkpoint.

        Raises:
            InputError: it is not one of this run's design.
        """
        try:
            self._model.load_state_dict(state["model"])
            self._optimiser.load_state_dict(state["optimiser"])
            self._best, self._best_error = state["best"], state["best_error"]
            self.step, self.seconds = state["step"], state["seconds"]
            self._sums = list(state["sums"])
            torch.set_rng_state(state["rng"])
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            raise InputError(f"The checkpoint in {self.folder} does not belong to this run's design.") from error
        # Epochs told after the checkpoint are trained again.
        told = [epoch for epoch in replay(self.folder).epochs if epoch.step <= self.step]
        self._tested = told[-1] if told else None

    def _started(self) -> RunStarted:
        info = self.info
        return RunStarted(
            step=self.step,
            epochs=info.recipe.epochs,
            steps_per_epoch=self.steps_per_epoch,
            train_images=len(self._train_labels),
            test_images=len(self._test_labels),
            device=str(self._device),
            precision=info.precision,
            skipped=self.skipped,
            seconds=self.seconds,
        )

    def _model_info(self, state: dict[str, Tensor]) -> ModelInfo:
        data = self.info.data
        return ModelInfo(
            name=self.info.name,
            spec=self.info.spec,
            classes=data.classes,
            mean=data.mean,
            std=data.std,
            data=data.name,
            top1=1 - self._best_error,
            sha256=weights_sha256(state),
        )

    def _ended(self, status: str) -> RunEnded:
        tested = self._tested
        if tested is None:
            return RunEnded("stopped", self.step, "stopped before the first epoch was over")
        images = self.step // self.steps_per_epoch * len(self._train_labels)
        result = TrainResult(
            run=str(self.folder),
            epochs=tested.epoch,
            train_loss=tested.train_loss,
            test_loss=tested.test_loss,
            top1=1 - tested.test_error,
            best_top1=1 - self._best_error,
            seconds=self.seconds,
            images_per_second=images / self.seconds if self.seconds else 0.0,
            weights_sha256=weights_sha256(self._model.state_dict()),
        )
        return RunEnded("finished" if status == "finished" else "stopped", self.step, result=result)

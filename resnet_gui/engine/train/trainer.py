"""A run in memory: steps, tests, pauses and checkpoints, resumable to the bit on a CPU.

Order and augmentation are drawn from generators keyed by seed, epoch and step, so a run that goes on from its
checkpoint sees the batches that it would have seen.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.engine.checkpoint import CheckpointPace, save_checkpoint
from resnet_gui.engine.data.datasets import DataSet
from resnet_gui.engine.data.loaders import Batch
from resnet_gui.engine.devices import resolve_layout
from resnet_gui.engine.train.balance import class_weights, order_of_epoch
from resnet_gui.engine.train.best_weights import BestWeights, patience_sentence
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.distributed import RankGroup, Word
from resnet_gui.engine.train.evaluation import EvaluationResult, evaluate, evaluate_weights, unreadable
from resnet_gui.engine.train.features.sources import TrainingSources
from resnet_gui.engine.train.probes import every
from resnet_gui.engine.train.start.starting_weights import StartingWeights, first_network
from resnet_gui.engine.train.step import TrainingStep
from resnet_gui.engine.train.step_reports import StepReports
from resnet_gui.engine.train.thread_count import ThreadControl
from resnet_gui.network.weights import save_model, weights_sha256
from resnet_gui.runs.events import (
    Answered,
    EpochDone,
    PhaseStarted,
    Probed,
    RunEnded,
    RunEvent,
    RunPaused,
    RunStarted,
    RunUnpaused,
    Skipped,
    TrainResult,
)
from resnet_gui.runs.folder import BEST_FILE, RunInfo
from resnet_gui.runs.history import lost_steps_note, pack
from resnet_gui.training.phases import first_epochs, phase_at, phase_number
from resnet_gui.training.recipe import steps_in_epoch, total_steps
from resnet_gui.training.trainable import check_steps

Emit = Callable[[RunEvent], None]
EVALUATION_BATCH: Final = 512
MOST_SKIPPED: Final = 1000


class Trainer:
    """The state of one training run in memory: its network, optimiser, pictures and counts.

    Attributes:
        folder: of the run.
        info: what is trained on what, and how.
        step: optimiser steps behind.
        seconds: training time behind, tests and checkpoints included, pauses left out.
        said: sentences that are said with its start.
    """

    def __init__(
        self, folder: Path, info: RunInfo, data: DataSet, device: torch.device, ranks: RankGroup,
        weights: StartingWeights | None = None,
    ) -> None:  # fmt: skip
        self.folder, self.info = folder, info
        self._data, self._ranks, self._device = data, ranks, device
        recipe, model = info.recipe, first_network(info, weights).to(device)
        layout = resolve_layout("channels-last" if info.layout == "channels-last" else "contiguous")
        self._learner = TrainingStep(model, recipe, info.precision, layout, ranks)
        self._learner.may_fork = info.threads == 1 and not info.threads_chosen
        # As it was when the run began: a streamed folder's mean is that of a sample.
        self._learner.normalise_by(info.data)
        if recipe.balance == "weights":
            self._learner.weigh_classes(class_weights(data.train.labels, info.spec.classes))
        self._sources = TrainingSources(info, data, device, ranks, self._skip)
        self._learner.crops_come_cut = info.data.crops_from_files and self._sources.train.cuts
        count = len(data.train.labels)
        self.batch_size = min(recipe.batch_size, count)
        pieces = ranks.world * recipe.accumulate
        self.steps_per_epoch = steps_in_epoch(count, self.batch_size, pieces)
        if self.batch_size < 2 * pieces:
            raise InputError(
                f"A batch of {self.batch_size} pictures is too small for {pieces} parts (processes times "
                "accumulation): each needs two pictures to normalise over."
            )
        self.total_steps = total_steps(recipe, self.steps_per_epoch)
        check_steps(recipe, self.steps_per_epoch)
        self._probe_every = every(self.total_steps)
        self.step, self.seconds = 0, 0.0
        self._reports = StepReports(info, ranks)
        self._best, self._phase = BestWeights(), -1
        # What fits for training fits twice in a test, where nothing is kept for the gradient.
        self._evaluation_size = min(EVALUATION_BATCH, max(1, 2 * self.batch_size // pieces))
        self._tested: EpochDone | None = None
        self._note, self.said = " ".join(data.notes), info.start.sentences if info.start is not None else ()
        self._pace = CheckpointPace()
        self._threads = ThreadControl(folder, info)
        self._mark = time.perf_counter()
        self._emit: Emit = lambda _event: None
        self._sync: Callable[[], None] = lambda: None

    # ---- the loop

    def run(self, emit: Emit, control: Control, sync: Callable[[], None]) -> RunEnded:
        """Train from where it is to the end, a stop, or an exception; ``sync`` has the events told so far on disk."""
        self._emit, self._sync = emit, sync
        emit(self._started())
        self._mark = time.perf_counter()
        self._enter_phase()
        while self.step < self.total_steps and not self._best.stale(self.info.recipe):
            epoch, position = divmod(self.step, self.steps_per_epoch)
            self._enter_phase()
            for said in self._sources.enter(phase_at(self.info.recipe.phases, epoch), self._learner.model, self.step):
                if said is not None:
                    self._emit(said)
                if self._next(control) == "stop":
                    self._save()
                    return self._ended("stopped")
            self._tick()
            for batch, count in self._batches(epoch, position):
                word = self._next(control)
                if word == "stop":
                    self._save()
                    return self._ended("stopped")
                self._learn(batch, count)
                if self._device.type == "cpu" or self.step in {self.total_steps, (epoch + 1) * self.steps_per_epoch}:
                    self._reports.tell(self._emit)
                if self.step == self.total_steps:
                    break
            self._finish_epoch(epoch + 1)
        self._save()
        return self._ended("finished", self._evaluate_final())

    def _enter_phase(self) -> None:
        """Begin the phase that the next step lies in, if that is not the present one; a run that goes on does so too.

        Here everything begins that a phase needs: what learns and how fast.
        """
        phases = self.info.recipe.phases
        epoch = min(self.step, self.total_steps - 1) // self.steps_per_epoch
        number = phase_number(phases, epoch)
        if not phases or number == self._phase:
            return
        self._phase = number
        self._learner.begin_phase(phases[number])
        self._threads.begin_phase()
        first, frozen = first_epochs(phases)[number], phases[number].frozen
        values = self._learner.frozen.parameters
        self._emit(PhaseStarted(first * self.steps_per_epoch, first + 1, number, frozen, *values))

    def _batches(self, epoch: int, position: int) -> Iterator[tuple[Batch, int]]:
        """This rank's batches of an epoch from a position on, with the count of pictures over all ranks."""
        order = order_of_epoch(self.info.recipe, self._sources.train.labels, epoch)
        size = self.batch_size
        pieces = [order[at * size : (at + 1) * size] for at in range(position, self.steps_per_epoch)]
        _, height, width = self.info.spec.input
        first = epoch * self.steps_per_epoch + position
        learner, steps = self._learner, list(enumerate(pieces, start=first))
        mine = (piece[learner.wanted(step, len(piece), height, width)] for step, piece in steps)
        crops = (learner.wanted_crops(step, len(piece), height, width) for step, piece in steps)
        return zip(self._sources.train.batches(mine, crops), map(len, pieces), strict=True)

    def _next(self, control: Control) -> Word:
        """What comes before the next step: going on, a checkpoint or a pause first, or the end."""
        while True:
            word: Word = "go on"
            if self._ranks.first:
                if control.stopping(self.folder):
                    word = "stop"
                elif control.paused and not control.take_single():
                    word = "hold"
                elif self._pace.due(within_epoch=True):
                    word = "save"
                elif self._reports.due:
                    word = "tell"
            word = self._ranks.agree(word)
            if word in {"go on", "stop"}:
                return word
            if word == "tell":
                self._reports.tell(self._emit)
                continue
            self._save()
            if word == "hold":
                self._hold(control)

    def _tick(self) -> float:
        """Count the time since the last call: on a GPU, and with workers, a step takes its time elsewhere."""
        now = time.perf_counter()
        taken, self._mark = now - self._mark, now
        self.seconds += taken
        return taken

    def _hold(self, control: Control) -> None:
        """Wait until the run shall go on, step once, or end; other ranks wait for the word of the first."""
        self._emit(RunPaused(self.step))
        while self._ranks.first and control.paused and not control.stopping(self.folder):
            if control.take_single():
                control.step_once()  # is taken again where the step is made
                break
            control.wait(0.25)
        self._pace.restart()
        self._mark = time.perf_counter()
        self._emit(RunUnpaused(self.step))

    def _learn(self, batch: Batch, count: int) -> None:
        probe = self._learner.probe
        probe.on = self.step % self._probe_every == 0
        self._threads.begin_step(self.step + 1, self._emit)
        try:
            learnt = self._learner.learn(batch, self.step, self.total_steps, count)
        except RuntimeError as error:
            gone = self._ranks.translate(error)
            if gone is error:
                raise
            raise gone from error
        self.step += 1
        self._threads.end_step(self.step)
        self._reports.sums[3] += self._tick()
        probed = Probed(self.step, self._learner.gradients, probe.ratios()) if probe.on else None
        probe.on = False
        self._reports.add(self.step, learnt, self.seconds, probed)

    # ---- the test

    def _evaluate(self) -> EvaluationResult:
        found = evaluate(self._learner, self._sources.test, self._ranks, self._evaluation_size)
        if not found.readable:
            raise InputError(unreadable("the test set", self.info))
        return found

    def _evaluate_final(self) -> EvaluationResult | None:
        """Test the best weights on the test part of data that has a validation part too; None where there is none."""
        if self._data.final is None or self._best.state is None:
            return None
        source = self._data.source(self._data.final, self.info.spec.input, self._device, self._skip)
        return evaluate_weights(self._learner, self._best.state, source, self._ranks, self._evaluation_size)

    def _finish_epoch(self, epoch: int) -> None:
        self._reports.tell(self._emit)
        self._reports.sums[3] += self._tick()
        test_loss, test_error, _, answers = self._evaluate()
        if not math.isfinite(test_loss):
            raise FloatingPointError
        loss, wrong, seen, seconds = self._reports.sums
        last = self._phase >= len(self.info.recipe.phases) - 1
        self._best.offer(test_error, self._learner.tested, waits=last)
        self._reports.sums = [0.0, 0.0, 0.0, 0.0]
        pace = seen / seconds if seconds > 0 else 0.0
        self._tested = EpochDone(epoch, self.step, loss / seen, wrong / seen, test_loss, test_error, pace, self.seconds)
        self._tick()
        # Told before it is saved: a point that is told twice is drawn once, one that is never told is lost.
        self._emit(self._tested)
        self._emit(Answered(epoch, self.step, pack(answers.tobytes())))
        if self._ranks.agree("save" if self.step < self.total_steps and self._pace.due() else "go on") == "save":
            self._save()

    # ---- checkpoints

    def _save(self) -> None:
        """Write ``last.pt``, and the best weights if they are newer than their file."""
        self._reports.tell(self._emit)
        if not self._ranks.first:
            return
        begun = time.monotonic()
        # On disk first: a checkpoint whose events are lost would leave a hole in the curves.
        self._sync()
        best = self._best
        if best.state is not None and not best.written:
            save_model(self.folder / BEST_FILE, best.state, model_info(self.info, best.state, best.error))
            best.written = True
        own = {
            "step": self.step,
            "seconds": self.seconds,
            "sums": self._reports.sums,
            "tested": msgspec.to_builtins(self._tested),
        }
        save_checkpoint(self.folder, self._learner.state() | best.checkpoint() | own)
        self._pace.restart(cost=time.monotonic() - begun)
        self._tick()

    def restore(self, state: dict[str, Any]) -> None:
        """Take up a checkpoint.

        Raises:
            InputError: it is not one of this run's design.
        """
        try:
            self._learner.restore(state)
            self.step, self.seconds = state["step"], state["seconds"]
            self._best.restore(state, anew=any(each.step == self.step for each in self.info.extensions))
            self._reports.sums = list(state["sums"])
            tested = state["tested"]
            self._tested = msgspec.convert(tested, EpochDone) if tested is not None else None
            if not isinstance(self.step, int):
                raise TypeError(self.step)
            self._threads.restore(self.step)
        except (KeyError, RuntimeError, ValueError, TypeError, AttributeError) as error:
            raise InputError(f"The checkpoint in {self.folder} does not belong to this run's design.") from error
        self.said = ()  # was said when the run began
        if self._ranks.first:
            self._note = lost_steps_note(self.folder, self.step)

    # ---- words

    def _skip(self, sentence: str) -> None:
        self._emit(Skipped(self.step, sentence))

    def _started(self) -> RunStarted:
        info, skipped = self.info, self._data.skipped
        labels = self._sources.test.labels.numpy().astype("<u2")
        return RunStarted(
            step=self.step,
            epochs=math.ceil(self.total_steps / self.steps_per_epoch),
            steps_per_epoch=self.steps_per_epoch,
            train_images=len(self._sources.train.labels),
            test_images=len(self._sources.test.labels),
            device=str(self._device),
            precision=info.precision,
            skipped=skipped[:MOST_SKIPPED],
            seconds=self.seconds,
            total_steps=self.total_steps,
            skipped_count=len(skipped),
            labels=pack(labels.tobytes()),
            note=self._note,
            start=self.said,
        )

    def _ended(self, status: str, final: EvaluationResult | None = None) -> RunEnded:
        tested = self._tested
        if tested is None:
            return RunEnded("stopped", self.step, "stopped before the first epoch was over")
        images = self.step // self.steps_per_epoch * len(self._sources.train.labels)
        result = TrainResult(
            run=str(self.folder),
            epochs=tested.epoch,
            train_loss=tested.train_loss,
            test_loss=tested.test_loss,
            top1=1 - tested.test_error,
            best_top1=1 - self._best.error,
            seconds=self.seconds,
            images_per_second=images / self.seconds if self.seconds else 0.0,
            weights_sha256=weights_sha256(self._learner.tested.state_dict()),
            final_top1=1 - final.error if final is not None else None,
            final_images=final.readable if final is not None else 0,
        )
        early = status == "finished" and self.step < self.total_steps
        message = patience_sentence(self.info.recipe, tested.epoch) if early else ""
        return RunEnded("finished" if status == "finished" else "stopped", self.step, message, result=result)


def model_info(info: RunInfo, state: dict[str, Tensor], error: float) -> ModelInfo:
    """What a weights file says of a run's weights that have this test error (fraction)."""
    data = info.data
    return ModelInfo(
        name=info.name,
        spec=info.spec,
        classes=data.classes,
        mean=data.mean,
        std=data.std,
        data=data.name,
        top1=1 - error,
        sha256=weights_sha256(state),
        resize=data.resize,
        interpolation=data.interpolation,
        greys=data.greys,
        fit=info.recipe.picture_fit,
    )

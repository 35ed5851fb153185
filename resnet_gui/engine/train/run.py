"""Training: one run from its job to its last word, in one process or in several that torchrun has started."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import torch

from resnet_gui import __version__
from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError, StoppedError
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import evolve
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.engine.data.datasets import DataSet, load
from resnet_gui.engine.data.opened import Tell, Watch, untold
from resnet_gui.engine.devices import (
    capacity_of,
    resolve_device,
    resolve_layout,
    resolve_precision,
    useful_threads,
)
from resnet_gui.engine.failure_text import cause_of, failure_sentence
from resnet_gui.engine.malloc import settled_memory
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.run_pictures import check_moved, check_same, check_there, placed
from resnet_gui.engine.train.start.starting_weights import begun_from, fitted, followed, open_start, read_again
from resnet_gui.engine.train.trainer import Emit, Trainer
from resnet_gui.protocol.jobs import Extend, Resume, Train, Training
from resnet_gui.runs.events import RunEnded, RunEvent
from resnet_gui.runs.folder import (
    BEST_FILE,
    LAST_FILE,
    PAUSE_FILE,
    RUN_FILE,
    STOP_FILE,
    DataIdentity,
    EventLog,
    RunInfo,
    now_text,
    prepare_run_folder,
    read_run_info,
    write_run_info,
)
from resnet_gui.runs.history import replay
from resnet_gui.runs.lock import LOCK_FILE, writing
from resnet_gui.training.extension import Extension, extended, extension_sentences
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.trainable import check_phases, check_trainable, check_turns

ANEW: Final = "The run was cut off before its first checkpoint: it begins anew, to the same end."


def train(
    job: Training,
    emit: Emit,
    control: Control,
    ranks: RankGroup | None = None,
    watch: Watch | None = None,
    tell_data: Tell | None = None,
) -> RunEnded:
    """Run a job to its end; every event goes to ``emit`` and into the run folder.

    Args:
        job: what to train, to go on with, or to train for longer.
        emit: told every event.
        control: asked between two steps.
        ranks: the processes that share the training; this one alone if not named.
        watch: told how far the reading of pictures is.
        tell_data: told what the data set holds, before it is read.

    Returns:
        The last event: finished, stopped, or failed with a sentence.

    Raises:
        InputError: the run could not even begin; nothing was trained.
    """
    work = _Work(Path(job.run), emit, control, ranks or RankGroup(), (watch, tell_data))
    return work.begin(job) if isinstance(job, Train) else work.go_on(job)


class _Work:
    """A job on its way; every rank runs it, the first one writes."""

    def __init__(
        self,
        folder: Path,
        emit: Emit,
        control: Control,
        ranks: RankGroup,
        on_data: tuple[Watch | None, Tell | None],
    ) -> None:
        self._folder, self._emit, self._control, self._ranks = folder, emit, control, ranks
        self._on_reading, self._on_description = on_data

    def begin(self, job: Train) -> RunEnded:
        """A new run."""
        check_trainable(job.spec)
        check_phases(job.spec, job.recipe)
        check_turns(job.spec, job.recipe)
        device = self._device(job.device)
        self._ranks.together(lambda: prepare_run_folder(self._folder))
        try:
            with self._lock():
                # First, for they say how pictures are read.
                loaded = open_start(job.start, job.spec) if job.start is not None else None
                recipe, scaling = followed(loaded, job) if loaded is not None else (job.recipe, None)
                data = self._load(recipe, job.spec.input, scaling)
                info = self._info(msgspec.structs.replace(job, recipe=recipe), data, device)
                weights = None
                if job.start is not None and loaded is not None:
                    weights = fitted(job.start, loaded, info.spec, info.data.classes)
                    if not self._ranks.all_equal(weights.sha256):
                        raise InputError(
                            f"The processes of this training do not read the same weights from '{job.start.model}'."
                        )
                    info = begun_from(info, job.start, weights)
                self._ranks.together(lambda: self._write(info))
                return self._drive(lambda: Trainer(self._folder, info, data, device, self._ranks, weights), info)
        finally:
            if self._ranks.first:
                self._remove_if_unused()

    def go_on(self, job: Resume | Extend) -> RunEnded:
        """A run that has a checkpoint; it may be given more epochs."""
        info = read_run_info(self._folder)
        device = self._device(job.device or (info.device if self._ranks.world == 1 else info.device.partition(":")[0]))
        if info.processes != self._ranks.world:
            raise InputError(_count_sentence(self._folder, info.processes, self._ranks.world))
        recipe = extended(info.recipe, job.epochs, self._ended_after(info)) if isinstance(job, Extend) else info.recipe
        with self._lock():
            # A run that was cut off before its first checkpoint begins anew, to the same end.
            checkpoint = load_checkpoint(self._folder) if isinstance(job, Extend) or self._has_begun() else None
            self._clear_away()
            info, data = self._pictures(info, job.data)
            if device.type == "cpu":
                torch.set_num_threads(info.threads)
            weights = None
            if checkpoint is None and info.start is not None:
                weights = read_again(info.start, info.spec, info.data.classes)
            begun, longer = info, self._longer(info, recipe, checkpoint)

            def make() -> Trainer:
                trainer = Trainer(self._folder, longer, data, device, self._ranks, weights)
                if checkpoint is None:
                    trainer.said = (ANEW, *trainer.said)
                else:
                    trainer.restore(checkpoint)
                if longer is not begun:
                    # Last of all, and at once: a run is as it was, or goes on to its new end.
                    trainer.said = extension_sentences(
                        begun.recipe, recipe, trainer.step, trainer.steps_per_epoch, len(_final_tests(self._folder))
                    )
                    self._ranks.together(lambda: self._write(longer))
                return trainer

            return self._drive(make, longer)

    def _clear_away(self) -> None:
        """Remove what asks the run to stop or wait, and what a killed writer left."""
        if not self._ranks.first:
            return
        left = [path for name in (LAST_FILE, BEST_FILE) for path in self._folder.glob(f"{name}.tmp-*")]
        for path in (self._folder / STOP_FILE, self._folder / PAUSE_FILE, *left):
            with contextlib.suppress(OSError):  # a read-only folder is refused by the first checkpoint
                path.unlink(missing_ok=True)

    def _pictures(self, info: RunInfo, moved_to: str) -> tuple[RunInfo, DataSet]:
        """The pictures of a run that goes on; where they were found elsewhere, the run keeps the new place.

        Raises:
            InputError: they are gone, or others by now.
        """
        if not moved_to:
            check_there(info)
            data = self._load(info.recipe, info.spec.input, info.data)
            check_same(info, data.identity)
            return info, data
        recipe = msgspec.structs.replace(info.recipe, data=placed(moved_to))
        data = self._load(recipe, info.spec.input, info.data)
        check_moved(info, data.identity, moved_to)
        info = msgspec.structs.replace(info, recipe=recipe)
        self._ranks.together(lambda: self._write(info))
        return info, data

    def _longer(self, info: RunInfo, recipe: Recipe, checkpoint: dict[str, Any] | None) -> RunInfo:
        """A run that has this many epochs from now on."""
        before, after = info.recipe.epochs, recipe.epochs
        if before == after or checkpoint is None:
            return info
        # The first rank's clock: all ranks hold the same.
        date = self._ranks.together(now_text)
        extension = Extension(step=checkpoint["step"], before=before, after=after, date=date)
        return msgspec.structs.replace(
            info,
            recipe=msgspec.structs.replace(info.recipe, epochs=after),
            extensions=(*info.extensions, extension),
        )

    def _ended_after(self, info: RunInfo) -> int:
        """The epoch after which a run ended early, as its patience was over; 0 if it did not."""
        ended = replay(self._folder, steps=False).ended
        if ended is None or ended.status != "finished" or ended.result is None:
            return 0
        return ended.result.epochs if ended.result.epochs < info.recipe.epochs and not info.recipe.steps else 0

    def _has_begun(self) -> bool:
        """Whether there is a checkpoint to go on from.

        Raises:
            InputError: there is none although the run had come to an end: somebody has removed it.
        """
        if (self._folder / LAST_FILE).is_file():
            return True
        ended = replay(self._folder, steps=False).ended
        if ended is not None and ended.result is not None:
            raise InputError(f"{self._folder} has lost its checkpoint ({LAST_FILE}); start the run anew.")
        return False

    def _device(self, name: str) -> torch.device:
        if self._ranks.world > 1 and ":" in name:
            raise InputError(f"Several processes cannot share '{name}'; name --device cuda, and each takes its own.")
        if self._ranks.world > 1 and name in {"auto", "cuda"} and torch.cuda.is_available():
            return resolve_device(f"cuda:{self._ranks.local}")
        return resolve_device(name)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """The first rank's lock; all ranks are refused with it."""
        with contextlib.ExitStack() as held:
            self._ranks.together(lambda: held.enter_context(writing(self._folder)))
            yield

    def _load(
        self, recipe: Recipe, shape: tuple[int, int, int], known: DataIdentity | Scaling | None = None
    ) -> DataSet:
        data, tell = recipe.data, self._on_description or untold
        try:
            found = load(data, shape, self._watch, tell, known=known, recipe=recipe)
        except MemoryError as error:
            raise InputError(
                f"This computer has too little memory to read the pictures of '{data}' at {shape[1]}×{shape[2]}; "
                "close other programs, or train with a smaller input (--input)."
            ) from error
        if not self._ranks.all_equal(found.identity.sha256 + found.identity.final_sha256):
            raise InputError(f"The processes of this training do not read the same pictures from '{data}'.")
        return found

    def _watch(self, done: int, total: int) -> None:
        if self._on_reading is not None:
            self._on_reading(done, total)
        if self._control.stopped:
            raise StoppedError("Stopped while the pictures were being read; nothing was trained.")

    def _info(self, job: Train, data: DataSet, device: torch.device) -> RunInfo:
        recipe = msgspec.structs.replace(job.recipe, data=placed(job.recipe.data))
        spec = evolve(job.spec, classes=len(data.identity.classes))
        planned = plan(spec)
        part = max(1, recipe.batch_size // (recipe.accumulate * self._ranks.world))
        if device.type == "cpu":
            torch.set_num_threads(job.threads or useful_threads(part * totals(planned).cost.macs))
        layout = resolve_layout(recipe.layout)
        return RunInfo(
            name=job.name,
            spec=spec,
            recipe=recipe,
            data=data.identity,
            device=str(device),
            precision=resolve_precision(recipe.precision, device),
            threads=torch.get_num_threads(),
            threads_chosen=bool(job.threads),
            versions={"resnet-gui": __version__, "torch": str(torch.__version__)},
            created=now_text(),
            processes=self._ranks.world,
            layout="channels-last" if layout == torch.channels_last else "contiguous",
        )

    def _write(self, info: RunInfo) -> None:
        try:
            write_run_info(self._folder, info)
        except OSError as error:
            raise InputError(f"The run folder {self._folder} cannot be written: {error.strerror or error}.") from error

    def _remove_if_unused(self) -> None:
        """Take back a folder that never became a run."""
        if self._folder.is_dir() and not (self._folder / RUN_FILE).exists():
            (self._folder / LOCK_FILE).unlink(missing_ok=True)
            if not any(self._folder.iterdir()):
                self._folder.rmdir()

    def _drive(self, make: Callable[[], Trainer], info: RunInfo) -> RunEnded:
        """Train to the end and turn whatever goes wrong, from building the network on, into the run's last word."""
        log = self._open_log()
        trainer: Trainer | None = None

        def tell(event: RunEvent) -> None:
            if log is not None:
                log.append(event)
                self._emit(event)

        def sync() -> None:
            if log is not None:
                log.sync()

        try:
            trainer = make()
            with settled_memory():
                ended = _with_count(trainer.run(tell, self._control, sync), self._folder)
        except Exception as error:
            if trainer is None and isinstance(error, InputError):  # nothing has begun, so nothing has failed
                if log is not None:
                    log.close()
                raise
            ended = self._failed(error, info, trainer.step if trainer is not None else 0)
        try:
            tell(ended)
        except OSError:
            # A full disk may still have room for a word without its trace.
            with contextlib.suppress(OSError):
                if log is not None:
                    log.append(msgspec.structs.replace(ended, details=""))
            self._emit(ended)
        finally:
            if log is not None:
                log.close()
        return ended

    def _open_log(self) -> EventLog | None:
        if not self._ranks.first:
            return None
        try:
            return EventLog(self._folder)
        except OSError as error:
            raise InputError(f"The run folder {self._folder} cannot be written: {error.strerror or error}.") from error

    def _failed(self, error: Exception, info: RunInfo, step: int) -> RunEnded:
        cause = cause_of(error)
        sentence = failure_sentence(error, info, kept=(self._folder / LAST_FILE).is_file())
        details = traceback.format_exc()
        self._ranks.report(sentence)
        capacity = 0
        if cause == "memory":
            # What the failed step held is free again when its frames are.
            error.__traceback__ = None
            device = torch.device(info.device)
            with contextlib.suppress(RuntimeError):
                capacity = capacity_of(device)
        return RunEnded("failed", step, sentence, details, cause=cause, capacity=capacity)


def _final_tests(folder: Path) -> frozenset[int]:
    """The steps after which the test part of a run's data has been counted."""
    return frozenset(replay(folder, steps=False).final_tests)


def _with_count(ended: RunEnded, folder: Path) -> RunEnded:
    """The last word of a run with how many times its test part has been counted, the same weights once."""
    if ended.result is None or ended.result.final_top1 is None:
        return ended
    count = len(_final_tests(folder) | {ended.step})
    return msgspec.structs.replace(ended, result=msgspec.structs.replace(ended.result, final_count=count))


def _count_sentence(folder: Path, had: int, have: int) -> str:
    how = "without torchrun" if had == 1 else f"with torchrun --nproc-per-node {had}"
    return (
        f"{folder} was trained by {had} process{'es' if had > 1 else ''} and would not go on exactly with {have}; "
        f"resume it {how}."
    )

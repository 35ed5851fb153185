"""What an engine does for each kind of job: one function a kind, in a table that is checked when it is imported."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluation_handlers import EVALUATION_HANDLERS
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.engine.process import log_to
from resnet_gui.protocol.answers import check_complete
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.events import Appended, Event, JobDone, Progressed, Verified
from resnet_gui.protocol.explain_events import Attribution, AttributionGrown
from resnet_gui.protocol.jobs import (
    Describe,
    Download,
    Estimate,
    ExplainRequest,
    ExportEvents,
    ExportOnnx,
    Extend,
    Identify,
    Job,
    LoadModel,
    Predict,
    Resume,
    ShowClassPictures,
    ShowPictures,
    Train,
    Training,
    Verify,
)
from resnet_gui.protocol.lab_messages import DeleteBlocks, MeasureExperiment
from resnet_gui.protocol.start_messages import FitWeights
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.events import Probed, RunEnded, RunEvent, RunStarted, StepDone
from resnet_gui.runs.folder import LOG_FILE

if TYPE_CHECKING:
    from resnet_gui.data.layouts.description import DataDescription
    from resnet_gui.engine.inference_service import InferenceService
    from resnet_gui.engine.lab.lesion_service import LesionService
    from resnet_gui.engine.train.control import Control

LOG = logging.getLogger("resnet_gui.engine")
NICE: Final = 10
"""Trainings give way to the window: measured, it costs them nothing and keeps the window fluid."""

PROGRESS_SECONDS: Final = 0.1
UNPACKING: Final = "bytes unpacked"
APPENDED_SECONDS: Final = 0.05
"""Steps are announced so often at most: a small network makes a thousand a second, and a screen shows few of them."""


class AppendedNotifier:
    """The bell of a run folder that holds more, rung no more often than a screen can show; events are read there."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._job = 0
        self._sent_at = 0.0
        self._owed = False

    def begin(self, job: int) -> None:
        """The training with this number begins."""
        self._job = job

    def notify(self) -> None:
        """Say it now."""
        self._sent_at, self._owed = time.monotonic(), False
        self._send(Appended(self._job))

    def notify_soon(self) -> None:
        """Say it now, or with the next heartbeat if it was said a moment ago."""
        if time.monotonic() - self._sent_at < APPENDED_SECONDS:
            self._owed = True
        else:
            self.notify()

    def flush(self) -> None:
        """Say what is owed: the last step before a long test of the network must not wait for the next one."""
        if self._owed:
            self.notify()

    def end(self) -> None:
        """The training is over; its end was sent by itself."""
        self._owed = False


class JobContext:
    """The things that the functions which do jobs share.

    Attributes:
        send: writes an event to the window.
        queue: what is still to do, and what was given up.
        control: of the training; commands reach it from the thread that listens.
        cancelled: whether measuring was given up because a training wants the device.
        appended: the bell of the training.
    """

    def __init__(self, send: Callable[[Event], None], queue: JobQueue, do: Callable[[Job], None]) -> None:
        from resnet_gui.engine.train.control import Control

        self.send, self.queue, self._do = send, queue, do
        self.control: Control = Control()
        self.cancelled = threading.Event()
        self.appended = AppendedNotifier(send)
        self._progress_sent_at = 0.0

    @cached_property
    def inference(self) -> InferenceService:
        """What answers questions about pictures; imported with the first of them."""
        from resnet_gui.engine.inference_service import InferenceService

        return InferenceService(self.send)

    @cached_property
    def lesions(self) -> LesionService:
        """What answers questions about networks without some blocks; imported with the first of them."""
        from resnet_gui.engine.lab.lesion_service import LesionService

        return LesionService()

    def serve_quick(self) -> None:
        """Answer what is answered soon, in the middle of something longer."""
        while (job := self.queue.take_quick()) is not None:
            self._do(job)

    def serve_questions(self) -> None:
        """Answer whatever waits but measurements, in the middle of a measurement."""
        while (job := self.queue.take_question()) is not None:
            self._do(job)

    def interruptible(self, job: int) -> Callable[[], bool]:
        """A function that answers short questions and says whether to go on with a job; asked between two batches."""

        def go_on() -> bool:
            self.serve_quick()
            return not (self.queue.dropped(job) or self.queue.ended())

        return go_on

    def progress(self, job: int, what: str, done: int, total: int, note: str = "") -> None:
        """Say how far a job is, ten times a second at most."""
        now = time.monotonic()
        if now - self._progress_sent_at > PROGRESS_SECONDS or done == total:
            self._progress_sent_at = now
            self.send(Progressed(job, what, done, total, note))


class DataProgress:
    """The words about a job's data while they are unpacked, looked through and read."""

    def __init__(self, context: JobContext, job: int) -> None:
        self._context, self._job = context, job
        self._note = ""

    def tell(self, news: str | DataDescription) -> None:
        """An archive will be unpacked, which stays said meanwhile; or it is known what the data hold."""
        self._note = news if isinstance(news, str) else ""
        if self._note:
            self._context.send(Progressed(self._job, UNPACKING, 0, 0, self._note))

    def watch(self, done: int, total: int) -> None:
        """So many bytes are unpacked, files found or pictures read, of so many."""
        if not total:
            self._note = ""
        what = UNPACKING if self._note else "reading pictures" if total else "files found"
        self._context.progress(self._job, what, done, total, self._note)


def _verify(context: JobContext, job: Verify) -> None:
    from resnet_gui.design.torchvision import torchvision_name
    from resnet_gui.engine.export.verify import against_torchvision, verify

    answer, name = verify(job.job, job.spec), torchvision_name(job.spec)
    if isinstance(answer, Verified):
        answer = msgspec.structs.replace(answer, torchvision=name)
    context.send(answer)
    if name and isinstance(answer, Verified):
        # The first time this imports torchvision, which takes seconds; the answer above is out already.
        context.send(against_torchvision(job.job, job.spec, name))
    context.send(JobDone(job.job))


def _identify(context: JobContext, job: Identify) -> None:
    from resnet_gui.engine.export.files import identified

    context.send(identified(job.job, job.path))


def _export_onnx(context: JobContext, job: ExportOnnx) -> None:
    from resnet_gui.engine.export.files import export_design

    context.send(export_design(job.design, "onnx", Path(job.path), job=job.job))


def _export_events(context: JobContext, job: ExportEvents) -> None:
    from resnet_gui.engine.export.tensorboard import write_tensorboard

    write_tensorboard(job.runs, Path(job.path))
    context.send(JobDone(job.job))


def _train(context: JobContext, job: Training) -> None:
    from resnet_gui.engine.train.run import train

    if hasattr(os, "nice"):
        os.nice(NICE)
    context.appended.begin(job.job)

    def tell(event: RunEvent) -> None:
        match event:
            case RunStarted():
                log_to(Path(job.run) / LOG_FILE)
                context.send(event)
            case RunEnded():
                context.send(event)
            case StepDone() | Probed():
                context.appended.notify_soon()
            case _:
                context.appended.notify()

    progress = DataProgress(context, job.job)
    ended = train(job, tell, context.control, watch=progress.watch, tell_data=progress.tell)
    if ended.status == "failed":
        LOG.error("The training of %s failed: %s\n%s", job.run, ended.message, ended.details)
    context.appended.end()
    context.send(JobDone(job.job))


def _run_sweep(context: JobContext, job: RunSweep) -> None:
    from resnet_gui.engine.sweep.scheduler import run_sweep

    if hasattr(os, "nice"):
        os.nice(NICE)
    run_sweep(job, context.send, context.control)
    context.send(JobDone(job.job))


def _measure_experiment(context: JobContext, job: MeasureExperiment) -> None:
    from resnet_gui.engine.lab.runner import measure_experiment

    if hasattr(os, "nice"):
        os.nice(NICE)

    go_on = context.interruptible(job.job)
    measure_experiment(job, context.send, context.control, lambda: not go_on())
    context.send(JobDone(job.job))


def _delete_blocks(context: JobContext, job: DeleteBlocks) -> None:
    context.send(context.lesions.answer(job))


def _load_model(context: JobContext, job: LoadModel) -> None:
    from resnet_gui.engine.predict.quantising import QuantisingStopped

    def watch(done: int, total: int) -> bool:
        context.progress(job.job, "passes of the comparison of int8 with exact answers", done, total)
        # No short question in between: it would ask for the same network, and compare it once more.
        return not (context.queue.dropped(job.job) or context.queue.ended())

    try:
        context.send(context.inference.load_model(job, watch))
    except QuantisingStopped:
        # Whoever gave it up waits for the end of the job.
        context.send(JobDone(job.job))


def _fit_weights(context: JobContext, job: FitWeights) -> None:
    from resnet_gui.engine.train.start.starting_weights import weights_fitted

    context.send(weights_fitted(job))


def _explain(context: JobContext, job: ExplainRequest) -> None:
    context.send(context.inference.explain(job))


def _attribute(context: JobContext, job: Attribute) -> None:
    from resnet_gui.engine.explain.attribution.attribution import AttributionWatch

    def progressed(done: int, total: int) -> None:
        # What was given up ends before a newer question begins inside of it.
        if context.queue.dropped(job.job) or not context.interruptible(job.job)():
            raise InputError("Not finished: something else was asked.")
        context.progress(job.job, "passes through the network", done, total)

    def grown(attribution: Attribution) -> None:
        context.send(AttributionGrown(job.job, attribution))

    context.send(context.inference.attribute(job, AttributionWatch(progressed, grown)))


def _predict(context: JobContext, job: Predict) -> None:
    context.inference.predict(job, context.interruptible(job.job))


def _download(context: JobContext, job: Download) -> None:
    from resnet_gui.engine.data.download import download

    download(job.name, lambda done, total: context.progress(job.job, "downloading", done, total))
    context.send(JobDone(job.job))


def _interruptible(context: JobContext, job: int, progress: DataProgress) -> Callable[[int, int], None]:
    """A Watch that answers short questions meanwhile, and raises when the job was given up."""

    def watch(done: int, total: int) -> None:
        context.serve_quick()
        if context.queue.dropped(job) or context.queue.ended():
            raise InputError("Not looked through: other data were chosen.")
        progress.watch(done, total)

    return watch


def _describe(context: JobContext, job: Describe) -> None:
    from resnet_gui.engine.train.estimate import describe_data_set

    progress = DataProgress(context, job.job)
    watch = _interruptible(context, job.job, progress)
    context.send(describe_data_set(job, watch, context.send, progress.tell))


def _estimate(context: JobContext, job: Estimate) -> None:
    from resnet_gui.engine.train.estimate import estimate

    def given_up() -> bool:
        """Asked between the steps that are measured."""
        context.serve_questions()
        return context.cancelled.is_set() or context.queue.dropped(job.job)

    context.cancelled.clear()
    context.send(estimate(job, given_up))


def _show_pictures(context: JobContext, job: ShowPictures) -> None:
    from resnet_gui.engine.data.set_thumbnails import show_pictures

    context.send(show_pictures(job))


def _show_class_pictures(context: JobContext, job: ShowClassPictures) -> None:
    from resnet_gui.engine.data.class_pictures import show_classes

    progress = DataProgress(context, job.job)
    for shown in show_classes(job, _interruptible(context, job.job, progress), progress.tell):
        context.send(shown)
    context.send(JobDone(job.job))


HANDLERS: Final[dict[type[Job], Callable[[JobContext, Any], None]]] = {
    Verify: _verify,
    Train: _train,
    Resume: _train,
    Extend: _train,
    RunSweep: _run_sweep,
    MeasureExperiment: _measure_experiment,
    DeleteBlocks: _delete_blocks,
    LoadModel: _load_model,
    FitWeights: _fit_weights,
    Predict: _predict,
    **dict.fromkeys(get_args(ExplainRequest), _explain),
    Attribute: _attribute,
    Identify: _identify,
    ExportOnnx: _export_onnx,
    ExportEvents: _export_events,
    Download: _download,
    Describe: _describe,
    Estimate: _estimate,
    ShowPictures: _show_pictures,
    ShowClassPictures: _show_class_pictures,
    **EVALUATION_HANDLERS,
}
"""Kind of job -> the function that does it and sends its answers."""

check_complete(HANDLERS, Job, "a function that does it")

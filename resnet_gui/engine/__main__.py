"""``python -m resnet_gui.engine``: jobs on standard input, events on standard output, one JSON line each.

An engine ends within three seconds when its standard input closes, unless it was told to keep its run.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.log import log_uncaught, start_log
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.protocol.events import (
    Appended,
    Event,
    Failed,
    Heartbeat,
    JobDone,
    Progressed,
    Ready,
    Verified,
    encode_event,
)
from resnet_gui.protocol.jobs import (
    Cancel,
    Describe,
    Download,
    Drop,
    Estimate,
    Explain,
    ExportEvents,
    ExportOnnx,
    Identify,
    Job,
    Keep,
    LoadModel,
    Pause,
    Predict,
    Resume,
    ShowFilters,
    ShowHistograms,
    ShowMaps,
    ShowPictures,
    ShowUnitGradient,
    StepOnce,
    Stop,
    Train,
    Unpause,
    Verify,
    decode_message,
)
from resnet_gui.runs.events import Probed, RunEnded, RunEvent, RunStarted, StepDone
from resnet_gui.runs.folder import LOG_FILE

if TYPE_CHECKING:
    from resnet_gui.engine.inference_service import InferenceService
    from resnet_gui.engine.train.control import Control

LOG = logging.getLogger("resnet_gui.engine")
HEARTBEAT_SECONDS: Final = 1.0
NICE: Final = 10
"""Trainings give way to the window: measured, it costs them nothing and keeps the window fluid."""

TELL_SECONDS: Final = 0.1
APPENDED_SECONDS: Final = 0.05
"""Steps are announced so often at most: a small network makes a thousand a second, and a screen shows few of them."""

GRACE_SECONDS: Final = 2.5
"""From the closing of standard input to the end, whatever a training is doing."""


class Channel:
    """Writes events; threads may share it. A closed pipe is no error: the run folder keeps the events of a kept run."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, event: Event) -> None:
        """Write one line and flush it."""
        line = encode_event(event)
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except (BrokenPipeError, OSError, ValueError):
                return


def take_stdout() -> BinaryIO:
    """Keep the real standard output for events and point descriptor 1 at stderr, so that no library can break in."""
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return stream


def log_to(path: Path) -> None:
    """Send what libraries print to a run's log, which also outlives the window."""
    with path.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


class Engine:
    """Reads messages in a thread and does jobs one after the other on the main thread."""

    def __init__(self, channel: Channel) -> None:
        from resnet_gui.engine.train.control import Control

        self._channel = channel
        self._agenda = JobQueue()
        self._control: Control = Control()
        self._kept_desk: InferenceService | None = None
        self._keep = False
        self._told = 0.0
        self._training = 0
        self._announced = 0.0
        self._unannounced = False
        self._cancelled = threading.Event()

    def listen(self) -> None:
        """Read messages until standard input closes; runs in a thread of its own."""
        for line in sys.stdin.buffer:
            try:
                message = decode_message(line)
            except msgspec.MsgspecError as error:
                self._channel.send(Failed(0, f"The engine got a message that it does not know: {error}."))
                continue
            match message:
                case Pause():
                    self._control.pause()
                case Unpause():
                    self._control.unpause()
                case StepOnce():
                    self._control.step_once()
                case Cancel():
                    self._cancelled.set()
                case Drop(job=number):
                    self._agenda.drop(number)
                case Stop():
                    self._control.stop()
                case Keep():
                    self._keep = True
                case job:
                    self._agenda.put(job)
        self._orphaned()

    def _orphaned(self) -> None:
        self._agenda.put(None)
        if self._keep:
            return
        # A training gets the chance to write its checkpoint; nothing else is worth the wait.
        self._control.stop()
        timer = threading.Timer(GRACE_SECONDS, os._exit, (0,))
        timer.daemon = True
        timer.start()

    def beat(self) -> None:
        """Say each second that the engine is alive; runs in a thread of its own."""
        pause = threading.Event()
        while not pause.wait(HEARTBEAT_SECONDS):
            self._channel.send(Heartbeat())
            # The last step before a long test of the network must not wait for the next one.
            if self._unannounced:
                self._announce()

    def work(self) -> None:
        """Do jobs until standard input closes."""
        while (job := self._agenda.take()) is not None:
            self._safely(job)

    def _safely(self, job: Job) -> None:
        """Do one job, whatever comes of it."""
        try:
            if self._agenda.dropped(job.job):
                self._channel.send(JobDone(job.job))
            else:
                self._do(job)
        except InputError as error:
            self._channel.send(Failed(job.job, str(error)))
        except Exception as error:  # noqa: BLE001, RUF100 (an engine outlives its jobs)
            from resnet_gui.engine.failure_text import failure_sentence

            LOG.exception("A job of the kind %s failed", type(job).__name__)
            self._channel.send(Failed(job.job, failure_sentence(error), traceback.format_exc()))
        self._agenda.forget(job.job)

    def _do(self, job: Job) -> None:
        match job:
            case Verify():
                self._verify(job)
            case Identify():
                self._identify(job)
            case ExportOnnx():
                from resnet_gui.engine.export.files import export_design

                export_design(job.design, "onnx", Path(job.path))
                self._channel.send(JobDone(job.job))
            case Train() | Resume():
                self._train(job)
            case Predict():
                self._predict(job)
            case LoadModel():
                self._channel.send(self._desk().load_model(job))
            case Explain() | ShowMaps() | ShowFilters() | ShowHistograms() | ShowUnitGradient():
                self._channel.send(self._desk().explain(job))
            case Download():
                from resnet_gui.engine.data.download import download

                download(job.name, lambda done, total: self._progress(job.job, "downloading", done, total))
                self._channel.send(JobDone(job.job))
            case Estimate():
                from resnet_gui.engine.train.estimate import estimate

                self._cancelled.clear()
                self._channel.send(estimate(job, self._estimate_given_up))
            case _:
                self._channel.send(_answer(job))

    def _progress(self, job: int, what: str, done: int, total: int) -> None:
        """Tell how far a job is, ten times a second at most."""
        now = time.monotonic()
        if now - self._told > TELL_SECONDS or done == total:
            self._told = now
            self._channel.send(Progressed(job, what, done, total))

    def _verify(self, job: Verify) -> None:
        from resnet_gui.design.torchvision import torchvision_name
        from resnet_gui.engine.export.verify import against_torchvision, verify

        answer, name = verify(job.job, job.spec), torchvision_name(job.spec)
        if isinstance(answer, Verified):
            answer = msgspec.structs.replace(answer, torchvision=name)
        self._channel.send(answer)
        if name and isinstance(answer, Verified):
            # The first time this imports torchvision, which takes seconds; the answer above is out already.
            self._channel.send(against_torchvision(job.job, job.spec, name))

    def _identify(self, job: Identify) -> None:
        from resnet_gui.engine.export.files import identified

        self._channel.send(identified(job.job, job.path))

    def _train(self, job: Train | Resume) -> None:
        from resnet_gui.engine.train.run import train

        if hasattr(os, "nice"):
            os.nice(NICE)

        self._training = job.job

        def tell(event: RunEvent) -> None:
            match event:
                case RunStarted():
                    log_to(Path(job.run) / LOG_FILE)
                    self._channel.send(event)
                case RunEnded():
                    self._channel.send(event)
                case StepDone() | Probed() if time.monotonic() - self._announced < APPENDED_SECONDS:
                    self._unannounced = True
                case _:
                    self._announce()

        def watch(done: int, total: int) -> None:
            self._progress(job.job, "reading pictures", done, total)

        ended = train(job, tell, self._control, watch=watch)
        if ended.status == "failed":
            LOG.error("The training of %s failed: %s\n%s", job.run, ended.message, ended.details)
        self._unannounced = False
        self._channel.send(JobDone(job.job))

    def _announce(self) -> None:
        """Say that the run folder holds more; the events themselves are read there."""
        self._announced, self._unannounced = time.monotonic(), False
        self._channel.send(Appended(self._training))

    def _desk(self) -> InferenceService:
        """What answers questions about pictures; imported with the first of them."""
        if self._kept_desk is None:
            from resnet_gui.engine.inference_service import InferenceService

            self._kept_desk = InferenceService(self._channel.send)
        return self._kept_desk

    def _predict(self, job: Predict) -> None:
        def between() -> bool:
            """Whether to go on with the next batch."""
            self._serve_quick()
            return not (self._agenda.dropped(job.job) or self._agenda.ended())

        self._desk().predict(job, between)

    def _estimate_given_up(self) -> bool:
        """Asked between the steps that are measured."""
        self._serve_quick()
        return self._cancelled.is_set()

    def _serve_quick(self) -> None:
        """Answer what somebody is waiting for, in the middle of something longer."""
        while (quick := self._agenda.take_quick()) is not None:
            self._safely(quick)


def _answer(job: Describe | ShowPictures | ExportEvents) -> Event:
    """The one answer to a question."""
    match job:
        case Describe():
            from resnet_gui.engine.train.estimate import describe_data_set

            return describe_data_set(job)
        case ShowPictures():
            from resnet_gui.engine.data.set_thumbnails import show_pictures

            return show_pictures(job)
        case ExportEvents():
            from resnet_gui.engine.export.tensorboard import write_tensorboard

            write_tensorboard(job.runs, Path(job.path))
            return JobDone(job.job)


def ready() -> Ready:
    """What this engine can do; imports torch."""
    import torch

    from resnet_gui.engine.devices import list_devices, why_no_cuda

    versions = {"python": sys.version.split()[0], "torch": str(torch.__version__)}
    return Ready(os.getpid(), versions, list_devices(), why_no_cuda())


def main() -> int:
    """Run an engine until its standard input closes."""
    faulthandler.enable()
    start_log("engine")
    log_uncaught("engine")
    # The terminal's Ctrl+C is for the window, which then ends its engines in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Channel(take_stdout())
    engine = Engine(channel)
    # Listening begins before torch is loaded, which takes seconds in which the window may die.
    threading.Thread(target=engine.listen, name="listen", daemon=True).start()
    channel.send(ready())
    threading.Thread(target=engine.beat, name="heartbeat", daemon=True).start()
    engine.work()
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Threads that wait on a pipe must not keep a finished engine alive.
    os._exit(code)

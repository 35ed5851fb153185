"""The loops of an engine: a thread reads messages, another says that it is alive, the main thread does the jobs."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import sys
import threading
import traceback
from typing import BinaryIO, Final

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError, StoppedError
from resnet_gui.base.log import log_uncaught, start_log
from resnet_gui.engine.handlers import HANDLERS, LOG, JobContext
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.engine.malloc import give_back
from resnet_gui.protocol.events import Event, Failed, Heartbeat, JobDone, Ready, encode_event
from resnet_gui.protocol.jobs import (
    Cancel,
    Drop,
    Job,
    Keep,
    Message,
    Pause,
    StepOnce,
    Stop,
    Unpause,
    decode_message,
)

HEARTBEAT_SECONDS: Final = 1.0
REST_SECONDS: Final = 2.0
"""Without a job, until the engine does what is of use later; a training's job comes sooner."""

GRACE_SECONDS: Final = 2.5
"""From the closing of standard input to the end, whatever a training is doing."""


class Channel:
    """A writer of events that threads share. A closed pipe is no error: the run folder keeps a kept run's events."""

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


class Engine:
    """The engine's two loops: a thread reads messages, the main thread does jobs one after the other."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._queue = JobQueue()
        self._context = JobContext(channel.send, self._queue, self._do)
        self._keep = False

    def listen(self) -> None:
        """Read messages until standard input closes; runs in a thread of its own."""
        for line in sys.stdin.buffer:
            try:
                message = decode_message(line)
            except msgspec.MsgspecError as error:
                self._channel.send(
                    Failed(0, f"The engine got a message that it does not know: {decoding_fault(error, line)}.")
                )
                continue
            self._take(message)
        self._orphaned()

    def _take(self, message: Message) -> None:
        """Obey a command at once, in the middle of whatever is being done; a job waits for its turn."""
        match message:
            case Pause():
                self._context.control.pause()
            case Unpause():
                self._context.control.unpause()
            case StepOnce():
                self._context.control.step_once()
            case Cancel():
                self._context.cancelled.set()
            case Drop(job=number):
                self._queue.drop(number)
            case Stop():
                self._context.control.stop()
            case Keep():
                self._keep = True
            case job:
                self._queue.put(job)

    def _orphaned(self) -> None:
        self._queue.put(None)
        if self._keep:
            return
        # A training gets the chance to write its checkpoint; nothing else is worth the wait.
        self._context.control.stop()
        timer = threading.Timer(GRACE_SECONDS, os._exit, (0,))
        timer.daemon = True
        timer.start()

    def beat(self) -> None:
        """Say each second that the engine is alive; runs in a thread of its own."""
        pause = threading.Event()
        while not pause.wait(HEARTBEAT_SECONDS):
            self._channel.send(Heartbeat())
            self._context.appended.flush()

    def work(self) -> None:
        """Do jobs until standard input closes, and use the first moments without one."""
        while True:
            if not self._queue.wait(REST_SECONDS):
                self._rest()
            job = self._queue.take()
            if job is None:
                return
            self._do(job)

    def _rest(self) -> None:
        """Nobody asks: make ready what questions about pictures need, and give back what the last answers left."""
        try:
            self._context.inference.rest()
        except Exception:
            # Whoever asks is told.
            LOG.exception("What answers questions about pictures could not be made ready")
        give_back()

    def _do(self, job: Job) -> None:
        """Do one job, whatever comes of it."""
        try:
            if self._queue.dropped(job.job):
                self._channel.send(JobDone(job.job))
            else:
                HANDLERS[type(job)](self._context, job)
        except InputError as error:
            # What was given up in the middle is not at fault.
            given_up = self._queue.dropped(job.job)
            self._channel.send(
                JobDone(job.job) if given_up else Failed(job.job, str(error), stopped=isinstance(error, StoppedError))
            )
        except Exception as error:  # noqa: BLE001, RUF100 (an engine outlives its jobs)
            from resnet_gui.engine.failure_text import failure_sentence

            LOG.exception("A job of the kind %s failed", type(job).__name__)
            self._channel.send(Failed(job.job, failure_sentence(error), traceback.format_exc()))
        self._queue.forget(job.job)


def ready() -> Ready:
    """What this engine can do; imports torch."""
    import torch

    from resnet_gui.engine.devices import list_devices, why_no_cuda

    versions = {"python": sys.version.split()[0], "torch": str(torch.__version__)}
    if torch.version.cuda is not None:
        versions["cuda"] = torch.version.cuda
    return Ready(os.getpid(), versions, list_devices(), why_no_cuda())


def run() -> int:
    """Run an engine until its standard input closes; whoever calls has switched off the search for garbage."""
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
    # What was imported stays, and need not be looked through again.
    gc.freeze()
    gc.enable()
    threading.Thread(target=engine.beat, name="heartbeat", daemon=True).start()
    engine.work()
    return 0

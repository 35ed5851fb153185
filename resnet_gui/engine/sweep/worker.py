"""The process that trains one run of a sweep: a fork of one that has loaded torch, where the system can."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Literal

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.engine.failure_text import cause_of, failure_sentence
from resnet_gui.engine.process import log_to
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import Cause, RunEvent, RunStarted, RunStatus
from resnet_gui.runs.folder import LOG_FILE

GRACE_SECONDS: Final = 30.0
"""From the end of the process that started it to the end of this one, if a step and a checkpoint take so long."""

Command = Literal["pause", "unpause", "stop"]


class RunWord(msgspec.Struct, frozen=True):
    """The last word of a run's process.

    Attributes:
        status: how the run ended.
        message: why it failed; a sentence.
        cause: of the failure, in one word.
        kept: whether the run folder says so itself; it does not where the run could not begin.
    """

    status: RunStatus
    message: str = ""
    cause: Cause = ""
    kept: bool = True


_decoder: msgspec.msgpack.Decoder[Train | Resume] = msgspec.msgpack.Decoder(Train | Resume)


def train_in_process(encoded: bytes, connection: Connection) -> None:
    """Train one run, then say how it ended; what a new process does.

    Args:
        encoded: a ``Train`` or ``Resume`` as MessagePack.
        connection: brings ``Command`` s, takes the ``RunWord``; where its other end is gone, the run stops.
    """
    faulthandler.enable(2)
    # Ctrl+C goes to all processes of a terminal; the one that started this one then ends it in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(2, 1)  # standard output is for the result of a command
    control = Control()
    threading.Thread(target=_listen, args=(connection, control), name="listen", daemon=True).start()
    job = _decoder.decode(encoded)
    word = _trained(job, control)
    try:
        connection.send_bytes(msgspec.msgpack.encode(word))
    except OSError:  # nobody listens any more; the run folder says it too
        return


def _trained(job: Train | Resume, control: Control) -> RunWord:
    def follow(event: RunEvent) -> None:
        if isinstance(event, RunStarted):
            log_to(Path(job.run) / LOG_FILE)

    try:
        ended = train(job, follow, control)
    except InputError as error:
        stopped = control.stopped
        return RunWord("stopped" if stopped else "failed", "" if stopped else str(error), cause_of(error), kept=False)
    except Exception as error:  # noqa: BLE001, RUF100 (whatever it is, the other runs go on)
        return RunWord("failed", failure_sentence(error), cause_of(error), kept=False)
    return RunWord(ended.status, ended.message, ended.cause)


def _listen(connection: Connection, control: Control) -> None:
    """Obey commands until the other end is gone; then stop in order, so that nothing is lost."""
    while True:
        try:
            command = connection.recv_bytes().decode()
        except (EOFError, OSError):
            break
        match command:
            case "pause":
                control.pause()
            case "unpause":
                control.unpause()
            case _:
                control.stop()
    control.stop()
    timer = threading.Timer(GRACE_SECONDS, os._exit, (1,))
    timer.daemon = True
    timer.start()

"""One engine as a child process; the only file that starts a child.

A plain ``subprocess`` and not ``QProcess``: a training that the user asked to keep must outlive the window, and
QProcess kills its child when it goes.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import IO, Final

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from resnet_gui.base.files import PACKAGE
from resnet_gui.gui.kit.emitter import ThreadSafeEmitter
from resnet_gui.protocol.events import Event, Heartbeat, Ready, decode_event
from resnet_gui.protocol.jobs import Message, encode_message

LOG = logging.getLogger(__name__)
SILENCE_SECONDS: Final = 30.0
"""Without a heartbeat for so long, an engine that was ready counts as hung."""

START_SECONDS: Final = 180.0
"""Loading torch from a cold disk may take a minute; longer is a hang."""


class EngineProcess(QObject):
    """The child process of an engine: it is started, sent messages, and tells what it answers and how it ends.

    Attributes:
        ready: whether torch is loaded.

    Signals:
        answered: an event (never a heartbeat).
        ended: it is over: a sentence that says how, and whether that was wanted.
        silent: no heartbeat for ``SILENCE_SECONDS``.
    """

    answered = Signal(object)
    ended = Signal(str, bool)
    silent = Signal()
    _line = Signal(bytes)
    _closed = Signal()

    def __init__(self, parent: QObject | None = None, *, patience: float | None = None) -> None:
        super().__init__(parent)
        self.ready = False
        self._patience = patience or SILENCE_SECONDS
        self._wanted_end = False
        self._over = False
        self._complaints: deque[str] = deque(maxlen=20)
        self._heard = self._checked = time.monotonic()
        self._process = self._start()
        # The reader threads hand over to this thread.
        self._line.connect(self._read_line, Qt.ConnectionType.QueuedConnection)
        self._closed.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        self._emitter = ThreadSafeEmitter()
        self.destroyed.connect(self._emitter.close)
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="engine-in", daemon=True)
        self._writer.start()
        for work in (self._pump, self._listen_errors):
            threading.Thread(target=work, name="engine-out", daemon=True).start()
        self._watch = QTimer(self)
        self._watch.timeout.connect(self._check_silence)
        self._watch.start(1000)

    @property
    def pid(self) -> int:
        """Process number of the child."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child is there."""
        return not self._over and self._process.poll() is None

    def send(self, message: Message) -> None:
        """Send a message; one to an engine that has just died is lost, and ``ended`` follows."""
        self._outbox.put(encode_message(message))

    def close(self) -> None:
        """Let it end by itself: within three seconds, or never if it was told to keep its run."""
        self._wanted_end = True
        self._outbox.put(None)

    def flush(self, seconds: float) -> None:
        """Wait until a closed engine has got everything; the window would else leave with words unsaid."""
        self._writer.join(seconds)

    def kill(self, *, wanted: bool = True) -> None:
        """End it at once."""
        self._wanted_end = self._wanted_end or wanted
        self._process.kill()

    def wait(self, seconds: float) -> bool:
        """Wait for its end; for the closing of the window and for tests."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _start(self) -> subprocess.Popen[bytes]:
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return subprocess.Popen(
            [sys.executable, "-m", "resnet_gui.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Unbuffered: a buffer's lock, held by a reading thread, would stop Python from ending.
            bufsize=0,
            env=_environment(),
            # A session of its own: the terminal's Ctrl+C and hang-up are for the window alone.
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )

    def _write(self) -> None:
        """Hand messages to the child from a thread: the pipe of a hung engine fills up and then blocks its writer."""
        pipe = self._process.stdin
        if pipe is None:
            return
        with contextlib.suppress(OSError, ValueError), pipe:
            while (data := self._outbox.get()) is not None:
                while data:
                    data = data[os.write(pipe.fileno(), data) :]

    def _pump(self) -> None:
        emit, line_read, closed = self._emitter.emit, self._line, self._closed
        for line in _lines(self._process.stdout):
            if not emit(line_read, line):
                return
        self._process.wait()
        emit(closed)

    def _listen_errors(self) -> None:
        for line in _lines(self._process.stderr):
            self._complaints.append(line.decode(errors="replace").rstrip())

    def _read_line(self, line: bytes) -> None:
        self._heard = time.monotonic()
        try:
            event: Event = decode_event(line)
        except msgspec.MsgspecError as error:
            LOG.warning("The engine with process number %d sent a line that is no event: %s", self.pid, error)
            self._complaints.append(line.decode(errors="replace").rstrip())
            return
        if isinstance(event, Heartbeat):
            return
        if isinstance(event, Ready):
            self.ready = True
        self.answered.emit(event)

    def _finish(self) -> None:
        if self._over:
            return
        self._over = True
        self._watch.stop()
        self._outbox.put(None)
        how = describe_end(self._process.returncode)
        # Of an exception the last line says what it was.
        if self._process.returncode > 0 and self._complaints:
            how += f" ({self._complaints[-1][:200]})"
        if not self._wanted_end:
            words = "\n".join(self._complaints)
            LOG.error("The engine with process number %d %s; its last words:\n%s", self.pid, how, words)
        self.ended.emit(how, self._wanted_end)

    def _check_silence(self) -> None:
        limit, now = self._patience if self.ready else START_SECONDS, time.monotonic()
        if now - self._checked > limit / 2:
            # The check itself comes late: the computer stood still, and the engine with it.
            self._heard = now
        self._checked = now
        if now - self._heard > limit:
            self._heard = now
            LOG.warning("The engine with process number %d has been silent for %.0f s", self.pid, limit)
            self.silent.emit()


def _environment() -> dict[str, str]:
    """The child's environment: it imports this package, and nothing from the folder that the window was started in."""
    package = str(PACKAGE.parent)
    path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONSAFEPATH": "1", "PYTHONPATH": path}


def _lines(stream: IO[bytes] | None) -> Iterator[bytes]:
    """Whole lines of a pipe until it is closed; a last one without line feed too."""
    if stream is None:
        return
    rest = b""
    with stream:
        while chunk := os.read(stream.fileno(), 65_536):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
    if rest:
        yield rest


def describe_end(code: int) -> str:
    """How a process ended, in words that follow "The engine": "was killed (signal 9, SIGKILL)"."""
    if code == 0:
        return "ended"
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = "unknown"
        verb = "was killed" if -code in {9, 15} else "crashed"
        return f"{verb} (signal {-code}, {name})"
    return f"ended with exit code {code}"

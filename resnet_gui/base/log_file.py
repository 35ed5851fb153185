"""The file behind the log: rotating, and shared by every window and engine of this user."""

from __future__ import annotations

import contextlib
import logging
import platform
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from resnet_gui import __version__

MAX_BYTES: Final = 2**20
BACKUPS: Final = 3
LOCK_SECONDS: Final = 2.0
"""Nobody holds the log for longer than it takes to write an entry; who waits so long writes to stderr instead."""


class SharedLogHandler(RotatingFileHandler):
    """A rotating file that several processes write.

    Python's own handler keeps the file open, so that one process goes on writing into the file that another one has
    renamed. This one opens it for each entry, under a lock; entries are few. Its first one is preceded by a line that
    says which program this is. Nothing is made before there is something to say. Where the file cannot be written, the
    program goes on, and warnings and errors go to stderr.

    Args:
        path: the file; its folder is made when it is needed.
        role: of this process: "window" or "engine".
    """

    def __init__(self, path: Path, role: str) -> None:
        super().__init__(
            path, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", delay=True, errors="backslashreplace"
        )
        self._role, self._headed = role, False
        self.setFormatter(
            logging.Formatter(f"%(asctime)s %(levelname)s {role} %(process)d %(threadName)s %(name)s: %(message)s")
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Append an entry, whole, after what other processes have written."""
        # Here and not above: it takes longer to load than most programs run that never log.
        from filelock import FileLock

        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.baseFilename}.lock", timeout=LOCK_SECONDS):
                try:
                    self._append(record)
                finally:
                    self._close_stream()
        except (OSError, ValueError) as error:
            self._complain(record, error)

    def _close_stream(self) -> None:
        """Close the file; on a full disk that fails as the writing did, and the next entry must open it anew."""
        stream, self.stream = self.stream, None  # RotatingFileHandler does the same
        if stream is not None:
            stream.close()

    def _append(self, record: logging.LogRecord) -> None:
        if self.shouldRollover(record):
            # Windows renames no file that somebody reads; the log then grows a little beyond its size.
            with contextlib.suppress(OSError):
                self.doRollover()
        if self.stream is None:
            self.stream = self._open()
        if not self._headed:
            python = platform.python_version()
            self.stream.write(f"--- ResNet Explorer {__version__}, {self._role}, Python {python}, {sys.platform}\n")
            self._headed = True
        self.stream.write(self.format(record) + self.terminator)
        self.stream.flush()

    def _complain(self, record: logging.LogRecord, error: OSError | ValueError) -> None:
        """Say on stderr what the file cannot take."""
        if record.levelno >= logging.WARNING and sys.stderr is not None:
            with contextlib.suppress(OSError, ValueError):  # a closed stderr: there is nobody left to tell
                why = getattr(error, "strerror", None) or error
                sys.stderr.write(f"{self.baseFilename} cannot be written ({why}):\n")
                sys.stderr.write(self.format(record) + self.terminator)

"""What nobody caught: found, counted and written to the program's log, in the window and in its engines."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from resnet_gui.base.files import data_folder

LOG_NAME: Final = "resnet-gui.log"
ALWAYS: Final = 5
"""So many equal failures are logged each; of more, the tenth, the hundredth and so on: a storm must not push the log's
older entries out."""

TEXT_LENGTH: Final = 200
"""Characters of an exception's own text that a sentence repeats."""

_ROOT: Final = logging.getLogger("resnet_gui")
# Without a log, as on the command line, logging would print to stderr by itself.
_ROOT.addHandler(logging.NullHandler())


def log_path() -> Path:
    """Where the log is, or will be as soon as there is something to say."""
    return data_folder() / LOG_NAME


def start_log(role: str) -> None:
    """Write what this process logs to the log, as "window" or "engine"; once is enough, more changes nothing."""
    # Here and not above: this loads what the first paint of the window does without.
    from resnet_gui.base.log_file import SharedLogHandler

    if not any(isinstance(handler, SharedLogHandler) for handler in _ROOT.handlers):
        _ROOT.addHandler(SharedLogHandler(log_path(), role))
        _ROOT.setLevel(logging.INFO)


class Failure(NamedTuple):
    """An exception that nobody caught.

    Attributes:
        text: its kind and what it says, on one line: "ZeroDivisionError: division by zero".
        details: the traceback.
        place: what makes two failures equal: the kind, and the file and line that raised it.
        times: how often it has happened in this process, this time included.
    """

    text: str
    details: str
    place: tuple[str, str, int]
    times: int


class FailureLog:
    """A log in which equal failures are counted; any thread may tell it."""

    def __init__(self) -> None:
        # An object that dies while a failure is counted may fail itself, in the same thread.
        self._lock = threading.RLock()
        self._times: dict[tuple[str, str, int], int] = {}

    def add(self, error: BaseException, what: str) -> Failure:
        """Count and log an exception; ``what`` says what failed: "The window", "Thread engine-out"."""
        place = _place(error)
        with self._lock:
            times = self._times[place] = self._times.get(place, 0) + 1
        # Here and not above: the window has something to paint before anything fails.
        import traceback

        details = "".join(traceback.format_exception(error))
        said = " ".join(str(error).split())
        said = f"{said[:TEXT_LENGTH]}…" if len(said) > TEXT_LENGTH else said
        kind = type(error).__name__
        failure = Failure(f"{kind}: {said}" if said else kind, details, place, times)
        if worth_logging(times):
            again = f" (for the {times:,}. time)" if times > 1 else ""
            _ROOT.error("%s failed%s: %s\n%s", what, again, failure.text, details.rstrip())
        return failure


def worth_logging(times: int) -> bool:
    """Whether an event that happened so often is to be logged this time too."""
    return times <= ALWAYS or str(times).rstrip("0") == "1"


def _place(error: BaseException) -> tuple[str, str, int]:
    """Kind, file and line of an exception."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    file, line = (frames[0].filename, frames[0].lineno or 0) if frames else ("", 0)
    return type(error).__qualname__, file, line


def log_uncaught(role: str, tell: Callable[[Failure], None] | None = None) -> Callable[[], None]:
    """Log what ends the program or a thread, or fails where Python can only print it; it is printed as well.

    Args:
        role: of this process, as for ``start_log``, which the first failure calls.
        tell: also told of each failure but those of dying objects, in the thread where it happened; must not raise.

    Returns:
        A function that puts everything back as it was.
    """
    failures = FailureLog()
    before = sys.excepthook, threading.excepthook, sys.unraisablehook

    def found(error: BaseException, what: str) -> None:
        start_log(role)
        failure = failures.add(error, what)
        if tell is not None:
            tell(failure)

    def program(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            found(error, f"The {role}")
        before[0](kind, error, trace)

    def thread(what: threading.ExceptHookArgs) -> None:
        if isinstance(what.exc_value, Exception):
            found(what.exc_value, f"Thread {what.thread.name if what.thread else '(gone)'}")
        before[1](what)

    def unraisable(what: sys.UnraisableHookArgs) -> None:
        if isinstance(what.exc_value, Exception):
            start_log(role)
            failures.add(what.exc_value, f"{what.err_msg or 'The end of'} {what.object!r}")
        before[2](what)

    sys.excepthook, threading.excepthook, sys.unraisablehook = program, thread, unraisable

    def undo() -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before

    return undo

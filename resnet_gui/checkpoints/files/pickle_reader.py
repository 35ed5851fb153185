"""Pickles of every protocol as plain values; nothing that a pickle names is imported, called or changed.

torch's own restricted unpickler refuses whatever it does not know, and the standard library's calls what the pickle
names. This one knows the opcodes of protocols 0 to 5 and puts a stand-in where another would call.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from resnet_gui.checkpoints.files.opcodes import HANDLERS, STOP
from resnet_gui.checkpoints.files.stand_ins import (
    MAX_COPIED,
    Budget,
    CommandError,
    DamagedPickleError,
    GlobalName,
    StandIn,
    UnreadableTensorError,
)

Source = bytes | mmap.mmap
Blob = bytes | memoryview

MAX_OPCODES: Final = 5_000_000
"""A pickle with more is refused: each may make an object, and no network has so many (10,000 tensors: 0.4 million)."""
_LARGE: Final = 2**16
"""Bytes of a text of bytes that is not copied out of a mapped file."""
_MOST_ARGUMENTS: Final = 64
"""Of a function that is known; each call copies them."""
_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "builtins": ("eval", "exec", "compile", "__import__", "execfile", "open", "breakpoint"),
    **dict.fromkeys(
        ("os", "posix", "nt"),
        ("system", "popen", "exec", "spawn", "posix_spawn", "fork", "kill", "startfile", "remove", "unlink", "rmdir",
         "rename", "chmod", "putenv", "truncate", "open"),
    ),
    "shutil": ("rmtree", "move", "copy"),
    **dict.fromkeys(("subprocess", "pty", "runpy", "commands", "webbrowser"), ("",)),
    "importlib": ("import_module", "__import__"),
    "ctypes": ("CDLL", "cdll"),
    "socket": ("socket", "create_connection"),
}  # fmt: skip
"""Module -> how the names in it begin that no honest file of weights asks for: they run or destroy something."""

_RENAMED: Final = {"__builtin__": "builtins", "copy_reg": "copyreg", "torch.tensor": "torch._tensor"}

Call = Callable[..., object]


class PickleReader:
    """A machine that reads one pickle after another from a text of bytes.

    Attributes:
        at: where in the bytes it stands.
        calls: path of a function or class -> what stands in for calling it; everything else becomes a ``StandIn``.
        values: path of a global -> its value.
        load_persistent: what a persistent id stands for.
        budget: how many items may be copied.
    """

    def __init__(self, source: Source, at: int = 0, *, calls: Mapping[str, Call], values: Mapping[str, object]) -> None:
        self.source = source
        self.at = at
        self.calls = calls
        self.values = values
        self.load_persistent: Callable[[object], object] = lambda key: StandIn("", (key,))
        self.budget = Budget(MAX_COPIED)
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, object] = {}

    def load(self) -> object:
        """The next pickle's value; dictionaries, lists, tuples, texts and numbers as they are, and stand-ins.

        Raises:
            DamagedPickleError: it is cut off, holds what no pickle holds, or far too much.
            CommandError: it asks for what would run a command.
        """
        self.stack, self.below, self.memo = [], [], {}
        source, handlers = self.source, HANDLERS
        try:
            for _ in range(MAX_OPCODES):
                code = source[self.at]
                self.at += 1
                if code == STOP:
                    return self.stack.pop()
                handlers[code](self)
        except (DamagedPickleError, CommandError):
            raise
        except (LookupError, ValueError, TypeError, OverflowError, RecursionError, struct.error) as error:
            raise DamagedPickleError(f"it breaks off or holds what no pickle holds at byte {self.at}") from error
        raise DamagedPickleError(f"it holds more than {MAX_OPCODES:,} things, which no network needs")

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            DamagedPickleError: there are not so many.
        """
        end = self.at + size
        found = self.source[self.at : end]
        if len(found) != size:
            raise DamagedPickleError("it breaks off")
        self.at = end
        return found

    def take_blob(self, size: int) -> Blob:
        """The next bytes; many of them are not copied.

        Raises:
            DamagedPickleError: there are not so many.
        """
        if size < _LARGE or isinstance(self.source, bytes):
            return self.take(size)
        if self.at + size > len(self.source):
            raise DamagedPickleError("it breaks off")
        self.at += size
        return memoryview(self.source)[self.at - size : self.at]

    def take_number(self, size: int) -> int:
        """The next bytes as a number."""
        return int.from_bytes(self.take(size), "little")

    def take_line(self) -> bytes:
        """The bytes up to the end of the line.

        Raises:
            DamagedPickleError: there is none.
        """
        end = self.source.find(b"\n", self.at)
        if end < 0:
            raise DamagedPickleError("it breaks off")
        line = self.source[self.at : end]
        self.at = end + 1
        return line

    def pop_mark(self) -> list[Any]:
        """What was put on the stack since the last mark."""
        found = self.stack
        self.stack = self.below.pop()
        return found

    def find(self, module: str, name: str) -> object:
        """What stands for a global.

        Raises:
            CommandError: it would run a command.
            UnreadableTensorError: what follows is not written as pickles are.
        """
        path = f"{_RENAMED.get(module, module)}.{name}"
        parts = path.split(".")
        starts = _COMMANDS.get(parts[-2], ())
        if starts and parts[-1].startswith(starts):
            raise CommandError(path)
        if path.startswith("joblib.numpy_pickle"):
            # Bytes that are no pickle follow.
            raise UnreadableTensorError("is an array in joblib's own form; save a state_dict with torch.save")
        return self.values.get(path) or GlobalName(path)

    def call(self, function: object, args: object) -> object:
        """What a call gives: a tensor's record or a plain value where the function is known, else a stand-in.

        Raises:
            TypeError: a known function is called with what it does not take.
        """
        given = args if isinstance(args, tuple) else (args,)
        if not isinstance(function, GlobalName):
            return StandIn(function.path if isinstance(function, StandIn) else "", given)
        path = function.path
        match path:
            # How older protocols make an object of a class, and torch one of a subclass of tensors.
            case "copyreg._reconstructor":
                return self.call(given[0], ())
            case "copyreg.__newobj__":
                self.budget.spend(len(given))
                return self.call(given[0], given[1:])
            case "torch._tensor._rebuild_from_type_v2":
                made = self.call(given[0], given[2])
                if isinstance(made, StandIn) and len(given) > 3:
                    made.state = given[3]
                return made
        known = self.calls.get(path)
        if known is None:
            return StandIn(path, given)
        if len(given) > _MOST_ARGUMENTS:
            raise TypeError(f"'{path}' does not take so many arguments")
        return known(*given)

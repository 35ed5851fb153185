"""Pickles of every protocol as plain values; nothing that a pickle names is imported, called or changed.

torch's own restricted unpickler refuses whatever it does not know, and the standard library's calls what the pickle
names. This one knows the opcodes of protocols 0 to 5 (PEP 3154, PEP 574) and puts a stand-in where another would call.
"""

from __future__ import annotations

import codecs
import mmap
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

Source = bytes | mmap.mmap
Blob = bytes | memoryview

MAX_OPCODES: Final = 5_000_000
"""A pickle with more is refused: each may make an object, and no network has so many (10,000 tensors: 0.4 million)."""
_LARGE: Final = 2**16
"""Bytes of a text of bytes that is not copied out of a mapped file."""
_MAX_KEY: Final = 2**60
"""Numbers beyond it can all have one hash; as keys of a dictionary they would take a year."""

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


class DamagedPickleError(Exception):
    """A pickle that does not follow its own format: cut off, or with other bytes."""


class CommandError(Exception):
    """A pickle that asks for what would run a command, such as ``os.system``; it was not run."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class GlobalName:
    """The name of a class or function, which a pickle would import; it is never looked up."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path


class StandIn:
    """An object of any class: it keeps what the pickle gives it, and does nothing.

    Attributes:
        path: of the class, or of the function that would have made it.
        args: what it would have been called with.
        state: what its attributes would have been set to.
        items: what would have been set by key, as in a dictionary.
        values: what would have been appended, as to a list.
    """

    __slots__ = ("args", "items", "path", "state", "values")

    def __init__(self, path: str, args: tuple[object, ...] = ()) -> None:
        self.path = path
        self.args = args
        self.state: object = None
        self.items: dict[object, object] = {}
        self.values: list[object] = []


def put(into: dict[object, object], key: object, value: object) -> None:
    """Set an item, if the key is a plain one; others are dropped, as the hash of a nested tuple may take for ever."""
    kind = type(key)
    if kind in _PLAIN or (kind is int and -_MAX_KEY < key < _MAX_KEY):  # type: ignore[operator]
        into[key] = value


_PLAIN: Final = frozenset([str, bytes, bool, type(None), StandIn])

Call = Callable[..., object]


class PickleReader:
    """A machine that reads one pickle after another from a text of bytes.

    Attributes:
        at: where in the bytes it stands.
        calls: path of a function or class -> what stands in for calling it; everything else becomes a ``StandIn``.
        values: path of a global -> its value.
        load_persistent: what a persistent id stands for.
    """

    def __init__(self, source: Source, at: int = 0, *, calls: Mapping[str, Call], values: Mapping[str, object]) -> None:
        self.source = source
        self.at = at
        self.calls = calls
        self.values = values
        self.load_persistent: Callable[[object], object] = lambda key: StandIn("", (key,))
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
        source, handlers = self.source, _HANDLERS
        try:
            for _ in range(MAX_OPCODES):
                code = source[self.at]
                self.at += 1
                if code == _STOP:
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
        """
        path = f"{_RENAMED.get(module, module)}.{name}"
        parts = path.split(".")
        starts = _COMMANDS.get(parts[-2], ())
        if starts and parts[-1].startswith(starts):
            raise CommandError(path)
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
                return self.call(given[0], given[1:])
            case "torch._tensor._rebuild_from_type_v2":
                return self.call(given[0], given[2])
        known = self.calls.get(path)
        return StandIn(path, given) if known is None else known(*given)


_RENAMED: Final = {"__builtin__": "builtins", "copy_reg": "copyreg", "torch.tensor": "torch._tensor"}
_STOP: Final = ord(".")


# ---- opcodes: what each does to the machine


def _push(value: object) -> Callable[[PickleReader], None]:
    return lambda reader: reader.stack.append(value)


def _push_new(make: Callable[[], object]) -> Callable[[PickleReader], None]:
    return lambda reader: reader.stack.append(make())


def _number(size: int) -> Callable[[PickleReader], None]:
    return lambda reader: reader.stack.append(reader.take_number(size))


def _sized(size: int, make: Callable[[bytes], object]) -> Callable[[PickleReader], None]:
    """A text or number behind its length in so many bytes."""
    return lambda reader: reader.stack.append(make(reader.take(reader.take_number(size))))


def _blob(size: int) -> Callable[[PickleReader], None]:
    return lambda reader: reader.stack.append(reader.take_blob(reader.take_number(size)))


def _line(make: Callable[[bytes], object]) -> Callable[[PickleReader], None]:
    return lambda reader: reader.stack.append(make(reader.take_line()))


def _skipped(size: int) -> Callable[[PickleReader], None]:
    """A protocol's number or a frame's length, which tell nothing that the bytes do not."""

    def skip(reader: PickleReader) -> None:
        reader.take(size)

    return skip


def _utf8(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _old_text(data: bytes) -> str:
    # Python 2's texts are bytes; as latin-1 none is lost, and NumPy's arrays of that time are such texts.
    return data.decode("latin-1")


def _quoted(line: bytes) -> str:
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in {b"'", b'"'}:
        raise DamagedPickleError("a text has no quotes")
    return _old_text(codecs.escape_decode(line[1:-1])[0])


def _int_line(line: bytes) -> object:
    return line == b"01" if line in {b"00", b"01"} else int(line.rstrip(b"L"), 0)


def _signed(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


def _mark(reader: PickleReader) -> None:
    reader.below.append(reader.stack)
    reader.stack = []


def _pop(reader: PickleReader) -> None:
    if reader.stack:
        reader.stack.pop()
    else:
        reader.pop_mark()


def _tuple_of(count: int) -> Callable[[PickleReader], None]:
    def pack(reader: PickleReader) -> None:
        stack = reader.stack
        if len(stack) < count:
            raise DamagedPickleError("a tuple has too few parts")
        stack[-count:] = [tuple(stack[-count:])]

    return pack


def _tuple(reader: PickleReader) -> None:
    found = tuple(reader.pop_mark())
    reader.stack.append(found)


def _list(reader: PickleReader) -> None:
    found = reader.pop_mark()
    reader.stack.append(found)


def _dict(reader: PickleReader) -> None:
    found: dict[object, object] = {}
    _put_all(found, reader.pop_mark())
    reader.stack.append(found)


def _frozenset(reader: PickleReader) -> None:
    found = StandIn("builtins.frozenset")
    found.values = reader.pop_mark()
    reader.stack.append(found)


def _items_of(target: object) -> dict[object, object]:
    """Where items go: into a dictionary or a stand-in; with anything else they are lost."""
    return target if isinstance(target, dict) else target.items if isinstance(target, StandIn) else {}


def _values_of(target: object) -> list[object]:
    return target if isinstance(target, list) else target.values if isinstance(target, StandIn) else []


def _put_all(into: dict[object, object], pairs: Sequence[object]) -> None:
    for number in range(0, len(pairs), 2):
        put(into, pairs[number], pairs[number + 1])


def _set_item(reader: PickleReader) -> None:
    value, key = reader.stack.pop(), reader.stack.pop()
    put(_items_of(reader.stack[-1]), key, value)


def _set_items(reader: PickleReader) -> None:
    pairs = reader.pop_mark()
    _put_all(_items_of(reader.stack[-1]), pairs)


def _append(reader: PickleReader) -> None:
    value = reader.stack.pop()
    _values_of(reader.stack[-1]).append(value)


def _append_all(reader: PickleReader) -> None:
    found = reader.pop_mark()
    _values_of(reader.stack[-1]).extend(found)


def _build(reader: PickleReader) -> None:
    state = reader.stack.pop()
    target = reader.stack[-1]
    if isinstance(target, StandIn):
        target.state = state


def _memoize(reader: PickleReader) -> None:
    reader.memo[len(reader.memo)] = reader.stack[-1]


def _put_memo(size: int) -> Callable[[PickleReader], None]:
    def keep(reader: PickleReader) -> None:
        reader.memo[reader.take_number(size)] = reader.stack[-1]

    return keep


def _get_memo(size: int) -> Callable[[PickleReader], None]:
    return lambda reader: reader.stack.append(reader.memo[reader.take_number(size)])


def _put_memo_line(reader: PickleReader) -> None:
    place = int(reader.take_line())
    if not 0 <= place < 2**32:
        raise DamagedPickleError("a value has an impossible number")
    reader.memo[place] = reader.stack[-1]


def _global(reader: PickleReader) -> None:
    module, name = _utf8(reader.take_line()), _utf8(reader.take_line())
    reader.stack.append(reader.find(module, name))


def _stack_global(reader: PickleReader) -> None:
    name, module = reader.stack.pop(), reader.stack.pop()
    if type(name) is not str or type(module) is not str:
        raise DamagedPickleError("a name is no text")
    reader.stack.append(reader.find(module, name))


def _reduce(reader: PickleReader) -> None:
    args, function = reader.stack.pop(), reader.stack.pop()
    reader.stack.append(reader.call(function, args))


def _new_with_names(reader: PickleReader) -> None:
    named, args, function = reader.stack.pop(), reader.stack.pop(), reader.stack.pop()
    made = reader.call(function, args)
    if isinstance(made, StandIn) and isinstance(named, dict):
        made.items.update(named)
    reader.stack.append(made)


def _instance(reader: PickleReader) -> None:
    module, name = _utf8(reader.take_line()), _utf8(reader.take_line())
    args = tuple(reader.pop_mark())
    reader.stack.append(reader.call(reader.find(module, name), args))


def _object(reader: PickleReader) -> None:
    function, *args = reader.pop_mark()
    reader.stack.append(reader.call(function, tuple(args)))


def _persistent(reader: PickleReader) -> None:
    reader.stack.append(reader.load_persistent(reader.stack.pop()))


def _refused(reader: PickleReader) -> None:
    raise DamagedPickleError("it asks for what another program has registered")


def _nothing(reader: PickleReader) -> None:
    """A buffer that may not be written to is one that is not written to here."""


def _table() -> list[Callable[[PickleReader], None]]:
    """What stands for every byte that may begin an instruction."""

    def unknown(reader: PickleReader) -> None:
        raise DamagedPickleError(f"it holds what no pickle holds at byte {reader.at}")

    table = [unknown] * 256
    for code, handler in _OPCODES.items():
        table[code[0]] = handler
    return table


def _double(data: bytes) -> float:
    return float(struct.unpack(">d", data)[0])


def _fixed(size: int, make: Callable[[bytes], object]) -> Callable[[PickleReader], None]:
    return lambda reader: reader.stack.append(make(reader.take(size)))


_OPCODES: Final[Mapping[bytes, Callable[[PickleReader], None]]] = {
    b"\x80": _skipped(1), b"\x95": _skipped(8),
    b"N": _push(None), b"\x88": _push(True), b"\x89": _push(False),
    b"I": _line(_int_line), b"J": _fixed(4, _signed), b"K": _number(1), b"M": _number(2),
    b"L": _line(_int_line), b"\x8a": _sized(1, _signed), b"\x8b": _sized(4, _signed),
    b"F": _line(float), b"G": _fixed(8, _double),
    b"S": _line(_quoted), b"T": _sized(4, _old_text), b"U": _sized(1, _old_text),
    b"B": _blob(4), b"C": _blob(1), b"\x8e": _blob(8), b"\x96": _blob(8),
    b"V": _line(lambda line: line.decode("raw-unicode-escape")),
    b"X": _sized(4, _utf8), b"\x8c": _sized(1, _utf8), b"\x8d": _sized(8, _utf8),
    b"(": _mark, b"0": _pop, b"1": PickleReader.pop_mark, b"2": lambda reader: reader.stack.append(reader.stack[-1]),
    b")": _push(()), b"\x85": _tuple_of(1), b"\x86": _tuple_of(2), b"\x87": _tuple_of(3), b"t": _tuple,
    b"]": _push_new(list), b"l": _list, b"a": _append, b"e": _append_all,
    b"}": _push_new(dict), b"d": _dict, b"s": _set_item, b"u": _set_items,
    b"\x8f": _push_new(lambda: StandIn("builtins.set")), b"\x90": _append_all, b"\x91": _frozenset,
    b"g": lambda reader: reader.stack.append(reader.memo[int(reader.take_line())]), b"p": _put_memo_line,
    b"h": _get_memo(1), b"j": _get_memo(4), b"q": _put_memo(1), b"r": _put_memo(4), b"\x94": _memoize,
    b"c": _global, b"\x93": _stack_global, b"i": _instance, b"o": _object,
    b"R": _reduce, b"\x81": _reduce, b"\x92": _new_with_names, b"b": _build,
    b"P": lambda reader: reader.stack.append(reader.load_persistent(_old_text(reader.take_line()))), b"Q": _persistent,
    b"\x82": _refused, b"\x83": _refused, b"\x84": _refused, b"\x97": _refused, b"\x98": _nothing,
}  # fmt: skip
_HANDLERS: Final = _table()


def pairs_of(found: Iterable[object]) -> dict[object, object]:
    """A dictionary of pairs, as Python 2 pickled an ordered one.

    Raises:
        ValueError: they are no pairs.
    """
    into: dict[object, object] = {}
    for pair in found:
        if not isinstance(pair, list | tuple):
            raise ValueError("no pairs")
        key, value = pair
        put(into, key, value)
    return into

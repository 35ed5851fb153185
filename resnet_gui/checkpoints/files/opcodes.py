"""The opcodes of pickles: what each does to the machine that reads them (PEP 3154, PEP 574)."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from resnet_gui.checkpoints.files.stand_ins import DamagedPickleError, StandIn, put

if TYPE_CHECKING:
    from resnet_gui.checkpoints.files.pickle_reader import PickleReader

STOP: Final = ord(".")

Handler = Callable[["PickleReader"], None]


def _push(value: object) -> Handler:
    return lambda reader: reader.stack.append(value)


def _push_new(make: Callable[[], object]) -> Handler:
    return lambda reader: reader.stack.append(make())


def _number(size: int) -> Handler:
    return lambda reader: reader.stack.append(reader.take_number(size))


def _sized(size: int, make: Callable[[bytes], object]) -> Handler:
    """A text or number behind its length in so many bytes."""
    return lambda reader: reader.stack.append(make(reader.take(reader.take_number(size))))


def _blob(size: int) -> Handler:
    return lambda reader: reader.stack.append(reader.take_blob(reader.take_number(size)))


def _line(make: Callable[[bytes], object]) -> Handler:
    return lambda reader: reader.stack.append(make(reader.take_line()))


def _skipped(size: int) -> Handler:
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


def _pop_mark(reader: PickleReader) -> None:
    reader.pop_mark()


def _tuple_of(count: int) -> Handler:
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


def _put_memo(size: int) -> Handler:
    def keep(reader: PickleReader) -> None:
        reader.memo[reader.take_number(size)] = reader.stack[-1]

    return keep


def _get_memo(size: int) -> Handler:
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
        reader.budget.spend(len(named))
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


def _table() -> list[Handler]:
    """What stands for every byte that may begin an instruction."""

    def unknown(reader: PickleReader) -> None:
        raise DamagedPickleError(f"it holds what no pickle holds at byte {reader.at}")

    table: list[Handler] = [unknown] * 256
    for code, handler in _OPCODES.items():
        table[code[0]] = handler
    return table


def _double(data: bytes) -> float:
    return float(struct.unpack(">d", data)[0])


def _fixed(size: int, make: Callable[[bytes], object]) -> Handler:
    return lambda reader: reader.stack.append(make(reader.take(size)))


_OPCODES: Final[Mapping[bytes, Handler]] = {
    b"\x80": _skipped(1), b"\x95": _skipped(8),
    b"N": _push(None), b"\x88": _push(True), b"\x89": _push(False),
    b"I": _line(_int_line), b"J": _fixed(4, _signed), b"K": _number(1), b"M": _number(2),
    b"L": _line(_int_line), b"\x8a": _sized(1, _signed), b"\x8b": _sized(4, _signed),
    b"F": _line(float), b"G": _fixed(8, _double),
    b"S": _line(_quoted), b"T": _sized(4, _old_text), b"U": _sized(1, _old_text),
    b"B": _blob(4), b"C": _blob(1), b"\x8e": _blob(8), b"\x96": _blob(8),
    b"V": _line(lambda line: line.decode("raw-unicode-escape")),
    b"X": _sized(4, _utf8), b"\x8c": _sized(1, _utf8), b"\x8d": _sized(8, _utf8),
    b"(": _mark, b"0": _pop, b"1": _pop_mark, b"2": lambda reader: reader.stack.append(reader.stack[-1]),
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
HANDLERS: Final = _table()
"""What each byte that may begin an instruction does."""

"""What is wrong with a document that cannot be decoded, in plain words: the field, its value and what is wanted."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import shortened

LONGEST_VALUE: Final = 60

KINDS: Final = {
    "int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false", "array": "a list",
    "object": "a set of fields", "null": "nothing (null)", "bytes": "bytes as base64 text",
}  # fmt: skip
"""Name of a kind of value in msgspec's sentences -> in words."""

BOUNDS: Final = {">=": "from {} on", ">": "above {}", "<=": "up to {}", "<": "below {}"}

# Compiled when something is wrong, and not at each start.
_PLACE: Final = r"(?s)(.*?)(?: - at (?:`key` in )?`(\$[^`]*)`)?"
_STEP: Final = r"\.([^.\[]+)|\[(\d+|\.\.\.)\]"
_EXPECTED: Final = r"Expected `([^`]+)`(?: of length ((?:[<>]=? )?\d+))?(?: ([<>]=?) (\S+))?(?:,? got .*)?"
_MISSING: Final = r"(?s)Object missing required field `(.*)`"
_UNKNOWN: Final = r"(?s)Object contains unknown field `(.*)`"
_MALFORMED: Final = r"JSON is malformed: (.*) \(byte (\d+)\)"


def decoding_fault(error: Exception, document: object, kind: Any = None, name: str = "it") -> str:
    """What is wrong with a document, for the end of a sentence and without its full stop.

    Args:
        error: what msgspec raised; or what it lets through: bytes that are no text, and nesting that is too deep.
        document: JSON as text or bytes, or values as JSON has them.
        kind: the type that was to be decoded, by which the values of a choice are named.
        name: of the whole document, where that is a value of its own.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, InputError):
            return str(cause).rstrip(".")
        cause = cause.__cause__
    if isinstance(error, UnicodeDecodeError):
        return "it is not text"
    if isinstance(error, RecursionError):
        return "its values lie too deep in each other"
    if not isinstance(error, msgspec.MsgspecError):
        return str(error).rstrip(".")
    found = re.fullmatch(_PLACE, str(error).rstrip("."))
    said, path = (found[1], found[2] or "$") if found else (str(error), "$")
    if not isinstance(error, msgspec.ValidationError):
        return _not_json(said, document)
    steps = tuple(_steps(path))
    if "out of range" in said:
        where = _where(_too_large(document, steps)) or name
        return f"{where} holds a number that is too large"
    return _fault(said, _where(steps), name, _shown(_value(document, steps)), _choices(kind, steps))


def _not_json(said: str, document: object) -> str:
    if isinstance(document, bytes | str) and not document.strip():
        return "it is not JSON (it is empty)"
    if malformed := re.fullmatch(_MALFORMED, said):
        return f"it is not JSON ({malformed[1]} at byte {malformed[2]})"
    return "it is not JSON (it breaks off)" if "truncated" in said else "it is not JSON"


def _fault(said: str, where: str, name: str, shown: str, choices: tuple[object, ...]) -> str:
    inside, what = f" of {where}" if where else "", where or name
    if missing := re.fullmatch(_MISSING, said):
        return f"the field '{missing[1]}'{inside} is missing"
    if unknown := re.fullmatch(_UNKNOWN, said):
        return f"there is no field '{unknown[1]}'{inside}"
    if said.startswith("Invalid ") and choices:
        return f"{what} is {shown}; it must be one of {', '.join(map(_word, choices))}"
    if said.startswith("Invalid "):
        return f"{what} is {shown}, which is none of its values"
    if expected := re.fullmatch(_EXPECTED, said):
        return f"{what} is {shown}; it must be {_wanted(*expected.groups())}"
    said = said[:1].lower() + said[1:].replace("`", "'")
    return f"{where}: {said}" if where else said


def _wanted(kind: str, length: str | None, bound: str | None, limit: str | None) -> str:
    words = " or ".join(KINDS.get(each, each) for each in kind.split(" | "))
    if length is not None:
        words += f" of {length.replace('>=', 'at least').replace('<=', 'at most')} entries"
    return f"{words} {BOUNDS[bound].format(limit)}" if bound is not None else words


def _steps(path: str) -> Iterator[str | int]:
    """The way to a value: names of fields, and numbers in lists; "..." for one that is not told."""
    for name, number in re.findall(_STEP, path):
        yield name or (int(number) if number.isdecimal() else number)


def _where(steps: tuple[str | int, ...]) -> str:
    """A way in words, the innermost first: ``epochs of entry 1 of phases``."""
    words = (f"entry {step + 1}" if isinstance(step, int) else "an entry" if step == "..." else step for step in steps)
    return " of ".join(reversed(tuple(words)))


def _value(document: object, steps: tuple[str | int, ...]) -> object:
    """What stands there; the place itself is told where that is not known."""
    if isinstance(document, bytes | str):
        try:
            document = msgspec.json.decode(document)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return ...
    for step in steps:
        try:
            document = document[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return ...
    return document


def _too_large(document: object, steps: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The way to a number that msgspec cannot hold, with the names of the fields that it does not tell."""
    if isinstance(document, bytes | str):
        import json

        # Such a number is infinite here; an integer of very many digits is refused here too.
        with contextlib.suppress(ValueError, RecursionError):
            document = json.loads(document)
    return next(_ways(document, steps), steps)


def _ways(value: object, steps: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The ways to infinite numbers along steps of which some are not told."""
    if not steps:
        if isinstance(value, float) and math.isinf(value):
            yield ()
        return
    for step in value if steps[0] == "..." and isinstance(value, dict) else steps[:1]:
        try:
            inner = value[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            continue
        for way in _ways(inner, steps[1:]):
            yield (step, *way)


def _shown(value: object) -> str:
    """A value as JSON has it, and of a long one the beginning; what it is where it is several."""
    match value:
        case dict():
            return KINDS["object"]
        case list() | tuple():
            return f"a list of {len(value):,}" if value else "an empty list"
    try:
        return "of another kind" if value is ... else shortened(_word(value), LONGEST_VALUE)
    except (TypeError, ValueError):
        return "of another kind"


def _word(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else msgspec.json.encode(value).decode()


def _choices(kind: Any, steps: tuple[str | int, ...]) -> tuple[object, ...]:
    """The values that a field may have, if it has a few; empty where that is not known."""
    if kind is None:
        return ()
    import msgspec.inspect

    found: list[object] = []
    with contextlib.suppress(TypeError):
        found = list(_members(msgspec.inspect.type_info(kind)))
    for step in steps:
        found = [inner for each in found for inner in _inside(each, step)]
    return tuple(value for each in found for value in getattr(each, "values", ()))


def _inside(kind: Any, step: str | int) -> Iterator[object]:
    """The types of what lies in a value at a step, for each type that the value may have."""
    for name in ("item_type", "value_type"):
        if hasattr(kind, name):
            yield from _members(getattr(kind, name))
    types = getattr(kind, "item_types", ())
    if isinstance(step, int) and step < len(types):
        yield from _members(types[step])
    for field in getattr(kind, "fields", ()):
        if field.encode_name == step:
            yield from _members(field.type)


def _members(kind: Any) -> Iterator[object]:
    yield from getattr(kind, "types", (kind,))

"""What stands for the objects of a pickle: values that keep what they are given, and do nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MAX_KEY: Final = 2**60
"""Numbers beyond it can all have one hash; as keys of a dictionary they would take a year."""

MAX_COPIED: Final = 1_000_000
"""A pickle whose calls copy more items of lists and dictionaries is refused; most copy hardly any."""


class DamagedPickleError(Exception):
    """A pickle that does not follow its own format: cut off, or with other bytes."""


class UnreadableTensorError(Exception):
    """A tensor whose values cannot be had; the text is the end of a sentence that begins with the tensor's name."""


class CommandError(Exception):
    """A pickle that asks for what would run a command, such as ``os.system``; it was not run."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Budget:
    """A number of parts of a pickle that may be copied or looked at: a few bytes can name one list a million times.

    Attributes:
        most: of them in all.
        left: of them from now on.
    """

    __slots__ = ("left", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self.left = most

    def spend(self, things: int) -> None:
        """Count what is copied or looked at next.

        Raises:
            DamagedPickleError: it is too much.
        """
        self.left -= things
        if self.left < 0:
            raise DamagedPickleError(f"it names its parts more than {self.most:,} times, which no network needs")


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
    if is_plain_key(key):
        into[key] = value


def is_plain_key(key: object) -> bool:
    """Whether the hash of a key takes no time, and is not that of many others."""
    kind = type(key)
    return kind in _PLAIN or (kind is int and -_MAX_KEY < key < _MAX_KEY)  # type: ignore[operator]


_PLAIN: Final = frozenset([str, bytes, bool, type(None), StandIn])


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

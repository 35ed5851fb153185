"""What was used last, kept; the rest forgotten.

Fifteen lines instead of cachetools: what is kept here is a handful of networks, or pictures of one size, so a number of
entries bounds it well, and a count is all that is needed of its sizes, clocks, locks and decorators.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """The entries that were used last, none of them None; for one thread at a time.

    Args:
        size: entries that are kept, at least 1.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"a cache of {size} entries keeps nothing")
        self._size = size
        # A dictionary keeps the order in which its keys were put in: the first was used longest ago.
        self._entries: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The entry, which has been used now; None where there is none."""
        if key not in self._entries:
            return None
        value = self._entries.pop(key)
        self._entries[key] = value
        return value

    def put(self, key: K, value: V) -> V:
        """Keep an entry, and forget those that were used longest ago where there are too many; returns the entry."""
        self._entries.pop(key, None)
        while len(self._entries) >= self._size:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = value
        return value

    def get_or_make(self, key: K, make: Callable[[], V]) -> V:
        """The entry, made and kept where there is none; what ``make`` raises is passed on, and nothing kept."""
        found = self.get(key)
        return self.put(key, make()) if found is None else found

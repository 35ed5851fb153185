"""What was used last is kept."""

from __future__ import annotations

from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.cache import LruCache


def test_the_entry_that_was_used_longest_ago_is_forgotten() -> None:
    cache = LruCache[str, int](2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c"), len(cache)) == (1, None, 3, 2)


def test_an_entry_is_made_once_and_only_if_it_is_missing() -> None:
    cache, made = LruCache[str, list[int]](1), [0]

    def make() -> list[int]:
        made[0] += 1
        return []

    first = cache.get_or_make("a", make)
    assert cache.get_or_make("a", make) is first
    assert made == [1]


def test_an_entry_that_could_not_be_made_costs_none_that_is_there() -> None:
    cache = LruCache[str, int](1)
    cache.put("a", 1)
    with pytest.raises(ZeroDivisionError):
        cache.get_or_make("b", lambda: 1 // 0)
    assert (cache.get("a"), cache.get("b")) == (1, None)


def test_a_cache_keeps_at_least_one_entry() -> None:
    with pytest.raises(ValueError, match="a cache of 0 entries keeps nothing"):
        LruCache[str, int](0)


@given(st.integers(1, 4), st.lists(st.tuples(st.booleans(), st.integers(0, 6))))
def test_it_does_as_an_ordered_dictionary_that_is_cut_by_hand(size: int, uses: list[tuple[bool, int]]) -> None:
    cache, plain = LruCache[int, int](size), OrderedDict[int, int]()
    for number, (puts, key) in enumerate(uses):
        if puts:
            cache.put(key, number)
            plain[key] = number
        else:
            assert cache.get(key) == plain.get(key)
        if key in plain:
            plain.move_to_end(key)
        while len(plain) > size:
            plain.popitem(last=False)
        assert len(cache) == len(plain)

"""What a palette holds, and what of it a few letters find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class PaletteEntry(NamedTuple):
    """Something that the palette does.

    Attributes:
        group: under which heading it stands.
        title: what it is called, by which it is found.
        work: does it.
        detail: a word more, by which it is found too.
        key: that does the same, for people.
        reason: why it cannot be done now; empty if it can.
    """

    group: str
    title: str
    work: Callable[[], object]
    detail: str = ""
    key: str = ""
    reason: str = ""


def match_score(query: str, text: str) -> float | None:
    """How well the letters of a query stand in a text in their order; None if they do not.

    A run of letters counts more than as many single ones, more again at the beginning of a word or as a whole one, most
    where it is the text or begins it; of two texts with the same the shorter one is better.
    """
    query, text = query.casefold(), text.casefold()
    if not query:
        return 0.0
    found = text.find(query)
    if found >= 0:
        return 100.0 + 10.0 * len(query) + _place_score(query, text) - 0.1 * len(text)
    score, place = 0.0, -1
    for letter in query:
        after = text.find(letter, place + 1)
        if after < 0:
            return None
        begins = after == 0 or not text[after - 1].isalnum()
        score += 4.0 if after == place + 1 else 3.0 if begins else 1.0
        place = after
    return score - 0.1 * len(text)


def _place_score(query: str, text: str) -> float:
    """How well a run of letters stands in a text, at its best place; a whole word is better than a beginning."""
    best = 0.0
    found = text.find(query)
    while found >= 0:
        end = found + len(query)
        begins, ends = found == 0 or not text[found - 1].isalnum(), end == len(text) or not text[end].isalnum()
        place = 40.0 if found == 0 else 25.0 if begins else 0.0
        best = max(best, place + (30.0 if begins and ends else 0.0) + (30.0 if query == text else 0.0))
        found = text.find(query, found + 1)
    return best


def entry_score(query: str, entry: PaletteEntry) -> float | None:
    """How well every word of a query is found in an entry; what only its detail or group has counts less."""
    total = 0.0
    for word in query.split():
        best = match_score(word, entry.title)
        other = next((0.5 for text in (entry.detail, entry.group) if word.casefold() in text.casefold()), None)
        if best is None and other is None:
            return None
        total += max(value for value in (best, other) if value is not None)
    return total


def find_entries(query: str, entries: Sequence[PaletteEntry]) -> list[PaletteEntry]:
    """The entries that a query finds: group by group, that with the best first; all in their order without a query."""
    if not query.strip():
        return list(entries)
    scored = [(score, entry) for entry in entries if (score := entry_score(query, entry)) is not None]
    best: dict[str, float] = {}
    for score, entry in scored:
        best[entry.group] = max(score, best.get(entry.group, score))
    order = {group: -value for group, value in best.items()}
    scored.sort(key=lambda pair: (order[pair[1].group], pair[1].group, -pair[0]))
    return [entry for _, entry in scored]

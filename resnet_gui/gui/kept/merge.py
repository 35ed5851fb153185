"""Settings that two windows have changed, brought together: a three-way merge by field, and by item in lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

Fields = Mapping[str, Any]
"""Settings as JSON has them: field -> value; fields that this version does not know are kept as they are."""

GROUPS: Final = (
    ("design", "preset", "design_path", "design_saved", "history"),
    ("recipe", "start", "recipe_data"),
    ("evaluated", "evaluated_beside", "evaluated_data"),
    ("network", "network_request"),
    ("experiment", "experiment_scale"),
)
"""Fields that make sense only together: who changes one of them gives all of them."""

LISTS: Final = {
    "pins": 16, "recent": 10, "evaluated_recent": 6, "queue": 0, "followed": 0, "lab_drafts": 0, "recent_designs": 8,
    "runs_hidden": 200,
}  # fmt: skip
"""Lists of things that come and go one by one -> the most that are kept; 0 for no limit."""

BY_KEY: Final = frozenset(["column_widths"])
"""Fields whose keys come and go one by one."""

BY_TIME: Final = {"recent_designs": ("design", "when")}
"""Lists whose items say when they were used: the field that makes two items one, and the time; the latest is first."""

_Key = tuple[object, int]

Identity = Callable[[Any], object]
"""What makes two items one."""


def waiting_key(job: Any) -> tuple[object, object]:
    """What makes two waiting runs one, whichever window they wait in."""
    return (job.get("run"), job.get("job")) if isinstance(job, Mapping) else (job, 0)


IDENTITIES: Final[Mapping[str, Identity]] = {
    "lab_drafts": lambda draft: (draft.get("experiment"), draft.get("scale")),
    "queue": waiting_key,
}
"""Lists of items that stay the same one when they change; those of any other list are what they hold."""

REMOVED_FOR_GOOD: Final = frozenset(["queue"])
"""Lists in which what either has taken out is gone, even if the other has changed it: a run begins once."""

BASELINE: Final = "baseline"
"""The number of a pin, which another pin may have after a merge."""


def merge_settings(base: Fields, mine: Fields, theirs: Fields) -> dict[str, Any]:
    """Bring the changes of a window into what the file has.

    Args:
        base: what the window has read, or has written last.
        mine: what the window has now.
        theirs: what the file has now; another window may have written it.

    Returns:
        The file's settings with what has changed from ``base`` to ``mine``. In a list items are added and taken out one
        by one, as keys are. Where both have changed the same, this window's is the later one.
    """
    merged = {**mine, **theirs}
    for name in _changed(base, mine):
        lists = base.get(name, ()), mine[name], theirs.get(name, ())
        if name in BY_KEY:
            merged[name] = _merge_by_key(base.get(name, {}), mine[name], theirs.get(name, {}))
        elif name in BY_TIME:
            merged[name] = _merge_by_time(lists, *BY_TIME[name])[: LISTS[name]]
        elif name in LISTS:
            merged[name] = merge_items(
                *lists, most=LISTS[name], identity=IDENTITIES.get(name, content), final=name in REMOVED_FOR_GOOD
            )
        else:
            merged[name] = mine[name]
    if BASELINE in mine:
        merged[BASELINE] = _baseline(base, mine, theirs, merged.get("pins", ()))
    return merged


def _changed(base: Fields, mine: Fields) -> list[str]:
    """Fields that this window has changed, with those that go with them."""
    changed = [name for name in mine if mine[name] != base.get(name)]
    together = [name for group in GROUPS if set(group) & set(changed) for name in group if name in mine]
    return list(dict.fromkeys((*changed, *together)))


def content(item: Any) -> str:
    """What an item holds, as text: what makes two items one that never change."""
    return item if isinstance(item, str) else msgspec.json.encode(item, order="sorted").decode()


def merge_items(
    base: Sequence[Any],
    mine: Sequence[Any],
    theirs: Sequence[Any],
    *,
    most: int = 0,
    identity: Identity = content,
    final: bool = False,
) -> list[Any]:
    """Bring two lists together that were one.

    What either has taken out is gone unless the other has changed it, what either has added is there: the other's in
    front of the item that it stands in front of there, or at the end. The order is this window's if it has changed it.
    Equal items of a list are as many as they are.

    Args:
        base: what both began with.
        mine: what this window has now.
        theirs: what the other one has now.
        most: how many are kept, from the front; 0 for all.
        identity: what makes two items one.
        final: what either has taken out is gone, also if the other has changed it.
    """
    if list(theirs) == list(base):
        return list(mine)
    old, new, other = (_by_key(items, identity) for items in (base, mine, theirs))
    gone = {
        key for key in old
        for here, there in ((new, other), (other, new))
        if key not in here and (final or there.get(key, old[key]) == old[key])
    }  # fmt: skip
    order = [key for key in new if key not in gone]
    if [key for key in new if key in old] == [key for key in old if key in new]:
        # Only the other one may have ordered anew what both still have.
        common = iter([key for key in other if key in new and key not in gone])
        order = [next(common) if key in other else key for key in order]
    behind: _Key | None = None
    for key in reversed(other):
        if key in order:
            behind = key
        elif key not in gone:
            order.insert(order.index(behind) if behind is not None else len(order), key)
            behind = key
    items = {**other, **{key: item for key, item in new.items() if key not in other or item != old.get(key)}}
    return [items[key] for key in order][: most or None]


def _merge_by_key(base: Fields, mine: Fields, theirs: Fields) -> dict[str, Any]:
    """Bring what has changed under each key from ``base`` to ``mine`` into ``theirs``."""
    missing = object()
    kept = {key: value for key, value in theirs.items() if mine.get(key, missing) == base.get(key, missing)}
    return kept | {key: value for key, value in mine.items() if value != base.get(key, missing)}


def _merge_by_time(lists: tuple[Sequence[Any], Sequence[Any], Sequence[Any]], key: str, time: str) -> list[Any]:
    """Bring two lists of items that carry their time together, each once with its latest time, the latest first."""
    latest: dict[object, Any] = {}
    for item in sorted(merge_items(*lists), key=lambda item: float(item[time])):
        latest[content(item[key])] = item
    return sorted(latest.values(), key=lambda item: -float(item[time]))


def _baseline(base: Fields, mine: Fields, theirs: Fields, pins: Sequence[Any]) -> int:
    """The number of the baseline among the merged pins; −1 if there is none."""
    before, here, there = (_numbered(fields) for fields in (base, mine, theirs))
    wanted = here if here != before else there
    return next((number for number, pin in enumerate(pins) if pin == wanted), -1)


def _numbered(fields: Fields) -> Any:
    pins, number = fields.get("pins", ()), fields.get(BASELINE, -1)
    return pins[number] if 0 <= number < len(pins) else None


def _by_key(items: Sequence[Any], identity: Identity) -> dict[_Key, Any]:
    """Items by what makes them one, with a number for those that are equal."""
    seen: Counter[object] = Counter()
    found = {}
    for item in items:
        name = identity(item)
        found[name, seen[name]] = item
        seen[name] += 1
    return found

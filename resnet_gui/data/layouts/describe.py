"""From what a look through a folder has found, and what was made of it, to its description."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from resnet_gui.base.text import readable
from resnet_gui.data.file_kinds import CONVERTIBLE, conversion
from resnet_gui.data.layouts.description import (
    NAMED,
    ClassCount,
    DataDescription,
    LeftOut,
    PartName,
    PartSource,
    imbalance,
)
from resnet_gui.data.layouts.layout import Layout
from resnet_gui.data.layouts.scan import DEEPEST, Omissions, Scan

PARTS: Final[tuple[PartName, ...]] = ("training", "validation", "test")

USES: Final[dict[tuple[str, bool], str]] = {
    ("validation", True): "the weights are selected on it",
    ("test", True): "counted once, at the end",
    ("test", False): "the weights are selected on it",
}
"""What a held-out part is for, by whether there is a validation part."""


def describe(scan: Scan, layout: Layout, name: str) -> DataDescription:
    """The description of a folder that is trained on."""
    counts = {part: Counter(label for _, label in getattr(layout, part)) for part in PARTS}
    classes = tuple(
        ClassCount(readable(each), counts["training"][number], counts["validation"][number], counts["test"][number])
        for number, each in enumerate(layout.classes)
    )
    selected = bool(layout.validation)
    sources = tuple(
        PartSource(part, len(files), readable(layout.where[part]), USES.get((part, selected), ""))
        for part in PARTS
        if (files := getattr(layout, part)) or part == "training"
    )
    unequal = imbalance(classes)
    return DataDescription(
        name=readable(name), labels=readable(layout.labels), classes=classes, parts=sources,
        left_out=left_out(scan, layout), notes=(*map(readable, layout.notes), *_twice(scan), *filter(None, (unequal,))),
    )  # fmt: skip


def describe_test(scan: Scan, layout: Layout, name: str) -> DataDescription:
    """The description of pictures that a network is tested on."""
    counts = Counter(label for _, label in layout.test)
    classes = tuple(ClassCount(readable(each), 0, 0, counts[number]) for number, each in enumerate(layout.classes))
    source = PartSource("test", len(layout.test), readable(layout.where["test"]), "all of them are counted")
    return DataDescription(
        name=readable(name), labels=readable(layout.labels), classes=classes, parts=(source,),
        left_out=left_out(scan, layout), notes=(*map(readable, layout.notes), *_twice(scan)),
    )  # fmt: skip


def describe_known(
    name: str,
    classes: Sequence[str],
    labels: Mapping[PartName, Iterable[int]],
    where: Mapping[PartName, str] = MappingProxyType({}),
    notes: Sequence[str] = (),
) -> DataDescription:
    """The description of a set that comes as arrays.

    Args:
        name: of the set.
        classes: in the order of the network's outputs.
        labels: of the pictures of each part.
        where: each part is from, in words; as it is published if not named.
        notes: what deserves a look.
    """
    counts = {part: Counter(labels.get(part, ())) for part in PARTS}
    rows = tuple(
        ClassCount(each, *(counts[part][number] for part in PARTS)) for number, each in enumerate(classes)
    )  # fmt: skip
    selected = "validation" in labels
    sources = tuple(
        PartSource(part, counts[part].total(), where.get(part, "as it is published"), USES.get((part, selected), ""))
        for part in PARTS
        if part in labels
    )
    unequal = imbalance(rows)
    return DataDescription(
        name=name, labels="its own labels", classes=rows, parts=sources, notes=(*notes, *filter(None, (unequal,)))
    )


def left_out(scan: Scan, layout: Layout) -> tuple[LeftOut, ...]:
    """Everything that was found and is not used."""
    found: list[LeftOut] = []
    for each in layout.aside:
        why = each.one if each.count == 1 else each.more
        found.append(LeftOut(readable(why), each.count, (readable(each.name),) if each.name else ()))
    endings = scan.endings(frozenset(layout.tables))
    if endings:
        named = endings.most_common(NAMED)
        names = tuple(f"{readable(ending)} {count:,}" for ending, count in named)
        why = "file by its ending" if endings.total() == 1 else "files by their ending"
        pictures = sum(count for ending, count in endings.items() if ending in CONVERTIBLE)
        if pictures:
            only = "" if pictures == endings.total() else f", {pictures:,} of them pictures"
            why += f"{only}; {conversion(pictures)}"
        found.append(LeftOut(why, endings.total(), names, sum(count for _, count in named)))
    found.extend(_omitted(scan.omissions))
    return tuple(found)


def _omitted(omissions: Omissions) -> list[LeftOut]:
    named = (
        ("folder that may not be looked into", "folders that may not be looked into", omissions.unreadable),
        ("link that leads nowhere", "links that lead nowhere", omissions.broken),
        ("link back to a folder that it lies in", "links back to a folder that they lie in", omissions.loops),
        (f"folder more than {DEEPEST} deep", f"folders more than {DEEPEST} deep", omissions.deep),
        ("pipe or device", "pipes or devices", omissions.special),
        ("run folder", "run folders", omissions.runs),
        ("folder of the system", "folders of the system", omissions.system),
    )
    found = [
        LeftOut(one if len(names) == 1 else more, len(names), tuple(map(readable, names[:NAMED])))
        for one, more, names in named
        if names
    ]
    counted = (
        ("hidden file or folder", "hidden files and folders", omissions.hidden),
        ("file or folder of the desktop", "files and folders of the desktop", omissions.desktop),
    )
    found.extend(LeftOut(one if count == 1 else more, count) for one, more, count in counted if count)
    return found


def _twice(scan: Scan) -> tuple[str, ...]:
    pairs = scan.omissions.twice[:NAMED]
    return tuple(
        f"'{readable(path)}' is a link to what lies in '{readable(first) or 'the folder itself'}' too; its pictures "
        "are used twice."
        for path, first in pairs
    )

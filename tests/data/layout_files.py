"""Folders of pictures in any layout, for tests: names alone count, so the files are empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from resnet_gui.data.layouts.finder import find_layout
from resnet_gui.data.layouts.layout import Files, Layout
from resnet_gui.data.layouts.scan import Scan, ScanRules, scan

RULES = ScanRules(frozenset({".png", ".jpg", ".jpeg"}), "run.json", "lock")
ClassFiles = dict[str, set[str]]
"""Paths of pictures by class."""


def look(root: Path) -> Scan:
    return scan(root, RULES)


def layout_of(root: Path) -> Layout:
    return find_layout(look(root))


def write(root: Path, *paths: str, **texts: str) -> Path:
    """Empty files below a folder; ``texts`` are by name, with ``__`` for a dot."""
    for path in paths:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    for name, text in texts.items():
        (root / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return root


def fill(root: Path, counts: Mapping[str, int], ending: str = ".jpg") -> Path:
    """So many pictures in each folder."""
    return write(root, *(f"{folder}/{number}{ending}" for folder, count in counts.items() for number in range(count)))


def by_class(layout: Layout, files: Files) -> ClassFiles:
    found: ClassFiles = {}
    for path, label in files:
        found.setdefault(layout.classes[label], set()).add(path)
    return found


def counts(layout: Layout) -> dict[str, dict[str, int]]:
    """Pictures of each class in each part that there is."""
    parts = {"training": layout.training, "validation": layout.validation, "test": layout.test}
    return {
        part: {name: len(paths) for name, paths in sorted(by_class(layout, files).items())}
        for part, files in parts.items()
        if files
    }


def aside(layout: Layout) -> dict[str, int]:
    """What is not used: name or reason, and how many."""
    return {each.name or each.more: each.count for each in layout.aside}


def names(stem: str, numbers: Iterable[int], ending: str = ".jpg") -> list[str]:
    return [f"{stem}{number}{ending}" for number in numbers]

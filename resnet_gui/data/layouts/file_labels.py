"""Classes in the names of files, such as ``cat.0.jpg``, ``american_bulldog_12.jpg`` or ``dog (3).png``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from resnet_gui.data.layouts.part_names import role_of

LEAST: Final = 2
"""Classes, and pictures of each, below which names are taken to say nothing."""

_LABEL: Final = r"(?P<label>(?=.*[^\W\d_]).+?)"
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_LABEL}\.\d+",
        rf"{_LABEL}_\d+",
        rf"{_LABEL}-\d+",
        rf"{_LABEL} ?\(\d+\)",
        rf"{_LABEL} \d+",
        r"(?P<label>.*[^\W\d_])\d+",
        rf"\d+[._ -]{_LABEL}",
    )
)
"""Ways to write a class and a number; one of them has to fit every name of a folder."""

_CAMERA: Final = frozenset(
    {
        *("img", "image", "images", "dsc", "dscn", "dscf", "dsci", "pict", "pic", "picture", "photo", "photos", "foto"),
        *("frame", "scan", "screenshot", "pxl", "mvimg", "vid", "video", "wa", "file", "untitled", "copy", "page", "p"),
        *("frames", "crop", "patch", "tile", "sample", "download", "unnamed", "gopr", "imag", "cam", "snapshot"),
    }
)
"""What cameras and programs call pictures of anything."""


def labels_in_names(names: Sequence[str]) -> list[str] | None:
    """The class in each of some files' names, exactly as written; None where the names do not tell classes.

    They do where one pattern fits all of them, with at least two classes of at least two pictures, none of which is
    what a camera would write or the name of a part.

    Args:
        names: of files, without folders, with their endings.
    """
    stems = [name.rpartition(".")[0] for name in names]
    for pattern in _PATTERNS:
        matches = [pattern.fullmatch(stem) for stem in stems]
        labels = [match["label"] for match in matches if match is not None]
        if len(labels) < len(stems):
            continue
        counts = Counter(labels)
        good = len(counts) >= LEAST and min(counts.values()) >= LEAST
        return labels if good and not any(_is_no_class(label) for label in counts) else None
    return None


def _is_no_class(label: str) -> bool:
    return label.casefold().strip("._- ") in _CAMERA or role_of(label) is not None

"""Files that hold a whole data set as arrays: MNIST's idx files under every published name, and ``.npz``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.description import PartName

_IDX: Final = re.compile(
    r"(?P<prefix>.*?)(?:^|(?<=[-_.]))(?P<part>train|training|t10k|test|val|valid|validation)[-_.]"
    r"(?P<what>images|labels)[-_.]idx[13][-_.]ubyte(?:\.gz)?",
    re.IGNORECASE,
)
_PARTS: Final[dict[str, PartName]] = {
    **dict.fromkeys(("train", "training"), "training"),
    **dict.fromkeys(("t10k", "test"), "test"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
}


class ArrayFiles(NamedTuple):
    """The files of one set.

    Attributes:
        prefix: what its idx files' names begin with; empty for those of MNIST.
        npz: path of its one file; empty for idx files.
        parts: paths of pictures and labels of each part, of idx files.
        mapping: path of EMNIST's table of classes; empty where there is none.
    """

    prefix: str = ""
    npz: str = ""
    parts: Mapping[PartName, tuple[str, str]] = MappingProxyType({})
    mapping: str = ""


def array_files(paths: Iterable[str], chosen: str = "", where: str = "") -> ArrayFiles | None:
    """The set that some files hold; None if they hold none.

    Args:
        paths: of files.
        chosen: the one that was named, where it was a file and no folder.
        where: they lie, for sentences.

    Raises:
        InputError: they hold several sets, or a part lacks its pictures or its labels.
    """
    paths = sorted(paths, key=lambda path: (path.count("/"), path.endswith(".gz"), path))
    npz = [path for path in paths if path.casefold().endswith(".npz")]
    if chosen.casefold().endswith(".npz"):
        return ArrayFiles(npz=chosen)
    sets: dict[str, dict[tuple[PartName, str], str]] = {}
    for path in paths:
        match = _IDX.fullmatch(path.rpartition("/")[2])
        if match is not None:
            part, what = _PARTS[match["part"].lower()], match["what"].lower()
            # The first that is met: unpacked before packed, and above before below.
            sets.setdefault(match["prefix"].rstrip("-_."), {}).setdefault((part, what), path)
    if chosen and (match := _IDX.fullmatch(chosen.rpartition("/")[2])) is not None:
        prefix = match["prefix"].rstrip("-_.")
        sets = {prefix: sets[prefix]}
    found = [*sets, *npz]
    if len(found) > 1:
        names = ", ".join(f"'{name or 'MNIST'}'" for name in found[:6])
        raise InputError(f"{where} holds several sets ({names}); name a file of the one that is meant.")
    if npz:
        return ArrayFiles(npz=npz[0])
    if not sets:
        return None
    prefix, files = next(iter(sets.items()))
    mapping = next((path for path in paths if path.endswith("mapping.txt") and prefix and prefix in path), "")
    return ArrayFiles(prefix, parts=_pairs(files, where), mapping=mapping)


def _pairs(files: dict[tuple[PartName, str], str], where: str) -> dict[PartName, tuple[str, str]]:
    pairs: dict[PartName, tuple[str, str]] = {}
    for part in dict.fromkeys(part for part, _ in files):
        images, labels = files.get((part, "images")), files.get((part, "labels"))
        if images is None or labels is None:
            lacks = "labels" if labels is None else "pictures"
            raise InputError(f"{where} lacks the {lacks} that belong to {images or labels}.")
        pairs[part] = images, labels
    return pairs


def is_array_file(name: str) -> bool:
    """Whether a file's name is that of a data set as arrays."""
    return name.casefold().endswith(".npz") or _IDX.fullmatch(name.rpartition("/")[2]) is not None

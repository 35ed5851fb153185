"""Weights in several files with an index beside them, as Hugging Face's ``save_pretrained`` writes large ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_index, read_text
from resnet_gui.base.text import readable, shortened

_INDEX: Final = ".index.json"
_PART: Final = re.compile(r"(?P<stem>.+)-(?P<number>\d+)-of-(?P<count>\d+)(?P<suffix>\.(safetensors|bin|pt|pth))")
_LONE: Final = ("model.safetensors", "pytorch_model.bin", "diffusion_pytorch_model.safetensors", "pytorch_model.pt")
"""Files of such a folder that need no index, in the order in which transformers looks for them."""


class _ShardIndex(msgspec.Struct):
    """The index of a set: the name of each tensor with the file that holds it."""

    weight_map: dict[str, str]


class ShardSet(msgspec.Struct, frozen=True):
    """A network in several files.

    Attributes:
        index: the index; None where the files' own numbers tell that they are all there.
        files: all of them, in their order.
        names: tensors that the index promises.
    """

    index: Path | None
    files: tuple[Path, ...]
    names: frozenset[str] = frozenset()


def find_shards(path: Path) -> ShardSet | None:
    """The set that a path means: its index, its folder, or one of its files; None for a file of its own.

    Raises:
        InputError: a file of the set is missing, or the index is none.
    """
    if path.is_dir():
        indices = sorted(path.glob(f"*{_INDEX}"), key=lambda found: (".bin" in found.name, found.name))
        return read_index(indices[0]) if indices else None
    if is_index(path):
        return read_index(path)
    part = _PART.fullmatch(path.name)
    if part is None or int(part["count"]) < 2:
        return None
    for index in sorted(path.parent.glob(f"*{_INDEX}")):
        found = read_index(index)
        if path.name in {file.name for file in found.files}:
            return found
    return _numbered(path, part)


def lone_file(folder: Path) -> Path | None:
    """The one weights file of a folder that ``save_pretrained`` wrote; None if there is none, or several."""
    return next((folder / name for name in _LONE if (folder / name).is_file()), None)


def read_index(path: Path) -> ShardSet:
    """The set that an index lists.

    Raises:
        InputError: it is no index, or a file that it lists is missing.
    """
    text = read_text(path, "index of weights")
    try:
        listed = msgspec.json.decode(text, type=_ShardIndex).weight_map
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{path} is no index of weights: it has no 'weight_map' of tensors and files "
            f"({decoding_fault(error, text)})."
        ) from error
    names = dict.fromkeys(listed.values())
    if not names:
        raise InputError(f"{path} is an index of weights that lists none.")
    for name in names:
        if Path(name).name != name:
            raise InputError(f"{path} names '{shortened(readable(name))}', which is no file beside it.")
    files = tuple(path.parent / name for name in names)
    _check_complete(path, files)
    return ShardSet(path, files, frozenset(listed))


def _numbered(path: Path, part: re.Match[str]) -> ShardSet:
    """The set by the numbers in the files' names, where no index lies beside them."""
    count, width = int(part["count"]), len(part["number"])
    if count > 10_000:
        raise InputError(f"{path} says that it is one of {count} files, which no network has.")
    first = 0 if (path.parent / _name(part, 0, width)).is_file() else 1
    files = tuple(path.parent / _name(part, number, width) for number in range(first, first + count))
    _check_complete(path, files)
    return ShardSet(None, files)


def _name(part: re.Match[str], number: int, width: int) -> str:
    return f"{part['stem']}-{number:0{width}}-of-{part['count']}{part['suffix']}"


def _check_complete(path: Path, files: tuple[Path, ...]) -> None:
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(
            f"{path} is one part of a network in {len(files)} files, and '{missing[0]}'{more} is not beside it; copy "
            "all of them."
        )

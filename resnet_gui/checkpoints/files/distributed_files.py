"""Folders that ``torch.distributed.checkpoint`` writes: a list of tensors' pieces, and files with the pieces."""

from __future__ import annotations

import math
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable, shortened
from resnet_gui.checkpoints.files.stand_ins import DamagedPickleError, StandIn, UnreadableTensorError, is_plain_key
from resnet_gui.checkpoints.files.tensor_reader import TensorReader
from resnet_gui.checkpoints.files.tensor_records import TensorRecord, whole_numbers
from resnet_gui.checkpoints.files.torch_files import TorchArchive, map_file, read_stream
from resnet_gui.design.bounds import Shape

LIST: Final = ".metadata"
PIECES: Final = ".distcp"
_MOST_DEEP: Final = 100
"""Dictionaries in each other that a tensor lies in."""


def distributed_folder(path: Path) -> Path | None:
    """The folder of such a checkpoint, if the path is one, its list or one of its pieces; None otherwise."""
    folder = path if path.is_dir() else path.parent if path.suffix == PIECES or path.name == LIST else None
    return folder if folder is not None and (folder / LIST).is_file() else None


def read_distributed(folder: Path, reader: TensorReader) -> dict[object, object]:
    """What such a folder holds, nested as it was saved: tensors put together from their pieces.

    Raises:
        InputError: a file of it is missing or damaged, or it holds pieces that do not fit.
        DamagedPickleError, CommandError, UnreadableTensorError: as of any pickle.
    """
    listed = read_stream(map_file(folder / LIST))
    fields = listed.state if isinstance(listed, StandIn) else None
    if not isinstance(fields, dict):
        raise DamagedPickleError("its list of tensors is none")
    kinds, places, nesting = (fields.get(name) for name in ("state_dict_metadata", "storage_data", "planner_data"))
    if not isinstance(kinds, dict) or not isinstance(places, dict):
        raise DamagedPickleError("its list of tensors has no tensors")
    archives = _Pieces(folder, reader)
    pieces: dict[str, list[tuple[Shape, StandIn]]] = {}
    for index, place in places.items():
        name, offset = _attribute(index, "fqn"), _attribute(index, "offset")
        if isinstance(name, str) and isinstance(place, StandIn):
            pieces.setdefault(name, []).append((() if offset is None else _numbers(offset), place))
    root: dict[object, object] = {}
    for name, kind in kinds.items():
        size = _attribute(kind, "size")
        if isinstance(size, tuple) and isinstance(name, str):
            trail = nesting.get(name) if isinstance(nesting, dict) else None
            tensor = archives.tensor(shortened(readable(name)), _numbers(size), pieces.get(name, []))
            _hang(root, trail if isinstance(trail, tuple) and trail else (name,), tensor)
    return root


def _attribute(found: object, name: str) -> object:
    state = found.state if isinstance(found, StandIn) else None
    return state.get(name) if isinstance(state, Mapping) else None


def _numbers(found: object) -> Shape:
    """A size or an offset of the list.

    Raises:
        DamagedPickleError: it is none.
    """
    try:
        return whole_numbers(found)
    except ValueError as error:
        raise DamagedPickleError(f"in its list of tensors {error}") from error


def _hang(root: dict[object, object], trail: tuple[object, ...], tensor: object) -> None:
    """Put a tensor where it was in nested dictionaries.

    Raises:
        DamagedPickleError: its keys are none, or there is another tensor on the way.
    """
    if len(trail) > _MOST_DEEP or not all(is_plain_key(key) for key in trail):
        raise DamagedPickleError("its tensors lie where none can lie")
    inside = root
    for key in trail[:-1]:
        found = inside.setdefault(key, {})
        if not isinstance(found, dict):
            raise DamagedPickleError("its tensors lie in each other")
        inside = found
    inside[trail[-1]] = tensor


class _Pieces:
    """The files with the pieces, each mapped once."""

    def __init__(self, folder: Path, reader: TensorReader) -> None:
        self._folder = folder
        self._reader = reader
        self._files: dict[str, mmap.mmap] = {}
        self._left: dict[str, int] = {}

    def tensor(self, name: str, size: Shape, pieces: list[tuple[Shape, StandIn]]) -> TensorRecord | Tensor:
        """One tensor from its pieces; a lone one stays where it is.

        Raises:
            InputError: they do not give the whole tensor.
            DamagedPickleError, UnreadableTensorError: one of them cannot be read.
        """
        found = [(offset, self._piece(name, place)) for offset, place in pieces]
        if len(found) == 1 and found[0][1].shape == size:
            return found[0][1]
        if sum(math.prod(record.shape) for _, record in found) != math.prod(size) or not found:
            raise InputError(
                f"{self._folder} is incomplete: the pieces of tensor '{name}' are not all there; copy the whole folder."
            )
        for offset, record in found:
            fits = len(offset) == len(size) == len(record.shape)
            if not fits or any(start + step > end for start, step, end in zip(offset, record.shape, size, strict=True)):
                raise InputError(f"{self._folder} is damaged: a piece of tensor '{name}' lies outside it.")
        try:
            return self._joined(size, found)
        except (RuntimeError, TypeError, OverflowError) as error:
            raise InputError(f"{self._folder} is damaged: tensor '{name}' has an impossible form.") from error

    def _joined(self, size: Shape, pieces: list[tuple[Shape, TensorRecord]]) -> Tensor:
        """A tensor of pieces that lie inside it; memory is asked for only when all of them are found to be there.

        Raises:
            UnreadableTensorError: a file has less of them than they claim.
            RuntimeError, TypeError, OverflowError: torch knows no such tensor.
        """
        found = [(offset, self._reader.tensor(record)) for offset, record in pieces]
        if any(piece.numel() * piece.element_size() > piece.untyped_storage().nbytes() for _, piece in found):
            raise UnreadableTensorError("claims more values than the file holds")
        whole = torch.zeros(size, dtype=found[0][1].dtype)
        for offset, piece in found:
            whole[tuple(slice(start, start + step) for start, step in zip(offset, piece.shape, strict=True))] = piece
        return whole

    def _piece(self, name: str, place: StandIn) -> TensorRecord:
        file, start, length = (_attribute(place, part) for part in ("relative_path", "offset", "length"))
        if not isinstance(file, str) or type(start) is not int or type(length) is not int or min(start, length) < 0:
            raise DamagedPickleError("its list of pieces is damaged")
        if _attribute(place, "transform_descriptors"):
            raise UnreadableTensorError("is compressed in a way of its own; save it without")
        # A list may name any file; only those of the folder are read.
        path = self._folder / Path(file).name
        if not path.is_file():
            raise InputError(f"{self._folder} is incomplete: its file '{path.name}' is missing; copy the whole folder.")
        if path.name not in self._files:
            self._files[path.name] = map_file(path)
            self._left[path.name] = len(self._files[path.name])
        # Each byte is in one piece; a short list can name one piece a million times.
        self._left[path.name] -= length
        if self._left[path.name] < 0:
            raise DamagedPickleError(f"the pieces of its file '{shortened(readable(path.name))}' are longer than it")
        record = TorchArchive(path, self._files[path.name], start, length).load()
        if not isinstance(record, TensorRecord):
            raise DamagedPickleError(f"the piece of '{name}' is no tensor")
        return record

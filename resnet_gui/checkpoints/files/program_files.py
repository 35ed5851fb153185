"""Programs of torch's own (``torch.export`` and TorchScript): their weights are read, and their code is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
import torch

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.checkpoints.files.stand_ins import DamagedPickleError, StandIn
from resnet_gui.checkpoints.files.tensor_records import StorageRecord, TensorRecord
from resnet_gui.checkpoints.files.torch_files import TorchArchive
from resnet_gui.design.bounds import Shape

_WEIGHTS: Final = "data/weights/"
_CONFIG: Final = "_weights_config.json"
_OLD_WEIGHTS: Final = "serialized_state_dict.pt"
_SCRIPT_CODE: Final = "code/"
_CLASSES: Final = "__torch__."
"""The module of every class of a TorchScript program."""

_KINDS: Final[Mapping[int, torch.dtype]] = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64, 6: torch.float16, 7: torch.float32,
    8: torch.float64, 12: torch.bool, 13: torch.bfloat16,
}  # fmt: skip
"""Numbers of dtypes in torch's schema of exported programs (``torch._export.serde.schema.ScalarType``)."""


class _ExportedSize(msgspec.Struct):
    """A number of a shape, which a program may leave open; weights do not."""

    as_int: Annotated[int, msgspec.Meta(ge=0, lt=2**62)]


class _ExportedTensor(msgspec.Struct):
    """The form of a weight: its kind of number, and in values its sizes, strides and offset."""

    dtype: int
    sizes: list[_ExportedSize]
    strides: list[_ExportedSize]
    storage_offset: _ExportedSize


class _ExportedWeight(msgspec.Struct):
    """A weight by the name of the entry that holds its values."""

    path_name: str
    use_pickle: bool = False
    tensor_meta: _ExportedTensor | None = None


class _ExportedWeights(msgspec.Struct):
    """The list of the weights of an exported program, by their names in the network."""

    config: dict[str, _ExportedWeight]


def is_exported(archive: TorchArchive) -> bool:
    """Whether an archive is one of ``torch.export.save``'s."""
    return _OLD_WEIGHTS in archive.entries or any(
        name.startswith(_WEIGHTS) and name.endswith(_CONFIG) for name in archive.entries
    )


def read_exported(archive: TorchArchive) -> dict[str, object]:
    """The weights of an exported program, as records; of several programs in one file, each under its name.

    Raises:
        DamagedPickleError: the list of weights is not as torch writes it.
        UnreadableTensorError: a part of the archive is not there.
        CommandError: a pickle inside asks for what would run a command.
    """
    if _OLD_WEIGHTS in archive.entries:
        place = archive.span(_OLD_WEIGHTS)
        found = archive.inside(place).load()
        return {"": found}
    programs = [name for name in archive.entries if name.startswith(_WEIGHTS) and name.endswith(_CONFIG)]
    return {
        name.removeprefix(_WEIGHTS).removesuffix(_CONFIG): _exported_weights(archive, archive.read(name))
        for name in programs
    }


def _exported_weights(archive: TorchArchive, text: bytes) -> dict[str, TensorRecord]:
    try:
        listed = msgspec.json.decode(text, type=_ExportedWeights).config
    except msgspec.MsgspecError as error:
        raise DamagedPickleError(
            f"its list of weights is not as torch.export writes it: {decoding_fault(error, text)}"
        ) from error
    found: dict[str, TensorRecord] = {}
    for name, weight in listed.items():
        meta = weight.tensor_meta
        dtype = _KINDS.get(meta.dtype) if meta is not None else None
        if weight.use_pickle or meta is None or dtype is None:
            lack = "is no plain tensor in the exported program; save the network's state_dict"
            found[name] = TensorRecord(None, torch.float32, lack=lack)
            continue
        size = archive.span(f"{_WEIGHTS}{weight.path_name}").size
        storage = StorageRecord(archive, f"weights/{weight.path_name}", dtype, size // dtype.itemsize)
        found[name] = TensorRecord(
            storage, dtype, meta.storage_offset.as_int, _numbers(meta.sizes), _numbers(meta.strides)
        )
    return found


def _numbers(sizes: list[_ExportedSize]) -> Shape:
    return tuple(size.as_int for size in sizes)


def is_script(archive: TorchArchive) -> bool:
    """Whether an archive is a TorchScript program."""
    return "constants.pkl" in archive.entries and any(name.startswith(_SCRIPT_CODE) for name in archive.entries)


def is_script_object(found: object) -> bool:
    """Whether a stand-in is for an object of a TorchScript program, whose attributes are its tensors and its parts."""
    return isinstance(found, StandIn) and found.path.startswith(_CLASSES)

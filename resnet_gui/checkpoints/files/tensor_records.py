"""Tensors as a file describes them: where their values lie, of what kind and shape; read only when they are wanted."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, Protocol
from weakref import WeakValueDictionary

import torch

from resnet_gui.checkpoints.files.pickle_reader import Blob, PickleReader, Source
from resnet_gui.checkpoints.files.stand_ins import MAX_COPIED, Budget, GlobalName, StandIn, pairs_of
from resnet_gui.design.bounds import Shape

_MOST_DIMENSIONS: Final = 64

DTYPES: Final[Mapping[str, torch.dtype]] = {
    str(found): found for found in vars(torch).values() if isinstance(found, torch.dtype)
}
"""``torch.float32`` -> the dtype, for all that torch has."""

_STORAGES: Final[Mapping[str, torch.dtype]] = {
    "DoubleStorage": torch.float64, "FloatStorage": torch.float32, "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16, "LongStorage": torch.int64, "IntStorage": torch.int32,
    "ShortStorage": torch.int16, "CharStorage": torch.int8, "ByteStorage": torch.uint8, "BoolStorage": torch.bool,
    "ComplexFloatStorage": torch.complex64, "ComplexDoubleStorage": torch.complex128,
    "UntypedStorage": torch.uint8, "QInt8Storage": torch.qint8, "QUInt8Storage": torch.quint8,
    "QInt32Storage": torch.qint32, "QUInt4x2Storage": torch.quint4x2, "QUInt2x4Storage": torch.quint2x4,
}  # fmt: skip
"""torch's names for storages, also on a graphics card, and what they hold."""

_NUMPY: Final[Mapping[str, torch.dtype]] = {
    "f2": torch.float16, "f4": torch.float32, "f8": torch.float64, "i1": torch.int8, "i2": torch.int16,
    "i4": torch.int32, "i8": torch.int64, "u1": torch.uint8, "b1": torch.bool, "c8": torch.complex64,
    "c16": torch.complex128,
}  # fmt: skip


class Place(NamedTuple):
    """The bytes of a storage: so many from ``start`` on."""

    source: Source | Blob
    start: int
    size: int


class Storages(Protocol):
    """A file or a text of bytes that holds the values of storages by their keys.

    Attributes:
        swapped: whether numbers lie in the other order of bytes than this machine's.
    """

    swapped: bool

    def place(self, key: str) -> Place:
        """Where a storage lies.

        Raises:
            UnreadableTensorError: it is not there.
        """

    def check(self, key: str) -> None:
        """Compare a storage with its checksum, if the file has one.

        Raises:
            UnreadableTensorError: it differs.
        """


@dataclass(eq=False, slots=True)
class StorageRecord:
    """A storage that a pickle names.

    Attributes:
        holder: what holds its values.
        key: its name there.
        dtype: what it holds.
        numel: how many.
        first: its first value, for a view of another storage.
    """

    holder: Storages
    key: str
    dtype: torch.dtype
    numel: int
    first: int = 0


@dataclass(eq=False, slots=True)
class TensorRecord:
    """A tensor that a pickle names.

    Attributes:
        storage: None for one without plain values.
        dtype: of its values in the storage.
        offset, shape, stride: in values, as torch has them.
        lack: why it has no plain values, as the end of a sentence; empty for an ordinary tensor.
        cast: what its values become; None for as they are.
        array: whether it is an array of NumPy's.
    """

    storage: StorageRecord | None
    dtype: torch.dtype
    offset: int = 0
    shape: Shape = ()
    stride: Shape = ()
    lack: str = ""
    cast: torch.dtype | None = None
    array: bool = False


SPARSE: Final = "is sparse or quantised; save the plain weights"
NO_DATA: Final = "is without data (on torch's meta device): the network was saved before it had weights"


@dataclass(eq=False)
class InlineStorage:
    """A storage whose values lie inside the pickle, as a text of bytes; ``text`` is what they were written as."""

    data: Blob
    start: int = 0
    size: int = 0
    swapped: bool = False
    text: object = None

    def place(self, key: str) -> Place:
        """Where it lies."""
        return Place(self.data, self.start, self.size)

    def check(self, key: str) -> None:
        """Nothing to compare it with."""


def whole_numbers(numbers: object) -> Shape:
    """Whole numbers from 0 on, as sizes and strides are.

    Raises:
        ValueError: they are others.
    """
    if not isinstance(numbers, tuple | list) or len(numbers) > _MOST_DIMENSIONS:
        raise ValueError("sizes are no numbers")
    if not all(type(number) is int and 0 <= number < 2**62 for number in numbers):
        raise ValueError("sizes are impossible")
    return tuple(numbers)


# ---- arrays of NumPy's


def array_record(found: object) -> TensorRecord | None:
    """An array of NumPy's that a pickle describes, as a tensor; None for anything else, or for values of no number."""
    if not isinstance(found, StandIn):
        return None
    if found.path.endswith("multiarray._reconstruct") and isinstance(found.state, tuple) and len(found.state) == 5:
        # Version, shape, kind, whether it lies in Fortran's order, values.
        _, shape, kind, fortran, values = found.state
    elif found.path.endswith("numeric._frombuffer") and len(found.args) == 4:
        values, kind, shape, order = found.args
        fortran = order == "F"
    else:
        return None
    named = kind.args[0] if isinstance(kind, StandIn) and kind.args else None
    # Only a text is looked up: the hash of a nested tuple may take for ever, as its own text may.
    dtype = _NUMPY.get(named) if isinstance(named, str) else None
    if dtype is None or not isinstance(values, str | bytes | memoryview):
        return None
    size = whole_numbers(shape)
    stated = kind.state if isinstance(kind, StandIn) and isinstance(kind.state, tuple) else ()
    swapped = stated[1:2] == (">" if sys.byteorder == "little" else "<",)
    holder = _holder(values, dtype if swapped else None)
    stride = _dense_stride(size[::-1])[::-1] if fortran else _dense_stride(size)
    storage = StorageRecord(holder, "", dtype, holder.size // dtype.itemsize)
    return TensorRecord(storage, dtype, 0, size, stride, array=True)


_holders: WeakValueDictionary[tuple[int, torch.dtype | None], InlineStorage] = WeakValueDictionary()


def _holder(values: str | Blob, swapped: torch.dtype | None) -> InlineStorage:
    """The storage of an array's values, one for all arrays of a text: a few bytes can name one a million times.

    Args:
        values: as the pickle has them; of Python 2 and of old protocols as a text.
        swapped: of which numbers bytes stand in the other order; None where they do not.

    Raises:
        ValueError: a text is none of bytes.
    """
    key = id(values), swapped
    found = _holders.get(key)
    if found is None:
        data = values.encode("latin-1") if isinstance(values, str) else values
        # It keeps the text, whose number would else be another's.
        found = _holders[key] = InlineStorage(data, 0, len(data), swapped is not None, values)
    return found


def _dense_stride(shape: Shape) -> Shape:
    """Strides of a tensor that lies row by row."""
    return tuple(math.prod(shape[place + 1 :]) for place in range(len(shape)))


# ---- tensors of a class of their own


def wrapped_record(found: object) -> TensorRecord | None:
    """A tensor of a subclass that holds others, such as a distributed one's piece; None for anything else."""
    if not isinstance(found, StandIn) or found.path != WRAPPER or len(found.args) < 3:
        return None
    name, _, shape = found.args[:3]
    # Of a state in two parts, the second is of slots.
    states = found.state[:2] if isinstance(found.state, tuple) else (found.state,)
    pieces = [state.get("_local_tensor") for state in states if isinstance(state, dict)]
    piece = next((piece for piece in pieces if isinstance(piece, TensorRecord)), None)
    if piece is not None and piece.shape == whole_numbers(shape):
        return piece
    what = name.path if isinstance(name, GlobalName) else "a class of its own"
    lack = "is one piece of a distributed tensor; save a full state_dict, which gathers them"
    other = f"is of {what}, which has no plain values; save the plain weights"
    return TensorRecord(None, torch.float32, shape=whole_numbers(shape), lack=lack if piece is not None else other)


WRAPPER: Final = "torch._utils._rebuild_wrapper_subclass"


# ---- what a pickle may call


@dataclass
class TensorCalls:
    """The calls that a pickle may make: torch's for rebuilding tensors. They give records, and run nothing of torch.

    Attributes:
        holder: what holds the storages that the pickle names by keys.
        read_inline: the reader of a storage that was saved into a text of bytes; None inside such a text.
        roots: key -> storage.
        budget: how many items the calls may copy.
    """

    holder: Storages
    read_inline: Callable[[bytes], object] | None = None
    roots: dict[str, StorageRecord] = field(default_factory=dict)
    budget: Budget = field(default_factory=lambda: Budget(MAX_COPIED))
    _made: dict[int, tuple[object, object]] = field(default_factory=dict)

    def reader(self, source: Source, at: int = 0) -> PickleReader:
        """A reader that makes these calls."""
        reader = PickleReader(source, at, calls=self.table(), values=DTYPES)
        reader.load_persistent = self.storage
        reader.budget = self.budget
        return reader

    def table(self) -> dict[str, Callable[..., object]]:
        """Path of each function or class -> what stands for calling it."""
        utils: dict[str, Callable[..., object]] = {
            "_rebuild_tensor": self.tensor, "_rebuild_tensor_v2": self.tensor, "_rebuild_tensor_v3": self.tensor_v3,
            "_rebuild_parameter": _first, "_rebuild_parameter_with_state": _first,
            "_rebuild_sparse_tensor": _sparse, "_rebuild_sparse_csr_tensor": _sparse, "_rebuild_qtensor": _quantised,
            "_rebuild_meta_tensor_no_storage": _meta, "_rebuild_device_tensor_from_numpy": _cast,
            "_rebuild_device_tensor_from_cpu_tensor": _cast, "_rebuild_xla_tensor": _cast,
        }  # fmt: skip
        return {
            **{f"torch._utils.{name}": call for name, call in utils.items()},
            **dict.fromkeys(
                ("torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer", "torch.autograd.variable.Variable",
                 "torch.jit._pickle.restore_type_tag"), _first,
            ),
            "torch.storage._load_from_bytes": self.inline,
            "torch.Size": whole_numbers,
            "collections.OrderedDict": self.ordered, "builtins.dict": self.copied,
            "_codecs.encode": self.encoded, "builtins.bytes": _bytes,
        }  # fmt: skip

    def storage(self, key: object) -> object:
        """What a persistent id of torch stands for: a storage, or the class of a module."""
        match key:
            case ("module" | b"module", found, *_):
                return found
            case ("storage" | b"storage", GlobalName(path=path), str() | int() as named, _, int(numel), *view):
                dtype = _STORAGES.get(path.rpartition(".")[2])
                if dtype is None or numel < 0:
                    raise ValueError("no storage")
                name = str(named)
                record = self.roots.setdefault(name, StorageRecord(self.holder, name, dtype, numel))
                if record.dtype != dtype:
                    record = StorageRecord(self.holder, name, dtype, numel)
                if view and isinstance(view[0], tuple):
                    _, first, count = view[0]
                    first, count = whole_numbers((first, count))
                    return StorageRecord(self.holder, name, dtype, count, first)
                return record
        return StandIn("", (key,))

    def tensor(self, storage: object, offset: object, shape: object, stride: object, *_: object) -> object:
        """``torch._utils._rebuild_tensor`` and its second version."""
        if not isinstance(storage, StorageRecord):
            return StandIn("torch.Tensor", (storage,))
        (first,) = whole_numbers((offset,))
        return TensorRecord(storage, storage.dtype, first, whole_numbers(shape), whole_numbers(stride))

    def tensor_v3(self, storage: object, offset: object, shape: object, stride: object, *rest: object) -> object:
        """Its third version, which says the kind of number by itself."""
        record = self.tensor(storage, offset, shape, stride)
        dtype = rest[2] if len(rest) > 2 else None
        if isinstance(record, TensorRecord) and isinstance(dtype, torch.dtype):
            return replace(record, dtype=dtype)
        return record

    def inline(self, data: object) -> object:
        """``torch.storage._load_from_bytes``: a storage that was saved into a text of bytes, in torch's old form."""
        if not isinstance(data, bytes | memoryview) or self.read_inline is None:
            return StandIn("torch.storage", (data,))
        if id(data) not in self._made:
            # One text may be named a million times.
            self._made[id(data)] = (data, self.read_inline(bytes(data)))
        return self._made[id(data)][1]

    def encoded(self, text: object, encoding: object = "utf-8", *_: object) -> object:
        """``codecs.encode``, with which older protocols write bytes."""
        if not isinstance(text, str) or not isinstance(encoding, str) or encoding not in _ENCODINGS:
            return StandIn("_codecs.encode", (text,))
        if id(text) not in self._made:
            self._made[id(text)] = (text, text.encode(encoding))
        return self._made[id(text)][1]

    def ordered(self, pairs: Iterable[object] = ()) -> object:
        """``collections.OrderedDict``, of pairs or empty."""
        if isinstance(pairs, list | tuple | dict):
            self.budget.spend(len(pairs))
        return pairs_of(pairs)

    def copied(self, found: object = None, *_: object) -> object:
        """``dict``, of another one or empty."""
        if not isinstance(found, dict):
            return {}
        self.budget.spend(len(found))
        return dict(found)


_ENCODINGS: Final = frozenset(["latin1", "latin-1", "utf-8", "utf8", "ascii"])


def _bytes(data: object = b"", *_: object) -> object:
    """Older protocols write empty bytes so."""
    return data if isinstance(data, bytes) else StandIn("builtins.bytes", (data,))


def _first(found: object = None, *_: object) -> object:
    """A parameter is its tensor."""
    return found


def _sparse(layout: object, data: object = (), *_: object) -> TensorRecord:
    parts = data if isinstance(data, tuple) else ()
    shapes = [part for part in parts if isinstance(part, tuple)]
    return TensorRecord(None, torch.float32, shape=whole_numbers(shapes[0]) if shapes else (), lack=SPARSE)


def _quantised(storage: object, offset: object, shape: object, *_: object) -> TensorRecord:
    return TensorRecord(None, torch.qint8, shape=whole_numbers(shape), lack=SPARSE)


def _meta(dtype: object, shape: object, *_: object) -> TensorRecord:
    return TensorRecord(None, torch.float32, shape=whole_numbers(shape), lack=NO_DATA)


def _cast(data: object, dtype: object = None, *_: object) -> object:
    """A tensor of another device, which lies in the file as one of the CPU or of NumPy's."""
    record = data if isinstance(data, TensorRecord) else array_record(data)
    if record is None or not isinstance(dtype, torch.dtype):
        return StandIn("torch.Tensor", (data,))
    return replace(record, cast=dtype, array=False)

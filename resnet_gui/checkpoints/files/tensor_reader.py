"""The values of tensors that a file describes, mapped and checked against what the file holds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor

from resnet_gui.checkpoints.files.stand_ins import UnreadableTensorError
from resnet_gui.checkpoints.files.tensor_records import SPARSE, StorageRecord, Storages, TensorRecord

MOST_SHARED: Final = 4096
"""How many values of a tensor may be one value of the file: a network's channels at most, as ``expand`` makes them."""
MOST_EXPANDED: Final = 2**24
"""Values of a tensor that is larger than what the file holds of it: ResNet-50's largest convolution twice."""


@dataclass
class TensorReader:
    """The reader of tensors' values, which maps each storage once.

    Attributes:
        checked: whether checksums are compared, which costs a pass over the values.
    """

    checked: bool
    _storages: dict[tuple[int, str], tuple[Storages, torch.UntypedStorage]] = field(default_factory=dict)

    def tensor(self, record: TensorRecord) -> Tensor:
        """A tensor on the CPU whose values lie in the file, which is mapped.

        Raises:
            UnreadableTensorError: it has no plain values, or the file has less than it claims.
        """
        storage = record.storage
        if record.lack or storage is None:
            raise UnreadableTensorError(record.lack or SPARSE)
        if record.dtype in _QUANTISED:
            raise UnreadableTensorError(SPARSE)
        if len(record.shape) != len(record.stride):
            raise UnreadableTensorError("has an impossible form; the file is damaged")
        values = self._values(storage)
        held = storage.numel * storage.dtype.itemsize // record.dtype.itemsize
        reach = record.offset + sum((size - 1) * step for size, step in zip(record.shape, record.stride, strict=True))
        numel = math.prod(record.shape)
        if numel and (reach >= held or held < numel > min(held * MOST_SHARED, MOST_EXPANDED)):
            raise UnreadableTensorError(f"claims more values than the file holds ({numel:,} of {held:,})")
        offset = record.offset + storage.first * storage.dtype.itemsize // record.dtype.itemsize
        plain = torch.empty(0, dtype=record.dtype)
        tensor = plain.set_(values, offset if numel else 0, record.shape, record.stride)
        return tensor if record.cast in {None, record.dtype} else tensor.to(record.cast)

    def _values(self, storage: StorageRecord) -> torch.UntypedStorage:
        key = id(storage.holder), storage.key
        if key not in self._storages:
            # With its holder, whose id would else be another's when it is gone.
            self._storages[key] = storage.holder, self._mapped(storage)
        _, found = self._storages[key]
        if (storage.first + storage.numel) * storage.dtype.itemsize > found.nbytes():
            raise UnreadableTensorError("claims more values than the file holds")
        return found

    def _mapped(self, storage: StorageRecord) -> torch.UntypedStorage:
        source, start, size = storage.holder.place(storage.key)
        if self.checked:
            storage.holder.check(storage.key)
        if not size:
            return torch.empty(0, dtype=torch.uint8).untyped_storage()
        if isinstance(source, bytes) or (isinstance(source, memoryview) and source.readonly):
            source, start = memoryview(bytearray(source[start : start + size])), 0
        # By bytes, as storages of an archive may lie at odd addresses.
        found = torch.frombuffer(source, dtype=torch.uint8, count=size, offset=start).untyped_storage()
        if storage.holder.swapped and storage.dtype.itemsize > 1:
            # A copy: what is mapped may be another's too.
            swapped: Any = torch.frombuffer(bytearray(memoryview(source)[start : start + size]), dtype=torch.uint8)
            found = swapped.untyped_storage()
            swapped.untyped_storage().byteswap(storage.dtype)
        return found


_QUANTISED: Final = frozenset([torch.qint8, torch.quint8, torch.qint32, torch.quint4x2, torch.quint2x4])

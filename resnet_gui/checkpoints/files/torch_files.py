"""What ``torch.save`` writes: the archive of today, the stream before version 1.6, and plain pickles of tensors."""

from __future__ import annotations

import io
import mmap
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.files.pickle_reader import Source
from resnet_gui.checkpoints.files.stand_ins import DamagedPickleError, UnreadableTensorError
from resnet_gui.checkpoints.files.tensor_records import Place, StorageRecord, TensorCalls

_MAGIC: Final = 0x1950A86A20F9469CFC6C
"""The first pickle of torch's stream; a version and a description of the machine follow."""
_PROTOCOL: Final = 1001
PICKLE: Final = "data.pkl"


def map_file(path: Path) -> mmap.mmap:
    """A file as bytes of which only those are read that are looked at; writing into them changes no file.

    Raises:
        InputError: it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


class TorchArchive:
    """A zip archive with torch's layout: a folder with a pickle, and beside it a file for each storage.

    Attributes:
        path: the file, for sentences.
        entries: name in the archive's folder -> entry.
        swapped: whether its numbers lie in the other order of bytes.
    """

    def __init__(self, path: Path, source: mmap.mmap, start: int = 0, size: int | None = None) -> None:
        """Read the list of what is inside; for an archive inside a file, where it begins and how long it is.

        Raises:
            InputError: it is cut off.
        """
        self.path = path
        self._source, self._start = source, start
        self._end = len(source) if size is None else start + size
        try:
            with zipfile.ZipFile(path if size is None else io.BytesIO(source[start : self._end])) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
            raise InputError(
                f"{path} is cut off or damaged: the end of the archive is missing or wrong; copy or download it again."
            ) from error
        # Of several folders the one with the pickle.
        names = [entry.filename for entry in entries]
        pickled = next((name for name in names if name.partition("/")[2] == PICKLE), "")
        folder = pickled.removesuffix(PICKLE)
        self.entries = {
            name.removeprefix(folder) if folder else name.partition("/")[2] or name: entry
            for name, entry in zip(names, entries, strict=True)
            if name.startswith(folder)
        }
        self.swapped = False

    @property
    def compressed(self) -> bool:
        """Whether something inside is not stored as it is; but for a program's code, which is left alone."""
        return any(
            entry.compress_type != zipfile.ZIP_STORED
            for name, entry in self.entries.items()
            if not name.startswith("code/")
        )

    def span(self, name: str) -> Place:
        """Where an entry lies in the file.

        Raises:
            UnreadableTensorError: there is none, or it is not where the archive says.
        """
        entry = self.entries.get(name)
        if entry is None:
            raise UnreadableTensorError(f"is not in the archive ('{name}'): the file is cut off or damaged")
        header = self._start + entry.header_offset
        if self._source[header : header + 4] != b"PK\x03\x04" or header + 30 > self._end:
            raise UnreadableTensorError("is not where the archive says: the file is cut off or damaged")
        name_size, extra_size = struct.unpack_from("<HH", self._source, header + 26)
        start = header + 30 + name_size + extra_size
        if start + entry.file_size > self._end or entry.compress_type != zipfile.ZIP_STORED:
            raise UnreadableTensorError("ends behind the end of the file: the file is cut off or damaged")
        return Place(self._source, start, entry.file_size)

    def read(self, name: str) -> bytes:
        """The bytes of an entry, which are what was written.

        Raises:
            UnreadableTensorError: it is not there, or has another checksum.
        """
        place = self.span(name)
        self._compare(name, place)
        return self._source[place.start : place.start + place.size]

    def place(self, key: str) -> Place:
        """Where a storage lies; see ``Storages``."""
        return self.span(f"data/{key}")

    def check(self, key: str) -> None:
        """Compare a storage with its checksum, which torch does not; see ``Storages``."""
        self._compare(f"data/{key}", self.place(key))

    def _compare(self, name: str, place: Place) -> None:
        """One of 0 was not written (``torch.serialization.set_crc32_options``)."""
        wanted = self.entries[name].CRC
        with memoryview(self._source) as view:
            if wanted and zlib.crc32(view[place.start : place.start + place.size]) != wanted:
                raise UnreadableTensorError(
                    "does not have the checksum that it was written with: the file is damaged; copy it again"
                )

    def inside(self, place: Place) -> TorchArchive:
        """An archive inside this one.

        Raises:
            InputError: it is cut off.
        """
        return TorchArchive(self.path, self._source, place.start, place.size)

    def load(self, name: str = PICKLE) -> object:
        """What a pickle inside holds, its tensors as records.

        Raises:
            DamagedPickleError: it is no whole pickle.
            CommandError: it asks for what would run a command.
            UnreadableTensorError: it is not there.
        """
        if "byteorder" in self.entries:
            self.swapped = self.read("byteorder").decode("ascii", "replace") not in {"", sys.byteorder}
        return TensorCalls(self, read_inline=read_inline).reader(self.read(name)).load()


class _StreamStorages:
    """Storages that lie one behind the other, each behind its length."""

    swapped = False

    def __init__(self, source: Source) -> None:
        self._source = source
        self._places: dict[str, Place] = {}

    def find(self, keys: object, start: int, roots: dict[str, StorageRecord]) -> None:
        """Find where each lies.

        Raises:
            DamagedPickleError: the file ends before, or a storage is one that nothing names.
        """
        if not isinstance(keys, list):
            raise DamagedPickleError("it has no list of storages")
        for key in keys:
            # The text of a nested tuple may take for ever.
            record = roots.get(str(key)) if isinstance(key, str | int) else None
            if record is None:
                raise DamagedPickleError("it holds a storage that nothing names")
            size = int.from_bytes(self._source[start : start + 8], "little") * record.dtype.itemsize
            if start + 8 + size > len(self._source):
                raise DamagedPickleError("it breaks off")
            self._places[str(key)] = Place(self._source, start + 8, size)
            start += 8 + size

    def place(self, key: str) -> Place:
        """Where a storage lies; see ``Storages``."""
        found = self._places.get(key)
        if found is None:
            raise UnreadableTensorError("has no values in the file: it is cut off or damaged")
        return found

    def check(self, key: str) -> None:
        """This form has no checksums."""


def read_stream(source: Source, *, inline: bool = False) -> object:
    """What torch's form before version 1.6 holds, or a plain pickle; tensors as records.

    Args:
        source: the bytes of the file.
        inline: whether they lie inside another pickle.

    Raises:
        DamagedPickleError: it is no such file, or not all of one.
        CommandError: it asks for what would run a command.
    """
    storages = _StreamStorages(source)
    calls = TensorCalls(storages, read_inline=None if inline else read_inline)
    reader = calls.reader(source)
    found = reader.load()
    if type(found) is not int or found != _MAGIC:
        return found
    if reader.load() != _PROTOCOL:
        raise DamagedPickleError("its form has another version")
    reader.load()
    found = reader.load()
    storages.find(reader.load(), reader.at, calls.roots)
    return found


def read_inline(data: bytes) -> object:
    """A storage that was saved into a text of bytes, as a pickle without torch.save has its tensors."""
    return read_stream(data, inline=True)

"""JPEGs as most data sets hold them, decoded without Pillow's reading of headers, which takes longer than small pixels.

Only what has nothing that changes how it is read: a JFIF header, baseline, one or three channels of 8 bits, no Exif, no
Adobe marker, no pictures behind the first. Pillow's own decoder makes the same pixels of it; whatever else a file is,
or where anything is odd, is left to Pillow as a whole.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from io import BufferedReader
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from resnet_gui.data.preprocessing import Size

JFIF: Final = b"\xff\xd8\xff\xe0"
START_OF_FRAME: Final = 0xC0
START_OF_SCAN: Final = 0xDA
SCAN_MARKER: Final = b"\xff\xda"
END_MARKER: Final = b"\xff\xd9"
MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
PASSED_OVER: Final = frozenset({0xC4, 0xDB, 0xDD, 0xE0, 0xFE})
"""Huffman and quantisation tables, the restart interval, the JFIF header, comments."""

MODES: Final = {1: "L", 3: "RGB"}
MOST_SIDE: Final = 1024
"""Of larger pictures the header is a small part of the work."""

MOST_BYTES: Final = 2**22
"""Of a file that is read in one go; a picture of ``MOST_SIDE`` seldom has as many."""

FOR_READING: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0)
"""Windows reads a file as text without the second."""


class _PlainHeader(NamedTuple):
    """The header of a plain JPEG: Pillow's mode, width and height, and its own length in bytes."""

    mode: str
    size: Size
    length: int


def read_plain(file: BufferedReader) -> Image.Image | None:
    """The picture of a file that was just opened; None, and back at its beginning, where it is no plain JPEG."""
    if file.peek(len(JFIF))[: len(JFIF)] != JFIF:
        return None
    found = decode_plain(file.read())
    if found is None:
        file.seek(0)
    return found


def decode_plain(data: bytes) -> Image.Image | None:
    """The picture of a whole file; None where it is no plain JPEG, or not whole.

    Args:
        data: of the file.
    """
    if not data.startswith(JFIF):
        return None
    frame = _frame(data)
    if frame is None:
        return None
    try:
        return Image.frombytes(frame.mode, frame.size, data, "jpeg", frame.mode, "")
    except (ValueError, OSError):
        return None  # Pillow says what is wrong with it.


def read_batch(paths: Sequence[str], mode: str, size: Size) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Read those of some files that are plain JPEGs of one mode and size; the others, and odd ones, are left.

    The same pixels as ``decode_plain`` has, in less than half the time where pictures are small: Pillow's decoder
    writes one below the other into one tall picture, and a header of the same bytes as the one before is not read.

    Args:
        paths: of the files, B of them.
        mode: "L" or "RGB".
        size: width and height.

    Returns:
        The pixels (B, H, W, C) of those that were read, at their places, and which those are, (B,).
    """
    width, height = size
    tall = Image.new(mode, (width, height * len(paths)))
    read = np.zeros(len(paths), dtype=np.bool_)
    header = b""
    for place, path in enumerate(paths):
        data = _whole(path)
        if not header or not data.startswith(header):
            frame = _frame(data) if data.startswith(JFIF) else None
            if frame is None or (frame.mode, frame.size) != (mode, size):
                continue
            header = data[: frame.length]
        read[place] = _decode_into(tall, place * height, size, data)
    return np.array(tall).reshape(len(paths), height, width, len(tall.getbands())), read


def _whole(path: str) -> bytes:
    """The bytes of a small file; none of what is larger, no file, or cannot be read."""
    try:
        state = os.stat(path)  # noqa: PTH116 (a Path takes as long as the reading)
        # Opening a pipe waits for its writer.
        if not stat.S_ISREG(state.st_mode) or state.st_size > MOST_BYTES:
            return b""
        number = os.open(path, FOR_READING)
        try:
            return os.read(number, state.st_size)
        finally:
            os.close(number)
    except (OSError, ValueError):
        return b""


def _decode_into(tall: Image.Image, top: int, size: Size, data: bytes) -> bool:
    """Decode a plain JPEG of a picture's mode and of its width into a part of it; whether it is whole."""
    # What ``Image.frombytes`` does, but for the place.
    decoder = Image.core.jpeg_decoder(tall.mode, tall.mode, "")  # type: ignore[attr-defined]
    decoder.setimage(tall.im, (0, top, size[0], top + size[1]))
    try:
        used, failed = decoder.decode(data)
    except OSError:
        return False
    return bool(used < 0 and not failed)


def _frame(data: bytes) -> _PlainHeader | None:
    """What the header of a plain JPEG says."""
    place, found = 2, None
    while place + 9 < len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == START_OF_SCAN:
            return None if found is None else _PlainHeader(*found, place + 2)
        if marker == START_OF_FRAME:
            bits, channels = data[place + 4], data[place + 9]
            height, width = (int.from_bytes(data[at : at + 2], "big") for at in (place + 5, place + 7))
            if bits != 8 or channels not in MODES or not (0 < height <= MOST_SIDE and 0 < width <= MOST_SIDE):
                return None
            found = MODES[channels], (width, height)
        elif marker not in PASSED_OVER:
            return None
        place += 2 + length
    return None


def count_scans(data: bytes, enough: int) -> int:
    """How often a JPEG goes over its pixels: usually once, progressive ones ten times, malicious ones for hours.

    Args:
        data: the whole file.
        enough: scans that are harmless; so few are not counted exactly.
    """
    if (upper := data.count(SCAN_MARKER)) <= enough:
        return upper
    # Now exactly: the two bytes may also be in what cameras append, and in the pictures within a header.
    count, place = 0, 2
    while (found := MARKER.search(data, place)) is not None and found[0] != END_MARKER:
        count += found[0] == SCAN_MARKER
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        place = found.end() + max(2, length)
    return count

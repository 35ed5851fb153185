"""JPEGs as most data sets hold them, decoded without Pillow's reading of headers, which takes longer than small pixels.

Only what has nothing that changes how it is read: a JFIF header, baseline, one or three channels of 8 bits, no Exif, no
Adobe marker, no pictures behind the first. Pillow's own decoder makes the same pixels of it; whatever else a file is,
or where anything is odd, is left to Pillow as a whole.
"""

from __future__ import annotations

from io import BufferedReader
from typing import Final

from PIL import Image

JFIF: Final = b"\xff\xd8\xff\xe0"
START_OF_FRAME: Final = 0xC0
START_OF_SCAN: Final = 0xDA
PASSED_OVER: Final = frozenset({0xC4, 0xDB, 0xDD, 0xE0, 0xFE})
"""Huffman and quantisation tables, the restart interval, the JFIF header, comments."""

MODES: Final = {1: "L", 3: "RGB"}
MOST_SIDE: Final = 1024
"""Of larger pictures the header is a small part of the work."""


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
    mode, size = frame
    try:
        return Image.frombytes(mode, size, data, "jpeg", mode, "")
    except (ValueError, OSError):
        return None  # Pillow says what is wrong with it.


def _frame(data: bytes) -> tuple[str, tuple[int, int]] | None:
    """Mode and size of a plain JPEG."""
    place, found = 2, None
    while place + 9 < len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == START_OF_SCAN:
            return found
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
